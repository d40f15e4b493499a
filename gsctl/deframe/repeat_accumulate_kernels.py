"""Compiled loops of the repeat-accumulate code of SMOG-P, SMOG-1, ATL-1 and MRC-100.

The code works on 16-bit words: in each of four passes an accumulator is rotated right by one bit and
takes the data word that the pass's permutation names. Bit b of the accumulator at step t is bit b + 1
of the step before, so the bits with the same (b + t) mod 16 make a chain of their own: a two-state
trellis, decoded forward and backward.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, inline="always")
def _box(a: float, b: float) -> float:  # pragma: no cover - compiled
    """Log-likelihood ratio of an XOR, min-sum."""
    smaller = min(abs(a), abs(b))
    return smaller if (a > 0) == (b > 0) else -smaller


@njit(cache=True, nogil=True)
def decode_passes(
    heard: NDArray[np.float32], permutations: NDArray[np.int64], iterations: int
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """Min-sum decoding.

    Args:
        heard: (passes, n, 16) log-likelihood ratios of the accumulator's bits, above zero for ZERO;
            0 where a step was not sent.
        permutations: (passes, n) data word of each step.
        iterations: rounds over all passes.

    Returns:
        (n, 16) log-likelihood ratios of the data bits, above zero for ZERO.
    """
    passes, n = permutations.shape
    extrinsic = np.zeros((passes, n, 16), np.float32)
    total = np.zeros((n, 16), np.float32)
    forward = np.empty(n + 1, np.float32)
    for _ in range(iterations):
        for p in range(passes):
            for lane in range(16):
                forward[0] = np.float32(1e9)
                for t in range(n):
                    bit, word = (lane - t - 1) % 16, permutations[p, t]
                    data = total[word, bit] - extrinsic[p, t, bit]
                    forward[t + 1] = _box(forward[t], data) + heard[p, t, bit]
                backward = np.float32(0.0)
                for t in range(n - 1, -1, -1):
                    bit, word = (lane - t - 1) % 16, permutations[p, t]
                    data = total[word, bit] - extrinsic[p, t, bit]
                    after = backward + heard[p, t, bit]
                    # Min-sum overrates what it infers; three quarters is the usual remedy.
                    new = np.float32(0.75) * _box(forward[t], after)
                    backward = _box(after, data)
                    extrinsic[p, t, bit] = new
                    total[word, bit] = data + new
    return total
