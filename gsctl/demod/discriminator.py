"""FM from IQ to the audio of a discriminator, for waveforms that live in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Demodulator
from gsctl.demod.audio_scale import NEAR, AudioCarrier, AudioScale
from gsctl.dsp.discriminator_kernels import discriminate
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.windows import FixedWindows, Window, within_reason
from gsctl.model import Domain, SampleBlock, SoftBits

WINDOW_S = 0.1


class Discriminated:
    """Lets a demodulator of FM audio listen to IQ; see ``gsctl.demod.Demodulator``.

    Args:
        inner: the demodulator of the audio.
        bandwidth_hz: two-sided, of the filter before the discriminator.
    """

    def __init__(self, inner: Demodulator, bandwidth_hz: float) -> None:
        self._inner = inner
        self._bandwidth_hz = bandwidth_hz
        self._windows: FixedWindows | None = None
        self._filter: OverlapSave | None = None
        self._last = np.complex64(0)
        self._rate_hz = 0.0
        self._delay = 0

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take IQ and give the soft bits that it completes."""
        if self._windows is None:
            self._set_up(block.sample_rate_hz)
        assert self._windows is not None
        for window in self._windows.push(block):
            yield from self._inner.push(self._audio(window))

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is not None:
            for window in self._windows.finish():
                yield from self._inner.push(self._audio(window))
        yield from self._inner.finish()

    def _set_up(self, sample_rate_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        length = max(1, round(WINDOW_S * sample_rate_hz))
        if self._bandwidth_hz < 0.9 * sample_rate_hz:
            taps = lowpass_taps(self._bandwidth_hz / 2, 0.3 * self._bandwidth_hz, sample_rate_hz, 45.0)
            self._filter = OverlapSave(taps, length)
            self._delay = self._filter.delay
        self._windows = FixedWindows(length, behind=self._delay)

    def _audio(self, window: Window) -> SampleBlock:
        samples: NDArray[np.complex64] = within_reason(window.samples)
        if window.restart:
            self._last = np.complex64(0)
            if self._filter is not None:
                self._filter.reset()
        if self._filter is not None:
            samples = self._filter(samples)
        audio = np.empty(samples.size, np.float32)
        discriminate(samples, self._last, audio)
        self._last = samples[-1]
        return SampleBlock(
            samples=audio,
            domain=Domain.FM_AUDIO,
            sample_rate_hz=self._rate_hz,
            start_sample=window.start_sample - self._delay,
        )


class Integrated:
    """Lets a demodulator of IQ listen to raw FM audio: the running sum of the audio is the carrier's phase.

    The audio must be a discriminator's own, of any level and polarity but neither filtered nor resampled;
    then a click is a whole turn of the carrier and does no harm. Until noise has shown the scale it is taken
    for the audio's own, at which full scale is half the sample rate. Other audio gives nothing, and a plain
    demodulator beside this one hears it.

    Args:
        inner: the demodulator of the IQ.
    """

    def __init__(self, inner: Demodulator) -> None:
        self._inner = inner
        self._windows: FixedWindows | None = None
        self._scale = AudioScale()
        self._half_turn = 1.0
        self._audio_carrier = AudioCarrier()
        self._rate_hz = 0.0

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take audio and give the soft bits that it completes."""
        if self._windows is None:
            self._rate_hz = block.sample_rate_hz
            self._windows = FixedWindows(max(1, round(WINDOW_S * block.sample_rate_hz)))
        for window in self._windows.push(block):
            yield from self._inner.push(self._carrier(window))

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is not None:
            for window in self._windows.finish():
                yield from self._inner.push(self._carrier(window))
        yield from self._inner.finish()

    def _carrier(self, window: Window) -> SampleBlock:
        if window.restart:
            self._audio_carrier.reset()
        self._learn(window.samples)
        return SampleBlock(
            samples=self._audio_carrier(window.samples, self._half_turn),
            domain=Domain.IQ,
            sample_rate_hz=self._rate_hz,
            start_sample=window.start_sample,
        )

    def _learn(self, audio: NDArray[np.float32]) -> None:
        """What noise has shown is kept while a signal hides it, unless the audio goes beyond."""
        self._scale.learn(audio)
        measured = self._scale.half_turn
        if self._scale.is_shown:
            self._half_turn = measured
        elif measured > (1.0 + NEAR) * self._half_turn:
            self._half_turn = 1.0
