"""Which element sets a command uses: of a file, of the store, of the bundled satellites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.cli.console import detail, tell, warn
from gsctl.cli.options import elements_path
from gsctl.cli.places import data_dir
from gsctl.errors import CatalogError, ElementsError, UsageError

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.model import ElementSet, Satellite
    from gsctl.orbit.elements import ElementsFile
    from gsctl.orbit.store import ElementStore

OLD_DAYS = 7.0  # a low orbit is off by seconds to minutes after a week
LOW_ORBIT_REV_DAY = 11.0
SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One object to predict; ``satellite`` where the catalogue knows it."""

    name: str
    norad_id: int
    elements: ElementSet
    satellite: Satellite | None = None

    @property
    def decayed_on(self) -> date | None:
        """The known decay date."""
        text = self.satellite.decayed_on[:10] if self.satellite else ""
        try:
            return date.fromisoformat(text)
        except ValueError:  # none, or known to the month only
            return None


def store_path() -> Path:
    """Where the element store is."""
    return data_dir() / "elements.sqlite"


def read_file(path: Path) -> ElementsFile:
    """Read element sets of a file and tell what of it could not be read.

    Raises:
        ElementsError: nothing could.
    """
    from gsctl.orbit.elements import read_elements

    file = read_elements(path)
    for problem in file.problems[:SHOWN_PROBLEMS]:
        warn(str(problem))
    if file.problem_count > SHOWN_PROBLEMS:
        warn(f"{path}: {file.problem_count - SHOWN_PROBLEMS} more sets could not be read")
    _warn_of_future_epochs(file)
    return file


def _warn_of_future_epochs(file: ElementsFile) -> None:
    """Say which epochs no clock has reached: a typing mistake, a launch to come, or a wrong clock here."""
    latest = datetime.now(UTC) + timedelta(days=OLD_DAYS)
    ahead = [(one, line) for one, line in zip(file.sets, file.lines, strict=True) if one.epoch > latest]
    for one, line in ahead[:SHOWN_PROBLEMS]:
        warn(
            f"{file.source}:{line}: the epoch of {one.name or one.norad_id} is in the future, "
            f"{one.epoch:%Y-%m-%d}"
        )
    if len(ahead) > SHOWN_PROBLEMS:
        warn(f"{file.source}: {len(ahead) - SHOWN_PROBLEMS} more epochs are in the future")


def elements_of(satellite: Satellite, elements: Path | None, at: datetime) -> ElementSet:
    """The element set of a satellite nearest to a time: of the file given, else of store and bundle.

    Raises:
        ElementsError: there is none.
    """
    from gsctl.orbit.elements import nearest_sets

    numbers = (satellite.norad_id, *satellite.temporary_norad_ids)
    path = elements_path(elements)
    if path is not None:
        sets: Sequence[ElementSet] = [s for s in read_file(path).sets if s.norad_id in numbers]
    else:
        sets = known_sets(satellite)
    if not sets:
        where = f"{satellite.name} ({satellite.norad_id})"
        advice = f"gsctl elements update {satellite.norad_id} fetches one, or name a file with --elements"
        if satellite.decayed_on:
            advice = f"it re-entered on {satellite.decayed_on}"
        raise ElementsError(f"no element set{f' in {path}' if path else ''}", where=where, advice=advice)
    nearest = nearest_sets(sets, at).values()
    return min(nearest, key=lambda s: abs(s.epoch - at))


def known_sets(satellite: Satellite) -> Sequence[ElementSet]:
    """Every element set of a satellite in the store and the bundle; preferred ones alone, if there are any.

    Raises:
        ElementsError: the store cannot be read.
    """
    with _opened_store() as store:
        return _sets_of(satellite, store)


def elements_now(satellites: Sequence[Satellite], at: datetime) -> dict[int, ElementSet]:
    """The set that a prediction for a time would use, by the number of each satellite that has one.

    Raises:
        ElementsError: the store cannot be read.
    """
    if len(satellites) == 1:
        every = {satellites[0].norad_id: known_sets(satellites[0])}
    else:
        held = {one.norad_id: one for one in _whole_store(at)}
        every = {}
        for one in satellites:
            numbers = (one.norad_id, *one.temporary_norad_ids)
            every[one.norad_id] = [held[n] for n in numbers if n in held] or one.elements
    return {n: min(sets, key=lambda s: abs(s.epoch - at)) for n, sets in every.items() if sets}


