"""The symbols of a window, seen through a matched filter: timing, phase, levels.

Timing comes off the line at the symbol rate (Oerder and Meyr, IEEE Trans. Commun. 36 (1988)
605-612), the phase off the squared symbols (Viterbi and Viterbi 1983) and then off soft decisions.
Both are smoothed over the length that foretells them best, looking both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from gsctl.demod import Effort
from gsctl.dsp import bpsk_break_kernels as break_kernels
from gsctl.dsp import bpsk_burst_kernels as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL_MEMORY = 24.0
# A jump of the carrier is looked for so far around the place where the path of its frequency jumps,
# and by what lies so far on each side, in symbols.
BREAK_REACH, BREAK_MEMORY = 40, 12.0
CLEAR_BREAK = 16.0  # least log-likelihood ratio of a jump of the phase alone
BESIDE_BREAK = (4.0, 2.0)  # greatest log-likelihood ratios of the second symbols from it, and of the next
NO_BREAKS = np.empty(0, np.int64)
# Clocks off by up to so much are followed; a rate other than the nominal must be so much clearer.
MOST_SLIP, CLEAR_SLIP, SLIP_GROUP = 0.02, 2.0, 8
# Excess bandwidths of the matched filters.
SHAPES: dict[Effort, tuple[float, ...]] = {
    Effort.FAST: (0.5,),
    Effort.NORMAL: (0.5, 1.0),
    Effort.DEEP: (0.5, 1.0, 0.25),
}
TRIAL_SYMBOLS = 6000  # of a signal, after which the choice of a filter stands
# The first filter is right for most, so another must be clearer: by so much, and while few symbols
# were seen by so many over their number more.
CLEARER, CLEARER_SYMBOLS = 0.003, 8.0


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of a window.

    Attributes:
        values: (n,) with the carrier's phase taken out, but for a sign that all share.
        times: (n,) samples.
        phases: (n,) taken out, radians, unwrapped.
        level: (n,) power of the signal around each.
        noise: noise density N0 in the same unit.
        spread: mean square over squared mean magnitude; 1 without noise, pi / 2 in noise alone.
        strong: how many have a signal.
        breaks: rising indices of the first symbols behind jumps of the carrier, across which nothing
            tells whether the sign is the same.
        is_sharp: (b,) whether the place of a jump is known to a symbol or so.
    """

    values: NDArray[np.complex128]
    times: NDArray[np.float64]
    phases: NDArray[np.float64]
    level: NDArray[np.float64]
    noise: float
    spread: float
    strong: int
    breaks: NDArray[np.int64]
    is_sharp: NDArray[np.bool_]

    @property
    def ratios(self) -> NDArray[np.float32]:
        """(n,) log-likelihood ratios."""
        ratios = 4 / self.noise * np.sqrt(self.level) * self.values.real
        if not self.breaks.size:
            return np.asarray(ratios, np.float32)
        # The filter saw both sides of a jump in the symbols next to it.
        for most, near in zip(BESIDE_BREAK, ((-2, 1), (-1, 0)), strict=True):
            beside = np.clip(np.add.outer(self.breaks, near), 0, ratios.size - 1)
            ratios[beside] = np.clip(ratios[beside], -most, most)
        return np.asarray(ratios, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Care:
    """How much is tried.

    Attributes:
        timing_memories, phase_memories: lengths over which these may be smoothed, in symbols to each side.
        decided: take the phase once more off the soft decisions.
    """

    timing_memories: NDArray[np.float64]
    phase_memories: NDArray[np.float64]
    decided: bool


_MANY = Care(np.array([64.0, 160.0, 400.0]), np.array([10.0, 20.0, 40.0, 80.0, 160.0]), decided=True)
CARE = {
    Effort.FAST: Care(np.array([160.0]), np.array([40.0]), decided=False),
    Effort.NORMAL: _MANY,
    Effort.DEEP: _MANY,
}


class FilterChoice:
    """Which matched filter makes the symbols clearest; all receivers of a channel share one.

    Args:
        effort: how many are tried; ``deep`` takes all, each as a stream of its own.
    """

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.shapes = SHAPES[effort]
        self.streams = len(self.shapes) if effort is Effort.DEEP else 1
        self._scores = np.zeros(len(self.shapes))
        self._symbols = 0

    def tried(self) -> tuple[float, ...]:
        """Excess bandwidths to filter with."""
        if len(self.shapes) == self.streams or self._symbols < TRIAL_SYMBOLS:
            return self.shapes
        return (self.shapes[self._best()],)

    def choose(self, found: list[Symbols], *, count: bool) -> list[Symbols]:
        """Of what was tried what is given on; ``count`` says that it tells something."""
        if len(found) == self.streams:
            return found
        if count:
            symbols = found[0].strong
            self._scores += [seen.spread * symbols for seen in found]
            self._symbols += symbols
        return [found[self._best()]]

    def _best(self) -> int:
        scores = self._scores.copy()
        scores[0] *= 1 - CLEARER - CLEARER_SYMBOLS / max(self._symbols, 1)
        return int(np.argmin(scores))


def find_symbols(
    spectrum: NDArray[np.complex64],
    excess_bandwidth: float,
    count: int,
    period: float,
    jumps: tuple[NDArray[np.float64], NDArray[np.float64]],
    care: Care,
) -> Symbols:
    """The symbols of a window.

    Args:
        spectrum: (m,) of the samples, m at least ``count``, the carrier at 0 Hz.
        excess_bandwidth: of the matched filter, 0 < a <= 1.
        count: how many samples there are.
        period: samples a symbol, nominal.
        jumps: samples at which the frequency taken out jumps, and by how much, radians a sample.
    """
    y = fft.ifft(spectrum * _matched(excess_bandwidth, spectrum.size, period))[:count]
    times = _symbol_times(y, period, care.timing_memories)
    phasors, smooth, symbols = (np.empty(times.size, np.complex128) for _ in range(3))
    kernels.interpolate(y, times, symbols)
    phases, level = np.zeros(times.size), np.empty(times.size)
    kernels.square_phasors(symbols, phasors)
    breaks, is_sharp = _find_breaks(symbols, times, phasors, phases, jumps[0], jumps[1] * period)
    chosen = kernels.smooth_phasors(phasors, breaks, care.phase_memories, smooth)
    kernels.take_phase(symbols, smooth, 2, phases)
    strong, noise = kernels.signal_levels(symbols, LEVEL_MEMORY, level)
    if care.decided:
        kernels.decided_phasors(symbols, level, noise, phasors)
        near = care.phase_memories[chosen : chosen + 2]  # decided symbols are less noisy
        kernels.smooth_phasors(phasors, breaks, near, smooth)
        kernels.take_phase(symbols, smooth, 1, phases)
        strong, noise = kernels.signal_levels(symbols, LEVEL_MEMORY, level)
    inside = level > 0.3 * strong
    size = np.abs(symbols.real[inside]) / np.sqrt(level[inside])
    spread = float(np.mean(size * size) / np.mean(size) ** 2) if size.size else np.pi / 2
    return Symbols(symbols, times, phases, level, noise, spread, size.size, breaks, is_sharp)


def _find_breaks(
    symbols: NDArray[np.complex128],
    times: NDArray[np.float64],
    phasors: NDArray[np.complex128],
    phases: NDArray[np.float64],
    places: NDArray[np.float64],
    turns: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the carrier jumps, and whether that is sharply known.

    In place, the right frequency is taken out of the symbols up to there.

    Args:
        places: samples at which what was taken out of the symbols jumps.
        turns: by how much, radians a symbol.
    """
    known = np.empty(places.size, np.int64)
    if places.size:
        knees = np.interp(places, times, np.arange(times.size))
        break_kernels.place_breaks(phasors, knees, 2 * turns, BREAK_REACH, BREAK_MEMORY, known)
        break_kernels.change_over(symbols, knees, turns, known, phases)
        kernels.square_phasors(symbols, phasors)
    breaks = np.empty(known.size + int(times.size / BREAK_MEMORY) + 1, np.int64)
    is_sharp = np.empty(breaks.size, np.bool_)
    count = break_kernels.find_breaks(phasors, known, BREAK_MEMORY, CLEAR_BREAK, breaks, is_sharp)
    return breaks[:count], is_sharp[:count]


def _symbol_times(
    y: NDArray[np.complex64], period: float, memories: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Samples in the middle of the symbols."""
    phasors = np.empty(int(y.size / period), np.complex128)
    smooth = np.empty_like(phasors)
    kernels.timing_phasors(y, period, phasors)
    slip = _clock_slip(phasors)
    if slip:
        kernels.turn_phasors(phasors, slip)
    kernels.smooth_phasors(phasors, NO_BREAKS, memories, smooth)
    times = np.empty(int(phasors.size * (1 + 2 * MOST_SLIP)))
    return times[: kernels.symbol_times(smooth, slip, period, times)]


def _clock_slip(phasors: NDArray[np.complex128]) -> float:
    """By which share of a nominal period the symbols are longer; 0 unless another value is clear.

    Off clock the timing line lies beside the nominal symbol rate.
    """
    groups = phasors[: phasors.size // SLIP_GROUP * SLIP_GROUP].reshape(-1, SLIP_GROUP).sum(axis=1)
    size = fft.next_fast_len(4 * groups.size)
    # The line turns back where the symbols are longer.
    spectrum = np.abs(fft.ifft(groups, size, norm="forward")) ** 2
    reach = int(MOST_SLIP * SLIP_GROUP * size)
    near = np.concatenate([spectrum[-reach:], spectrum[: reach + 1]])
    top = int(np.argmax(near)) - reach
    if abs(top) <= 2 or spectrum[top] < CLEAR_SLIP * np.max(near[reach - 2 : reach + 3]):
        return 0.0
    return float(top / (SLIP_GROUP * size))


@lru_cache(maxsize=64)
def _matched(shape: float, size: int, period: float) -> NDArray[np.float32]:
    """Frequency response of the matched filter, unit noise power for white noise of one symbol rate."""
    f = np.abs(fft.fftfreq(size)) * period  # in symbol rates
    edge = np.clip((f - (1 - shape) / 2) / shape, 0.0, 1.0)
    response = np.cos(np.pi / 2 * edge)
    power = np.mean(response**2) * period
    return np.asarray(response / np.sqrt(power), np.float32)
