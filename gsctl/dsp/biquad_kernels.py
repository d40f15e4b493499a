"""A recursive filter of second order over consecutive windows, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Far below anything that sounds; keeps the state out of the denormal numbers in digital silence.
_BIAS = 1e-18


@njit(cache=True, nogil=True)
def biquad(
    samples: NDArray[np.float32],
    numerator: NDArray[np.float64],
    denominator: NDArray[np.float64],
    state: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    """Direct form II, transposed (Oppenheim and Schafer, Discrete-Time Signal Processing, 6.3).

    Args:
        samples: (n,).
        numerator, denominator: (3,) of the transfer function in powers of 1/z; the latter begins with 1.
        state: (2,) in and out; zeros at first.
        out: (n,) out.
    """
    b0, b1, b2 = numerator[0], numerator[1], numerator[2]
    a1, a2 = denominator[1], denominator[2]
    first, second = state[0], state[1]
    for i in range(samples.size):
        x = samples[i] + _BIAS
        y = b0 * x + first
        first = b1 * x - a1 * y + second
        second = b2 * x - a2 * y
        out[i] = y
    state[0], state[1] = first, second
