"""Frames in text of any of the usual forms: hex lines, hex dumps, CSV with a header, JSON.

JSON may be a list, one object a line, or pages with a list in them: SatNOGS DB's telemetry (``frame``,
``timestamp``), satnogs-client's (``pdu`` in base64), gsctl's own. CSV has a column of one of these names.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from gsctl.coding.jsontext import Broken, JsonText
from gsctl.errors import RecordingError
from gsctl.logbook.hexdump import HexDump, is_around_a_dump
from gsctl.logbook.hextext import MAX_LINE_CHARACTERS, parse_hex, parse_hex_line, parse_moment
from gsctl.logbook.kiss import TimedPayload

# Where a frame and its time stand, the likeliest names first.
FRAME_NAMES = ("frame_hex", "frame", "payload_hex", "hex", "pdu", "payload", "packet", "raw", "data")
TIME_NAMES = ("received_at", "timestamp", "time", "datetime", "date")
_MAX_DEPTH = 20
_GIVE_UP_LINES = 1000  # a file with so many lines that are no frames, and none that is one, is something else
_GIVE_UP_OBJECTS = 100_000
_JSON = re.compile(r'[\[{]\s*(?:["\[{\]}]|$)')
_LONG_LINE = 1000
_ENDLESS_CHARACTERS = 64 << 20
# A cell of CSV has no more lines than this.
_MAX_CELL_LINES = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_frame_text(head: bytes) -> bool:
    """Whether the first bytes of an input are those of a text with frames in it."""
    # What was not written any more before the power failed may be zeros.
    text = _decoder(head).decode(head).strip().rstrip("\0")
    if not text or any(ord(c) < 32 and c not in "\t\r\n" for c in text) or "\ufffd" in text:
        return False
    if _JSON.match(text):
        names = set(re.findall(r'"(\w+)"\s*:', text))
        return bool(names & set(FRAME_NAMES)) or re.match(r'\[\s*"[0-9A-Fa-f]{4,}', text) is not None
    lines = text.splitlines()
    if len(lines) == 1 and len(text) > _LONG_LINE:
        # The look may end within a byte, and before the last quote.
        bare = re.sub(r"""^(b?["']|\{)""", "", text)
        lines += [bare[: len(bare) - less] for less in range(6)]
    return _header(lines[0]) is not None or any(_is_frame_line(line) for line in lines)


def read_frame_text(pieces: Iterable[bytes], where: str) -> Iterator[TimedPayload]:
    """The frames of a text (UTF-8, or UTF-16 with its mark) in order.

    Raises:
        RecordingError: something in it is no frame; what is one was yielded before.
    """
    texts = _texts(pieces)
    first = ""
    for text in texts:
        first += text
        if "\n" in first.lstrip() or len(first) > _LONG_LINE:
            break
    whole = itertools.chain([first], texts)
    first = first.lstrip().partition("\n")[0].strip()
    if not first:
        return
    if _JSON.match(first):
        yield from _read_json(whole, where)
    elif _header(first) is not None:
        yield from _read_csv(_lines(whole, where), where)
    else:
        yield from _read_lines(_lines(whole, where), where)


def _decoder(head: bytes) -> codecs.IncrementalDecoder:
    """UTF-16 where its mark is at the beginning, as Windows' shell writes it; else UTF-8."""
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace")


def _texts(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder: codecs.IncrementalDecoder | None = None
    for piece in pieces:
        decoder = decoder or _decoder(piece)
        yield decoder.decode(piece)


def _lines(texts: Iterable[str], where: str) -> Iterator[str]:
    """Lines without their ends; of one that is too long for a frame the beginning, still too long.

    Raises:
        RecordingError: a line has no end.
    """
    held: list[str] = []
    number = kept = size = 0
    for text in texts:
        *lines, rest = text.split("\n")
        if lines:
            lines[0] = "".join(held) + lines[0]
            held, kept, size = [], 0, 0
            number += len(lines)
            yield from lines
        size += len(rest)
        if kept <= MAX_LINE_CHARACTERS:
            held.append(rest)
            kept += len(rest)
        if size > _ENDLESS_CHARACTERS:
            raise RecordingError("the line is too long for a frame", where=f"{where}, line {number + 1}")
    if size:
        yield "".join(held)


def _is_frame_line(line: str) -> bool:
    try:
        return is_around_a_dump(line) or HexDump().begin(line) or parse_hex_line(line) is not None
    except RecordingError:
        return False


class _Problems:
    """Counts what is no frame; the first is what the error in the end says."""

    def __init__(self) -> None:
        self.frames = self.bad = 0
        self._first: RecordingError | None = None

    def add(self, error: RecordingError) -> None:
        """Keep an error.

        Raises:
            RecordingError: there are too many, and no frame at all.
        """
        self._first = self._first or error
        self.bad += 1
        if not self.frames and self.bad >= _GIVE_UP_LINES:
            self.close()

    def close(self) -> None:
        """Say what was met.

        Raises:
            RecordingError: something was no frame.
        """
        if self._first is not None:
            if self.bad > 1:
                self._first.advice = f"{self.bad} lines are no frames, {self.frames} are"
            raise self._first


def _read_lines(lines: Iterable[str], where: str) -> Iterator[TimedPayload]:
    problems, dump = _Problems(), HexDump()
    for number, line in enumerate(lines, 1):
        try:
            if dump.take(line):
                continue
        except RecordingError as error:
            error.where = f"{where}, line {number}"
            problems.add(error)
            continue
        ends = dump.ends_with(line)
        if done := dump.finish():
            problems.frames += 1
            yield TimedPayload(received_at=None, payload=done)
        if ends or is_around_a_dump(line) or dump.begin(line):
            continue
        try:
            item = parse_hex_line(line, where=f"{where}, line {number}")
        except RecordingError as error:
            problems.add(error)
            continue
        if item is not None:
            problems.frames += 1
            yield item
    if done := dump.finish():
        problems.frames += 1
        yield TimedPayload(received_at=None, payload=done)
    problems.close()


def _header(line: str) -> tuple[str, list[str]] | None:
    """Delimiter and names of a header that has a column of frames; None where it is none."""
    for delimiter in ",;\t|":
        cells = line.strip().lower().split(delimiter)
        names = [cell.strip().strip('"') for cell in cells]
        if len(names) > 1 and any(name in FRAME_NAMES for name in names):
            return delimiter, names
    return None


def _read_csv(lines: Iterable[str], where: str) -> Iterator[TimedPayload]:
    problems = _Problems()
    filled = (line.rstrip("\r") + "\n" for line in lines if line.strip())
    found = _header(next(filled))
    assert found is not None
    delimiter, names = found
    named = (
        (f"{where}, row {number}", dict(zip(names, row, strict=False)))
        for number, row in _rows(filled, delimiter)
    )
    yield from _read_fields(named, problems)
    problems.close()


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of CSV with their number. A quote that nobody closes costs its own line, and no other."""
    ahead: deque[str] = deque()
    number = 0
    while ahead or (ahead := deque(itertools.islice(lines, 1))):
        text = ahead.popleft()
        number += 1
        if _is_open(text):
            text += "".join(ahead.popleft() for _ in range(_lines_to_close(ahead, lines)))
        text = text.rstrip("\n")
        if _is_open(text):
            yield number, text.replace('"', "").split(delimiter)
            continue
        try:
            yield number, next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            yield number, text.split(delimiter)


def _is_open(line: str) -> bool:
    return line.count('"') % 2 == 1


def _lines_to_close(ahead: deque[str], lines: Iterator[str]) -> int:
    """How many more lines a cell has whose quote is open; 0 where none closes it soon."""
    for count in range(_MAX_CELL_LINES):
        if len(ahead) == count:
            ahead.extend(itertools.islice(lines, 1))
        if len(ahead) == count:
            return 0
        if _is_open(ahead[count]):
            return count + 1
    return 0


def _read_json(pieces: Iterable[str], where: str) -> Iterator[TimedPayload]:
    problems = _Problems()
    none_so_far = RecordingError(
        "JSON, but no frames in it", where=where, advice=f"one of {', '.join(FRAME_NAMES)}"
    )
    for number, (line, thing) in enumerate(JsonText(pieces).values()):
        if number >= _GIVE_UP_OBJECTS and not problems.frames:
            raise none_so_far
        place = f"{where}, line {line}"
        if isinstance(thing, Broken):
            problems.add(RecordingError(f"not JSON: {thing.reason}", where=place, advice="is it complete?"))
            continue
        yield from _read_fields(((place, fields) for fields in _objects([thing])), problems)
    if not problems.frames and not problems.bad:
        raise none_so_far
    problems.close()


def _read_fields(
    places: Iterable[tuple[str, Mapping[str, object]]], problems: _Problems
) -> Iterator[TimedPayload]:
    """The frames of objects or rows, each with the place at which it stands."""
    for place, fields in places:
        try:
            item = _item(fields, place)
        except RecordingError as error:
            problems.add(error)
            continue
        if item is not None:
            problems.frames += 1
            yield item


def _objects(thing: object, depth: int = 0) -> Iterator[dict[str, object]]:
    """The objects with frames in them, wherever they are; a list of text is one of frames."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(thing, list):
        for part in thing:
            if isinstance(part, str):
                yield {"frame": part}
            else:
                yield from _objects(part, depth + 1)
    elif isinstance(thing, dict):
        fields = {str(name).lower(): value for name, value in thing.items()}
        if fields.get("type") not in (None, "frame"):  # a record that gsctl made of a frame
            return
        if any(isinstance(fields.get(name), str) for name in FRAME_NAMES):
            yield fields
        else:
            for part in thing.values():
                if isinstance(part, list | dict):
                    yield from _objects(part, depth + 1)


def _item(fields: Mapping[str, object], where: str) -> TimedPayload | None:
    """The frame of an object or a row; None where its cell is empty.

    Raises:
        RecordingError: it is no hex and no base64, or its time is none.
    """
    text = next((t for name in FRAME_NAMES if isinstance(t := fields.get(name), str)), "").strip()
    payload = parse_hex(text)
    if payload is None:
        try:
            payload = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            shown = text[:24] + ("..." if len(text) > 24 else "")
            raise RecordingError(f"{shown!a} is no hex and no base64", where=where) from None
    if not payload:
        return None
    stamp = next((t for name in TIME_NAMES if (t := fields.get(name)) not in (None, "")), None)
    return TimedPayload(received_at=_moment(stamp, where), payload=payload)


def _moment(stamp: object, where: str) -> datetime | None:
    """A time from ISO 8601 or Unix seconds."""
    if stamp is None or isinstance(stamp, bool):
        return None
    text = str(stamp)
    try:
        return _EPOCH + timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        return parse_moment(text, where)
