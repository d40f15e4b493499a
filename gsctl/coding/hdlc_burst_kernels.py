"""Compiled reading of one HDLC frame out of a burst's line bits: NRZI, stuffing, flags, check.

HDLC is ISO/IEC 13239; NRZI toggles the level for a zero; bytes go least significant bit first.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

# Outcomes of a reading.
GOOD, BAD, UNFINISHED = 0, 1, 2
# Residue of the X.25 FCS over frame and FCS (ISO/IEC 13239, annex A).
_GOOD_RESIDUE = 0xF0B8
_FLAG = 0x7E


@njit(cache=True, nogil=True)
def read_frame(line: Bits, begin: int, payload: Bits, min_bytes: int) -> tuple[int, int, int]:
    """Read the frame whose first bit is line bit ``begin``, up to its closing flag.

    Args:
        line: (n,) line bits, NRZI coded.
        begin: at least 1.
        payload: buffer for the bytes, FCS included; what is longer is bad.
        min_bytes: shortest frame, FCS included.

    Returns:
        GOOD where the FCS holds; BAD where it does not, the length is none, or seven ones came;
        UNFINISHED where the bits end before. Then the line bit that ends it, which is the last one of
        the closing flag (of ``line`` where unfinished), and the number of bytes.
    """
    ones = 0
    total = 0  # bits, those of the closing flag with them
    # The flag shows itself only at its end, so bytes are judged eight bits late.
    most = 8 * payload.size + 7
    for k in range(begin, line.size):
        bit = np.uint8(1) ^ line[k] ^ line[k - 1]
        if bit == 0:
            if ones == 6:
                count = (total - 7) // 8
                if total < 7 or (total - 7) % 8 or count < min_bytes:
                    return BAD, k, 0
                crc = 0xFFFF
                for i in range(count):
                    crc ^= payload[i]
                    for _ in range(8):
                        crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
                return (GOOD if crc == _GOOD_RESIDUE else BAD), k, count
            if ones == 5:
                ones = 0
                continue
            ones = 0
        else:
            ones += 1
            if ones == 7:
                return BAD, k, 0
        if total >= most:
            return BAD, k, 0
        if total >> 3 < payload.size:
            if total & 7 == 0:
                payload[total >> 3] = 0
            payload[total >> 3] |= bit << np.uint8(total & 7)
        total += 1
    return UNFINISHED, line.size, 0


@njit(cache=True, nogil=True)
def find_frame(line: Bits, payload: Bits, min_bytes: int) -> tuple[int, int, int, int]:
    """The first frame of a burst whose FCS holds, wherever its opening flag lies.

    Args:
        line, payload, min_bytes: as for ``read_frame``.

    Returns:
        Line bits of the frame, first and behind the last (flags excluded), its bytes, and the flags
        seen up to its end; 0, 0, 0 and all flags where there is none.
    """
    flags = 0
    register = 0
    for k in range(1, line.size):
        register = ((register << 1) | (1 ^ line[k] ^ line[k - 1])) & 0xFF
        if register == _FLAG:
            flags += 1
            outcome, end, count = read_frame(line, k + 1, payload, min_bytes)
            if outcome == GOOD:
                return k + 1, end - 7, count, flags + 1
    return 0, 0, 0, flags


@njit(cache=True, nogil=True)
def expected_errors(values: NDArray[np.float32], begin: int, end: int) -> float:
    """Share of the bits from ``begin`` to before ``end`` that are wrong by their log-likelihood ratios."""
    total = 0.0
    for k in range(begin, end):
        total += 1.0 / (1.0 + np.exp(min(abs(values[k]), 80.0)))
    return total / max(end - begin, 1)
