"""The frequency of a BPSK signal through a window: a path through periodograms of its square.

Squaring takes the data off and leaves a tone at twice the carrier (Viterbi and Viterbi, IEEE Trans.
Inf. Theory 29 (1983) 543-551). The likeliest path drifts, or jumps at a price: where a radio
retunes in steps, or where another burst begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from gsctl.dsp import bpsk_tone_kernels as kernels
from gsctl.dsp.spectrum_kernels import cut_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Blocks of the squared signal, one value a symbol, and the bins of a spectrum.
BLOCK, BINS = 32, 128
_WHOLE = np.ones(BLOCK, np.float32)
# Costs of moving 0, 1, 2 bins (of 1/256 symbol rate) from one block to the next, and of a jump.
STEP_COSTS = np.array([0.0, 1.5, 4.0])
JUMP_COST = 14.0
# Squared, the carrier is looked for so far around the place where it is expected, in symbol rates.
REACH = 0.44
# A straight line of frequency is laid through so much on each side.
FIT_SYMBOLS = 96
# Two lines of frequency must be so much better than one to make a jump of a small step.
CLEAR_JUMP = 25.0
# Log-likelihood of a tone in two blocks in a row that noise hardly ever gives.
CLEAR = 4.0
EDGE_BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Tone:
    """A carrier's frequency through a window: a straight line in each block.

    Attributes:
        center: (blocks,) sample in the middle of each block.
        turn, slope: (blocks,) radians a sample there, and their growth a sample.
        borders: (blocks + 1,) first sample of each block, and the number of samples.
        gain: (blocks,) log-likelihood that there is a tone and not noise alone.
        jumps: (j,) the blocks in front of which the path jumps.
    """

    center: NDArray[np.float64]
    turn: NDArray[np.float64]
    slope: NDArray[np.float64]
    borders: NDArray[np.int64]
    gain: NDArray[np.float64]
    jumps: NDArray[np.int64]

    def taken_out(self, x: NDArray[np.complex64]) -> tuple[NDArray[np.complex64], NDArray[np.float64]]:
        """``x`` with the carrier at 0 Hz, and the phase that was taken out, radians."""
        turned, phases = np.empty(x.size, np.complex64), np.empty(x.size)
        kernels.derotate(x, self.center, self.turn, self.slope, self.borders, phases, turned)
        return turned, phases

    def frequency_jumps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Samples at which what is taken out jumps within a signal, and by how much, radians a sample."""
        behind = np.array([b for b in self.jumps.tolist() if self._is_signal_around(b)], np.int64)
        places = self.borders[behind].astype(np.float64)
        if not behind.size:
            return places, places
        change = self._turn_at(behind, places) - self._turn_at(behind - 1, places)
        return places, change

    def _is_signal_around(self, block: int) -> bool:
        """Whether there is a tone on both sides of a block's border, and not the edge of a burst."""
        before, behind = (
            self.gain[max(0, block - EDGE_BLOCKS) : block],
            self.gain[block : block + EDGE_BLOCKS],
        )
        return bool(np.mean(before) > CLEAR and np.mean(behind) > CLEAR)

    def _turn_at(self, blocks: NDArray[np.int64], places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.turn[blocks] + self.slope[blocks] * (places - self.center[blocks]))

    def last_jump(self, before: float) -> float:
        """The sample before ``before`` at which the frequency jumped last; -inf if it did not."""
        places = [place for place in self.borders[self.jumps].tolist() if place < before]
        return float(places[-1]) if places else -np.inf

    def rise(self) -> float:
        """The sample from which on there is clearly a tone; 0 if that is nowhere."""
        clear = (self.gain[1:] > CLEAR) & (self.gain[:-1] > CLEAR)
        return float(self.borders[np.argmax(clear)]) if clear.any() else 0.0


def find_tone(x: NDArray[np.complex64], period: float, hop: int) -> Tone:
    """Follow the carrier through a window.

    Args:
        x: (n,) samples, the carrier within 0.2 symbol rates of 0 Hz.
        period: samples a symbol.
        hop: symbols from one block to the next, at most ``BLOCK``.
    """
    symbols = max(int(x.size / period), BLOCK + hop)
    squares = np.empty(symbols, np.complex64)
    kernels.squared_symbols(x, period, squares)
    count, half = (symbols - BLOCK) // hop + 1, int(REACH * BINS)
    blocks = np.empty((count, BINS), np.complex64)
    cut_pieces(squares, hop, _WHOLE, blocks)
    power, gain = (np.empty((count, 2 * half + 1), np.float32) for _ in range(2))
    kernels.tone_likelihood(fft.fft(blocks, axis=1, overwrite_x=True), squares, BLOCK, hop, power, gain)
    path = np.empty(count, np.int64)
    kernels.follow_path(gain, STEP_COSTS, JUMP_COST, path)
    center, turn, slope, peaks, here = np.empty((5, count))
    jumps, borders = np.empty(count, np.bool_), np.empty(count + 1, np.int64)
    kernels.peaks_along_path(power, gain, path, peaks, here)
    kernels.find_jumps(path, peaks, here, FIT_SYMBOLS // hop, STEP_COSTS.size - 1, CLEAR_JUMP, jumps)
    kernels.lines_along_path(peaks, here, jumps, FIT_SYMBOLS // hop, turn, slope)
    # Of the squared signal, in bins of one symbol rate over BINS; of the carrier, half.
    scale = np.pi / (BINS * period)
    turn -= half
    turn *= scale
    slope *= scale / (hop * period)
    kernels.place_blocks(BLOCK * period, hop * period, x.size, center, borders)
    return Tone(center, turn, slope, borders, here, np.flatnonzero(jumps))
