"""The channels of an AIS band out of one IQ stream: shifted, filtered and thinned out together.

One Fourier transform of the stream serves all channels (overlap-save with the filter applied to the
bins), which is what makes a wide stream affordable: shifting and filtering it once a channel in the
time domain costs about three times as much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, SampleBlock

# What a channel passes whole, and where nothing is left: a signal of 6.5 kHz either side, 5 kHz off.
PASS_HZ = 11_500.0
STOP_HZ = 18_000.0
LEAST_RATE_HZ = 38_400.0
# The filter's answer is down by 90 dB so long before and after.
_GUARD_S = 0.004
# Parts of one transform: a guard on each side of the valid fourteen.
_PARTS = 16
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Stretch:
    first_output: int
    first_input: float


class ChannelSplitter:
    """Cuts channels out of an IQ stream, the same output for any cut of the input.

    Args:
        sample_rate_hz: of the stream.
        offsets_hz: where the middle of each channel lies from that of the stream.

    Attributes:
        sample_rate_hz: of the channels; ``LEAST_RATE_HZ`` or a little more.
        offsets_hz: what was taken for the offsets, within half a bin (about 8 Hz).
    """

    def __init__(self, sample_rate_hz: float, offsets_hz: Sequence[float]) -> None:
        self._part = scipy.fft.next_fast_len(ceil(_GUARD_S * sample_rate_hz))
        self._part_out = scipy.fft.next_fast_len(ceil(self._part * LEAST_RATE_HZ / sample_rate_hz))
        self._size = _PARTS * self._part
        self.sample_rate_hz = sample_rate_hz * self._part_out / self._part
        resolution_hz = sample_rate_hz / self._size
        self._centers = [round(offset_hz / resolution_hz) for offset_hz in offsets_hz]
        self.offsets_hz = tuple(center * resolution_hz for center in self._centers)
        half = min(int(STOP_HZ / resolution_hz), _PARTS * self._part_out // 2 - 1, self._size // 2 - 1)
        # Those above zero first, then those below, as a transform orders them.
        self._bins = np.concatenate((np.arange(half + 1), np.arange(-half, 0)))
        self._above = half + 1
        self._places = [(self._bins + center) % self._size for center in self._centers]
        self._gains = [self._turned_gains(resolution_hz, center) for center in self._centers]
        self._windows = FixedWindows((_PARTS - 2) * self._part)
        self._history = np.zeros(2 * self._part, np.complex64)
        self._next_output = 0
        self._stretches: deque[_Stretch] = deque(maxlen=_REMEMBERED)
        self._flushed = True
        self._like: SampleBlock | None = None

    def _gain(self, resolution_hz: float, center: int) -> NDArray[np.float32]:
        slope = np.clip((np.abs(self._bins) * resolution_hz - PASS_HZ) / (STOP_HZ - PASS_HZ), 0.0, 1.0)
        # Smooth to the third derivative, so that the answer to an impulse is short.
        gain = 1.0 - slope**4 * (35 - 84 * slope + 70 * slope**2 - 20 * slope**3)
        gain[np.abs(self._bins + center) > self._size // 2] = 0.0
        scaled: NDArray[np.float32] = (gain * (self._part_out / self._part)).astype(np.float32)
        return scaled

    def _turned_gains(self, resolution_hz: float, center: int) -> list[NDArray[np.complex64]]:
        """The gain at each bin, turned as the oscillator is where a transform begins in each part."""
        gain = self._gain(resolution_hz, center)
        turns = np.exp(-2j * np.pi * (center * np.arange(_PARTS) % _PARTS) / _PARTS)
        return [(gain * turn).astype(np.complex64) for turn in turns]

    def push(self, block: SampleBlock) -> Iterator[tuple[SampleBlock, ...]]:
        """Take IQ; give a block for each channel, sample indices counting the channel's samples."""
        self._like = block
        for window in self._windows.push(block):
            yield from self._process(window)

    def finish(self) -> Iterator[tuple[SampleBlock, ...]]:
        """Give what was held back."""
        for window in self._windows.finish():
            yield from self._process(window)
        yield from self._flush()

    def input_position(self, output_position: float) -> float:
        """The place in the stream that a place in a channel comes from."""
        step = float(self._part) / float(self._part_out)
        for stretch in reversed(self._stretches):
            if output_position >= stretch.first_output or stretch is self._stretches[0]:
                return stretch.first_input + (output_position - stretch.first_output) * step
        raise ValueError("the channel has given nothing yet")

    def _process(self, window: Window) -> Iterator[tuple[SampleBlock, ...]]:
        if window.restart:
            yield from self._flush()
            # One output sample is left out so that what comes behind sees the gap.
            self._next_output += 1 if self._stretches else 0
            self._stretches.append(_Stretch(self._next_output, float(window.start_sample - self._part)))
        self._flushed = False
        yield self._transform(window.samples)

    def _flush(self) -> Iterator[tuple[SampleBlock, ...]]:
        if not self._flushed:
            yield self._transform(np.zeros((_PARTS - 2) * self._part, np.complex64))
        self._history = np.zeros(2 * self._part, np.complex64)
        self._flushed = True

    def _transform(self, samples: NDArray[np.complex64]) -> tuple[SampleBlock, ...]:
        joined = np.concatenate((self._history, np.asarray(samples, np.complex64)))
        self._history = joined[-2 * self._part :]
        spectrum = scipy.fft.fft(joined, overwrite_x=False)
        # Where the transform begins, in parts of its size: keeps the oscillators' phase going.
        begun = self._next_output // self._part_out % _PARTS
        blocks = tuple(
            self._channel(spectrum.take(places), gains[begun])
            for places, gains in zip(self._places, self._gains, strict=True)
        )
        self._next_output += (_PARTS - 2) * self._part_out
        return blocks

    def _channel(self, bins: NDArray[np.complex64], gain: NDArray[np.complex64]) -> SampleBlock:
        assert self._like is not None
        size = _PARTS * self._part_out
        bins *= gain
        kept = np.zeros(size, np.complex64)
        kept[: self._above] = bins[: self._above]
        kept[size - (bins.size - self._above) :] = bins[self._above :]
        samples = scipy.fft.ifft(kept, overwrite_x=True)[self._part_out : size - self._part_out]
        return replace(
            self._like,
            samples=samples,
            domain=Domain.IQ,
            sample_rate_hz=self.sample_rate_hz,
            start_sample=self._next_output,
            dropped_before=0,
        )
