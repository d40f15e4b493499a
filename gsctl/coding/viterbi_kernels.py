"""The Viterbi decoder's loops, compiled by numba; see ``convolutional`` for their use."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add_compare_select(
    pairs: NDArray[np.float32],
    signs: NDArray[np.float32],
    metric: NDArray[np.float32],
    decisions: NDArray[np.uint8],
) -> None:
    """Extend every survivor by ``pairs`` (n, 2); the larger metric is the likelier path.

    ``metric`` (states,) is updated in place, ``decisions`` (n, states) gets the lowest bit of the
    state that each survivor came from. ``signs`` is ConvolutionalCode.signs().
    """
    states = metric.shape[0]
    half = states // 2
    old = metric.copy()
    new = np.empty_like(old)
    # Branches in the order of the new state's lower bits, so that the inner loop is a plain vector one.
    branch = np.empty((8, half), np.float32)
    for j in range(half):
        for row in range(8):
            branch[row, j] = signs[2 * j + (row >> 1 & 1), row >> 2, row & 1]
    even = np.empty(half, np.float32)
    odd = np.empty(half, np.float32)
    for n in range(pairs.shape[0]):
        first, second = pairs[n, 0], pairs[n, 1]
        for j in range(half):
            even[j] = old[2 * j]
            odd[j] = old[2 * j + 1]
        for j in range(half):
            a = even[j] + first * branch[0, j] + second * branch[1, j]
            b = odd[j] + first * branch[2, j] + second * branch[3, j]
            decisions[n, j] = b > a
            new[j] = max(a, b)
        for j in range(half):
            a = even[j] + first * branch[4, j] + second * branch[5, j]
            b = odd[j] + first * branch[6, j] + second * branch[7, j]
            decisions[n, j + half] = b > a
            new[j + half] = max(a, b)
        if n & 63 == 63:
            # Metrics grow without end; only their differences count.
            top = new.max()
            for j in range(states):
                new[j] -= top
        old, new = new, old
    metric[:] = old


@njit(cache=True, nogil=True)
def trace_back(
    decisions: NDArray[np.uint8], steps: int, last_state: int, constraint_length: int, bits: NDArray[np.uint8]
) -> None:
    """Follow the survivor that ends in ``last_state`` back through ``steps`` decisions into ``bits``."""
    memory = constraint_length - 1
    mask = (1 << memory) - 1
    state = last_state
    for n in range(steps - 1, -1, -1):
        bits[n] = state >> (memory - 1) & 1
        state = (state << 1 & mask) | decisions[n, state]
