"""Compiled symbol loops: timing, slicing level and carrier, a symbol at a time.

Each loop reads a filtered signal ``y`` whose first samples repeat the end of the one before, and
keeps its state in a float64 array between calls. Times are in samples of ``y``.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.interpolation_kernels import cubic

# Samples that an interpolation at time t reads behind and ahead of it.
MARGIN = 3
# Speed of the noise estimate, and the least noise believed (17 dB below the symbols).
VARIANCE_GAIN = 0.02
LEAST_VARIANCE = 0.02


@njit(cache=True, nogil=True)
def level_loop(
    y: NDArray[np.float32],
    period: float,
    timing_gain: float,
    rate_gain: float,
    level_gain: float,
    state: NDArray[np.float64],
    values: NDArray[np.float32],
    times: NDArray[np.float64],
) -> int:
    """Symbols of a two-level baseband signal whose middle and height are not known.

    Timing follows the zero crossings (Dire Wolf and many before work so), the levels of ones and
    zeros are tracked apart by decision, the slicer sits between them.

    Args:
        y: (n,) filtered signal.
        period: nominal samples a symbol.
        timing_gain, rate_gain: shares of the crossing error that move phase and period.
        level_gain: share of the level error that moves a level.
        state: (6,) time of next symbol, period, level of ones, of zeros, last value,
            mean square distance from the levels in half heights.
        values: buffer; becomes the log-likelihood ratio of each symbol, by the noise around it.
        times: buffer; becomes the time of each symbol.

    Returns:
        How many symbols were written.
    """
    t, p, high, low, previous, variance = state[0], state[1], state[2], state[3], state[4], state[5]
    count = 0
    last = y.size - MARGIN
    while t < last:
        s = cubic(y, t)
        m = cubic(y, max(t - 0.5 * p, 1.0))
        middle = 0.5 * (high + low)
        half = max(0.5 * (high - low), 1e-9)
        v = (s - middle) / half
        if v > 0:
            high += level_gain * (s - high)
        else:
            low += level_gain * (s - low)
        error = 0.0
        if (v > 0) != (previous > 0):
            error = (m - middle) / half
            if previous < 0:
                error = -error
            error = min(max(error, -1.0), 1.0)
        previous = v
        distance = abs(v) - 1.0
        variance += VARIANCE_GAIN * (distance * distance - variance)
        values[count] = v * 2.0 / max(variance, LEAST_VARIANCE)
        times[count] = t
        count += 1
        p = min(max(p + rate_gain * error * period, 0.98 * period), 1.02 * period)
        t += p + timing_gain * error * period
    state[0], state[1], state[2], state[3], state[4], state[5] = t, p, high, low, previous, variance
    return count


@njit(cache=True, nogil=True)
def bpsk_loop(
    y: NDArray[np.complex64],
    period: float,
    timing_gain: float,
    rate_gain: float,
    phase_gain: float,
    frequency_gain: float,
    frequency_limit: float,
    state: NDArray[np.float64],
    values: NDArray[np.float32],
    times: NDArray[np.float64],
) -> int:
    """Symbols of a BPSK signal near 0 Hz: Gardner timing and a decision-directed Costas loop.

    Gardner, IEEE Trans. Commun. 34 (1986) 423-429; the loop is of second order.

    Args:
        y: (n,) signal behind the matched filter.
        period: nominal samples a symbol.
        timing_gain, rate_gain: shares of the timing error that move phase and period.
        phase_gain, frequency_gain: shares of the phase error (radians) that move phase and frequency.
        frequency_limit: largest carrier offset followed, radians a symbol.
        state: (8,) time of next symbol, period, phase, frequency (radians a symbol), last symbol
            (real, imaginary), mean square amplitude, mean square of the imaginary part.
        values: buffer; becomes the log-likelihood ratio of each symbol, by the noise around it.
        times: buffer; becomes the time of each symbol.

    Returns:
        How many symbols were written.
    """
    t, p, phase, frequency = state[0], state[1], state[2], state[3]
    previous = complex(state[4], state[5])
    power, quadrature = state[6], state[7]
    count = 0
    last = y.size - MARGIN
    while t < last:
        rotation = complex(np.cos(phase), -np.sin(phase))
        middle_phase = phase - 0.5 * frequency
        s = cubic(y, t) * rotation
        m = cubic(y, max(t - 0.5 * p, 1.0)) * complex(np.cos(middle_phase), -np.sin(middle_phase))
        power += 0.02 * (s.real * s.real + s.imag * s.imag - power)
        scale = 1.0 / np.sqrt(power + 1e-18)
        s *= scale
        m *= scale
        phase_error = s.imag if s.real > 0 else -s.imag
        phase_error = min(max(phase_error, -1.0), 1.0)
        quadrature += VARIANCE_GAIN * (s.imag * s.imag - quadrature)
        frequency = min(max(frequency + frequency_gain * phase_error, -frequency_limit), frequency_limit)
        phase += frequency + phase_gain * phase_error
        error = m.real * (previous.real - s.real) + m.imag * (previous.imag - s.imag)
        error = min(max(error, -1.0), 1.0)
        previous = s
        # With unit power the signal has 1 - 2 q of it, q being the noise in each dimension.
        amplitude = np.sqrt(max(1.0 - 2.0 * quadrature, LEAST_VARIANCE))
        values[count] = s.real * 2.0 * amplitude / max(quadrature, LEAST_VARIANCE)
        times[count] = t
        count += 1
        p = min(max(p + rate_gain * error * period, 0.98 * period), 1.02 * period)
        t += p + timing_gain * error * period
    phase = np.remainder(phase, 2 * np.pi)
    state[0], state[1], state[2], state[3] = t, p, phase, frequency
    state[4], state[5] = previous.real, previous.imag
    state[6], state[7] = power, quadrature
    return count
