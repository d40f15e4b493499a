"""From the modes of SatNOGS DB to waveforms and framings, and how certain each step is.

Voice (FM, USB, ...), pictures, LoRa and what is faster than two phases or tones carry (QPSK, DVB-S2,
OFDM, ...) have no demodulator here: their transmitters keep the word and get no waveform.

A mode that names a framing states it. Where only the description does, the framing is inferred; where
neither does but custom leaves one likely framing (AFSK 1200, and FSK of 4800 Bd and more, on amateur
satellites), it is assumed: it is tried, and never claimed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from gsctl.framing import FRAMINGS, Ax25, Framing, Text
from gsctl.model import Confidence
from gsctl.waveform import Afsk, Bpsk, Fsk, Morse, Waveform

_SCRAMBLED_FROM_BD = 4800.0
_HIGHEST_ASSUMED_BD = 38_400.0
_AX25_WORD = re.compile(r"AX\.?\s?25", re.IGNORECASE)
_G3RUH_WORD = re.compile(r"\bG3RUH\b", re.IGNORECASE)
_SEPARATION = re.compile(r"\b(\d{2,5}) Hz separation\b", re.IGNORECASE)
_SLOWEST_WPM, _FASTEST_WPM = 5.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a mode says of a transmitter.

    Attributes:
        other_framings: of a transmitter that sends several by turns, those beside ``framing``.
    """

    waveform: Waveform | None = None
    framing: Framing | None = None
    confidence: Confidence = Confidence.STATED
    framing_confidence: Confidence = Confidence.STATED
    other_framings: tuple[Framing, ...] = ()


def _fsk(rate_bd: float | None) -> Waveform:
    return Fsk(symbol_rate_bd=rate_bd)


def _bpsk(rate_bd: float | None) -> Waveform:
    return Bpsk(symbol_rate_bd=rate_bd)


def _dbpsk(rate_bd: float | None) -> Waveform:
    return Bpsk(symbol_rate_bd=rate_bd, differential=True)


def _afsk(rate_bd: float | None) -> Waveform:
    return Afsk(symbol_rate_bd=rate_bd or 1200.0)


def _ffsk(rate_bd: float | None) -> Waveform:
    # Of the CMX469 and MPT 1317: whole and half cycles of 1200 and 1800 Hz at 1200 Bd.
    return Afsk(symbol_rate_bd=rate_bd or 1200.0, mark_hz=1200.0, space_hz=1800.0)


def _psk31(rate_bd: float | None) -> Waveform:
    # Reversal is a zero and steadiness a one; whoever fills in a rate fills in 31.
    return Bpsk(symbol_rate_bd=62.5 if rate_bd and 60 < rate_bd < 65 else 31.25, differential=True)


def _duv(rate_bd: float | None) -> Waveform:
    return Fsk(symbol_rate_bd=rate_bd or 200.0)


def _morse(rate: float | None) -> Waveform:
    # SatNOGS keeps words a minute in the field of the symbol rate.
    return Morse(speed_wpm=rate if rate and _SLOWEST_WPM <= rate <= _FASTEST_WPM else None)


