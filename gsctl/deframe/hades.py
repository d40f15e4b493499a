"""HADES-D and HADES-R (AMSAT-EA): packets whose type fixes their length; a CRC over scrambled bytes."""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.crc import CCITT_FALSE
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Hades, Integrity

# Bytes of a packet, CRC included, by the high nibble of the first.
_HADES_D = {1: 26, 2: 13, 3: 26, 4: 54, 5: 33, 6: 135, 7: 67, 8: 28, 9: 123, 12: 64}
_HADES_R = {1: 31, 2: 17, 3: 29, 4: 35, 5: 27, 6: 135, 7: 101, 8: 31, 9: 123}
_HADES_R |= {10: 17, 11: 9, 12: 64, 14: 38, 15: 41}


class HadesBody:
    """See the module. The payload begins with the type byte."""

    line_code = LineCode.NRZ
    first_symbols = 8

    def __init__(self, framing: Hades) -> None:
        self._sizes = _HADES_R if framing.family == "r" else _HADES_D
        self.max_symbols = 8 * max(self._sizes.values())
        self.syncs: Sequence[SyncWord] = (sync_word(0xBF35, 16, 0),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        data = hard_bytes(soft)
        size = self._sizes.get(data[0] >> 4)
        if size is None:
            return Refused.CHECK
        if len(data) < size:
            return 8 * size
        if not CCITT_FALSE.holds(data):
            return Refused.CHECK
        payload = data[:1] + descramble(data[1:-2])
        return (Block(payload=payload, integrity=Integrity.CRC, symbols=8 * size, weak_check=True),)


def descramble(data: bytes) -> bytes:
    """x^17 + x^12 + 1, multiplicative; the lowest bit of each byte is sent clear and not counted."""
    register = 1 << 16
    out = bytearray()
    for octet in data:
        plain = octet & 1
        for place in range(7, 0, -1):
            bit = octet >> place & 1
            plain |= (bit ^ register >> 16 & 1 ^ register >> 11 & 1) << place
            register = (register << 1 | bit) & 0x1FFFF
        out.append(plain)
    return bytes(out)
