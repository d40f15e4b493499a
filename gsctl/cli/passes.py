"""``gsctl passes``: when satellites rise, culminate and set."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import tell
from gsctl.cli.exits import NOTHING_FOUND
from gsctl.cli.options import (
    AtOption,
    ElementsOption,
    HorizonOption,
    ProtocolsOption,
    RequireOption,
    StationOption,
    choice,
    parse_duration_s,
    parse_time_from_now,
    protocol_dirs,
    require_station,
)
from gsctl.cli.pass_table import is_visible, print_passes
from gsctl.cli.tables import print_rows
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from gsctl.cli.orbits import Target
    from gsctl.cli.priority_list import Listed
    from gsctl.model import Pass
    from gsctl.orbit.passes import Prediction

_FORMATS = ("table", "json", "jsonl", "csv", "ics")
_ORDERS = ("aos", "elevation", "duration", "name", "priority")
DEFAULT_HOURS, MAX_HOURS = 24.0, 24.0 * 366.0


def passes(
    satellites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SAT",
            help="Satellites by any name; none: those of protocol files.",
            show_default=False,
        ),
    ] = None,
    elements: ElementsOption = None,
    station: StationOption = None,
    at: AtOption = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start", metavar="TIME", parser=parse_time_from_now, help="Begin of the window.  [default: now]"
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--end", metavar="TIME", parser=parse_time_from_now, help="End of the window."),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option("--hours", metavar="N", help="Length of the window, instead of --end.  [default: 24]"),
    ] = None,
    horizon: HorizonOption = None,
    min_elevation: Annotated[
        float, typer.Option("--min-elevation", metavar="DEG", help="Leave out passes that stay lower.")
    ] = 0.0,
    min_duration: Annotated[
        float | None,
        typer.Option(
            "--min-duration", metavar="TIME", parser=parse_duration_s, help="Leave out shorter passes."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", show_default=False, help="Every object of the file or the store.")
    ] = False,
    group: Annotated[
        str,
        typer.Option(
            "--group", metavar="NAME", help="Every object of a group of the store.", show_default=False
        ),
    ] = "",
    wanted: Annotated[
        Path | None,
        typer.Option(
            "--list", metavar="FILE", help="The satellites of a SatNOGS list: lines NORAD PRIORITY UUID."
        ),
    ] = None,
    visible: Annotated[
        bool, typer.Option("--visible", show_default=False, help="Only sunlit satellites in a dark sky.")
    ] = False,
    order: Annotated[
        str,
        typer.Option("--sort", metavar="|".join(_ORDERS), parser=choice(*_ORDERS), help="What comes first."),
    ] = "aos",
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many passes.")
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", show_default=False, help="The table tells local time too.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-F",
            metavar="|".join(_FORMATS),
            parser=choice(*_FORMATS),
            help="How the result is written.",
        ),
    ] = "table",
    protocols: ProtocolsOption = None,
    require: RequireOption = False,
) -> None:
    """List passes: AOS and LOS where the elevation crosses the horizon, TCA where it is highest.

    All times are UTC. Where the window cuts a pass, its AOS or LOS is marked with an asterisk.
    """
    from gsctl.cli.orbits import tell_skipped, warn_of_age
    from gsctl.orbit.passes import predict

    place = require_station(station, at)
    now = datetime.now(UTC)
    begin = start or now
    finish = _end_of_window(begin, end, hours)
    if wanted is not None and (satellites or every or group):
        raise UsageError("--list excludes names, --all and --group", advice="give one of them")
    folders = protocol_dirs(protocols)
    listed = _listed(wanted, elements, folders, begin, needed=order == "priority")
    targets = [one.target for one in listed.values()]
    targets = targets or _targets(satellites, every, group, elements, folders, begin)
    prediction = predict(
        [target.elements for target in targets],
        [place],
        begin,
        finish,
        horizon_deg=horizon,
        min_elevation_deg=min_elevation,
        min_duration_s=min_duration or 0.0,
        decayed_on={t.norad_id: t.decayed_on for t in targets if t.decayed_on is not None},
        light=True,
    )
    tell_skipped(prediction.skipped)
    warn_of_age([target.elements for target in targets], begin)
    names = {target.elements.norad_id: target for target in targets}
    priorities = {number: one.priority for number, one in listed.items()}
    found = _chosen(prediction, visible=visible, order=order, limit=limit, priorities=priorities)
    facts = {number: one.facts() for number, one in listed.items()}
    _print(found, names, form, now=now, local=local, listed=facts)
    if not found:
        tell(
            f"no pass over {place.name} from {begin:%Y-%m-%dT%H:%M:%SZ} to {finish:%Y-%m-%dT%H:%M:%SZ} "
            f"({(finish - begin) / timedelta(hours=1):.4g} h)"
        )
        if require:
            raise typer.Exit(NOTHING_FOUND)


def _end_of_window(begin: datetime, end: datetime | None, hours: float | None) -> datetime:
    """What ``--end`` or ``--hours`` say, or a day after the begin."""
    from gsctl.cli.orbits import window_end

    if end is not None and hours is not None:
        raise UsageError("--end and --hours exclude each other", advice="give one of them")
    if end is not None:
        if end <= begin:
            raise UsageError(
                f"the window ends ({end:%Y-%m-%dT%H:%M:%SZ}) before it starts ({begin:%Y-%m-%dT%H:%M:%SZ})",
                where="--end",
            )
        hours = (end - begin) / timedelta(hours=1)
    hours = DEFAULT_HOURS if hours is None else hours
    if not 0.0 < hours <= MAX_HOURS:
        raise UsageError(
            f"{hours:g} h is no length of a window",
            where="--end" if end else f"--hours {hours:g}",
            advice=f"above 0, up to {MAX_HOURS:g}",
        )
    return end or window_end(begin, hours * 3600.0)


def _listed(
    wanted: Path | None, elements: Path | None, protocols: Iterable[Path], at: datetime, *, needed: bool
) -> dict[int, Listed]:
    """The objects of a priority list; none where no list is named."""
    if wanted is None:
        if needed:
            raise UsageError("--sort priority needs a list", advice="name one with --list FILE")
        return {}
    from gsctl.cli.priority_list import read_list

    return read_list(wanted, elements, protocols, at)


def _targets(
    satellites: Sequence[str] | None,
    every: bool,
    group: str,
    elements: Any,
    protocols: Iterable[Any],
    at: datetime,
) -> list[Target]:
    from gsctl.cli.options import elements_path
    from gsctl.cli.orbits import all_targets, bundled_targets, find_targets

    if satellites and (every or group):
        raise UsageError(
            "names of satellites and --all or --group exclude each other", advice="give one of them"
        )
    if satellites:
        return find_targets(satellites, elements, protocols, at)
    if every or group or elements_path(elements) is not None:
        return all_targets(elements, protocols, at, group=group)
    return bundled_targets(protocols, at)


def _chosen(
    prediction: Prediction,
    *,
    visible: bool,
    order: str,
    limit: int | None,
    priorities: Mapping[int, float],
) -> list[Pass]:
    found = [p for p in prediction.passes if not visible or is_visible(p)]
    if order == "elevation":
        found.sort(key=lambda p: -p.max_elevation_deg)
    elif order == "duration":
        found.sort(key=lambda p: p.aos - p.los)
    elif order == "name":
        found.sort(key=lambda p: (p.satellite.casefold(), p.aos))
    elif order == "priority":
        found.sort(key=lambda p: (-priorities[p.norad_id], p.aos))
    return found[:limit]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def describe(one: Pass, name: str = "") -> dict[str, object]:
    """One pass as plain values: angles in degrees, times in ISO 8601, ranges in metres."""
    duration_s = (one.los - one.aos).total_seconds()
    return {
        "satellite": name or one.satellite,
        "norad_id": one.norad_id,
        "station": one.station.name,
        "aos": _iso(one.aos),
        "tca": _iso(one.tca),
        "los": _iso(one.los),
        "aos_azimuth_deg": round(one.aos_azimuth_deg, 4),
        "tca_azimuth_deg": round(one.tca_azimuth_deg, 4),
        "los_azimuth_deg": round(one.los_azimuth_deg, 4),
        "max_elevation_deg": round(one.max_elevation_deg, 4),
        "duration_s": round(duration_s, 6),
        "clipped": one.clipped,
        "elements_epoch": _iso(one.elements_epoch),
        "elements_age_days": round((one.aos - one.elements_epoch) / timedelta(days=1), 3),
        "aos_range_m": _rounded(one.aos_range_m, 1),
        "tca_range_m": _rounded(one.tca_range_m, 1),
        "los_range_m": _rounded(one.los_range_m, 1),
        "sunlit_fraction": _rounded(one.sunlit_fraction, 3),
        "sun_elevation_deg": _rounded(one.sun_elevation_deg, 2),
        "visible": is_visible(one),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _print(
    found: Sequence[Pass],
    targets: dict[int, Target],
    form: str,
    *,
    now: datetime,
    local: bool,
    listed: Mapping[int, Mapping[str, object]],
) -> None:
    """Print passes; ``listed`` adds what a list says of a satellite, by number."""

    def described(one: Pass) -> dict[str, object]:
        return {**describe(one, targets[one.norad_id].name), **listed.get(one.norad_id, {})}

    more = tuple(next(iter(listed.values()))) if listed else ()
    if form == "ics":
        from gsctl.orbit.icalendar import format_icalendar

        sys.stdout.write(format_icalendar(found, now=now, names={n: t.name for n, t in targets.items()}))
    elif form == "table":
        print_passes(found, {n: t.name for n, t in targets.items()}, local=local, listed=listed)
    elif form == "json":
        print("[" + ",\n ".join(json.dumps(described(one), ensure_ascii=False) for one in found) + "]")
    else:
        print_rows([described(one) for one in found], {key: key for key in (*_csv_columns(), *more)}, form)


def _csv_columns() -> tuple[str, ...]:
    """The heading of CSV, in the order of ``describe``."""
    return (
        "satellite", "norad_id", "station", "aos", "tca", "los", "aos_azimuth_deg", "tca_azimuth_deg",
        "los_azimuth_deg", "max_elevation_deg", "duration_s", "clipped", "elements_epoch",
        "elements_age_days", "aos_range_m", "tca_range_m", "los_range_m", "sunlit_fraction",
        "sun_elevation_deg", "visible",
    )  # fmt: skip
