"""Mobitex as amateur satellites use it: header, call sign, and blocks with a CRC each.

CML MX909A and CMX990 data sheets: header code, blocks, CRC, interleaver, scrambler. The call sign and
its CRC are the satellites' addition.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.crc import X25, XMODEM
from gsctl.coding.scramblers import PN9_MOBITEX
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Integrity, Mobitex

# A byte's four parity bits, the first sent leading: even parity of the byte AND these.
_PARITY_ROWS = (0xEC, 0xD3, 0xBA, 0x75)
_HEADER_BITS, _CALL_BITS, _BLOCK_BITS = 24, 64, 240
_BLOCK_DATA_BYTES = 18
_MOST_BLOCKS = 32
_MOST_CALL_ERRORS = 2


@lru_cache(maxsize=1)
def _codebook() -> Soft:
    """The twelve bits of each byte as +1 and -1, (12, 256)."""
    words = []
    for byte in range(256):
        parity = [(byte & row).bit_count() & 1 for row in _PARITY_ROWS]
        words.append([byte >> place & 1 for place in range(7, -1, -1)] + parity)
    return (2.0 * np.array(words, np.float32).T - 1.0).astype(np.float32)


def _likeliest_bytes(soft: Soft) -> tuple[NDArray[np.uint8], int]:
    """The bytes of (n, 12) soft words, and how many bits that makes wrong."""
    book = _codebook()
    chosen = np.argmax(soft @ book, axis=1)
    wrong = int(np.count_nonzero((book[:, chosen].T > 0) != (soft > 0)))
    return chosen.astype(np.uint8), wrong


class MobitexBody:
    """See the module.

    The payload is: two control bytes, call sign and its CRC, 18 bytes a block, and six bytes that this
    receiver adds as others do, AA, a 32-bit mask of the blocks whose CRC failed (least significant byte
    first), BB. Only where no block failed is the frame given as checked.
    """

    line_code = LineCode.NRZ
    first_symbols = _HEADER_BITS + _CALL_BITS
    max_symbols = first_symbols + _MOST_BLOCKS * _BLOCK_BITS

    def __init__(self, framing: Mobitex) -> None:
        self._framing = framing
        self.syncs: Sequence[SyncWord] = (sync_word(framing.sync_word, 16, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        call = _call_sign(hard_bytes(soft, _HEADER_BITS, _CALL_BITS // 8))
        if call is None:
            return Refused.CHECK
        # Byte 3 of the header holds the parity of the two before it.
        order = np.r_[0:8, 16:20, 8:16, 20:24]
        control, wrong = _likeliest_bytes(soft[order].reshape(2, 12))
        count = self._framing.blocks or int(control[0] & 0x1F) + 1
        symbols = self.first_symbols + count * _BLOCK_BITS
        if len(soft) < symbols:
            return symbols
        data, bad, block_errors = _blocks(soft[self.first_symbols : symbols])
        if bad == (1 << count) - 1:
            return Refused.CHECK
        trailer = b"\xaa" + bad.to_bytes(4, "little") + b"\xbb"
        return (
            Block(
                payload=control.tobytes() + call[0] + data + trailer,
                integrity=Integrity.UNCHECKED if bad else Integrity.CRC,
                symbols=symbols,
                corrected_errors=wrong + call[1] + block_errors,
            ),
        )


def _blocks(soft: Soft) -> tuple[bytes, int, int]:
    """Data of all blocks, a mask of those whose CRC fails, and the wrong bits of the others."""
    # The scrambler runs through all blocks of a frame.
    signs = 1.0 - 2.0 * PN9_MOBITEX.sequence(len(soft)).astype(np.float32)
    plain = (soft * signs).astype(np.float32)
    data, bad, errors = b"", 0, 0
    for number, block in enumerate(plain.reshape(-1, _BLOCK_BITS)):
        # Twenty rows of twelve, sent by columns.
        decoded, wrong = _likeliest_bytes(np.ascontiguousarray(block.reshape(12, 20).T))
        content = decoded.tobytes()
        data += content[:_BLOCK_DATA_BYTES]
        if X25.holds(content):
            errors += wrong
        else:
            bad |= 1 << number
    return data, bad, errors


def _call_sign(field: bytes) -> tuple[bytes, int] | None:
    """Call sign with its CRC, up to two wrong bits corrected, and how many there were."""
    syndrome = XMODEM(field[:6]) ^ int.from_bytes(field[6:], "big")
    errors = _errors_by_syndrome().get(syndrome)
    if errors is None:
        return None
    fixed = int.from_bytes(field, "big")
    for place in errors:
        fixed ^= 1 << place
    corrected = fixed.to_bytes(8, "big")
    # Six characters of 37 out of 256 do not come by chance.
    if not all(65 <= c <= 90 or 48 <= c <= 57 or c == 32 for c in corrected[:6]):
        return None
    return corrected, len(errors)


@lru_cache(maxsize=1)
def _errors_by_syndrome() -> dict[int, tuple[int, ...]]:
    """Which wrong bits of the 64 (0 is the last one sent) make which difference of the CRCs."""
    single = []
    for place in range(_CALL_BITS):
        field = (1 << place).to_bytes(8, "big")
        single.append(XMODEM(field[:6]) ^ int.from_bytes(field[6:], "big"))
    table: dict[int, tuple[int, ...]] = {0: ()}
    for count in range(1, _MOST_CALL_ERRORS + 1):
        for places in combinations(range(_CALL_BITS), count):
            syndrome = 0
            for place in places:
                syndrome ^= single[place]
            table.setdefault(syndrome, places)
    return table
