"""Compiled parts of the search for BPSK carriers."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def over_local_floor(
    spectrum: NDArray[np.complex64],
    stretch: int,
    half: int,
    number: int,
    out: NDArray[np.float32],
    best: NDArray[np.int8],
) -> None:
    """Power of each line over that of the spectrum around it.

    The floor is the median of the means of 2 ``half`` + 1 short stretches: a line spoils one or two
    of them, and where a receiver's filter ends the floor falls with it. Silence and the far end of
    such a filter must not make anything look strong, so the floor has a least value.

    Args:
        spectrum: (n,) of the squared signal; it is a circle.
        stretch: lines in a stretch, at most n.
        half: stretches on each side.
        number: which trial this is.
        out: (n,) becomes the ratio where that is more than what is there already,
        best: (n,) and ``number`` in the same places.
    """
    count = spectrum.size // stretch
    means = np.empty(count)
    for s in range(count):
        total = 0.0
        for i in range(s * stretch, (s + 1) * stretch):
            total += spectrum[i].real * spectrum[i].real + spectrum[i].imag * spectrum[i].imag
        means[s] = total / stretch
    floor = np.empty(count)
    around = np.empty(2 * half + 1)
    most = 0.0
    for s in range(count):
        for d in range(-half, half + 1):
            # Sorted as it comes.
            value, place = means[(s + d) % count], d + half
            while place > 0 and around[place - 1] > value:
                around[place] = around[place - 1]
                place -= 1
            around[place] = value
        floor[s] = around[half]
        most = max(most, floor[s])
    least = max(most * 1e-7, 1e-32)
    for s in range(count):
        begin = s * stretch
        end = begin + stretch if s + 1 < count else spectrum.size
        over, lines, ratios, numbers = (
            1.0 / max(floor[s], least),
            spectrum[begin:end],
            out[begin:end],
            best[begin:end],
        )
        for i in range(lines.size):
            power = lines[i].real * lines[i].real + lines[i].imag * lines[i].imag
            ratio = np.float32(power * over)
            numbers[i] = number if ratio > ratios[i] else numbers[i]
            ratios[i] = max(ratio, ratios[i])
