"""Passes against a dense evaluation, against Skyfield, and by their own laws."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsctl.errors import ElementsError, UsageError
from gsctl.model import ElementSet, Pass, Station
from gsctl.orbit.earth import site_of, view
from gsctl.orbit.elements import read_elements
from gsctl.orbit.horizon import mask_elevation_deg
from gsctl.orbit.passes import find_passes, look, predict
from gsctl.orbit.propagation import Propagator, satrec_of

HOA_LAC = Station(name="Hoa Lac", latitude_deg=21.0, longitude_deg=105.5)
START = datetime(2026, 8, 23, tzinfo=UTC)
DAY = timedelta(days=1)
NANODRAGON = ElementSet(
    norad_id=49398,
    name="NANODRAGON",
    epoch=datetime(2026, 6, 17, 1, 17, 26, 496960, tzinfo=UTC),
    mean_motion_rev_day=15.30608614,
    eccentricity=0.0008635,
    inclination_deg=97.3189,
    raan_deg=210.2672,
    argument_of_perigee_deg=193.2732,
    mean_anomaly_deg=166.8284,
    bstar=0.00031989,
    source="Space-Track through SatNOGS DB, 2026-06-17",
)


@pytest.fixture(scope="module")
def catalogue(data_dir: Path) -> Sequence[ElementSet]:
    return read_elements(data_dir / "orbit" / "active_omm_2026-08-22.csv").sets


@dataclass(frozen=True)
class Truth:
    """Crossings and tops by brute force, seconds after the start."""

    aos_s: float
    los_s: float
    top_s: float
    top_deg: float


class Dense:
    """The same SGP4 every second, and bisection to a microsecond."""

    def __init__(self, elements: ElementSet, station: Station, span_s: float) -> None:
        self.site, self.record, self.span_s = site_of(station), satrec_of(elements), span_s
        self.propagator = Propagator(START, (0.0, span_s))
        self.time_s = np.arange(0.0, span_s + 0.5, 1.0)
        self.elevation = self.elevation_deg(self.time_s)

    def elevation_deg(self, time_s: Any) -> Any:
        states = self.propagator.one(self.record, np.atleast_1d(time_s))
        return view(self.site, states.position_km, states.velocity_km_s).elevation_deg

    def passes(self, horizon_deg: float) -> list[Truth]:
        above = self.elevation > horizon_deg
        edges = np.flatnonzero(np.diff(above.astype(int)))
        times = [self._bisect(float(self.time_s[k]), horizon_deg) for k in edges]
        rises = [t for t, k in zip(times, edges, strict=True) if not above[k]]
        sets = [t for t, k in zip(times, edges, strict=True) if above[k]]
        rises = ([0.0] if above[0] else []) + rises
        sets = sets + ([self.span_s] if above[-1] else [])
        return [self._top(a, b) for a, b in zip(rises, sets, strict=True)]

    def _bisect(self, begin: float, horizon_deg: float) -> float:
        low, high = begin, begin + 1.0
        rising = self.elevation_deg(low)[0] < horizon_deg
        for _ in range(24):
            middle = 0.5 * (low + high)
            if (self.elevation_deg(middle)[0] < horizon_deg) == rising:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def _top(self, aos_s: float, los_s: float) -> Truth:
        inside = self.time_s[(self.time_s >= aos_s) & (self.time_s <= los_s)]
        best = inside[np.argmax(self.elevation_deg(inside))] if inside.size else 0.5 * (aos_s + los_s)
        fine = np.linspace(max(best - 1.0, aos_s), min(best + 1.0, los_s), 401)
        elevation = self.elevation_deg(fine)
        return Truth(aos_s, los_s, float(fine[np.argmax(elevation)]), float(elevation.max()))

    def rate_deg_s(self, time_s: float) -> float:
        return float(abs(np.diff(self.elevation_deg([time_s - 0.05, time_s + 0.05]))[0]) / 0.1)


def _kind(elements: ElementSet) -> str:
    if elements.eccentricity > 0.1:
        return "eccentric"
    return "low" if elements.mean_motion_rev_day > 11 else "high"


def _long(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.parametrize(
    ("kind", "horizon_deg", "count", "seed"),
    [("low", 10.0, 8, 1), ("low", 0.0, 5, 2), ("high", 5.0, 6, 3), ("eccentric", 10.0, 4, 4),
     _long("low", 10.0, 400, 11), _long("low", 0.0, 200, 12), _long("low", 45.0, 200, 15),
     _long("high", 5.0, 200, 13), _long("eccentric", 0.0, 200, 14)],
)  # fmt: skip
def test_against_a_dense_evaluation(
    catalogue: Sequence[ElementSet], kind: str, horizon_deg: float, count: int, seed: int
) -> None:
    """AOS and LOS within 10 ms, TCA within 50 ms in low orbits, maxima within 0.001 degree, none missed."""
    rng = np.random.default_rng(seed)
    station = Station(name="x", latitude_deg=rng.uniform(-70, 70), longitude_deg=rng.uniform(-180, 180))
    of_kind = [s for s in catalogue if _kind(s) == kind]
    compared = 0
    for index in rng.choice(len(of_kind), min(count, len(of_kind)), replace=False):
        elements = of_kind[index]
        dense = Dense(elements, station, 86_400.0)
        if not np.isfinite(dense.elevation).all():
            continue
        truth = dense.passes(horizon_deg)
        got = find_passes(elements, station, START, START + DAY, horizon_deg=horizon_deg)
        assert len(got) == len(truth), elements.name
        for one, expected in zip(got, truth, strict=True):
            aos_s, tca_s, los_s = (_seconds(t) for t in (one.aos, one.tca, one.los))
            for mine, theirs in ((aos_s, expected.aos_s), (los_s, expected.los_s)):
                if dense.rate_deg_s(theirs) > 1e-3:
                    assert abs(mine - theirs) < 0.010, elements.name
                elif 0.0 < mine < 86_400.0:
                    assert abs(dense.elevation_deg(mine)[0] - horizon_deg) < 1e-5, elements.name
            assert abs(one.max_elevation_deg - expected.top_deg) < 1e-3
            if kind == "low":
                assert abs(tca_s - expected.top_s) < 0.050
            compared += 1
    assert compared > min(count, len(of_kind)) // 4


def _seconds(moment: datetime) -> float:
    return (moment - START).total_seconds()


def test_short_passes_are_neither_missed_nor_invented() -> None:
    """The horizon is put just under and just over the top of a pass: 5 s, half a second, and nothing."""
    end = NANODRAGON.epoch + 2 * DAY
    for whole in find_passes(NANODRAGON, HOA_LAC, NANODRAGON.epoch, end)[1:6]:
        around = (whole.tca - timedelta(minutes=20), whole.tca + timedelta(minutes=20))
        time_s = np.array([-2.5, -0.25, 0.0])
        elevation = look(NANODRAGON, HOA_LAC, whole.tca, time_s).elevation_deg
        for before_s, horizon_deg in zip((2.5, 0.25), elevation[:2], strict=True):
            (short,) = find_passes(NANODRAGON, HOA_LAC, *around, horizon_deg=float(horizon_deg))
            assert (whole.tca - short.aos).total_seconds() == pytest.approx(before_s, abs=0.01)
            assert (short.los - short.aos).total_seconds() == pytest.approx(2 * before_s, rel=0.05)
        assert find_passes(NANODRAGON, HOA_LAC, *around, horizon_deg=float(elevation[2]) + 2e-6) == []


# numpy 2.5 (Python 3.12 and newer) warns of what Skyfield 1.55 does in its search.
@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")
def test_skyfields_events(catalogue: Sequence[ElementSet], data_dir: Path) -> None:
    """Within half a second of find_events, whose own error is up to 0.25 s."""
    import csv

    from skyfield.api import EarthSatellite, load, wgs84

    timescale = load.timescale(builtin=True)
    place = wgs84.latlon(HOA_LAC.latitude_deg, HOA_LAC.longitude_deg)
    t0, t1 = (timescale.from_datetime(t) for t in (START, START + 2 * DAY))
    with (data_dir / "orbit" / "active_omm_2026-08-22.csv").open() as file:
        rows = {int(row["NORAD_CAT_ID"]): row for row in csv.DictReader(file)}
    for number in (25544, 49397, 49400, 27607):
        elements = next(s for s in catalogue if s.norad_id == number)
        satellite = EarthSatellite.from_omm(timescale, rows[number])
        times, kinds = satellite.find_events(place, t0, t1, altitude_degrees=10.0)
        got = find_passes(elements, HOA_LAC, START, START + 2 * DAY, horizon_deg=10.0)
        whole = [p for p in got if not p.clipped]
        rises = [t.utc_datetime() for t, kind in zip(times, kinds, strict=True) if kind == 0]
        sets = [t.utc_datetime() for t, kind in zip(times, kinds, strict=True) if kind == 2]
        assert len(rises) >= len(whole) > 3
        for one in whole:
            assert min(abs(one.aos - t) for t in rises) < timedelta(seconds=0.5)
            assert min(abs(one.los - t) for t in sets) < timedelta(seconds=0.5)


def test_a_pass_says_where_it_is() -> None:
    one = find_passes(NANODRAGON, HOA_LAC, NANODRAGON.epoch + DAY / 2, NANODRAGON.epoch + 2 * DAY)[0]
    track = look(
        NANODRAGON,
        HOA_LAC,
        one.aos,
        np.array([0.0, *((t - one.aos).total_seconds() for t in (one.tca, one.los))]),
    )
    assert track.azimuth_deg == pytest.approx(
        [one.aos_azimuth_deg, one.tca_azimuth_deg, one.los_azimuth_deg], abs=1e-4
    )
    assert track.range_m == pytest.approx([one.aos_range_m, one.tca_range_m, one.los_range_m], abs=10.0)
    assert track.elevation_deg == pytest.approx([0.0, one.max_elevation_deg, 0.0], abs=1e-5)
    assert track.range_rate_m_s[0] < 0 < track.range_rate_m_s[2]
    assert (one.satellite, one.norad_id, one.station) == ("NANODRAGON", 49398, HOA_LAC)
    assert one.elements_epoch == NANODRAGON.epoch


def test_nanodragons_first_pass_is_plausible(data_dir: Path) -> None:
    """It separated at 02:06:54 UTC on 2021-11-09 and was expected over Vietnam at about 02:30.

    The oldest public set is of January 2022; ten weeks back it is good to many minutes, so this
    only tells that the orbit was about there.
    """
    sets = read_elements(data_dir / "orbit" / "epsilon5" / "seed_satellites.3le").sets
    oldest = min((s for s in sets if s.norad_id == 49398), key=lambda s: s.epoch)
    separated = datetime(2021, 11, 9, 2, 6, 54, tzinfo=UTC)
    got = find_passes(oldest, HOA_LAC, separated, separated + timedelta(hours=3))
    assert any(abs(p.tca - datetime(2021, 11, 9, 2, 30, tzinfo=UTC)) < timedelta(minutes=40) for p in got)


stations = st.builds(
    Station,
    name=st.just("any"),
    latitude_deg=st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0, 0.0])),
    longitude_deg=st.one_of(st.floats(-180, 180), st.sampled_from([180.0, -180.0])),
    height_m=st.floats(-430, 8800),
)
orbits = st.builds(
    lambda motion, eccentricity, inclination, raan, argument, anomaly: replace(
        NANODRAGON,
        epoch=START,
        mean_motion_rev_day=motion,
        # Perigee stays above 300 km.
        eccentricity=min(eccentricity, max(0.0, 1.0 - 6680.0 / (42_241.1 / motion ** (2.0 / 3.0)))),
        inclination_deg=inclination,
        raan_deg=raan,
        argument_of_perigee_deg=argument,
        mean_anomaly_deg=anomaly,
        bstar=1e-5,
    ),
    st.one_of(st.floats(11.3, 15.6), st.floats(0.9, 11.0)),
    st.one_of(st.just(0.0), st.floats(0.0, 0.75, allow_subnormal=False)),
    st.floats(0.0, 179.0, allow_subnormal=False),
    st.floats(0.0, 359.9, allow_subnormal=False),
    st.floats(0.0, 359.9, allow_subnormal=False),
    st.floats(0.0, 359.9, allow_subnormal=False),
)


@given(elements=orbits, station=stations, horizon_deg=st.floats(-1.0, 30.0))
@settings(max_examples=40)
def test_laws_of_passes(elements: ElementSet, station: Station, horizon_deg: float) -> None:
    end = START + DAY
    got = find_passes(elements, station, START, end, horizon_deg=horizon_deg, min_elevation_deg=-90.0)
    for one in got:
        assert START <= one.aos <= one.tca <= one.los <= end
        inside_s = np.linspace(0.0, (one.los - one.aos).total_seconds(), 50)
        elevation = look(elements, station, one.aos, inside_s).elevation_deg
        assert elevation.max() <= one.max_elevation_deg + 1e-3
        assert elevation[1:-1].min() >= horizon_deg - 1e-4
        for moment, at_end in ((one.aos, elevation[0]), (one.los, elevation[-1])):
            if moment not in (START, end):
                assert at_end == pytest.approx(horizon_deg, abs=2e-4)
        assert (one.aos_clipped, one.los_clipped) == (one.aos == START, one.los == end)
        assert one.clipped == (one.aos_clipped or one.los_clipped)
    for before, after in itertools.pairwise(got):
        assert before.los <= after.aos
        gap_s = np.linspace(0.0, (after.aos - before.los).total_seconds(), 52)[1:-1]
        assert look(elements, station, before.los, gap_s).elevation_deg.max() <= horizon_deg + 1e-4


@given(elements=orbits, station=stations, cut=st.floats(0.05, 0.95))
@settings(max_examples=30)
def test_halves_of_a_window_together_give_the_whole(
    elements: ElementSet, station: Station, cut: float
) -> None:
    middle, end = START + cut * DAY, START + DAY
    whole = find_passes(elements, station, START, end, horizon_deg=5.0)
    halves = [
        *find_passes(elements, station, START, middle, horizon_deg=5.0),
        *find_passes(elements, station, middle, end, horizon_deg=5.0),
    ]
    ends = [t for p in whole for t in (p.aos, p.los)]
    half_ends = [t for p in halves for t in (p.aos, p.los) if t != middle]
    assert len(half_ends) == len([t for t in ends if t != middle])
    for mine, theirs in zip(half_ends, ends, strict=True):
        assert abs(mine - theirs) < timedelta(milliseconds=2)


def test_what_never_sets_and_what_never_rises() -> None:
    high = replace(
        NANODRAGON,
        epoch=START,
        mean_motion_rev_day=1.00273790,
        inclination_deg=0.05,
        eccentricity=0.0002,
        bstar=0.0,
    )
    beneath = replace(high, mean_anomaly_deg=0.0)
    for anomaly in range(0, 360, 10):
        beneath = replace(high, mean_anomaly_deg=float(anomaly))
        if look(beneath, HOA_LAC, START, np.zeros(1)).elevation_deg[0] > 40.0:
            break
    (always,) = find_passes(beneath, HOA_LAC, START, START + DAY)
    assert (always.aos, always.los) == (START, START + DAY)
    assert (always.aos_clipped, always.los_clipped, always.clipped) == (True, True, True)
    opposite = replace(beneath, mean_anomaly_deg=(beneath.mean_anomaly_deg + 180.0) % 360.0)
    assert find_passes(opposite, HOA_LAC, START, START + DAY) == []


def test_filters() -> None:
    span = (NANODRAGON.epoch, NANODRAGON.epoch + 3 * DAY)
    every = find_passes(NANODRAGON, HOA_LAC, *span)
    high = find_passes(NANODRAGON, HOA_LAC, *span, min_elevation_deg=30.0)
    assert high == [p for p in every if p.max_elevation_deg >= 30.0]
    assert 0 < len(high) < len(every)
    long = find_passes(NANODRAGON, HOA_LAC, *span, min_duration_s=600.0)
    assert long == [p for p in every if (p.los - p.aos).total_seconds() >= 600.0]
    assert 0 < len(long) < len(every)


def test_many_stations_share_a_prediction() -> None:
    other = replace(HOA_LAC, name="Tokyo", latitude_deg=35.6, longitude_deg=139.7)
    end = NANODRAGON.epoch + DAY
    both = predict([NANODRAGON], [HOA_LAC, other], NANODRAGON.epoch, end).passes
    apart = [
        *find_passes(NANODRAGON, HOA_LAC, NANODRAGON.epoch, end),
        *find_passes(NANODRAGON, other, NANODRAGON.epoch, end),
    ]
    assert sorted(both, key=_order) == sorted(apart, key=_order)


def _order(one: Pass) -> tuple[datetime, str]:
    return one.aos, one.station.name


MASK = ((0.0, 5.0), (80.0, 5.0), (90.0, 25.0), (100.0, 5.0), (200.0, 12.0), (300.0, 2.0))


def test_mask_is_linear_and_closes_around_north() -> None:
    azimuth = np.array([0.0, 85.0, 90.0, 150.0, 330.0, 360.0])
    assert mask_elevation_deg(MASK, azimuth) == pytest.approx([5.0, 15.0, 25.0, 8.5, 3.5, 5.0])


def test_passes_above_a_mask(catalogue: Sequence[ElementSet]) -> None:
    """Against the same mask sampled every half second."""
    station = replace(HOA_LAC, horizon=MASK)
    rng = np.random.default_rng(5)
    low = [s for s in catalogue if _kind(s) == "low"]
    split = compared = 0
    time_s = np.arange(0.0, 43_200.0, 0.5)
    propagator = Propagator(START, (0.0, 43_200.0))
    for index in rng.choice(len(low), 10, replace=False):
        states = propagator.one(satrec_of(low[index]), time_s)
        seen = view(site_of(station), states.position_km, states.velocity_km_s)
        height = seen.elevation_deg - mask_elevation_deg(MASK, seen.azimuth_deg)
        edges_s = time_s[np.flatnonzero(np.diff((height > 0).astype(int)))]
        got = find_passes(low[index], station, START, START + timedelta(seconds=43_199.5))
        found_s = [_seconds(t) for p in got for t in (p.aos, p.los)]
        found_s = [t for t in found_s if 0.0 < t < 43_199.5]
        # A glimpse shorter than the sampling may be seen by one side only.
        found_s = [t for t in found_s if all(abs(t - u) > 0.55 or t == u for u in found_s)]
        edges = [t for t in edges_s if any(abs(t - u) < 0.6 for u in found_s)]
        assert len(found_s) == len(edges) == len(edges_s), low[index].name
        for mine, theirs in zip(sorted(found_s), edges_s, strict=True):
            assert 0.0 <= mine - theirs <= 0.5
        compared += len(found_s)
        split += sum((b.aos - a.los) < timedelta(minutes=8) for a, b in itertools.pairwise(got))
    assert compared > 30
    assert split > 0  # the tower in the east cut some pass in two


def test_an_explicit_horizon_overrides_the_mask() -> None:
    span = (NANODRAGON.epoch, NANODRAGON.epoch + DAY)
    masked = replace(HOA_LAC, horizon=MASK)
    flat = [replace(p, station=HOA_LAC) for p in find_passes(NANODRAGON, masked, *span, horizon_deg=0.0)]
    assert flat == find_passes(NANODRAGON, HOA_LAC, *span)


DECAYING = replace(
    NANODRAGON,
    name="DECAYING",
    epoch=START,
    mean_motion_rev_day=16.45,
    eccentricity=0.0005,
    bstar=0.002,
)


def test_a_decaying_object_is_named_and_silent_after_its_decay() -> None:
    got = predict([DECAYING, NANODRAGON], [HOA_LAC], START, START + 20 * DAY)
    (skipped,) = got.skipped
    assert (skipped.name, skipped.norad_id) == ("DECAYING", 49398)
    assert "altitude below 90 km" in skipped.reason or "SGP4" in skipped.reason
    stop = datetime.fromisoformat(skipped.reason.split(" at ")[1].split(" ")[0])
    assert START < stop < START + 20 * DAY
    assert all(p.los <= stop + timedelta(seconds=1) for p in got.passes)


@pytest.mark.parametrize("year", [2033, 2040, 2100, 9998])
def test_long_after_a_decay_sgp4_looks_healthy_and_is_not_believed(year: int) -> None:
    """By its last set NanoDragon's orbit ends in 2032; SGP4 gives heights without error in 2100 again."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    got = predict([NANODRAGON], [HOA_LAC], start, start + DAY)
    assert got.passes == ()
    assert "decayed or out of its elements' reach by 203" in got.skipped[0].reason
    with pytest.raises(ElementsError, match=r"reach by 203"):
        look(NANODRAGON, HOA_LAC, start, np.zeros(1))


