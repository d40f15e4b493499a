"""A channel cut out for a recording: its samples, its times, and what is lost before it."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gsctl.errors import UsageError
from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.pipeline.narrowing import Narrowing

RATE_HZ = 240_000.0
CENTER_HZ, CHANNEL_HZ = 437.4e6, 437.365e6
START = datetime(2026, 6, 17, 12, tzinfo=UTC)
TONE_HZ = 5_000.0  # from the middle of the channel


def blocks(count: int, size: int, *, lost_at: int = -1, lost: int = 0) -> list[SampleBlock]:
    """A tone whose phase is that of its time, in blocks; samples are lost before number ``lost_at``."""
    out = []
    for start in range(0, count, size):
        shift = lost if 0 <= lost_at <= start else 0
        index = np.arange(start, min(start + size, count)) + shift
        turns = (CHANNEL_HZ + TONE_HZ - CENTER_HZ) / RATE_HZ * index % 1.0
        block = SampleBlock(
            samples=(0.5 * np.exp(2j * np.pi * turns)).astype(np.complex64),
            domain=Domain.IQ,
            sample_rate_hz=RATE_HZ,
            center_frequency_hz=CENTER_HZ,
            start_sample=start + shift,
            start_time=START + timedelta(seconds=(start + shift) / RATE_HZ),
            time_source=TimeSource.HARDWARE,
            time_uncertainty_s=1e-4,
            dropped_before=lost if start == lost_at else 0,
        )
        out.append(block)
    return out


def narrowed(given: list[SampleBlock]) -> list[SampleBlock]:
    channel = Narrowing(RATE_HZ, CENTER_HZ, CHANNEL_HZ, 30_000.0)
    assert (channel.step, channel.sample_rate_hz) == (6, 40_000.0)
    return [part for block in given for part in channel.push(block)] + list(channel.finish())


def assert_tone_in_time(parts: list[SampleBlock]) -> None:
    """Each block's time is that of its samples: the phase of the tone says so, but for one constant."""
    phases = []
    for part in parts:
        assert part.start_time is not None
        assert part.center_frequency_hz == CHANNEL_HZ
        assert part.time_source is TimeSource.HARDWARE
        seconds = (part.start_time - START).total_seconds() + 200 / part.sample_rate_hz
        at = part.samples[200] * np.exp(-2j * np.pi * TONE_HZ * seconds)
        assert abs(at) == pytest.approx(0.5, rel=0.01)
        phases.append(at / abs(at))
    # A microsecond, to which times are rounded, is 0.03 rad of this tone.
    assert max(abs(phase - phases[0]) for phase in phases) < 0.07


def test_times_and_samples_are_those_of_the_stream() -> None:
    whole = narrowed(blocks(100_000, 100_000))
    assert_tone_in_time(whole)
    assert sum(part.samples.size for part in whole) >= 100_000 // 6
    assert [part.dropped_before for part in whole if part.dropped_before] == []
    for part, after in itertools.pairwise(whole):
        assert after.start_sample == part.start_sample + part.samples.size
    cut = narrowed(blocks(100_000, 7_777))
    assert [part.start_sample for part in cut] == [part.start_sample for part in whole]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(cut, whole, strict=True))


def test_what_is_lost_in_the_stream_is_lost_in_the_channel() -> None:
    parts = narrowed(blocks(150_000, 30_000, lost_at=60_000, lost=30_000))
    assert_tone_in_time([part for part in parts if part.samples.size > 1000])
    (gap,) = [part for part in parts if part.dropped_before]
    assert gap.dropped_before == 5_000
    assert gap.start_sample * 6 == pytest.approx(90_000, abs=200)


def test_a_channel_beside_the_band_is_refused() -> None:
    with pytest.raises(UsageError, match="is not within the band"):
        Narrowing(RATE_HZ, CENTER_HZ, CENTER_HZ + 110e3, 30e3)


def test_an_unknown_time_stays_unknown() -> None:
    untimed = [dataclasses.replace(block, start_time=None) for block in blocks(60_000, 30_000)]
    assert all(part.start_time is None for part in narrowed(untimed))


@pytest.mark.parametrize("from_center_hz", [-6_000.0, 9_000.0])
def test_the_spike_of_the_radio_is_not_recorded(from_center_hz: float) -> None:
    random = np.random.default_rng(7)
    samples = (0.05 * random.standard_normal((240_000, 2)) @ [1, 1j] + 0.2).astype(np.complex64)
    given = [
        dataclasses.replace(block, samples=samples[block.start_sample :][: block.samples.size])
        for block in blocks(240_000, 10_000)
    ]
    narrowing = Narrowing(RATE_HZ, CENTER_HZ, CENTER_HZ + from_center_hz, 30_000.0)
    parts = [part for block in given for part in narrowing.push(block)] + list(narrowing.finish())
    assert parts[0].start_time is not None
    assert abs((parts[0].start_time - START).total_seconds()) < 1e-3
    heard = np.concatenate([part.samples for part in parts])[400:39_600]
    spike = np.mean(heard * np.exp(2j * np.pi * from_center_hz / 40_000.0 * np.arange(heard.size)))
    assert abs(spike) < 0.01
    # The noise remains: what of it lies between the channel's edges and those of its rate.
    assert 0.005 * 30 / 240 < np.mean(np.abs(heard) ** 2) < 0.005 * 40 / 240
