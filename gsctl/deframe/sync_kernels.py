"""Compiled loop of the sync-word search."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def find_sync_words(
    bits: NDArray[np.uint8],
    first: int,
    pattern: NDArray[np.uint8],
    spacing: int,
    tolerance: int,
    either_polarity: bool,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:  # pragma: no cover - compiled
    """Find where ``pattern`` stands with at most ``tolerance`` wrong bits.

    Args:
        bits: (n,) line bits.
        first: index of the first bit at which a match may end; earlier ends were looked at before.
        pattern: (m,) sync word, the bit sent first leading.
        spacing: bits of the line from one bit of the pattern to the next.
        tolerance: wrong bits allowed.
        either_polarity: the pattern upside down counts as well.

    Returns:
        Indices of the pattern's first bit, rising, and whether each was upside down.
    """
    span = (pattern.size - 1) * spacing + 1
    begin = max(first - span + 1, 0)
    count = max(bits.size - span + 1 - begin, 0)
    starts = np.empty(count, np.int64)
    upside_down = np.empty(count, np.bool_)
    found = 0
    for start in range(begin, bits.size - span + 1):
        wrong = 0
        for k in range(pattern.size):
            wrong += bits[start + k * spacing] != pattern[k]
            if wrong > tolerance and (not either_polarity or k + 1 - wrong > tolerance):
                break
        else:
            starts[found] = start
            upside_down[found] = wrong > tolerance
            found += 1
    return starts[:found], upside_down[:found]
