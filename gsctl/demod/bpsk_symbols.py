"""The symbols of a window, seen through a matched filter: timing, phase, levels.

Timing comes off the line at the symbol rate (Oerder and Meyr, IEEE Trans. Commun. 36 (1988)
605-612), the phase off the squared symbols (Viterbi and Viterbi 1983) and then off soft decisions.
Both are smoothed over the length that foretells them best, looking both ways.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from gsctl.dsp import bpsk_break_kernels as break_kernels
from gsctl.dsp import bpsk_burst_kernels as kernels
from gsctl.dsp.fir_kernels import fir

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.demod.bpsk_effort import BpskEffort

LEVEL_MEMORY = 24.0
# A jump of the carrier is looked for so far around the place where the path of its frequency jumps,
# and by what lies so far on each side, in symbols.
BREAK_REACH, BREAK_MEMORY = 40, 12.0
CLEAR_BREAK = 16.0  # least log-likelihood ratio of a jump of the phase alone
BESIDE_BREAK = (4.0, 2.0)  # greatest log-likelihood ratios of the second symbols from it, and of the next
NO_BREAKS = np.empty(0, np.int64)
# Clocks off by up to so much are followed; a rate other than the nominal must be so much clearer.
MOST_SLIP, CLEAR_SLIP, SLIP_GROUP = 0.02, 2.0, 8
PRESENT_SHARE = 0.3  # of the strong signal's power, above which there is one
TAPS_SIZE = 4096  # of the transform that makes a filter's taps
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
        strong: power of the signal where it is strong.
        breaks: rising indices of the first symbols behind jumps of the carrier, across which nothing
            tells whether the sign is the same.
        is_sharp: (b,) whether the place of a jump is known to a symbol or so.
    """

    values: NDArray[np.complex128]
    times: NDArray[np.float64]
    phases: NDArray[np.float64]
    level: NDArray[np.float64]
    noise: float
    strong: float
    breaks: NDArray[np.int64]
    is_sharp: NDArray[np.bool_]

    def clarity(self) -> tuple[float, int]:
        """Mean square over squared mean magnitude where there is a signal, and the number of symbols there.

        The ratio is 1 without noise, pi / 2 in noise alone.
        """
        spread, count = kernels.clarity(self.values, self.level, PRESENT_SHARE * self.strong)
        return spread, count

    @property
    def ratios(self) -> NDArray[np.float32]:
        """(n,) log-likelihood ratios."""
        ratios = np.sqrt(self.level) * self.values.real
        ratios *= 4 / self.noise
        if not self.breaks.size:
            return np.asarray(ratios, np.float32)
        # The filter saw both sides of a jump in the symbols next to it.
        for most, near in zip(BESIDE_BREAK, ((-2, 1), (-1, 0)), strict=True):
            beside = np.clip(np.add.outer(self.breaks, near), 0, ratios.size - 1)
            ratios[beside] = np.clip(ratios[beside], -most, most)
        return np.asarray(ratios, np.float32)


class FilterChoice:
    """Which matched filter makes the symbols clearest; all receivers of a channel share one.

    Args:
        effort: which are tried, and whether each is a stream of its own.
    """

    def __init__(self, effort: BpskEffort) -> None:
        self.shapes = effort.shapes
        self.streams = len(effort.shapes) if effort.all_shapes else 1
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
            seen = [symbols.clarity() for symbols in found]
            count_strong = seen[0][1]
            self._scores += [spread * count_strong for spread, _ in seen]
            self._symbols += count_strong
        return [found[self._best()]]

    def _best(self) -> int:
        scores = self._scores.copy()
        scores[0] *= 1 - CLEARER - CLEARER_SYMBOLS / max(self._symbols, 1)
        return int(np.argmin(scores))


