"""One channel out of a wider IQ stream: offset and Doppler taken out, filtered, thinned out.

The filter is moved to where the channel is, not the channel to the filter, and only the outputs that
are kept are computed; what they are turned by is the phase of the oscillator at the middle of the
filter, so at the low rate nothing is lost of what an oscillator before the filter does. That costs a
tenth of mixing and filtering at the full rate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.channel_kernels import filter_and_thin
from gsctl.dsp.direct_current import LOOK_AHEAD_WINDOWS, DirectCurrent
from gsctl.dsp.filters import lowpass_taps
from gsctl.dsp.impulses import without_impulses
from gsctl.dsp.mixer_kernels import mix
from gsctl.dsp.steady_lines import OwnLines, SteadyLines
from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, SampleBlock

WINDOW_S = 0.1
# One decibel and a half for what rounding takes.
_STOP_DB = 61.5
# Stretches of undropped samples whose places are remembered, enough for what a demodulator holds back.
_REMEMBERED = 64

# Frequency of the channel's middle from the stream's centre, Hz, at a sample index of the stream.
OffsetAt = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Stretch:
    first_output: int
    first_input: int


@dataclass(slots=True)
class _Filtered:
    """A window behind the filter, before the oscillator.

    Attributes:
        window: as it came, for its place.
        samples: at the channel's rate, where 0 Hz is still the stream's own.
        from_hz, to_hz: where the channel lies at its beginning and end.
        first, end: of the samples that are not of zeros before or behind the stream's.
    """

    window: Window
    samples: NDArray[np.complex64]
    from_hz: float
    to_hz: float
    first: int
    end: int

    @property
    def is_whole(self) -> bool:
        """It begins with no filter's edge and has no zeros in it."""
        return not self.window.restart and self.window.valid == self.window.samples.size

    def replace(self, cleared: Callable[[NDArray[np.complex64]], NDArray[np.complex64]]) -> None:
        """Put in what ``cleared`` makes of the samples, but for the zeros before and behind."""
        if self.first >= self.end:
            return
        before = self.samples[self.first : self.end]
        after = cleared(before)
        if after is not before:
            whole = before.size == self.samples.size
            self.samples = (
                after
                if whole
                else np.concatenate((self.samples[: self.first], after, self.samples[self.end :]))
            )


