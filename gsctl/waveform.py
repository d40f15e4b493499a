"""Waveforms: how symbols become a radio signal, as frozen parameters.

A parameter of ``None`` is unknown: the demodulator estimates it, or tries the
values in use. ``parse_waveform`` builds one from the command line's words.
"""

from __future__ import annotations

from dataclasses import dataclass

# Symbol rates in use on satellite downlinks, tried when none is told.
COMMON_SYMBOL_RATES_BD = (1200.0, 2400.0, 4800.0, 9600.0, 19200.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveform:
    """Base of all waveforms.

    Attributes:
        symbol_rate_bd: symbols on the air a second; None is unknown.
    """

    symbol_rate_bd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Afsk(Waveform):
    """Two audio tones that frequency-modulate the carrier.

    Attributes:
        mark_hz: audio frequency of a one.
        space_hz: audio frequency of a zero.
        fm_deviation_hz: peak deviation of the FM carrier; None is unknown.
    """

    symbol_rate_bd: float | None = 1200.0
    mark_hz: float = 1200.0
    space_hz: float = 2200.0
    fm_deviation_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fsk(Waveform):
    """Binary frequency shift keying, Gaussian-shaped or not; a one is the higher frequency.

    Attributes:
        deviation_hz: distance of each tone from the carrier; negative where a one is
            the lower frequency; None is unknown.
        bt: bandwidth-time product of the Gaussian filter; None is unknown or unfiltered.
    """

    deviation_hz: float | None = None
    bt: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bpsk(Waveform):
    """Binary phase shift keying.

    Attributes:
        differential: the bit is in the change of phase (DBPSK); a zero is a change of 180 degrees.
        manchester: each bit is sent as two opposite half-symbols.
        carrier_hz: audio frequency of the carrier in SSB audio; None is unknown.
    """

    differential: bool = False
    manchester: bool = False
    carrier_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Morse(Waveform):
    """On-off keyed Morse telegraphy; the symbol is the dot.

    Attributes:
        speed_wpm: PARIS words a minute; None is unknown.
    """

    speed_wpm: float | None = None


WAVEFORMS: dict[str, type[Waveform]] = {"afsk": Afsk, "fsk": Fsk, "bpsk": Bpsk, "morse": Morse}


def waveform_name(waveform: Waveform) -> str:
    """The command line's word for a waveform, such as ``fsk``."""
    for name, kind in WAVEFORMS.items():
        if type(waveform) is kind:
            return name
    raise KeyError(type(waveform).__name__)
