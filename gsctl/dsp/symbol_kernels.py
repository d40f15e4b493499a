"""Compiled symbol loop: timing and slicing level, a symbol at a time.

The loop reads a filtered signal ``y`` whose first samples repeat the end of the one before, and
keeps its state in a float64 array between calls. Times are in samples of ``y``.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.interpolation_kernels import cubic

# Samples that an interpolation at time t reads behind and ahead of it.
MARGIN = 3
# Share of the nominal period by which a symbol's may differ from it.
MOST_SLIP = 0.02
# Speed of the noise estimate, and the least noise believed (17 dB below the symbols).
VARIANCE_GAIN = 0.02
LEAST_VARIANCE = 0.02
# In half heights. Where the signal moves less than the first a squelch is closed, and levels stay as they
# were. Where a symbol is farther from the middle than the second, levels learned in silence are no levels,
# and it is one. From the third on distance says no more about the noise.
SILENCE = 1e-3
COLLAPSED = 20.0
MOST_DISTANT = 4.0
# So many symbols on one side of the slicer, and the level of the other side is one of something louder that
# is gone (a pop, the noise of an open squelch): it comes nearer until symbols reach it again.
LONELY = 200.0


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
        state: (7,) time of next symbol, period, level of ones, of zeros, last value,
            mean square distance from the levels in half heights, symbols since the last on the other side.
        values: buffer; becomes the log-likelihood ratio of each symbol, by the noise around it. Symbols are
            (1 - ``MOST_SLIP`` - timing_gain) period apart at least; what has no room waits.
        times: buffer; becomes the time of each symbol.

    Returns:
        How many symbols were written.
    """
    t, p, high, low, previous, variance = state[0], state[1], state[2], state[3], state[4], state[5]
    alone = state[6]
    count = 0
    last = y.size - MARGIN
    while t < last and count < values.size:
        s = cubic(y, t)
        m = cubic(y, max(t - 0.5 * p, 1.0))
        middle = 0.5 * (high + low)
        half = max(0.5 * (high - low), 1e-9)
        v = (s - middle) / half
        gain = level_gain if abs(v) < COLLAPSED else 1.0
        if abs(s - m) < SILENCE * half:
            gain = 0.0
        if v > 0:
            high += gain * (s - high)
        else:
            low += gain * (s - low)
        error = 0.0
        if (v > 0) != (previous > 0):
            alone = 0.0
            error = (m - middle) / half
            if previous < 0:
                error = -error
            error = min(max(error, -1.0), 1.0)
        elif gain > 0.0:
            alone += 1.0
            if alone > LONELY:
                if v > 0:
                    low += level_gain * (s - low)
                else:
                    high += level_gain * (s - high)
        previous = v
        distance = min(abs(v), MOST_DISTANT) - 1.0
        variance += VARIANCE_GAIN * (distance * distance - variance)
        values[count] = v * 2.0 / max(variance, LEAST_VARIANCE)
        times[count] = t
        count += 1
        p = min(max(p + rate_gain * error * period, (1.0 - MOST_SLIP) * period), (1.0 + MOST_SLIP) * period)
        t += p + timing_gain * error * period
    state[0], state[1], state[2], state[3], state[4], state[5] = t, p, high, low, previous, variance
    state[6] = alone
    return count
