"""AFSK from audio: the envelopes of the two tones, compared, then timing and slicer.

Receivers and transmitters tilt the audio (pre-emphasis, de-emphasis, filters), so that one tone
may be several times stronger than the other. Branches weigh the tones differently.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import FrontEnd, LevelDemodulator, step_that_divides
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.waveform import Afsk

# Length of the tone filters in symbols, and the weight of the space tone against the mark tone.
SHAPES = {
    Effort.FAST: ((1.1, 1.0),),
    Effort.NORMAL: ((1.1, 1.0), (1.4, 0.6), (1.4, 1.6)),
    Effort.DEEP: ((0.9, 1.0), (1.4, 1.0), (1.1, 0.5), (1.1, 2.0), (1.4, 0.6), (1.4, 1.6)),
}


class _ToneDifference:
    """Envelope of the mark tone minus that of the space tone; see ``levels.FrontEnd``."""

    def __init__(
        self, waveform: Afsk, sample_rate_hz: float, window_samples: int, length: float, weight: float
    ) -> None:
        rate = waveform.symbol_rate_bd or 1200.0
        highest_hz = max(waveform.mark_hz, waveform.space_hz) + rate
        self.step = step_that_divides(window_samples, sample_rate_hz / (2.5 * highest_hz))
        self._low_pass = OverlapSave(
            lowpass_taps(highest_hz, 0.4 * highest_hz, sample_rate_hz, attenuation_db=40.0)
            if self.step > 1
            else np.ones(1, np.float32),
            window_samples,
        )
        thinned_hz = sample_rate_hz / self.step
        self._mark = self._tone(waveform.mark_hz, length * thinned_hz / rate, thinned_hz, window_samples)
        self._space = self._tone(waveform.space_hz, length * thinned_hz / rate, thinned_hz, window_samples)
        self._weight = np.float32(weight)
        self.delay = float(self._low_pass.delay + self._mark.delay * self.step)

    def _tone(self, tone_hz: float, length: float, sample_rate_hz: float, window_samples: int) -> OverlapSave:
        half = int(np.ceil(length / 2))
        n = np.arange(-half, half + 1)
        # A raised cosine of this length has most of a symbol's energy and little of its neighbours'.
        shape = np.where(np.abs(n) <= length / 2 + 0.5, np.cos(np.pi * n / (length + 2)), 0.0)
        taps = shape / shape.sum() * np.exp(2j * np.pi * tone_hz / sample_rate_hz * n)
        return OverlapSave(taps.astype(np.complex64), window_samples // self.step)

    def reset(self) -> None:
        for part in (self._low_pass, self._mark, self._space):
            part.reset()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        audio = np.ascontiguousarray(self._low_pass(samples)[:: self.step])
        difference = np.abs(self._mark(audio)) - self._weight * np.abs(self._space(audio))
        return np.asarray(difference, np.float32)


class AfskDemodulator(LevelDemodulator):
    """Audio with two tones to soft bits; see ``gsctl.demod.levels.LevelDemodulator``.

    Raises:
        RecordingError: (on the first block) the sample rate is too low for the tones.
    """

    def __init__(self, waveform: Afsk, effort: Effort = Effort.NORMAL) -> None:
        rate = waveform.symbol_rate_bd or 1200.0
        super().__init__(rate, effort)
        self._waveform = waveform
        self.least_samples_per_symbol = 2.2 * max(waveform.mark_hz, waveform.space_hz) / rate

    def make_front_ends(self, sample_rate_hz: float, window_samples: int) -> Sequence[FrontEnd]:
        """One pair of tone filters for each shape."""
        return [
            _ToneDifference(self._waveform, sample_rate_hz, window_samples, length, weight)
            for length, weight in SHAPES[self._effort]
        ]
