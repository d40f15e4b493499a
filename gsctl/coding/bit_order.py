"""Bytes to bits and back, in either bit order.

AX.25 and AIS send the least significant bit of each byte first (ISO 13239); CCSDS,
AX100 and most others the most significant one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

# REVERSED_BYTES[b] is byte b with its bits in the other order; for bytes.translate.
REVERSED_BYTES = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def bytes_to_bits(data: bytes | bytearray | memoryview, *, lsb_first: bool = False) -> Bits:
    """The bits of ``data`` in the order of the air, (8 n,) uint8."""
    octets = np.frombuffer(data, dtype=np.uint8)
    return np.unpackbits(octets, bitorder="little" if lsb_first else "big")


def bits_to_bytes(bits: Bits, *, lsb_first: bool = False) -> bytes:
    """Pack (n,) bits into ``n // 8`` bytes; a rest of fewer than eight bits is dropped."""
    whole = bits[: len(bits) // 8 * 8]
    return np.packbits(whole, bitorder="little" if lsb_first else "big").tobytes()
