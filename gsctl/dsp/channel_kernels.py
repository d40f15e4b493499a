"""Compiled filter of a channel: computes only the samples that are kept, where the channel lies."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Inputs that are laid apart at a time: both halves of them stay in the processor's first cache.
_PIECE = 2048


# Only the order of sums is free, which lets them run side by side; it is the same for every output.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def filter_and_thin(
    samples: NDArray[np.complex64], taps: NDArray[np.complex64], step: int
) -> NDArray[np.complex64]:
    """Correlate with ``taps`` at every ``step``-th place: y[m] = sum over k of taps[k] samples[m step + k].

    Args:
        samples: (w + (n - 1) step,) or up to step - 1 more.
        taps: (w,).
        step: from one output to the next.

    Returns:
        (n,) outputs, one for each whole overlap.
    """
    width = taps.size
    count = max(0, (samples.size - width) // step + 1)
    out = np.empty(count, np.complex64)
    taps_re, taps_im = taps.real.copy(), taps.imag.copy()
    at_once = max(1, _PIECE // step)
    re = np.empty(at_once * step + width, np.float32)
    im = np.empty(at_once * step + width, np.float32)
    for first in range(0, count, at_once):
        here = min(at_once, count - first)
        part = samples[first * step : (first + here - 1) * step + width]
        for i in range(part.size):
            re[i], im[i] = part[i].real, part[i].imag
        for m in range(here):
            # Slices, because an index that might be negative keeps the sums from running side by side.
            part_re, part_im = re[m * step : m * step + width], im[m * step : m * step + width]
            sum_re, sum_im = np.float32(0.0), np.float32(0.0)
            for k in range(width):
                sum_re += taps_re[k] * part_re[k] - taps_im[k] * part_im[k]
                sum_im += taps_re[k] * part_im[k] + taps_im[k] * part_re[k]
            out[first + m] = complex(sum_re, sum_im)
    return out
