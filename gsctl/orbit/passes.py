"""Passes of satellites over stations, and where a satellite stands in the sky.

AOS and LOS are the moments at which the elevation crosses the horizon, TCA that of the highest
elevation; no refraction, no light time, as Skyfield's ``find_events`` has it. What the window
cuts has AOS or LOS at its edge and is marked as clipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from gsctl.errors import ElementsError, UsageError
from gsctl.model import ElementSet, Pass, Station, Track
from gsctl.orbit.decay import Skipped, Span, check_reach, seconds_to, usable_span
from gsctl.orbit.earth import Site, site_of, view
from gsctl.orbit.elements import nearest_sets
from gsctl.orbit.horizon import mask_passes
from gsctl.orbit.light import sun_elevation_deg, sun_position_km, sunlit_fraction
from gsctl.orbit.propagation import (
    Propagator,
    States,
    grid_step_s,
    satrec_of,
    usable,
)
from gsctl.orbit.search import Chunk, Found, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK_POINTS = 131_072  # states held at once: some 25 MB
MAX_WINDOW_DAYS = 3660.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Passes by AOS, and the objects that decay, have decayed or fail in SGP4."""

    passes: tuple[Pass, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    start: datetime
    span_s: float
    sites: Sequence[tuple[Station, Site]]
    horizon_deg: float | None
    min_elevation_deg: float
    min_duration_s: float
    light: bool = False


def find_passes(
    sets: ElementSet | Sequence[ElementSet],
    station: Station,
    start: datetime,
    end: datetime,
    *,
    horizon_deg: float | None = None,
    min_elevation_deg: float = 0.0,
    min_duration_s: float = 0.0,
) -> list[Pass]:
    """Passes over one station by AOS; see ``predict``, which also tells what was skipped.

    Raises:
        UsageError: the window or the station makes no sense.
        ElementsError: no element set is usable at all.
    """
    prediction = predict(
        sets,
        [station],
        start,
        end,
        horizon_deg=horizon_deg,
        min_elevation_deg=min_elevation_deg,
        min_duration_s=min_duration_s,
    )
    if not prediction.passes and prediction.skipped:
        number = 1 if isinstance(sets, ElementSet) else len({s.norad_id for s in sets})
        if len(prediction.skipped) == number:
            first = prediction.skipped[0]
            raise ElementsError(first.reason, where=f"{first.name} ({first.norad_id})")
    return list(prediction.passes)


def predict(
    sets: ElementSet | Sequence[ElementSet],
    stations: Sequence[Station],
    start: datetime,
    end: datetime,
    *,
    horizon_deg: float | None = None,
    min_elevation_deg: float = 0.0,
    min_duration_s: float = 0.0,
    decayed_on: Mapping[int, date] | None = None,
    light: bool = False,
) -> Prediction:
    """Find the passes of objects over stations, which share the propagation.

    Args:
        sets: of several sets of one object the nearest to ``start`` is used.
        stations: where to look from.
        start: begin of the window, with its zone.
        end: end of the window.
        horizon_deg: elevation at which AOS and LOS are taken; None takes the station's own mask
            (0 where it has none).
        min_elevation_deg: leaves out passes whose maximum is lower.
        min_duration_s: leaves out shorter passes.
        decayed_on: known decay dates (UTC) by catalogue number; nothing is reported from that day on.
        light: also compute sunlight on the satellite and the Sun's elevation at the station.

    Raises:
        UsageError: the window is empty, too long or without a zone; a station or angle is out of range.
    """
    query = _check_query(stations, start, end, horizon_deg, min_elevation_deg, min_duration_s)
    query = replace(query, light=light)
    chosen = [sets] if isinstance(sets, ElementSet) else list(nearest_sets(sets, start).values())
    propagator = Propagator(query.start, (0.0, query.span_s))
    passes: list[Pass] = []
    chosen, skipped = _without_decayed(chosen, decayed_on or {}, propagator)
    for elements, records, step_s in _chunks(chosen, propagator, query.span_s, skipped):
        count = max(math.ceil(query.span_s / step_s), 1) + 1
        time_s = np.linspace(0.0, query.span_s, count)
        states = propagator.grid(records, time_s)
        good = usable(states)
        whole = np.asarray(good.all(axis=1))
        ends = [(decayed_on or {}).get(one.norad_id) for one in elements]
        for i, day in enumerate(ends):
            if day is not None and seconds_to(propagator, day) < query.span_s:
                whole[i] = False
        kept = np.flatnonzero(whole)
        if kept.size:
            part = States(states.position_km[kept], states.velocity_km_s[kept], states.error[kept])
            of_part = ([elements[i] for i in kept], [records[i] for i in kept])
            passes.extend(_chunk_passes(Chunk(*of_part, propagator, time_s, part), query))
        for i in np.flatnonzero(~whole).tolist():
            span = usable_span(propagator, records[i], elements[i], time_s, good[i], ends[i])
            skipped.append(span.skipped)
            if span.end_s - span.begin_s > 1.0:
                passes.extend(_partial(propagator, records[i], elements[i], span, step_s, query))
    passes.sort(key=lambda p: (p.aos, p.norad_id))
    return Prediction(passes=tuple(passes), skipped=tuple(skipped))


def _without_decayed(
    sets: Sequence[ElementSet], decayed_on: Mapping[int, date], propagator: Propagator
) -> tuple[list[ElementSet], list[Skipped]]:
    """Leave out what is known to have decayed before the window: a date says more than an SGP4 error."""
    days = {number: day for number, day in decayed_on.items() if seconds_to(propagator, day) <= 0.0}
    skipped = [
        Skipped(norad_id=one.norad_id, name=one.name, reason=f"decayed on {days[one.norad_id].isoformat()}")
        for one in sets
        if one.norad_id in days
    ]
    return [one for one in sets if one.norad_id not in days], skipped


def _check_query(
    stations: Sequence[Station],
    start: datetime,
    end: datetime,
    horizon_deg: float | None,
    min_elevation_deg: float,
    min_duration_s: float,
) -> _Query:
    if start.tzinfo is None or end.tzinfo is None:
        raise UsageError("a time has no zone", advice="end it with Z for UTC")
    span_s = (end - start).total_seconds()
    if span_s <= 0.0:
        raise UsageError(f"the window ends ({end.isoformat()}) before it starts ({start.isoformat()})")
    if span_s > MAX_WINDOW_DAYS * 86_400.0:
        raise UsageError(f"a window of {span_s / 86_400.0:.0f} days", advice=f"at most {MAX_WINDOW_DAYS:.0f}")
    for what, angle in (("horizon", horizon_deg), ("minimum elevation", min_elevation_deg)):
        if angle is not None and not -90.0 <= angle <= 90.0:
            raise UsageError(f"{what} {angle:g} is not an elevation", advice="-90 to 90 degrees")
    return _Query(
        start=start.astimezone(UTC),
        span_s=span_s,
        sites=[(station, site_of(station)) for station in stations],
        horizon_deg=horizon_deg,
        min_elevation_deg=min_elevation_deg,
        min_duration_s=min_duration_s,
    )


def _chunks(
    sets: Sequence[ElementSet], propagator: Propagator, span_s: float, skipped: list[Skipped]
) -> Iterator[tuple[list[ElementSet], list[Any], float]]:
    """Objects of like grid step together, so that one grid serves many."""
    usable_sets: list[tuple[float, ElementSet, Any]] = []
    for elements in sets:
        try:
            record = satrec_of(elements)
            check_reach(propagator, record, elements, 0.0, span_s)
            usable_sets.append((grid_step_s(elements), elements, record))
        except ElementsError as error:
            skipped.append(Skipped(norad_id=elements.norad_id, name=elements.name, reason=error.what))
    usable_sets.sort(key=lambda item: item[0])
    begin = 0
    while begin < len(usable_sets):
        step_s = usable_sets[begin][0]
        size = max(int(CHUNK_POINTS / (span_s / step_s + 2.0)), 1)
        end = begin + 1
        # A wider spread of steps in one chunk would waste more grid points than a new chunk costs.
        while end < min(begin + size, len(usable_sets)) and usable_sets[end][0] < 1.3 * step_s:
            end += 1
        part = usable_sets[begin:end]
        yield [p[1] for p in part], [p[2] for p in part], step_s
        begin = end


def _partial(
    propagator: Propagator, record: Any, elements: ElementSet, span: Span, step_s: float, query: _Query
) -> list[Pass]:
    """Passes of one object within the usable part of the window."""
    length = span.end_s - span.begin_s
    time_s = np.linspace(span.begin_s, span.end_s, max(math.ceil(length / step_s), 1) + 1)
    states = propagator.grid([record], time_s)
    if not usable(states).all():  # a second hole; too odd to report anything for
        return []
    return _chunk_passes(Chunk([elements], [record], propagator, time_s, states), query)


def _chunk_passes(chunk: Chunk, query: _Query) -> list[Pass]:
    passes: list[Pass] = []
    for station, site in query.sites:
        mask = station.horizon if query.horizon_deg is None else ()
        if mask:
            found = mask_passes(chunk, site, mask, query.min_elevation_deg)
        else:
            found = search(chunk, site, query.horizon_deg or 0.0, query.min_elevation_deg)
        passes.extend(_as_passes(chunk, station, site, found, query))
    return passes


def _as_passes(chunk: Chunk, station: Station, site: Site, found: Found, query: _Query) -> Iterator[Pass]:
    duration_s = found.event_s[:, 2] - found.event_s[:, 0]
    keep = (found.elevation_deg[:, 1] >= query.min_elevation_deg) & (duration_s >= query.min_duration_s)
    found = found.take(np.flatnonzero(keep & (duration_s > 0.0)))
    lit: Sequence[float | None] = [None] * len(found.owner)
    sun_deg: Sequence[float | None] = lit
    if query.light and len(found.owner):
        sun_km = sun_position_km(query.start, found.event_s[:, 1], chunk.propagator.rotation)
        lit, sun_deg = sunlit_fraction(chunk, found).tolist(), sun_elevation_deg(site, sun_km).tolist()
    for i, owner in enumerate(found.owner.tolist()):
        elements = chunk.elements[owner]
        aos, tca, los = (query.start + timedelta(seconds=s) for s in found.event_s[i].tolist())
        azimuth_deg, range_km = found.azimuth_deg[i].tolist(), found.range_km[i].tolist()
        yield Pass(
            satellite=elements.name or str(elements.norad_id),
            norad_id=elements.norad_id,
            station=station,
            aos=aos,
            tca=tca,
            los=los,
            aos_azimuth_deg=azimuth_deg[0],
            tca_azimuth_deg=azimuth_deg[1],
            los_azimuth_deg=azimuth_deg[2],
            max_elevation_deg=float(found.elevation_deg[i, 1]),
            elements_epoch=elements.epoch,
            aos_range_m=range_km[0] * 1e3,
            tca_range_m=range_km[1] * 1e3,
            los_range_m=range_km[2] * 1e3,
            sunlit_fraction=lit[i],
            sun_elevation_deg=sun_deg[i],
            aos_clipped=bool(found.clipped[i, 0]),
            los_clipped=bool(found.clipped[i, 2]),
        )


def look(
    sets: ElementSet | Sequence[ElementSet], station: Station, start: datetime, time_s: NDArray[np.float64]
) -> Track:
    """Where a satellite stands in a station's sky.

    Args:
        sets: of one satellite; of several sets the nearest to ``start`` is used.
        station: the observer.
        start: time zero, with its zone.
        time_s: (n,) seconds after ``start``.

    Raises:
        ElementsError: there is no set, SGP4 fails at one of the times, or the object has decayed by then.
        UsageError: the station or the start makes no sense.
    """
    chosen = [sets] if isinstance(sets, ElementSet) else list(nearest_sets(sets, start).values())
    if len(chosen) != 1:
        raise ElementsError(f"element sets of {len(chosen)} objects where one is needed")
    elements = chosen[0]
    times = np.asarray(time_s, dtype=np.float64)
    bounds = (float(times.min()), float(times.max())) if times.size else (0.0, 0.0)
    propagator, record = Propagator(start, bounds), satrec_of(elements)
    check_reach(propagator, record, elements, *bounds)
    states = propagator.precise(record, times)
    good = usable(states)
    if not good.all():
        moment = start + timedelta(seconds=float(times[np.argmin(good)]))
        raise ElementsError(
            f"decayed or out of its elements' reach at {moment:%Y-%m-%dT%H:%M:%SZ}",
            where=f"{elements.name} ({elements.norad_id})",
        )
    seen = view(site_of(station), states.position_km, states.velocity_km_s)
    return Track(
        start=start,
        time_s=times,
        azimuth_deg=seen.azimuth_deg,
        elevation_deg=seen.elevation_deg,
        range_m=seen.range_km * 1e3,
        range_rate_m_s=seen.range_rate_km_s * 1e3,
    )
