"""Numbers and times the chunks of a live stream: finds what was lost, says when each sample was taken.

With hardware timestamps gaps are read off. Without them the sample count is fitted against the monotonic
clock (:mod:`gsctl.radio.clock`); a chunk that looks late is held back for a moment, until it is clear whether
it was late only or whether samples before it were lost. The wall clock is read once, at the start: a step of
it moves no frame.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gsctl.model import TimeSource
from gsctl.radio.clock import SampleClock
from gsctl.radio.source import Anchor

_LEAST_STEP_S = 3e-3  # a step below this is not told from jitter
_STEP_IN_JITTERS = 6.0
_SIGHTINGS = 3  # so many in a row measure a loss that the device told, or make a first fit
_LASTING_SIGHTINGS, _LASTING_S = 6, 0.25  # what makes a step that nobody told lasting, on a busy machine too
_HOLD_S = 1.0
_FIRST_HOLD_S = 0.3
_HARDWARE_UNCERTAINTY_S = 1e-4
_HARDWARE_EARLY_S, _HARDWARE_LATE_S = 0.05, 5.0  # between a sample and the sight of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Samples as they came.

    Attributes:
        data: bytes of ``count`` samples.
        hardware_time_ns: of the first one; None where the device gives none.
        seen_at_s: monotonic time at which the device had nothing beyond ``seen_count`` samples of this
            chunk; None where the reader never caught up.
        overflowed: the device said that samples before this chunk were lost.
        lost_before: samples that are known to be missing before this chunk.
    """

    data: bytes
    count: int
    hardware_time_ns: int | None = None
    seen_at_s: float | None = None
    seen_count: int = 0
    overflowed: bool = False
    lost_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A chunk with its place in the stream."""

    chunk: Chunk
    start_sample: int
    dropped_before: int
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Samples lost before stream sample ``sample``; ``told`` where the device said so itself."""

    sample: int
    count: int
    uncertainty_s: float
    told: bool


@dataclass(slots=True)
class _Held:
    """Chunks held back while it is not clear whether samples before them are missing."""

    chunks: list[Chunk] = field(default_factory=list)
    samples: int = 0
    sightings: int = 0
    least_late_s: float = float("inf")
    told: bool = False


