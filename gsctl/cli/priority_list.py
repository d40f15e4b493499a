"""The satellites of a SatNOGS priority list, for ``gsctl passes --list`` and for schedules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.cli.console import warn
from gsctl.errors import ElementsError

if TYPE_CHECKING:
    from gsctl.catalog.priorities import KnownTransmitter, Priority
    from gsctl.cli.orbits import Target

SHOWN_PROBLEMS = 5


@dataclass(slots=True)
class Listed:
    """One object of a list.

    Attributes:
        priority: the highest of its lines, 0 to 1.
        uuids: of its transmitters in SatNOGS DB.
        transmitters: those of which SatNOGS DB tells the frequency, in words.
    """

    target: Target
    priority: float = 0.0
    uuids: list[str] = field(default_factory=list)
    transmitters: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, object]:
        """What is printed beside a pass."""
        return {
            "priority": self.priority,
            "transmitters": "; ".join(self.transmitters),
            "uuids": " ".join(self.uuids),
        }


def read_list(
    path: Path, elements: Path | None, protocols: Iterable[Path], at: datetime
) -> dict[int, Listed]:
    """The objects of a list by the number of their elements.

    What cannot be used is warned of with its line.

    Raises:
        CatalogError: the list is unreadable.
        ElementsError: no object of it has an element set.
    """
    from gsctl.catalog.priorities import known_transmitters, read_priorities
    from gsctl.catalog.satnogs import read_document, store_path

    entries, problems = read_priorities(path)
    known = known_transmitters(read_document(store_path()))
    complaints = [str(problem) for problem in problems]
    targets = _targets_by_number(elements, protocols, at)
    listed: dict[int, Listed] = {}
    for entry in entries:
        if complaint := _contradiction(entry, known):
            complaints.append(f"{path}:{entry.line}: {complaint}")
        target = targets.get(entry.norad_id)
        if target is None:
            complaints.append(f"{path}:{entry.line}: no element set of {entry.norad_id}")
            continue
        one = listed.setdefault(target.elements.norad_id, Listed(target))
        one.priority = max(one.priority, entry.priority)
        one.uuids.append(entry.uuid)
        if words := _words(entry, known):
            one.transmitters.append(words)
    _warn(complaints, path)
    if not listed:
        raise ElementsError(
            "no satellite of the list has an element set",
            where=str(path),
            advice="gsctl elements update fetches them, or name a file with --elements",
        )
    return listed


def _targets_by_number(elements: Path | None, protocols: Iterable[Path], at: datetime) -> dict[int, Target]:
    """Every object with an element set, by all its numbers."""
    from gsctl.cli.orbits import all_targets

    found: dict[int, Target] = {}
    for target in all_targets(elements, protocols, at):
        found[target.norad_id] = target
    for target in list(found.values()):
        if target.satellite is not None:
            for number in (target.satellite.norad_id, *target.satellite.temporary_norad_ids):
                found.setdefault(number, target)
    return found


def _contradiction(entry: Priority, known: dict[str, KnownTransmitter]) -> str:
    """What the copy of SatNOGS DB says against a line; empty where there is no copy."""
    if not known:
        return ""
    transmitter = known.get(entry.uuid)
    if transmitter is None:
        return f"SatNOGS DB knows no transmitter {entry.uuid}"
    if entry.norad_id not in transmitter.norad_ids:
        numbers = " or ".join(map(str, sorted(transmitter.norad_ids)))
        return f"transmitter {entry.uuid} is of {numbers or 'another satellite'}, not of {entry.norad_id}"
    return ""


def _words(entry: Priority, known: dict[str, KnownTransmitter]) -> str:
    transmitter = known.get(entry.uuid)
    if transmitter is None or transmitter.frequency_hz is None:
        return ""
    return f"{transmitter.frequency_hz / 1e6:.3f} MHz {transmitter.mode}".strip()


def _warn(complaints: list[str], path: Path) -> None:
    for complaint in complaints[:SHOWN_PROBLEMS]:
        warn(complaint)
    if len(complaints) > SHOWN_PROBLEMS:
        warn(f"{path}: {len(complaints) - SHOWN_PROBLEMS} more lines that cannot be used as they stand")
