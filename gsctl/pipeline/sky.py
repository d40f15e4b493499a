"""Where the satellite stands while frames come in, and the Doppler shift to take out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from gsctl.dsp.tuning import shift_at
from gsctl.model import ElementSet, Station, TuningPlan
from gsctl.orbit.doppler import plan_from_track
from gsctl.orbit.elements import nearest_sets
from gsctl.orbit.passes import look

# A track is computed for this long at a time.
STRETCH_S = 1200.0
# Any frequency will do to hold the motion; shifts scale with frequency.
_REFERENCE_HZ = 100e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Direction and motion of a satellite; range rate is positive when receding."""

    azimuth_deg: float
    elevation_deg: float
    range_rate_m_s: float


class Sky:
    """One satellite over one station; tracks are computed as they are needed and kept for a while.

    Args:
        sets: element sets of the satellite; the nearest to ``near`` is used.
        station: where it is received.
        near: a time of the recording.

    Raises:
        ElementsError: there is no usable set.
    """

    def __init__(self, sets: Sequence[ElementSet], station: Station, near: datetime) -> None:
        self.elements = next(iter(nearest_sets(sets, near).values()))
        self.station = station
        self._start = near
        self._plans: dict[int, TuningPlan] = {}

    def place(self, time: datetime) -> Place:
        """Where the satellite stands at a time.

        Raises:
            ElementsError: the elements do not hold there.
        """
        track = look(self.elements, self.station, time, np.zeros(1))
        return Place(
            azimuth_deg=float(track.azimuth_deg[0]),
            elevation_deg=float(track.elevation_deg[0]),
            range_rate_m_s=float(track.range_rate_m_s[0]),
        )

    def shift_hz(self, time: datetime, nominal_hz: float) -> float:
        """Doppler shift at a time, received minus nominal.

        Raises:
            ElementsError: the elements do not hold there.
        """
        since_s = (time - self._start).total_seconds()
        stretch = int(since_s // STRETCH_S)
        plan = self._plans.get(stretch)
        if plan is None:
            begin = self._start + timedelta(seconds=stretch * STRETCH_S)
            track = look(self.elements, self.station, begin, np.arange(-2.0, STRETCH_S + 3.0))
            plan = plan_from_track(track, _REFERENCE_HZ)
            if len(self._plans) > 8:
                self._plans.clear()
            self._plans[stretch] = plan
        seconds = np.array([since_s - stretch * STRETCH_S])
        return float(shift_at(plan, seconds)[0]) * nominal_hz / _REFERENCE_HZ