def test_before_the_epoch_a_set_holds_too() -> None:
    start = NANODRAGON.epoch - 100 * DAY
    assert len(find_passes(NANODRAGON, HOA_LAC, start, start + DAY)) >= 3


def test_a_known_decay_date_silences_later_passes() -> None:
    day = date(2026, 6, 19)
    got = predict(
        [NANODRAGON], [HOA_LAC], NANODRAGON.epoch, NANODRAGON.epoch + 5 * DAY, decayed_on={49398: day}
    )
    assert got.passes
    assert all(p.los < datetime(2026, 6, 19, tzinfo=UTC) for p in got.passes)
    assert got.skipped[0].reason == "decayed on 2026-06-19"
    later = predict(
        [NANODRAGON],
        [HOA_LAC],
        NANODRAGON.epoch + 5 * DAY,
        NANODRAGON.epoch + 6 * DAY,
        decayed_on={49398: day},
    )
    assert later.passes == ()


def test_a_set_that_sgp4_refuses_is_skipped() -> None:
    broken = replace(
        NANODRAGON, norad_id=7, name="BROKEN", eccentricity=0.9999999, mean_motion_rev_day=0.00001
    )
    got = predict([broken, NANODRAGON], [HOA_LAC], NANODRAGON.epoch, NANODRAGON.epoch + DAY)
    assert [s.norad_id for s in got.skipped] == [7]
    assert {p.norad_id for p in got.passes} == {49398}
    with pytest.raises(ElementsError, match=r"BROKEN \(7\)"):
        find_passes(broken, HOA_LAC, START, START + DAY)