@contextmanager
def _opened_store() -> Iterator[ElementStore | None]:
    """The store; None where there is none yet."""
    if not store_path().is_file():
        yield None
        return
    from gsctl.orbit.store import ElementStore

    with ElementStore(store_path()) as store:
        yield store


def _sets_of(satellite: Satellite, store: ElementStore | None) -> Sequence[ElementSet]:
    if store is None:
        return satellite.elements
    history = store.history((satellite.norad_id, *satellite.temporary_norad_ids))
    return history.sets if history.preferred else (*history.sets, *satellite.elements)


def find_targets(
    names: Sequence[str], elements: Path | None, protocols: Iterable[Path], at: datetime
) -> list[Target]:
    """The objects that names mean, each with its element set nearest to a time.

    Raises:
        CatalogError: nothing, or more than one object, is called so.
        ElementsError: an object has no element set.
    """
    from gsctl.cli.known_satellites import known_satellites

    catalog = known_satellites(protocols)
    path = elements_path(elements)
    loose: Sequence[ElementSet] = read_file(path).sets if path else ()
    return [_find_target(name, catalog, loose, path, at) for name in dict.fromkeys(names)]


def _find_target(
    name: str, catalog: Catalog, loose: Sequence[ElementSet], path: Path | None, at: datetime
) -> Target:
    from gsctl.orbit.elements import find_sets, nearest_sets

    try:
        satellite = catalog.find(name)
    except CatalogError as unknown:
        if path is None:
            loose = _stored_sets(name, at)
        objects = nearest_sets(find_sets(loose, name), at)
        if not objects:
            raise _nothing_called(name, unknown, path) from None
        if len(objects) > 1:
            candidates = ", ".join(f"{s.name} ({n})" for n, s in list(objects.items())[:8])
            raise CatalogError(
                f"{name!r} is more than one object: {candidates}", advice="name it by number"
            ) from None
        found = next(iter(objects.values()))
        return Target(name=found.name or str(found.norad_id), norad_id=found.norad_id, elements=found)
    if path is not None:
        numbers = (satellite.norad_id, *satellite.temporary_norad_ids)
        sets = [s for s in loose if s.norad_id in numbers]
        if not sets:
            raise ElementsError(f"no element set of {satellite.name} ({satellite.norad_id})", where=str(path))
        chosen = min(sets, key=lambda s: abs(s.epoch - at))
    else:
        chosen = elements_of(satellite, None, at)
    return Target(name=satellite.name, norad_id=satellite.norad_id, elements=chosen, satellite=satellite)


def _stored_sets(name: str, at: datetime) -> Sequence[ElementSet]:
    """Of the store what a name may mean: one object for a number, or all of them, which takes longer."""
    if name.isascii() and name.isdigit() and len(name) <= 9:
        with _opened_store() as store:
            return store.history([int(name)]).sets if store is not None else ()
    return _whole_store(at)


def _nothing_called(name: str, unknown: CatalogError, path: Path | None) -> CatalogError:
    if path is None and name.isascii() and name.isdigit() and len(name) <= 9:
        advice = f"gsctl elements update {int(name)} fetches one"
        return CatalogError(f"neither catalogue nor store knows a number {name}", advice=advice)
    if path is None:
        return unknown
    return CatalogError(f"no satellite {name!r} in {path} or the catalogue", advice=unknown.advice)


def _whole_store(at: datetime, group: str = "") -> list[ElementSet]:
    with _opened_store() as store:
        return store.nearest(at, group=group) if store is not None else []


