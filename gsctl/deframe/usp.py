"""Unified SPUTNIX Protocol (USP description v1.04): two block sizes under a convolutional code.

The physical-layer code after the sync word should tell the size; the document and the air disagree on
which code is which, so both sizes are tried and Reed-Solomon decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.reed_solomon import CCSDS_DUAL
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.convolved import decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Integrity, Usp

_SIZE_CODE_BITS = 64
_BLOCK_BYTES = (80, 255)
_HEAD_BYTES = 4


class UspBody:
    """See the module. The payload is without its type and length."""

    line_code = LineCode.NRZ
    first_symbols = _SIZE_CODE_BITS + 16 * _BLOCK_BYTES[0]
    max_symbols = _SIZE_CODE_BITS + 16 * _BLOCK_BYTES[1]

    def __init__(self, framing: Usp) -> None:
        self.syncs: Sequence[SyncWord] = (sync_word(0x5072F64B2D90B1F5, 64, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        bits, wrong = decode_block(soft[_SIZE_CODE_BITS:], CCSDS_K7, end_state=None)
        decoded = CCSDS_DUAL.decode(CCSDS.apply(bits_to_bytes(bits)))
        if decoded is None:
            return self.max_symbols if len(soft) < self.max_symbols else Refused.UNCORRECTABLE
        length = int.from_bytes(decoded.message[2:_HEAD_BYTES], "little")
        if not 0 < length <= len(decoded.message) - _HEAD_BYTES:
            return Refused.CHECK
        return (
            Block(
                payload=decoded.message[_HEAD_BYTES : _HEAD_BYTES + length],
                integrity=Integrity.FEC,
                symbols=len(soft),
                corrected_errors=wrong + decoded.corrected_symbols,
            ),
        )
