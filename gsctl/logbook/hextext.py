"""Frames as lines of text: hex or base64, alone or behind a time (SatNOGS's ``TIME|HEX``) or a number."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gsctl.errors import RecordingError
from gsctl.logbook.kiss import TimedPayload

# Hex of the longest frame, its separators and a time; a longer line is no frame.
MAX_LINE_CHARACTERS = 400_000

_SEPARATOR = re.compile(r"[\s:,-]+")
_PREFIX = re.compile(r"0x|\\x", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)(?:#|//).*")
_WRAPPED = re.compile(r"""b?(["'])(?P<quoted>.*)\1|\{(?P<braced>.*)\}""")
_STAMP = re.compile(
    r"\[?(?P<stamp>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?Z|\s?UTC|[+-]\d\d:?\d\d)?)\]?"
    r"[\s|,;]+(?P<rest>.*)",
    re.ASCII | re.IGNORECASE,
)
# A time without its day tells nothing, but it is no part of the frame either.
_CLOCK = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?[\s|,;]+(?P<rest>[0-9a-f]{4}.*)", re.ASCII | re.IGNORECASE)
# A number in front counts lines where what follows is bytes without colons (``12: 82 a6``), without
# tabs (``12<TAB>82a6``), or one run of hex that is a whole frame (``12 82a6...``).
_COUNTED = re.compile(
    r"(?:(?:frame|packet|pdu)\s*)?#?\d{1,7}+(?:\s*+[:.)]\s++(?=[^:]*$)|\t(?=[^\t]*$)|\s++(?=[0-9a-f]{20,}$))(?P<rest>.+)",
    re.ASCII | re.IGNORECASE,
)


def parse_hex_line(line: str, *, where: str = "") -> TimedPayload | None:
    r"""The frame of one line; None for an empty line or a comment (``#`` or ``//``, to the line's end).

    A time (UTC where it states no zone) or the line's number may stand in front. Bytes may be separated by
    blanks, colons, commas or hyphens, begin with ``0x`` or ``\x``, and stand in quotes or braces;
    base64 is read too.

    Raises:
        RecordingError: the line is neither; the message shows where.
    """
    if len(line) > MAX_LINE_CHARACTERS:
        raise RecordingError("the line is too long for a frame", where=where)
    text = _COMMENT.sub("", line.strip().removeprefix("\ufeff")).strip().rstrip(";,")
    if not text:
        return None
    received_at = None
    first, bar, after = text.partition("|")
    if bar and not _CLOCK.fullmatch(text):
        received_at = parse_moment(first.strip(), where) if first.strip() else None
        text = after.partition("|")[0]  # more columns may follow
    elif stamped := _STAMP.fullmatch(text):
        received_at, text = parse_moment(stamped["stamp"], where), stamped["rest"]
    elif before := _COUNTED.fullmatch(text) or _CLOCK.fullmatch(text):
        text = before["rest"]
    payload = parse_hex(text)
    if payload is None:
        payload = _base64(text)
    if payload is None:
        shown = text[:24] + ("..." if len(text) > 24 else "")
        raise RecordingError(
            f"{shown!a} is no hex", where=where, advice="one frame a line, two hex digits a byte"
        )
    return TimedPayload(received_at=received_at, payload=payload) if payload else None


def parse_hex(text: str) -> bytes | None:
    """The bytes that a text writes in hex; None where it is something else.

    Groups of digits are of whole bytes; after ``0x`` one digit is a byte as well.
    """
    wrapped = _WRAPPED.fullmatch(text.strip())
    inner = text if wrapped is None else wrapped["quoted"] or wrapped["braced"] or ""
    groups = [group for group in _SEPARATOR.split(_PREFIX.sub(" 0x", inner)) if group]
    if any(group.startswith("0x") for group in groups):
        groups = [group.removeprefix("0x") for group in groups]
        groups = [group.zfill(2) if len(group) == 1 else group for group in groups]
    if any(len(group) % 2 for group in groups):
        return None
    try:
        return bytes.fromhex("".join(groups))
    except ValueError:
        return None


def _base64(text: str) -> bytes | None:
    """The bytes of a text in base64 that cannot be hex with a slip in it; None where it is something else."""
    strange = len(text) - sum(c in "0123456789abcdefABCDEF" for c in text)
    if len(text) < 24 or 5 * strange < 2 * len(text):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def read_hex(lines: Iterable[str], *, where: str = "") -> Iterator[TimedPayload]:
    """The frames of a text of hex lines.

    Raises:
        RecordingError: at the first line that is no frame; the frames before it were yielded.
    """
    for number, line in enumerate(lines, start=1):
        found = parse_hex_line(line, where=f"{where}, line {number}" if where else f"line {number}")
        if found is not None:
            yield found


def parse_moment(text: str, where: str = "") -> datetime:
    """UTC of an ISO 8601 time; one without a zone is UTC.

    Raises:
        RecordingError: it is none.
    """
    try:
        moment = datetime.fromisoformat(re.sub(r"\s?(UTC|Z)$", "Z", text, flags=re.IGNORECASE))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RecordingError(
            f"{text[:40]!a} is no time", where=where, advice="write YYYY-MM-DD HH:MM:SS in UTC"
        ) from None
