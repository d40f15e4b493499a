"""The FM discriminator, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def discriminate(samples: NDArray[np.complex64], before: complex, audio: NDArray[np.float32]) -> None:
    """Angle by which each sample is ahead of the one before, full scale at half a turn.

    Args:
        samples: (n,).
        before: the sample before the first.
        audio: (n,) out, -1 to 1.
    """
    last = np.complex64(before)
    for k in range(samples.size):
        here = samples[k]
        re = here.real * last.real + here.imag * last.imag
        im = here.imag * last.real - here.real * last.imag
        audio[k] = np.arctan2(im, re) * np.float32(1 / np.pi)
        last = here
