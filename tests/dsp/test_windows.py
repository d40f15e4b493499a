"""Windows stand at the same places however the stream was cut; a gap closes one and begins the next."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, SampleBlock

LENGTH = 10


def cut(samples: NDArray[Any], sizes: Sequence[int], first: int = 0) -> list[SampleBlock]:
    values, blocks, begin = np.asarray(samples, np.float32), [], 0
    for size in [*sizes, len(values)]:
        piece = values[begin : begin + size]
        blocks.append(
            SampleBlock(
                samples=piece, domain=Domain.FM_AUDIO, sample_rate_hz=8000.0, start_sample=first + begin
            )
        )
        begin += len(piece)
    return blocks


def windows_of(blocks: Sequence[SampleBlock]) -> list[Window]:
    windows = FixedWindows(LENGTH)
    return [window for block in blocks for window in windows.push(block)] + list(windows.finish())


@given(count=st.integers(0, 65), sizes=st.lists(st.integers(0, 25), max_size=8), first=st.integers(0, 1000))
def test_any_cut_gives_the_same_windows(count: int, sizes: list[int], first: int) -> None:
    values = np.arange(1, count + 1)
    got = windows_of(cut(values, sizes, first))
    assert [window.start_sample for window in got] == list(range(first, first + count, LENGTH))
    assert [window.restart for window in got] == [True, *[False] * (len(got) - 1)][: len(got)]
    joined = np.concatenate([window.samples[: window.valid] for window in got]) if got else np.zeros(0)
    np.testing.assert_array_equal(joined, values)
    assert all(len(window.samples) == LENGTH and not window.samples[window.valid :].any() for window in got)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_gap_fills_with_zeros_and_begins_anew(size: int) -> None:
    blocks = cut(np.ones(23), [size] * 30) + cut(np.ones(12), [size] * 30, first=40)
    got = windows_of(blocks)
    assert [(w.start_sample, w.valid, w.restart) for w in got] == [
        (0, 10, True), (10, 10, False), (20, 3, False), (40, 10, True), (50, 2, False),
    ]  # fmt: skip


def test_windows_keep_no_more_than_one_window() -> None:
    """What is held between pushes is a copy of the rest, not the block that it came from."""
    windows = FixedWindows(LENGTH)
    big = np.ones(100_003, np.float32)
    list(windows.push(SampleBlock(samples=big, domain=Domain.FM_AUDIO, sample_rate_hz=1.0)))
    held = [part for part in windows._parts if part.base is big or part.size >= LENGTH]
    assert held == []


def test_zeros_follow_the_end_for_what_filters_hold_back() -> None:
    """``behind`` zeros at the end and before a gap, in windows of their own where the last is full."""

    def lengths(count: int, behind: int) -> list[tuple[int, int]]:
        windows = FixedWindows(10, behind=behind)
        block = SampleBlock(samples=np.ones(count, np.float32), domain=Domain.FM_AUDIO, sample_rate_hz=1.0)
        found = [*windows.push(block), *windows.finish()]
        assert list(windows.finish()) == []
        assert sum(float(window.samples.sum()) for window in found) == count
        assert all(window.samples.dtype == np.float32 for window in found)
        return [(window.start_sample, window.valid) for window in found]

    assert lengths(20, 0) == [(0, 10), (10, 10)]
    assert lengths(20, 3) == [(0, 10), (10, 10), (20, 0)]
    assert lengths(15, 5) == [(0, 10), (10, 5)]
    assert lengths(15, 6) == [(0, 10), (10, 5), (20, 0)]
    windows = FixedWindows(10, behind=4)
    first = SampleBlock(samples=np.ones(10, np.float32), domain=Domain.FM_AUDIO, sample_rate_hz=1.0)
    later = dataclasses.replace(first, start_sample=50)
    found = [*windows.push(first), *windows.push(later)]
    assert [(w.start_sample, w.valid, w.restart) for w in found] == [
        (0, 10, True),
        (10, 0, False),
        (50, 10, True),
    ]
