"""The body of ``gsctl satellites import``: files of gr-satellites and GPredict into the user's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.cli.console import tell, warn
from gsctl.errors import CatalogError, GsctlError

if TYPE_CHECKING:
    from gsctl.model import ElementSet, FileProblem, Satellite

SHOWN_PROBLEMS = 5  # of one file
SHOWN_FILES = 10  # that failed, of one run


@dataclass(slots=True)
class _Found:
    """What the files brought so far."""

    satellites: dict[str, Satellite] = field(default_factory=dict)
    sets: list[ElementSet] = field(default_factory=list)


def import_satellites(files: Sequence[Path], *, prefer: bool) -> None:
    """Read every file, keep what could be read, then fail if one could not.

    Raises:
        GsctlError: of the last file that could not be read; the others are named before it.
    """
    found = _Found()
    failed: list[GsctlError] = []
    for path in _expanded(files):
        try:
            _reader(path)(path, found)
        except GsctlError as error:
            failed.append(error)
    _keep(found, prefer=prefer)
    for one in failed[:-1][:SHOWN_FILES]:
        warn(str(one))
    if len(failed) - 1 > SHOWN_FILES:
        warn(f"{len(failed) - 1 - SHOWN_FILES} more files could not be read")
    if failed:
        raise failed[-1]


def _expanded(files: Iterable[Path]) -> list[Path]:
    """A folder means the files in it that are of a known kind."""
    paths: list[Path] = []
    for path in files:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in _READERS)
            if not inside:
                raise CatalogError(
                    "no file of a known kind in it", where=str(path), advice=f"known are {_KINDS}"
                )
            paths += inside
        else:
            paths.append(path)
    return paths


def _reader(path: Path) -> Callable[[Path, _Found], None]:
    try:
        return _READERS[path.suffix.lower()]
    except KeyError:
        advice = f"known are {_KINDS}"
        if path.suffix.lower() == ".qth":
            advice = f"gsctl station import {path.name} takes places"
        elif path.suffix.lower() in {".txt", ".tle", ".json", ".csv", ".xml"}:
            advice = "gsctl elements import takes element sets, gsctl passes --list priority lists"
        raise CatalogError("a file of no known kind", where=str(path), advice=advice) from None


def _read_satyaml(path: Path, found: _Found) -> None:
    from gsctl.catalog.satyaml import read_satyaml

    satellite, problems = read_satyaml(path)
    _tell_problems(problems)
    found.satellites[f"satyaml {satellite.norad_id} {satellite.name}"] = satellite


def _read_transponders(path: Path, found: _Found) -> None:
    from gsctl.catalog.gpredict import read_transponders

    satellite, problems = read_transponders(path)
    _tell_problems(problems)
    found.satellites[f"trsp {satellite.norad_id}"] = satellite


def _read_satdata(path: Path, found: _Found) -> None:
    from gsctl.catalog.gpredict import read_satdata
    from gsctl.model import Satellite, Source
    from gsctl.orbit.elements import read_elements

    name, nickname, number = read_satdata(path)
    found.satellites[f"satdata {number}"] = Satellite(
        name=name or str(number),
        norad_id=number,
        aliases=(nickname,) if nickname and nickname != name else (),
        sources=(Source(title=f"GPredict's satdata {path.name}"),),
    )
    found.sets += read_elements(path).sets


_READERS: dict[str, Callable[[Path, _Found], None]] = {
    ".yml": _read_satyaml,
    ".yaml": _read_satyaml,
    ".trsp": _read_transponders,
    ".sat": _read_satdata,
}
_KINDS = "SatYAML (.yml), GPredict's transponders (.trsp) and satdata (.sat)"


def _tell_problems(problems: Sequence[FileProblem]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        warn(str(problem))
    if len(problems) > SHOWN_PROBLEMS:
        warn(f"{problems[0].source}: {len(problems) - SHOWN_PROBLEMS} more problems")


def _keep(found: _Found, *, prefer: bool) -> None:
    from gsctl.catalog.imported import keep_imported, store_path

    if found.satellites:
        kept = keep_imported(store_path(), found.satellites)
        transmitters = sum(len(one.transmitters) for one in found.satellites.values())
        tell(
            f"satellites={len(found.satellites)} new={kept.new} changed={kept.changed} "
            f"unchanged={kept.unchanged} transmitters={transmitters} store={store_path()}"
        )
    if found.sets:
        from gsctl.cli.orbits import store_path as elements_store_path
        from gsctl.orbit.store import ElementStore

        with ElementStore(elements_store_path()) as store:
            new = store.add(found.sets, preferred=prefer)
        tell(f"element_sets={len(found.sets)} new={new} store={elements_store_path()}")
