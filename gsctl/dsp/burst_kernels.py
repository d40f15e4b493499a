"""The inner loop of the burst detector, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def box_powers(spectrum: NDArray[np.complex64], box: int, out: NDArray[np.float32]) -> None:
    """Power in boxes of ``box`` neighbouring bins, from the lowest frequency to the highest.

    Args:
        spectrum: (frames, n) as a Fourier transform gives it, 0 Hz first.
        out: (frames, n - box + 1) out.
    """
    frames, size = spectrum.shape
    lowest = size - size // 2
    power = np.empty(size, np.float32)
    for frame in range(frames):
        for k in range(size):
            z = spectrum[frame, (k + lowest) % size]
            power[k] = z.real * z.real + z.imag * z.imag
        for k in range(size - box + 1):
            total = np.float32(0)
            for i in range(box):
                total += power[k + i]
            out[frame, k] = total
