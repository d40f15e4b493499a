"""The time of a sample, from the block that holds it."""

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.pipeline.timeline import _REMEMBERED, SampleTime, Timeline

START = datetime(2026, 6, 17, 12, tzinfo=UTC)
RATE_HZ = 48_000.0


def block(start_sample: int, size: int, late_s: float = 0.0, **changes: object) -> SampleBlock:
    plain = SampleBlock(
        samples=np.zeros(size, np.float32),
        domain=Domain.FM_AUDIO,
        sample_rate_hz=RATE_HZ,
        start_time=START + timedelta(seconds=start_sample / RATE_HZ + late_s),
        start_sample=start_sample,
        time_source=TimeSource.HOST,
        time_uncertainty_s=0.01,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def test_nothing_is_known_before_a_block_and_without_a_time() -> None:
    timeline = Timeline()
    assert timeline.at(0) == SampleTime()
    timeline.add(block(0, 10, start_time=None))
    assert timeline.at(5) == SampleTime()


@given(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=30), sample=st.floats(-500, 300_000))
def test_any_cut_gives_the_same_times_and_costs_one_entry(sizes: list[int], sample: float) -> None:
    timeline, begin = Timeline(), 0
    for size in sizes:
        timeline.add(block(begin, size))
        begin += size
    assert len(timeline._starts) == 1
    when = timeline.at(sample)
    assert when.time is not None
    assert (when.time - START).total_seconds() == pytest.approx(sample / RATE_HZ, abs=2e-6)
    assert (when.source, when.uncertainty_s) == (TimeSource.HOST, 0.01)


def test_a_step_in_time_holds_from_its_block_on() -> None:
    timeline = Timeline()
    for start, late_s in ((0, 0.0), (4800, 0.0), (9600, 0.5), (14_400, 0.5)):
        timeline.add(block(start, 4800, late_s))
    before, after = timeline.at(9599.5).time, timeline.at(9600.5).time
    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() == pytest.approx(0.5 + 1 / RATE_HZ, abs=3e-6)


def test_lost_samples_leave_the_times_right() -> None:
    timeline = Timeline()
    timeline.add(block(0, 4800))
    timeline.add(block(4800 + 777, 4800, dropped_before=777))
    assert len(timeline._starts) == 1
    when = timeline.at(6000).time
    assert when is not None
    assert (when - START).total_seconds() == pytest.approx(6000 / RATE_HZ, abs=2e-6)


def test_time_may_begin_later_and_change_its_source() -> None:
    timeline = Timeline()
    timeline.add(block(0, 4800, start_time=None))
    timeline.add(block(4800, 4800))
    timeline.add(block(9600, 4800, time_source=TimeSource.HARDWARE))
    assert timeline.at(100).time is None
    assert timeline.at(5000).source is TimeSource.HOST
    assert timeline.at(9600).source is TimeSource.HARDWARE


def test_memory_is_bounded_where_every_block_contradicts_the_last() -> None:
    timeline = Timeline()
    for number in range(3 * _REMEMBERED):
        timeline.add(block(number * 100, 100, late_s=0.001 * (number % 2)))
    assert len(timeline._starts) <= _REMEMBERED
    when = timeline.at(3 * _REMEMBERED * 100).time
    assert when is not None
