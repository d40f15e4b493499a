"""Cyclic redundancy checks of satellite link framings, each with its published check value.

The parameters follow the usual model (Williams, "A painless guide to CRC error detection
algorithms", 1993): polynomial without its leading one, initial register, final XOR, and whether
bytes enter least significant bit first. ``check`` is the CRC of the ASCII digits 123456789.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from functools import lru_cache

from gsctl.coding.bit_order import REVERSED_BYTES

_CCITT = 0x1021


def _reversed_bits(value: int, width: int) -> int:
    return int(f"{value:0{width}b}"[::-1], 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crc:
    """One CRC algorithm; call it with bytes to get the CRC as an integer.

    Attributes:
        width: of the register in bits; 8, 16 or 32 here, at least 8.
        poly: the polynomial, most significant term first, without x^width.
        init: the register before the first byte.
        xorout: XORed onto the result.
        reflected: bytes enter least significant bit first and the result is mirrored.
        check: CRC of ``b"123456789"``.
    """

    width: int
    poly: int
    init: int
    xorout: int
    reflected: bool
    check: int

    def __call__(self, data: bytes | bytearray | memoryview) -> int:
        """The CRC of ``data``."""
        if self.width == 16 and self.poly == _CCITT:
            return self._ccitt(bytes(data))
        table = _table(self.width, self.poly, self.reflected)
        if self.reflected:
            register = _reversed_bits(self.init, self.width)
            for octet in bytes(data):
                register = table[(register ^ octet) & 0xFF] ^ (register >> 8)
            return register ^ self.xorout
        shift, mask = self.width - 8, (1 << self.width) - 1
        register = self.init
        for octet in bytes(data):
            register = table[(register >> shift) ^ octet] ^ (register << 8 & mask)
        return register ^ self.xorout

    def _ccitt(self, data: bytes) -> int:
        # binascii.crc_hqx is this polynomial unreflected, in C.
        if not self.reflected:
            return binascii.crc_hqx(data, self.init) ^ self.xorout
        mirrored = binascii.crc_hqx(data.translate(REVERSED_BYTES), self.init)
        return _reversed_bits(mirrored, 16) ^ self.xorout

    def to_bytes(self, data: bytes | bytearray | memoryview, *, little_endian: bool = False) -> bytes:
        """The CRC of ``data`` as it is appended to it, high byte first unless told."""
        return self(data).to_bytes(self.width // 8, "little" if little_endian else "big")

    def holds(self, data: bytes | bytearray | memoryview, *, little_endian: bool = False) -> bool:
        """Whether ``data`` ends in the CRC of what is before; False where it is too short."""
        size = self.width // 8
        body, tail = bytes(data[:-size]), bytes(data[-size:])
        return len(tail) == size and self.to_bytes(body, little_endian=little_endian) == tail


@lru_cache(maxsize=32)
def _table(width: int, poly: int, reflected: bool) -> tuple[int, ...]:
    """The register after each byte value, starting from zero."""
    top, mask = 1 << (width - 1), (1 << width) - 1
    entries = []
    for octet in range(256):
        register = (_reversed_bits(octet, 8) if reflected else octet) << (width - 8)
        for _ in range(8):
            register = (register << 1 ^ (poly if register & top else 0)) & mask
        entries.append(_reversed_bits(register, width) if reflected else register)
    return tuple(entries)


# The FCS of HDLC, AX.25 and AIS (ISO 13239; AX.25 2.2, section 3.8); sent low byte first.
X25 = Crc(width=16, poly=0x1021, init=0xFFFF, xorout=0xFFFF, reflected=True, check=0x906E)
CCITT_FALSE = Crc(width=16, poly=0x1021, init=0xFFFF, xorout=0, reflected=False, check=0x29B1)
XMODEM = Crc(width=16, poly=0x1021, init=0, xorout=0, reflected=False, check=0x31C3)
ARC = Crc(width=16, poly=0x8005, init=0, xorout=0, reflected=True, check=0xBB3D)
# TI CC11xx packet hardware (TI SWRA111); also known as CMS.
CC11XX = Crc(width=16, poly=0x8005, init=0xFFFF, xorout=0, reflected=False, check=0xAEE7)
USB = Crc(width=16, poly=0x8005, init=0xFFFF, xorout=0xFFFF, reflected=True, check=0xB4C8)
# Semtech SX126x, its "CCITT" preset.
SX126X = Crc(width=16, poly=0x1021, init=0x1D0F, xorout=0xFFFF, reflected=False, check=0x1A33)
CRC_8 = Crc(width=8, poly=0x07, init=0, xorout=0, reflected=False, check=0xF4)
# Castagnoli; the optional check of CSP packets.
CRC_32C = Crc(width=32, poly=0x1EDC6F41, init=0xFFFFFFFF, xorout=0xFFFFFFFF, reflected=True, check=0xE3069283)

CRCS: dict[str, Crc] = {
    "x25": X25,
    "ccitt-false": CCITT_FALSE,
    "xmodem": XMODEM,
    "arc": ARC,
    "cc11xx": CC11XX,
    "usb": USB,
    "sx126x": SX126X,
    "crc-8": CRC_8,
    "crc-32c": CRC_32C,
}
