"""Berlekamp's dual basis of GF(256), CCSDS 131.0-B 4.3.9: tables for ``bytes.translate``."""

from __future__ import annotations

# Row for u7 down to u0 of the conventional byte; z0, which is sent first, is the highest bit.
_ROWS = (0x8D, 0xEF, 0xEC, 0x86, 0xFA, 0x99, 0xAF, 0x7B)


def _dual(byte: int) -> int:
    total = 0
    for place, row in enumerate(_ROWS):
        if byte >> (7 - place) & 1:
            total ^= row
    return total


CONVENTIONAL_TO_DUAL = bytes(_dual(byte) for byte in range(256))
DUAL_TO_CONVENTIONAL = bytes(CONVENTIONAL_TO_DUAL.index(byte) for byte in range(256))
