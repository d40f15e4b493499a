"""Small text files of other programs: read whole, bounded, and split into sections of ``KEY=value``.

GPredict writes its files with GLib's key file parser: groups in brackets, ``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gsctl.errors import CatalogError
from gsctl.model import FileProblem

MAX_BYTES = 4 << 20
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One group of a key file; the name is empty for what stands before the first.

    Attributes:
        line: where it begins.
        values: text by key, the last one where a key is repeated.
        lines: the line of each key.
    """

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8 (a BOM is dropped) or, where it is not that, in Latin 1.

    Raises:
        CatalogError: the file is missing, unreadable, empty, too large or no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise CatalogError(f"more than {MAX_BYTES >> 20} MiB", where=str(path))
    if not data.strip():
        raise CatalogError("empty", where=str(path))
    if b"\0" in data:
        raise CatalogError("not text", where=f"{path}:1")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean(text: str) -> str:
    """Foreign text as one printable line of bounded length."""
    kept = "".join(character if character.isprintable() else " " for character in text[:_LONGEST_TEXT])
    return " ".join(kept.split())


def parse_sections(text: str, source: str) -> tuple[list[Section], list[FileProblem]]:
    """The groups of a key file in their order, and the lines that are neither group nor key."""
    sections = [Section(name="", line=1)]
    problems: list[FileProblem] = []
    for number, line in _lines(text):
        if group := re.fullmatch(r"\[(.*)\]", line):
            sections.append(Section(name=clean(group[1]), line=number))
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            problems.append(FileProblem(source=source, line=number, what=f"{line[:40]!r} is no KEY=value"))
            continue
        sections[-1].values[key.strip().upper()] = value.strip()
        sections[-1].lines[key.strip().upper()] = number
    return [one for one in sections if one.name or one.values], problems


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor a comment, each with its number."""
    # Not splitlines(): that would count form feeds and the like as ends of lines.
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped
