"""Sunlight: where the Sun stands, and whether a satellite is in the Earth's shadow.

The Sun's place is the low-precision formula of the Astronomical Almanac (section C, "Low precision
formulas for the Sun": 0.01 degree from 1950 to 2050), which moves the edge of the shadow by less
than a second in a low orbit. The Earth is a sphere of its equatorial radius, without refraction.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from gsctl.orbit.earth import DAY_S, EARTH_RADIUS_KM, EarthRotation, Site, julian_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.orbit.search import Chunk, Found

ASTRONOMICAL_UNIT_KM = 149_597_870.7
SUN_RADIUS_KM = 695_700.0
SAMPLE_S = 60.0  # the shadow's depth is all but linear over a minute
MAX_SAMPLES = 1500


def sun_position_km(
    start: datetime, time_s: NDArray[np.float64], rotation: EarthRotation
) -> NDArray[np.float64]:
    """Earth-fixed position of the Sun's centre at seconds (n,) after ``start``, (n, 3)."""
    whole, fraction = julian_date(start)
    days = whole - 2_451_545.0 + fraction + time_s / DAY_S
    anomaly = np.radians((357.529 + 0.98560028 * days) % 360.0)
    longitude = np.radians(
        (280.459 + 0.98564736 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly)) % 360.0
    )
    obliquity = np.radians(23.439 - 0.00000036 * days)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    hour = ascension - rotation.angle_rad(time_s)
    direction = np.stack(
        [np.cos(declination) * np.cos(hour), np.cos(declination) * np.sin(hour), np.sin(declination)], axis=-1
    )
    return np.asarray(direction * (distance * ASTRONOMICAL_UNIT_KM)[..., None], dtype=np.float64)


def eclipse_depth_deg(position_km: NDArray[np.float64], sun_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep the whole Sun stands behind the Earth's edge, seen from points (n, 3): (n,) degrees.

    Above zero is the umbra; minus the Sun's diameter (about 0.53 degree) to zero the penumbra.
    """
    to_sun = sun_km - position_km
    distance, radius = np.linalg.norm(to_sun, axis=-1), np.linalg.norm(position_km, axis=-1)
    cosine = -np.einsum("...i,...i->...", to_sun, position_km) / (distance * radius)
    apart = np.arccos(np.clip(cosine, -1.0, 1.0))
    earth = np.arcsin(np.clip(EARTH_RADIUS_KM / radius, 0.0, 1.0))
    return np.asarray(np.degrees(earth - np.arcsin(SUN_RADIUS_KM / distance) - apart), dtype=np.float64)


def sun_elevation_deg(site: Site, sun_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elevation of the Sun's centre at a site, (n,), without refraction."""
    line = sun_km - site.position_km
    return np.asarray(
        np.degrees(np.arcsin((line @ site.up) / np.linalg.norm(line, axis=-1))), dtype=np.float64
    )


def sunlit_fraction(chunk: Chunk, found: Found) -> NDArray[np.float64]:
    """Share (m,) of each pass in which more than half of the Sun's disc lights the satellite, 0 to 1."""
    begin_s, length_s = found.event_s[:, 0], found.event_s[:, 2] - found.event_s[:, 0]
    count = np.clip(np.ceil(length_s / SAMPLE_S).astype(np.intp), 2, MAX_SAMPLES) + 1
    number = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
    time_s = begin_s[number] + length_s[number] * rank / (count[number] - 1)
    states = chunk.propagator.scattered(chunk.records, found.owner[number], time_s)
    sun_km = sun_position_km(chunk.propagator.start, time_s, chunk.propagator.rotation)
    sun_radius_deg = np.degrees(SUN_RADIUS_KM / ASTRONOMICAL_UNIT_KM)
    light = -(eclipse_depth_deg(states.position_km, sun_km) + sun_radius_deg)  # above zero is lit
    here, after = light[:-1], light[1:]
    span = np.abs(here) + np.abs(after)
    lit = (np.maximum(here, 0.0) + np.maximum(after, 0.0)) / np.where(span > 0.0, span, 1.0)
    pair = number[:-1] == number[1:]
    total = np.bincount(number[:-1][pair], weights=lit[pair], minlength=len(count))
    return np.asarray(total / np.maximum(count - 1, 1), dtype=np.float64)
