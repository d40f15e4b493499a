"""The ships heard: the latest of each, their distance from the station, and how much came from where."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gsctl.ais.messages import AisMessage
from gsctl.ais.mmsi import mmsi_kind
from gsctl.model import FieldValue, Station

_MEAN_EARTH_RADIUS_M = 6_371_008.8
_STATIC = (
    "name",
    "callsign",
    "ship_type",
    "destination",
    "imo_number",
    "length_m",
    "beam_m",
    "draught_m",
    "eta",
)
_DYNAMIC = (
    "latitude_deg",
    "longitude_deg",
    "speed_over_ground_kn",
    "course_over_ground_deg",
    "true_heading_deg",
    "navigation_status",
)


@dataclass(slots=True, kw_only=True)
class Ship:
    """One sender, as far as its messages have told.

    Attributes:
        last_heard_at: time of its latest message that has one.
        position_at: time of its latest position.
        messages: how many were heard.
        details: its latest static data.
        position: the fields of its latest message with a position.
    """

    mmsi: int
    details: dict[str, FieldValue] = field(default_factory=dict)
    position: Mapping[str, FieldValue] = field(default_factory=dict)
    last_heard_at: datetime | None = None
    position_at: datetime | None = None
    messages: int = 0


class ShipTable:
    """All senders heard, each with the latest that is known; the longest silent make room.

    Args:
        capacity: how many senders are kept.
    """

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._ships: OrderedDict[int, Ship] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ships)

    def add(self, message: AisMessage) -> None:
        """Take note of a message; static data and positions of one ship come together here."""
        ship = self._ships.get(message.mmsi)
        if ship is None:
            ship = self._ships[message.mmsi] = Ship(mmsi=message.mmsi)
            if len(self._ships) > self._capacity:
                self._ships.popitem(last=False)
        else:
            self._ships.move_to_end(message.mmsi)
        ship.messages += 1
        columns = message.columns
        if "name" in columns or "callsign" in columns:
            ship.details.update({name: columns[name] for name in _STATIC if columns.get(name) is not None})
        if columns.get("latitude_deg") is not None:
            ship.position = columns
            ship.position_at = message.received_at
        if message.received_at is not None:
            ship.last_heard_at = message.received_at

    def rows(
        self, *, station: Station | None = None, now: datetime | None = None
    ) -> list[dict[str, FieldValue]]:
        """One row a ship, the latest heard first.

        Args:
            station: for ``range_km`` and ``bearing_deg``; None leaves them empty.
            now: for ``age_s``, the age of the latest message; None leaves it empty.
        """
        return [self._row(ship, station, now) for ship in reversed(self._ships.values())]

    def _row(self, ship: Ship, station: Station | None, now: datetime | None) -> dict[str, FieldValue]:
        row: dict[str, FieldValue] = {"mmsi": ship.mmsi, "kind": mmsi_kind(ship.mmsi).value}
        row |= {name: ship.details.get(name) for name in _STATIC}
        row |= {name: ship.position.get(name) for name in _DYNAMIC}
        row |= {"age_s": None, "range_km": None, "bearing_deg": None, "messages": ship.messages}
        if now is not None and ship.last_heard_at is not None:
            row["age_s"] = round((now - ship.last_heard_at).total_seconds(), 1)
        latitude_deg, longitude_deg = row["latitude_deg"], row["longitude_deg"]
        if station and isinstance(latitude_deg, float) and isinstance(longitude_deg, float):
            range_m, bearing_deg = range_and_bearing(station, latitude_deg, longitude_deg)
            row["range_km"], row["bearing_deg"] = (
                round(range_m / 1000.0, 1),
                round(bearing_deg % 360.0, 1) % 360.0,
            )
        return row


def range_and_bearing(station: Station, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Great-circle distance in metres and initial bearing in degrees from north, eastwards positive.

    On a sphere with the earth's mean radius (haversine formula): within 0.6 % of the ellipsoid.
    """
    own = math.radians(station.latitude_deg)
    other = math.radians(latitude_deg)
    difference = math.radians(longitude_deg - station.longitude_deg)
    haversine = (
        math.sin((other - own) / 2) ** 2 + math.cos(own) * math.cos(other) * math.sin(difference / 2) ** 2
    )
    distance_m = 2 * _MEAN_EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(haversine)))
    east = math.sin(difference) * math.cos(other)
    north = math.cos(own) * math.sin(other) - math.sin(own) * math.cos(other) * math.cos(difference)
    # Twice: a bearing of -1e-17 modulo 360 is 360.
    return distance_m, math.degrees(math.atan2(east, north)) % 360.0 % 360.0


class Statistics:
    """How many messages came by channel and type."""

    def __init__(self) -> None:
        self.by_channel_and_type: Counter[tuple[str, int]] = Counter()

    def add(self, message: AisMessage) -> None:
        """Count a message."""
        # A sentence's channel is one character; hostile ones cannot make many kinds.
        self.by_channel_and_type[message.channel, message.message_type] += 1

    def lines(self) -> list[str]:
        """A table: a line a type, a column a channel, and the sums."""
        channels = sorted({channel for channel, _ in self.by_channel_and_type})
        types = sorted({message_type for _, message_type in self.by_channel_and_type})
        lines = ["type " + "".join(f"{channel or '-':>9}" for channel in channels) + f"{'all':>9}"]
        for message_type in types:
            counts = [self.by_channel_and_type[channel, message_type] for channel in channels]
            lines.append(
                f"{message_type:>4} " + "".join(f"{count:>9}" for count in counts) + f"{sum(counts):>9}"
            )
        sums = [
            sum(count for (name, _), count in self.by_channel_and_type.items() if name == channel)
            for channel in channels
        ]
        return [*lines, " all " + "".join(f"{count:>9}" for count in sums) + f"{sum(sums):>9}"]
