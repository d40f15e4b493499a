"""Tuning plans: sign, size and smoothness."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gsctl.dsp.tuning import shift_at
from gsctl.errors import UsageError
from gsctl.model import ElementSet, Station
from gsctl.orbit.doppler import (
    SPEED_OF_LIGHT_M_S,
    doppler_shift_hz,
    plan_from_track,
    tuning_plan,
)
from gsctl.orbit.passes import find_passes, look

HOA_LAC = Station(name="Hoa Lac", latitude_deg=21.0, longitude_deg=105.5)
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
NOMINAL_HZ = 437.365e6
OVERHEAD = max(
    find_passes(NANODRAGON, HOA_LAC, NANODRAGON.epoch, NANODRAGON.epoch + timedelta(days=3)),
    key=lambda p: p.max_elevation_deg,
)
LENGTH_S = (OVERHEAD.los - OVERHEAD.aos).total_seconds()


def test_shift_is_positive_while_approaching() -> None:
    plan = tuning_plan(NANODRAGON, HOA_LAC, NOMINAL_HZ, OVERHEAD.aos, LENGTH_S)
    ends = shift_at(plan, np.array([0.0, LENGTH_S]))
    # 7.1 km/s along the line of sight at the horizon.
    assert 10_000.0 < ends[0] < 10_700.0
    assert -10_700.0 < ends[1] < -10_000.0
    assert doppler_shift_hz(np.array([SPEED_OF_LIGHT_M_S / 1e6]), 1e6)[0] == -1.0


def test_between_nodes_the_error_is_under_a_tenth_of_a_hertz() -> None:
    assert OVERHEAD.max_elevation_deg > 80.0  # the hardest kind of pass
    plan = tuning_plan(NANODRAGON, HOA_LAC, NOMINAL_HZ, OVERHEAD.aos, LENGTH_S)
    time_s = np.arange(-20.0, LENGTH_S + 20.0, 0.137)
    track = look(NANODRAGON, HOA_LAC, OVERHEAD.aos, time_s)
    error_hz = shift_at(plan, time_s) - doppler_shift_hz(track.range_rate_m_s, NOMINAL_HZ)
    assert np.abs(error_hz).max() < 0.1


def test_the_curve_and_its_slope_are_continuous() -> None:
    plan = tuning_plan(NANODRAGON, HOA_LAC, NOMINAL_HZ, OVERHEAD.aos, LENGTH_S, spacing_s=10.0)
    node_s = plan.time_s[1:-1]
    step = 1e-3
    before, at, after = (shift_at(plan, node_s + d) for d in (-step, 0.0, step))
    assert at == pytest.approx(plan.shift_hz[1:-1], abs=1e-9)
    assert (at - before) / step == pytest.approx((after - at) / step, abs=0.02)
    assert (after - before) / (2 * step) == pytest.approx(plan.slope_hz_s[1:-1], abs=0.01)


def test_outside_the_plan_its_ends_hold() -> None:
    plan = tuning_plan(NANODRAGON, HOA_LAC, NOMINAL_HZ, OVERHEAD.aos, 60.0)
    ends = shift_at(plan, np.array([-1e6, 1e6]))
    assert ends == pytest.approx([plan.shift_hz[0], plan.shift_hz[-1]])


@pytest.mark.parametrize("nominal_hz", [0.0, -1.0, float("nan"), float("inf")])
def test_a_frequency_that_is_none(nominal_hz: float) -> None:
    with pytest.raises(UsageError, match="frequency"):
        tuning_plan(NANODRAGON, HOA_LAC, nominal_hz, OVERHEAD.aos, 60.0)


@pytest.mark.parametrize("duration_s", [-1.0, 1e9, float("nan")])
def test_a_span_that_is_none(duration_s: float) -> None:
    with pytest.raises(UsageError, match="tuning plan"):
        tuning_plan(NANODRAGON, HOA_LAC, NOMINAL_HZ, OVERHEAD.aos, duration_s)


def test_a_track_of_one_point_holds_no_plan() -> None:
    track = look(NANODRAGON, HOA_LAC, OVERHEAD.aos, np.array([0.0, 1.0]))
    assert plan_from_track(track, NOMINAL_HZ).slope_hz_s.shape == (2,)
    short = replace(track, time_s=track.time_s[:1], range_rate_m_s=track.range_rate_m_s[:1])
    with pytest.raises(UsageError, match="fewer than two"):
        plan_from_track(short, NOMINAL_HZ)
