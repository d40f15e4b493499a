"""Charts of a telemetry log: one panel a unit, all over the same time."""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from gsctl.errors import LogbookError
from gsctl.plot.style import SERIES, SOFT_INK, day, drawing, save
from gsctl.plot.timeaxis import set_time_axis
from gsctl.telemetry.units import UNIT_SUFFIXES, split_unit

# How an axis says a unit, where that is not the suffix itself.
_SYMBOLS = {
    **{
        "degc": "°C",
        "deg": "°",
        "deg_s": "°/s",
        "m_s": "m/s",
        "m_s2": "m/s²",
        "rad_s": "rad/s",
        "percent": "%",
    },
    **{
        "hz": "Hz",
        "bd": "Bd",
        "db": "dB",
        "dbm": "dBm",
        "dbfs": "dBFS",
        "bit_s": "bit/s",
        "v": "V",
        "a": "A",
    },
    **{"w": "W", "ah": "Ah", "wh": "Wh", "ohm": "Ω", "f": "F", "t": "T", "am2": "A m²", "nms": "N m s"},
    **{"pa": "Pa", "k": "K", "sv_h": "Sv/h", "gy": "Gy", "lux": "lx"},
}
MOST_ROWS = 100_000
MOST_SERIES = 8
MOST_PANELS = 16
# A line between two points says that the value went from one to the other; across a longer
# silence than this (satellites come back every 90 minutes) nobody knows.
LONGEST_LINE_S = 1800.0

