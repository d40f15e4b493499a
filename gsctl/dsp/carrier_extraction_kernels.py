"""Compiled part of cutting out one carrier; see ``dsp.carrier_extraction``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def cut_out(
    spectrum: NDArray[np.complex64], center: int, gain: NDArray[np.float32], out: NDArray[np.complex64]
) -> None:
    """The bins around one bin, with a gain, as the spectrum of a signal of a lower rate.

    Args:
        spectrum: (n,) Fourier transform.
        center: the bin that becomes 0 Hz; negative frequencies are negative bins.
        gain: (2 half + 1,) from ``half`` bins below to ``half`` above.
        out: (m,) becomes the bins, m > 2 half; zeros where the input's band has ended, or else its other
            end would come around.
    """
    size, half = spectrum.size, gain.size // 2
    out[:] = 0
    for place in range(max(-half, -(size // 2) - center), min(half, size // 2 - center) + 1):
        source = place + center
        out[place + out.size if place < 0 else place] = (
            spectrum[source + size if source < 0 else source] * gain[place + half]
        )
