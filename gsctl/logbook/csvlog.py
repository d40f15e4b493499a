"""An append-only CSV file with a fixed header, shared by several runs.

The header is checked, never changed: a file with another header is left alone and the
next free number is taken (``frames.csv``, ``frames-2.csv``, ...). Where a log has key
columns, a row whose key is already in the file, or in a numbered neighbour, is not
written again, whoever wrote it.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gsctl.errors import LogbookError
from gsctl.logbook.appendfile import AppendFile
from gsctl.logbook.csvtext import cell, close_torn_line, csv_line, csv_lines, is_torn, parse_csv_line

_HEADER_LIMIT_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20
_LINE_LIMIT_BYTES = 1 << 24
_MOST_FILES = 1000


class KeySet:
    """A set of 64-bit hashes in 16 to 32 bytes each, where Python's own takes about 80.

    Open addressing with linear probing; the keys are hashes already, so their low bits do.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: int) -> bool:
        return self._slots[self._find(key)] != 0

    def add(self, key: int) -> None:
        """Add a hash; zero counts as one, because zero marks a free slot."""
        place = self._find(key)
        if self._slots[place]:
            return
        self._slots[place] = key or 1
        self._count += 1
        if self._count * 2 > len(self._slots):
            self._grow()

    def _find(self, key: int) -> int:
        key = key or 1
        slots, mask = self._slots, len(self._slots) - 1
        place = key & mask
        while slots[place] not in (0, key):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        for key in old:
            if key:
                self._slots[self._find(key)] = key


