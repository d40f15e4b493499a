"""S-NET and SALSAT (TU Berlin): BCH-coded header and payload, each with a CRC.

As published at destevez.net, 2018-03, from the team's own words. The S-NET satellites compute both CRCs
wrongly, each in its own way; that is part of the protocol now.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, sync_word
from gsctl.framing import Integrity, Snet

_WORD_BITS = 15
_HEADER_WORDS, _HEADER_DATA_BITS = 14, 5
_HEADER_BITS = _HEADER_WORDS * _WORD_BITS
_BLOCK_WORDS = 16
_BLOCK_BITS = _BLOCK_WORDS * _WORD_BITS
# Generators over x^4 + x + 1, by the data bits of a word.
_GENERATORS = {11: 0x13, 7: 0x1D1, 5: 0x537}
# Data bits of a payload word by the header's coding type; type 0 is not coded.
_DATA_BITS = {1: 11, 2: 7, 3: 5}
_MAX_PDU_BYTES = 1023
_CRC5_FILL = "1011011"


@lru_cache(maxsize=3)
def _codebook(data_bits: int) -> Soft:
    """Words of the code as +1 and -1, (15, 2^k); the first bit is x^0, the data are the last bits."""
    generator = _GENERATORS[data_bits]
    parity_bits = _WORD_BITS - data_bits
    words = np.empty((1 << data_bits, _WORD_BITS), np.float32)
    for number in range(1 << data_bits):
        remainder = polynomial = number << parity_bits
        for place in range(_WORD_BITS - 1, parity_bits - 1, -1):
            if remainder >> place & 1:
                remainder ^= generator << (place - parity_bits)
        polynomial ^= remainder
        words[number] = [2 * (polynomial >> place & 1) - 1 for place in range(_WORD_BITS)]
    return np.ascontiguousarray(words.T)


def _decode_words(rows: Soft, data_bits: int) -> tuple[Bits, int]:
    """Data bits (words, k) of soft words that stand in the columns of (15, words); and wrong bits."""
    book = _codebook(data_bits)
    chosen = np.argmax(rows.T @ book, axis=1)
    words = book[:, chosen].T > 0
    return words[:, _WORD_BITS - data_bits :].astype(np.uint8), int(np.count_nonzero(words != (rows.T > 0)))


class SnetBody:
    """See the module."""

    line_code = LineCode.NRZ
    first_symbols = _HEADER_BITS
    max_symbols = _HEADER_BITS + -(-_MAX_PDU_BYTES // 10) * _BLOCK_BITS

    def __init__(self, framing: Snet) -> None:
        self._faulty = framing.faulty_crc
        self.syncs: Sequence[SyncWord] = (sync_word(0x04CF5FC8, 32, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        words, wrong = _decode_words(soft[:_HEADER_BITS].reshape(_WORD_BITS, -1), _HEADER_DATA_BITS)
        header = words[:, ::-1].reshape(-1)
        if crc5(header[:65], faulty=self._faulty) != _number(header[65:]):
            return Refused.CHECK
        coding, length, crc = _number(header[26:30]), _number(header[42:52]), _number(header[52:65])
        if length == 0 or coding not in (0, *_DATA_BITS):
            return Refused.CHECK
        data_bits = _DATA_BITS.get(coding, 0)
        block_bytes = 2 * data_bits
        payload_bits = -(-length // block_bytes) * _BLOCK_BITS if data_bits else 8 * length
        symbols = _HEADER_BITS + payload_bits
        if len(soft) < symbols:
            return symbols
        pdu, payload_wrong = _payload(soft[_HEADER_BITS:symbols], data_bits)
        if crc13(pdu[:length], faulty=self._faulty) != crc:
            return Refused.CHECK
        return (
            Block(
                payload=pdu[:length],
                integrity=Integrity.CRC,
                symbols=symbols,
                corrected_errors=wrong + payload_wrong,
            ),
        )


def _payload(soft: Soft, data_bits: int) -> tuple[bytes, int]:
    if not data_bits:
        return bits_to_bytes((soft > 0).astype(np.uint8), lsb_first=True), 0
    pieces, wrong = [], 0
    for block in soft.reshape(-1, _WORD_BITS, _BLOCK_WORDS):
        words, block_wrong = _decode_words(block, data_bits)
        pieces.append(words.reshape(-1))
        wrong += block_wrong
    return bits_to_bytes(np.concatenate(pieces), lsb_first=True), wrong


def _number(bits: NDArray[np.uint8]) -> int:
    return int("".join(str(bit) for bit in bits), 2)


def crc5(header: Bits, *, faulty: bool) -> int:
    """CRC of the 65 header bits before it: polynomial 15, all ones at the start."""
    fill = np.array([int(bit) for bit in _CRC5_FILL], np.uint8)
    data = bytearray(bits_to_bytes(np.concatenate([header, fill])))
    if faulty:
        data.reverse()
        data[4] = data[3]
    return _crc(bytes(data), 0x15, 5, ored=False)


def crc13(payload: bytes, *, faulty: bool) -> int:
    """CRC of the payload: polynomial 1CF5, all ones at the start."""
    return _crc(payload[::-1] if faulty else payload, 0x1CF5, 13, ored=faulty)


def _crc(data: bytes, polynomial: int, width: int, *, ored: bool) -> int:
    """Bit by bit; with ``ored`` the feedback is the top bit OR the data, as S-NET has it."""
    register = mask = (1 << width) - 1
    for bit in bytes_to_bits(data).tolist():
        top = register >> (width - 1)
        feedback = (top | bit) if ored else (top ^ bit)
        register = (register << 1 & mask) ^ (polynomial if feedback else 0)
    return register