_WAVEFORMS: dict[str, Callable[[float | None], Waveform]] = {
    **dict.fromkeys(("FSK", "GFSK", "GMSK", "MSK"), _fsk),
    **dict.fromkeys(("FSK AX.25 G3RUH", "FSK AX.100 Mode 5", "MSK AX.100 Mode 5", "GMSK USP"), _fsk),
    **dict.fromkeys(("FSK AX.100 Mode 6", "MSK AX.100 Mode 6", "GENESIS FSK"), _fsk),
    **dict.fromkeys(("BPSK", "PSK", "BPSK PMT-A3"), _bpsk),
    **dict.fromkeys(("DBPSK", "DPSK"), _dbpsk),
    "AFSK": _afsk,
    **dict.fromkeys(("FFSK", "AFSK TUBiX10", "AFSK S-Net", "AFSK SALSAT"), _ffsk),
    **dict.fromkeys(("PSK31", "PSK63"), _psk31),
    "DUV": _duv,
    "CW": _morse,
}
# By the contract's name, because a framing becomes known to gsctl after its name is fixed.
_STATED_FRAMINGS = {
    "FSK AX.25 G3RUH": "ax25-g3ruh",
    "FSK AX.100 Mode 5": "ax100-asm-golay",
    "MSK AX.100 Mode 5": "ax100-asm-golay",
    "FSK AX.100 Mode 6": "ax100-rs",
    "MSK AX.100 Mode 6": "ax100-rs",
    "GMSK USP": "usp",
    "AFSK TUBiX10": "s-net",
    "AFSK S-Net": "s-net",
    "AFSK SALSAT": "salsat",
}
# What a description calls a framing by, beside AX.25.
_FRAMING_WORDS = {
    "geoscan": re.compile(r"\bgeoscan framing\b", re.IGNORECASE),
    "mobitex": re.compile(r"\bmobitex\b", re.IGNORECASE),
    "usp": re.compile(r"\bUSP\b"),
    "endurosat": re.compile(r"\bendurosat\b", re.IGNORECASE),
}


def chain_of(mode: str, rate: float | None, description: str, *, unconfirmed: bool = False) -> Chain:
    """What mode, rate (Bd; words a minute for CW) and description say together.

    Args:
        unconfirmed: SatNOGS marks the row so; the waveform is then inferred.
    """
    if mode not in _WAVEFORMS:
        return Chain()
    rate = rate if rate and rate > 0 else None
    waveform = _WAVEFORMS[mode](rate)
    if isinstance(waveform, Fsk) and (separation := _SEPARATION.search(description)):
        waveform = replace(waveform, deviation_hz=float(separation[1]) / 2.0)
    confidence = Confidence.INFERRED if unconfirmed else Confidence.STATED
    stated = Text() if isinstance(waveform, Morse) else FRAMINGS.get(_STATED_FRAMINGS.get(mode, ""))
    if stated is not None:
        return Chain(waveform=waveform, framing=stated, confidence=confidence)
    if said := _said_framings(waveform, rate, description):
        return Chain(
            waveform=waveform,
            framing=said[0],
            confidence=confidence,
            framing_confidence=Confidence.INFERRED,
            other_framings=said[1:],
        )
    framing = _customary_framing(waveform, rate)
    return Chain(
        waveform=waveform,
        framing=framing,
        confidence=confidence,
        framing_confidence=Confidence.ASSUMED if framing else Confidence.STATED,
    )


def _is_fast(waveform: Waveform, rate: float | None) -> bool:
    """Whether custom has AX.25 scrambled at this rate."""
    return not isinstance(waveform, Afsk) and rate is not None and rate >= _SCRAMBLED_FROM_BD


def _said_framings(waveform: Waveform, rate: float | None, description: str) -> tuple[Framing, ...]:
    """The framings that the description names."""
    g3ruh = _G3RUH_WORD.search(description) is not None
    found: list[Framing] = []
    if g3ruh or _AX25_WORD.search(description):
        found.append(Ax25(g3ruh=g3ruh or _is_fast(waveform, rate)))
    if isinstance(waveform, Fsk):
        found += [FRAMINGS[name] for name, word in _FRAMING_WORDS.items() if word.search(description)]
    return tuple(found)


def _customary_framing(waveform: Waveform, rate: float | None) -> Framing | None:
    """The framing that most transmitters of this kind have on amateur bands, where one stands out."""
    if isinstance(waveform, Afsk) and waveform.space_hz == Afsk().space_hz:
        return Ax25()
    if isinstance(waveform, Bpsk) and rate == 1200.0:
        return Ax25()
    if isinstance(waveform, Fsk) and _is_fast(waveform, rate) and rate and rate <= _HIGHEST_ASSUMED_BD:
        return Ax25(g3ruh=True)
    return None
