"""The time of any sample, from the block that holds it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from gsctl.model import SampleBlock, TimeSource

# Steps remembered; at ten a second this reaches back further than any demodulator does.
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTime:
    """When a sample was taken; ``time`` is None where nothing tells."""

    time: datetime | None = None
    source: TimeSource | None = None
    uncertainty_s: float | None = None


class Timeline:
    """Remembers where in the stream the relation of samples and time changed."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._times: list[tuple[datetime | None, TimeSource | None, float | None, float]] = []

    def add(self, block: SampleBlock) -> None:
        """Take notice of a block; a file's blocks, which agree, cost one entry in all."""
        if self._times and not self._is_step(block):
            return
        self._starts.append(block.start_sample)
        self._times.append(
            (block.start_time, block.time_source, block.time_uncertainty_s, block.sample_rate_hz)
        )
        if len(self._starts) > _REMEMBERED:
            del self._starts[0], self._times[0]

    def at(self, sample_index: float) -> SampleTime:
        """The time of a sample, fractions included."""
        if not self._starts:
            return SampleTime()
        i = max(0, bisect_right(self._starts, sample_index) - 1)
        start, source, uncertainty_s, rate_hz = self._times[i]
        if start is None:
            return SampleTime()
        time = start + timedelta(seconds=(sample_index - self._starts[i]) / rate_hz)
        return SampleTime(time=time, source=source, uncertainty_s=uncertainty_s)

    def _is_step(self, block: SampleBlock) -> bool:
        start, source, uncertainty_s, rate_hz = self._times[-1]
        if (source, uncertainty_s, rate_hz) != (
            block.time_source,
            block.time_uncertainty_s,
            block.sample_rate_hz,
        ):
            return True
        if start is None or block.start_time is None:
            return start is not block.start_time
        foretold = start + timedelta(seconds=(block.start_sample - self._starts[-1]) / rate_hz)
        # Times are kept to the microsecond; less is rounding, not news.
        return abs(block.start_time - foretold) > timedelta(microseconds=2)