class Timekeeper:
    """Places chunks; feed them in order, then flush.

    Args:
        sample_rate_hz: the true rate, as far as known.
        known: what is known of the stream's anchor beside its time (the centre frequency).
        hardware_offset_s: what turns the device's time into the monotonic clock's; None without timestamps.
        ppm: how fast the device's clock is, as far as known; its timestamps run as fast as its samples.

    Attributes:
        gaps: all gaps found so far.
    """

    def __init__(
        self,
        sample_rate_hz: float,
        known: Anchor,
        *,
        hardware_offset_s: float | None = None,
        ppm: float = 0.0,
    ) -> None:
        self.gaps: list[Gap] = []
        self.hardware_refused = False
        self.center_frequency_hz = known.center_frequency_hz
        self._rate_hz = sample_rate_hz
        self._known = known
        self._true_seconds = 1.0 / (1.0 + ppm * 1e-6)  # in a second of the device's clock
        self._hardware_offset_s = hardware_offset_s
        self._clock = SampleClock(sample_rate_hz)
        self._next = 0
        self._hardware_zero_ns: int | None = None  # device's and monotonic time of stream sample 0
        self._hardware_zero_s = 0.0
        self._held: _Held | None = _Held()  # the first chunks wait for a fit
        self._utc_zero = datetime.now(UTC) - timedelta(seconds=time.monotonic())
        self._end_monotonic_s: float | None = None  # of the sample after the last, by hardware time

    @property
    def clock_error_ppm(self) -> float:
        """How fast the device's clock is against the monotonic one, in millionths."""
        return -1e6 * self._clock.slope

    @property
    def clock_uncertainty_ppm(self) -> float:
        """One sigma of :attr:`clock_error_ppm`; infinite before a first estimate."""
        return 1e6 * self._clock.slope_uncertainty

    def feed(self, chunk: Chunk) -> Iterator[Placed]:
        """Take a chunk; yields those whose place is clear."""
        if chunk.hardware_time_ns is not None and self._hardware_offset_s is not None:
            self._check_hardware(chunk, chunk.hardware_time_ns, self._hardware_offset_s)
        if chunk.hardware_time_ns is not None and self._hardware_offset_s is not None:
            yield from self.flush()
            yield self._place_by_hardware(chunk, chunk.hardware_time_ns)
            return
        if self._held is None and (chunk.overflowed or self._is_late(chunk, self._next)):
            self._held = _Held(told=chunk.overflowed)
        if self._held is None:
            self._observe(chunk, self._next)
            yield self._place(chunk, 0)
            return
        self._hold(self._held, chunk)
        if self._is_clear(self._held):
            yield from self.flush()

    def flush(self) -> Iterator[Placed]:
        """Place what is held back with what is known now."""
        held, self._held = self._held, None
        if held is None or not held.chunks:
            return
        dropped = self._lost_by_clock(held)
        if not self._clock.ready and all(chunk.seen_at_s is None for chunk in held.chunks):
            self._clock.observe(self._next + held.samples, time.monotonic())
        # All are observed before any is placed: the first ones of a stream may not tell when they came.
        position = self._next + dropped
        for chunk in held.chunks:
            self._observe(chunk, position)
            position += chunk.lost_before + chunk.count
        for chunk in held.chunks:
            yield self._place(chunk, dropped)
            dropped = 0

    def reopened(self, *, hardware_offset_s: float | None = None) -> None:
        """Say that the stream was interrupted and begins anew: the gap is measured by the clock alone."""
        self._hardware_offset_s = hardware_offset_s
        self._hardware_zero_ns = None
        self._held = _Held(told=True) if self._clock.ready else _Held()

    def _check_hardware(self, chunk: Chunk, time_ns: int, offset_s: float) -> None:
        """Give the device's time up where it cannot be that of its samples: some count from another zero."""
        if chunk.seen_at_s is None:
            return
        taken_s = time_ns * 1e-9 + offset_s + chunk.seen_count / self._rate_hz
        if not -_HARDWARE_EARLY_S < chunk.seen_at_s - taken_s < _HARDWARE_LATE_S:
            self._hardware_offset_s = None
            self.hardware_refused = True

    def _place(self, chunk: Chunk, dropped: int) -> Placed:
        """Number a chunk after ``dropped`` lost samples and those the reader itself had to drop."""
        lost = dropped + chunk.lost_before
        self._note_gap(lost, told=chunk.overflowed or chunk.lost_before > 0)
        start = self._next + lost
        self._next = start + chunk.count
        anchor = self._anchor(start, self._clock.time_of(start), TimeSource.HOST, self._clock.uncertainty_s)
        return Placed(chunk=chunk, start_sample=start, dropped_before=lost, anchor=anchor)

    def _place_by_hardware(self, chunk: Chunk, time_ns: int) -> Placed:
        """Number a chunk by its timestamp."""
        if self._hardware_zero_ns is None:
            # At the start, and after a reopening, when the device may count from zero again.
            monotonic_s = time_ns * 1e-9 + (self._hardware_offset_s or 0.0)
            away_s = 0.0 if self._end_monotonic_s is None else monotonic_s - self._end_monotonic_s
            first = self._next + max(0, round(away_s * self._rate_hz))
            self._hardware_zero_ns = time_ns - round(first / self._rate_hz / self._true_seconds * 1e9)
            self._hardware_zero_s = monotonic_s - first / self._rate_hz
        passed_s = (time_ns - self._hardware_zero_ns) * 1e-9 * self._true_seconds
        monotonic_s = self._hardware_zero_s + passed_s
        found = round(passed_s * self._rate_hz)
        # A rounded timestamp may be a sample off; the count is better.
        lost = found - self._next if found - self._next > 1 else 0
        self._note_gap(lost, told=True)
        start = self._next + lost
        self._next = start + chunk.count
        self._observe(replace(chunk, lost_before=0), start)
        self._end_monotonic_s = monotonic_s + chunk.count / self._rate_hz
        anchor = self._anchor(start, monotonic_s, TimeSource.HARDWARE, _HARDWARE_UNCERTAINTY_S)
        return Placed(chunk=chunk, start_sample=start, dropped_before=lost, anchor=anchor)

    def _anchor(self, sample: int, monotonic_s: float, source: TimeSource, uncertainty_s: float) -> Anchor:
        """Tie a sample to UTC; a time that the user gave stays."""
        known = replace(self._known, center_frequency_hz=self.center_frequency_hz)
        if known.time is not None:
            return known
        moment = self._utc_zero + timedelta(seconds=monotonic_s)
        return replace(known, sample=sample, time=moment, source=source, uncertainty_s=uncertainty_s)

    def _note_gap(self, lost: int, *, told: bool) -> None:
        """Keep a gap for the log."""
        if lost > 0:
            uncertainty_s = self._clock.jitter_s if self._clock.ready else 0.0
            self.gaps.append(
                Gap(sample=self._next + lost, count=lost, uncertainty_s=uncertainty_s, told=told)
            )

    def _threshold_s(self) -> float:
        """How late a sighting must be to raise suspicion."""
        return max(_LEAST_STEP_S, _STEP_IN_JITTERS * self._clock.jitter_s)

    def _is_late(self, chunk: Chunk, start: int) -> bool:
        """Whether a chunk that began at ``start`` came later than jitter explains."""
        if chunk.seen_at_s is None or not self._clock.ready:
            return False
        end = start + chunk.lost_before + chunk.seen_count
        return self._clock.lateness(end, chunk.seen_at_s) > self._threshold_s()

    def _observe(self, chunk: Chunk, start: int) -> None:
        """Give a chunk's sighting to the clock."""
        if chunk.seen_at_s is not None:
            self._clock.observe(start + chunk.lost_before + chunk.seen_count, chunk.seen_at_s)

    def _hold(self, held: _Held, chunk: Chunk) -> None:
        """Hold a chunk back and learn from it how late the stream is."""
        before = held.samples + sum(kept.lost_before for kept in held.chunks)
        held.chunks.append(chunk)
        held.samples += chunk.count
        held.told |= chunk.overflowed
        if chunk.seen_at_s is None:
            return
        held.sightings += 1
        if self._clock.ready:
            end = self._next + before + chunk.lost_before + chunk.seen_count
            held.least_late_s = min(held.least_late_s, self._clock.lateness(end, chunk.seen_at_s))

    def _is_clear(self, held: _Held) -> bool:
        """Whether what is held back can go: late only, lasting, or held long enough."""
        if not self._clock.ready:
            return held.sightings > _SIGHTINGS or held.samples > _FIRST_HOLD_S * self._rate_hz
        if not held.told and held.least_late_s <= self._threshold_s():
            return True
        if held.samples > _HOLD_S * self._rate_hz:
            return True
        if held.told:
            return held.sightings >= _SIGHTINGS
        return held.sightings >= _LASTING_SIGHTINGS and held.samples > _LASTING_S * self._rate_hz

    def _lost_by_clock(self, held: _Held) -> int:
        """Samples missing before what is held back, by the clock."""
        if not self._clock.ready or held.least_late_s == float("inf"):
            return 0
        # Where the device says that something was lost, the best estimate counts even if it is small.
        limit_s = self._clock.typical_s if held.told else self._threshold_s()
        return round(held.least_late_s * self._rate_hz) if held.least_late_s > limit_s else 0