def all_targets(
    elements: Path | None, protocols: Iterable[Path], at: datetime, *, group: str = ""
) -> list[Target]:
    """Every object of the file given, else of the store (or one of its groups) and the bundle.

    Raises:
        ElementsError: the file holds none, or there is no such group.
    """
    from gsctl.cli.known_satellites import known_satellites
    from gsctl.orbit.elements import nearest_sets

    catalog = known_satellites(protocols)
    by_number = {number: s for s in catalog.satellites for number in (s.norad_id, *s.temporary_norad_ids)}
    path = elements_path(elements)
    if path is not None:
        sets = list(nearest_sets(read_file(path).sets, at).values())
    else:
        sets = _whole_store(at, group)
        if group and not sets:
            raise ElementsError(
                f"no group {group!r} in the store", advice="gsctl elements list --groups shows them"
            )
        held = {s.norad_id for s in sets}
        bundled = [s for one in catalog.satellites for s in one.elements if s.norad_id not in held]
        sets += [] if group else list(nearest_sets(bundled, at).values())
    return [_as_target(s, by_number.get(s.norad_id)) for s in sets]


def _as_target(elements: ElementSet, satellite: Satellite | None) -> Target:
    name = satellite.name if satellite else elements.name or str(elements.norad_id)
    return Target(name=name, norad_id=elements.norad_id, elements=elements, satellite=satellite)


def bundled_targets(protocols: Iterable[Path], at: datetime) -> list[Target]:
    """The satellites of protocol files, those with an element set that have not decayed by then."""
    from gsctl.cli.known_satellites import known_satellites

    targets = []
    catalog = known_satellites(protocols)
    # Not the thousands that a copy of SatNOGS DB adds: those are asked for by name, group or --all.
    described = [one for one in catalog.satellites if catalog.module_of(one) is not None]
    with _opened_store() as store:
        known = [(one, _sets_of(one, store)) for one in described]
    for satellite, sets in known:
        if not sets:
            detail(f"{satellite.name} ({satellite.norad_id}): no element set")
            continue
        target = _as_target(min(sets, key=lambda s: abs(s.epoch - at)), satellite)
        if target.decayed_on is not None and target.decayed_on <= at.date():
            detail(f"{target.name} ({target.norad_id}): decayed on {target.decayed_on}")
            continue
        targets.append(target)
    return targets


def window_end(begin: datetime, length_s: float) -> datetime:
    """The time some seconds later.

    Raises:
        UsageError: it lies beyond the calendar.
    """
    try:
        return begin + timedelta(seconds=length_s)
    except OverflowError:
        raise UsageError(f"{length_s:g} s after {begin:%Y-%m-%d} is beyond the calendar") from None


def age_days(elements: ElementSet, at: datetime) -> float:
    """Days from the epoch of a set to a time; negative before the epoch."""
    return (at - elements.epoch) / timedelta(days=1)


def warn_of_age(sets: Sequence[ElementSet], at: datetime) -> None:
    """Warn of sets of low orbits that are more than a week from the time they are used for."""
    old = [s for s in sets if abs(age_days(s, at)) > OLD_DAYS and s.mean_motion_rev_day > LOW_ORBIT_REV_DAY]
    if len(old) == 1:
        days = age_days(old[0], at)
        when = f"{days:.0f} days old" if days > 0 else f"of {-days:.0f} days later"
        warn(
            f"the elements of {old[0].name} ({old[0].norad_id}) are {when} at {at:%Y-%m-%d}; "
            "a low orbit is off by seconds after a week and minutes after a month; "
            "gsctl elements update fetches newer ones"
        )
    elif old:
        ages = [abs(age_days(s, at)) for s in old]
        warn(
            f"{len(old)} of {len(sets)} element sets are more than a week from {at:%Y-%m-%d} "
            f"(up to {max(ages):.0f} days); gsctl elements update fetches newer ones"
        )


def tell_skipped(skipped: Iterable[object]) -> None:
    """Name the objects that were skipped, the first few in full."""
    every = list(skipped)
    for one in every[:SHOWN_PROBLEMS]:
        tell(f"skipped {one}")
    if len(every) > SHOWN_PROBLEMS:
        tell(f"skipped {len(every) - SHOWN_PROBLEMS} more objects that have decayed or fail in SGP4")
