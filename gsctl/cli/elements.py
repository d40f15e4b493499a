"""``gsctl elements``: the store of element sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli.console import safe, tell, warn
from gsctl.cli.options import ProtocolsOption, choice, parse_time_from_now, protocol_dirs
from gsctl.cli.tables import TableFormatOption, print_rows
from gsctl.errors import CatalogError, ElementsError, GsctlError, UsageError

if TYPE_CHECKING:
    from gsctl.model import ElementSet
    from gsctl.orbit.fetch import Fetched
    from gsctl.orbit.store import ElementStore

elements = typer.Typer(help="The store of element sets: update, import, list, show, export, prune.")

DEFAULT_GROUP = "active"
MAX_NUMBERS = 40  # objects that one run asks for one by one; more belong into a group
_LIST_COLUMNS = {
    "norad_id": "NUMBER", "name": "NAME", "cospar_id": "COSPAR", "epoch": "EPOCH", "age_days": "AGE (DAYS)",
    "source": "SOURCE",
}  # fmt: skip

SatellitesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="SAT", help="Satellites by any name.", show_default=False),
]
TimeOption = Annotated[
    datetime | None,
    typer.Option(
        "--at-time",
        metavar="TIME",
        parser=parse_time_from_now,
        help="The time they are for.  [default: now]",
    ),
]
GroupOption = Annotated[
    str, typer.Option("--group", metavar="NAME", help="A group of the store.", show_default=False)
]


@contextmanager
def _open_store() -> Iterator[ElementStore]:
    from gsctl.cli.orbits import store_path
    from gsctl.orbit.store import ElementStore

    with ElementStore(store_path()) as store:
        yield store


@elements.command()
def update(
    satellites: SatellitesArgument = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="NAME", help="A group of CelesTrak, such as active or amateur."),
    ] = None,
    urls: Annotated[list[str] | None, typer.Option("--url", metavar="URL", help="Any other address.")] = None,
    service: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="celestrak|satnogs",
            parser=choice("celestrak", "satnogs"),
            help="Whom to ask for SAT.",
        ),
    ] = "celestrak",
    protocols: ProtocolsOption = None,
) -> None:
    """Fetch element sets of satellites, groups or addresses into the store.

    Without arguments it asks again for what it asked for before, or for CelesTrak's group "active".
    An address is asked no sooner than two hours after the last time, and never again after an error.
    """
    from gsctl.orbit.fetch import fetch

    with _open_store() as store:
        wanted = _addresses(satellites or (), groups or (), urls or (), service, protocol_dirs(protocols))
        wanted = wanted or _asked_before(store)
        failed: GsctlError | None = None
        for url, group in wanted.items():
            try:
                _report(fetch(url, store, now=datetime.now(UTC), group=group))
            except ElementsError as error:
                failed = error
                break  # the next address may be of the same service, and it said no
        objects, sets = store.count()
        tell(f"the store holds {sets} sets of {objects} objects")
    if failed is not None:
        raise failed


def _addresses(
    satellites: Sequence[str],
    groups: Sequence[str],
    urls: Sequence[str],
    service: str,
    protocols: Sequence[Path],
) -> dict[str, str]:
    """The addresses to ask, each with the name of its group."""
    from gsctl.orbit.fetch import celestrak_group_url, celestrak_number_url, satnogs_number_url

    wanted = {celestrak_group_url(group): group for group in groups}
    wanted |= dict.fromkeys(urls, "")
    if len(satellites) > MAX_NUMBERS:
        raise UsageError(
            f"{len(satellites)} satellites one by one would be impolite",
            advice=f"at most {MAX_NUMBERS}; --group fetches many at once",
        )
    number_url = satnogs_number_url if service == "satnogs" else celestrak_number_url
    for name in satellites:
        numbers = _numbers(name, protocols)
        # SatNOGS keeps temporary numbers, which nobody else knows.
        number = numbers[-1] if service == "satnogs" else numbers[0]
        wanted[number_url(number)] = ""
    return wanted


def _numbers(name: str, protocols: Sequence[Path]) -> tuple[int, ...]:
    """The catalogue numbers of a satellite, the temporary ones last."""
    from gsctl.cli.known_satellites import known_satellites

    try:
        satellite = known_satellites(protocols).find(name)
    except CatalogError:
        if name.isascii() and name.isdigit() and len(name) <= 9:
            return (int(name),)
        raise
    return (satellite.norad_id, *satellite.temporary_norad_ids)


def _asked_before(store: ElementStore) -> dict[str, str]:
    from gsctl.orbit.fetch import celestrak_group_url

    before = {r.url: r.group for r in store.requests() if r.status in (200, 304)}
    return before or {celestrak_group_url(DEFAULT_GROUP): DEFAULT_GROUP}


def _report(fetched: Fetched) -> None:
    from gsctl.orbit.fetch import MIN_AGE

    if fetched.outcome == "too soon":
        after = fetched.asked_at + MIN_AGE
        tell(f"{fetched.url}: asked at {fetched.asked_at:%H:%M} UTC, may be asked again at {after:%H:%M} UTC")
    elif fetched.file is None:
        tell(f"{fetched.url}: nothing new")
    else:
        problems = f", {fetched.file.problem_count} could not be read" if fetched.file.problem_count else ""
        tell(f"{fetched.url}: {len(fetched.file.sets)} sets, {fetched.new_sets} of them new{problems}")


@elements.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Element sets as OMM or TLE.")],
    group: Annotated[
        str,
        typer.Option("--group", metavar="NAME", help="Remember the objects as a group.", show_default=False),
    ] = "",
    prefer: Annotated[
        bool,
        typer.Option(
            "--prefer",
            show_default=False,
            help="These take precedence over all other sets.",
        ),
    ] = False,
) -> None:
    """Keep the element sets of files in the store; of several files the good ones, whatever the others are.

    With --prefer they are used whatever else is known of their objects: for one's own elements, and
    for those from before a launch. `gsctl elements forget` ends that.
    """
    from gsctl.cli.orbits import read_file

    sets: list[ElementSet] = []
    failed: list[ElementsError] = []
    for path in files:
        try:
            file = read_file(path)
        except ElementsError as error:
            failed.append(error)
            continue
        sets.extend(file.sets)
        tell(f"{path}: {len(file.sets)} sets")
    if sets:
        with _open_store() as store:
            new = store.add(sets, group=group, preferred=prefer)
        tell(f"{new} of them were new")
    for one in failed[:-1]:
        warn(str(one))
    if failed:
        raise failed[-1]


@elements.command("list")
def list_sets(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="Part of a name or number.", show_default=False)
    ] = "",
    group: GroupOption = "",
    groups: Annotated[
        bool, typer.Option("--groups", show_default=False, help="List the groups instead.")
    ] = False,
    at_time: TimeOption = None,
    form: TableFormatOption = "table",
) -> None:
    """List the objects of the store, each with its set nearest to a time."""
    at = at_time or datetime.now(UTC)
    with _open_store() as store:
        if groups:
            rows = [{"group": name, "objects": count} for name, count in store.groups()]
            print_rows(rows, {"group": "GROUP", "objects": "OBJECTS"}, form)
            return
        sets = store.nearest(at, group=group)
    wanted = "".join(c for c in text.casefold() if c.isalnum())
    rows = []
    for one in sorted(sets, key=lambda s: s.norad_id):
        names = "".join(c for c in f"{one.norad_id} {one.name} {one.cospar_id}".casefold() if c.isalnum())
        if wanted in names:
            rows.append(_row(one, at))
    print_rows(rows, _LIST_COLUMNS, form)


def _row(one: ElementSet, at: datetime) -> dict[str, object]:
    return {
        "norad_id": one.norad_id,
        "name": one.name,
        "cospar_id": one.cospar_id,
        "epoch": _iso(one.epoch),
        "age_days": round((at - one.epoch) / timedelta(days=1), 2),
        "source": one.source,
        "retrieved_at": _iso(one.retrieved_at) if one.retrieved_at else None,
    }


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


@elements.command()
def show(
    satellite: Annotated[
        str, typer.Argument(metavar="SAT", help="A satellite by any name.", show_default=False)
    ],
    history: Annotated[
        bool, typer.Option("--history", show_default=False, help="Every set of it, oldest first.")
    ] = False,
    at_time: TimeOption = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-F",
            metavar="text|json|csv|tle",
            parser=choice("text", "json", "csv", "tle"),
            help="How it is written.",
        ),
    ] = "text",
    protocols: ProtocolsOption = None,
) -> None:
    """Show the element set of a satellite that gsctl would use, or all that it has."""
    from gsctl.cli.orbits import find_targets
    from gsctl.orbit.elements import format_elements

    at = at_time or datetime.now(UTC)
    (target,) = find_targets([satellite], None, protocol_dirs(protocols), at)
    sets: Sequence[ElementSet] = (target.elements,)
    if history:
        with _open_store() as store:
            sets = store.history([target.norad_id]).sets or sets
    if form != "text":
        print(format_elements(sets, form, alpha5=True), end="")
        return
    for one in sets:
        for line in _text(one, at):
            print(safe(line))


def _text(one: ElementSet, at: datetime) -> Iterator[str]:
    yield f"{one.name}  {one.norad_id}  {one.cospar_id}".rstrip()
    yield f"  epoch         {_iso(one.epoch)}, {(at - one.epoch) / timedelta(days=1):.2f} days old"
    period_min = 1440.0 / one.mean_motion_rev_day
    yield f"  mean motion   {one.mean_motion_rev_day:.8f} rev/day, period {period_min:.2f} min"
    yield f"  eccentricity  {one.eccentricity:.7f}"
    yield f"  inclination   {one.inclination_deg:.4f} deg"
    yield f"  node          {one.raan_deg:.4f} deg"
    yield f"  perigee       {one.argument_of_perigee_deg:.4f} deg"
    yield f"  mean anomaly  {one.mean_anomaly_deg:.4f} deg"
    yield f"  B*            {one.bstar:.5e} 1/Earth radius"
    retrieved = f", retrieved {_iso(one.retrieved_at)}" if one.retrieved_at else ""
    yield f"  source        {one.source or 'unknown'}{retrieved}"


@elements.command()
def export(
    satellites: SatellitesArgument = None,
    every: Annotated[
        bool, typer.Option("--all", show_default=False, help="Every object of the store.")
    ] = False,
    group: GroupOption = "",
    at_time: TimeOption = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-F",
            metavar="json|csv|tle",
            parser=choice("json", "csv", "tle"),
            help="OMM as JSON or CSV, or TLE.",
        ),
    ] = "csv",
    alpha5: Annotated[
        bool,
        typer.Option(
            "--alpha5", show_default=False, help="TLE numbers above 99999 as a letter and four digits."
        ),
    ] = False,
    protocols: ProtocolsOption = None,
) -> None:
    """Write element sets to stdout."""
    from gsctl.cli.orbits import all_targets, find_targets
    from gsctl.orbit.elements import format_elements

    at = at_time or datetime.now(UTC)
    if satellites:
        targets = find_targets(satellites, None, protocol_dirs(protocols), at)
    elif every or group:
        targets = all_targets(None, protocol_dirs(protocols), at, group=group)
    else:
        raise UsageError("nothing to export", advice="name satellites, --group NAME or --all")
    print(format_elements([target.elements for target in targets], form, alpha5=alpha5), end="")


@elements.command()
def forget(
    satellite: Annotated[
        str, typer.Argument(metavar="SAT", help="A satellite by any name.", show_default=False)
    ],
    protocols: ProtocolsOption = None,
) -> None:
    """Let the preferred sets of a satellite count like all others again."""
    numbers = _numbers(satellite, protocol_dirs(protocols))
    with _open_store() as store:
        count = store.unprefer(numbers)
    tell(f"{count} sets of {satellite} are no longer preferred")


@elements.command()
def prune(
    older_than_days: Annotated[
        float, typer.Option("--older-than", metavar="DAYS", min=0.0, help="Delete sets with older epochs.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", show_default=False, help="Only count them.")
    ] = False,
) -> None:
    """Delete old sets; the newest of each object and preferred ones stay.

    Old recordings can then no longer be decoded with the elements of their time.
    """
    before = datetime.now(UTC) - timedelta(days=older_than_days)
    with _open_store() as store:
        count = store.prune(before, dry_run=dry_run)
    tell(f"{count} sets {'would be' if dry_run else 'were'} deleted")
