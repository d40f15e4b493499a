"""Compiled parts of the BPSK receiver's frequency path; see ``demod.bpsk_tone``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def squared_symbols(x: NDArray[np.complex64], period: float, values: NDArray[np.complex64]) -> None:
    """The signal squared, one value a symbol: a tone at twice the carrier in noise.

    A mean over a symbol's length stands for the matched filter; squares keep their amplitude, not
    their power, so that fading counts less. The sum over all places in a symbol needs no timing,
    and has its zeros where the timing's own lines are.

    Args:
        x: (n,) samples.
        period: samples a symbol, at least 2.
        values: (k,) zeros; becomes the squares, k at most n / period.
    """
    width = round(period)
    total = complex(0.0, 0.0)
    for n in range(x.size):
        total += x[n]
        if n >= width:
            total -= x[n - width]
        k = int((n - 0.5 * (width - 1)) / period)
        if n < width - 1 or k >= values.size:
            continue
        size = np.sqrt(total.real * total.real + total.imag * total.imag)
        if size > 0.0:
            values[k] += np.complex64(total * total / size)


@njit(cache=True, nogil=True)
def tone_likelihood(
    power: NDArray[np.float32], energy: NDArray[np.float64], count: int, share: float
) -> None:
    """Turn periodograms into log-likelihoods of a tone of unknown amplitude in unknown noise, in place.

    -share * count * log(1 - power / (count * energy)), Kay, Fundamentals of Statistical Signal
    Processing II (1998), 9.4.

    Args:
        power: (blocks, bins) |sum x exp(-j w n)|^2.
        energy: (blocks,) sum |x|^2.
        count: values a block.
        share: of a block that its neighbours do not know.
    """
    for b in range(power.shape[0]):
        scale = 1.0 / (count * energy[b] + 1e-30)
        for i in range(power.shape[1]):
            part = min(power[b, i] * scale, 0.98)
            # A logarithm costs more than all else here, and most parts are small.
            small = part * (1.0 + part * (0.5 + part * (1.0 / 3.0 + part * 0.25)))
            power[b, i] = share * count * (small if part < 0.15 else -np.log(1.0 - part))


@njit(cache=True, nogil=True)
def follow_path(
    gain: NDArray[np.float32], step_costs: NDArray[np.float64], jump_cost: float, path: NDArray[np.int64]
) -> float:
    """The likeliest way through a table by the Viterbi algorithm: small steps, or a jump to anywhere.

    Args:
        gain: (blocks, bins) log-likelihoods.
        step_costs: (m,) cost of moving by 0, 1 ... m - 1 bins to either side.
        jump_cost: cost of moving to any bin.
        path: (blocks,) becomes the bins.

    Returns:
        The sum of gains less costs.
    """
    blocks, bins = gain.shape
    reach = step_costs.size - 1
    origin = np.empty((blocks, bins), np.int16)
    now = np.empty(bins)
    # What lies beyond the ends is never the best.
    before = np.full(bins + 2 * reach, -1e30)
    before[reach : reach + bins] = gain[0]
    for b in range(1, blocks):
        top = int(np.argmax(before))
        leap, source = before[top] - jump_cost, np.int16(top - reach)
        for i in range(bins):
            best, at = before[i + reach], np.int16(i)
            for step in range(1, reach + 1):
                low, high = before[i + reach - step], before[i + reach + step]
                value = max(low, high) - step_costs[step]
                nearby = np.int16(i - step if low >= high else i + step)
                at = nearby if value > best else at
                best = max(best, value)
            origin[b, i] = source if leap > best else at
            now[i] = max(best, leap) + gain[b, i]
        before[reach : reach + bins] = now
    last = int(np.argmax(before)) - reach
    total = before[last + reach]
    for b in range(blocks - 1, -1, -1):
        path[b] = last
        if b > 0:
            last = origin[b, last]
    return float(total)


@njit(cache=True, nogil=True)
def peaks_along_path(
    power: NDArray[np.float32],
    gain: NDArray[np.float32],
    path: NDArray[np.int64],
    peaks: NDArray[np.float64],
    here: NDArray[np.float64],
) -> None:
    """Peaks between the bins, of a parabola through three amplitudes each.

    Args:
        power: (blocks, bins) periodograms.
        gain: (blocks, bins) their log-likelihoods.
        path: (blocks,) bins.
        peaks: (blocks,) become bins and parts of one.
        here: (blocks,) becomes the gains along the path.
    """
    blocks, bins = power.shape
    for b in range(blocks):
        i = min(max(path[b], 1), bins - 2)
        low, top, high = np.sqrt(power[b, i - 1]), np.sqrt(power[b, i]), np.sqrt(power[b, i + 1])
        bend = max(2 * top - low - high, 1e-30)
        peaks[b] = path[b] + min(max((high - low) / (2 * bend), -0.5), 0.5)
        here[b] = gain[b, path[b]]


@njit(cache=True, nogil=True)
def _line(
    peaks: NDArray[np.float64], here: NDArray[np.float64], begin: int, end: int, at: float
) -> tuple[float, float, float, float]:
    """A straight line through the peaks of blocks ``begin`` to ``end`` (exclusive).

    Returns:
        Its value at block ``at``, its slope, the weighed sum of squares beside it, the sum of weights.
    """
    s0, s1, s2, t0, t1, t2 = 1e-9, 0.0, 0.0, 1e-9 * peaks[begin], 0.0, 0.0
    for k in range(begin, end):
        # Noise beside the end of a burst must not bend its last line.
        d, w = k - at, here[k] * here[k] / (here[k] + 8.0) + 1e-6
        s0 += w
        s1 += w * d
        s2 += w * d * d
        t0 += w * peaks[k]
        t1 += w * d * peaks[k]
        t2 += w * peaks[k] * peaks[k]
    # A little stiffness against slopes: two blocks alone tell none.
    stiff = s2 + 0.5 * s0
    determinant = max(s0 * stiff - s1 * s1, 1e-12)
    value, slope = (stiff * t0 - s1 * t1) / determinant, (s0 * t1 - s1 * t0) / determinant
    beside = t2 - 2 * value * t0 - 2 * slope * t1 + value * value * s0 + 2 * value * slope * s1
    return value, slope, max(beside + slope * slope * s2, 0.0), s0


@njit(cache=True, nogil=True)
def find_jumps(
    path: NDArray[np.int64],
    peaks: NDArray[np.float64],
    here: NDArray[np.float64],
    reach: int,
    most_step: int,
    clear: float,
    jumps: NDArray[np.bool_],
) -> None:
    """Where a path jumps: by a great step, or where two lines fit much better than one (Chow's test).

    Args:
        path, peaks, here: (blocks,) see ``peaks_along_path``.
        reach: blocks to each side that the lines are laid through.
        most_step: a greater step of the path is a jump.
        clear: least F of the test.
        jumps: (blocks,) becomes whether the path jumps in front of each.
    """
    blocks = path.size
    ratio = np.zeros(blocks)
    for b in range(blocks):
        jumps[b] = b > 0 and abs(path[b] - path[b - 1]) > most_step
    for b in range(3, blocks - 2):
        if jumps[b]:
            continue
        begin, end = b, b
        while begin > 0 and b - begin < reach and not jumps[begin]:
            begin -= 1
        while end < blocks and end - b < reach and not (end > b and jumps[end]):
            end += 1
        if b - begin < 3 or end - b < 3:
            continue
        _, _, one, weight = _line(peaks, here, begin, end, b)
        before, _, first, _ = _line(peaks, here, begin, b, b - 0.5)
        behind, _, second, _ = _line(peaks, here, b, end, b - 0.5)
        # No peak is known better than to a tenth of a bin.
        two = max(first + second, 0.01 * weight)
        if abs(behind - before) > 1.0:
            ratio[b] = (one - first - second) / two * (end - begin - 4) / 2
    for b in range(3, blocks - 2):
        if ratio[b] > clear and ratio[b] == np.max(ratio[b - 3 : b + 4]):
            jumps[b] = True


@njit(cache=True, nogil=True)
def lines_along_path(
    peaks: NDArray[np.float64],
    here: NDArray[np.float64],
    jumps: NDArray[np.bool_],
    reach: int,
    value: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Straight lines through the peaks along a path, none of them beyond a jump.

    Args:
        peaks, here: (blocks,) see ``peaks_along_path``.
        jumps: (blocks,) whether the path jumps in front of each.
        reach: blocks on each side that a line is laid through.
        value, slope: (blocks,) become bins, and bins a block.
    """
    blocks = peaks.size
    for b in range(blocks):
        begin, end = b, b + 1
        while begin > 0 and b - begin < reach and not jumps[begin]:
            begin -= 1
        while end < blocks and end - b <= reach and not jumps[end]:
            end += 1
        value[b], slope[b], _, _ = _line(peaks, here, begin, end, b)


@njit(cache=True, nogil=True)
def derotate(
    x: NDArray[np.complex64],
    center: NDArray[np.float64],
    turn: NDArray[np.float64],
    slope: NDArray[np.float64],
    borders: NDArray[np.int64],
    phases: NDArray[np.float64],
    out: NDArray[np.complex64],
) -> None:
    """Take out a frequency that is a straight line in each block; the phase is continuous.

    Args:
        x: (n,) samples.
        center: (blocks,) sample at the middle of each block.
        turn, slope: (blocks,) radians a sample there, and its growth a sample.
        borders: (blocks + 1,) first sample of each block, and n.
        phases: (n,) becomes the phase that was taken out, radians.
        out: (n,) becomes the samples.
    """
    phase = 0.0
    for b in range(center.size):
        begin, end = borders[b], borders[b + 1]
        if end <= begin:
            continue
        step = turn[b] + slope[b] * (begin - center[b])
        rotor = complex(np.cos(phase), -np.sin(phase))
        turner = complex(np.cos(step), -np.sin(step))
        growth = complex(np.cos(slope[b]), -np.sin(slope[b]))
        for n in range(begin, end):
            out[n] = np.complex64(x[n] * rotor)
            phases[n] = phase
            rotor *= turner
            turner *= growth
            phase += step
            step += slope[b]
