"""The forward error correction of onsemi's AX5043 (AND9309): HDLC under a K = 5 code and an interleaver.

Each sixteen symbols are written into a square of four by rows and sent by columns. Flags before a frame
come out of the coder as the same sixteen symbols again and again; two of them are the sync word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.convolutional import AX5043_K5
from gsctl.coding.crc import USB
from gsctl.coding.hdlc import FLAG_BITS, unstuff
from gsctl.deframe.convolved import decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Ax5043, Integrity

_SQUARE = 16
_CODED_FLAG = sync_word(0x8AE6, _SQUARE, 0).bits
# The squares do not stand on the flags: each ends one bit before a flag does, after 0111111.
_STATE_AFTER_SQUARE = 0b1111
_REST_OF_FLAG = 1
_STEP = 4 * _SQUARE
_MIN_BYTES = 5


class Ax5043Body:
    """See the module."""

    line_code = LineCode.NRZ
    first_symbols = _SQUARE
    max_symbols = _SQUARE + 256 * _STEP

    def __init__(self, framing: Ax5043) -> None:
        self._tolerance = framing.sync_tolerance // 2
        self.syncs: Sequence[SyncWord] = (sync_word(0x8AE68AE6, 2 * _SQUARE, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        if len(soft) == _SQUARE:
            wrong = int(np.count_nonzero((soft > 0) != _CODED_FLAG))
            # One flag more: the sync word one square later will do.
            return () if wrong <= self._tolerance else _SQUARE + _STEP
        squares = soft.reshape(-1, 4, 4).transpose(0, 2, 1).reshape(-1)
        bits, wrong = decode_block(squares, AX5043_K5, _STATE_AFTER_SQUARE, end_state=None)
        end = bits.tobytes().find(FLAG_BITS.tobytes(), _REST_OF_FLAG)
        # The last bits of a block that does not end here are not sure yet.
        if end < 0 or end + 8 > len(bits) - 32:
            return len(soft) + _STEP
        frame = bits_to_bytes(unstuff(bits[_REST_OF_FLAG:end]), lsb_first=True)
        if len(frame) < _MIN_BYTES or not USB.holds(frame, little_endian=True):
            return Refused.CHECK
        sent = AX5043_K5.encode(bits[:end], state=_STATE_AFTER_SQUARE)
        wrong = int(np.count_nonzero(sent != (squares[: 2 * end] > 0)))
        return (
            Block(
                payload=frame[:-2],
                integrity=Integrity.CRC,
                first=2 * _REST_OF_FLAG,
                symbols=2 * end,
                corrected_errors=wrong,
                weak_check=True,
            ),
        )
