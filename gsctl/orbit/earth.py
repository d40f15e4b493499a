"""Earth rotation, stations on the ellipsoid, and the geometry of a station's sky.

The rotation from SGP4's frame (TEME) to the Earth-fixed one is GMST-82 with UT1 (Vallado et al.,
AIAA 2006-6753, appendix C), as Skyfield does it with its built-in tables; polar motion (0.3
arc seconds, under 10 m on the ground) is left out there and here. Distances are kilometres inside
this room; the nouns of ``gsctl.model`` carry metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gsctl.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.model import Station

Floats = Any  # NDArray[np.float64]; kept loose where scalars pass too

EARTH_RADIUS_KM = 6378.137  # WGS 84
FLATTENING = 1.0 / 298.257223563
ROTATION_RAD_S = 7.292115855306589e-5  # of UT1 sidereal time, as GMST-82 grows
DAY_S = 86_400.0
_ORDINAL_TO_JD = 1_721_424.5
_NODE_S = 21_600.0  # UT1-UTC is interpolated linearly between nodes; its curvature gives under 1 us


def julian_date(moment: datetime) -> tuple[float, float]:
    """UTC Julian date as midnight and fraction of the day.

    Raises:
        UsageError: the time has no zone.
    """
    if moment.tzinfo is None:
        raise UsageError(f"time {moment.isoformat()} has no zone", advice="end it with Z for UTC")
    utc = moment.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    return utc.toordinal() + _ORDINAL_TO_JD, (utc - midnight) / timedelta(days=1)


@lru_cache(maxsize=1)
def _timescale() -> Any:
    from skyfield.api import load

    return load.timescale(builtin=True)  # never asks the network


def ut1_minus_utc_s(start: datetime, time_s: Floats) -> NDArray[np.float64]:
    """UT1-UTC at ``start`` + ``time_s`` from the IERS table that Skyfield carries, (n,) seconds."""
    times = np.atleast_1d(np.asarray(time_s, dtype=np.float64))
    whole, fraction = julian_date(start)
    timescale = _timescale()
    # Delta T moves by milliseconds a day, so UTC will do here for TT.
    delta_t_s = timescale.tt_jd(whole + fraction + times / DAY_S).delta_t
    offsets_s = np.concatenate([[10.0], timescale.leap_offsets])  # TAI - UTC was 10 s before 1972-07
    days = whole + (fraction + times / DAY_S)
    tai_minus_utc_s = offsets_s[np.searchsorted(timescale.leap_dates, days, side="right")]
    return np.asarray(32.184 + tai_minus_utc_s - delta_t_s, dtype=np.float64)


def _gmst82_rad(whole_jd: float, fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Greenwich mean sidereal time (IAU 1982) of a UT1 Julian date, (n,), growing without wrap."""
    centuries = (whole_jd - 2_451_545.0 + fraction) / 36_525.0
    polynomial_s = 67_310.54841 + centuries * (8_640_184.812866 + centuries * (0.093104 - 6.2e-6 * centuries))
    turns = (
        whole_jd % 1.0 + fraction + (polynomial_s - polynomial_s[0]) / DAY_S + polynomial_s[0] / DAY_S % 1.0
    )
    return np.asarray(turns * 2.0 * np.pi, dtype=np.float64)