def find_symbols(
    x: NDArray[np.complex64],
    excess_bandwidth: float,
    period: float,
    jumps: tuple[NDArray[np.float64], NDArray[np.float64]],
    effort: BpskEffort,
) -> Symbols:
    """The symbols of a window.

    Args:
        x: (n,) samples, the carrier at 0 Hz.
        excess_bandwidth: of the matched filter, 0 < a <= 1.
        period: samples a symbol, nominal.
        jumps: samples at which the frequency taken out jumps, and by how much, radians a sample.
    """
    y = _filtered(x, _matched(excess_bandwidth, period))
    times = _symbol_times(y, period, effort.timing_memories)
    phasors, smooth, symbols = (np.empty(times.size, np.complex128) for _ in range(3))
    kernels.interpolate(y, times, symbols)
    phases, level = np.zeros(times.size), np.empty(times.size)
    kernels.square_phasors(symbols, phasors)
    breaks, is_sharp = _find_breaks(symbols, times, phasors, phases, jumps[0], jumps[1] * period)
    chosen = kernels.smooth_phasors(phasors, breaks, effort.phase_memories, smooth)
    kernels.take_phase(symbols, smooth, 2, phases)
    strong, noise = kernels.signal_levels(symbols, LEVEL_MEMORY, level)
    if effort.decided:
        kernels.decided_phasors(symbols, level, noise, phasors)
        near = effort.phase_memories[chosen : chosen + 2]  # decided symbols are less noisy
        kernels.smooth_phasors(phasors, breaks, near, smooth)
        kernels.take_phase(symbols, smooth, 1, phases)
        strong, noise = kernels.signal_levels(symbols, LEVEL_MEMORY, level)
    return Symbols(symbols, times, phases, level, noise, strong, breaks, is_sharp)


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
    kernels.timing_phasors(y, _symbol_line(y.size, period), period, phasors)
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
    groups = np.empty(phasors.size // SLIP_GROUP, np.complex128)
    coherence = kernels.group_sums(phasors, SLIP_GROUP, groups)
    # No line is stronger than if all groups were in phase.
    if CLEAR_SLIP * coherence**2 >= 1.0:
        return 0.0
    size = fft.next_fast_len(4 * groups.size, real=True)
    # The line turns back where the symbols are longer.
    line = fft.ifft(groups, size, norm="forward", overwrite_x=True)
    spectrum = line.real**2 + line.imag**2
    reach = int(MOST_SLIP * SLIP_GROUP * size)
    near = np.concatenate([spectrum[-reach:], spectrum[: reach + 1]])
    top = int(np.argmax(near)) - reach
    if abs(top) <= 2 or spectrum[top] < CLEAR_SLIP * np.max(near[reach - 2 : reach + 3]):
        return 0.0
    return float(top / (SLIP_GROUP * size))


@lru_cache(maxsize=64)
def _matched(shape: float, period: float) -> NDArray[np.float32]:
    """(2 m + 1,) of the matched filter, unit noise power for white noise of one symbol rate."""
    f = np.abs(fft.fftfreq(TAPS_SIZE)) * period  # in symbol rates
    edge = np.clip((f - (1 - shape) / 2) / shape, 0.0, 1.0)
    half = math.ceil((2.0 + 2.0 / shape) * period)
    taps = np.roll(fft.ifft(np.cos(np.pi / 2 * edge)).real, half)[: 2 * half + 1]
    return np.asarray(taps / np.sqrt(np.sum(taps**2) * period), np.float32)


def _filtered(x: NDArray[np.complex64], taps: NDArray[np.float32]) -> NDArray[np.complex64]:
    """(n,) behind a filter of 2 m + 1 taps that does not delay; zeros are around ``x``."""
    half = taps.size // 2
    padded = np.zeros(x.size + 2 * half, np.complex64)
    padded[half : half + x.size] = x
    y = np.empty(x.size, np.complex64)
    fir(padded.view(np.float32), taps, 2, 1, y.view(np.float32))
    return y


@lru_cache(maxsize=64)
def _symbol_line(size: int, period: float) -> NDArray[np.complex64]:
    """(size,) exp(-2 pi i n / period)."""
    return np.asarray(np.exp(-2j * np.pi / period * np.arange(size)), np.complex64)
