"""Compiled interpolation between samples, for loops that need a value at any time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_F = np.float32


@njit(cache=True, nogil=True, inline="always")
def cubic_weights(f: Any) -> Any:
    """Catmull-Rom weights of the sample before, the one at hand and the two behind, ``f`` from the second."""
    before = 0.5 * f * (f * (2.0 - f) - 1.0)
    behind = 0.5 * f * (f * (4.0 - 3.0 * f) + 1.0)
    far = 0.5 * f * f * (f - 1.0)
    return before, 1.0 - before - behind - far, behind, far


@njit(cache=True, nogil=True, inline="always")
def cubic(y: Any, t: float) -> Any:
    """Catmull-Rom interpolation of ``y`` at ``t``; needs one sample before and two behind."""
    i = int(t)
    before, here, behind, far = cubic_weights(t - i)
    return before * y[i - 1] + here * y[i] + behind * y[i + 1] + far * y[i + 2]


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def lagrange_weights(u: Any) -> Any:
    """Weights of six samples, two before ``u`` = 0 (which is the third) and three behind, float32.

    ``u`` is 0 to 1, float32: the polynomial of degree 5 through the six (Abramowitz and Stegun 25.2.1).
    """
    a = u + _F(2)
    b = u + _F(1)
    c = u - _F(1)
    d = u - _F(2)
    e = u - _F(3)
    cde = c * d * e
    ab = a * b
    return (
        -b * u * cde * _F(1 / 120),
        a * u * cde * _F(1 / 24),
        -ab * cde * _F(1 / 12),
        ab * u * d * e * _F(1 / 12),
        -ab * u * c * e * _F(1 / 24),
        ab * u * c * d * _F(1 / 120),
    )
