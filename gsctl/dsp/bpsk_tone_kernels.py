"""Compiled parts of the BPSK receiver's frequency path; see ``demod.bpsk_tone``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_JUMP = 3


@njit(cache=True, nogil=True, error_model="numpy")
def squared_symbols(x: NDArray[np.complex64], period: float, values: NDArray[np.complex64]) -> None:
    """The signal squared, one value a symbol: a tone at twice the carrier in noise.

    A mean over a symbol's length stands for the matched filter; squares keep their amplitude, not
    their power, so that fading counts less. The sum over all places in a symbol needs no timing,
    and has its zeros where the timing's own lines are.

    Args:
        x: (n,) samples.
        period: samples a symbol, at least 2.
        values: (k,) becomes the squares, zeros beyond n / period.
    """
    width = round(period)
    count = max(x.size - width + 1, 0)
    squares = np.empty(count, np.complex64)
    for n in range(count):
        total = x[n]
        for i in range(1, width):
            total += x[n + i]
        real, imag = total.real, total.imag
        scale = np.float32(1.0) / np.sqrt(real * real + imag * imag + np.float32(1e-36))
        squares[n] = complex((real * real - imag * imag) * scale, np.float32(2.0) * real * imag * scale)
    values[:] = 0
    # The middle of the first sum is half a width in.
    late, per_sample = 0.5 * (width - 1), 1.0 / period
    for n in range(count):
        symbol = np.uint64((n + late) * per_sample)
        if symbol < values.size:
            values[symbol] += squares[n]


@njit(cache=True, nogil=True, error_model="numpy")
def tone_likelihood(
    spectra: NDArray[np.complex64],
    values: NDArray[np.complex64],
    count: int,
    hop: int,
    power: NDArray[np.float32],
    gain: NDArray[np.float32],
) -> None:
    """Periodograms of blocks, and log-likelihoods of a tone of unknown amplitude in unknown noise.

    -share * count * log(1 - power / (count * energy)), Kay, Fundamentals of Statistical Signal
    Processing II (1998), 9.4, where share is that of a block which its neighbours do not know.

    Args:
        spectra: (blocks, n) Fourier transforms of the blocks.
        values: what these are of, block after block.
        count: values a block.
        hop: from one block to the next.
        power: (blocks, bins) becomes the periodograms around 0 Hz, which is in the middle.
        gain: (blocks, bins) becomes the log-likelihoods.
    """
    blocks, bins = power.shape
    half, share = bins // 2, np.float32(hop)
    great = np.empty(bins, np.int64)
    for b in range(blocks):
        part, here, likelihood = values[b * hop : b * hop + count], power[b], gain[b]
        energy = np.float32(1e-30)
        for i in range(part.size):
            energy += part[i].real * part[i].real + part[i].imag * part[i].imag
        _squares(spectra[b, spectra.shape[1] - half :], here[:half])
        _squares(spectra[b], here[half:])
        scale, greater = np.float32(1.0 / count) / energy, 0
        for i in range(bins):
            x = here[i] * scale
            series = np.float32(0.5) + x * (np.float32(1 / 3) + x * np.float32(0.25))
            likelihood[i] = share * x * (np.float32(1.0) + x * series)
        # A logarithm costs more than all else here, and few need it.
        for i in range(bins):
            great[greater] = i
            greater += here[i] * scale > np.float32(0.15)
        for i in great[:greater]:
            likelihood[i] = -share * np.log(np.float32(1.0) - min(here[i] * scale, np.float32(0.98)))


@njit(cache=True, nogil=True)
def _squares(z: NDArray[np.complex64], out: NDArray[np.float32]) -> None:
    for i in range(out.size):
        out[i] = z[i].real * z[i].real + z[i].imag * z[i].imag


@njit(cache=True, nogil=True)
def follow_path(
    gain: NDArray[np.float32], step_costs: NDArray[np.float64], jump_cost: float, path: NDArray[np.int64]
) -> float:
    """The likeliest way through a table by the Viterbi algorithm: small steps, or a jump to anywhere.

    Args:
        gain: (blocks, bins) log-likelihoods.
        step_costs: (3,) cost of moving by 0, 1 and 2 bins to either side.
        jump_cost: cost of moving to any bin.
        path: (blocks,) becomes the bins.

    Returns:
        The sum of gains less costs.
    """
    blocks, bins = gain.shape
    # By how many bins each was reached, JUMP for one from the block's best.
    moves, tops = np.empty((blocks, bins), np.int8), np.empty(blocks, np.int64)
    still, one, two = np.float32(step_costs[0]), np.float32(step_costs[1]), np.float32(step_costs[2])
    # What lies beyond the ends is never the best.
    table = np.full(bins + 4, np.float32(-1e30))
    before = table[2 : 2 + bins]
    two_down, one_down, one_up, two_up = table[:bins], table[1 : 1 + bins], table[3 : 3 + bins], table[4:]
    before[:] = gain[0]
    now = np.empty(bins, np.float32)
    for b in range(1, blocks):
        tops[b] = np.argmax(before)
        leap = before[tops[b]] - np.float32(jump_cost)
        row, move = gain[b], moves[b]
        # Plain comparisons in this order, of which the compiler makes vector instructions.
        for i in range(bins):
            best, by = before[i] - still, np.int8(0)
            value = one_down[i] - one
            by, best = (np.int8(-1), value) if value > best else (by, best)
            value = one_up[i] - one
            by, best = (np.int8(1), value) if value > best else (by, best)
            value = two_down[i] - two
            by, best = (np.int8(-2), value) if value > best else (by, best)
            value = two_up[i] - two
            by, best = (np.int8(2), value) if value > best else (by, best)
            by, best = (np.int8(_JUMP), leap) if leap > best else (by, best)
            move[i], now[i] = by, best + row[i]
        before[:] = now
    last = int(np.argmax(before))
    total = before[last]
    for b in range(blocks - 1, -1, -1):
        path[b] = last
        if b > 0:
            by = moves[b, last]
            last = tops[b] if by == _JUMP else last + by
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
def place_blocks(
    length: float, hop: float, count: int, center: NDArray[np.float64], borders: NDArray[np.int64]
) -> None:
    """Where blocks lie that are ``length`` samples long, one every ``hop`` of ``count``.

    Args:
        center: (blocks,) becomes their middles.
        borders: (blocks + 1,) becomes 0, the samples half way between two middles, and ``count``.
    """
    for b in range(center.size):
        center[b] = b * hop + 0.5 * length
        borders[b] = int(center[b] - 0.5 * hop) if b else 0
    borders[center.size] = count


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
