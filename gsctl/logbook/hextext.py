"""Frames as lines of text: plain hex, or ``YYYY-MM-DD HH:MM:SS|HEX`` as SatNOGS exports them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gsctl.errors import RecordingError
from gsctl.logbook.kiss import TimedPayload

# Hex of the longest frame, its separators and a time; a longer line is no frame.
MAX_LINE_CHARACTERS = 400_000

_SEPARATORS = re.compile(r"(0[xX]|[\s:,-])")


def hex_line(payload: bytes) -> str:
    """Lower-case hex, newline included."""
    return payload.hex() + "\n"


def satnogs_line(payload: bytes, received_at: datetime | None) -> str:
    """``YYYY-MM-DD HH:MM:SS|HEX`` in UTC and a newline; nothing before ``|`` where the time is unknown."""
    if received_at is None:
        return f"|{payload.hex().upper()}\n"
    plain = received_at if received_at.tzinfo is None else received_at.astimezone(UTC).replace(tzinfo=None)
    return f"{plain.isoformat(sep=' ', timespec='seconds')}|{payload.hex().upper()}\n"


def parse_hex_line(line: str, *, where: str = "") -> TimedPayload | None:
    """The frame of one line; None for an empty line or a comment (``#``).

    Bytes may be separated by blanks, colons, commas or hyphens and begin with ``0x``.

    Raises:
        RecordingError: the line is neither; the message shows where.
    """
    text = line.strip().removeprefix("\ufeff")
    if not text or text.startswith("#"):
        return None
    if len(text) > MAX_LINE_CHARACTERS:
        raise RecordingError("the line is too long for a frame", where=where)
    stamp, bar, digits = text.rpartition("|")
    received_at = _moment(stamp.strip(), where) if bar and stamp.strip() else None
    try:
        payload = bytes.fromhex(_SEPARATORS.sub("", digits))
    except ValueError:
        shown = digits[:24] + ("..." if len(digits) > 24 else "")
        raise RecordingError(
            f"{shown!a} is no hex", where=where, advice="one frame a line, two hex digits a byte"
        ) from None
    return TimedPayload(received_at=received_at, payload=payload) if payload else None


def read_hex(lines: Iterable[str], *, where: str = "") -> Iterator[TimedPayload]:
    """The frames of a text of hex lines.

    Raises:
        RecordingError: at the first line that is no frame; the frames before it were yielded.
    """
    for number, line in enumerate(lines, start=1):
        found = parse_hex_line(line, where=f"{where}, line {number}" if where else f"line {number}")
        if found is not None:
            yield found


def _moment(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordingError(
            f"{text[:40]!a} is no time", where=where, advice="write YYYY-MM-DD HH:MM:SS in UTC"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
