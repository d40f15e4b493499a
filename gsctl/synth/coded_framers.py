"""Line symbols of framings with a sync word and Reed-Solomon: CCSDS, and GOMspace's AX100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gsctl.coding.bit_order import Bits, bytes_to_bits
from gsctl.coding.convolutional import CONVOLUTIONAL_CODES
from gsctl.coding.crc import CCITT_FALSE
from gsctl.coding.golay import golay_encode
from gsctl.coding.line_codes import nrzm_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, CCSDS_DUAL, encode_interleaved
from gsctl.coding.scramblers import CCSDS, g3ruh_scramble
from gsctl.framing import Ax100AsmGolay, Ax100ReedSolomon, Ccsds

CCSDS_MARKER = bytes_to_bits(bytes.fromhex("1ACFFC1D"))
# Bits 0 1 0 1 ... before the first sync word, for the receiver's loops; and after the last frame.
DEFAULT_OPENING_BITS = 256
CLOSING_BITS = 32


@dataclass(slots=True)
class _Line:
    """Bits being put together, and where the frames lie in them."""

    pieces: list[Bits] = field(default_factory=list)
    length: int = 0
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)

    def add(self, bits: Bits) -> None:
        self.pieces.append(bits)
        self.length += len(bits)

    def add_alternating(self, count: int) -> None:
        self.add((np.arange(count) & 1).astype(np.uint8))

    def add_frame(self, sync: Bits, body: Bits) -> None:
        self.add(sync)
        self.first.append(self.length)
        self.add(body)
        self.last.append(self.length - 1)

    @property
    def bits(self) -> Bits:
        return np.concatenate(self.pieces)


Symbols = tuple[Bits, list[int], list[int]]


def ccsds_line(framing: Ccsds, payloads: Sequence[bytes], opening_bits: int | None) -> Symbols:
    """CCSDS 131.0-B: marker, Reed-Solomon, pseudo-randomizer, NRZ-M, convolutional code over all.

    Raises:
        ValueError: a payload has not the framing's size (two bytes less where a FECF follows).
    """
    line = _Line()
    line.add_alternating(DEFAULT_OPENING_BITS if opening_bits is None else opening_bits)
    for payload in payloads:
        data = payload + CCITT_FALSE.to_bytes(payload) if framing.fecf else payload
        if len(data) != framing.size_bytes:
            raise ValueError(f"a frame of {len(data)} bytes where {framing.size_bytes} are sent")
        if framing.reed_solomon:
            code = CCSDS_DUAL if framing.basis == "dual" else CCSDS_CONVENTIONAL
            data = encode_interleaved(code, data, framing.depth)
        line.add_frame(CCSDS_MARKER, bytes_to_bits(CCSDS.apply(data) if framing.scrambler else data))
    line.add_alternating(CLOSING_BITS)
    bits = nrzm_encode(line.bits) if framing.differential else line.bits
    if framing.convolutional is None:
        return bits, line.first, line.last
    symbols = CONVOLUTIONAL_CODES[framing.convolutional].encode(bits)
    return symbols, [2 * at for at in line.first], [2 * at + 1 for at in line.last]


def ax100_golay_line(framing: Ax100AsmGolay, payloads: Sequence[bytes], opening_bits: int | None) -> Symbols:
    """GOMspace AX100 mode 5: sync word, Golay-coded length, shortened Reed-Solomon, CCSDS scrambler."""
    line = _Line()
    line.add_alternating(DEFAULT_OPENING_BITS if opening_bits is None else opening_bits)
    for payload in payloads:
        codeword = CCSDS_CONVENTIONAL.encode(payload)
        sent = CCSDS.apply(codeword) if framing.scrambler else codeword
        length = golay_encode(len(codeword)).to_bytes(3, "big")
        line.add_frame(bytes_to_bits(framing.sync_word.to_bytes(4, "big")), bytes_to_bits(length + sent))
    line.add_alternating(CLOSING_BITS)
    return line.bits, line.first, line.last


def ax100_reed_solomon_line(
    framing: Ax100ReedSolomon, payloads: Sequence[bytes], opening_bits: int | None
) -> Symbols:
    """GOMspace AX100 "Reed-Solomon": length byte that counts itself, codeword; all of it G3RUH-scrambled."""
    line = _Line()
    line.add_alternating(DEFAULT_OPENING_BITS if opening_bits is None else opening_bits)
    for payload in payloads:
        codeword = CCSDS_CONVENTIONAL.encode(payload)
        body = bytes_to_bits(bytes([len(codeword) + 1]) + codeword)
        line.add_frame(bytes_to_bits(framing.sync_word.to_bytes(4, "big")), body)
    line.add_alternating(CLOSING_BITS)
    return g3ruh_scramble(line.bits), line.first, line.last
