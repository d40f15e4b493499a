"""What ``gsctl ais`` prints: messages in the format asked for, and the table of ships."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gsctl.ais.formats import gpsd_object, json_object, nmea_lines
from gsctl.ais.messages import AIS_COLUMNS, AisMessage
from gsctl.ais.ships import ShipTable
from gsctl.cli import console
from gsctl.logbook.csvtext import cell, csv_line, csv_lines
from gsctl.logbook.jsonl import json_line
from gsctl.model import FieldValue, Station

_REDRAW_S = 2.0
_CLEAR_SCREEN = "\x1b[H\x1b[2J"


class Printer(Protocol):
    """Writes messages to standard output."""

    def write(self, messages: Sequence[AisMessage], now: datetime) -> None:
        """Print a batch."""
        ...

    def finish(self, now: datetime | None) -> None:
        """Print what remains at the end."""
        ...


class TextPrinter:
    """One piece of text a message: JSON Lines, a JSON array, CSV or NMEA."""

    def __init__(self, text_format: str, *, session: str, tag_block: bool) -> None:
        self._format = text_format
        self._session = session
        self._tag_block = tag_block
        self._count = 0
        if text_format == "csv":
            sys.stdout.write(csv_line(AIS_COLUMNS).decode())

    def write(self, messages: Sequence[AisMessage], now: datetime) -> None:
        """See ``Printer``; a pipe's reader sees a batch as soon as it is there."""
        del now
        if not messages:
            return
        if self._format == "csv":
            rows = [[cell(value) for value in message.row(self._session).values()] for message in messages]
            sys.stdout.write(csv_lines(rows).decode())
        else:
            sys.stdout.write("".join(self._text(message) for message in messages))
        sys.stdout.flush()

    def finish(self, now: datetime | None) -> None:
        """See ``Printer``."""
        del now
        if self._format == "json":
            sys.stdout.write("\n]\n" if self._count else "[]\n")

    def _text(self, message: AisMessage) -> str:
        self._count += 1
        if self._format == "nmea":
            lines = nmea_lines(message, tag_block=self._tag_block, group_number=self._count)
            return "".join(f"{console.safe(line)}\n" for line in lines)
        if self._format == "json":
            lead = "[\n" if self._count == 1 else ",\n"
            return lead + json_line(json_object(message)).removesuffix("\n")
        return json_line(gpsd_object(message) if self._format == "ais-catcher" else json_object(message))


class ShipsPrinter:
    """The table of ships: at the end, and on a terminal anew every two seconds while a source is live."""

    def __init__(self, ships: ShipTable, *, station: Station | None, live: bool) -> None:
        self._ships = ships
        self._station = station
        self._redraw = live and console.on_terminal()
        self._drawn_at: datetime | None = None

    def write(self, messages: Sequence[AisMessage], now: datetime) -> None:
        """See ``Printer``."""
        del messages
        if not self._redraw:
            return
        if self._drawn_at is None or (now - self._drawn_at).total_seconds() >= _REDRAW_S:
            self._drawn_at = now
            sys.stdout.write(_CLEAR_SCREEN)
            self._print(now, limit=40)

    def finish(self, now: datetime | None) -> None:
        """See ``Printer``."""
        if self._redraw:
            sys.stdout.write(_CLEAR_SCREEN)
        self._print(now, limit=None)

    def _print(self, now: datetime | None, limit: int | None) -> None:
        rows = self._ships.rows(station=self._station, now=now)
        for line in ship_lines(rows[:limit]):
            print(line)
        if limit and len(rows) > limit:
            print(f"... and {len(rows) - limit} more")
        sys.stdout.flush()


class NoPrinter:
    """Prints nothing."""

    def write(self, messages: Sequence[AisMessage], now: datetime) -> None:
        """See ``Printer``."""

    def finish(self, now: datetime | None) -> None:
        """See ``Printer``."""


def choose_printer(
    output_format: str,
    ships: ShipTable,
    *,
    station: Station | None,
    live: bool,
    session: str,
    tag_block: bool,
) -> Printer:
    """The printer of an output format.

    Args:
        ships: filled by the caller; what the format ``table`` prints.
        station: for range and bearing in the table.
        live: the input does not end by itself.
        session: for the column of that name in the format ``csv``.
        tag_block: for the format ``nmea``.
    """
    if output_format == "none":
        return NoPrinter()
    if output_format == "table":
        return ShipsPrinter(ships, station=station, live=live)
    return TextPrinter(output_format, session=session, tag_block=tag_block)


# Title, key of the row, width; texts to the left, numbers to the right.
_TABLE = (
    ("mmsi", "mmsi", 9),
    ("name", "name", -20),
    ("type", "ship_type", -14),
    ("lat/deg", "latitude_deg", 10),
    ("lon/deg", "longitude_deg", 11),
    ("kn", "speed_over_ground_kn", 5),
    ("course", "course_over_ground_deg", 6),
    ("age/s", "age_s", 8),
    ("km", "range_km", 7),
    ("bearing", "bearing_deg", 7),
    ("heard", "messages", 6),
)


def ship_lines(rows: Sequence[Mapping[str, FieldValue]]) -> list[str]:
    """The rows of ``ShipTable.rows`` as lines of text, with a heading."""
    heading = " ".join(_fit(title, width) for title, _, width in _TABLE)
    lines = [heading.rstrip()]
    for row in rows:
        shown = {**row, "ship_type": row["ship_type"] if row["ship_type"] else _kind(row["kind"])}
        lines.append(" ".join(_fit(_text(key, shown[key]), width) for _, key, width in _TABLE).rstrip())
    return lines


def _kind(kind: FieldValue) -> FieldValue:
    return None if kind in ("ship", "unknown") else kind


def _text(key: str, value: FieldValue) -> str:
    if value is None:
        return ""
    if key in ("latitude_deg", "longitude_deg"):
        return f"{value:.5f}"
    return f"{value:.0f}" if key == "age_s" else console.safe(value)


def _fit(text: str, width: int) -> str:
    return f"{text[:-width]:<{-width}}" if width < 0 else f"{text:>{width}}"
