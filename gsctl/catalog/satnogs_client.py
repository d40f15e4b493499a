"""The place of a station from the variables of satnogs-client: ``SATNOGS_STATION_LAT`` and its like.

They stand in a file of ``NAME=value`` lines (``.env``, ``/etc/default/satnogs-client``, the output of
``env``), with ``export`` or in quotes too, or under ``environment:`` of a compose file. Source of the
names: satnogs-client's documentation, "User guide, Environment variables": degrees, north and east
positive, and metres. Nothing else is kept: among the variables is the secret token of the station.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from gsctl.catalog.textfile import clean, read_text
from gsctl.errors import CatalogError
from gsctl.model import Station

_LINE = re.compile(r"""\s*(?:-\s+)?(?:export\s+)?["']?(SATNOGS_[A-Z0-9_]+)["']?\s*[=:]\s*(.*)""", re.ASCII)
_PLACE = ("SATNOGS_STATION_LAT", "SATNOGS_STATION_LON", "SATNOGS_STATION_ELEV")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPlace:
    """The station, and the names of the variables that do not tell its place."""

    station: Station
    other_names: tuple[str, ...] = field(default=())


def is_client_file(path: Path) -> bool:
    """Whether a file holds variables of satnogs-client.

    Raises:
        CatalogError: it cannot be read.
    """
    return any(_LINE.match(line) for line in read_text(path).split("\n"))


def read_client_place(path: Path) -> ClientPlace:
    """The place in a file of satnogs-client's variables, named ``satnogs-ID``; the last value counts.

    Raises:
        CatalogError: the file is unreadable, latitude or longitude is missing, or a value is no number
            that it could be; the line is named.
    """
    values: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if match := _LINE.match(line):
            values[match[1]] = (number, _plain(match[2]))
    for name in _PLACE[:2]:
        if name not in values:
            where = f"{path}:{min((line for line, _ in values.values()), default=1)}"
            raise CatalogError(f"{name} is missing", where=where, advice="write it as in NAME=21.0")
    latitude_deg, longitude_deg = (
        _number(values, name, path, most) for name, most in zip(_PLACE[:2], (90.0, 180.0), strict=True)
    )
    _, station_id = values.get("SATNOGS_STATION_ID", (0, ""))
    others = tuple(name for name in values if name not in (*_PLACE, "SATNOGS_STATION_ID"))
    return ClientPlace(
        station=Station(
            name=f"satnogs-{station_id}" if re.fullmatch(r"\d{1,9}", station_id, re.ASCII) else "satnogs",
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            height_m=_number(values, _PLACE[2], path, 1e5) if _PLACE[2] in values else 0.0,
        ),
        other_names=others,
    )


def _plain(value: str) -> str:
    """A value without its quotes or the remark behind it."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0].strip()
    return re.split(r"\s#", value)[0].strip()


def _number(values: dict[str, tuple[int, str]], name: str, path: Path, most: float) -> float:
    line, text = values[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= most:
        raise CatalogError(f"{name} {clean(text)[:30]!r} is no number up to {most:g}", where=f"{path}:{line}")
    return number
