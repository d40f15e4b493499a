"""Priority lists of SatNOGS' schedulers: a line ``NORAD PRIORITY UUID`` for each transmitter.

Source of the format: the files ``priorities_<station>.txt`` that satnogs-auto-scheduler reads: catalogue
number, priority from 0 to 1, and the identifier of a transmitter in SatNOGS DB, separated by blanks;
``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gsctl.catalog.textfile import clean, read_text
from gsctl.errors import CatalogError
from gsctl.model import FileProblem

MAX_ENTRIES = 20_000
_UUID = re.compile(r"[A-Za-z0-9]{22}")  # a short UUID: 128 bits to the base 57


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """One line: which transmitter, and how much it is wanted.

    Attributes:
        priority: 0 to 1, higher is wanted more.
        uuid: of the transmitter in SatNOGS DB.
        line: where it stands, from 1.
    """

    norad_id: int
    priority: float
    uuid: str
    line: int


def read_priorities(path: Path) -> tuple[tuple[Priority, ...], list[FileProblem]]:
    """The lines of a priority list in their order, and those that are none.

    Raises:
        CatalogError: the file is unreadable, or holds no line of that form.
    """
    source = str(path)
    found: list[Priority] = []
    problems: list[FileProblem] = []
    seen: set[tuple[int, str]] = set()
    for number, row in enumerate(read_text(path).split("\n"), 1):
        text = row.partition("#")[0].strip()
        if not text:
            continue
        entry = _entry(text, number)
        if isinstance(entry, str):
            problems.append(FileProblem(source=source, line=number, what=entry))
        elif (entry.norad_id, entry.uuid) in seen:
            problems.append(FileProblem(source=source, line=number, what=f"{entry.uuid} stands there twice"))
        else:
            seen.add((entry.norad_id, entry.uuid))
            found.append(entry)
        if len(found) > MAX_ENTRIES:
            raise CatalogError(f"more than {MAX_ENTRIES} lines", where=source)
    if not found:
        first = (
            problems[0] if problems else FileProblem(source=source, line=1, what="no line of a list in it")
        )
        raise CatalogError(
            first.what,
            where=f"{source}:{first.line}",
            advice="write lines as 43017 0.9 nT2cHZtqmqRLUXbyBtxLLb",
        )
    return tuple(found), problems


def _entry(text: str, number: int) -> Priority | str:
    """The line, or what is wrong with it."""
    words = text.split()
    if len(words) != 3:
        return f"{len(words)} words; NORAD PRIORITY UUID are three"
    if not re.fullmatch(r"\d{1,9}", words[0], re.ASCII) or int(words[0]) == 0:
        return f"{clean(words[0])[:30]!r} is no catalogue number"
    if not re.fullmatch(r"\d*\.?\d+|\d+\.", words[1], re.ASCII) or not 0.0 <= float(words[1]) <= 1.0:
        return f"priority {clean(words[1])[:30]!r} is not between 0 and 1"
    if not _UUID.fullmatch(words[2]):
        return f"{clean(words[2])[:40]!r} is no identifier of a transmitter (22 letters and digits)"
    return Priority(norad_id=int(words[0]), priority=float(words[1]), uuid=words[2], line=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTransmitter:
    """What SatNOGS DB says of an identifier."""

    norad_ids: frozenset[int]
    frequency_hz: float | None
    mode: str


def known_transmitters(document: Mapping[str, Any]) -> dict[str, KnownTransmitter]:
    """The transmitters of the user's copy of SatNOGS DB by identifier; see ``satnogs.read_document``."""
    numbers: dict[str, frozenset[int]] = {}
    for row in document.get("satellites", ()):
        own = (row.get("norad_cat_id"), row.get("norad_follow_id"))
        numbers[str(row.get("sat_id"))] = frozenset(int(one) for one in own if isinstance(one, int | float))
    known = {}
    for row in document.get("transmitters", ()):
        hertz = row.get("downlink_low")
        known[str(row.get("uuid"))] = KnownTransmitter(
            norad_ids=numbers.get(str(row.get("sat_id")), frozenset()),
            frequency_hz=float(hertz) if isinstance(hertz, int | float) else None,
            mode=clean(str(row.get("mode") or "")),
        )
    return known
