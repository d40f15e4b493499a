"""The table of ``gsctl passes``: whole where there is room, closer and then less of it where there is not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from gsctl.cli.console import on_terminal, safe
from gsctl.cli.tables import print_table

if TYPE_CHECKING:
    from gsctl.model import Pass

VISIBLE_SUN_DEG = -6.0  # dark enough to see satellites once civil twilight has ended
LONG_PASS_S = 43_200
_HEADINGS = {
    "satellite": "SATELLITE",
    "aos": "AOS",
    "tca": "TCA",
    "los": "LOS",
    "duration": "LENGTH",
    "elevation": "MAX EL",
    "azimuths": "AZIMUTH",
    "light": "LIGHT",
    "age": "ELEMENTS",
}
_CLOSE_HEADINGS = _HEADINGS | {"elevation": "EL", "light": "SUN", "age": "AGE"}
_LEFT_OUT = ("uuids", "transmitters", "duration", "light", "tca", "priority")  # the first first
_SHORTEST_NAME = 12
_GAP, _CLOSE_GAP = 2, 1

Row = dict[str, str]


def is_visible(one: Pass) -> bool:
    """Whether the satellite is lit for some of the pass while the station's sky is dark."""
    lit, sun_deg = one.sunlit_fraction, one.sun_elevation_deg
    return bool(lit) and sun_deg is not None and sun_deg < VISIBLE_SUN_DEG


def print_passes(
    passes: Sequence[Pass],
    names: Mapping[int, str],
    *,
    local: bool,
    listed: Mapping[int, Mapping[str, object]],
) -> None:
    """Print one line a pass, fitted to the terminal; never cut in a pipe.

    Args:
        names: of the satellites by catalogue number.
        local: tell AOS in local time too.
        listed: more columns by catalogue number, the same ones for each.
    """
    more = tuple(next(iter(listed.values()))) if listed else ()
    width = shutil.get_terminal_size().columns if on_terminal() else None
    rows = [_row(one, names[one.norad_id], local=local) for one in passes]
    headings, gap = _HEADINGS | {key: key.upper() for key in more}, _GAP
    extra = [{key: str(value) for key, value in listed.get(p.norad_id, {}).items()} for p in passes]
    rows = [{**row, **told} for row, told in zip(rows, extra, strict=True)]
    if width is not None and _width(rows, headings, gap) > width:
        close = [_row(one, names[one.norad_id], local=local, close=True) for one in passes]
        rows = [{**row, **told} for row, told in zip(close, extra, strict=True)]
        headings, gap = _CLOSE_HEADINGS | {key: key.upper() for key in more}, _CLOSE_GAP
        rows, headings = _fitted(rows, headings, width)
    print_table([[row.get(key, "") for key in headings] for row in rows], list(headings.values()), gap=gap)


def _widths(rows: Sequence[Row], headings: Mapping[str, str]) -> dict[str, int]:
    return {
        key: max([len(heading), *(len(safe(row.get(key, ""))) for row in rows)])
        for key, heading in headings.items()
    }


def _width(rows: Sequence[Row], headings: Mapping[str, str], gap: int) -> int:
    return sum(_widths(rows, headings).values()) + gap * (len(headings) - 1)


def _fitted(rows: Sequence[Row], headings: Mapping[str, str], width: int) -> tuple[list[Row], dict[str, str]]:
    """Leave out columns until names have room, then cut the names."""
    kept = dict(headings)
    name_width = _widths(rows, {"satellite": headings["satellite"]})["satellite"]
    for key in _LEFT_OUT:
        if width - (_width(rows, kept, _CLOSE_GAP) - name_width) >= min(name_width, _SHORTEST_NAME):
            break
        kept.pop(key, None)
    room = max(width - (_width(rows, kept, _CLOSE_GAP) - name_width), _SHORTEST_NAME)
    return [{**row, "satellite": _cut(safe(row["satellite"]), room)} for row in rows], kept


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _row(one: Pass, name: str, *, local: bool, close: bool = False) -> Row:
    """The cells of a pass; close: no year, azimuths in one word, the first letters of the light."""
    length_s = (one.los - one.aos).total_seconds()
    day, clock, zone = ("%m-%d", "%H:%M", "%H:%M %Z") if close else ("%Y-%m-%d", "%H:%M:%S", "%H:%M:%S %Z")
    # Of a pass that takes most of a day, the clock alone does not tell when.
    when = "%H:%M:%S" if length_s < LONG_PASS_S else f"{day} {clock}"
    aos = f"{one.aos:{day} %H:%M:%S}" + _star(one.aos_clipped)
    azimuths = [one.aos_azimuth_deg, one.tca_azimuth_deg, one.los_azimuth_deg]
    age = _age_days(one)
    return {
        "satellite": name,
        "aos": aos + (f" ({one.aos.astimezone():{zone}})" if local else ""),
        "tca": f"{one.tca:{when}}",
        "los": f"{one.los:{when}}" + _star(one.los_clipped),
        "duration": f"{round(length_s) // 60:2d}:{round(length_s) % 60:02d}",
        "elevation": f"{one.max_elevation_deg:{4 if close else 5}.1f}",
        "azimuths": ">".join(f"{round(azimuth) % 360}" for azimuth in azimuths)
        if close
        else " ".join(f"{azimuth:3.0f}" for azimuth in azimuths),
        "light": _light(one)[: 3 if close else None],
        "age": f"{age:.1f}d" if close else f"{age:.1f} d old" if age >= 0 else f"{-age:.1f} d ahead",
    }


def _star(clipped: bool) -> str:
    """The mark of an end that the window made."""
    return "*" if clipped else ""


def _age_days(one: Pass) -> float:
    return (one.aos - one.elements_epoch) / timedelta(days=1)


def _light(one: Pass) -> str:
    """Visible, or what keeps the satellite from being seen."""
    if is_visible(one):
        return "visible"
    if one.sun_elevation_deg is not None and one.sun_elevation_deg >= VISIBLE_SUN_DEG:
        return "day"
    return "eclipse"
