"""Frames as hex dumps over several lines: of ``xxd``, ``hexdump -C``, and GNU Radio's message debug block."""

from __future__ import annotations

import re

from gsctl.errors import RecordingError

_LINE = re.compile(
    r"\s*(?:0x)?(?P<offset>[0-9a-f]{4,8})(?::\s+|\s{2,}|\t)(?P<bytes>[0-9a-f]{2}.*)", re.ASCII | re.IGNORECASE
)
_BYTES = re.compile(r"[0-9a-f]{2}(?:\s?[0-9a-f]{2})*", re.ASCII | re.IGNORECASE)
# What GNU Radio's block and gr-satellites print around a dump.
_AROUND = re.compile(
    r"[*-]{3,}.*|\*.*\*|\(.*\)|pdu[_ ]length\s*=.*|contents\s*=\s*|-*>?\s*packet from .*", re.IGNORECASE
)
_MAX_BYTES = 65536


class HexDump:
    """Puts the lines of dumps together; a dump begins at offset 0 and has no gap.

    ``hexdump``'s last line, an offset alone, ends one; a star of its stands for more of the line before.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._row = b""
        self._is_starred = self._is_lost = False

    def take(self, line: str) -> bool:
        """Whether a line goes on with the dump that is under way; then it is taken in.

        Raises:
            RecordingError: it is of this dump, but not the next of it; what was held is no frame.
        """
        if self._held and line.strip() == "*":
            self._is_starred = True
            return True
        found = _line(line)
        if self._is_starred:
            self._fill(_end(line) if found is None else found[0])
        if found is None or found[0] == 0 or not (self._held or self._is_lost):
            self._is_lost = self._is_lost and found is not None and found[0] != 0
            return False
        if self._is_lost:
            return True
        if found[0] != len(self._held) or found[0] >= _MAX_BYTES:
            self._lose()
        self._row = found[1]
        self._held += found[1]
        return True

    def _fill(self, end: int | None) -> None:
        """Put in what a star stood for, up to the offset behind it."""
        self._is_starred = False
        missing = (end or 0) - len(self._held)
        if end is None or missing <= 0 or missing % len(self._row) or end > _MAX_BYTES:
            self._lose()
        self._held += self._row * (missing // len(self._row))

    def _lose(self) -> None:
        self._held.clear()
        self._is_lost = True
        raise RecordingError("a hex dump with a gap, or longer than any frame")

    def begin(self, line: str) -> bool:
        """Whether a line begins a dump; call :meth:`finish` before, for the one that ends here."""
        found = _line(line)
        if found is None or found[0] != 0:
            return False
        self._row = found[1]
        self._held[:] = found[1]
        return True

    def finish(self) -> bytes:
        """The dump that was under way; empty where none was."""
        done = bytes(self._held)
        self._held.clear()
        return done

    def ends_with(self, line: str) -> bool:
        """Whether a line is the length of the dump under way, as ``hexdump`` writes it last."""
        return bool(self._held) and _end(line) == len(self._held)


def _end(line: str) -> int | None:
    """The offset that stands alone in a line; None where none does."""
    text = line.strip()
    is_hex = 4 <= len(text) <= 8 and all(c in "0123456789abcdefABCDEF" for c in text)
    return int(text, 16) if is_hex else None


def is_around_a_dump(line: str) -> bool:
    """Whether a line is one of those that programs print before and behind a dump."""
    return _AROUND.fullmatch(line.strip()) is not None


def _line(line: str) -> tuple[int, bytes] | None:
    """Offset and bytes of a line of a dump; None where it is none."""
    match = _LINE.fullmatch(line.rstrip())
    if match is None:
        return None
    # Behind a bar, or two blanks where no bar is, stands the text of the bytes.
    data, bar, _ = match["bytes"].partition("|")
    data = re.sub(r"\s+", " ", data).strip() if bar else re.split(r"\s{2,}", data)[0]
    if not _BYTES.fullmatch(data) or len(data) > 200:
        return None
    return int(match["offset"], 16), bytes.fromhex(data)
