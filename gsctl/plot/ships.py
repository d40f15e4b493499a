"""Ships and their tracks out of an ais.csv, and as GeoJSON (RFC 7946)."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gsctl.errors import LogbookError

# A track keeps so many points; beyond that every other one goes, again and again.
_MOST_POINTS = 4000
_MOST_SHIPS = 100_000
_NEEDED = {"mmsi", "latitude_deg", "longitude_deg"}
_TEXTS = ("name", "callsign", "ship_type", "destination", "mmsi_kind")


@dataclass(slots=True, kw_only=True)
class ShipTrack:
    """One ship: where it was, in the order of the log, and what it said of itself.

    Attributes:
        latitude_deg, longitude_deg: positions.
        received_at: ISO 8601 of each position; empty is unknown.
        course_deg: latest course over ground; None is unknown.
        speed_kn: latest speed over ground; None is unknown.
        texts: name, callsign, ship_type, destination and mmsi_kind, as far as known.
    """

    mmsi: int
    latitude_deg: list[float] = field(default_factory=list)
    longitude_deg: list[float] = field(default_factory=list)
    received_at: list[str] = field(default_factory=list)
    course_deg: float | None = None
    speed_kn: float | None = None
    texts: dict[str, str] = field(default_factory=dict)
    _stride: int = 1
    _seen: int = 0

    def add_position(self, latitude_deg: float, longitude_deg: float, received_at: str) -> None:
        """Append a position; the latest always stays, older ones thin out when there are many."""
        self._seen += 1
        if self._seen > 1 and (self._seen - 2) % self._stride:
            self._drop(slice(-1, None))
        self.latitude_deg.append(latitude_deg)
        self.longitude_deg.append(longitude_deg)
        self.received_at.append(received_at)
        if len(self.latitude_deg) > _MOST_POINTS:
            self._stride *= 2
            self._drop(slice(1, -1, 2))

    def _drop(self, which: slice) -> None:
        del self.latitude_deg[which]
        del self.longitude_deg[which]
        del self.received_at[which]


def read_ships(path: Path) -> list[ShipTrack]:
    """All ships of an ais.csv that gave a position.

    Lines that cannot be read are passed over: a log may have a torn one.

    Raises:
        LogbookError: the file cannot be read, or has no columns of positions.
    """
    ships: dict[int, ShipTrack] = {}
    for row in _rows(path):
        mmsi = _number(row.get("mmsi"))
        if mmsi is None or (int(mmsi) not in ships and len(ships) >= _MOST_SHIPS):
            continue
        ship = ships.setdefault(int(mmsi), ShipTrack(mmsi=int(mmsi)))
        ship.texts |= {name: row[name] for name in _TEXTS if row.get(name)}
        latitude_deg, longitude_deg = _number(row.get("latitude_deg")), _number(row.get("longitude_deg"))
        if (
            latitude_deg is None
            or longitude_deg is None
            or abs(latitude_deg) > 90
            or abs(longitude_deg) > 180
        ):
            continue
        ship.add_position(latitude_deg, longitude_deg, row.get("received_at") or "")
        ship.course_deg = _number(row.get("course_over_ground_deg"))
        ship.speed_kn = _number(row.get("speed_over_ground_kn"))
    return [ship for ship in ships.values() if ship.latitude_deg]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            reader = csv.DictReader(file)
            missing = _NEEDED - set(reader.fieldnames or ())
            if missing:
                raise LogbookError(
                    f"no column {', '.join(sorted(missing))}",
                    where=str(path),
                    advice="name an ais.csv of gsctl",
                )
            yield from reader
    except OSError as error:
        raise LogbookError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except csv.Error as error:
        raise LogbookError(f"no CSV: {error}", where=str(path)) from error


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


def geojson(ships: list[ShipTrack]) -> dict[str, object]:
    """A FeatureCollection: a point for each ship where it was last, a line for each track.

    A track that crosses the 180th meridian is cut there (RFC 7946, section 3.1.9).
    """
    features: list[dict[str, object]] = []
    for ship in ships:
        properties: dict[str, object] = {"mmsi": ship.mmsi, **ship.texts}
        properties |= {"received_at": ship.received_at[-1] or None, "positions": len(ship.latitude_deg)}
        properties |= {"course_over_ground_deg": ship.course_deg, "speed_over_ground_kn": ship.speed_kn}
        point = {"type": "Point", "coordinates": [ship.longitude_deg[-1], ship.latitude_deg[-1]]}
        features.append({"type": "Feature", "geometry": point, "properties": properties})
        lines = [piece for piece in _pieces(ship) if len(piece) > 1]
        if lines:
            track = {"type": "MultiLineString", "coordinates": lines}
            features.append(
                {"type": "Feature", "geometry": track, "properties": {"mmsi": ship.mmsi, "track": True}}
            )
    return {"type": "FeatureCollection", "features": features}


def _pieces(ship: ShipTrack) -> list[list[list[float]]]:
    pieces: list[list[list[float]]] = [[]]
    for longitude_deg, latitude_deg in zip(ship.longitude_deg, ship.latitude_deg, strict=True):
        last = pieces[-1]
        if last and abs(last[-1][0] - longitude_deg) > 180.0:
            pieces.append([])
        pieces[-1].append([longitude_deg, latitude_deg])
    return pieces


def write_geojson(path: Path, ships: list[ShipTrack]) -> Path:
    """Write ``geojson`` to a file, whole or not at all.

    Raises:
        LogbookError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(geojson(ships), separators=(",", ":")) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise LogbookError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path
