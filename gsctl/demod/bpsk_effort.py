"""What each effort means for BPSK: one table for all parts of the receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gsctl.demod import Effort

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BpskEffort:
    """How much is tried.

    Attributes:
        drifts_hz_s: that the search for carriers takes out before it squares; a low orbit's Doppler
            changes by up to 170 Hz/s at 437 MHz.
        search_padding: lines of the search's spectrum over those of its window.
        carriers: that the search gives, at most.
        receivers: alive at once; those that the search does not see go first.
        context_symbols: before and behind a window, that its estimates see.
        block_hop: symbols from one block of the frequency path to the next.
        timing_memories, phase_memories: lengths over which these may be smoothed, in symbols to each side.
        decided: take the phase once more off the soft decisions.
        shapes: excess bandwidths of the matched filters, the likeliest first.
        all_shapes: give a stream for each filter, not the best alone.
        chunk_s: how long a signal is reported with one frequency and one ratio.
    """

    drifts_hz_s: tuple[float, ...]
    search_padding: int
    carriers: int
    receivers: int
    context_symbols: int
    block_hop: int
    timing_memories: NDArray[np.float64]
    phase_memories: NDArray[np.float64]
    decided: bool
    shapes: tuple[float, ...]
    all_shapes: bool
    chunk_s: float


_TIMING_MEMORIES = np.array([64.0, 160.0, 400.0])
_PHASE_MEMORIES = np.array([10.0, 20.0, 40.0, 80.0, 160.0])

EFFORTS = {
    Effort.FAST: BpskEffort(
        drifts_hz_s=(0.0,),
        search_padding=1,
        carriers=1,
        receivers=2,
        context_symbols=64,
        block_hop=32,
        timing_memories=np.array([160.0]),
        phase_memories=np.array([40.0]),
        decided=False,
        shapes=(0.5,),
        all_shapes=False,
        chunk_s=0.1,
    ),
    Effort.NORMAL: BpskEffort(
        drifts_hz_s=(0.0, -120.0, 120.0),
        search_padding=2,
        carriers=4,
        receivers=6,
        context_symbols=128,
        block_hop=16,
        timing_memories=_TIMING_MEMORIES,
        phase_memories=_PHASE_MEMORIES,
        decided=True,
        shapes=(0.5, 1.0),
        all_shapes=False,
        chunk_s=0.025,
    ),
    Effort.DEEP: BpskEffort(
        drifts_hz_s=(0.0, -90.0, 90.0, -180.0, 180.0),
        search_padding=2,
        carriers=6,
        receivers=10,
        context_symbols=128,
        block_hop=16,
        timing_memories=_TIMING_MEMORIES,
        phase_memories=_PHASE_MEMORIES,
        decided=True,
        shapes=(0.5, 1.0, 0.25),
        all_shapes=True,
        chunk_s=0.025,
    ),
}
