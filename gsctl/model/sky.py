"""Stations, element sets, passes, and where a satellite stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place on the ground.

    Attributes:
        latitude_deg: WGS 84 geodetic latitude, north positive.
        longitude_deg: WGS 84 longitude, east positive.
        height_m: above the ellipsoid.
        horizon: elevation mask in degrees: pairs of (azimuth_deg, elevation_deg), sorted by
            azimuth, interpolated linearly and around north; empty means 0 degrees everywhere.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0
    horizon: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSet:
    """Mean elements for SGP4 of one object at one epoch (CCSDS 502.0-B OMM, or a TLE).

    Angles are degrees, mean motion is revolutions a day, as in both formats.
    """

    norad_id: int
    name: str
    cospar_id: str = ""
    epoch: datetime
    mean_motion_rev_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    argument_of_perigee_deg: float
    mean_anomaly_deg: float
    bstar: float  # inverse Earth radii
    mean_motion_dot: float = 0.0  # rev/day^2, halved as in a TLE
    mean_motion_ddot: float = 0.0  # rev/day^3, a sixth as in a TLE
    classification: str = "U"
    ephemeris_type: int = 0
    element_set_number: int = 999
    revolution_number: int = 0
    source: str = ""
    retrieved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a satellite stands in a station's sky; all arrays are (n,) float64.

    Attributes:
        time_s: seconds since ``start``.
        range_rate_m_s: positive when receding.
    """

    start: datetime
    time_s: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]
    range_m: NDArray[np.float64]
    range_rate_m_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: aos <= tca <= los.

    Attributes:
        aos_clipped: the window cut it there: AOS is the edge of the window; the same for LOS.
        aos_range_m: slant range at AOS; the other two at TCA and LOS. None is not computed.
        sunlit_fraction: share of the pass in sunlight, 0 to 1; None is not computed.
        sun_elevation_deg: of the Sun at the station at TCA; None is not computed.
    """

    satellite: str
    norad_id: int
    station: Station
    aos: datetime
    tca: datetime
    los: datetime
    aos_azimuth_deg: float
    tca_azimuth_deg: float
    los_azimuth_deg: float
    max_elevation_deg: float
    elements_epoch: datetime
    track: Track | None = None
    aos_range_m: float | None = None
    tca_range_m: float | None = None
    los_range_m: float | None = None
    sunlit_fraction: float | None = None
    sun_elevation_deg: float | None = None
    aos_clipped: bool = False
    los_clipped: bool = False

    @property
    def clipped(self) -> bool:
        """Whether the window cut it, at one end or at both."""
        return self.aos_clipped or self.los_clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningPlan:
    """Doppler shift of one downlink over time, for the oscillator to follow.

    Attributes:
        time_s: (n,) float64, seconds since ``start``, rising.
        shift_hz: (n,) float64, received minus nominal: negative when receding.
        slope_hz_s: (n,) float64, the derivative at the nodes (cubic Hermite between them).
    """

    start: datetime
    nominal_hz: float
    time_s: NDArray[np.float64]
    shift_hz: NDArray[np.float64]
    slope_hz_s: NDArray[np.float64]
