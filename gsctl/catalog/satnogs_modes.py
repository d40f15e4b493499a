"""From the modes of SatNOGS DB to waveforms and framings, and how certain each step is.

A mode that names a framing states it. Where only the description does, the framing is inferred; where
neither does but custom leaves one likely framing (AFSK 1200, and FSK of 4800 Bd and more, on amateur
satellites), it is assumed: it is tried, and never claimed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gsctl.framing import FRAMINGS, Ax25, Framing, Text
from gsctl.model import Confidence
from gsctl.waveform import Afsk, Bpsk, Fsk, Morse, Waveform

_SCRAMBLED_FROM_BD = 4800.0
_HIGHEST_ASSUMED_BD = 38_400.0
_AX25_WORD = re.compile(r"AX\.?\s?25", re.IGNORECASE)
_SLOWEST_WPM, _FASTEST_WPM = 5.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a mode says of a transmitter."""

    waveform: Waveform | None = None
    framing: Framing | None = None
    confidence: Confidence = Confidence.STATED
    framing_confidence: Confidence = Confidence.STATED


def _fsk(rate_bd: float | None) -> Waveform:
    return Fsk(symbol_rate_bd=rate_bd)


def _bpsk(rate_bd: float | None) -> Waveform:
    return Bpsk(symbol_rate_bd=rate_bd)


def _dbpsk(rate_bd: float | None) -> Waveform:
    return Bpsk(symbol_rate_bd=rate_bd, differential=True)


def _afsk(rate_bd: float | None) -> Waveform:
    return Afsk(symbol_rate_bd=rate_bd or 1200.0)


def _morse(rate: float | None) -> Waveform:
    # SatNOGS keeps words a minute in the field of the symbol rate.
    return Morse(speed_wpm=rate if rate and _SLOWEST_WPM <= rate <= _FASTEST_WPM else None)


_WAVEFORMS: dict[str, Callable[[float | None], Waveform]] = {
    **dict.fromkeys(("FSK", "GFSK", "GMSK", "MSK"), _fsk),
    **dict.fromkeys(("FSK AX.25 G3RUH", "FSK AX.100 Mode 5", "MSK AX.100 Mode 5", "GMSK USP"), _fsk),
    **dict.fromkeys(("BPSK", "PSK", "BPSK PMT-A3"), _bpsk),
    **dict.fromkeys(("DBPSK", "DPSK"), _dbpsk),
    "AFSK": _afsk,
    "CW": _morse,
}
# By the contract's name, because a framing becomes known to gsctl after its name is fixed.
_STATED_FRAMINGS = {
    "FSK AX.25 G3RUH": "ax25-g3ruh",
    "FSK AX.100 Mode 5": "ax100-asm-golay",
    "MSK AX.100 Mode 5": "ax100-asm-golay",
    "GMSK USP": "usp",
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
    framing, framing_confidence = _framing_of(mode, waveform, rate, description)
    return Chain(
        waveform=waveform,
        framing=framing,
        confidence=Confidence.INFERRED if unconfirmed else Confidence.STATED,
        framing_confidence=framing_confidence,
    )


def _framing_of(
    mode: str, waveform: Waveform, rate: float | None, description: str
) -> tuple[Framing | None, Confidence]:
    if isinstance(waveform, Morse):
        return Text(), Confidence.STATED
    if mode in _STATED_FRAMINGS:
        return FRAMINGS.get(_STATED_FRAMINGS[mode]), Confidence.STATED
    scrambled = not isinstance(waveform, Afsk) and rate is not None and rate >= _SCRAMBLED_FROM_BD
    if _AX25_WORD.search(description):
        return Ax25(g3ruh=scrambled), Confidence.INFERRED
    customary = isinstance(waveform, Afsk) or (isinstance(waveform, Bpsk) and rate == 1200.0)
    fast_fsk = isinstance(waveform, Fsk) and scrambled and rate is not None and rate <= _HIGHEST_ASSUMED_BD
    if customary or fast_fsk:
        return Ax25(g3ruh=fast_fsk), Confidence.ASSUMED
    return None, Confidence.STATED
