"""SGP4 over many objects and times (the ``sgp4`` package, WGS 72 constants as element sets assume).

SGP4's own velocities differ from the derivative of its positions by up to about 0.02 m/s, because
its drag terms leave them out; ``precise_states`` therefore differentiates positions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sgp4.api import WGS72, Satrec, SatrecArray

from gsctl.errors import ElementsError
from gsctl.orbit.earth import (
    DAY_S,
    EARTH_RADIUS_KM,
    EarthRotation,
    altitude_km,
    julian_date,
    to_earth_fixed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.model import ElementSet

DECAY_ALTITUDE_KM = 90.0
SGP4_ERRORS = {
    1: "mean eccentricity outside 0 to 1",
    2: "mean motion below zero",
    3: "perturbed eccentricity outside 0 to 1",
    4: "semi-latus rectum below zero",
    5: "elements of a suborbital object",
    6: "decayed",
}
LEAST_INCLINATION_RAD = 1e-11  # 70 um across the orbit; SGP4 divides by its sine and overflows near 1e-308
REACH_DAYS = 5.0  # so far a set is trusted without looking at the time between
_EPOCH_ZERO = datetime(1949, 12, 31, tzinfo=UTC)
_DIFFERENCE_S = 0.25  # central difference: 1e-4 m/s of truncation in a low orbit


def satrec_of(elements: ElementSet) -> Any:
    """The initialised SGP4 record of one element set.

    Raises:
        ElementsError: SGP4 cannot begin with these elements.
    """
    record = Satrec()
    inclination_rad = math.radians(elements.inclination_deg)
    # The number is not handed on: Satrec keeps five columns, and gsctl's numbers have up to nine digits.
    record.sgp4init(
        WGS72,
        "i",
        0,
        (elements.epoch - _EPOCH_ZERO) / timedelta(days=1),
        elements.bstar,
        0.0,
        0.0,
        elements.eccentricity,
        math.radians(elements.argument_of_perigee_deg),
        inclination_rad if inclination_rad >= LEAST_INCLINATION_RAD else 0.0,
        math.radians(elements.mean_anomaly_deg),
        elements.mean_motion_rev_day / 720.0 * math.pi,
        math.radians(elements.raan_deg),
    )
    if record.error:
        what = SGP4_ERRORS.get(record.error, f"error {record.error}")
        raise ElementsError(
            f"SGP4 cannot use its elements ({what})", where=f"{elements.name} ({elements.norad_id})"
        )
    return record


def grid_step_s(elements: ElementSet) -> float:
    """Spacing of grid points: a sixteenth of a turn at perigee, between 60 s and 30 min.

    In a low orbit that is about 355 s, where quintic Hermite interpolation is good to a few metres.
    Objects about to decay get four times as many, so that no dip below 90 km goes unseen.
    """
    e = min(elements.eccentricity, 0.95)
    period_s = DAY_S / elements.mean_motion_rev_day
    perigee_period_s = period_s * (1.0 - e * e) ** 1.5 / (1.0 + e) ** 2
    points = 64.0 if perigee_radius_km(elements) < EARTH_RADIUS_KM + 200.0 else 16.0
    return float(min(max(perigee_period_s / points, 60.0), 1800.0))


@dataclass(frozen=True, slots=True)
class States:
    """Earth-fixed states: position_km and velocity_km_s (..., 3), error (...) of SGP4 (0 is good)."""

    position_km: NDArray[np.float64]
    velocity_km_s: NDArray[np.float64]
    error: NDArray[np.uint8]


class Propagator:
    """Propagates records to seconds after one start time.

    Args:
        start: UTC; time zero.
        span_s: (first, last) second that will be asked for.
    """

    def __init__(self, start: datetime, span_s: tuple[float, float]) -> None:
        self.start = start
        self._whole, self._fraction = julian_date(start)
        self.rotation = EarthRotation(start, span_s)

    def grid(self, records: Sequence[Any], time_s: NDArray[np.float64]) -> States:
        """All records at the same times: arrays (records, times)."""
        whole = np.full(time_s.shape, self._whole)
        error, position, velocity = SatrecArray(records).sgp4(whole, self._fraction + time_s / DAY_S)
        return self._fixed(position, velocity, error, self.rotation.angle_rad(time_s))

    def one(self, record: Any, time_s: NDArray[np.float64]) -> States:
        """One record at its own times: arrays (times,)."""
        error, position, velocity = self.teme(record, time_s)
        return self._fixed(position, velocity, error, self.rotation.angle_rad(time_s))

    def teme(self, record: Any, time_s: NDArray[np.float64]) -> tuple[Any, Any, Any]:
        """Error (n,), position_km (n, 3) and velocity_km_s (n, 3) of one record in TEME."""
        whole = np.full(time_s.shape, self._whole)
        error, position, velocity = record.sgp4_array(whole, self._fraction + time_s / DAY_S)
        return error, position, velocity

    def scattered(
        self, records: Sequence[Any], owner: NDArray[np.intp], time_s: NDArray[np.float64]
    ) -> States:
        """Record ``owner[i]`` at ``time_s[i]`` for each i: arrays (n,); owners need not be sorted."""
        order = np.argsort(owner, kind="stable")
        sorted_owner, fraction = owner[order], self._fraction + time_s[order] / DAY_S
        whole = np.full(time_s.shape, self._whole)
        position, velocity = np.empty((len(owner), 3)), np.empty((len(owner), 3))
        error = np.zeros(len(owner), dtype=np.uint8)
        cuts = np.flatnonzero(np.diff(sorted_owner, prepend=-1, append=-1))
        for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            place = order[begin:end]
            record = records[sorted_owner[begin]]
            error[place], position[place], velocity[place] = record.sgp4_array(
                whole[begin:end], fraction[begin:end]
            )
        return self._fixed(position, velocity, error, self.rotation.angle_rad(time_s))

    def precise(self, record: Any, time_s: NDArray[np.float64]) -> States:
        """One record with velocities that are the derivative of the positions: arrays (times,)."""
        error, position, velocity = self.teme(record, time_s)
        _, after, _ = self.teme(record, time_s + _DIFFERENCE_S)
        _, before, _ = self.teme(record, time_s - _DIFFERENCE_S)
        derivative = (after - before) / (2.0 * _DIFFERENCE_S)
        velocity = np.where(np.isfinite(derivative), derivative, velocity)
        return self._fixed(position, velocity, error, self.rotation.angle_rad(time_s))

    @staticmethod
    def _fixed(position: Any, velocity: Any, error: Any, angle_rad: NDArray[np.float64]) -> States:
        fixed_position, fixed_velocity = to_earth_fixed(position, velocity, angle_rad)
        return States(fixed_position, fixed_velocity, error)


def usable(states: States) -> NDArray[np.bool_]:
    """Where a state is that of an object in orbit, (...): no SGP4 error, at least 90 km up."""
    with np.errstate(invalid="ignore"):
        high = altitude_km(states.position_km) >= DECAY_ALTITUDE_KM
    good = (states.error == 0) & high
    good &= np.isfinite(states.position_km[..., 0])
    return np.asarray(good, dtype=np.bool_)


def broken_off_s(
    propagator: Propagator, record: Any, elements: ElementSet, first_s: float, last_s: float
) -> float | None:
    """When on the way from its epoch to a span an object's orbit ended; None where it did not.

    Long after a decay SGP4's polynomials in time can give heights that look healthy again, so the
    span alone does not tell.

    Args:
        propagator: its start is time zero.
        record: of the object.
        elements: of the same.
        first_s: begin of the span, seconds.
        last_s: end of the span.
    """
    epoch_s = (elements.epoch - propagator.start).total_seconds()
    target_s = first_s if epoch_s < first_s else last_s
    days = abs(target_s - epoch_s) / DAY_S
    if first_s - REACH_DAYS * DAY_S <= epoch_s <= last_s + REACH_DAYS * DAY_S:
        return None
    time_s = np.linspace(epoch_s, target_s, int(min(max(days / 2.0, 8.0), 1000.0)))
    good = usable(propagator.one(record, time_s))
    return None if good.all() else float(time_s[np.argmin(good)])


def trouble(states: States) -> str:
    """In words, why the first of some states is not usable."""
    error = int(np.ravel(states.error)[0])
    if error:
        return f"SGP4: {SGP4_ERRORS.get(error, error)}"
    position = states.position_km.reshape(-1, 3)[:1]
    if not np.isfinite(position).all():
        return "SGP4 gives no position"
    return "altitude below 90 km"


def perigee_radius_km(elements: ElementSet) -> float:
    """Of the mean elements, from Kepler's third law with WGS 72's gravity."""
    motion_rad_s = elements.mean_motion_rev_day * math.tau / DAY_S
    return float((398_600.8 / motion_rad_s**2) ** (1.0 / 3.0) * (1.0 - elements.eccentricity))


def apogee_radius_km(elements: ElementSet) -> float:
    """Of the mean elements, as ``perigee_radius_km``."""
    return perigee_radius_km(elements) * (1.0 + elements.eccentricity) / (1.0 - elements.eccentricity)


MIN_RADIUS_KM = EARTH_RADIUS_KM + 50.0
