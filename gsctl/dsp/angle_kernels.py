"""Compiled angles, several times faster than the C library's, for loops that need one a symbol.

In double precision, since phases of many symbols are added up. The discriminator has the same polynomial
in single precision and without branches (``dsp.discriminator_kernels``): it needs an angle a sample, and
vectors of floats are what makes that cheap.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def angle(y: float, x: float) -> Any:
    """The angle of the point (x, y) in radians, -pi to pi, to 2e-8; 0 for the origin.

    Polynomial of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 4.4.49.
    """
    across, up = abs(x), abs(y)
    most = max(across, up)
    ratio = min(across, up) / most if most > 0.0 else 0.0
    s = ratio * ratio
    value = 0.0028662257 * s - 0.0161657367
    value = value * s + 0.0429096138
    value = value * s - 0.0752896400
    value = value * s + 0.1065626393
    value = value * s - 0.1420889944
    value = value * s + 0.1999355085
    value = value * s - 0.3333314528
    value = (value * s + 1.0) * ratio
    if up > across:
        value = 0.5 * np.pi - value
    if x < 0.0:
        value = np.pi - value
    return -value if y < 0.0 else value
