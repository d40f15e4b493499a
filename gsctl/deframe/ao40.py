"""AO-40 telemetry: uncoded blocks, and the block-interleaved code of FUNcube, SMOG-P and ATL-1.

Phil Karn KA9Q, "Proposed Coded AO-40 Telemetry Format"; AMSAT 2002. The sync word is spread over the
block: in the matrix that the interleaver fills by rows and sends by columns it is the first row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits, bits_to_bytes
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.crc import ARC, CCITT_FALSE
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, decode_interleaved
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.convolved import decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Ao40Fec, Ao40Uncoded, Integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matrix:
    """The interleaver, and where in it the code symbols stand (counted by rows)."""

    rows: int
    columns: int
    first: int
    symbols: int
    depth: int  # Reed-Solomon codewords

    def positions(self) -> NDArray[np.int64]:
        """Place on the air of each code symbol in turn."""
        element = np.arange(self.first, self.first + self.symbols)
        return self.rows * (element % self.columns) + element // self.columns


_LONG = _Matrix(rows=80, columns=65, first=65, symbols=5132, depth=2)
_SHORT = _Matrix(rows=51, columns=52, first=80, symbols=2572, depth=1)


@lru_cache(maxsize=2)
def _sync_bits(count: int) -> Bits:
    """s[n] = s[n-4] ^ s[n-7] after seven ones."""
    bits = [1] * 7
    while len(bits) < count:
        bits.append(bits[-4] ^ bits[-7])
    return np.array(bits, np.uint8)


class Ao40FecBody:
    """One interleaved block of 5200 or 2652 symbols."""

    def __init__(self, framing: Ao40Fec) -> None:
        self._framing = framing
        self._matrix = _SHORT if framing.short else _LONG
        self._positions = self._matrix.positions()
        self.line_code = LineCode.NRZ_M if framing.differential else LineCode.NRZ
        sync = SyncWord(
            bits=_sync_bits(self._matrix.columns),
            tolerance=framing.sync_tolerance,
            spacing=self._matrix.rows,
        )
        self.syncs: Sequence[SyncWord] = (sync,)
        self.first_symbols = self.max_symbols = self._matrix.rows * self._matrix.columns

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        bits, wrong = decode_block(soft[self._positions], CCSDS_K7)
        data = CCSDS.apply(bits_to_bytes(bits))
        decoded = decode_interleaved(CCSDS_CONVENTIONAL, data, self._matrix.depth)
        if decoded is None:
            return Refused.UNCORRECTABLE
        payload, integrity = decoded.message, Integrity.FEC
        if self._framing.crc:
            if not ARC.holds(payload, little_endian=True):
                return Refused.CHECK
            payload, integrity = payload[:-2], Integrity.CRC
        return (
            Block(
                payload=payload,
                integrity=integrity,
                symbols=len(soft),
                corrected_errors=wrong + decoded.corrected_symbols,
            ),
        )


class Ao40UncodedBody:
    """512 bytes and a CRC."""

    first_symbols = max_symbols = 8 * 514

    def __init__(self, framing: Ao40Uncoded) -> None:
        self.line_code = LineCode.NRZ_M if framing.differential else LineCode.NRZ
        self.syncs: Sequence[SyncWord] = (sync_word(0x3915ED30, 32, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        data = hard_bytes(soft)
        if not CCITT_FALSE.holds(data):
            return Refused.CHECK
        return (Block(payload=data[:-2], integrity=Integrity.CRC, symbols=len(soft), weak_check=True),)
