"""Quintic Hermite interpolation of Earth-fixed orbits between grid points.

Position and velocity come from SGP4; the acceleration at the grid points is that of the Earth's
central term and J2 in the rotating frame, which leaves out less than 1e-8 km/s^2. Over a sixteenth
of a turn the interpolant stays within a few metres of SGP4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gsctl.orbit.earth import ROTATION_RAD_S, Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

MU_KM3_S2 = 398_600.8  # WGS 72, as SGP4 has it
J2 = 0.001082616
J2_RADIUS_KM = 6378.135


def acceleration(position_km: NDArray[np.float64], velocity_km_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Acceleration (..., 3) km/s^2 in the rotating frame: gravity to J2, Coriolis, centrifugal."""
    x, y, z = position_km[..., 0], position_km[..., 1], position_km[..., 2]
    square = x * x + y * y + z * z
    gravity = -MU_KM3_S2 / (square * np.sqrt(square))
    flat = 1.5 * J2 * J2_RADIUS_KM**2 / square
    polar = 5.0 * z * z / square
    across = gravity * (1.0 + flat * (1.0 - polar)) + ROTATION_RAD_S**2
    result = np.empty_like(position_km)
    result[..., 0] = across * x + 2.0 * ROTATION_RAD_S * velocity_km_s[..., 1]
    result[..., 1] = across * y - 2.0 * ROTATION_RAD_S * velocity_km_s[..., 0]
    result[..., 2] = gravity * (1.0 + flat * (3.0 - polar)) * z
    return result


class Segments:
    """Quintic pieces, one for each of n intervals.

    Args:
        states: ``(position, velocity)`` at the begin and at the end, each (n, 3), km and km/s.
        step_s: (n,) length of each interval, or one for all.
    """

    def __init__(
        self,
        begin: tuple[NDArray[np.float64], NDArray[np.float64]],
        end: tuple[NDArray[np.float64], NDArray[np.float64]],
        step_s: float,
    ) -> None:
        p0, v0 = begin[0], begin[1] * step_s
        p1, v1 = end[0], end[1] * step_s
        a0 = acceleration(*begin) * (step_s * step_s)
        a1 = acceleration(*end) * (step_s * step_s)
        d = p1 - p0 - v0 - 0.5 * a0
        e = v1 - v0 - a0
        f = a1 - a0
        c3, c4, c5 = 10.0 * d - 4.0 * e + 0.5 * f, -15.0 * d + 7.0 * e - f, 6.0 * d - 3.0 * e + 0.5 * f
        self.step_s = step_s
        self._coefficients = np.concatenate([p0, v0, 0.5 * a0, c3, c4, c5], axis=1)  # (n, 18)

    def take(self, index: NDArray[np.intp]) -> Segments:
        """The pieces of the given intervals, in that order."""
        other = object.__new__(Segments)
        other.step_s = self.step_s
        other._coefficients = self._coefficients[index]
        return other

    def states(self, fraction: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Position and velocity (n, 3) at a fraction (n,) of each interval."""
        c = self._coefficients
        x = fraction[:, None]
        position = c[:, 15:18]
        slope = 5.0 * c[:, 15:18]
        for power in (4, 3, 2, 1, 0):
            here = c[:, 3 * power : 3 * power + 3]
            position = position * x + here
            if power:
                slope = slope * x + power * here
        return position, slope / self.step_s

    def sine(
        self, site: Site, fraction: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sine of the elevation and its rate in 1/s, (n,) each."""
        return sine_elevation(site, *self.states(fraction))


def sine_elevation(
    site: Site, position_km: NDArray[np.float64], velocity_km_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sine of the elevation and its rate in 1/s of Earth-fixed states (n, 3)."""
    line = position_km - site.position_km
    square = np.einsum("ij,ij->i", line, line)
    distance = np.sqrt(square)
    sine = (line @ site.up) / distance
    rate = (velocity_km_s @ site.up) / distance
    rate -= sine * np.einsum("ij,ij->i", line, velocity_km_s) / square
    return sine, rate
