"""The search for passes over arrays of objects: coarse grid, interpolation, exact ends.

1. SGP4 on a grid of about sixteen points a turn; a bound on the curvature tells which intervals
   could rise above the horizon at all.
2. Quintic Hermite interpolation in those; every extremum of the elevation is located, so that the
   elevation is monotone between neighbouring nodes and no short pass can hide between them.
3. Extrema within about 0.02 degree of the horizon are judged by SGP4 itself, and the interpolant is
   shifted to agree there; one crossing is then solved for in each change of sign.
4. Each time found is corrected by Newton steps on SGP4 itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gsctl.orbit.earth import ROTATION_RAD_S, Site, view
from gsctl.orbit.hermite import MU_KM3_S2, Segments, sine_elevation
from gsctl.orbit.propagation import MIN_RADIUS_KM, Propagator, States, apogee_radius_km, perigee_radius_km
from gsctl.orbit.roots import bracketed_roots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.model import ElementSet

SUBSTEPS = 4
NEAR_HORIZON = 4e-4  # in sine of elevation; a hundred times the error of the interpolant
TIME_TOLERANCE_S = 1e-5
NEWTON_STEPS = 2  # the second is for slow crossings of eccentric orbits


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some objects on one grid: states (objects, times) over ``time_s`` (times,), evenly spaced."""

    elements: Sequence[ElementSet]
    records: Sequence[Any]
    propagator: Propagator
    time_s: NDArray[np.float64]
    states: States

    @property
    def step_s(self) -> float:
        """Spacing of the grid."""
        return float(self.time_s[1] - self.time_s[0])


@dataclass(frozen=True, slots=True)
class Found:
    """Passes of a chunk over one site, by object and time: owner (m,), the rest (m, 3) at AOS, TCA, LOS."""

    owner: NDArray[np.intp]
    event_s: NDArray[np.float64]
    clipped: NDArray[np.bool_]
    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]
    range_km: NDArray[np.float64]

    def take(self, index: NDArray[np.intp]) -> Found:
        """The passes of the given places, in that order."""
        return Found(
            owner=self.owner[index],
            event_s=self.event_s[index],
            clipped=self.clipped[index],
            azimuth_deg=self.azimuth_deg[index],
            elevation_deg=self.elevation_deg[index],
            range_km=self.range_km[index],
        )


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Points in time order within each object, between which the elevation is monotone; arrays (n,)."""

    owner: NDArray[np.intp]
    time_s: NDArray[np.float64]
    segment: NDArray[np.intp]
    fraction: NDArray[np.float64]
    run: NDArray[np.intp]
    sine: NDArray[np.float64]
    shift: NDArray[np.float64]  # SGP4 minus interpolant, zero where it was not asked for


class Sky:
    """The interpolated motion of a chunk's objects where they could stand above a site's horizon."""

    def __init__(self, chunk: Chunk, site: Site, horizon_deg: float) -> None:
        self.chunk, self.site, self.horizon_deg = chunk, site, horizon_deg
        self.owner, self.interval = np.nonzero(_candidates(chunk, site, horizon_deg))
        position, velocity = chunk.states.position_km, chunk.states.velocity_km_s
        begin, end = (self.owner, self.interval), (self.owner, self.interval + 1)
        self.segments = Segments(
            (position[begin], velocity[begin]), (position[end], velocity[end]), chunk.step_s
        )
        last = np.ones(len(self.owner), dtype=bool)
        last[:-1] = (np.diff(self.owner) != 0) | (np.diff(self.interval) != 1)
        self.run_end = last
        self.run = np.concatenate([[0], np.cumsum(last[:-1])]).astype(np.intp)[: len(self.owner)]

    def locate(
        self, owner: NDArray[np.intp], time_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Segment and fraction of moments that lie within candidate intervals, (n,) each."""
        chunk = self.chunk
        count = len(chunk.time_s)
        place = np.clip(((time_s - chunk.time_s[0]) / chunk.step_s).astype(np.intp), 0, count - 2)
        keys = self.owner * count + self.interval
        segment = np.clip(np.searchsorted(keys, owner * count + place, side="right") - 1, 0, len(keys) - 1)
        return segment, (time_s - chunk.time_s[self.interval[segment]]) / chunk.step_s


