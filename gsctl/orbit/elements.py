"""Element sets from files and text of any of the usual formats.

``read_elements`` and ``parse_elements`` find out the format by themselves. What they cannot read
they report with its line; the other sets of the same file are still read. Files are hostile:
size, line length and the number of kept problems are bounded.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from gsctl.errors import ElementsError
from gsctl.model import ElementSet, FileProblem
from gsctl.orbit import omm
from gsctl.orbit.tle import ALPHA5_LETTERS, format_tle, parse_alpha5, parse_tle

MAX_FILE_BYTES = 512 << 20  # 16 400 objects are 2.5 MB of CSV; nothing real comes near
MAX_DOCUMENT_BYTES = 64 << 20  # JSON and XML are held in memory
GIVE_UP_CHARACTERS = 1 << 20  # a file without one set in its first MiB is something else
MAX_LINE_CHARACTERS = 4096
_PIECE_CHARACTERS = 1 << 16
MAX_PROBLEMS = 100
GIVE_UP_PROBLEMS = 20_000  # a file with so many broken sets and no good one is not worth the time
MAX_SETS = 400_000  # some 500 MB on the way into the store

_ALPHA5 = re.compile(rf"[{ALPHA5_LETTERS}]\d{{4}}", re.ASCII)
_KVN = re.compile(r"^\s*(CCSDS_OMM_VERS|OBJECT_NAME|NORAD_CAT_ID)\s*=", re.MULTILINE | re.IGNORECASE)
_CSV = re.compile(r"^[\w\",; \t]*\bNORAD_CAT_ID\b.*", re.MULTILINE | re.IGNORECASE)
_JSON_START = re.compile(r"\s*(\[\s*[\]{]|\{\s*\")")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementsFile:
    """What one file or answer held; at most ``MAX_PROBLEMS`` problems are kept, all are counted.

    Attributes:
        lines: where each of the sets begins.
    """

    source: str
    sets: tuple[ElementSet, ...]
    lines: tuple[int, ...] = ()
    problems: tuple[FileProblem, ...] = ()
    problem_count: int = 0


def read_elements(path: Path | str, *, retrieved_at: datetime | None = None) -> ElementsFile:
    """Read a file of element sets: TLE, or OMM as JSON, CSV, XML or KVN.

    Raises:
        ElementsError: the file is missing, unreadable, empty, too large, or holds no set at all.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        with file.open("rb") as raw:
            # Windows' shell writes UTF-16, with its mark.
            wide = raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            raw.seek(0)
            encoding = "utf-16" if wide else "utf-8-sig"
            text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=None)
            return _read(text, source=str(file), size=size, retrieved_at=retrieved_at)
    except OSError as error:
        raise ElementsError(f"cannot be read ({error.strerror})", where=str(file)) from error


def parse_elements(text: str, *, source: str = "text", retrieved_at: datetime | None = None) -> ElementsFile:
    """Read element sets from text, as ``read_elements`` does from a file.

    Raises:
        ElementsError: the text is empty, too large or holds no set at all.
    """
    stream = io.StringIO(text.removeprefix("\ufeff"), newline=None)
    return _read(stream, source=source, size=len(text), retrieved_at=retrieved_at)


def _read(stream: TextIO, *, source: str, size: int, retrieved_at: datetime | None) -> ElementsFile:
    head = stream.read(MAX_LINE_CHARACTERS)
    if not head.strip():
        raise ElementsError("empty", where=source, advice="element sets are TLE or OMM (JSON, CSV, XML, KVN)")
    if "\0" in head or head.count("\ufffd") > len(head) // 20:
        raise ElementsError("not text", where=f"{source}:1", advice="element sets are TLE or OMM text")
    outcomes = _outcomes(stream, head, source=source, size=size, retrieved_at=retrieved_at)
    file = _gathered(outcomes, source)
    if not file.sets:
        nothing = FileProblem(source=source, line=1, what="no element set in it")
        first = file.problems[0] if file.problems else nothing
        raise ElementsError(first.what, where=f"{source}:{first.line}", advice="no other set was found in it")
    return file


