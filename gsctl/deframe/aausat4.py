"""AAUSAT-3 and AAUSAT-4: terminated convolutional code, scrambler, Reed-Solomon, in two sizes.

Layout from the AAUSAT-3 "Spacelink format" page: sync word, one byte that names the size, then the
coded block. The code decides which size it is; the byte has no protection of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.convolved import decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Aausat4, Integrity

_SIZE_BITS = 8
_TAIL_BITS = 6
# Data bytes of a short and of a long block.
_DATA_BYTES = (31, 92)


def _symbols(data_bytes: int) -> int:
    """Size byte and coded block; four symbols that fill the last byte are not counted."""
    return _SIZE_BITS + 2 * (8 * (data_bytes + CCSDS_CONVENTIONAL.parity_bytes) + _TAIL_BITS)


@dataclass(frozen=True, slots=True)
class Aausat4Body:
    """A short block if that decodes, else a long one."""

    framing: Aausat4
    line_code = LineCode.NRZ
    first_symbols = _symbols(_DATA_BYTES[0])
    max_symbols = _symbols(_DATA_BYTES[1])

    @property
    def syncs(self) -> Sequence[SyncWord]:
        """A call sign in ASCII."""
        return (sync_word(self.framing.sync_word, 48, self.framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        bits, wrong = decode_block(soft[_SIZE_BITS:], CCSDS_K7)
        decoded = CCSDS_CONVENTIONAL.decode(CCSDS.apply(bits_to_bytes(bits)))
        if decoded is not None:
            return (
                Block(
                    payload=decoded.message,
                    integrity=Integrity.FEC,
                    symbols=len(soft),
                    corrected_errors=wrong + decoded.corrected_symbols,
                ),
            )
        return self.max_symbols if len(soft) < self.max_symbols else Refused.UNCORRECTABLE
