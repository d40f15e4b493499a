"""CCSDS telemetry frames: uncoded, Reed-Solomon, and that inside a convolutional code; LilacSat-1.

CCSDS 131.0-B: attached sync marker, pseudo-randomizer, Reed-Solomon interleaved to depth I,
convolutional code over all of it; 132.0-B: frame error control field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7, CONVOLUTIONAL_CODES
from gsctl.coding.crc import CCITT_FALSE
from gsctl.coding.line_codes import nrzm_decode, nrzm_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, CCSDS_DUAL, decode_interleaved
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.codeword_twins import Sign, begins_too_early, sign_of_frame
from gsctl.deframe.convolved import convolved_sync_word, decode_block
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes
from gsctl.framing import Ccsds, Integrity, LilacSat1

_MARKER = bytes_to_bits(bytes.fromhex("1ACFFC1D"))
# At the code's limit (Es/N0 of -0.5 dB) 9 % of the symbols are wrong.
_WRONG_SHARE = 0.2
# Of symbols against the re-encoded decision; noise decodes to about 0.14 and more.
_PLAUSIBLE_SHARE = 0.1


class CcsdsBody:
    """A block of fixed size after the marker.

    Args:
        phase_slips: see ``DeframeOptions``.
    """

    def __init__(self, framing: Ccsds, *, phase_slips: bool = True) -> None:
        self._framing = framing
        parity = CCSDS_DUAL.parity_bytes * framing.depth if framing.reed_solomon else 0
        self._block_bytes = framing.size_bytes + parity
        self._code = CONVOLUTIONAL_CODES[framing.convolutional] if framing.convolutional else None
        # Of a convolved line the differential code is undone after the convolutional one.
        self._line_marker = nrzm_encode(_MARKER) if framing.differential else _MARKER
        self._state = 0
        self.line_code = LineCode.NRZ
        if self._code:
            sync, self._state = convolved_sync_word(self._line_marker, self._code, _WRONG_SHARE)
        else:
            sync = SyncWord(bits=_MARKER, tolerance=framing.sync_tolerance)
            if framing.differential:
                self.line_code = LineCode.NRZ_M
        self.syncs: Sequence[SyncWord] = (replace(sync, in_body=True),)
        self._marker_symbols = len(sync.bits)
        block_symbols = 8 * self._block_bytes * (2 if self._code else 1)
        self.first_symbols = self.max_symbols = self._marker_symbols + block_symbols
        # Shifts and complements of shortened codewords are none, and NRZ-M has no sign.
        full_bytes = CCSDS_DUAL.max_message_bytes * framing.depth
        self._has_twins = framing.reed_solomon and framing.size_bytes == full_bytes
        self._may_be_inverted = self._has_twins and phase_slips and not framing.differential

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``; the marker leads."""
        data, wrong = self._bytes(soft[self._marker_symbols :])
        if self._framing.scrambler:
            data = CCSDS.apply(data)
        if self._framing.reed_solomon:
            code = CCSDS_DUAL if self._framing.basis == "dual" else CCSDS_CONVENTIONAL
            decoded = decode_interleaved(code, data, self._framing.depth)
            if decoded is None:
                return Refused.UNCORRECTABLE
            data = decoded.message
            wrong += decoded.corrected_symbols
        return self._judged(soft, data, wrong)

    def _judged(self, soft: Soft, data: bytes, wrong: int) -> Refused | Sequence[Block]:
        """The frame, right side up, if its check holds."""
        integrity = Integrity.FEC if self._framing.reed_solomon else Integrity.UNCHECKED
        if self._framing.fecf:
            if self._may_be_inverted and not CCITT_FALSE.holds(data):
                data = _inverted(data)
            if not CCITT_FALSE.holds(data):
                return Refused.CHECK
            data, integrity = data[:-2], Integrity.CRC
        elif self._has_twins:
            sign = self._sign(soft, data)
            if sign is Sign.UNKNOWN:
                return Refused.UNCORRECTABLE
            data = _inverted(data) if sign is Sign.INVERTED else data
        block = Block(
            payload=data,
            integrity=integrity,
            symbols=len(soft),
            first=self._marker_symbols,
            corrected_errors=wrong,
            may_be_late=self._has_twins and not self._framing.fecf,
        )
        return (block,)

    def _sign(self, soft: Soft, data: bytes) -> Sign:
        """Which of its twins the frame is, by the line over as many of its bytes as are corrected."""
        reach = data[: CCSDS_DUAL.parity_bytes // 2 * self._framing.depth + 1]
        bits = bytes_to_bits(CCSDS.apply(reach) if self._framing.scrambler else reach)
        upright, complement = (self._line(np.concatenate([_MARKER, frame])) for frame in (bits, 1 - bits))
        received = soft[: len(upright)]
        marker = self.syncs[0].bits
        if begins_too_early(received, upright, marker, 16 if self._code else 8):
            return Sign.UNKNOWN
        return sign_of_frame(received, upright, complement) if self._may_be_inverted else Sign.UPRIGHT

    def _line(self, bits: Bits) -> Bits:
        """The symbols of bits from the marker on, from the first one that is known."""
        if self._code is None:
            return bits
        symbols = self._code.encode(nrzm_encode(bits) if self._framing.differential else bits)
        return symbols[2 * len(_MARKER) - self._marker_symbols :]

    def _bytes(self, soft: Soft) -> tuple[bytes, int]:
        if self._code is None:
            return hard_bytes(soft), 0
        bits, wrong = decode_block(soft, self._code, self._state, end_state=None)
        if self._framing.differential:
            bits = nrzm_decode(bits, level=int(self._line_marker[-1]))
        return bits_to_bytes(bits), wrong


def _inverted(data: bytes) -> bytes:
    return bytes(octet ^ 0xFF for octet in data)


# Counted from the marker's first byte: chunks of 24 bytes, 17 of data and 7 of Codec2 speech.
_CHUNK_BYTES, _CHUNK_DATA_BYTES = 24, 17
_LILACSAT_BYTES = 116


class LilacSat1Body:
    """LilacSat-1: convolved frames of data and speech without any check; the data is given."""

    line_code = LineCode.NRZ
    first_symbols = max_symbols = 2 * 8 * _LILACSAT_BYTES

    def __init__(self, framing: LilacSat1) -> None:
        del framing
        self._line_marker: Bits = nrzm_encode(_MARKER)
        sync, self._state = convolved_sync_word(self._line_marker, CCSDS_K7, _WRONG_SHARE)
        self.syncs: Sequence[SyncWord] = (sync,)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        bits, wrong = decode_block(soft, CCSDS_K7, self._state, end_state=None)
        if wrong > _PLAUSIBLE_SHARE * len(soft):
            return Refused.UNCORRECTABLE
        data = CCSDS.apply(bits_to_bytes(nrzm_decode(bits, level=int(self._line_marker[-1]))))
        whole = np.frombuffer(bytes(4) + data, np.uint8).reshape(-1, _CHUNK_BYTES)
        payload = whole[:, :_CHUNK_DATA_BYTES].tobytes()[4:]
        return (
            Block(
                payload=payload,
                integrity=Integrity.UNCHECKED,
                symbols=len(soft),
                corrected_errors=wrong,
            ),
        )
