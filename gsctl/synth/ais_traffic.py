"""Ships on tracks and the slots in which they send, as a model of AIS traffic.

Rules of ITU-R M.1371-5: 2250 slots a minute on each of two channels (annex 2, section 3), reporting
intervals by class and speed (annex 1, tables of "reporting intervals"), slots that a
class A station keeps for 3 to 8 minutes and chooses among those nobody near it uses (SOTDMA).
Stations out of each other's range use the same slots: that is why a satellite hears collisions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

SLOTS_A_MINUTE = 2250
SLOT_S = 60.0 / SLOTS_A_MINUTE
# Stations hear each other within about 20 nautical miles at sea and leave each other's slots alone.
HEARING_RANGE_KM = 74.0
_EARTH_RADIUS_KM = 6371.0
_CANDIDATES = 8
_STATIC_INTERVAL_S = 360.0
_LONG_RANGE_INTERVAL_S = 180.0


class Report(StrEnum):
    """What a transmission carries."""

    POSITION = "position"  # type 1, or 18 of class B
    STATIC = "static"  # type 5, or 24 part A of class B
    STATIC_B = "static-b"  # type 24 part B
    LONG_RANGE = "long-range"  # type 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """One ship at the start of the simulation; it keeps course and speed."""

    mmsi: int
    class_b: bool
    latitude_deg: float
    longitude_deg: float
    speed_kn: float
    course_deg: float
    length_m: int
    ship_type: int

    @property
    def power_w(self) -> float:
        """Transmitter power: 12.5 W of class A, 2 W of class B."""
        return 2.0 if self.class_b else 12.5

    def position_at(self, time_s: float) -> tuple[float, float]:
        """Latitude and longitude in degrees; on a sphere, good for hours away from the poles."""
        distance_deg = self.speed_kn * time_s / 3600.0 / 60.0
        course = math.radians(self.course_deg)
        latitude = max(min(self.latitude_deg + distance_deg * math.cos(course), 89.9), -89.9)
        stretch = max(math.cos(math.radians(latitude)), 1e-3)
        longitude = self.longitude_deg + distance_deg * math.sin(course) / stretch
        return latitude, (longitude + 180.0) % 360.0 - 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """One message on the air.

    Attributes:
        time_s: beginning of its slot, in seconds since the start.
        slot: 0 to 2249.
        channel: ``A`` to ``D``.
        vessel: index into the fleet.
        slot_timeout: minutes for which the slot stays reserved.
    """

    time_s: float
    slot: int
    channel: str
    vessel: int
    report: Report
    slot_timeout: int = 0


def make_fleet(
    count: int,
    latitude_deg: float,
    longitude_deg: float,
    radius_km: float,
    random: np.random.Generator,
    *,
    class_b_share: float = 0.3,
) -> list[Vessel]:
    """Ships spread evenly over a spherical cap around a place.

    A fifth of them lies at anchor; the others make 2 to 22 knots (class B up to 12).
    """
    cosine = 1.0 - random.random(count) * (1.0 - math.cos(min(radius_km / _EARTH_RADIUS_KM, math.pi)))
    bearing = random.random(count) * 2.0 * math.pi
    fleet = []
    for number in range(count):
        place = _at(latitude_deg, longitude_deg, math.acos(cosine[number]), bearing[number])
        class_b = bool(random.random() < class_b_share)
        moored = bool(random.random() < 0.2)
        speed_kn = 0.0 if moored else round(float(random.uniform(2.0, 12.0 if class_b else 22.0)), 1)
        fleet.append(
            Vessel(
                mmsi=574_000_001 + number,
                class_b=class_b,
                latitude_deg=place[0],
                longitude_deg=place[1],
                speed_kn=speed_kn,
                course_deg=round(float(random.uniform(0.0, 359.9)), 1),
                length_m=int(random.integers(8, 24) if class_b else random.integers(40, 366)),
                ship_type=int(random.choice([36, 37] if class_b else [30, 52, 60, 70, 80])),
            )
        )
    return fleet


def report_interval_s(vessel: Vessel) -> float:
    """Seconds between position reports, straight course."""
    if vessel.class_b:
        return 180.0 if vessel.speed_kn <= 2.0 else 30.0
    if vessel.speed_kn < 0.5:
        return 180.0
    return 10.0 if vessel.speed_kn <= 14.0 else 6.0 if vessel.speed_kn <= 23.0 else 2.0


def schedule(fleet: Sequence[Vessel], minutes: int, random: np.random.Generator) -> list[Transmission]:
    """All transmissions of whole minutes from the start of one, in the order of their slots."""
    slots = _SlotMap(fleet, random)
    reservations = [
        _Reservation(vessel, fleet[vessel], random, number, count)
        for vessel in range(len(fleet))
        for count in [max(round(60.0 / report_interval_s(fleet[vessel])), 1)]
        for number in range(count)
    ]
    transmissions: list[Transmission] = []
    for minute in range(minutes):
        slots.begin_minute()
        for reservation in reservations:
            reservation.keep(slots)
        for reservation in reservations:
            transmissions += reservation.report(slots, minute)
        for vessel, one in enumerate(fleet):
            transmissions += _seldom(one, vessel, slots, minute, random)
    return sorted(transmissions, key=lambda sent: (sent.time_s, sent.channel, sent.vessel))


class _Reservation:
    """One of a ship's reporting slots, kept from minute to minute until its timeout."""

    def __init__(
        self, vessel: int, one: Vessel, random: np.random.Generator, number: int, count: int
    ) -> None:
        self._vessel = vessel
        self._random = random
        self._reach = SLOTS_A_MINUTE // count
        # The nominal start slot is the same for all of a ship's reports: it follows from its MMSI here.
        self._nominal = (one.mmsi * 7919) % self._reach + number * self._reach
        self._every = max(round(report_interval_s(one) / 60.0), 1)
        self._channel = "AB"[(one.mmsi + number) % 2]
        self._self_organised = not one.class_b and self._every == 1
        self._slot = -1
        self._timeout = 0

    def keep(self, slots: _SlotMap) -> None:
        """Claim the slot again before anybody chooses a new one."""
        if self._timeout > 0:
            self._timeout -= 1
            slots.claim(self._channel, self._slot, self._vessel)
        else:
            self._slot = -1

    def report(self, slots: _SlotMap, minute: int) -> list[Transmission]:
        """Position report of this minute, if one is due."""
        if (minute + self._vessel) % self._every:
            return []
        if self._slot < 0:
            half = max(self._reach // 10, 1)
            self._slot = slots.choose(self._channel, self._nominal, half, self._vessel)
            self._timeout = int(self._random.integers(3, 8)) if self._self_organised else 0
        return [
            Transmission(
                time_s=minute * 60.0 + self._slot * SLOT_S,
                slot=self._slot,
                channel=self._channel,
                vessel=self._vessel,
                report=Report.POSITION,
                slot_timeout=self._timeout,
            )
        ]


def _seldom(
    one: Vessel, vessel: int, slots: _SlotMap, minute: int, random: np.random.Generator
) -> list[Transmission]:
    """Static data every six minutes and long-range reports every three, at slots chosen anew."""
    phase = vessel * 5
    due: list[tuple[Report, str, int]] = []
    if (minute + phase) % round(_STATIC_INTERVAL_S / 60) == 0:
        channel = "AB"[(minute // 6 + vessel // 6) % 2]
        if one.class_b:
            due += [(Report.STATIC, channel, 1), (Report.STATIC_B, channel, 1)]
        else:
            due.append((Report.STATIC, channel, 2))
    if not one.class_b and (minute + phase) % round(_LONG_RANGE_INTERVAL_S / 60) == 0:
        due.append((Report.LONG_RANGE, "CD"[(minute // 3 + vessel // 3) % 2], 1))
    sent = []
    for report, channel, width in due:
        middle = int(random.integers(0, SLOTS_A_MINUTE - 1))
        slot = slots.choose(channel, middle, 75, vessel, width=width)
        time_s = minute * 60.0 + slot * SLOT_S
        sent.append(Transmission(time_s=time_s, slot=slot, channel=channel, vessel=vessel, report=report))
    return sent


class _SlotMap:
    """Who uses which slot in the minute at hand, and who is near whom."""

    def __init__(self, fleet: Sequence[Vessel], random: np.random.Generator) -> None:
        self._random = random
        self._unit = _unit_vectors(fleet)
        self._near = math.cos(HEARING_RANGE_KM / _EARTH_RADIUS_KM)
        self._users: dict[tuple[str, int], list[int]] = defaultdict(list)

    def begin_minute(self) -> None:
        """Forget the last minute."""
        self._users.clear()

    def claim(self, channel: str, slot: int, vessel: int) -> None:
        """Note that a ship sends in a slot."""
        self._users[channel, slot].append(vessel)

    def choose(self, channel: str, middle: int, half: int, vessel: int, *, width: int = 1) -> int:
        """Claim a slot around ``middle`` that nobody near uses; else the one whose user is farthest."""
        low, high = max(middle - half, 0), min(middle + half, SLOTS_A_MINUTE - width)
        best, best_closeness = low, 2.0
        for candidate in self._random.integers(low, max(high, low) + 1, _CANDIDATES).tolist():
            closeness = max(self._closeness(channel, candidate + k, vessel) for k in range(width))
            if closeness < best_closeness:
                best, best_closeness = candidate, closeness
            if closeness < self._near:
                break
        for k in range(width):
            self.claim(channel, best + k, vessel)
        return best

    def _closeness(self, channel: str, slot: int, vessel: int) -> float:
        """Cosine of the angle to the nearest user; -2 where there is none."""
        users = self._users.get((channel, slot))
        return float(np.max(self._unit[users] @ self._unit[vessel])) if users else -2.0


def _unit_vectors(fleet: Sequence[Vessel]) -> NDArray[np.float64]:
    latitude = np.radians([vessel.latitude_deg for vessel in fleet])
    longitude = np.radians([vessel.longitude_deg for vessel in fleet])
    return np.column_stack(
        (np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude))
    )


def _at(latitude_deg: float, longitude_deg: float, angle: float, bearing: float) -> tuple[float, float]:
    """The place at an angle (radians, from the earth's centre) and bearing from another."""
    start = math.radians(latitude_deg)
    sine = math.sin(start) * math.cos(angle) + math.cos(start) * math.sin(angle) * math.cos(bearing)
    latitude = math.asin(max(-1.0, min(1.0, sine)))
    east = math.sin(bearing) * math.sin(angle) * math.cos(start)
    north = math.cos(angle) - math.sin(start) * math.sin(latitude)
    longitude = math.radians(longitude_deg) + math.atan2(east, north)
    return math.degrees(latitude), (math.degrees(longitude) + 180.0) % 360.0 - 180.0