def _gathered(outcomes: Iterable[omm.Outcome], source: str) -> ElementsFile:
    """The sets and the problems, until there are too many of either."""
    sets: list[ElementSet] = []
    lines: list[int] = []
    problems: list[FileProblem] = []
    count = 0
    for line, outcome in outcomes:
        full = len(sets) >= MAX_SETS
        if isinstance(outcome, ElementSet) and not full:
            sets.append(outcome)
            lines.append(line)
            continue
        count += 1
        what = f"more than {MAX_SETS} sets, the rest is left out; split the file" if full else str(outcome)
        if len(problems) < MAX_PROBLEMS or full:
            problems.append(FileProblem(source=source, line=line, what=what))
        if full or (not sets and count >= GIVE_UP_PROBLEMS):
            break
    return ElementsFile(
        source=source, sets=tuple(sets), lines=tuple(lines), problems=tuple(problems), problem_count=count
    )


def _outcomes(
    stream: TextIO, head: str, *, source: str, size: int, retrieved_at: datetime | None
) -> Iterator[omm.Outcome]:
    """Choose the reader by how the text begins."""
    begin = head.lstrip()
    make = partial(omm.from_fields, source=source, retrieved_at=retrieved_at)
    is_json = _JSON_START.match(head) is not None
    if size > (MAX_DOCUMENT_BYTES if is_json or begin.startswith("<") else MAX_FILE_BYTES):
        raise ElementsError(f"{size >> 20} MiB is too large for element sets", where=source)
    if is_json:
        make_json = partial(omm.from_json_object, source=source, retrieved_at=retrieved_at)
        pieces = iter(lambda: stream.read(_PIECE_CHARACTERS), "")
        return omm.read_json(itertools.chain([head], pieces), make_json)
    if begin.startswith("<"):
        if not re.search(r"<(\w+:)?(ndm|omm)\b", head):
            raise ElementsError(
                "markup, but no OMM", where=f"{source}:1", advice="a web page was saved instead of the data"
            )
        return omm.read_xml(head + stream.read(MAX_DOCUMENT_BYTES), make)
    lines = _bounded_lines(stream, head)
    if _KVN.search(head):
        return omm.read_kvn(lines, make)
    if header := _CSV.search(head):
        delimiter = max(",;\t", key=header[0].count)
        rows = itertools.dropwhile(lambda line: not _CSV.match(line), lines)
        return omm.read_csv((line + "\n" for line in rows), make, delimiter)
    if re.search(r"^TLE1=", head, re.MULTILINE):
        return _read_satdata(lines, source=source, retrieved_at=retrieved_at)
    return _read_tle(lines, source=source, retrieved_at=retrieved_at)


def _bounded_lines(stream: TextIO, head: str) -> Iterator[str]:
    """The lines of head and stream, each cut at MAX_LINE_CHARACTERS."""
    rest = head
    while rest:
        line, newline, rest = rest.partition("\n")
        if not newline:
            line += stream.readline(MAX_LINE_CHARACTERS)
        yield line.rstrip("\r\n")[:MAX_LINE_CHARACTERS]
        if not newline and len(line) >= MAX_LINE_CHARACTERS and not line.endswith("\n"):
            _skip_line(stream)
    while line := stream.readline(MAX_LINE_CHARACTERS):
        yield line.rstrip("\r\n")
        if len(line) == MAX_LINE_CHARACTERS and not line.endswith("\n"):
            _skip_line(stream)


def _skip_line(stream: TextIO) -> None:
    while (piece := stream.readline(MAX_LINE_CHARACTERS)) and not piece.endswith("\n"):
        pass


def _looks_like(number: str, line: str) -> bool:
    """Whether a line is meant as line 1 or 2 of a set (a name may begin with a digit too)."""
    return line.startswith(f"{number} ") and len(line) >= 60 and "." in line