class EarthRotation:
    """Sidereal angle over a span of time that begins at ``start``.

    Args:
        start: UTC.
        span_s: (first, last) second after ``start`` for which angles will be asked.
    """

    def __init__(self, start: datetime, span_s: tuple[float, float]) -> None:
        first, last = span_s
        count = max(int(np.ceil((last - first) / _NODE_S)), 1) + 1
        self.start = start
        self._nodes_s = np.linspace(first, max(last, first + 1.0), count)
        self._leaps = False
        whole, fraction = julian_date(start)
        dut1 = ut1_minus_utc_s(start, self._nodes_s)
        self._whole, self._fraction = whole, fraction
        # Across a leap second UT1-UTC jumps, so there it must not be interpolated.
        self._leaps = bool(np.any(np.abs(np.diff(dut1)) > 0.5))
        self._angles_rad = _gmst82_rad(whole, fraction + (self._nodes_s + dut1) / DAY_S)

    def angle_rad(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Angle from TEME's x axis to the Greenwich meridian at seconds after ``start``, not wrapped."""
        if self._leaps:
            dut1 = ut1_minus_utc_s(self.start, time_s.ravel()).reshape(time_s.shape)
            return _gmst82_rad(self._whole, self._fraction + (time_s + dut1) / DAY_S)
        return np.asarray(np.interp(time_s, self._nodes_s, self._angles_rad), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Site:
    """A station as vectors in the Earth-fixed frame: position (km) and its east, north, up."""

    position_km: NDArray[np.float64]
    east: NDArray[np.float64]
    north: NDArray[np.float64]
    up: NDArray[np.float64]


def site_of(station: Station) -> Site:
    """Earth-fixed vectors of a station on the WGS 84 ellipsoid.

    Raises:
        UsageError: latitude, longitude or height is out of range or not finite.
    """
    latitude, longitude, height_m = station.latitude_deg, station.longitude_deg, station.height_m
    if not (
        -90.0 <= latitude <= 90.0 and -360.0 <= longitude <= 360.0 and -12_000.0 <= height_m <= 100_000.0
    ):
        raise UsageError(
            f"position {latitude:g},{longitude:g},{height_m:g} is not on the Earth",
            where=f"station {station.name}",
            advice="latitude -90 to 90 (north positive), longitude -180 to 180 (east positive), metres",
        )
    phi, lam = np.radians(latitude), np.radians(longitude)
    east = np.array([-np.sin(lam), np.cos(lam), 0.0])
    north = np.array([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)])
    up = np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    e2 = FLATTENING * (2.0 - FLATTENING)
    normal_km = EARTH_RADIUS_KM / np.sqrt(1.0 - e2 * np.sin(phi) ** 2)
    position = (normal_km + height_m * 1e-3) * up - np.array([0.0, 0.0, e2 * normal_km * np.sin(phi)])
    return Site(position_km=position, east=east, north=north, up=up)


@dataclass(frozen=True, slots=True)
class SkyView:
    """Direction and distance of points seen from a site; arrays of one shape."""

    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]
    range_km: NDArray[np.float64]
    range_rate_km_s: NDArray[np.float64]


def view(site: Site, position_km: NDArray[np.float64], velocity_km_s: NDArray[np.float64]) -> SkyView:
    """Where points stand in the sky.

    Args:
        site: the observer.
        position_km: (..., 3) Earth-fixed.
        velocity_km_s: (..., 3) Earth-fixed (rotating frame).
    """
    line = position_km - site.position_km
    east, north, up = line @ site.east, line @ site.north, line @ site.up
    range_km = np.sqrt(np.einsum("...i,...i->...", line, line))
    # Near the zenith arctan2 keeps the digits that arcsin loses.
    elevation = np.degrees(np.arctan2(up, np.hypot(east, north)))
    return SkyView(
        azimuth_deg=np.degrees(np.arctan2(east, north)) % 360.0,
        elevation_deg=elevation,
        range_km=range_km,
        range_rate_km_s=np.einsum("...i,...i->...", line, velocity_km_s) / range_km,
    )


def to_earth_fixed(
    position_km: NDArray[np.float64], velocity_km_s: NDArray[np.float64], angle_rad: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rotate TEME states (..., 3) by sidereal angles (...): position and rotating-frame velocity."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    position = np.empty_like(position_km)
    velocity = np.empty_like(velocity_km_s)
    for source, target in ((position_km, position), (velocity_km_s, velocity)):
        target[..., 0] = cosine * source[..., 0] + sine * source[..., 1]
        target[..., 1] = cosine * source[..., 1] - sine * source[..., 0]
        target[..., 2] = source[..., 2]
    velocity[..., 0] += ROTATION_RAD_S * position[..., 1]
    velocity[..., 1] -= ROTATION_RAD_S * position[..., 0]
    return position, velocity


def altitude_km(position_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height above the ellipsoid to first order in its flattening (error under 0.1 km), (...)."""
    radius = np.sqrt(np.einsum("...i,...i->...", position_km, position_km))
    sine = position_km[..., 2] / radius
    return np.asarray(radius - EARTH_RADIUS_KM * (1.0 - FLATTENING * sine**2), dtype=np.float64)
