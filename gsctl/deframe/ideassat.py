"""IDEASSat: what its serial port sends, start and stop bits included, NRZ-I on the line.

A frame is nine packets of 40 characters: 7E, fifteen of plain call signs, a number, 22 of data, 7E.
The sync word is the end of the first packet's header; the CRC covers the data of all nine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gsctl.coding.crc import CCITT_FALSE
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Ideassat, Integrity

_CHARACTER_BITS = 10
_PACKETS, _PACKET_BYTES, _HEAD_BYTES, _DATA_BYTES = 9, 40, 17, 22
_CALLS_BYTES = 15
_PADDING_BYTES = 11
_NOT_COVERED_BYTES = 4


class IdeassatBody:
    """See the module. The payload is the call signs and the data without its padding."""

    line_code = LineCode.NRZ_I
    first_symbols = max_symbols = _CHARACTER_BITS * (_PACKETS * _PACKET_BYTES - _HEAD_BYTES)

    def __init__(self, framing: Ideassat) -> None:
        del framing
        self.syncs: Sequence[SyncWord] = (sync_word(0x20C6178401, 40, 0),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        characters = (soft > 0).astype(np.uint8).reshape(-1, _CHARACTER_BITS)
        received = np.packbits(characters[:, 1:9], axis=1).reshape(-1)
        # With room for the first header, whose characters came before.
        packets = np.concatenate([np.zeros(_HEAD_BYTES, np.uint8), received]).reshape(_PACKETS, -1)
        data = packets[:, _HEAD_BYTES : _HEAD_BYTES + _DATA_BYTES].tobytes()[:-_PADDING_BYTES]
        if not CCITT_FALSE.holds(data[_NOT_COVERED_BYTES:], little_endian=True):
            return Refused.CHECK
        calls = packets[1, 1 : 1 + _CALLS_BYTES].tobytes()
        return (
            Block(payload=calls + data[:-2], integrity=Integrity.CRC, symbols=len(soft), weak_check=True),
        )