def _read_tle(lines: Iterable[str], *, source: str, retrieved_at: datetime | None) -> Iterator[omm.Outcome]:
    """Pairs of lines with an optional name line before them; ``#`` begins a comment."""
    name, line1, line1_number = "", "", 0
    before = 0
    found, characters = False, 0
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        characters += len(raw) + 1
        if not found and characters > GIVE_UP_CHARACTERS:
            yield number, ElementsError(f"no element set in the first {GIVE_UP_CHARACTERS >> 20} MiB")
            return
        if not line or line.startswith("#"):
            continue
        if _looks_like("2", line) and line1:
            try:
                elements = parse_tle(name, line1, line, source=source, retrieved_at=retrieved_at)
                found = True
                yield line1_number, elements
            except ElementsError as error:
                yield number if "line 2" in error.what else line1_number, error
            name, line1 = "", ""
            continue
        if line1:
            yield line1_number, ElementsError("line 1 of a set without its line 2")
            line1 = ""
        if _looks_like("1", line):
            line1, line1_number = line, number
        elif _looks_like("2", line):
            if re.match(r"1 +[0-9A-Z]", name):
                yield before, ElementsError(f"line 1 of a set has {len(name)} characters and should have 69")
            else:
                yield number, ElementsError("line 2 of a set without its line 1")
            name = ""
        else:
            name, before = line.removeprefix("0 ").strip()[:100], number
    if line1:
        yield line1_number, ElementsError("line 1 of a set without its line 2")


def _read_satdata(
    lines: Iterable[str], *, source: str, retrieved_at: datetime | None
) -> Iterator[omm.Outcome]:
    """GPredict's ``satdata/NUMBER.sat``: one set as NAME=, TLE1= and TLE2=."""
    values: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        key, _, value = line.partition("=")
        if key in {"NAME", "TLE1", "TLE2"}:
            values[key], numbers[key] = value.strip(), number
    if "TLE2" not in values:
        yield numbers["TLE1"], ElementsError("TLE1 without TLE2")
        return
    try:
        yield (
            numbers["TLE1"],
            parse_tle(
                values.get("NAME", "")[:100],
                values["TLE1"],
                values["TLE2"],
                source=source,
                retrieved_at=retrieved_at,
            ),
        )
    except ElementsError as error:
        yield numbers["TLE2" if "line 2" in error.what else "TLE1"], error


def format_elements(sets: Sequence[ElementSet], file_format: str, *, alpha5: bool = False) -> str:
    """Write sets as ``json`` or ``csv`` (OMM) or ``tle``.

    Raises:
        ElementsError: the format is unknown, or a set does not fit into a TLE.
    """
    match file_format.lower():
        case "json":
            return omm.format_json(sets)
        case "csv":
            return omm.format_csv(sets)
        case "tle" | "3le":
            return "".join(format_tle(s, alpha5=alpha5) for s in sets)
    raise ElementsError(f"unknown format {file_format!r} of element sets", advice="json, csv or tle")


def nearest_sets(sets: Iterable[ElementSet], at: datetime) -> dict[int, ElementSet]:
    """Of each object the set whose epoch is nearest to a time, by catalogue number."""
    nearest: dict[int, ElementSet] = {}
    for candidate in sets:
        held = nearest.get(candidate.norad_id)
        if held is None or abs(candidate.epoch - at) < abs(held.epoch - at):
            nearest[candidate.norad_id] = candidate
    return nearest


def find_sets(sets: Iterable[ElementSet], name: str) -> list[ElementSet]:
    """The sets whose number, COSPAR id or name is ``name``; case and punctuation are ignored.

    Where nothing is called so, a name's parts outside and inside its brackets count: ``ISS (ZARYA)``
    answers to both.
    """
    wanted = _plain(name)
    if not wanted:
        return []
    text = name.strip().upper()
    number = str(parse_alpha5(text)) if _ALPHA5.fullmatch(text) else wanted
    if number.isascii() and number.isdigit():
        number = number.lstrip("0") or "0"  # line 1 of a TLE says 00900
    every = list(sets)
    exact = [s for s in every if wanted in (_plain(s.name), _plain(s.cospar_id)) or number == str(s.norad_id)]
    return exact or [s for s in every if "(" in s.name and wanted in map(_plain, re.split(r"[()]", s.name))]


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def by_number(sets: Iterable[ElementSet]) -> Mapping[int, list[ElementSet]]:
    """All sets of each object, oldest first."""
    groups: dict[int, list[ElementSet]] = {}
    for elements in sets:
        groups.setdefault(elements.norad_id, []).append(elements)
    for group in groups.values():
        group.sort(key=lambda s: s.epoch)
    return groups
