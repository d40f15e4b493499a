"""FX.25 (Stensat, 2006) and Astrocast's variant: HDLC frames inside a Reed-Solomon block behind a tag."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.hdlc import FLAG, FLAG_BITS, fcs_holds, unstuff
from gsctl.coding.reed_solomon import CCSDS_DUAL, fx25_code
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import AstrocastFx25, Fx25, Integrity

_TAG_BITS = 64
# Correlation tag (its least significant bit is sent first), block length and data bytes in it.
_TAGS = (
    (0xB74DB7DF8A532F3E, 255, 239),
    (0x26FF60A600CC8FDE, 144, 128),
    (0xC7DC0508F3D9B09E, 80, 64),
    (0x8F056EB4369660EE, 48, 32),
    (0x6E260B1AC5835FAE, 255, 223),
    (0xFF94DC634F1CFF4E, 160, 128),
    (0x1EB7B9CDBC09C00E, 96, 64),
    (0xDBF869BD2DBB1776, 64, 32),
    (0x3ADB0C13DEAE2836, 255, 191),
    (0xAB69DB6A543188D6, 192, 128),
    (0x4A4ABEC4A724B796, 128, 64),
)
# Two addresses, control and FCS of the shortest AX.25 frame.
_MIN_FRAME_BYTES = 17


def _tag_as_sent(tag: int) -> int:
    return int(f"{tag:064b}"[::-1], 2)


class Fx25Body:
    """Everything, the tag too, is NRZ-I; bytes go least significant bit first."""

    line_code = LineCode.NRZ_I
    first_symbols = _TAG_BITS
    max_symbols = _TAG_BITS + 8 * 255

    def __init__(self, framing: Fx25) -> None:
        self.syncs: Sequence[SyncWord] = tuple(
            SyncWord(
                bits=sync_word(_tag_as_sent(tag), _TAG_BITS, 0).bits,
                tolerance=framing.tag_tolerance,
                either_polarity=False,
                in_body=True,
            )
            for tag, _, _ in _TAGS
        )

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        heard = int.from_bytes(hard_bytes(soft, 0, _TAG_BITS // 8, lsb_first=True), "little")
        _, size, data_bytes = min(_TAGS, key=lambda known: (heard ^ known[0]).bit_count())
        symbols = _TAG_BITS + 8 * size
        if len(soft) < symbols:
            return symbols
        received = hard_bytes(soft, _TAG_BITS, size, lsb_first=True)
        code = fx25_code(size - data_bytes)
        # A short block is filled with zeros between its data and its parity, and these are not sent.
        fill = bytes(255 - size)
        decoded = code.decode(received[:data_bytes] + fill + received[data_bytes:])
        if decoded is None:
            return Refused.UNCORRECTABLE
        frames = [
            Block(
                payload=frame[:-2],
                integrity=Integrity.CRC,
                first=_TAG_BITS,
                symbols=symbols,
                corrected_errors=decoded.corrected_symbols,
            )
            for frame in _hdlc_frames(decoded.message[:data_bytes])
        ]
        return frames or Refused.CHECK


def _hdlc_frames(data: bytes) -> Iterator[bytes]:
    """Frames between flags whose FCS holds, FCS included."""
    bits = bytes_to_bits(data, lsb_first=True)
    windows = np.lib.stride_tricks.sliding_window_view(bits, len(FLAG_BITS))
    flags = np.flatnonzero((windows == FLAG_BITS).all(axis=1)).tolist()
    for begin, end in itertools.pairwise(flags):
        frame = bits_to_bytes(unstuff(bits[begin + 8 : end]), lsb_first=True)
        if len(frame) >= _MIN_FRAME_BYTES and fcs_holds(frame):
            yield frame


class AstrocastFx25Body:
    """The (255,223) tag, but CCSDS's dual-basis code, and frames between flag bytes without stuffing."""

    first_symbols = max_symbols = 8 * 255

    def __init__(self, framing: AstrocastFx25) -> None:
        self.line_code = LineCode.NRZ_I if framing.nrzi else LineCode.NRZ
        self.syncs: Sequence[SyncWord] = (
            sync_word(_tag_as_sent(_TAGS[4][0]), _TAG_BITS, framing.tag_tolerance),
        )

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        decoded = CCSDS_DUAL.decode(hard_bytes(soft, lsb_first=True))
        if decoded is None:
            return Refused.UNCORRECTABLE
        data = decoded.message
        # Without stuffing a flag may stand inside the frame; the FCS tells which one ends it.
        ends = [place for place in range(_MIN_FRAME_BYTES, len(data)) if data[place] == FLAG]
        for end in ends if data[0] == FLAG else ():
            if fcs_holds(data[1:end]):
                return (
                    Block(
                        payload=data[1 : end - 2],
                        integrity=Integrity.CRC,
                        symbols=len(soft),
                        corrected_errors=decoded.corrected_symbols,
                    ),
                )
        return Refused.CHECK
