"""Compiled parts of the BPSK receiver: timing, phase and levels; see ``demod.bpsk_symbols``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.interpolation_kernels import cubic

# Least noise, as a share of the signal: bounds the ratios of a clean signal.
LEAST_NOISE = 0.002


@njit(cache=True, nogil=True)
def timing_phasors(y: NDArray[np.complex64], period: float, values: NDArray[np.complex128]) -> None:
    """The line at the symbol rate in |y|^2, symbol by symbol, over the root of the power around it.

    Oerder and Meyr, IEEE Trans. Commun. 36 (1988) 605-612.

    Args:
        y: (n,) behind the matched filter.
        period: samples a symbol.
        values: (k,) becomes the phasors, k at most n / period.
    """
    power = np.zeros(values.size)
    values[:] = 0.0
    per_sample = 1.0 / period
    turn = 2 * np.pi * per_sample
    rotor, turner = complex(1.0, 0.0), complex(np.cos(turn), -np.sin(turn))
    for n in range(y.size):
        if n % 1024 == 0:
            rotor = complex(np.cos(turn * n), -np.sin(turn * n))
        k = int(n * per_sample)
        if k < values.size:
            square = y[n].real * y[n].real + y[n].imag * y[n].imag
            power[k] += square
            values[k] += square * rotor
        rotor *= turner
    smooth = np.empty(values.size)
    keep, last = 0.97, 0.0
    for k in range(values.size):
        last = keep * last + power[k]
        smooth[k] = last - power[k]
    last = 0.0
    for k in range(values.size - 1, -1, -1):
        last = keep * last + power[k]
        values[k] /= np.sqrt(smooth[k] + last + 1e-30)


@njit(cache=True, nogil=True)
def _two_sided(
    x: NDArray[np.complex128],
    breaks: NDArray[np.int64],
    keep: float,
    others: NDArray[np.complex128],
) -> None:
    """Sum of all other values between two breaks, weighed by keep^distance: into ``others``."""
    for part in range(breaks.size + 1):
        begin = breaks[part - 1] if part > 0 else 0
        end = breaks[part] if part < breaks.size else x.size
        last = complex(0.0, 0.0)
        for k in range(begin, end):
            others[k] = last
            last = keep * (last + x[k])
        last = complex(0.0, 0.0)
        for k in range(end - 1, begin - 1, -1):
            others[k] += last
            last = keep * (last + x[k])


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
        score = 0.0
        for k in range(x.size):
            size = np.sqrt(others[k].real * others[k].real + others[k].imag * others[k].imag)
            if size > 0.0:
                score += (x[k].real * others[k].real + x[k].imag * others[k].imag) / size
        if score > best:
            best, chosen = score, i
            norm = (1.0 - keep) / (1.0 + keep)
            for k in range(x.size):
                smooth[k] = (others[k] + x[k]) * norm
    return chosen


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
    last, count = 0.0, 0
    for j in range(times.size):
        # Symbol j is x nominal periods from the start, where x = j + lag + slip x.
        x = (j + last) / (1.0 - slip)
        k = int(x)
        if k >= smooth.size:
            break
        k = max(k, 0)
        lag = -np.arctan2(smooth[k].imag, smooth[k].real) / (2 * np.pi)
        lag += np.round(last - lag) if j else 0.0
        last = lag
        times[count] = (j + lag) / (1.0 - slip) * period
        count += 1
    return count


@njit(cache=True, nogil=True)
def interpolate(y: NDArray[np.complex64], times: NDArray[np.float64], out: NDArray[np.complex128]) -> None:
    """Values of ``y`` at ``times``; zero beyond its ends."""
    for k in range(times.size):
        if 1.0 <= times[k] < y.size - 3:
            out[k] = cubic(y, times[k])
        else:
            out[k] = 0.0


@njit(cache=True, nogil=True)
def square_phasors(y: NDArray[np.complex128], out: NDArray[np.complex128]) -> None:
    """y^2 / |y|: the data are off, the amplitude is kept."""
    for k in range(y.size):
        size = np.sqrt(y[k].real * y[k].real + y[k].imag * y[k].imag)
        out[k] = y[k] * y[k] / size if size > 0.0 else 0.0


@njit(cache=True, nogil=True)
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
    step, last = 2 * np.pi / order, 0.0
    for k in range(y.size):
        phase = np.arctan2(smooth[k].imag, smooth[k].real) / order
        phase += step * np.round((last - phase) / step)
        last = phase
        phases[k] += phase
        y[k] *= complex(np.cos(phase), -np.sin(phase))


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


@njit(cache=True, nogil=True)
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
    total, weight = 0.0, 0.0
    for k in range(y.size):
        level[k] = total
        total = keep * (total + y[k].real * y[k].real - y[k].imag * y[k].imag)
    total = 0.0
    norm = (1.0 - keep) / (1.0 + keep)
    squares, sums = 1e-30, 1e-30
    for k in range(y.size - 1, -1, -1):
        own = y[k].real * y[k].real - y[k].imag * y[k].imag
        level[k] = max((level[k] + total + own) * norm, 0.0)
        total = keep * (total + own)
        squares += level[k] * level[k]
        sums += level[k]
    strong = squares / sums
    quadrature = 0.0
    for k in range(y.size):
        share = presence(level[k], strong)
        weight += share
        quadrature += share * 2.0 * y[k].imag * y[k].imag
    return strong, max(quadrature / (weight + 1e-30), LEAST_NOISE * strong + 1e-30)


@njit(cache=True, nogil=True, inline="always")
def presence(level: float, strong: float) -> float:
    """Near 1 where a signal of about the strength ``strong`` is, near 0 where it is not."""
    ratio = level / (0.35 * strong + 1e-30)
    ratio *= ratio
    ratio *= ratio
    return ratio / (1.0 + ratio)


@njit(cache=True, nogil=True)
def summarize(
    level: NDArray[np.float64], quadrature: NDArray[np.float64], frequency: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Signal, noise and frequency of symbols, where there is a signal.

    Args:
        level: (n,) power of the signal around each symbol.
        quadrature: (n,) squared imaginary parts.
        frequency: (n,) of the carrier between the symbol before and this one.

    Returns:
        Mean power, mean noise density N0, mean frequency.
    """
    squares, sums = 1e-30, 1e-30
    for k in range(level.size):
        squares += level[k] * level[k]
        sums += level[k]
    strong = squares / sums
    weight, signal, noise, hz = 1e-30, 0.0, 0.0, 0.0
    for k in range(level.size):
        share = presence(level[k], strong)
        weight += share
        signal += share * level[k]
        noise += share * 2.0 * quadrature[k]
        hz += share * frequency[k]
    return signal / weight, noise / weight, hz / weight
