"""Sample times from arrivals: against a simulated radio whose every fault is known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar

import numpy as np
import pytest

from gsctl.model import TimeSource
from gsctl.radio import timekeeper
from gsctl.radio.clock import SampleClock
from gsctl.radio.probe import achieved_rate_hz
from gsctl.radio.source import Anchor
from gsctl.radio.timekeeper import Chunk, Placed, Timekeeper


@dataclass(frozen=True, kw_only=True)
class Radio:
    """A radio whose samples are numbered in their data, so that every error of place shows."""

    rate_hz: float = 2.4e6
    ppm: float = 30.0
    jitter_s: float = 0.3e-3
    losses: tuple[tuple[float, int, bool], ...] = ()  # at second, samples, told
    stalls: tuple[tuple[float, float], ...] = ()  # at second, seconds without a sighting
    hardware: bool = False

    def chunks(self, seconds: float, *, start_s: float = 1000.0) -> Iterator[Chunk]:
        rng = np.random.default_rng(1)
        true_rate = self.rate_hz * (1 + self.ppm * 1e-6)
        count = round(0.02 * self.rate_hz)
        taken, told = 0, False
        losses, stalls = list(self.losses), list(self.stalls)
        stalled_until = 0.0
        while taken / true_rate < seconds:
            if losses and taken / true_rate >= losses[0][0]:
                _, lost, told = losses.pop(0)
                taken += lost
            if stalls and taken / true_rate >= stalls[0][0]:
                stalled_until = sum(stalls.pop(0))
            seen = int(rng.integers(0, count))
            at_s = start_s + (taken + seen) / true_rate + abs(rng.normal()) * self.jitter_s
            yield Chunk(
                data=taken.to_bytes(8, "big"),
                count=count,
                seen_at_s=None if (taken + seen) / true_rate < stalled_until else at_s,
                seen_count=seen,
                overflowed=told,
                hardware_time_ns=round(taken / self.rate_hz * 1e9) + 77 if self.hardware else None,
            )
            taken, told = taken + count, False

    def place(self, keeper: Timekeeper, seconds: float) -> list[tuple[Placed, int, float]]:
        """Each placed chunk with its true number and the error of its time in seconds."""
        true_rate = self.rate_hz * (1 + self.ppm * 1e-6)
        out = []
        for chunk in self.chunks(seconds):
            for placed in keeper.feed(chunk):
                number = int.from_bytes(placed.chunk.data, "big")
                assert placed.anchor.time is not None
                found_s = (placed.anchor.time - keeper._utc_zero).total_seconds()
                out.append((placed, number, found_s - 1000.0 - number / true_rate))
        return out


@pytest.mark.parametrize("ppm", [0.0, 45.0, -120.0])
@pytest.mark.parametrize(("rate_hz", "jitter_s"), [(2.4e6, 0.3e-3), (48e3, 0.3e-3), (240e3, 2e-3)])
def test_times_are_right_at_any_clock_error(ppm: float, rate_hz: float, jitter_s: float) -> None:
    keeper = Timekeeper(rate_hz, Anchor())
    placed = Radio(rate_hz=rate_hz, ppm=ppm, jitter_s=jitter_s).place(keeper, 60.0)
    assert keeper.gaps == []
    assert len(placed) >= 2995
    assert max(abs(error) for _, _, error in placed[500:]) < jitter_s + 0.3e-3
    assert placed[-1][0].anchor.source is TimeSource.HOST
    assert all(number == item.start_sample for item, number, _ in placed)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("lost", [24000, 480000])
def test_lost_samples_are_measured(lost: int, told: bool) -> None:
    keeper = Timekeeper(2.4e6, Anchor())
    radio = Radio(losses=((15.0, lost, told), (25.0, 2 * lost, told)), ppm=20.0)
    placed = radio.place(keeper, 35.0)
    assert [gap.count for gap in keeper.gaps] == [
        pytest.approx(lost, abs=1200),
        pytest.approx(2 * lost, abs=1200),
    ]
    assert [gap.told for gap in keeper.gaps] == [told, told]
    assert all(gap.uncertainty_s < 2e-3 for gap in keeper.gaps)
    for item, number, error in placed[50:]:  # not one chunk, not even the first after a gap, is misplaced
        assert abs(item.start_sample - number) < 2400
        assert abs(error) < 1e-3


def test_a_small_loss_that_is_told_is_measured_too() -> None:
    keeper = Timekeeper(2.4e6, Anchor())
    Radio(losses=((15.0, 4800, True),), jitter_s=0.1e-3).place(keeper, 20.0)
    assert [gap.count for gap in keeper.gaps] == [pytest.approx(4800, abs=480)]


def test_lateness_is_no_loss() -> None:
    keeper = Timekeeper(2.4e6, Anchor())
    placed = Radio(stalls=((12.0, 0.5), (20.0, 2.0))).place(keeper, 30.0)
    assert keeper.gaps == []
    assert max(abs(error) for _, _, error in placed) < 1e-3


@pytest.mark.parametrize("ppm", [0.0, 45.0, -120.0])
def test_hardware_time_gives_gaps_to_the_sample(ppm: float) -> None:
    """The device's timestamps run as fast as its samples; a known clock error makes neither gap nor drift."""
    keeper = Timekeeper(2.4e6 * (1 + ppm * 1e-6), Anchor(center_frequency_hz=1e8), ppm=ppm)
    keeper.reopened(hardware_offset_s=1000.0)
    radio = Radio(losses=((5.0, 1234, False), (6.0, 7, True)), hardware=True, ppm=ppm)
    placed = radio.place(keeper, 8.0)
    assert [gap.count for gap in keeper.gaps] == [1234, 7]
    assert all(item.start_sample == number for item, number, _ in placed)
    assert max(abs(error) for _, _, error in placed) < 2e-6
    assert placed[0][0].anchor.source is TimeSource.HARDWARE
    assert placed[0][0].anchor.center_frequency_hz == 1e8


