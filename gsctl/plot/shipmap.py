"""A map of ships: where they are, where they came from, and the coast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gsctl.model import Station
from gsctl.plot.coast import Shore, shores
from gsctl.plot.ships import ShipTrack
from gsctl.plot.style import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, SOFT_INK, VERMILION, drawing, save

LAND, SEA, SHORE_LINE = "#ebe7dd", "#f4f8fb", "#a9a293"
_MOST_NAMES = 40
_LEAST_SPAN_DEG = 0.05
_MARGIN = 0.08
_GROUPS = (
    ("cargo", BLUE, ("cargo",)),
    ("tanker", VERMILION, ("tanker",)),
    ("passenger, fast craft", PURPLE, ("passenger", "high-speed", "wing")),
    ("fishing", GREEN, ("fishing",)),
    ("sailing, pleasure craft", SKY, ("sailing", "pleasure")),
    (
        "service: tug, pilot, rescue ...",
        ORANGE,
        ("tug", "pilot", "search", "towing", "dredging", "port", "law"),
    ),
)
_OTHER = ("other, unknown", SOFT_INK)


def ship_map(path: Path, ships: Sequence[ShipTrack], *, title: str, station: Station | None = None) -> Path:
    """Draw ships and tracks on an equirectangular map that is true to scale in its middle.

    Args:
        path: png, svg or pdf.
        ships: at least one.
        title: over the map.
        station: marked where given.

    Raises:
        LogbookError: the file cannot be written, or its ending is of another kind.
    """
    west, east = _longitude_range(ships, station)
    south, north = _latitude_range(ships, station)
    south, west, north, east = _widened(south, west, north, east)
    stretch = 1.0 / max(math.cos(math.radians((south + north) / 2.0)), 0.05)
    # Degrees of longitude are narrower than those of latitude by the cosine; the map allows for it.
    shape = (east - west) / stretch / (north - south)
    width_in = min(max(7.0 * math.sqrt(shape), 5.5), 10.5)
    height_in = min(max(width_in / shape, 3.5), 9.0)
    left_in, right_in, top_in, bottom_in = 0.75, 0.25, 0.45, 1.0
    all_in = (left_in + width_in + right_in, bottom_in + height_in + top_in)
    with drawing(*all_in) as figure:
        axes = figure.add_axes(
            (left_in / all_in[0], bottom_in / all_in[1], width_in / all_in[0], height_in / all_in[1])
        )
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_aspect(stretch, adjustable="box")
        coast = shores(south, west, north, east)
        _draw_coast(axes, coast)
        _draw_ships(axes, ships, west)
        if station is not None:
            _draw_station(axes, station, west)
        _label_axes(axes)
        _draw_scale(axes, south, west, north, east)
        _legend(figure, ships, left_in / all_in[0])
        axes.set_title(title)
        credit = "coastline: GSHHG" if coast else "no coastline here, or none installed"
        figure.text(0.995, 0.006, credit, ha="right", va="bottom", fontsize=7, color=SOFT_INK)
        return save(figure, path)


def _longitude_range(ships: Sequence[ShipTrack], station: Station | None) -> tuple[float, float]:
    """West and east of all positions, around the 180th meridian where that is shorter."""
    values = np.concatenate([np.asarray(ship.longitude_deg) for ship in ships])
    if station is not None:
        values = np.append(values, station.longitude_deg)
    ordered = np.sort(values % 360.0)
    gaps = np.diff(ordered, append=ordered[0] + 360.0)
    widest = int(np.argmax(gaps))
    west = float(ordered[(widest + 1) % len(ordered)])
    span = 360.0 - float(gaps[widest])
    if west > 180.0 or (west + span > 180.0 and west == 180.0):
        west -= 360.0
    return west, west + span


def _latitude_range(ships: Sequence[ShipTrack], station: Station | None) -> tuple[float, float]:
    values = [value for ship in ships for value in (min(ship.latitude_deg), max(ship.latitude_deg))]
    if station is not None:
        values.append(station.latitude_deg)
    return min(values), max(values)


def _widened(south: float, west: float, north: float, east: float) -> tuple[float, float, float, float]:
    """A margin around the ships, and no map narrower than a few kilometres or a third of its height."""
    narrow = 1.0 / max(math.cos(math.radians((south + north) / 2.0)), 0.05)
    height = max(north - south, _LEAST_SPAN_DEG, (east - west) / narrow / 2.5)
    width = max(east - west, height * narrow * 0.8)
    height, width = height * (1 + 2 * _MARGIN), min(width * (1 + 2 * _MARGIN), 360.0)
    middle, across = (south + north) / 2.0, (west + east) / 2.0
    return (
        max(middle - height / 2, -90.0),
        across - width / 2,
        min(middle + height / 2, 90.0),
        across + width / 2,
    )


def _draw_coast(axes: Any, coast: Sequence[Shore]) -> None:
    axes.set_facecolor(SEA)
    polygons = [np.column_stack((shore.longitude_deg, shore.latitude_deg)) for shore in coast]
    colors = [LAND if shore.land else SEA for shore in coast]
    axes.add_collection(
        PolyCollection(polygons, facecolors=colors, edgecolors=SHORE_LINE, linewidths=0.5, zorder=1),
        autolim=False,
    )


def group_of(ship: ShipTrack) -> tuple[str, str]:
    """The legend's name and colour of a ship's type."""
    ship_type = ship.texts.get("ship_type", "")
    for name, color, words in _GROUPS:
        if ship_type.startswith(words):
            return name, color
    return _OTHER


def _near(longitude_deg: Sequence[float], west: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Longitudes in the 360 degrees from ``west`` on."""
    return (np.asarray(longitude_deg, np.float64) - west) % 360.0 + west


