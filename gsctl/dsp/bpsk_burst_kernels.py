"""Compiled parts of the BPSK receiver: timing, phase and levels; see ``demod.bpsk_symbols``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.angle_kernels import angle
from gsctl.dsp.interpolation_kernels import cubic_weights

# Least noise, as a share of the signal: bounds the ratios of a clean signal.
LEAST_NOISE = 0.002


@njit(cache=True, nogil=True, error_model="numpy")
def timing_phasors(
    y: NDArray[np.complex64],
    turns: NDArray[np.complex64],
    period: float,
    values: NDArray[np.complex128],
) -> None:
    """The line at the symbol rate in |y|^2, symbol by symbol, over the root of the power around it.

    Oerder and Meyr, IEEE Trans. Commun. 36 (1988) 605-612.

    Args:
        y: (n,) behind the matched filter.
        turns: (n,) exp(-2 pi i n / period).
        period: samples a symbol.
        values: (k,) becomes the phasors, k at most n / period.
    """
    power = np.zeros(values.size, np.float32)
    sums = np.zeros(values.size, np.complex64)
    squares, lines = np.empty(y.size, np.float32), np.empty(y.size, np.complex64)
    for n in range(y.size):
        square = y[n].real * y[n].real + y[n].imag * y[n].imag
        squares[n], lines[n] = square, complex(square * turns[n].real, square * turns[n].imag)
    per_sample = 1.0 / period
    for n in range(y.size):
        symbol = np.uint64(n * per_sample)
        if symbol < values.size:
            power[symbol] += squares[n]
            sums[symbol] += lines[n]
    around = np.zeros(values.size)
    keep, before, behind = 0.97, 0.0, 0.0
    # Both directions at once: each of the two sums alone would wait for itself.
    for k in range(values.size):
        j = values.size - 1 - k
        before = keep * before + power[k]
        around[k] += before - power[k]
        behind = keep * behind + power[j]
        around[j] += behind
    for k in range(values.size):
        values[k] = sums[k] * (1.0 / np.sqrt(around[k] + 1e-30))


@njit(cache=True, nogil=True)
def _two_sided(
    x: NDArray[np.complex128],
    breaks: NDArray[np.int64],
    keep: float,
    others: NDArray[np.complex128],
) -> None:
    """Sum of all other values between two breaks, weighed by keep^distance: into ``others``."""
    others[:] = 0.0
    for part in range(breaks.size + 1):
        begin = breaks[part - 1] if part > 0 else 0
        end = breaks[part] if part < breaks.size else x.size
        values, sums = x[begin:end], others[begin:end]
        before, behind = complex(0.0, 0.0), complex(0.0, 0.0)
        # Both directions at once: each of the two sums alone would wait for itself.
        for i in range(values.size):
            j = values.size - 1 - i
            sums[i] += before
            before = keep * (before + values[i])
            sums[j] += behind
            behind = keep * (behind + values[j])


@njit(cache=True, nogil=True, fastmath=True)
def _agreement(x: NDArray[np.complex128], others: NDArray[np.complex128]) -> float:
    """Sum of the values' parts in the direction of the others' sums."""
    score = 0.0
    for k in range(x.size):
        real, imag = others[k].real, others[k].imag
        score += (x[k].real * real + x[k].imag * imag) / np.sqrt(real * real + imag * imag + 1e-60)
    return score


@njit(cache=True, nogil=True)
def smooth_phasors(
    x: NDArray[np.complex128],
    breaks: NDArray[np.int64],
    memories: NDArray[np.float64],
    smooth: NDArray[np.complex128],
) -> int:
    """Means of phasors around each, over the length that foretells them best.

    Args:
        x: (n,) noisy phasors whose direction changes slowly.
        breaks: (b,) rising indices before which the direction jumps; no mean reaches across.
        memories: (m,) lengths to try, in phasors, each of the two sides' decay.
        smooth: (n,) becomes the weighed means.

    Returns:
        Which memory was chosen: that at which a value and the mean of the others agree best.
    """
    others = np.empty_like(x)
    best, chosen = -1.0e300, 0
    for i in range(memories.size):
        keep = np.exp(-1.0 / memories[i])
        _two_sided(x, breaks, keep, others)
        score = _agreement(x, others) if memories.size > 1 else 0.0
        if score > best:
            best, chosen = score, i
            norm = (1.0 - keep) / (1.0 + keep)
            for k in range(x.size):
                smooth[k] = (others[k] + x[k]) * norm
    return chosen


@njit(cache=True, nogil=True)
def group_sums(x: NDArray[np.complex128], size: int, sums: NDArray[np.complex128]) -> float:
    """Sums of ``size`` values each, into ``sums``; |sum of all| over the sum of their magnitudes."""
    total, magnitudes = complex(0.0, 0.0), 1e-30
    for g in range(sums.size):
        group = complex(0.0, 0.0)
        for value in x[g * size : (g + 1) * size]:
            group += value
        sums[g] = group
        total += group
        magnitudes += np.sqrt(group.real * group.real + group.imag * group.imag)
    return float(np.sqrt(total.real * total.real + total.imag * total.imag) / magnitudes)


@njit(cache=True, nogil=True)
def turn_phasors(x: NDArray[np.complex128], cycles: float) -> None:
    """Turn the k-th value by ``cycles`` * k, in place."""
    angle = 2 * np.pi * cycles
    turner = complex(np.cos(angle), np.sin(angle))
    rotor = complex(1.0, 0.0)
    for k in range(x.size):
        if k % 1024 == 0:
            rotor = complex(np.cos(angle * k), np.sin(angle * k))
        x[k] *= rotor
        rotor *= turner


@njit(cache=True, nogil=True)
def symbol_times(
    smooth: NDArray[np.complex128], slip: float, period: float, times: NDArray[np.float64]
) -> int:
    """When the symbols are, from the smoothed phasors of ``timing_phasors``.

    Args:
        smooth: (k,) phasors, turned by ``slip`` * index.
        slip: by which share of the nominal period the symbols are longer, 1 - nominal / true.
        period: nominal samples a symbol.
        times: buffer; becomes samples, one symbol after the other.

    Returns:
        How many symbols there are.
    """
    lags = np.empty(smooth.size)
    for k in range(smooth.size):
        lags[k] = angle(smooth[k].imag, smooth[k].real) * (-0.5 / np.pi)
    last, count, stretch = 0.0, 0, 1.0 / (1.0 - slip)
    for j in range(times.size):
        # Symbol j is x nominal periods from the start, where x = j + lag + slip x.
        k = max(int((j + last) * stretch), 0)
        if k >= smooth.size:
            break
        lag = lags[k]
        lag += np.floor(last - lag + 0.5) if j else 0.0
        last = lag
        times[count] = (j + lag) * stretch * period
        count += 1
    return count


@njit(cache=True, nogil=True)
def interpolate(y: NDArray[np.complex64], times: NDArray[np.float64], out: NDArray[np.complex128]) -> None:
    """Values of ``y`` at ``times``; zero beyond its ends."""
    last = y.size - 3
    for k in range(times.size):
        if not 1.0 <= times[k] < last:
            out[k] = 0.0
            continue
        i = np.uint64(times[k])
        # Real and imaginary parts apart: a product with a complex weight costs twice as much.
        a, b, c, d = cubic_weights(times[k] - i)
        w, x, u, v = y[i - np.uint64(1)], y[i], y[i + np.uint64(1)], y[i + np.uint64(2)]
        out[k] = complex(
            a * w.real + b * x.real + c * u.real + d * v.real,
            a * w.imag + b * x.imag + c * u.imag + d * v.imag,
        )


@njit(cache=True, nogil=True, error_model="numpy")
def square_phasors(y: NDArray[np.complex128], out: NDArray[np.complex128]) -> None:
    """y^2 / |y|: the data are off, the amplitude is kept."""
    for k in range(y.size):
        real, imag = y[k].real, y[k].imag
        scale = 1.0 / np.sqrt(real * real + imag * imag + 1e-60)
        out[k] = complex((real * real - imag * imag) * scale, 2.0 * real * imag * scale)


@njit(cache=True, nogil=True, error_model="numpy")
def take_phase(
    y: NDArray[np.complex128],
    smooth: NDArray[np.complex128],
    order: int,
    phases: NDArray[np.float64],
) -> None:
    """Turn symbols back by the phase of ``smooth`` over ``order``, unwrapped, in place.

    Args:
        y: (n,) symbols.
        smooth: (n,) phasors at ``order`` times the phase.
        order: 1 or 2.
        phases: (n,) the phase taken out is added to it.
    """
    step = 2 * np.pi / order
    bases, signs = np.empty(y.size), np.ones(y.size)
    for k in range(y.size):
        bases[k] = angle(smooth[k].imag, smooth[k].real) / order
    turns, before = 0.0, 0.0
    for k in range(y.size):
        turns += np.floor((before - bases[k]) * (1.0 / step) + 0.5)
        before = bases[k]
        phases[k] += before + step * turns
        if order == 2:
            signs[k] = 1.0 - 2.0 * (turns - 2.0 * np.floor(0.5 * turns))
    for k in range(y.size):
        real, imag = smooth[k].real + 1e-60, smooth[k].imag
        scale = 1.0 / np.sqrt(real * real + imag * imag)
        cosine, sine = real * scale, imag * scale
        if order == 2:
            # Of half the angle.
            sine = np.copysign(np.sqrt(max(0.5 - 0.5 * cosine, 0.0)), sine)
            cosine = np.sqrt(max(0.5 + 0.5 * cosine, 0.0))
        y[k] *= signs[k] * complex(cosine, -sine)


@njit(cache=True, nogil=True)
def decided_phasors(
    y: NDArray[np.complex128], level: NDArray[np.float64], noise: float, out: NDArray[np.complex128]
) -> None:
    """Symbols with their data taken off by soft decisions: the carrier alone.

    Args:
        y: (n,) symbols, the carrier's phase near 0.
        level: (n,) power of the signal around each.
        noise: noise density N0 over the same unit.
        out: (n,) becomes the phasors.
    """
    for k in range(y.size):
        ratio = 2.0 * np.sqrt(level[k]) * y[k].real / noise
        out[k] = y[k] * np.tanh(ratio)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def signal_levels(
    y: NDArray[np.complex128], memory: float, level: NDArray[np.float64]
) -> tuple[float, float]:
    """Power of the signal around each symbol, and the noise.

    With the carrier's phase at 0 the real part holds signal and half of the noise, the imaginary
    part the other half.

    Args:
        y: (n,) symbols, the carrier's phase near 0.
        memory: decay of the mean to each side, in symbols.
        level: (n,) becomes the power.

    Returns:
        Power of the signal where it is strong, noise density N0 there, both a symbol.
    """
    keep = np.exp(-1.0 / memory)
    norm = (1.0 - keep) / (1.0 + keep)
    own = np.empty(y.size)
    for k in range(y.size):
        own[k] = y[k].real * y[k].real - y[k].imag * y[k].imag
    level[:] = own
    before, behind = 0.0, 0.0
    for k in range(y.size):
        j = y.size - 1 - k
        level[k] += before
        before = keep * (before + own[k])
        level[j] += behind
        behind = keep * (behind + own[j])
    squares, sums = 1e-30, 1e-30
    for k in range(y.size):
        level[k] = max(level[k] * norm, 0.0)
        squares += level[k] * level[k]
        sums += level[k]
    strong = squares / sums
    quadrature, weight = 0.0, 1e-30
    for k in range(y.size):
        share = presence(level[k], strong)
        weight += share
        quadrature += share * 2.0 * y[k].imag * y[k].imag
    return strong, max(quadrature / weight, LEAST_NOISE * strong + 1e-30)


@njit(cache=True, nogil=True, error_model="numpy")
def clarity(y: NDArray[np.complex128], level: NDArray[np.float64], least: float) -> tuple[float, int]:
    """How far the symbols spread about two points, where the level is above ``least``.

    Args:
        y: (n,) symbols, the carrier's phase near 0.
        level: (n,) power of the signal around each.

    Returns:
        Mean square over squared mean magnitude, pi / 2 where there is nothing; the number of symbols.
    """
    squares, sums, count = 0.0, 0.0, 0
    for k in range(y.size):
        if level[k] > least:
            squares += y[k].real * y[k].real / level[k]
            sums += abs(y[k].real) / np.sqrt(level[k])
            count += 1
    return (squares * count / (sums * sums) if sums > 0.0 else 0.5 * np.pi), count


@njit(cache=True, nogil=True, inline="always")
def presence(level: float, strong: float) -> float:
    """Near 1 where a signal of about the strength ``strong`` is, near 0 where it is not."""
    ratio = level / (0.35 * strong + 1e-30)
    ratio *= ratio
    ratio *= ratio
    return ratio / (1.0 + ratio)
