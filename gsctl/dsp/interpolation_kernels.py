"""Compiled interpolation between samples, for loops that need a value at any time."""

from __future__ import annotations

from typing import Any

from numba import njit


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
