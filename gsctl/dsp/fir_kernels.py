"""A short FIR filter by its definition, compiled: for few taps it costs a fraction of a transform."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float32]

_BLOCK = 2048  # values worked on at a time stay in the processor's first cache


@njit(cache=True, nogil=True, fastmath=True)
def fir(samples: Float, taps: Float, width: int, step: int, out: Float) -> None:
    """Every ``step``-th output of a causal filter.

    Args:
        samples: (width * (m - 1 + n),): m - 1 samples of history first. ``width`` is 1 for real samples,
            2 for complex ones, real and imaginary parts in turn.
        taps: (m,).
        out: (width * ceil(n / step),) out.
    """
    count = taps.size
    turned = np.empty(count, np.float32)
    for k in range(count):
        turned[k] = taps[count - 1 - k]
    if step == 1:
        for first in range(0, out.size, _BLOCK):
            part = out[first : first + _BLOCK]
            for i in range(part.size):
                part[i] = 0
            for k in range(count):
                _add(part, samples[first + k * width :], turned[k])
    elif width == 1:
        for i in range(out.size):
            out[i] = _dot(samples[i * step :], turned)
    else:
        for i in range(out.size // 2):
            _dot_pairs(samples[2 * i * step :], turned, out[2 * i :])


@njit(cache=True, nogil=True, fastmath=True)
def _add(out: Float, samples: Float, tap: float) -> None:
    for i in range(out.size):
        out[i] += tap * samples[i]


@njit(cache=True, nogil=True, fastmath=True)
def _dot(samples: Float, taps: Float) -> Any:
    total = np.float32(0)
    for k in range(taps.size):
        total += samples[k] * taps[k]
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _dot_pairs(samples: Float, taps: Float, out: Float) -> None:
    re = np.float32(0)
    im = np.float32(0)
    for k in range(taps.size):
        re += samples[2 * k] * taps[k]
        im += samples[2 * k + 1] * taps[k]
    out[0] = re
    out[1] = im
