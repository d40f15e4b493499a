"""When a sample was taken, from when it arrived: the sample count fitted against the monotonic clock.

A buffer arrives after its last sample was taken, sooner or later but never before. The line *below* all
arrivals therefore gives the sample clock: offset and rate together by the method of Moon, Skelly and Towsley
("Estimation and removal of clock skew from network delay measurements", INFOCOM 1999): of the lines under all
points the one with the smallest sum of distances, which is an edge of their lower convex hull.
A lasting step above that line means that samples were lost without a word.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass

_BIN_S = 0.5
_MAX_BINS = 240  # two minutes of half seconds
_SLOPE_AFTER_S = 4.0
_MAX_SLOPE = 200e-6  # a cold crystal
_LEAST_JITTER_S = 0.5e-3


@dataclass(slots=True)
class _Bin:
    """The earliest arrival within half a second, and how it and the next ones scatter."""

    begun_s: float
    count: float
    residual_s: float


class SampleClock:
    """Fits ``arrival = offset + count / rate * (1 + slope) + delay``, delay never negative.

    Args:
        sample_rate_hz: nominal; what it is off shows as the slope.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        self._bins: deque[_Bin] = deque(maxlen=_MAX_BINS)
        self._base_s = 0.0  # keeps the residuals small, so that they are exact
        self._offset_s = 0.0
        self._slope = 0.0
        self._deviations: deque[float] = deque(maxlen=200)

    @property
    def ready(self) -> bool:
        """Whether anything was observed."""
        return bool(self._bins)

    @property
    def slope(self) -> float:
        """Seconds that the samples lag a second; positive where the device's clock is slow."""
        return self._slope

    @property
    def slope_uncertainty(self) -> float:
        """One sigma of :attr:`slope`: the scatter of the earliest arrivals over the time they span."""
        age_s = self._bins[-1].begun_s - self._bins[0].begun_s if self._bins else 0.0
        return max(self.typical_s, 1e-5) / age_s if age_s >= _SLOPE_AFTER_S else float("inf")

    @property
    def jitter_s(self) -> float:
        """How far arrivals scatter above the line (the ninth decile), at least half a millisecond."""
        if not self._deviations:
            return _LEAST_JITTER_S
        ordered = sorted(self._deviations)
        return max(_LEAST_JITTER_S, ordered[int(0.9 * (len(ordered) - 1))])

    @property
    def typical_s(self) -> float:
        """How far the middle one of the arrivals lies above the line."""
        ordered = sorted(self._deviations)
        return ordered[len(ordered) // 2] if ordered else 0.0

    @property
    def uncertainty_s(self) -> float:
        """One sigma of :meth:`time_of`."""
        age_s = self._bins[-1].begun_s - self._bins[0].begun_s if self._bins else 0.0
        return self.jitter_s / 2 if age_s > 1.0 else max(self.jitter_s, 5e-3)

    def time_of(self, count: float) -> float:
        """Monotonic time in seconds at which sample ``count`` was taken."""
        seconds = count / self._rate_hz
        return self._base_s + seconds + self._offset_s + self._slope * seconds

    def lateness(self, count: float, arrival_s: float) -> float:
        """Seconds by which the arrival of everything before sample ``count`` is above the line."""
        return arrival_s - self.time_of(count)

    def observe(self, count: float, arrival_s: float) -> None:
        """Take in that everything before sample ``count`` was there at monotonic ``arrival_s``."""
        if not self._bins:
            self._base_s = arrival_s - count / self._rate_hz
        else:
            self._deviations.append(max(0.0, self.lateness(count, arrival_s)))
        residual_s = arrival_s - self._base_s - count / self._rate_hz
        if not self._bins or arrival_s - self._bins[-1].begun_s > _BIN_S:
            self._bins.append(_Bin(arrival_s, count, residual_s))
        elif residual_s < self._bins[-1].residual_s:
            self._bins[-1].count, self._bins[-1].residual_s = count, residual_s
        else:
            return
        self._fit()

    def _fit(self) -> None:
        """Lay the line under the bins."""
        points = [(found.count / self._rate_hz, found.residual_s) for found in self._bins]
        if self._bins[-1].begun_s - self._bins[0].begun_s < _SLOPE_AFTER_S:
            self._slope = 0.0
            self._offset_s = min(residual for _, residual in points)
            return
        hull = _lower_hull(points)
        middle = sum(second for second, _ in points) / len(points)
        for (left, low), (right, high) in itertools.pairwise(hull):
            if right >= middle:
                slope = (high - low) / (right - left)
                self._slope = min(max(slope, -_MAX_SLOPE), _MAX_SLOPE)
                break
        self._offset_s = min(residual - self._slope * second for second, residual in points)


def _lower_hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Lower convex hull of points sorted by their first coordinate (Andrew's monotone chain)."""
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        if not hull or point[0] > hull[-1][0]:
            hull.append(point)
    return hull


def _turns_right(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b lies on or above the line from a to c."""
    return (b[0] - a[0]) * (c[1] - a[1]) <= (c[0] - a[0]) * (b[1] - a[1])
