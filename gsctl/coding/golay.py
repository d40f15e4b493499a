"""The extended Golay code (24,12) as GOMspace's AX100 and U482C radios send it.

A word is 24 bits: 12 parity bits above 12 information bits. It corrects any three wrong bits.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations

# Parity bit i (the first sent is i = 0) is the parity of the information AND row i.
_ROWS = (0x8ED, 0x1DB, 0x3B5, 0x769, 0xED1, 0xDA3, 0xB47, 0x68F, 0xD1D, 0xA3B, 0x477, 0xFFE)


def golay_encode(information: int) -> int:
    """The 24-bit word of 12 information bits."""
    parity = 0
    for row in _ROWS:
        parity = parity << 1 | (information & row).bit_count() & 1
    return parity << 12 | information


def golay_decode(word: int) -> tuple[int, int] | None:
    """The 12 information bits and how many of the 24 were wrong; None beyond three."""
    error = _errors_by_syndrome().get(_syndrome(word))
    if error is None:
        return None
    return (word ^ error) & 0xFFF, error.bit_count()


def _syndrome(word: int) -> int:
    return golay_encode(word & 0xFFF) >> 12 ^ word >> 12


@cache
def _errors_by_syndrome() -> dict[int, int]:
    places = [1 << place for place in range(24)]
    patterns = (sum(chosen) for weight in range(4) for chosen in combinations(places, weight))
    return {_syndrome(pattern): pattern for pattern in patterns}
