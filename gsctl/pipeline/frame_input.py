"""Frames that another program received: KISS, hex, CSV and JSON, into the same records and logs.

Such a program hands on what passed its own check, so the frames count as checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from gsctl.coding.crc import X25
from gsctl.errors import RecordingError
from gsctl.framing import Ax25, Framing, Integrity
from gsctl.logbook.frametext import is_frame_text, read_frame_text
from gsctl.logbook.kiss import FEND, TimedPayload, read_kiss
from gsctl.model import Frame, TimeSource
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Heard
from gsctl.pipeline.timeline import SampleTime
from gsctl.radio.bytestream import peek_standard_input, sha256_of_file, standard_input
from gsctl.radio.network import live_identity
from gsctl.radio.request import is_named_for_samples

_PIECE_BYTES = 65536
_HEAD_BYTES = 4096
_KISS_SUFFIXES = (".kss", ".kiss")


def looks_like_frames(path: str) -> bool:
    """Whether an input holds KISS or text with frames rather than samples, by its name and its beginning.

    One in 256 files of raw samples begins as KISS does, so a name that tells samples is believed.
    An input that cannot be read is no frame file; opening it as samples says what is wrong.
    """
    if "://" in path:
        return False
    try:
        if path == "-":
            head = peek_standard_input(_HEAD_BYTES)
        elif Path(path).is_file() and not is_named_for_samples(Path(path)):
            with Path(path).open("rb") as stream:
                head = stream.read(_HEAD_BYTES)
        else:
            return False
    except OSError:
        return False
    return _is_kiss(path, head) or is_frame_text(head)


def _is_kiss(path: str, head: bytes) -> bool:
    """KISS by its first byte, or by its name and a FEND somewhere: such a file may begin within a frame."""
    named = Path(path).suffix.lower() in _KISS_SUFFIXES
    return head[:1] == bytes([FEND]) or (named and FEND in head)


class FrameInput:
    """Frames from a KISS file or from text, numbered in place of a sample index.

    Where the first frame of AX.25 ends in its FCS, the file is taken to keep them, and they are checked
    and taken off: chance makes one frame in 65536 look so.

    Args:
        path: a file, or ``-`` for standard input (text, or KISS if it begins with a FEND).
        chain: whose frames they are; its first framing is what they are taken for.

    Attributes:
        has_fcs: whether the frames end in their FCS; None before the first.
        fcs_bad: frames left out because they do not end in theirs, where others do.
    """

    def __init__(self, path: str, chain: Chain) -> None:
        self._path = path
        self._chain = chain
        self._framing: Framing = chain.framings[0]
        self.has_fcs: bool | None = None
        self.fcs_bad = 0
        self.identity = live_identity("-") if path == "-" else sha256_of_file(Path(path))

    def frames(self) -> Iterator[tuple[Heard, SampleTime]]:
        """The frames in order, with the times that the file gives them.

        Raises:
            RecordingError: the file cannot be read, or something in it is no frame; all others were given.
        """
        pieces = _pieces(self._path)
        head = next(pieces, b"")
        whole = itertools.chain([head], pieces)
        is_kiss = _is_kiss(self._path, head)
        items = read_kiss(whole) if is_kiss else read_frame_text(whole, self._path)
        for number, item in enumerate(items):
            payload = self._without_fcs(item.payload)
            if payload:
                yield self._heard(number, payload), _time(item)

    def _without_fcs(self, payload: bytes) -> bytes:
        """The frame less its FCS, if the file keeps them; empty where it is a wrong one."""
        if not isinstance(self._framing, Ax25):
            return payload
        holds = _ends_in_fcs(payload)
        if self.has_fcs is None:
            self.has_fcs = holds
        if not self.has_fcs:
            return payload
        if not holds:
            self.fcs_bad += 1
        return payload[:-2] if holds else b""

    def _heard(self, number: int, payload: bytes) -> Heard:
        frame = Frame(
            payload=payload,
            framing=self._framing,
            integrity=Integrity.CRC,
            sample_index=float(number),
            end_sample_index=float(number),
            symbol_rate_bd=self._chain.waveform.symbol_rate_bd or 0.0,
        )
        return Heard(frame=frame, chain=self._chain)


def _pieces(path: str) -> Iterator[bytes]:
    """The bytes of an input, in pieces."""
    if path == "-":
        reader = standard_input()
        while piece := reader.read(_PIECE_BYTES):
            yield piece
        return
    try:
        with Path(path).open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", where=path) from error


def _ends_in_fcs(payload: bytes) -> bool:
    """Whether an AX.25 frame (two addresses at least, AX.25 2.2, 3.12) ends in its FCS (4.4.6)."""
    if len(payload) < 17 or any(payload[i] & 1 for i in (*range(6), *range(7, 13))):
        return False
    return X25.holds(payload, little_endian=True)


def _time(item: TimedPayload) -> SampleTime:
    if item.received_at is None:
        return SampleTime()
    return SampleTime(time=item.received_at, source=TimeSource.FILE)
