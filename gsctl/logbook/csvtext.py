r"""Values as CSV cells, and cells as lines of CSV (RFC 4180 quoting, UTF-8, LF).

Three choices beyond RFC 4180, because the text comes from radio and from strangers:

* One row is one line. Control characters inside text are written as ``\n``, ``\r``,
  ``\t``, ``\xNN`` or ``\uNNNN``, so that ``grep``, ``tail -f`` and the repair of a torn line
  see whole rows. A backslash is doubled only where it would read as such an escape.
* A cell that a spreadsheet would run as a formula (text that begins with ``=``, ``+``,
  ``-`` or ``@`` and is no plain number) gets an apostrophe in front, as spreadsheets
  themselves mark text. Numbers are never touched. JSON Lines and the hex columns carry
  the text unchanged.
* An unknown value (None, NaN, infinity) is an empty cell.

``unescape_text`` undoes the first two.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum

TORN_MARK = " [torn]"

_CONTROL = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ESCAPED = re.compile(rf"[{_CONTROL}]|\\(?=[nrtxu\\{_CONTROL}])")
_ESCAPE = re.compile(r"\\(?:[nrt\\]|x[0-9a-f]{2}|u[0-9a-f]{4})")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}
_LONG = {escape: character for character, escape in _SHORT.items()}
_FORMULA_LEAD = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # and their full-width forms
_FORMULA = re.compile(rf"'*[{_FORMULA_LEAD}]")
_GUARDED = re.compile(rf"'+[{_FORMULA_LEAD}]")
_PLAIN = re.compile(rf"(?![{_FORMULA_LEAD}'])[^{_CONTROL}\\]*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def escape_text(text: str) -> str:
    """Text as it stands in a cell: no control characters, no formula."""
    if _PLAIN.fullmatch(text):  # nearly all text; the rest costs three times as much
        return text
    escaped = _ESCAPED.sub(_escape_character, text)
    if _FORMULA.match(escaped) and not _NUMBER.fullmatch(escaped):
        return "'" + escaped
    return escaped


def unescape_text(cell: str) -> str:
    """The text that ``escape_text`` turned into ``cell``."""
    text = cell[1:] if _GUARDED.match(cell) else cell
    return _ESCAPE.sub(_unescape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _unescape_character(match: re.Match[str]) -> str:
    escape = match.group()
    return _LONG.get(escape) or chr(int(escape[2:], 16))


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with ``Z`` and microseconds; a time without zone is taken as UTC."""
    plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def number_text(value: float, decimals: int | None = None) -> str:
    """A float without noise: at most ``decimals`` places, or 12 significant digits; not finite is empty."""
    if not math.isfinite(value):
        return ""
    if decimals is None:
        text = format(value, ".12g")
        return "0" if text == "-0" else text
    text = format(value, f".{decimals}f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def cell(value: object, decimals: int | None = None) -> str:
    """Any value of a row as the text of its cell, not yet quoted.

    Args:
        value: str, int, float, bool, None, datetime, bytes (as hex), an enum (its value), numpy
            scalars of these, or a nest of lists and mappings (as JSON).
        decimals: places after the point for floats.
    """
    kind = type(value)
    if value is None:
        return ""
    if kind is str:
        return escape_text(value)  # type: ignore[arg-type]
    if kind is int:
        return str(value)
    if kind is float:
        return number_text(value, decimals)  # type: ignore[arg-type]
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return escape_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value, decimals)
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy scalar
        return cell(_plain(value), decimals)
    if isinstance(value, Mapping | Iterable):
        return escape_text(json.dumps(value, default=str, ensure_ascii=False))
    return escape_text(str(value))


def _plain(scalar: object) -> object:
    # float32 has seven digits; the rest of its double is noise.
    if getattr(getattr(scalar, "dtype", None), "name", "") == "float32":
        return float(format(float(scalar), ".7g"))  # type: ignore[arg-type]
    return scalar.item()  # type: ignore[attr-defined]


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV lines of rows of ready cells, each with its newline."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def csv_line(cells: Sequence[str]) -> bytes:
    """One CSV line of ready cells, newline included."""
    return csv_lines((cells,))


def parse_csv_line(line: bytes) -> list[str] | None:
    """The cells of one line; None where it is no CSV line."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def is_torn(line: bytes) -> bool:
    """Whether a line carries the mark of ``close_torn_line``."""
    return line.rstrip(b'"\r\n').endswith(TORN_MARK.encode())


def close_torn_line(torn: bytes) -> bytes:
    """What makes the torn rest of a CSV line a valid line that shows it is torn.

    A cut character is completed, so that the file stays UTF-8; an open quote is closed, so that
    the next line is not swallowed; the last cell ends in `` [torn]``.
    """
    mark = TORN_MARK.encode()
    completion = _complete_character(torn)
    if torn.count(b'"') % 2:
        return completion + mark + b'"\n'
    if torn.endswith(b'"'):  # closed, or half of a doubled quote: reopen, both read well
        return b'"' + mark + b'"\n'
    return completion + mark + b"\n"


def _complete_character(torn: bytes) -> bytes:
    """Continuation bytes that a cut UTF-8 character at the end lacks."""
    tail = torn[-4:]
    while tail and tail[0] & 0xC0 == 0x80:  # begin at a character, not inside one
        tail = tail[1:]
    for missing in range(4):
        for first in (0x80, 0xA0, 0x90):  # E0 and F0 demand more of their second byte
            completion = (bytes([first]) + b"\x80" * missing)[:missing]
            try:
                (tail + completion).decode()
            except UnicodeDecodeError:
                continue
            return completion
    return b""
