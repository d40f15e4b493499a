"""Frames that another program received: KISS and hex, into the same records and logs.

Such a program hands on what passed its own check, so the frames count as checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from gsctl.errors import RecordingError
from gsctl.framing import Framing, Integrity
from gsctl.logbook.hextext import MAX_LINE_CHARACTERS, parse_hex_line
from gsctl.logbook.kiss import FEND, TimedPayload, read_kiss
from gsctl.model import Frame, TimeSource
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Heard
from gsctl.pipeline.timeline import SampleTime
from gsctl.radio.bytestream import peek_standard_input, sha256_of_file, standard_input
from gsctl.radio.network import live_identity
from gsctl.radio.request import is_named_for_samples

_PIECE_BYTES = 65536
_HEAD_BYTES = 256
_HEX = frozenset(b"0123456789abcdefABCDEFxX|:,-T \t\r.Z")


def looks_like_frames(path: str) -> bool:
    """Whether an input holds KISS or hex text rather than samples, by its name and its beginning.

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
    return head[:1] == bytes([FEND]) or _looks_like_hex(head)


def _looks_like_hex(head: bytes) -> bool:
    line = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n")[0]
    return bool(line.strip()) and (line.startswith(b"#") or all(byte in _HEX for byte in line))


class FrameInput:
    """Frames from a KISS file or from lines of hex, numbered in place of a sample index.

    Args:
        path: a file, or ``-`` for standard input (hex text, or KISS if it begins with a FEND).
        chain: whose frames they are; its first framing is what they are taken for.
    """

    def __init__(self, path: str, chain: Chain) -> None:
        self._path = path
        self._chain = chain
        self._framing: Framing = chain.framings[0]
        self.identity = live_identity("-") if path == "-" else sha256_of_file(Path(path))

    def frames(self) -> Iterator[tuple[Heard, SampleTime]]:
        """The frames in order, with the times that the file gives them.

        Raises:
            RecordingError: the file cannot be read, or a line is no hex.
        """
        pieces = _pieces(self._path)
        head = next(pieces, b"")
        whole = itertools.chain([head], pieces)
        items = read_kiss(whole) if head[:1] == bytes([FEND]) else _read_hex(whole, self._path)
        for number, item in enumerate(items):
            yield self._heard(number, item), _time(item)

    def _heard(self, number: int, item: TimedPayload) -> Heard:
        frame = Frame(
            payload=item.payload,
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


def _read_hex(pieces: Iterable[bytes], path: str) -> Iterator[TimedPayload]:
    rest, number = b"", 0
    for piece in itertools.chain(pieces, [b"\n"]):
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_LINE_CHARACTERS:
            raise RecordingError("the line is too long for a frame", where=f"{path}, line {number + 1}")
        for line in lines:
            number += 1
            item = parse_hex_line(line.decode("utf-8", "replace"), where=f"{path}, line {number}")
            if item is not None:
                yield item


def _time(item: TimedPayload) -> SampleTime:
    if item.received_at is None:
        return SampleTime()
    return SampleTime(time=item.received_at, source=TimeSource.FILE)
