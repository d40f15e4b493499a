"""A made-up pass that the tests of the plots share."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gsctl.model import Pass, Station, Track, TuningPlan

AOS = datetime(2026, 6, 18, 23, 58, 0, tzinfo=UTC)


@pytest.fixture
def passing() -> Pass:
    """Ten minutes from the north-west through 60 degrees in the west, across midnight and north."""
    time_s = np.arange(-10.0, 611.0, 5.0)
    along = (time_s - 300.0) / 300.0
    elevation_deg = 60.0 * (1 - along**2)
    track = Track(
        start=AOS,
        time_s=time_s,
        azimuth_deg=(20.0 - 100.0 * (along + 1)) % 360.0,
        elevation_deg=elevation_deg,
        range_m=1e6 + 1e6 * along**2,
        range_rate_m_s=7000.0 * along,
    )
    return Pass(
        satellite="Test $at & Söhne",
        norad_id=99999,
        station=Station(name="Hòa Lạc", latitude_deg=21.0, longitude_deg=105.5, horizon=((0, 5), (180, 20))),
        aos=AOS,
        tca=AOS + timedelta(seconds=300),
        los=AOS + timedelta(seconds=600),
        aos_azimuth_deg=20.0,
        tca_azimuth_deg=280.0,
        los_azimuth_deg=180.0,
        max_elevation_deg=60.0,
        elements_epoch=AOS,
        track=track,
    )


@pytest.fixture
def plan() -> TuningPlan:
    """A cubic shift, which cubic Hermite pieces meet exactly."""
    time_s = np.linspace(0.0, 600.0, 7)
    x = (time_s - 300.0) / 300.0
    return TuningPlan(
        start=AOS,
        nominal_hz=437.365e6,
        time_s=time_s,
        shift_hz=-9000.0 * x + 1000.0 * x**3,
        slope_hz_s=(-9000.0 + 3000.0 * x**2) / 300.0,
    )
