"""``gsctl track``: where a satellite stands, how fast it comes or goes, and what that does to its signal."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli.console import on_terminal, tell
from gsctl.cli.options import (
    AtOption,
    DurationOption,
    ElementsOption,
    ProtocolsOption,
    StationOption,
    parse_duration_s,
    parse_frequency_hz,
    parse_time_from_now,
    protocol_dirs,
    require_station,
)
from gsctl.cli.tables import TableFormatOption, print_table
from gsctl.errors import ElementsError, UsageError

if TYPE_CHECKING:
    from gsctl.cli.orbits import Target
    from gsctl.model import Pass, Station, Track

_CSV = (
    "time", "satellite", "norad_id", "azimuth_deg", "elevation_deg", "range_m", "range_rate_m_s",
    "transmitter", "direction", "nominal_hz", "shift_hz", "frequency_hz", "elements_epoch",
)  # fmt: skip
DEFAULT_SPAN_S = 600.0
LIVE_STEP_S = 1.0
TABLE_STEP_S = 10.0
MAX_ROWS = 1_000_000
LOOK_AHEAD = timedelta(days=3)
_SKY_CELLS = 5  # of a table's row: time, azimuth, elevation, range, range rate


@dataclass(frozen=True, slots=True)
class _Link:
    """One carrier whose Doppler shift is shown."""

    label: str
    direction: str
    nominal_hz: float

    def at(self, range_rate_m_s: float) -> dict[str, object]:
        """Shift, and the frequency to tune to: received (downlink) or to be sent (uplink)."""
        from gsctl.orbit.doppler import SPEED_OF_LIGHT_M_S

        shift_hz = -self.nominal_hz * range_rate_m_s / SPEED_OF_LIGHT_M_S
        tuned_hz = self.nominal_hz - shift_hz if self.direction == "uplink" else self.nominal_hz + shift_hz
        return {
            "transmitter": self.label,
            "direction": self.direction,
            "nominal_hz": self.nominal_hz,
            "shift_hz": round(shift_hz, 3),
            "frequency_hz": round(tuned_hz, 3),
        }


def track(
    satellite: Annotated[
        str, typer.Argument(metavar="SAT", help="The satellite by any name.", show_default=False)
    ],
    elements: ElementsOption = None,
    station: StationOption = None,
    at: AtOption = None,
    at_time: Annotated[
        datetime | None,
        typer.Option(
            "--at-time",
            metavar="TIME",
            parser=parse_time_from_now,
            help="This time, instead of now and live.",
        ),
    ] = None,
    duration: DurationOption = None,
    step: Annotated[
        float | None,
        typer.Option(
            "--step",
            metavar="TIME",
            parser=parse_duration_s,
            help="Between lines.  [default: 1s live, or 10s]",
        ),
    ] = None,
    frequencies: Annotated[
        list[float] | None,
        typer.Option(
            "--frequency",
            "-f",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Downlink to show, instead of those known; may be given again.",
        ),
    ] = None,
    form: TableFormatOption = "table",
    protocols: ProtocolsOption = None,
) -> None:
    """Show azimuth, elevation, range, range rate (positive when receding) and Doppler shift.

    Live, with a countdown to AOS or LOS, until it is interrupted or --duration is over; with
    --at-time, that moment, or with --duration a span from it.
    """
    from gsctl.cli.orbits import find_targets, warn_of_age, window_end

    place = require_station(station, at)
    begin = at_time or datetime.now(UTC)
    (target,) = find_targets([satellite], elements, protocol_dirs(protocols), begin)
    if target.decayed_on is not None and target.decayed_on <= begin.date():
        raise ElementsError(f"decayed on {target.decayed_on}", where=f"{target.name} ({target.norad_id})")
    warn_of_age([target.elements], begin)
    links = _links(target, frequencies)
    if at_time is None:
        _live(target, place, links, form, step or LIVE_STEP_S, duration)
        return
    step_s = step or TABLE_STEP_S
    if step is not None and duration is None:
        duration = DEFAULT_SPAN_S
    count = int((duration or 0.0) / step_s) + 1
    if count > MAX_ROWS:
        raise UsageError(f"{count} lines", where="--step", advice=f"at most {MAX_ROWS}")
    window_end(begin, (duration or 0.0) + 1.0)
    _print(_rows(target, place, links, begin, [i * step_s for i in range(count)]), form)
    if form == "table":
        _tell_elements(target, begin)


def _tell_elements(target: Target, at: datetime) -> None:
    from gsctl.cli.orbits import age_days

    used = target.elements
    tell(f"elements of {used.epoch:%Y-%m-%d %H:%M} UTC ({age_days(used, at):.1f} days old), {used.source}")


def _links(target: Target, frequencies: Sequence[float] | None) -> list[_Link]:
    if frequencies:
        return [_Link(f"{hertz / 1e6:.6g} MHz", "downlink", hertz) for hertz in frequencies]
    known = target.satellite.transmitters if target.satellite else ()
    return [_Link(t.label, str(t.direction), t.frequency_hz) for t in known if t.frequency_hz]


Row = tuple[dict[str, object], list[dict[str, object]]]


def _rows(
    target: Target, place: Station, links: Sequence[_Link], start: datetime, time_s: Sequence[float]
) -> Iterator[Row]:
    """For each time the satellite's place, and each link's frequencies."""
    import numpy as np

    from gsctl.orbit.passes import look

    seen: Track = look(target.elements, place, start, np.array(time_s))
    for i, seconds in enumerate(time_s):
        rate = float(seen.range_rate_m_s[i])
        row: dict[str, object] = {
            "time": f"{start + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}Z",
            "satellite": target.name,
            "norad_id": target.norad_id,
            "azimuth_deg": round(float(seen.azimuth_deg[i]), 4),
            "elevation_deg": round(float(seen.elevation_deg[i]), 4),
            "range_m": round(float(seen.range_m[i]), 1),
            "range_rate_m_s": round(rate, 3),
            "elements_epoch": f"{target.elements.epoch:%Y-%m-%dT%H:%M:%S.%f}Z",
        }
        yield row, [link.at(rate) for link in links]


def _print(rows: Iterator[Row], form: str) -> None:
    if form == "csv":
        _print_csv(rows, heading=True)
    elif form == "jsonl":
        for row, links in rows:
            print(json.dumps({**row, "transmitters": links}, ensure_ascii=False))
    elif form == "json":
        lines = (json.dumps({**row, "transmitters": links}, ensure_ascii=False) for row, links in rows)
        print("[" + ",\n ".join(lines) + "]")
    else:
        every = list(rows)
        names = [str(link["transmitter"]) for link in every[0][1]]
        print_table([_cells(*row) for row in every], ["TIME", "AZ", "EL", "RANGE KM", "RATE KM/S", *names])


def _print_csv(rows: Iterator[Row], *, heading: bool) -> None:
    """One line for each time and transmitter; a satellite without one gets empty cells."""
    writer = csv.DictWriter(sys.stdout, _CSV, lineterminator="\n", restval="")
    if heading:
        writer.writeheader()
    for row, links in rows:
        for link in links or [{}]:
            writer.writerow({**row, **link})


def _cells(row: dict[str, object], links: Sequence[dict[str, object]]) -> list[str]:
    shown = [
        str(row["time"])[:19].replace("T", " "),
        f"{row['azimuth_deg']:6.1f}",
        f"{row['elevation_deg']:5.1f}",
        f"{float(str(row['range_m'])) / 1e3:8.1f}",
        f"{float(str(row['range_rate_m_s'])) / 1e3:+7.3f}",
    ]
    return shown + [
        f"{link['shift_hz']:+.0f} Hz {float(str(link['frequency_hz'])) / 1e6:.6f}" for link in links
    ]


def _live(
    target: Target,
    place: Station,
    links: Sequence[_Link],
    form: str,
    step_s: float,
    duration_s: float | None,
) -> None:
    """A line that is renewed on a terminal; in a pipe a line for each step."""
    screen = form == "table" and on_terminal()
    form = "jsonl" if form in ("table", "json") and not screen else form
    began = time.monotonic()
    coming: Pass | None = None
    try:
        for count in itertools.count():
            now = datetime.now(UTC)
            rows = list(_rows(target, place, links, now, [0.0]))
            if screen:
                if coming is None or coming.los <= now:
                    coming = _next_pass(target, place, now)
                sky, links_at = _cells(*rows[0])[:_SKY_CELLS], _cells(*rows[0])[_SKY_CELLS:]
                # The countdown stands before the links, of which a narrow terminal may show only the first.
                line = "  ".join([*sky, _countdown(coming, now), *links_at])
                width = shutil.get_terminal_size().columns - 1
                print(f"\r\x1b[K{line[:width]}", end="", flush=True)
            elif form == "csv":
                _print_csv(iter(rows), heading=count == 0)
                sys.stdout.flush()
            else:
                _print(iter(rows), form)
                sys.stdout.flush()
            wait_s = began + (count + 1) * step_s - time.monotonic()
            if duration_s is not None and (count + 1) * step_s > duration_s:
                return
            time.sleep(max(wait_s, 0.0))
    finally:
        if screen:
            print()
            _tell_elements(target, datetime.now(UTC))


def _next_pass(target: Target, place: Station, now: datetime) -> Pass | None:
    from gsctl.orbit.passes import find_passes

    return next(iter(find_passes(target.elements, place, now, now + LOOK_AHEAD)), None)


def _countdown(coming: Pass | None, now: datetime) -> str:
    if coming is None:
        return f"no AOS within {LOOK_AHEAD.days} days"
    name, moment = ("AOS", coming.aos) if coming.aos > now else ("LOS", coming.los)
    left_s = round((moment - now).total_seconds())
    return f"{name} in {left_s // 3600}:{left_s // 60 % 60:02d}:{left_s % 60:02d}"
