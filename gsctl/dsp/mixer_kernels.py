"""Compiled oscillator: mixes samples with a frequency that changes evenly."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def mix(
    samples: NDArray[np.complex64], phase: float, step: float, step_change: float
) -> NDArray[np.complex64]:
    """Multiply by exp(j phi[n]), phi[n] = phase + step n + step_change n (n - 1) / 2.

    Args:
        samples: (n,) to turn.
        phase: radians at the first sample.
        step: radians a sample, there.
        step_change: growth of the step, radians a sample squared.

    Returns:
        (n,) new samples. The recursion is in double precision and taken up anew every 1024
        samples, so its error stays far below that of complex64.
    """
    out = np.empty_like(samples)
    for first in range(0, samples.size, 1024):
        angle = phase + step * first + 0.5 * step_change * first * (first - 1.0)
        rotor = complex(np.cos(angle), np.sin(angle))
        turn_angle = step + step_change * first
        turn = complex(np.cos(turn_angle), np.sin(turn_angle))
        growth = complex(np.cos(step_change), np.sin(step_change))
        for i in range(first, min(first + 1024, samples.size)):
            out[i] = np.complex64(samples[i] * rotor)
            rotor *= turn
            turn *= growth
    return out
