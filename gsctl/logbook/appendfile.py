"""A file that only grows, line by line, and survives whatever ends its writer.

Each line is one ``write`` under an exclusive ``flock``, so several runs may share a
file. Nothing is buffered here: a line that was written is the kernel's, and outlives
``kill -9``. A writer that dies in the middle of a line, or a disk that fills, leaves a
torn last line; the next writer finds it (the file does not end in a newline), closes it
with a mark and a newline, and begins on a fresh line. Nothing is ever truncated.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gsctl.errors import LogbookError

Message = Callable[[str], None]
Repair = Callable[[bytes], bytes]

# A writer holds the lock for microseconds; one that keeps it longer is stopped or stuck.
LOCK_PATIENCE_S = 10.0
_LOCK_PAUSE_S = 0.005
_TAIL_LIMIT_BYTES = 16 * 1024 * 1024
_ADVICE = {
    errno.ENOSPC: "free some space; every finished line is intact",
    errno.EDQUOT: "the quota is used up; every finished line is intact",
    errno.EFBIG: "the file may not grow further; every finished line is intact",
    errno.EACCES: "give write permission, or choose another --log-dir",
    errno.EPERM: "give write permission, or choose another --log-dir",
    errno.EROFS: "the file system is read-only; choose another --log-dir",
    errno.EEXIST: "part of the path is a file; choose another --log-dir",
    errno.ENOTDIR: "part of the path is a file; choose another --log-dir",
    errno.EISDIR: "a directory stands in the way; choose another --log-dir",
}


def logbook_error(error: OSError, path: Path) -> LogbookError:
    """Say what an operating system error means for a log at ``path``."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    advice = _ADVICE.get(error.errno or 0, "every finished line is intact")
    return LogbookError(f"cannot write the log: {reason}", where=str(path), advice=advice)


def plain_repair(_torn: bytes) -> bytes:
    """End a torn line with a newline and nothing else."""
    return b"\n"


class AppendFile:
    """One append-only file of lines, shared with other runs.

    Args:
        path: the file; made if it is missing, its directory too.
        repair: from the torn rest of a line to the bytes that close it, newline included.

    Raises:
        LogbookError: the file cannot be opened for writing.
    """

    def __init__(self, path: Path, *, repair: Repair = plain_repair) -> None:
        self.path = path
        self._repair = repair
        self._mutex = threading.RLock()
        self._depth = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = self._open()
        except OSError as error:
            raise logbook_error(error, path) from error

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file for reading and appending; may be nested.

        Raises:
            LogbookError: another run has held the lock for ``LOCK_PATIENCE_S``.
        """
        with self._mutex:
            if self._depth == 0:
                self._lock()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._unlock()

    def _lock(self) -> None:
        for _ in range(int(LOCK_PATIENCE_S / _LOCK_PAUSE_S)):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_LOCK_PAUSE_S)
            except OSError as error:
                # Some network file systems have no locks; one run alone is safe there.
                if error.errno in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}:
                    return
                raise logbook_error(error, self.path) from error
            else:
                return
        raise LogbookError(
            f"another program has held the lock for {LOCK_PATIENCE_S:.0f} s",
            where=str(self.path),
            advice="end it, or choose another --log-dir",
        )

    def _unlock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError as error:
            if error.errno not in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}:
                raise logbook_error(error, self.path) from error

    def was_replaced(self) -> bool:
        """Whether ``path`` is no longer the open file: moved away (log rotation) or removed."""
        try:
            named, opened = os.stat(self.path), os.fstat(self._fd)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise logbook_error(error, self.path) from error
        return (named.st_dev, named.st_ino) != (opened.st_dev, opened.st_ino)

    def reopen(self) -> None:
        """Open ``path`` anew after it was replaced."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._open()
        except OSError as error:
            raise logbook_error(error, self.path) from error
        os.close(self._fd)
        self._fd = fresh

    def size(self) -> int:
        """Size in bytes."""
        return os.fstat(self._fd).st_size

    def read(self, count: int, offset: int) -> bytes:
        """Up to ``count`` bytes from ``offset``.

        Raises:
            LogbookError: the file cannot be read.
        """
        try:
            return os.pread(self._fd, count, offset)
        except OSError as error:
            raise logbook_error(error, self.path) from error

    def append(self, line: bytes) -> None:
        """Append ``line`` (newline included), whole, after closing a torn last line.

        Raises:
            LogbookError: the disk is full or the file cannot be written; what was there is intact.
        """
        with self.locked():
            torn = self.torn_rest()
            # One write for both: a repair alone on a nearly full disk would waste its space.
            self.append_raw(self._repair(torn) + line if torn else line)

    def append_raw(self, data: bytes) -> None:
        """Append bytes as they are; the caller holds the lock.

        Raises:
            LogbookError: as ``append``.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            raise logbook_error(error, self.path) from error

    def torn_rest(self) -> bytes:
        """What stands after the last newline: empty unless the last line is torn."""
        size = self.size()
        if size == 0 or self.read(1, size - 1) == b"\n":
            return b""
        rest, start = b"", size
        while start > 0 and b"\n" not in rest and len(rest) < _TAIL_LIMIT_BYTES:
            step = min(start, 65536)
            start -= step
            rest = self.read(step, start) + rest
        return rest.rpartition(b"\n")[2]

    def close(self) -> None:
        """Hand everything to the disk and close; may be called again.

        Raises:
            LogbookError: the disk refused what the kernel had accepted.
        """
        if self._fd < 0:
            return
        descriptor, self._fd = self._fd, -1
        try:
            os.fdatasync(descriptor)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EROFS}:  # pipes and devices have no disk
                raise logbook_error(error, self.path) from error
        finally:
            os.close(descriptor)