class Channel:
    """Follows ``offset_at`` with a phase-continuous oscillator, filters and thins out.

    The pass band is flat within 0.02 dB, what would fall into it is 60 dB down.

    Args:
        sample_rate_hz: of the stream.
        bandwidth_hz: two-sided; passed without loss.
        least_rate_hz: the channel's rate is the lowest whole fraction of the stream's that is not
            below this nor below 1.25 bandwidths.
        offset_at: where the middle of the channel is.
        clear_of_dc: the stream is a radio's own, whose spike at 0 Hz is taken off where it lies in the
            channel; what the channel gives is then late by half a second at its beginning.
        own_lines: of the signals that are wanted. Other steady lines are taken off; late as above.
        clear_of_impulses: what is a few samples long and far above the rest is taken out.
    """

    def __init__(
        self,
        sample_rate_hz: float,
        bandwidth_hz: float,
        least_rate_hz: float,
        offset_at: OffsetAt,
        *,
        clear_of_dc: bool = False,
        own_lines: OwnLines | None = None,
        clear_of_impulses: bool = False,
    ) -> None:
        self._input_rate_hz = sample_rate_hz
        self.step = max(1, int(sample_rate_hz / max(least_rate_hz, 1.25 * bandwidth_hz)))
        self.sample_rate_hz = sample_rate_hz / self.step
        self._offset_at = offset_at
        length = max(1, round(WINDOW_S * self.sample_rate_hz)) * self.step
        self._windows = FixedWindows(length)
        self._taps = np.ones(1, np.float32)
        if self.step > 1:
            stop_hz = self.sample_rate_hz - bandwidth_hz / 2
            self._taps = lowpass_taps(
                self.sample_rate_hz / 2, max(stop_hz - bandwidth_hz / 2, 1.0), sample_rate_hz, _STOP_DB
            )
        self._delay = (self._taps.size - 1) // 2
        # A window behind what the filter needs of the last; kept, for new memory costs more than a copy.
        self._joined = np.zeros(2 * self._delay + length, np.complex64)
        self._phase = 0.0
        self._end_hz = 0.0
        self._next_output = 0
        self._stretches: deque[_Stretch] = deque(maxlen=_REMEMBERED)
        self._dc = DirectCurrent() if clear_of_dc else None
        self._clears_impulses = clear_of_impulses
        self._lines: SteadyLines | None = None
        if own_lines is not None:
            self._lines = SteadyLines(self.sample_rate_hz, own_lines)
        self._early: list[_Filtered] | None = [] if clear_of_dc or own_lines is not None else None

    def push(self, block: SampleBlock) -> Iterator[SampleBlock]:
        """Take IQ and give the channel's IQ; sample indices of the output count its own samples."""
        for window in self._windows.push(block):
            yield from self._process(window)

    def finish(self) -> Iterator[SampleBlock]:
        """Give what was held back."""
        for window in self._windows.finish():
            yield from self._process(window)
        yield from self._release()

    def input_position(self, output_position: float) -> float:
        """The place in the stream that a place in the channel comes from."""
        for stretch in reversed(self._stretches):
            if output_position >= stretch.first_output or stretch is self._stretches[0]:
                return stretch.first_input + (output_position - stretch.first_output) * self.step
        raise ValueError("the channel has given nothing yet")

    def _process(self, window: Window) -> Iterator[SampleBlock]:
        filtered = self._filter(window)
        has_dc = self._dc is not None and self._holds_middle(filtered)
        if self._dc is not None and has_dc and filtered.is_whole:
            self._dc.learn(filtered.samples)
        if self._early is None:
            yield from self._cleared([filtered])
            return
        self._early.append(filtered)
        is_waiting = has_dc or self._lines is not None
        if not is_waiting or len(self._early) > LOOK_AHEAD_WINDOWS:
            yield from self._release()

    def _release(self) -> Iterator[SampleBlock]:
        """Give the first windows, which were held until the spike and the lines were known."""
        early, self._early = self._early or [], None
        yield from self._cleared(early)

    def _cleared(self, windows: list[_Filtered]) -> Iterator[SampleBlock]:
        """Take off the spike at 0 Hz, then the steady lines, which all of the windows tell of."""
        for filtered in windows:
            if self._dc is not None and self._holds_middle(filtered):
                filtered.replace(self._dc.taken_off)
            if self._lines is not None and filtered.is_whole:
                self._lines.learn(filtered.samples)
        for filtered in windows:
            if self._lines is not None and self._lines.has_any:
                # Where the output's first sample is in the stream, in steps of the output.
                place = (filtered.window.start_sample - self._delay) / self.step + filtered.first
                filtered.replace(partial(self._lines.taken_off, place=place))
            yield self._block(filtered)

    def _holds_middle(self, filtered: _Filtered) -> bool:
        """Whether the stream's own 0 Hz lies in the channel."""
        return abs(filtered.from_hz) < self.sample_rate_hz / 2

    def _filter(self, window: Window) -> _Filtered:
        if window.restart:
            self._joined[: 2 * self._delay] = 0
            self._end_hz = self._offset_at(window.start_sample - self._delay)
        samples = np.asarray(window.samples, np.complex64)
        count = samples.size
        # The window's outputs are those of the inputs ``_delay`` before it.
        from_hz = self._end_hz
        to_hz = self._end_hz = self._offset_at(window.start_sample - self._delay + count)
        if self.step > 1:
            turn = -np.pi * (from_hz + to_hz) / self._input_rate_hz
            samples = self._thinned(samples, self._taps_about(turn))
        elif self._clears_impulses:
            samples = without_impulses(samples, self.sample_rate_hz)
        first = -(-self._delay // self.step) if window.restart else 0
        end = samples.size
        if window.valid < window.samples.size:
            end = min(end, (window.valid + self._delay) // self.step)
        return _Filtered(window, samples, from_hz, to_hz, first, end)

    def _thinned(self, samples: NDArray[np.complex64], taps: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """A window filtered; what impulses are left shows there and costs little to look for."""
        joined = self._joined
        joined[2 * self._delay :] = samples
        out: NDArray[np.complex64] = filter_and_thin(joined, taps, self.step)
        if self._clears_impulses and without_impulses(out, self.sample_rate_hz) is not out:
            # The filter has made them longer, so they are taken out before it where they show there too.
            joined[2 * self._delay :] = without_impulses(samples, self._input_rate_hz)
            out = without_impulses(filter_and_thin(joined, taps, self.step), self.sample_rate_hz)
        joined[: 2 * self._delay] = joined[samples.size :]
        return out

    def _block(self, filtered: _Filtered) -> SampleBlock:
        window = filtered.window
        dropped = 0
        if window.restart:
            # One output sample is left out so that what comes behind sees the gap.
            dropped = 1 if self._stretches else 0
            self._next_output += dropped
            self._stretches.append(_Stretch(self._next_output, window.start_sample - self._delay))
        samples = self._mixed(filtered)
        block = SampleBlock(
            samples=samples,
            domain=Domain.IQ,
            sample_rate_hz=self.sample_rate_hz,
            start_sample=self._next_output,
            dropped_before=dropped,
        )
        self._next_output += samples.size
        return block

    def _mixed(self, filtered: _Filtered) -> NDArray[np.complex64]:
        """Turned to the channel's middle."""
        from_hz, to_hz = filtered.from_hz, filtered.to_hz
        if from_hz == to_hz == 0.0:
            return filtered.samples
        count = filtered.window.samples.size
        radians = -2 * np.pi / self._input_rate_hz
        turn, growth = radians * from_hz, radians * (to_hz - from_hz) / count
        # Every step-th of phase + turn n + growth n (n - 1) / 2.
        turn_out = self.step * (turn + growth * (self.step - 1) / 2)
        mixed = mix(filtered.samples, self._phase, turn_out, growth * self.step**2)
        self._phase += turn * count + 0.5 * growth * count * (count - 1)
        self._phase = float(np.remainder(self._phase, 2 * np.pi))
        return np.asarray(mixed, np.complex64)

    def _taps_about(self, turn: float) -> NDArray[np.complex64]:
        """The filter about the frequency that an oscillator of ``turn`` radians a sample takes to zero.

        It is symmetric, so it may be laid over the samples as it is. While the channel moves within a
        window the filter stands in the middle of its way.
        """
        if turn == 0.0:
            return self._taps.astype(np.complex64)
        turns = np.exp(1j * turn * np.arange(-self._delay, self._delay + 1))
        return np.asarray(self._taps * turns, np.complex64)
