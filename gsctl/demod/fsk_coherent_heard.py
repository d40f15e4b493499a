"""Which FSK carriers were received when, so that one signal found as two bursts is decided once."""

from __future__ import annotations

from dataclasses import dataclass

from gsctl.demod.fsk_coherent_stretch import GAP_SYMBOLS, SURE_ES_N0, Stretch

# From this index on a signal's two halves pass for signals of their own.
_WIDE_INDEX = 0.85


def same_carrier_hz(modulation_index: float, symbol_rate_bd: float) -> float:
    """How near to a carrier no other can be told from it, Hz."""
    if modulation_index < _WIDE_INDEX:
        return 0.5 * symbol_rate_bd
    return (0.55 + 0.5 * modulation_index) * symbol_rate_bd


@dataclass(frozen=True, slots=True)
class _Span:
    """A carrier between two input samples, and what passes for it."""

    begin: float
    end: float
    frequency_hz: float
    near_hz: float


class HeardCarriers:
    """Remembers the sound parts of stretches.

    A modulation index near one makes two lines, a symbol rate apart, and each passes for a burst.

    Args:
        symbol_rate_bd: nominal.
        symbol_samples: input samples a symbol lasts.
    """

    def __init__(self, symbol_rate_bd: float, symbol_samples: float) -> None:
        self._symbol_rate_bd = symbol_rate_bd
        self._gap = GAP_SYMBOLS * symbol_samples
        self._spans: list[_Span] = []

    def add(self, stretch: Stretch) -> None:
        """Its sound part was handed on."""
        first, last = stretch.coherent
        if stretch.es_n0 >= SURE_ES_N0 and last > first:
            begin, end = stretch.position[first], stretch.position[last - 1]
            near_hz = same_carrier_hz(stretch.track.modulation_index, self._symbol_rate_bd)
            self._spans.append(_Span(float(begin), float(end), stretch.frequency_hz, near_hz))

    def covers(self, begin: float, end: float, frequency_hz: float) -> bool:
        """Whether that carrier was heard between two input samples, but for less than a gap in all."""
        left = end - begin
        for span in self._spans:
            if abs(span.frequency_hz - frequency_hz) < span.near_hz:
                left -= max(0.0, min(end, span.end) - max(begin, span.begin))
        return left < self._gap

    def forget(self, before: float) -> None:
        """Nothing before that input sample will be asked for again."""
        self._spans = [span for span in self._spans if span.end > before]
