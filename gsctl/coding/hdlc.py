"""The sender's side of HDLC: bit stuffing, flags and the FCS (ISO 13239; AX.25 2.2, section 3).

Bytes go least significant bit first, the FCS (CRC X25) low byte first; after five ones the
sender inserts a zero, so that the flag 01111110 stands nowhere else.
"""

from __future__ import annotations

import numpy as np

from gsctl.coding.bit_order import Bits, bytes_to_bits
from gsctl.coding.crc import X25

FLAG = 0x7E
FLAG_BITS: Bits = bytes_to_bits(bytes([FLAG]), lsb_first=True)
FLAG_BITS.flags.writeable = False

_FIVE_ONES = b"\x01" * 5


def with_fcs(payload: bytes) -> bytes:
    """``payload`` followed by its FCS."""
    return payload + X25.to_bytes(payload, little_endian=True)


def fcs_holds(frame: bytes) -> bool:
    """Whether ``frame`` ends in the FCS of what is before."""
    return X25.holds(frame, little_endian=True)


def stuff(bits: Bits) -> Bits:
    """Insert a zero after every five ones in a row."""
    # bytes.replace goes from the left without overlap, which is what a stuffing sender does.
    stuffed = bits.astype(np.uint8).tobytes().replace(_FIVE_ONES, _FIVE_ONES + b"\x00")
    return np.frombuffer(stuffed, np.uint8).copy()


def unstuff(bits: Bits) -> Bits:
    """Drop the bit after every five ones in a row; for the bits between two flags."""
    kept = bytearray()
    ones = 0
    for bit in bits.tolist():
        if ones == 5:
            ones = 0
            continue
        kept.append(bit)
        ones = ones + 1 if bit else 0
    return np.frombuffer(bytes(kept), np.uint8).copy()


def frame_bits(payload: bytes) -> Bits:
    """One frame between its flags: payload and FCS, stuffed."""
    return stuff(bytes_to_bits(with_fcs(payload), lsb_first=True))
