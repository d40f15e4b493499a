"""How strongly, how late and how far off frequency a ship's burst arrives, on the ground and in orbit.

Powers are those of a link budget: 12.5 W or 2 W into a vertical dipole, free space, a receiver with the
noise temperature below. Beyond the radio horizon a ground station loses more with every kilometre.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIGHT_KM_S = 299_792.458
_BOLTZMANN_DBW = -228.599  # dBW / (K Hz)
# Galactic and man-made noise at 162 MHz at sea, and a receiver's own.
NOISE_TEMPERATURE_K = 700.0
_CABLE_LOSS_DB = 2.0
_DIPOLE_DBI = 2.15
_GROUND_ANTENNA_DBI = 3.0
_ORBIT_ANTENNA_DBI = 0.0
_SHIP_ANTENNA_M = 15.0
_BEYOND_HORIZON_DB_KM = 1.0
_NULL_FLOOR_DB = -20.0
_EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One burst at the receiver: delay, Doppler shift (negative when receding) and Eb/N0."""

    range_km: float
    delay_s: float
    shift_hz: float
    ebn0_db: float


# (latitude_deg, longitude_deg, time_s, power_w, frequency_hz) to the arrival; None where nothing arrives.
View = Callable[[float, float, float, float, float], Arrival | None]


def ebn0_db(power_w: float, range_km: float, frequency_hz: float, gains_db: float) -> float:
    """Eb/N0 of 9600 Bd over free space.

    Args:
        power_w: of the transmitter.
        range_km: distance.
        frequency_hz: carrier.
        gains_db: antennas at both ends, less losses.
    """
    loss_db = 32.45 + 20.0 * math.log10(frequency_hz / 1e6) + 20.0 * math.log10(max(range_km, 0.01))
    noise_dbw_hz = _BOLTZMANN_DBW + 10.0 * math.log10(NOISE_TEMPERATURE_K)
    return 10.0 * math.log10(power_w) + gains_db - loss_db - noise_dbw_hz - 10.0 * math.log10(9600.0)


def ground_view(latitude_deg: float, longitude_deg: float, antenna_m: float = 30.0) -> View:
    """A shore station; ships beyond the radio horizon fade, and vanish below 0 dB Eb/N0.

    Args:
        antenna_m: height of the antenna above the sea.
    """
    # Four thirds of the earth's radius: 4.12 km for the square root of each metre.
    horizon_km = 4.12 * (math.sqrt(max(antenna_m, 1.0)) + math.sqrt(_SHIP_ANTENNA_M))
    own = _unit(latitude_deg, longitude_deg)

    def view(lat: float, lon: float, _time_s: float, power_w: float, frequency_hz: float) -> Arrival | None:
        range_km = _EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, float(own @ _unit(lat, lon)))))
        gains_db = _DIPOLE_DBI + _GROUND_ANTENNA_DBI - _CABLE_LOSS_DB
        gains_db -= _BEYOND_HORIZON_DB_KM * max(range_km - horizon_km, 0.0)
        strength_db = ebn0_db(power_w, range_km, frequency_hz, gains_db)
        if strength_db < 0.0:
            return None
        return Arrival(range_km=range_km, delay_s=range_km / LIGHT_KM_S, shift_hz=0.0, ebn0_db=strength_db)

    return view


def orbit_view(
    time_s: NDArray[np.float64], position_km: NDArray[np.float64], velocity_km_s: NDArray[np.float64]
) -> View:
    """A satellite: every ship above whose horizon it stands.

    Args:
        time_s: (n,) rising, nodes at most a few seconds apart.
        position_km: (n, 3) of the satellite, Earth-fixed.
        velocity_km_s: (n, 3) in the rotating frame.
    """

    def view(lat: float, lon: float, at_s: float, power_w: float, frequency_hz: float) -> Arrival | None:
        satellite = np.array([np.interp(at_s, time_s, position_km[:, k]) for k in range(3)])
        velocity = np.array([np.interp(at_s, time_s, velocity_km_s[:, k]) for k in range(3)])
        up = _unit(lat, lon)
        line = satellite - up * _EARTH_RADIUS_KM
        range_km = float(np.sqrt(line @ line))
        sine = float(line @ up) / range_km
        if sine <= 0.0:
            return None
        # A vertical dipole sends least to a satellite overhead.
        pattern_db = max(20.0 * math.log10(max(math.sqrt(1.0 - min(sine * sine, 1.0)), 1e-3)), _NULL_FLOOR_DB)
        gains_db = _DIPOLE_DBI + pattern_db + _ORBIT_ANTENNA_DBI - _CABLE_LOSS_DB
        range_rate_km_s = float(line @ velocity) / range_km
        return Arrival(
            range_km=range_km,
            delay_s=range_km / LIGHT_KM_S,
            shift_hz=-range_rate_km_s / LIGHT_KM_S * frequency_hz,
            ebn0_db=ebn0_db(power_w, range_km, frequency_hz, gains_db),
        )

    return view


def footprint_radius_km(altitude_km: float) -> float:
    """Distance along the ground from the point below a satellite to its horizon."""
    return _EARTH_RADIUS_KM * math.acos(_EARTH_RADIUS_KM / (_EARTH_RADIUS_KM + max(altitude_km, 1.0)))


def _unit(latitude_deg: float, longitude_deg: float) -> NDArray[np.float64]:
    latitude, longitude = math.radians(latitude_deg), math.radians(longitude_deg)
    return np.array(
        [
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        ]
    )