class CsvLog:
    """One CSV log.

    Args:
        path: the file; ``path-2``, ``path-3`` and so on where its header differs.
        columns: names of the columns, in order.
        key: columns that together name a row; rows whose key cells are all empty are always written.
        decimals: places after the point of float columns; others have 12 significant digits.
        on_message: told in one line when a numbered file is begun.

    Attributes:
        path: the file in use.
        messages: all lines told to ``on_message``.

    Raises:
        LogbookError: the file cannot be made, opened or written.
        ValueError: a key column is no column, or a column occurs twice.
    """

    def __init__(
        self,
        path: Path | str,
        columns: Sequence[str],
        *,
        key: Sequence[str] = (),
        decimals: Mapping[str, int] | None = None,
        on_message: Callable[[str], None] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        if len(set(self.columns)) != len(self.columns):
            raise ValueError(f"{path}: a column occurs twice")
        self.messages: list[str] = []
        self._wanted = Path(path)
        self._key = tuple(key)
        self._key_places = tuple(self.columns.index(name) for name in key)
        self._places = {name: (place, (decimals or {}).get(name)) for place, name in enumerate(self.columns)}
        self._on_message = on_message
        self._header = csv_line(self.columns)
        self._keys = KeySet()
        self._file = self._choose()

    @property
    def path(self) -> Path:
        """The file in use."""
        return self._file.path

    def append(self, values: Mapping[str, object]) -> bool:
        """Append one row; columns without a value stay empty.

        Returns:
            Whether the row was written; False where its key is already there.

        Raises:
            LogbookError: the disk is full or the file cannot be written.
            KeyError: a value has no column.
        """
        return self.append_many((values,)) == 1

    def append_many(self, rows: Iterable[Mapping[str, object]]) -> int:
        """Append several rows in one write: 11 us a row where ``append`` takes 29.

        Returns:
            How many were written; the others' keys are already there.

        Raises:
            LogbookError: as ``append``; the rows may have been written in part.
            KeyError: a value has no column; no row was written.
        """
        ready = [self._cells(values) for values in rows]
        if self._file.was_replaced():  # log rotation: go on under the same name
            self._file.reopen()
            self._read_to = 0
        with self._file.locked():
            self._begin()
            self._catch_up()
            fresh, keys = self._fresh(ready)
            if fresh:
                self._file.append(csv_lines(fresh))
            for key in keys:
                self._keys.add(key)
            if self._key:
                self._read_to = self._file.size()
        return len(fresh)

    def _cells(self, values: Mapping[str, object]) -> list[str]:
        cells = [""] * len(self.columns)
        try:
            # By the row's values, not by the columns: a wide log has mostly empty cells.
            for name, value in values.items():
                if value is not None:
                    place, decimals = self._places[name]
                    cells[place] = cell(value, decimals)
        except KeyError:
            unknown = ", ".join(sorted(values.keys() - self._places.keys()))
            raise KeyError(f"{self.path.name} has no column {unknown}") from None
        return cells

    def _fresh(self, ready: Sequence[list[str]]) -> tuple[list[list[str]], list[int]]:
        """The rows whose keys are new here and among themselves, and those keys."""
        if not self._key:
            return list(ready), []
        fresh: list[list[str]] = []
        keys: dict[int, None] = {}
        for cells in ready:
            key = self._hash([cells[place] for place in self._key_places])
            if key is None:
                fresh.append(cells)
            elif key not in self._keys and key not in keys:
                keys[key] = None
                fresh.append(cells)
        return fresh, list(keys)

    def close(self) -> None:
        """Hand everything to the disk and close the file."""
        self._file.close()

    def __enter__(self) -> CsvLog:
        """Return the log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.close()

    def _choose(self) -> AppendFile:
        """The first file of the series with our header, or a new one; learns the keys of all."""
        chosen: AppendFile | None = None
        refused: list[str] = []
        for path in _series(self._wanted):
            if chosen is not None and not path.exists():
                return chosen
            file = AppendFile(path, repair=close_torn_line)
            if chosen is None and self._accepts(file):
                chosen, self._file = file, file
                with file.locked():
                    self._begin()
                    self._catch_up()
                if refused:
                    self._tell(f"{refused[-1]}: its header differs, it is left alone; writing to {path}")
            else:
                refused.append(str(path))
                self._learn(file)
                file.close()
        raise LogbookError(
            f"{_MOST_FILES} numbered logs already", where=str(self._wanted), advice="move old logs away"
        )

    def _accepts(self, file: AppendFile) -> bool:
        """Whether a file has our header, or none yet (new, or torn while it was written)."""
        with file.locked():
            head = file.read(_HEADER_LIMIT_BYTES, 0)
        line, newline, _ = head.partition(b"\n")
        if not newline:
            return self._header.startswith(head)
        return parse_csv_line(line.removeprefix(b"\xef\xbb\xbf")) == list(self.columns)

    def _begin(self) -> None:
        """Write the header, or the rest of one that was torn; the lock is held."""
        size = self._file.size()
        if size >= len(self._header):
            return
        head = self._file.read(len(self._header), 0)
        if b"\n" not in head and self._header.startswith(head):
            self._file.append_raw(self._header[len(head) :])
            self._read_to = len(self._header)

    def _tell(self, message: str) -> None:
        self.messages.append(message)
        if self._on_message:
            self._on_message(message)

    _read_to = 0

    def _catch_up(self) -> None:
        """Learn the keys that were appended since the last look; the lock is held."""
        if not self._key:
            return
        if self._file.size() < self._read_to:  # somebody emptied the file
            self._read_to = 0
        for line, end in _lines(self._file, self._read_to):
            self._learn_line(line, self._key_places, len(self.columns))
            self._read_to = end

    def _learn(self, file: AppendFile) -> None:
        """Learn the keys of a neighbour with another header, if it has the key columns."""
        if not self._key:
            return
        places: tuple[int, ...] = ()
        width = 0
        for line, _ in _lines(file, 0):
            if not width:
                header = parse_csv_line(line.removeprefix(b"\xef\xbb\xbf")) or []
                if not set(self._key) <= set(header):
                    return
                places, width = tuple(header.index(name) for name in self._key), len(header)
            else:
                self._learn_line(line, places, width)

    def _learn_line(self, line: bytes, places: tuple[int, ...], width: int) -> None:
        if is_torn(line):
            return
        cells = parse_csv_line(line) if b'"' in line else line.decode("utf-8", "replace").split(",")
        if cells and len(cells) == width:
            key = self._hash([cells[place].rstrip("\r") for place in places])
            if key is not None:
                self._keys.add(key)

    def _hash(self, cells: Sequence[str]) -> int | None:
        if not any(cells):
            return None
        digest = hashlib.blake2b("\n".join(cells).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")


def _series(path: Path) -> Iterator[Path]:
    yield path
    for number in range(2, _MOST_FILES + 1):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _lines(file: AppendFile, offset: int) -> Iterator[tuple[bytes, int]]:
    """Finished lines from ``offset`` with the offset behind each, in bounded memory."""
    rest = b""
    while chunk := file.read(_CHUNK_BYTES, offset + len(rest)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            offset += len(line) + 1
            yield line, offset
        if len(rest) > _LINE_LIMIT_BYTES:  # no log of ours: skip what is too long for a line
            offset += len(rest)
            rest = b""