def _draw_ships(axes: Any, ships: Sequence[ShipTrack], west: float) -> None:
    outline = [withStroke(linewidth=2.0, foreground="white")]
    lines, colors = [], []
    for ship in ships:
        x = _near(ship.longitude_deg, west)
        if len(x) > 1:
            cuts = np.flatnonzero(np.abs(np.diff(x)) > 180.0) + 1
            points = np.column_stack((x, ship.latitude_deg))
            pieces = [piece for piece in np.split(points, cuts) if len(piece) > 1]
            lines += pieces
            colors += [group_of(ship)[1]] * len(pieces)
    axes.add_collection(
        LineCollection(lines, colors=colors, linewidths=0.8, alpha=0.65, zorder=3), autolim=False
    )
    _draw_markers(axes, ships, west)
    named = [ship for ship in ships if ship.texts.get("name")]
    if len(named) <= _MOST_NAMES:
        for ship in named:
            axes.annotate(
                ship.texts["name"],
                (float(_near(ship.longitude_deg[-1:], west)[0]), ship.latitude_deg[-1]),
                xytext=(6, 3),
                textcoords="offset points",
                fontsize=7,
                color=INK,
                path_effects=outline,
                zorder=5,
                annotation_clip=True,
            )


def _draw_markers(axes: Any, ships: Sequence[ShipTrack], west: float) -> None:
    size = 60.0 if len(ships) <= 200 else 26.0 if len(ships) <= 2000 else 10.0
    # Courses are rounded to 10 degrees: one call for each direction instead of one for each ship.
    crowds: dict[int | None, list[ShipTrack]] = {}
    for ship in ships:
        moving = ship.course_deg is not None and (ship.speed_kn or 0.0) >= 0.5
        crowds.setdefault(round((ship.course_deg or 0.0) / 10.0) % 36 if moving else None, []).append(ship)
    for direction, crowd in crowds.items():
        axes.scatter(
            _near([ship.longitude_deg[-1] for ship in crowd], west),
            [ship.latitude_deg[-1] for ship in crowd],
            s=size * 0.35 if direction is None else size,
            marker=MarkerStyle("o") if direction is None else _arrow(direction * 10.0),
            c=[group_of(ship)[1] for ship in crowd],
            edgecolors="white",
            linewidths=0.4 if len(ships) <= 200 else 0.0,
            zorder=4,
        )


def _arrow(course_deg: float) -> MarkerStyle:
    """A slim triangle that points along a course, clockwise from north."""
    turn = math.radians(-course_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    corners = [(0.0, 1.0), (0.45, -0.8), (0.0, -0.45), (-0.45, -0.8), (0.0, 1.0)]
    return MarkerStyle([(x * cosine - y * sine, x * sine + y * cosine) for x, y in corners])


def _draw_station(axes: Any, station: Station, west: float) -> None:
    x = float(_near([station.longitude_deg], west)[0])
    axes.scatter([x], [station.latitude_deg], marker="*", s=110, color=INK, edgecolors="white", zorder=6)
    axes.annotate(
        station.name,
        (x, station.latitude_deg),
        xytext=(7, -9),
        textcoords="offset points",
        fontsize=8,
        fontweight="bold",
        path_effects=[withStroke(linewidth=2.0, foreground="white")],
        zorder=6,
    )


def _label_axes(axes: Any) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 3, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 3, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: _degrees((value + 180.0) % 360.0 - 180.0, "EW"))
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _degrees(value, "NS")))
    axes.grid(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)


def _degrees(value: float, letters: str) -> str:
    letter = letters[0] if value > 0 else letters[1] if value < 0 else ""
    return f"{abs(value):.10g}\N{DEGREE SIGN}{letter}"


def _draw_scale(axes: Any, south: float, west: float, north: float, east: float) -> None:
    """A bar of a round number of kilometres, true at its own latitude."""
    latitude = south + 0.045 * (north - south)
    km_per_deg = 111.2 * max(math.cos(math.radians(latitude)), 0.01)
    wanted = 0.2 * (east - west) * km_per_deg
    power = 10.0 ** math.floor(math.log10(wanted))
    length_km = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    x = west + 0.03 * (east - west)
    axes.plot(
        [x, x + length_km / km_per_deg],
        [latitude, latitude],
        color=INK,
        lw=2.2,
        zorder=7,
        solid_capstyle="butt",
    )
    axes.annotate(
        f"{length_km:g} km",
        (x, latitude),
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=8,
        path_effects=[withStroke(linewidth=2.0, foreground="white")],
        zorder=7,
    )


def _legend(figure: Any, ships: Sequence[ShipTrack], left: float) -> None:
    counts: dict[tuple[str, str], int] = {}
    for ship in ships:
        counts[group_of(ship)] = counts.get(group_of(ship), 0) + 1
    handles = [
        Line2D([], [], color=color, marker=_arrow(0.0), linestyle="", label=f"{name} ({counts[name, color]})")
        for name, color in (*((name, color) for name, color, _ in _GROUPS), _OTHER)
        if (name, color) in counts
    ]
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(left - 0.02, 0.015), ncols=3, fontsize=8)
