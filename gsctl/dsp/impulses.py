"""Impulses taken out of a channel: sparks, mains, radars, a few microseconds each and far above the rest.

Behind a channel's filter an impulse is a few samples long. They say nothing of the signal any more, but a
hundred of them a second are less than a hundredth of it; what would be ruined by them is all that
averages. So a straight line from the sample before to the one behind is put in their place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.impulse_kernels import find_impulses

# What is longer is no impulse but a signal, however short; at least so many samples, for a filter rings.
_LONGEST_S = 150e-6
_LEAST_SAMPLES = 24
# One next to another shows when that is gone.
_TIMES = 2


def without_impulses(samples: NDArray[np.complex64], sample_rate_hz: float) -> NDArray[np.complex64]:
    """The samples of a window, (n,), mended in a new array; themselves where there is no impulse.

    An impulse reaches 10 dB above the power within 3 ms (at 48 kS/s) before it and behind it; a strong
    one of which much stands out, 9 dB.
    """
    longest = max(_LEAST_SAMPLES, round(_LONGEST_S * sample_rate_hz))
    out = samples
    for _ in range(_TIMES):
        found = find_impulses(out, longest)
        if not found.size:
            break
        out = _mended(out, found)
    return out


def _mended(samples: NDArray[np.complex64], found: NDArray[np.int64]) -> NDArray[np.complex64]:
    out = samples.copy()
    for begin, end in found.tolist():
        before = out[begin - 1] if begin else np.complex64(0)
        behind = out[end] if end < out.size else np.complex64(0)
        share = np.arange(1, end - begin + 1, dtype=np.float32) / np.float32(end - begin + 1)
        out[begin:end] = before + share * (behind - before)
    return out