def _candidates(chunk: Chunk, site: Site, horizon_deg: float) -> NDArray[np.bool_]:
    """Intervals (objects, times - 1) in which an object might rise above the horizon.

    Compares the height of the object over the station's horizontal plane, at the ends of each
    interval and with the most its curvature can add between them, with the least height that
    anything at the horizon angle has.
    """
    perigee = np.array([perigee_radius_km(e) for e in chunk.elements])
    apogee = np.array([apogee_radius_km(e) for e in chunk.elements])
    lowest = np.maximum(perigee - 60.0, MIN_RADIUS_KM)
    bend = 1.01 * MU_KM3_S2 / lowest**2 + 2.0 * ROTATION_RAD_S * np.sqrt(2.0 * MU_KM3_S2 / lowest)
    bend += ROTATION_RAD_S**2 * (apogee + 60.0)
    ground = float(np.linalg.norm(site.position_km)) + 20.0
    if horizon_deg >= 0.0:
        angle = math.radians(min(horizon_deg + 0.3, 90.0))
        inside = np.maximum(lowest**2 - (ground * math.cos(angle)) ** 2, 0.0)
        distance = np.maximum(np.sqrt(inside) - ground * math.sin(angle), 0.0)
    else:
        distance = apogee + 60.0 + ground
    threshold = distance * math.sin(math.radians(horizon_deg)) - 5.0 - bend * chunk.step_s**2 / 8.0
    height = (chunk.states.position_km - site.position_km) @ site.up
    highest = np.maximum(height[:, :-1], height[:, 1:])
    return np.asarray(highest >= threshold[:, None], dtype=np.bool_)


def search(chunk: Chunk, site: Site, horizon_deg: float, min_elevation_deg: float) -> Found:
    """All passes of a chunk above a constant horizon whose maximum reaches ``min_elevation_deg``."""
    sky = Sky(chunk, site, horizon_deg)
    nodes = _nodes(sky)
    sine_horizon = math.sin(math.radians(horizon_deg))
    above = nodes.sine > sine_horizon
    same_run = np.diff(nodes.run) == 0
    first = np.concatenate([[True], ~same_run])[: len(above)]
    last = np.concatenate([~same_run, [True]])[: len(above)]
    before = np.concatenate([[False], above[:-1]])[: len(above)] & ~first
    rises, begins = np.flatnonzero(above & ~before), above & first
    after = np.concatenate([above[1:], [False]])[: len(above)] & ~last
    sets = np.flatnonzero(above & ~after)
    top = _highest(nodes, above, rises)
    keep = nodes.sine[top] >= math.sin(math.radians(max(min_elevation_deg, -90.0))) - 1e-5
    rises, sets, top = rises[keep], sets[keep], top[keep]
    clipped = np.stack([begins[rises], np.zeros(len(rises), dtype=bool), last[sets]], axis=1)
    aos_s, los_s = nodes.time_s[rises].copy(), nodes.time_s[sets].copy()
    aos_s[~clipped[:, 0]] = _crossings(sky, nodes, rises[~clipped[:, 0]] - 1, sine_horizon)
    los_s[~clipped[:, 2]] = _crossings(sky, nodes, sets[~clipped[:, 2]], sine_horizon)
    event_s = np.stack([aos_s, nodes.time_s[top], los_s], axis=1)
    return examine(sky, nodes.owner[top], event_s, clipped, sine_horizon)


def _highest(nodes: _Nodes, above: NDArray[np.bool_], rises: NDArray[np.intp]) -> NDArray[np.intp]:
    """Index of the highest node of each pass."""
    inside = np.flatnonzero(above)
    of_pass = np.searchsorted(rises, inside, side="right") - 1
    order = np.lexsort((nodes.sine[inside], of_pass))
    ends = np.searchsorted(of_pass[order], np.arange(len(rises)), side="right") - 1
    return np.asarray(inside[order][ends], dtype=np.intp)


def _nodes(sky: Sky) -> _Nodes:
    """Substeps, extrema and the ends of runs, sorted by object and time."""
    count = len(sky.owner)
    sine, rate = np.empty((count, SUBSTEPS + 1)), np.empty((count, SUBSTEPS + 1))
    for j in range(SUBSTEPS + 1):
        sine[:, j], rate[:, j] = sky.segments.sine(sky.site, np.full(count, j / SUBSTEPS))
    at, fraction, extreme, shift = _extrema(sky, rate)
    every = np.repeat(np.arange(count), SUBSTEPS)
    ends = np.flatnonzero(sky.run_end)
    segment = np.concatenate([every, at, ends])
    fractions = np.concatenate([np.tile(np.arange(SUBSTEPS) / SUBSTEPS, count), fraction, np.ones(len(ends))])
    sines = np.concatenate([sine[:, :SUBSTEPS].ravel(), extreme, sine[ends, SUBSTEPS]])
    shifts = np.concatenate([np.zeros(len(every)), shift, np.zeros(len(ends))])
    time_s = sky.chunk.time_s[sky.interval[segment]] + fractions * sky.chunk.step_s
    order = np.lexsort((time_s, sky.run[segment])) if count else np.zeros(0, dtype=np.intp)
    segment, run = segment[order], sky.run[segment[order]]
    added = _beside(shifts[order], run)
    return _Nodes(
        owner=sky.owner[segment],
        time_s=time_s[order],
        segment=segment,
        fraction=fractions[order],
        run=run,
        sine=sines[order] + added,
        shift=shifts[order] + added,
    )


