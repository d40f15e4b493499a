"""Lines of NMEA text from files, pipes, serial ports and the network; bounded, whatever comes."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from gsctl.ais.nmea import MAX_LINE_BYTES
from gsctl.errors import RecordingError

CHUNK_BYTES = 1 << 16
_SENTENCE = re.compile(rb"!..VD[MO],")
# How long a live source waits before it says that nothing came.
POLL_S = 0.25
SERIAL_RATE_BD = 38_400  # NMEA 0183-HS, which AIS receivers speak


class Line(NamedTuple):
    """One line, without its line end, and who sent it (empty where the source is one sender)."""

    text: bytes
    sender: str


class LineSource(Protocol):
    """Where lines come from.

    Attributes:
        name: as messages from it are labelled.
        live: lines come as they are received, so the computer's clock tells their time.
        too_long: lines dropped because they had no end.
        lost: datagrams that were lost before they could be read.
        reconnected: connections to a server after the first.
        sha256: of the bytes read, for a file; empty for what comes only once.
        warnings: what was odd, one line each; the reader may take them out as they come.
    """

    name: str
    live: bool
    too_long: int
    lost: int
    reconnected: int
    warnings: list[str]

    @property
    def sha256(self) -> str:
        """See above."""
        ...

    def batches(self) -> Iterator[list[Line]]:
        """Lines as they come; live sources give an empty batch when nothing came for a while.

        Raises:
            RecordingError: the source cannot be read.
        """
        ...

    def close(self) -> None:
        """Give back what the source holds; may be called again."""
        ...


class LineSplitter:
    """Cuts chunks of bytes into lines; CR, LF and both end one.

    A line without end is dropped when it is too long, so memory stays bounded.

    Attributes:
        lines: lines given out.
        too_long: lines that were dropped.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.too_long = 0
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that a chunk completes, empty ones left out."""
        *lines, self._rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        if lines and self._skipping:
            self._skipping = False
            del lines[0]
        if len(self._rest) > MAX_LINE_BYTES:
            self.too_long += not self._skipping
            self._skipping, self._rest = True, b""
        whole = [line for line in lines if line]
        self.lines += len(whole)
        return whole

    def finish(self) -> list[bytes]:
        """What stands after the last line end."""
        rest, self._rest = self._rest, b""
        return [rest] if rest and not self._skipping else []


class FileLines:
    """A file, gzip-compressed or not.

    Raises:
        RecordingError: there is no such file, it cannot be read, or it holds no text.
    """

    live = False
    reconnected = 0

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        self._where = str(path)
        self._begun = False
        try:
            if path.is_dir():
                raise RecordingError("is a directory", where=self._where, advice="name a file of NMEA lines")
            self._raw = _HashingFile(path.open("rb"))
        except OSError as error:
            raise _unreadable(error, self._where) from error
        self._file: _HashingFile | gzip.GzipFile = self._raw
        if self._raw.peek() == b"\x1f\x8b":
            self._file = gzip.GzipFile(fileobj=self._raw, mode="rb")

    @property
    def sha256(self) -> str:
        """Of the bytes read so far, as they are in the file."""
        return self._raw.digest.hexdigest()

    def batches(self) -> Iterator[list[Line]]:
        """See ``LineSource``."""
        splitter = LineSplitter()
        decoder: codecs.IncrementalDecoder | None = None
        for number, raw in enumerate(self._chunks()):
            # Windows' shell writes UTF-16, with its mark.
            if number == 0 and raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                decoder = codecs.getincrementaldecoder("utf-16")("replace")
            chunk = raw if decoder is None else decoder.decode(raw).encode()
            # A serial port that is switched on gives a few zeros too, but sentences among them.
            if number == 0 and b"\0" in chunk and not _SENTENCE.search(chunk):
                raise RecordingError(
                    "holds binary data, no lines of NMEA text", where=self._where, advice="name a text file"
                )
            yield [Line(line, "") for line in splitter.feed(chunk)]
            self.too_long = splitter.too_long
        if not self._begun:
            raise RecordingError("is empty", where=self._where, advice="name a file of NMEA lines")
        yield [Line(line, "") for line in splitter.finish()]

    def _chunks(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = self._file.read(CHUNK_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                damage = f"the compressed file is damaged or cut short ({error})"
                if not self._begun:
                    raise RecordingError(damage, where=self._where) from error
                self.warnings.append(f"{self._where}: {damage}")
                return
            except OSError as error:
                raise _unreadable(error, self._where) from error
            if not chunk:
                return
            self._begun = True
            yield chunk

    def close(self) -> None:
        """See ``LineSource``."""
        self._raw.close()


class _HashingFile:
    """The few methods of a file that gzip needs, with a digest of all that was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._file = file
        self._ahead = b""

    def peek(self) -> bytes:
        """The first two bytes."""
        self._ahead = self._file.read(2)
        return self._ahead

    def seek(self, _offset: int, /) -> object:
        """The digest goes one way only."""
        raise OSError("cannot go back")

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        data = ahead + self._file.read(size - len(ahead))
        self.digest.update(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class DescriptorLines:
    """Standard input, or a serial port, read as it comes.

    Args:
        descriptor: an open file descriptor.
        name: of the source.
        live: the clock tells the time of lines.
        owned: close the descriptor at the end.
    """

    sha256 = ""
    reconnected = 0

    def __init__(self, descriptor: int, *, name: str, live: bool, owned: bool = False) -> None:
        self.name = name
        self.live = live
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        self._descriptor = descriptor
        self._owned = owned

    def batches(self) -> Iterator[list[Line]]:
        """See ``LineSource``."""
        import select

        splitter = LineSplitter()
        while True:
            if self.live and not select.select([self._descriptor], [], [], POLL_S)[0]:
                yield []
                continue
            try:
                chunk = os.read(self._descriptor, CHUNK_BYTES)
            except OSError as error:
                raise _unreadable(error, self.name) from error
            if not chunk:
                yield [Line(line, "") for line in splitter.finish()]
                return
            yield [Line(line, "") for line in splitter.feed(chunk)]
            self.too_long = splitter.too_long

    def close(self) -> None:
        """See ``LineSource``."""
        if self._owned:
            self._owned = False
            os.close(self._descriptor)


def open_serial(path: Path, rate_bd: int = SERIAL_RATE_BD) -> DescriptorLines:
    """Open a serial port: 8 data bits, no parity, one stop bit, no flow control.

    Raises:
        RecordingError: the port cannot be opened, or does not know the rate.
    """
    import termios

    speed = getattr(termios, f"B{rate_bd}", None)
    if speed is None:
        raise RecordingError(
            f"no serial port knows {rate_bd} Bd", where=str(path), advice="38400 is usual for AIS"
        )
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(error, str(path)) from error
    try:
        attributes = termios.tcgetattr(descriptor)
        attributes[0] = termios.IGNPAR | termios.IGNBRK  # input modes
        attributes[1] = 0  # output modes
        attributes[2] = termios.CS8 | termios.CREAD | termios.CLOCAL  # control modes
        attributes[3] = 0  # local modes: no echo, no line editing
        attributes[4] = attributes[5] = speed
        attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 1, 0
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        os.set_blocking(descriptor, True)
    except (termios.error, OSError) as error:
        os.close(descriptor)
        raise RecordingError(f"cannot be set up as a serial port ({error})", where=str(path)) from error
    return DescriptorLines(descriptor, name=str(path), live=True, owned=True)


def is_serial(path: Path) -> bool:
    """Whether a path is a character device."""
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        return False


def _unreadable(error: OSError, where: str) -> RecordingError:
    missing = isinstance(error, FileNotFoundError)
    reason = "no such file" if missing else f"cannot be read ({error.strerror or error})"
    return RecordingError(reason, where=where, advice="check the name" if missing else "")
