"""Bytes from a file, standard input or a socket, with a look ahead; the reader of raw samples on top."""

from __future__ import annotations

import hashlib
import io
import os
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gsctl.errors import RecordingError
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.source import Anchor, Piece, SampleSource, SourceFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HASH_CHUNK_BYTES = 1 << 20
_POLL_S = 0.2
# How much of a pipe names it. Piping the same recording twice then logs its frames once.
PIPE_IDENTITY_BYTES = 1 << 16


class ByteReader(Protocol):
    """``read(n)`` gives 1 to n bytes as soon as there are any, and none at the end."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class Lookahead:
    """A byte reader that can be looked into before it is read."""

    def __init__(self, reader: ByteReader) -> None:
        self._reader = reader
        self._held = b""

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes without taking them; fewer only at the end."""
        parts, have = [self._held], len(self._held)
        while have < size and (more := self._reader.read(size - have)):
            parts.append(more)
            have += len(more)
        self._held = b"".join(parts)
        return self._held[:size]

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, at least one unless it is the end."""
        if self._held:
            out, self._held = self._held[:size], self._held[size:]
            return out
        return self._reader.read(size)

    def read_exactly(self, size: int) -> bytes:
        """``size`` bytes; fewer only at the end."""
        data = self.peek(size)
        self._held = self._held[size:]
        return data

    def close(self) -> None:
        """Close the reader below."""
        self._held = b""
        self._reader.close()


class FileReader:
    """A file from byte ``start`` on, open only while it is read; reading after the end begins anew."""

    def __init__(self, path: Path, start: int = 0) -> None:
        self._path = path
        self._start = start
        self._stream: io.FileIO | None = None

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; none at the end, which closes the file."""
        if self._stream is None:
            self._stream = io.FileIO(self._path)
            if self._start:
                self._stream.seek(self._start)
        data = self._stream.read(size)
        if not data:
            self.close()
        return data or b""

    def close(self) -> None:
        """Close the file."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class PipeReader:
    """A file descriptor that may be a pipe: reads what is there, and ends at once when closed."""

    def __init__(self, descriptor: int, head: bytes = b"") -> None:
        self._fd = descriptor
        self._head = head
        self._closed = False

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes as soon as some are there."""
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        while not self._closed:
            ready, _, _ = select.select([self._fd], [], [], _POLL_S)
            if ready:
                return os.read(self._fd, size)
        return b""

    def close(self) -> None:
        """End the reading; the descriptor belongs to whoever opened it."""
        self._closed = True


def standard_input() -> PipeReader:
    """Standard input as bytes.

    Raises:
        RecordingError: it is a terminal.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise RecordingError("nothing is piped in", where="-", advice="pipe samples into it, or name a file")
    global _peeked
    head, _peeked = _peeked, b""
    return PipeReader(sys.stdin.fileno(), head)


_peeked = b""  # taken from standard input to see what it is, and not yet given to a reader


def peek_standard_input(size: int) -> bytes:
    """The first bytes of standard input, up to ``size``; the reader made next gives them again.

    Raises:
        RecordingError: it is a terminal.
    """
    global _peeked
    reader = standard_input()
    head = b""
    while len(head) < size and (more := reader.read(size - len(head))):
        head += more
        if b"\n" in head:  # a line tells enough, and a slow writer may not send more for long
            break
    _peeked = head
    return head


def sha256_of_file(path: Path) -> str:
    """Hex SHA-256 of a file, read in pieces.

    Raises:
        RecordingError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return digest.hexdigest()


class RawSource(SampleSource):
    """Samples of a plain format from a byte reader: raw files, WAV, standard input, TCP, SigMF's data.

    Args:
        reader: gives the bytes from the first sample on.
        form: format of one channel's number.
        channels: interleaved channels of a real format.
        pick: the channel taken of a real format; None joins the first two as IQ.
        data_bytes: bytes of samples that should be there; None reads to the end.
        identify: gives the identity when it is asked for.
    """

    def __init__(
        self,
        facts: SourceFacts,
        reader: ByteReader,
        form: SampleFormat,
        *,
        channels: int = 1,
        pick: int | None = 0,
        data_bytes: int | None = None,
        identify: Callable[[], str],
        block_samples: int,
    ) -> None:
        super().__init__(facts, block_samples=block_samples)
        self._reader = reader
        self._form = form
        self._channels = channels
        self._pick = pick
        self._data_bytes = data_bytes
        self._identify = identify
        self._identity: str | None = None
        self._closed = False

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        if self._identity is None:
            self._identity = self._identify()
        return self._identity

    def close(self) -> None:
        """See :class:`SampleSource`."""
        self._closed = True
        self._reader.close()

    def _pieces(self) -> Iterator[Piece]:
        position = 0
        try:
            for raw in self._whole_frames():
                samples = self._samples(raw)
                anchor = self._anchor(position, samples.size)
                yield Piece(samples=samples, start_sample=position, anchor=anchor)
                position += samples.size
        finally:
            self._reader.close()

    def _anchor(self, position: int, count: int) -> Anchor:
        """The time base of a piece; a live source has its own."""
        return self.facts.anchor

    def _whole_frames(self) -> Iterator[bytes]:
        """Bytes of whole sample frames, at most a block; tells what was missing at the end."""
        frame_bytes = self._form.sample_bytes * self._channels
        block_bytes = frame_bytes * self.block_samples
        left = self._data_bytes
        rest = b""
        while not self._closed and (left is None or left > 0):
            want = block_bytes - len(rest)
            try:
                more = self._reader.read(want if left is None else min(want, left))
            except ValueError:  # closed during the read, by close() in another thread
                break
            except OSError as error:
                raise RecordingError(f"reading failed: {error.strerror}", where=self.description) from error
            if not more:
                break
            left = None if left is None else left - len(more)
            rest += more
            whole = len(rest) - len(rest) % frame_bytes
            if whole:
                yield rest[:whole]
                rest = rest[whole:]
        if not self._closed and (left or rest):
            seconds = (left or 0) / frame_bytes / self.sample_rate_hz
            short = f"; {seconds:.3f} s are missing" if left else ""
            self.warnings.append(f"{self.description}: cut short{short}; decoding what is there")

    def _samples(self, raw: bytes) -> NDArray[np.complex64] | NDArray[np.float32]:
        """Samples of whole frames."""
        values = components(raw, self._form)
        if self._form.is_complex:
            return values.view("complex64")
        if self._channels == 1:
            return values
        frames = values.reshape(-1, self._channels)
        if self._pick is not None:
            return frames[:, self._pick].copy()
        return frames[:, :2].copy().view("complex64")[:, 0]
