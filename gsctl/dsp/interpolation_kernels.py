"""Compiled interpolation between samples, for loops that need a value at any time."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(cache=True, nogil=True, inline="always")
def cubic(y: Any, t: float) -> Any:
    """Catmull-Rom interpolation of ``y`` at ``t``; needs one sample before and two behind."""
    i = int(t)
    f = t - i
    a, b, c, d = y[i - 1], y[i], y[i + 1], y[i + 2]
    return b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))