# Bytes that a log shows as hex: one such cell tells that the digits of the others are no numbers either.
# No number is written with a zero before other digits, and none fills more than 64 bits.
_HEX = re.compile(r"(?=0[0-9]|.*[A-Fa-f]|[0-9]{21})(?:[0-9A-Fa-f]{2})+")
_NOT_CHARTED = {"received_at", "satellite", "norad_id", "transmitter", "frame_id", "sample_index", "session"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryTable:
    """Numbers of a telemetry log.

    Attributes:
        time_s: (n,) float64, seconds since ``start``; row numbers where no row has a time.
        start: of the first row with a time; None is unknown.
        columns: name to (n,) float64; NaN where a cell is empty or no number.
        satellites: whose rows these are.
    """

    time_s: NDArray[np.float64]
    start: datetime | None
    columns: dict[str, NDArray[np.float64]]
    satellites: tuple[str, ...]


def unit_of(column: str) -> tuple[str, str]:
    """The column's name without its unit, and the unit as an axis says it.

    A name that ends in no unit (or in a kind of number, such as ``_count``) stays whole.
    """
    stem, suffix = split_unit(column)
    unit = suffix.removeprefix("_")
    return (stem or column, _SYMBOLS.get(unit, unit)) if unit in UNIT_SUFFIXES else (column, "")


def read_telemetry(path: Path | str, *, satellite: str = "") -> TelemetryTable:
    """The numeric columns of a CSV log, in time order.

    At most ``MOST_ROWS`` rows are held: of a longer log every second, fourth, ... row.

    Args:
        path: a log as ``gsctl decode`` writes it, or any CSV with a ``received_at`` column.
        satellite: only rows of this name or catalogue number; empty takes all.

    Raises:
        LogbookError: the file cannot be read, is no CSV, or has no numbers.
    """
    source = Path(path)
    try:
        with source.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            if not header or len(set(header)) != len(header):
                raise LogbookError("no header with distinct names in the first line", where=str(source))
            return _collect(header, _rows(reader, header, satellite), source)
    except OSError as error:
        raise LogbookError(f"cannot read: {error.strerror}", where=str(source)) from error
    except csv.Error as error:
        raise LogbookError(f"no CSV: {error}", where=str(source)) from error


def _rows(reader: Iterator[list[str]], header: Sequence[str], satellite: str) -> Iterator[list[str]]:
    """Whole rows of the satellite asked for."""
    places = [header.index(name) for name in ("satellite", "norad_id") if name in header]
    wanted = satellite.casefold()
    for row in reader:
        if len(row) != len(header):  # torn, or none of ours
            continue
        if not wanted or any(row[place].casefold() == wanted for place in places):
            yield row


def _collect(header: Sequence[str], rows: Iterator[list[str]], source: Path) -> TelemetryTable:
    names = [name for name in header if name not in _NOT_CHARTED]
    places = [header.index(name) for name in names]
    time_place = header.index("received_at") if "received_at" in header else None
    name_place = header.index("satellite") if "satellite" in header else None
    times, values = array("d"), [array("d") for _ in names]
    of_bytes = {name for name in names if name.endswith("_hex")}
    satellites: dict[str, None] = {}
    step = 1
    for number, row in enumerate(rows):
        if number % step:
            continue
        times.append(_seconds(row[time_place]) if time_place is not None else math.nan)
        for name, place, column in zip(names, places, values, strict=True):
            value = _number(row[place])
            column.append(value)
            if _HEX.fullmatch(row[place]) and (value != value or row[place][0] == "0" or value > 2**64):
                of_bytes.add(name)
        if name_place is not None and row[name_place] and len(satellites) < 8:
            satellites.setdefault(row[name_place])
        if len(times) >= MOST_ROWS:
            times = times[::2]
            values = [column[::2] for column in values]
            step *= 2
    numbers = [(name, column) for name, column in zip(names, values, strict=True) if name not in of_bytes]
    return _table(numbers, times, tuple(satellites), source)


def _table(
    numbers: Sequence[tuple[str, array[float]]],
    times: array[float],
    satellites: tuple[str, ...],
    source: Path,
) -> TelemetryTable:
    time_s = np.array(times, dtype=np.float64)
    columns = {name: np.array(column, dtype=np.float64) for name, column in numbers}
    known = np.flatnonzero(np.isfinite(time_s))
    start = None
    if len(known):
        order = known[np.argsort(time_s[known], kind="stable")]
        start = datetime.fromtimestamp(float(time_s[order[0]]), UTC)
        time_s = time_s[order] - time_s[order[0]]
        columns = {name: column[order] for name, column in columns.items()}
    else:
        time_s = np.arange(len(time_s), dtype=np.float64)
    columns = {name: column for name, column in columns.items() if np.isfinite(column).any()}
    if not columns:
        raise LogbookError("no rows with numbers", where=str(source), advice="give a telemetry log")
    return TelemetryTable(time_s=time_s, start=start, columns=columns, satellites=satellites)


def _seconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _number(text: str) -> float:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def panels_of(table: TelemetryTable, columns: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    """Which columns share a panel: those of one unit, at most ``MOST_SERIES``; unitless ones stand alone.

    Args:
        table: the log.
        columns: only these; empty takes all that change, or all where none does.

    Returns:
        Unit and columns of each panel, in the order of the log.

    Raises:
        LogbookError: a column asked for is not there or has no numbers.
    """
    for name in columns:
        if name not in table.columns:
            there = ", ".join(list(table.columns)[:12])
            raise LogbookError(f"no column of numbers {name!r}", advice=f"there are {there}")
    changing = [name for name, values in table.columns.items() if np.nanmin(values) < np.nanmax(values)]
    chosen = list(columns) or changing or list(table.columns)
    groups: dict[tuple[str, str], list[str]] = {}
    for name in chosen:
        unit = unit_of(name)[1]
        groups.setdefault((unit, "" if unit else name), []).append(name)
    panels = [
        (unit, names[first : first + MOST_SERIES])
        for (unit, _), names in groups.items()
        for first in range(0, len(names), MOST_SERIES)
    ]
    return panels[:MOST_PANELS]


def telemetry_picture(
    path: Path | str, table: TelemetryTable, *, title: str, columns: Sequence[str] = ()
) -> Path:
    """Save charts of a telemetry log.

    Raises:
        LogbookError: a column is not there, or the picture cannot be written.
    """
    panels = panels_of(table, columns)
    weights = [max(1.0, 0.16 * len(names) + 0.3) for _, names in panels]
    height_in = 1.25 + 1.05 * sum(weights)
    with drawing(11.0, height_in) as figure:
        axes = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=weights,
            gridspec_kw={"left": 0.085, "right": 0.77, "bottom": 0.55 / height_in, "top": 1 - 0.7 / height_in}
        )[:, 0]  # fmt: skip
        for panel, (unit, names) in zip(axes, panels, strict=True):
            _draw_panel(panel, table, unit, names)
        figure.align_ylabels(axes)
        _draw_time(axes[-1], table)
        figure.text(0.03, 1 - 0.27 / height_in, title, fontsize=14, fontweight="bold", va="center")
        figure.text(0.03, 1 - 0.5 / height_in, _subtitle(table), fontsize=9.5, color=SOFT_INK, va="center")
        return save(figure, path)


def _draw_panel(axes: Any, table: TelemetryTable, unit: str, names: Sequence[str]) -> None:
    longest = LONGEST_LINE_S if table.start else math.inf
    broken = np.flatnonzero(np.diff(table.time_s) > longest) + 1
    size = 3.2 if len(table.time_s) < 400 else 1.2
    for name, color in zip(names, SERIES, strict=False):
        known = np.isfinite(table.columns[name])
        time_s = np.insert(table.time_s, broken, np.nan)
        values = np.insert(table.columns[name], broken, np.nan)
        shown = np.insert(known, broken, True)  # a break is drawn, an empty cell is bridged
        axes.plot(
            time_s[shown], values[shown], color=color, linewidth=1.2, marker="o", markersize=size,
            markeredgewidth=0, label=unit_of(name)[0] if unit else name,
        )  # fmt: skip
    axes.grid(True)
    axes.margins(x=0.015, y=0.12)
    largest = max(float(np.nanmax(np.abs(table.columns[name]))) for name in names)
    if unit and 0.0 < largest < 0.01:  # tesla, ampere: 10 µT instead of 0.00001
        axes.yaxis.set_major_formatter(EngFormatter(unit=unit))
    else:
        axes.ticklabel_format(axis="y", useOffset=False)
    axes.locator_params(axis="y", nbins=5)
    axes.set_ylabel(unit or "number")
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.005, 1.04), fontsize=8, handlelength=1.4, borderaxespad=0.3
    )


def _draw_time(axes: Any, table: TelemetryTable) -> None:
    low_s, high_s = axes.get_xlim()
    if table.start is None:
        axes.set_xlabel("Row of the log (its times are unknown)")
    else:
        set_time_axis(axes.xaxis, table.start, low_s, high_s)


def _subtitle(table: TelemetryTable) -> str:
    rows = len(table.time_s)
    parts = [", ".join(table.satellites), f"{rows} record{'s' if rows != 1 else ''}"]
    if table.start is not None:
        last = datetime.fromtimestamp(table.start.timestamp() + float(table.time_s[-1]), UTC)
        parts.append(
            day(table.start) if day(last) == day(table.start) else f"{day(table.start)} to {day(last)}"
        )
    return "   ".join(part for part in parts if part)
