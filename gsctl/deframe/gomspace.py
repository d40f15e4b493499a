"""GOMspace radios: AX100 "ASM+Golay" (mode 5), AX100 "Reed-Solomon", and U482C.

All three carry a CSP packet under a (255,223) Reed-Solomon code shortened to its length. Nothing
but that code vouches for the packet; CSP may add a CRC-32C of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.convolutional import NASA_DSN_K7_UNINVERTED, viterbi_block
from gsctl.coding.golay import golay_decode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS
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
from gsctl.framing import Ax100AsmGolay, Ax100ReedSolomon, Integrity, U482c

_GOLAY_BITS = 24
_PARITY_BYTES = CCSDS_CONVENTIONAL.parity_bytes


@dataclass(frozen=True, slots=True)
class Ax100AsmGolayBody:
    """A Golay-protected length, then a scrambled codeword of that many bytes."""

    framing: Ax100AsmGolay
    line_code = LineCode.NRZ
    first_symbols = _GOLAY_BITS
    max_symbols = _GOLAY_BITS + 8 * 255

    @property
    def syncs(self) -> Sequence[SyncWord]:
        """32 bits."""
        return (sync_word(self.framing.sync_word, 32, self.framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        golay = _golay(soft)
        if golay is None:
            return Refused.UNCORRECTABLE
        length, wrong_bits = golay[0] & 0xFF, golay[1]
        if length <= _PARITY_BYTES:
            return Refused.UNCORRECTABLE
        symbols = _GOLAY_BITS + 8 * length
        if len(soft) < symbols:
            return symbols
        received = hard_bytes(soft, _GOLAY_BITS, length)
        codeword = CCSDS.apply(received) if self.framing.scrambler else received
        return corrected_block(CCSDS_CONVENTIONAL, codeword, symbols, wrong_bits=wrong_bits)


@dataclass(frozen=True, slots=True)
class Ax100ReedSolomonBody:
    """A bare length byte that counts itself, then a codeword; sync word and all are G3RUH-scrambled."""

    framing: Ax100ReedSolomon
    line_code = LineCode.G3RUH
    first_symbols = 8
    max_symbols = 8 * 256

    @property
    def syncs(self) -> Sequence[SyncWord]:
        """32 bits; one wrong symbol on the line makes three wrong bits."""
        return (sync_word(self.framing.sync_word, 32, self.framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        length = hard_bytes(soft, 0, 1)[0]
        if length <= _PARITY_BYTES + 1:
            return Refused.UNCORRECTABLE
        if len(soft) < 8 * length:
            return 8 * length
        return corrected_block(CCSDS_CONVENTIONAL, hard_bytes(soft, 8, length - 1), 8 * length)


_CONVOLUTIONAL_FLAG, _SCRAMBLER_FLAG, _REED_SOLOMON_FLAG = 0x100, 0x200, 0x400


@dataclass(frozen=True, slots=True)
class U482cBody:
    """A Golay-protected length with flags that say which codes are in use."""

    framing: U482c
    line_code = LineCode.NRZ
    first_symbols = _GOLAY_BITS
    max_symbols = _GOLAY_BITS + 8 * 255

    @property
    def syncs(self) -> Sequence[SyncWord]:
        """32 bits."""
        return (sync_word(0xC3AA6655, 32, self.framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        golay = _golay(soft)
        if golay is None:
            return Refused.UNCORRECTABLE
        header, wrong_bits = golay
        length, convolutional = header & 0xFF, bool(header & _CONVOLUTIONAL_FLAG)
        symbols = _GOLAY_BITS + 8 * length
        if len(soft) < symbols:
            return symbols
        if convolutional:
            # The length is that on the air, and the last byte is the encoder's tail.
            bits = viterbi_block(soft[_GOLAY_BITS:symbols], NASA_DSN_K7_UNINVERTED)
            data = bits_to_bytes(bits)[:-1]
        else:
            data = hard_bytes(soft, _GOLAY_BITS, length)
        if header & _SCRAMBLER_FLAG:
            data = CCSDS.apply(data)
        return _u482c_packet(data, header, symbols, wrong_bits)


def _u482c_packet(data: bytes, header: int, symbols: int, wrong_bits: int) -> Refused | Sequence[Block]:
    if not header & _REED_SOLOMON_FLAG:
        if not data:
            return Refused.UNCORRECTABLE
        return (
            Block(payload=data, integrity=Integrity.UNCHECKED, symbols=symbols, corrected_errors=wrong_bits),
        )
    return corrected_block(CCSDS_CONVENTIONAL, data, symbols, wrong_bits=wrong_bits)


def _golay(soft: Soft) -> tuple[int, int] | None:
    """The twelve information bits, and how many of the 24 were wrong."""
    return golay_decode(int.from_bytes(hard_bytes(soft, 0, _GOLAY_BITS // 8), "big"))
