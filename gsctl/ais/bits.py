"""The bits of one AIS message, and the six-bit armour that carries them in NMEA sentences.

The bits of a message are held as one integer, first bit on top, and a count. So a field is
one shift and one mask, whatever the alignment (ITU-R M.1371-5, annex 8).
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from gsctl.errors import RecordingError

# Values 0-39 are the characters 0..W, values 40-63 are `..w (IEC 61162-1, "Six-bit binary field").
_ARMOUR = bytes(48 + value if value < 40 else 56 + value for value in range(64))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Base64 packs six bits a character too: the library does the packing, a change of alphabet the rest.
_TO_ARMOUR = bytes.maketrans(_BASE64, _ARMOUR)
_FROM_ARMOUR = bytes.maketrans(_ARMOUR, _BASE64)
_PADDING = (b"", b"AAA", b"AA", b"A")  # "A" is six zero bits

# Five slots hold 1064 bits of message at most (type 26); anything longer is no AIS message.
MAX_BITS = 1064


@dataclass(frozen=True, slots=True)
class AisBits:
    """The bits of one message.

    Attributes:
        value: the bits as an integer, the first bit the most significant.
        count: how many bits there are, 1 to ``MAX_BITS``.
    """

    value: int
    count: int

    @classmethod
    def from_bytes(cls, message: bytes, bit_count: int | None = None) -> AisBits:
        """Take the first ``bit_count`` bits of bytes in field order; all where it is None.

        Raises:
            RecordingError: there are no bits, too many, or fewer bytes than bits.
        """
        available = len(message) * 8
        count = available if bit_count is None else bit_count
        if not 0 < count <= min(available, MAX_BITS):
            raise RecordingError(
                f"{count} bits in {len(message)} bytes are no AIS message", advice=f"1 to {MAX_BITS} bits fit"
            )
        return cls(int.from_bytes(message, "big") >> (available - count), count)

    def to_bytes(self) -> bytes:
        """The bits in whole bytes, the last one filled with zeros."""
        size = (self.count + 7) // 8
        return (self.value << (size * 8 - self.count)).to_bytes(size, "big")

    @classmethod
    def from_armour(cls, payload: bytes, fill_bits: int = 0) -> AisBits:
        """Take the bits of six-bit characters, without the last ``fill_bits``.

        Raises:
            RecordingError: a character is not of the armour, or there are no bits or too many.
        """
        count = len(payload) * 6 - fill_bits
        if not 0 < count <= MAX_BITS or not 0 <= fill_bits <= 5:
            raise RecordingError(f"{count} bits are no AIS message", advice=f"1 to {MAX_BITS} bits fit")
        if payload.translate(None, _ARMOUR):
            raise RecordingError("a character outside the six-bit alphabet in an AIS payload")
        packed = binascii.a2b_base64(payload.translate(_FROM_ARMOUR) + _PADDING[len(payload) % 4])
        return cls(int.from_bytes(packed, "big") >> (len(packed) * 8 - count), count)

    def armour(self) -> tuple[str, int]:
        """The six-bit characters of the bits, and how many fill bits the last one has (0 to 5)."""
        fill = -self.count % 6
        characters = (self.count + fill) // 6
        size = (characters * 6 + 7) // 8
        packed = (self.value << (size * 8 - self.count)).to_bytes(size, "big")
        text = binascii.b2a_base64(packed, newline=False)[:characters]
        return text.translate(_TO_ARMOUR).decode("ascii"), fill

    def unsigned(self, offset: int, width: int) -> int:
        """The unsigned field at a bit offset; bits beyond the end count as zeros."""
        shift = self.count - offset - width
        field = self.value >> shift if shift >= 0 else self.value << -shift
        return field & ((1 << width) - 1)
