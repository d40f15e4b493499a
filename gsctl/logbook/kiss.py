"""KISS, the framing between a TNC and its host (Chepponis and Karn, 1987), with timestamps.

A frame is FEND, a command byte (port in the high nibble, command in the low one), the
escaped data, FEND. Command 0 is data. Command 9 is a timestamp for the data frame that
follows: 64 bits, big-endian, milliseconds since 1970-01-01 UTC, as satellite KISS files
carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD
DATA, TIMESTAMP = 0x0, 0x9
# Longer than any frame gsctl knows; a stream without FEND does not fill the memory.
MAX_FRAME_BYTES = 65536

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedPayload:
    """A frame as files of frames hold it; ``received_at`` is None where the file does not tell."""

    received_at: datetime | None
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KissFrame:
    """One KISS frame, unescaped."""

    port: int
    command: int
    data: bytes


def encode_kiss(data: bytes, *, port: int = 0, command: int = DATA) -> bytes:
    """One KISS frame around ``data``.

    Raises:
        ValueError: port or command is not 0 to 15.
    """
    if not (0 <= port <= 15 and 0 <= command <= 15):
        raise ValueError(f"KISS port {port} and command {command} are not both 0 to 15")
    head = bytes([port << 4 | command])
    body = (head + data).replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + body + b"\xc0"


def encode_kiss_timed(data: bytes, received_at: datetime | None, *, port: int = 0) -> bytes:
    """A data frame, with its timestamp frame in front where the time is known.

    A time without zone is taken as UTC; one before 1970 cannot be told and is left out.
    """
    frame = encode_kiss(data, port=port)
    if received_at is None:
        return frame
    aware = received_at.replace(tzinfo=UTC) if received_at.tzinfo is None else received_at
    milliseconds = (aware - _EPOCH) // _MILLISECOND
    if milliseconds < 0:
        return frame
    return encode_kiss(milliseconds.to_bytes(8, "big"), port=port, command=TIMESTAMP) + frame


class KissDecoder:
    """Takes a KISS stream apart, however it is cut.

    Args:
        max_frame_bytes: longer frames are dropped and counted.

    Attributes:
        malformed: frames dropped for a wrong escape or their length.
    """

    def __init__(self, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self.malformed = 0
        self._limit = max_frame_bytes
        self._pending = bytearray()
        self._open = False  # a FEND was seen: what stands before the first one is no frame
        self._skipping = False

    def feed(self, data: bytes) -> Iterator[KissFrame]:
        """Yield the frames that ``data`` completes; empty ones (repeated FEND) are no frames."""
        *ended, rest = data.split(b"\xc0")
        for part in ended:
            self._take(part)
            frame = self._finish()
            self._open = True
            if frame is not None:
                yield frame
        self._take(rest)

    @property
    def unfinished(self) -> bool:
        """Whether the stream so far ends inside a frame."""
        return self._open and (bool(self._pending) or self._skipping)

    def _take(self, part: bytes) -> None:
        if not self._open or self._skipping:
            return
        # Twice the limit: every byte may be escaped.
        if len(self._pending) + len(part) > 2 * (self._limit + 1):
            self._skipping = True
            self._pending.clear()
        else:
            self._pending += part

    def _finish(self) -> KissFrame | None:
        raw = bytes(self._pending)
        skipped, self._skipping = self._skipping, False
        self._pending.clear()
        if not raw and not skipped:
            return None
        body = None if skipped else _unescape(raw)
        if body is None or len(body) > self._limit + 1:
            self.malformed += 1
            return None
        return KissFrame(port=body[0] >> 4, command=body[0] & 0x0F, data=body[1:])


def _unescape(raw: bytes) -> bytes | None:
    """The bytes before escaping; None where an escape is none."""
    head, *escaped = raw.split(b"\xdb")
    pieces = [head]
    for piece in escaped:
        if piece[:1] == b"\xdc":
            pieces.append(b"\xc0" + piece[1:])
        elif piece[:1] == b"\xdd":
            pieces.append(b"\xdb" + piece[1:])
        else:
            return None
    return b"".join(pieces)


class KissReader:
    """Payloads of a KISS stream, each with the time of the timestamp frame before it.

    Attributes:
        decoder: counts what was malformed.
        ignored: frames of other commands (TNC settings).
    """

    def __init__(self, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self.decoder = KissDecoder(max_frame_bytes=max_frame_bytes)
        self.ignored = 0
        self._time: datetime | None = None

    def feed(self, data: bytes) -> Iterator[TimedPayload]:
        """Yield the payloads that ``data`` completes."""
        for frame in self.decoder.feed(data):
            if frame.command == TIMESTAMP:
                self._time = _moment(frame.data)
            elif frame.command == DATA and frame.data:
                yield TimedPayload(received_at=self._time, payload=frame.data)
                self._time = None
            else:
                self.ignored += 1


def read_kiss(
    stream: IO[bytes] | Iterable[bytes], reader: KissReader | None = None
) -> Iterator[TimedPayload]:
    """Payloads of a KISS file, or of an iterable of chunks, in bounded memory.

    A last frame without its FEND is incomplete and is left out.
    """
    reader = reader or KissReader()
    chunks = iter(lambda: stream.read(65536), b"") if hasattr(stream, "read") else stream
    for chunk in chunks:
        yield from reader.feed(chunk)


def _moment(data: bytes) -> datetime | None:
    if len(data) != 8:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=int.from_bytes(data, "big"))
    except OverflowError:
        return None
