"""The repeat-accumulate code of M. Maroti, flown on SMOG-P, ATL-1, SMOG-1 and MRC-100.

Rate about one half. Words are 16 bits, low byte first, each byte most significant bit first.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PASSES = 4
# Feedback masks of the permutations' shift registers, by the number of words.
_MASKS = ((32, (0x21, 0x2D, 0x30, 0x39)), (64, (0x41, 0x53, 0x69, 0x7B)), (128, (0x8E, 0xAF, 0xC3, 0xE7)))


def coded_bytes(data_bytes: int) -> int:
    """Length of the code of ``data_bytes`` bytes."""
    words = data_bytes // 2
    return 2 * (words + (PASSES - 1) * -(-words // 3))


@lru_cache(maxsize=8)
def permutations(words: int) -> NDArray[np.int64]:
    """(passes, words): which data word each step takes.

    Raises:
        ValueError: no such size is in use.
    """
    masks = next((masks for least, masks in _MASKS if least <= words < 2 * least), None)
    if masks is None:
        raise ValueError(f"{words} words are not in use")
    table = np.empty((PASSES, words), np.int64)
    for number, mask in enumerate(masks):
        offset = words >> (1 + number)
        state = 1 + number + offset
        for step in range(words):
            while True:
                lowest = state & 1
                state >>= 1
                if lowest:
                    state ^= mask
                if state <= words:
                    break
            index = state - 1
            table[number, step] = index + words - offset if index < offset else index - offset
    return table


def sent_steps(words: int) -> tuple[NDArray[np.int64], ...]:
    """Which steps of each pass are sent: all of the first, every third (and the last) of the others."""
    thinned = np.unique(np.append(np.arange(2, words, 3), words - 1))
    return (np.arange(words), *(thinned,) * (PASSES - 1))


def encode(data: bytes) -> bytes:
    """Code ``data``, whose length must be even and in use."""
    words = np.frombuffer(data, "<u2")
    sent = []
    for order, steps in zip(permutations(len(words)), sent_steps(len(words)), strict=True):
        accumulator = 0
        values = []
        for index in order:
            accumulator = (accumulator >> 1 | accumulator << 15) & 0xFFFF
            accumulator ^= int(words[index])
            values.append(accumulator)
        sent.append(np.array(values, "<u2")[steps])
    return np.concatenate(sent).astype("<u2").tobytes()