@pytest.mark.parametrize(
    ("start", "end", "changes", "words"),
    [
        (START, START - DAY, {}, "ends .* before it starts"),
        (START, START, {}, "before it starts"),
        (START.replace(tzinfo=None), START, {}, "no zone"),
        (START, START + 5000 * DAY, {}, "at most 3660"),
        (START, START + DAY, {"horizon_deg": 91.0}, "not an elevation"),
        (START, START + DAY, {"horizon_deg": float("nan")}, "not an elevation"),
    ],
)
def test_a_window_that_cannot_be(
    start: datetime, end: datetime, changes: dict[str, float], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        predict([NANODRAGON], [HOA_LAC], start, end, **changes)  # type: ignore[arg-type]


def test_the_nearest_of_several_sets_is_used() -> None:
    old = replace(NANODRAGON, epoch=NANODRAGON.epoch - 30 * DAY)
    got = find_passes([old, NANODRAGON], HOA_LAC, NANODRAGON.epoch, NANODRAGON.epoch + DAY)
    assert {p.elements_epoch for p in got} == {NANODRAGON.epoch}


def test_sunlight_of_a_pass() -> None:
    got = predict([NANODRAGON], [HOA_LAC], NANODRAGON.epoch, NANODRAGON.epoch + 3 * DAY, light=True).passes
    assert all(p.sunlit_fraction is not None and 0.0 <= p.sunlit_fraction <= 1.0 for p in got)
    assert any(p.sunlit_fraction == 1.0 for p in got)
    # A dawn-dusk orbit it is not: around local 19 h the satellite sinks into the shadow.
    assert any(0.0 < (p.sunlit_fraction or 0.0) < 1.0 for p in got)
    day = [p for p in got if 1 <= p.tca.hour <= 9]
    night = [p for p in got if 13 <= p.tca.hour <= 20]
    assert day
    assert night
    assert all((p.sun_elevation_deg or 0.0) > 0.0 for p in day)
    assert all((p.sun_elevation_deg or 0.0) < 0.0 for p in night)


def test_the_whole_catalogue_is_quick_and_small(catalogue: Sequence[ElementSet]) -> None:
    """A tenth of it here; the benchmark prints the figure of all."""
    import time

    began = time.process_time()
    got = predict(catalogue[::10], [HOA_LAC], START, START + DAY, horizon_deg=10.0)
    assert len(got.passes) > 4000
    assert time.process_time() - began < 8.0 / 10 * 2.5  # more than its share, for a busy machine
