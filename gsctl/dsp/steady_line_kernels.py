"""The inner loops of the search for steady lines, compiled."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
from numba import njit
from numpy.typing import NDArray

# A line's own bins of a Hann spectrum to each side of its peak, and how many beyond tell of what is around.
_OWN_BINS = 3
_AROUND_BINS = 8
# Times the mean of 64 bins, itself among them, that a line is at least.
_WORTH_A_LOOK = 8.0
# The recursion of an oscillator is taken up anew after so many samples.
_RENEWED = 512


@njit(cache=True, nogil=True)
def narrow_peaks(power: NDArray[np.float32], ratio: float) -> NDArray[np.int64]:
    """Bins that stand ``ratio`` times above the median of those around them.

    Args:
        power: (n,) of a Hann-tapered spectrum, of any order of frequencies that goes around.

    Returns:
        (m,) bins, ascending; the highest of a line's own.
    """
    size = power.size
    found = np.empty(size, np.int64)
    count = 0
    around = np.empty(2 * _AROUND_BINS, np.float32)
    # Most bins do not stand out of their neighbourhood: a cheap look first.
    piece = 64
    for first in range(0, size, piece):
        last = min(first + piece, size)
        total = np.float32(0.0)
        for k in range(first, last):
            total += power[k]
        least = np.float32(_WORTH_A_LOOK) * total / np.float32(last - first)
        for k in range(first, last):
            here = power[k]
            if here <= least:
                continue
            is_peak = True
            for i in range(1, _OWN_BINS + 1):
                if power[(k + i) % size] > here or power[k - i] >= here:
                    is_peak = False
                    break
            if not is_peak:
                continue
            for i in range(_AROUND_BINS):
                around[2 * i] = power[(k + _OWN_BINS + 1 + i) % size]
                around[2 * i + 1] = power[k - _OWN_BINS - 1 - i]
            around.sort()
            if here > ratio * around[_AROUND_BINS]:
                found[count] = k
                count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def part_values(samples: NDArray[np.complex64], turns: float, out: NDArray[np.complex128]) -> None:
    """What stands at a frequency in each of some equal parts: means of samples[n] exp(-2 pi i turns n).

    Args:
        samples: (n,); the rest behind the last whole part is left out.
        turns: a sample.
        out: (parts,) out.
    """
    length = samples.size // out.size
    step = complex(cos(2 * pi * turns), -sin(2 * pi * turns))
    for part in range(out.size):
        total = complex(0.0, 0.0)
        for first in range(part * length, (part + 1) * length, _RENEWED):
            angle = 2 * pi * turns * first
            rotor = complex(cos(angle), -sin(angle))
            for n in range(first, min(first + _RENEWED, (part + 1) * length)):
                total += samples[n] * rotor
                rotor *= step
        out[part] = total / length


@njit(cache=True, nogil=True)
def without_line(
    samples: NDArray[np.complex64], turns: float, at_first: complex, absent: NDArray[np.bool_]
) -> NDArray[np.complex64]:
    """samples[n] - at_first exp(2 pi i turns n), (n,) new samples.

    Args:
        samples: (n,)
        turns: a sample.
        at_first: the line's amplitude at the first sample.
        absent: (parts,) in which of so many equal parts it is not; the rest behind them goes with the last.
    """
    out = samples.copy()
    step = complex(cos(2 * pi * turns), sin(2 * pi * turns))
    length = samples.size // absent.size
    for part in range(absent.size):
        end = samples.size if part == absent.size - 1 else (part + 1) * length
        if absent[part]:
            continue
        for first in range(part * length, end, _RENEWED):
            angle = 2 * pi * turns * first
            line = at_first * complex(cos(angle), sin(angle))
            for n in range(first, min(first + _RENEWED, end)):
                out[n] -= np.complex64(line)
                line *= step
    return out
