"""What each effort means for FSK from IQ: one table for all parts of the receiver."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gsctl.demod import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How hard a receiver tries.

    Attributes:
        memory: bits in a state of the sequence detector.
        symbols: length of the part on which an unknown carrier is looked for.
        timings: offsets tried within one symbol.
        spans: carrier frequencies tried, plus and minus, in turns a symbol; the next one
            where the one before finds nothing that fits well.
        indices: modulation indices tried first when none is told.
        rare_indices: those tried after them, where nothing fits or what fits lies beyond them.
        vain_per_s: thorough searches a second that may be in vain in the long run.
        rounds: times that bits are decided and the carrier is estimated from them.
        shapes: whether the filter's BT is measured; else it is taken as 0.5 unless told.
        events: competing decisions handed on per thousand symbols.
        least_symbols: fewer hang together by chance where noise is narrow.
        is_constant: the envelope never changes, whatever is heard; see ``BurstDetector``.
    """

    memory: int
    symbols: int
    timings: int
    spans: tuple[float, ...]
    indices: tuple[float, ...]
    rare_indices: tuple[float, ...]
    vain_per_s: float
    rounds: int
    shapes: bool
    events: int
    least_symbols: int = 32
    is_constant: bool = False


# Modulation indices in common use.
USUAL_INDICES = (0.5, 0.6, 0.7)
EFFORTS = {
    Effort.FAST: Search(
        memory=2,
        symbols=128,
        timings=4,
        spans=(0.06, 0.3),
        indices=(0.5, 0.68),
        rare_indices=(),
        vain_per_s=0.3,
        rounds=1,
        shapes=False,
        events=24,
    ),
    Effort.NORMAL: Search(
        memory=3,
        symbols=192,
        timings=4,
        spans=(0.06, 0.3),
        indices=USUAL_INDICES,
        rare_indices=(0.33, 0.4, 0.8, 0.9, 1.0, 1.1, 1.2),
        vain_per_s=0.3,
        rounds=2,
        shapes=True,
        events=40,
    ),
    Effort.DEEP: Search(
        memory=4,
        symbols=320,
        timings=6,
        spans=(0.14, 0.38),
        indices=(0.5, 0.6, 0.7, 0.4, 0.8),
        rare_indices=(0.33, 0.9, 1.0, 1.1, 1.2),
        vain_per_s=3.0,
        rounds=3,
        shapes=True,
        events=100,
    ),
}


def search_of_audio(search: Search) -> Search:
    """The same for the carrier of FM audio, whose envelope is constant and whose noise has clicks.

    Only the usual modulation indices are tried there: in vain the others double the cost of what is no
    coherent signal. A burst often begins with a few symbols alone.
    """
    return replace(search, indices=USUAL_INDICES, rare_indices=(), least_symbols=1, is_constant=True)