@pytest.mark.parametrize("offset_s", [0.0, 1e9, 994.0, 1001.0])
def test_timestamps_that_contradict_the_arrivals_are_not_used(offset_s: float) -> None:
    keeper = Timekeeper(2.4e6, Anchor())
    keeper.reopened(hardware_offset_s=offset_s)  # 1000 s would be right
    placed = Radio(hardware=True, ppm=0.0, losses=((5.0, 48000, False),)).place(keeper, 8.0)
    assert keeper.hardware_refused
    assert [gap.count for gap in keeper.gaps] == [pytest.approx(48000, abs=1200)]
    assert max(abs(error) for _, _, error in placed) < 1.5e-3
    assert placed[-1][0].anchor.source is TimeSource.HOST


class SteppedClock(datetime):
    """A wall clock that somebody sets by an hour each time it is read."""

    reads: ClassVar[int] = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "SteppedClock":
        cls.reads += 1
        moment = datetime.now(tz) + timedelta(hours=cls.reads - 1)
        return cls.combine(moment.date(), moment.timetz())


@pytest.mark.parametrize("hardware", [False, True])
def test_a_step_of_the_wall_clock_moves_nothing(monkeypatch: pytest.MonkeyPatch, hardware: bool) -> None:
    monkeypatch.setattr(timekeeper, "datetime", SteppedClock)
    monkeypatch.setattr(SteppedClock, "reads", 0)
    keeper = Timekeeper(240e3, Anchor())
    keeper.reopened(hardware_offset_s=1000.0 if hardware else None)
    losses = ((2.0, 24_000, True), (4.0, 36_000, False))  # one that the radio tells, one that it does not
    placed = Radio(rate_hz=240e3, ppm=0.0, losses=losses, hardware=hardware).place(keeper, 6.0)
    assert len(keeper.gaps) == 2
    keeper.reopened(hardware_offset_s=1000.0 if hardware else None)  # unplugged and replugged
    for chunk in Radio(rate_hz=240e3, ppm=0.0, hardware=hardware).chunks(2.0, start_s=1009.0):
        moved_ns = None if chunk.hardware_time_ns is None else chunk.hardware_time_ns + 9_000_000_000
        for item in keeper.feed(replace(chunk, hardware_time_ns=moved_ns)):
            number = int.from_bytes(item.chunk.data, "big") + 9 * 240_000
            assert item.anchor.time is not None
            found_s = (item.anchor.time - keeper._utc_zero).total_seconds()
            placed.append((item, number, found_s - 1000.0 - number / 240e3))
    assert placed[-1][1] > 10 * 240_000
    assert SteppedClock.reads == 1
    assert max(abs(error) for _, _, error in placed) < 2e-3


def test_samples_that_the_reader_dropped_are_counted() -> None:
    keeper = Timekeeper(48e3, Anchor())
    placed: list[Placed] = []
    for index, chunk in enumerate(Radio(rate_hz=48e3).chunks(3.0)):
        if not 100 <= index < 110:
            lost = 9600 if index == 110 else 0
            one = Chunk(
                data=chunk.data,
                count=chunk.count,
                seen_at_s=chunk.seen_at_s,
                seen_count=chunk.seen_count,
                lost_before=lost,
            )
            placed += keeper.feed(one)
    assert [gap.count for gap in keeper.gaps] == [9600]
    assert all(item.start_sample == int.from_bytes(item.chunk.data, "big") for item in placed)


def test_clock_follows_the_line_below_all_arrivals() -> None:
    rng = np.random.default_rng(2)
    clock = SampleClock(1000.0)
    for second in np.arange(0.0, 60.0, 0.1):
        clock.observe(1000.0 * second, 5.0 + second * (1 + 80e-6) + rng.exponential(2e-3))
    assert clock.slope == pytest.approx(80e-6, abs=10e-6)
    assert clock.time_of(60_000) == pytest.approx(65.0 + 60 * 80e-6, abs=0.5e-3)
    assert 1e-3 < clock.jitter_s < 8e-3


@pytest.mark.parametrize("rate_hz", [250_000.0, 240_000.0])
def test_the_rate_achieved_is_measured_though_blocks_come_late(rate_hz: float) -> None:
    rng = np.random.default_rng(3)
    counts = np.arange(8192, 375_000, 8192)
    moments_s = 50.0 + counts / rate_hz + rng.exponential(0.02, counts.size)
    arrivals = [(float(moment), int(count)) for moment, count in zip(moments_s, counts, strict=True)]
    assert achieved_rate_hz(arrivals, 250_000.0) == pytest.approx(rate_hz, rel=5e-3)
    assert achieved_rate_hz(arrivals[:1], 250_000.0) == 250_000.0
