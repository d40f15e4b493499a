"""OpenLST radios (TI CC1110): the chip's convolutional code and interleaver (TI DN504) over its packets."""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.convolutional import TI_K4
from gsctl.coding.crc import CC11XX
from gsctl.coding.scramblers import PN9_TI
from gsctl.deframe.convolved import decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Integrity, OpenLst

_BLOCK_SYMBOLS = 32
# Enough after the length byte for its decision to be sure.
_FIRST_BLOCKS = 3
_MAX_BYTES = 256


def _symbols(data_bytes: int) -> int:
    """Line symbols of that many bytes, in whole blocks of the interleaver."""
    return -(-16 * data_bytes // _BLOCK_SYMBOLS) * _BLOCK_SYMBOLS


class OpenLstBody:
    """See the module. The length byte counts all after it, CRC included; the payload is between."""

    line_code = LineCode.NRZ
    first_symbols = _FIRST_BLOCKS * _BLOCK_SYMBOLS
    max_symbols = _symbols(_MAX_BYTES)

    def __init__(self, framing: OpenLst) -> None:
        self.syncs: Sequence[SyncWord] = (sync_word(0xD391D391, 32, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        # Four bytes are four by four pairs of symbols; the chip turns the square about its other diagonal.
        squares = soft.reshape(-1, 4, 4, 2)[:, ::-1, ::-1].transpose(0, 2, 1, 3).reshape(-1)
        bits, wrong = decode_block(squares, TI_K4, end_state=None)
        data = PN9_TI.apply(bits_to_bytes(bits))
        size = 1 + data[0]
        needed = max(_symbols(size), self.first_symbols)
        if size <= 3:
            return Refused.CHECK
        if len(soft) < needed:
            return needed
        if not CC11XX.holds(data[:size], little_endian=True):
            return Refused.CHECK
        return (
            Block(
                payload=data[1 : size - 2],
                integrity=Integrity.CRC,
                symbols=needed,
                corrected_errors=wrong,
                weak_check=True,
            ),
        )
