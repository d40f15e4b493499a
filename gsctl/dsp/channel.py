"""One channel out of a wider IQ stream: offset and Doppler taken out, filtered, thinned out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.mixer_kernels import mix
from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, SampleBlock

WINDOW_S = 0.1
# Stretches of undropped samples whose places are remembered, enough for what a demodulator holds back.
_REMEMBERED = 64

# Frequency of the channel's middle from the stream's centre, Hz, at a sample index of the stream.
OffsetAt = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Stretch:
    first_output: int
    first_input: int


class Channel:
    """Follows ``offset_at`` with a phase-continuous oscillator before it filters and thins out.

    Args:
        sample_rate_hz: of the stream.
        bandwidth_hz: two-sided; passed without loss.
        least_rate_hz: the channel's rate is the lowest whole fraction of the stream's that is not
            below this nor below 1.25 bandwidths.
        offset_at: where the middle of the channel is.
    """

    def __init__(
        self, sample_rate_hz: float, bandwidth_hz: float, least_rate_hz: float, offset_at: OffsetAt
    ) -> None:
        self._input_rate_hz = sample_rate_hz
        self.step = max(1, int(sample_rate_hz / max(least_rate_hz, 1.25 * bandwidth_hz)))
        self.sample_rate_hz = sample_rate_hz / self.step
        self._offset_at = offset_at
        length = max(1, round(WINDOW_S * self.sample_rate_hz)) * self.step
        self._windows = FixedWindows(length)
        self._filter: OverlapSave | None = None
        if self.step > 1:
            stop_hz = self.sample_rate_hz - bandwidth_hz / 2
            taps = lowpass_taps(
                self.sample_rate_hz / 2, max(stop_hz - bandwidth_hz / 2, 1.0), sample_rate_hz, 60.0
            )
            self._filter = OverlapSave(taps, length)
        self._phase = 0.0
        self._end_hz: float | None = None
        self._next_output = 0
        self._stretches: deque[_Stretch] = deque(maxlen=_REMEMBERED)

    def push(self, block: SampleBlock) -> Iterator[SampleBlock]:
        """Take IQ and give the channel's IQ; sample indices of the output count its own samples."""
        for window in self._windows.push(block):
            yield self._process(window)

    def finish(self) -> Iterator[SampleBlock]:
        """Give what was held back."""
        for window in self._windows.finish():
            yield self._process(window)

    def input_position(self, output_position: float) -> float:
        """The place in the stream that a place in the channel comes from."""
        for stretch in reversed(self._stretches):
            if output_position >= stretch.first_output or stretch is self._stretches[0]:
                return stretch.first_input + (output_position - stretch.first_output) * self.step
        raise ValueError("the channel has given nothing yet")

    def _process(self, window: Window) -> SampleBlock:
        delay = 0 if self._filter is None else self._filter.delay
        dropped = 0
        if window.restart:
            if self._filter is not None:
                self._filter.reset()
            # One output sample is left out so that what comes behind sees the gap.
            dropped = 1 if self._stretches else 0
            self._next_output += dropped
            self._stretches.append(_Stretch(self._next_output, window.start_sample - delay))
        samples = self._mix(window)
        if self._filter is not None:
            samples = np.ascontiguousarray(self._filter(samples)[:: self.step])
        block = SampleBlock(
            samples=samples,
            domain=Domain.IQ,
            sample_rate_hz=self.sample_rate_hz,
            start_sample=self._next_output,
            dropped_before=dropped,
        )
        self._next_output += samples.size
        return block

    def _mix(self, window: Window) -> np.typing.NDArray[np.complex64]:
        count = window.samples.size
        if window.restart or self._end_hz is None:
            self._end_hz = self._offset_at(window.start_sample)
        from_hz = self._end_hz
        to_hz = self._end_hz = self._offset_at(window.start_sample + count)
        if from_hz == to_hz == 0.0:
            return np.asarray(window.samples, np.complex64)
        step = -2 * np.pi * from_hz / self._input_rate_hz
        change = -2 * np.pi * (to_hz - from_hz) / self._input_rate_hz / count
        mixed = mix(np.asarray(window.samples, np.complex64), self._phase, step, change)
        self._phase += step * count + 0.5 * change * count * (count - 1)
        self._phase = float(np.remainder(self._phase, 2 * np.pi))
        return np.asarray(mixed, np.complex64)
