"""SMOG-P, SMOG-1, ATL-1, MRC-100: repeat-accumulate blocks, and signalling blocks without a check."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.crc import ARC, CCITT_FALSE
from gsctl.coding.repeat_accumulate import coded_bytes, encode, permutations, sent_steps
from gsctl.deframe.repeat_accumulate_kernels import decode_passes
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Integrity, SmogRa, SmogSignalling

_ITERATIONS = 40
# Share of wrong symbols up to which a block is believed that nothing else vouches for. Noise decodes to
# 0.40 and more (600 blocks); the decoder itself gives up at about 0.13.
_BELIEVED = 0.17
# Place of each bit of a word (lowest first) among its sixteen symbols: low byte first, its bit 7 first.
_BIT_PLACES = np.array([7 - bit if bit < 8 else 23 - bit for bit in range(16)])


class SmogRaBody:
    """A block of one of the sizes told; the shorter is tried first."""

    line_code = LineCode.NRZ

    def __init__(self, framing: SmogRa) -> None:
        self._framing = framing
        self._sizes = (framing.size_bytes,) if framing.size_bytes else (128, 256)
        self.syncs: Sequence[SyncWord] = (
            sync_word(framing.sync_word, framing.sync_bits, framing.sync_tolerance),
        )
        self.first_symbols = 8 * coded_bytes(self._sizes[0])
        self.max_symbols = 8 * coded_bytes(self._sizes[-1])

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        size = self._sizes[0] if len(soft) == self.first_symbols else self._sizes[-1]
        data, wrong = decode_block(soft, size)
        outcome = self._checked(data, wrong, len(soft))
        if isinstance(outcome, Refused) and len(soft) < self.max_symbols:
            return self.max_symbols
        return outcome

    def _checked(self, data: bytes, wrong: int, symbols: int) -> Refused | Sequence[Block]:
        # A line at rest after a chance sync word is the code word of zeros.
        if wrong > _BELIEVED * symbols or not any(data):
            return Refused.UNCORRECTABLE
        payload, integrity = data, Integrity.FEC
        if self._framing.crc == "arc":
            if not ARC.holds(data, little_endian=True):
                return Refused.CHECK
            payload, integrity = data[:-2], Integrity.CRC
        elif self._framing.crc == "ccitt-false":
            # MRC-100 keeps it in bytes 1 and 2.
            payload, integrity = data[:1] + data[3:], Integrity.CRC
            if CCITT_FALSE.to_bytes(payload, little_endian=True) != data[1:3]:
                return Refused.CHECK
        return (Block(payload=payload, integrity=integrity, symbols=symbols, corrected_errors=wrong),)


def decode_block(soft: Soft, data_bytes: int) -> tuple[bytes, int]:
    """The likeliest data of one block, and how many of its symbols that makes wrong."""
    words = data_bytes // 2
    order = permutations(words)
    by_word = -soft.reshape(-1, 16)[:, _BIT_PLACES]
    heard = np.zeros((len(order), words, 16), np.float32)
    first = 0
    for number, steps in enumerate(sent_steps(words)):
        heard[number, steps] = by_word[first : first + len(steps)]
        first += len(steps)
    total = decode_passes(heard, order, _ITERATIONS)
    bits = np.empty((words, 16), np.uint8)
    bits[:, _BIT_PLACES] = total < 0
    data = bits_to_bytes(bits.reshape(-1))
    sent = bytes_to_bits(encode(data))
    return data, int(np.count_nonzero(sent != (soft > 0)))


class SmogSignallingBody:
    """64 bytes that nothing checks."""

    line_code = LineCode.NRZ
    first_symbols = max_symbols = 8 * 64

    def __init__(self, framing: SmogSignalling) -> None:
        self.syncs: Sequence[SyncWord] = (sync_word(framing.sync_word, 64, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        return (Block(payload=hard_bytes(soft), integrity=Integrity.UNCHECKED, symbols=len(soft)),)
