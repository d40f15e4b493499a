"""Packets as radio chips make them: TI CC11xx and CC112x, Semtech SX12xx, Silicon Labs Si446x.

A sync word, a length byte or a fixed size, the payload and a CRC; all after the sync word may be
whitened. The chips' packet formats: TI SWRS061 and SWRU295, Semtech SX1261/2 data sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.crc import CRCS
from gsctl.coding.reed_solomon import RS_11D_32
from gsctl.coding.scramblers import ADDITIVE_SCRAMBLERS
from gsctl.deframe.sync_word import (
    Block,
    LineCode,
    Refused,
    Soft,
    SyncWord,
    corrected_block,
    hard_bytes,
    sync_word,
)
from gsctl.framing import ChipPacket, Integrity


class ChipPacketBody:
    """See the module."""

    line_code = LineCode.NRZ

    def __init__(self, framing: ChipPacket) -> None:
        self._framing = framing
        self._whitening = ADDITIVE_SCRAMBLERS[framing.whitening] if framing.whitening else None
        self._crc = CRCS[framing.crc] if framing.crc else None
        self._crc_bytes = self._crc.width // 8 if self._crc else 0
        self.syncs: Sequence[SyncWord] = (
            sync_word(framing.sync_word, framing.sync_bits, framing.sync_tolerance),
        )
        self.first_symbols = 8 * (framing.size_bytes or 1)
        self.max_symbols = 8 * (framing.size_bytes or 1 + framing.max_payload_bytes + self._crc_bytes)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        data = hard_bytes(soft)
        if self._whitening:
            data = self._whitening.apply(data)
        if self._framing.size_bytes is None:
            if data[0] == 0 or data[0] > self._framing.max_payload_bytes:
                return Refused.CHECK
            size = 1 + data[0] + self._crc_bytes
            if len(data) < size:
                return 8 * size
        if self._framing.reed_solomon:
            return corrected_block(RS_11D_32, data, 8 * len(data))
        return self._checked(data)

    def _checked(self, data: bytes) -> Refused | Sequence[Block]:
        if self._crc and not self._crc.holds(data, little_endian=self._framing.crc_little_endian):
            return Refused.CHECK
        payload = data[: -self._crc_bytes] if self._crc else data
        if self._framing.size_bytes is None and not self._framing.keep_length:
            payload = payload[1:]
        integrity = Integrity.CRC if self._crc else Integrity.UNCHECKED
        return (Block(payload=payload, integrity=integrity, symbols=8 * len(data), weak_check=True),)