def _beside(shift: NDArray[np.float64], run: NDArray[np.intp]) -> NDArray[np.float64]:
    """What to add to nodes next to a shifted extremum, so that the curve stays whole there."""
    added = np.zeros(len(shift))
    for at in np.flatnonzero(shift).tolist():
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(shift) and run[beside] == run[at] and shift[beside] == 0.0:
                added[beside] = shift[at]
    return added


def _extrema(
    sky: Sky, rate: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Segment, fraction, sine and shift (SGP4 minus interpolant) of each extremum of the elevation."""
    turning = (rate[:, :-1] > 0.0) != (rate[:, 1:] > 0.0)
    at, sub = np.nonzero(turning)
    pieces = sky.segments.take(at)

    def slope(x: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.float64]:
        return pieces.take(which).sine(sky.site, x)[1]

    fraction = bracketed_roots(
        slope,
        sub / SUBSTEPS,
        (sub + 1) / SUBSTEPS,
        rate[at, sub],
        rate[at, sub + 1],
        1e-3 / sky.chunk.step_s,
    )
    sine = pieces.sine(sky.site, fraction)[0]
    shift = np.zeros(len(at))
    near = np.flatnonzero(np.abs(sine - math.sin(math.radians(sky.horizon_deg))) < NEAR_HORIZON)
    if near.size:
        owner, chunk = sky.owner[at[near]], sky.chunk
        time_s = chunk.time_s[sky.interval[at[near]]] + fraction[near] * chunk.step_s
        exact = chunk.propagator.scattered(chunk.records, owner, time_s)
        truth = sine_elevation(sky.site, exact.position_km, exact.velocity_km_s)[0]
        shift[near] = truth - sine[near]
    return at, fraction, sine + shift, shift


def _crossings(sky: Sky, nodes: _Nodes, before: NDArray[np.intp], sine_horizon: float) -> NDArray[np.float64]:
    """Times (n,) at which the horizon is crossed between node ``before`` and the next."""
    segment, step_s = nodes.segment[before], sky.chunk.step_s
    low = nodes.fraction[before]
    high = np.minimum(low + (nodes.time_s[before + 1] - nodes.time_s[before]) / step_s, 1.0)
    shift = np.where(nodes.shift[before] != 0.0, nodes.shift[before], nodes.shift[before + 1])
    pieces = sky.segments.take(segment)

    def height(x: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.float64]:
        return pieces.take(which).sine(sky.site, x)[0] + shift[which] - sine_horizon

    # A node carries its own shift already; the bracket needs the same one at both ends.
    at_low = nodes.sine[before] - nodes.shift[before] + shift - sine_horizon
    at_high = nodes.sine[before + 1] - nodes.shift[before + 1] + shift - sine_horizon
    fraction = bracketed_roots(height, low, high, at_low, at_high, TIME_TOLERANCE_S / step_s)
    return np.asarray(sky.chunk.time_s[sky.interval[segment]] + fraction * step_s, dtype=np.float64)


def examine(
    sky: Sky,
    owner: NDArray[np.intp],
    event_s: NDArray[np.float64],
    clipped: NDArray[np.bool_],
    sine_horizon: float | None,
) -> Found:
    """Look at each event with SGP4 itself; AOS and LOS are corrected by Newton steps.

    Args:
        sky: where they were found.
        owner: (m,) object of each pass.
        event_s: (m, 3) AOS, TCA, LOS as found.
        clipped: (m, 3) ends that the window made, which do not move.
        sine_horizon: sine of the elevation that the crossings are to meet; None leaves them.
    """
    chunk, owners = sky.chunk, np.repeat(owner, 3)
    movable = ~clipped if sine_horizon is not None else np.zeros(clipped.shape, dtype=bool)
    movable[:, 1] = False
    for _ in range(NEWTON_STEPS if sine_horizon is not None else 1):
        exact = chunk.propagator.scattered(chunk.records, owners, event_s.ravel())
        position = exact.position_km
        sine, rate = sine_elevation(sky.site, position, exact.velocity_km_s)
        missing = np.where(movable.ravel(), (sine_horizon or 0.0) - sine, 0.0)
        step_s = (missing / np.where(np.abs(rate) > 1e-15, rate, 1e-15)).reshape(-1, 3)
        # A grazing pass has its ends near TCA, where a full step could fly past it.
        limit_s = 0.25 * np.abs(event_s - event_s[:, 1:2])
        step_s = np.clip(step_s, -limit_s, limit_s)
        event_s = event_s + step_s
        position = position + exact.velocity_km_s * step_s.reshape(-1, 1)
    seen = view(sky.site, position, exact.velocity_km_s)
    return Found(
        owner=owner,
        event_s=event_s,
        clipped=clipped,
        azimuth_deg=seen.azimuth_deg.reshape(-1, 3),
        elevation_deg=seen.elevation_deg.reshape(-1, 3),
        range_km=seen.range_km.reshape(-1, 3),
    )
