from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsctl.dsp.tuning import shift_at
from gsctl.model import Track, TuningPlan
from gsctl.synth import channel

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_noise_is_white_circular_and_as_strong_as_asked() -> None:
    samples = channel.noise(200_000, 2.5, channel.generator(3))
    assert samples.dtype == np.complex64
    # The power of n samples is known within 1 / sqrt(n); five of these are 1.1 per cent.
    assert float(np.mean(np.abs(samples) ** 2)) == pytest.approx(2.5, rel=0.012)
    assert abs(np.mean(samples**2)) < 0.03
    assert abs(np.mean(samples[1:] * samples[:-1].conj())) < 0.03


def test_noise_variance_by_hand() -> None:
    # Eb/N0 = S Tb / N0 = (1 / 9600) / N0; at 10 dB N0 is 1 / 96000 and times 48000 it is one half.
    assert channel.noise_variance(10.0, 9600, 48000) == pytest.approx(0.5)
    assert channel.noise_variance(10.0, 9600, 48000, signal_power=4.0) == pytest.approx(2.0)


def test_offset_and_drift_move_the_carrier() -> None:
    moved = channel.offset(np.ones(48000, np.complex64), 48000, 1000.0, drift_hz_s=500.0)
    steps_hz = np.angle(moved[1:] * moved[:-1].conj()) / (2 * np.pi) * 48000
    expected = 1000.0 + 500.0 * (np.arange(47999) + 0.5) / 48000
    assert np.abs(steps_hz - expected).max() < 0.05
    assert np.allclose(np.abs(moved), 1.0, atol=1e-6)


@settings(max_examples=30)
@given(a=st.floats(-1e4, 1e4), b=st.floats(-200, 200), c=st.floats(-1, 1), d=st.floats(-0.02, 0.02))
def test_hermite_is_exact_for_cubics(a: float, b: float, c: float, d: float) -> None:
    nodes = np.array([0.0, 7.0, 11.0, 30.0])
    plan = TuningPlan(
        start=START,
        nominal_hz=437e6,
        time_s=nodes,
        shift_hz=a + b * nodes + c * nodes**2 + d * nodes**3,
        slope_hz_s=b + 2 * c * nodes + 3 * d * nodes**2,
    )
    at = np.linspace(0, 30, 301)
    assert np.allclose(shift_at(plan, at), a + b * at + c * at**2 + d * at**3, atol=1e-6)
    ends = shift_at(plan, np.array([-5.0, 99.0]))
    assert np.allclose(ends, plan.shift_hz[[0, -1]])


def test_range_gain_falls_as_one_over_range() -> None:
    flat = np.zeros(3)
    track = Track(
        start=START,
        time_s=np.array([0.0, 10.0, 20.0]),
        azimuth_deg=flat,
        elevation_deg=flat,
        range_m=np.array([2e6, 1e6, 4e6]),
        range_rate_m_s=flat,
    )
    assert np.allclose(channel.range_gain(track, np.array([0.0, 10.0, 20.0])), [0.5, 1.0, 0.25])


def test_spin_nulls_flip_the_phase() -> None:
    time_s = np.arange(0, 10, 0.001)
    gain = channel.spin_gain(time_s, 4.0, 25.0)
    assert np.allclose(20 * np.log10(np.abs(gain).min()), -25.0)
    assert gain[0] == pytest.approx(1.0)
    assert gain[4000] == pytest.approx(-1.0)
    assert np.flatnonzero(np.diff(np.sign(gain))).tolist() == pytest.approx([2000, 6000], abs=1)
    null = channel.polarisation_null(time_s, 5.0)
    assert int(np.sum(np.abs(null) < 0.06)) == pytest.approx(50, abs=1)
    assert (null[time_s < 4.9] == 1).all()
    assert (null[time_s > 5.1] == -1).all()


def test_fading_reaches_its_depth() -> None:
    gain = channel.fading_gain(np.arange(0, 10, 0.01), 10.0, 2.0)
    assert 20 * np.log10(gain.max()) == pytest.approx(0.0, abs=1e-6)
    assert 20 * np.log10(gain.min()) == pytest.approx(-10.0, abs=1e-6)


def test_a_stepping_radio_stays_within_half_a_step_and_jumps_in_phase() -> None:
    moved = channel.stepped(np.ones(96000, np.complex64), 48000, -170.0, 100.0, channel.generator(4))
    steps_hz = np.angle(moved[1:] * moved[:-1].conj()) / (2 * np.pi) * 48000
    quiet = np.abs(steps_hz) < 60
    assert int(np.sum(~quiet)) in (3, 4)  # 340 Hz of drift in steps of 100 Hz
    assert np.abs(steps_hz[quiet]).max() <= 50.1
    first = int(np.flatnonzero(~quiet)[0])
    slope = (steps_hz[first + 20000] - steps_hz[first + 2000]) / (18000 / 48000)
    assert slope == pytest.approx(-170, abs=3)
