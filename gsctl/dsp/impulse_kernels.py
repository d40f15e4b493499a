"""Compiled search for impulses: a few samples far above what is before and behind them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BLOCK = 16
# Blocks that tell on each side what is usual, and those next to an impulse that do not.
_SIDE_BLOCKS = 9
_SKIPPED = 1
# Times the usual power: of a block that is looked into, of one that is no noise, and of an impulse's
# highest sample in one that might be; of an impulse's samples, but for so many in a row.
_BLOCK_RATIO = 1.8
_SURE_RATIO = 5.0
_PEAK_RATIO = 10.0
_FOOT_RATIO = 4.0
_DIPS = 2


# Only the order of the sums is free.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _may_hold_any(samples: NDArray[np.complex64]) -> bool:
    """Whether any sample stands out of a window; two passes that cost a tenth of looking closer."""
    parts = samples.view(np.float32)
    # Of floats without their sign the order is that of their bits, and no-numbers come last.
    bits = samples.view(np.int32)
    total = np.float32(0.0)
    for i in range(parts.size):
        total += parts[i] * parts[i]
    highest = np.zeros(1, np.int32)
    top = np.int32(0)
    for i in range(bits.size):
        top = max(top, bits[i] & np.int32(0x7FFFFFFF))
    highest[0] = top
    return not highest.view(np.float32)[0] ** 2 * samples.size <= _PEAK_RATIO * total


# As above; the order is the same for every block.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _block_powers(samples: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Mean power of each 16 samples; the rest is left out."""
    count = samples.size // _BLOCK
    parts = samples[: count * _BLOCK].view(np.float32).reshape(count, 2 * _BLOCK)
    out = np.empty(count, np.float32)
    for block in range(count):
        total = np.float32(0.0)
        for i in range(2 * _BLOCK):
            total += parts[block, i] * parts[block, i]
        out[block] = total / np.float32(_BLOCK)
    return out


@njit(cache=True, nogil=True)
def find_impulses(samples: NDArray[np.complex64], longest: int) -> NDArray[np.int64]:
    """Where impulses are: (m, 2) of their first samples and those behind their last, in order.

    Args:
        samples: (n,) of one window.
        longest: samples of an impulse; what is longer is a signal that begins.
    """
    if not _may_hold_any(samples):
        return np.empty((0, 2), np.int64)
    power = _block_powers(samples)
    found = np.empty((power.size, 2), np.int64)
    nearest = np.empty(_SIDE_BLOCKS, np.float32)
    count = 0
    # Up to where the last impulse reaches.
    done = 0
    for block in range(power.size):
        here = power[block]
        if 3 < block < power.size - 3:
            # A cheap look first: most blocks are like those beside; of four the two in the middle.
            a, b, c, d = power[block - 3], power[block - 2], power[block + 2], power[block + 3]
            beside = a + b + c + d - max(max(a, b), max(c, d)) - min(min(a, b), min(c, d))
            if not here > np.float32(0.5 * _BLOCK_RATIO) * beside:
                continue
        usual = _beside(power, block, nearest)
        if not (usual > 0.0 and here > _BLOCK_RATIO * usual):
            continue
        least = _PEAK_RATIO * usual if here <= _SURE_RATIO * usual else 2 * _FOOT_RATIO * usual
        first, last = block * _BLOCK, (block + 1) * _BLOCK
        while max(first, done) < last and count < found.shape[0]:
            peak = _highest(samples, max(first, done), last)
            if not _squared(samples[peak]) > least:
                break
            begin = max(_foot(samples, peak, -1, longest, _FOOT_RATIO * usual), done)
            end = _foot(samples, peak, 1, longest, _FOOT_RATIO * usual) + 1
            done = end
            if end - begin <= longest:
                found[count, 0], found[count, 1] = begin, end
                count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def _highest(samples: NDArray[np.complex64], first: int, last: int) -> int:
    peak = first
    for n in range(first, last):
        if _squared(samples[n]) > _squared(samples[peak]):
            peak = n
    return peak


@njit(cache=True, nogil=True)
def _foot(samples: NDArray[np.complex64], peak: int, way: int, longest: int, level: float) -> int:
    """The last sample from ``peak`` on, in one direction, before it stays below a level."""
    last = peak
    n = peak + way
    while 0 <= n < samples.size and abs(n - last) <= _DIPS + 1 and abs(n - peak) <= longest:
        if _squared(samples[n]) > level:
            last = n
        n += way
    return last


@njit(cache=True, nogil=True)
def _beside(power: NDArray[np.float32], block: int, nearest: NDArray[np.float32]) -> float:
    """The louder of what is before a block and what is behind it; ``nearest`` is room to work in."""
    usual = 0.0
    for side in (-1, 1):
        count = 0
        for i in range(1 + _SKIPPED, 1 + _SKIPPED + _SIDE_BLOCKS):
            k = block + side * i
            if 0 <= k < power.size:
                # Ranked as they come.
                place = count
                while place > 0 and nearest[place - 1] > power[k]:
                    nearest[place] = nearest[place - 1]
                    place -= 1
                nearest[place] = power[k]
                count += 1
        if count:
            # Not the loudest, for there may be other impulses; nor the quietest, where carriers beat.
            usual = max(usual, float(nearest[count * 3 // 4]))
    return usual


@njit(cache=True, nogil=True)
def _squared(z: complex) -> float:
    return z.real * z.real + z.imag * z.imag
