"""AFSK from audio: the envelopes of the two tones, compared, then timing and slicer.

Receivers and transmitters tilt the audio (pre-emphasis, de-emphasis, filters), so that one tone
may be several times stronger than the other. Branches weigh the tones differently.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import SPEEDS, FrontEnd, LevelDemodulator, step_that_divides
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.symbol_loops import LevelGains
from gsctl.waveform import Afsk

# Length of the tone filters in symbols, and the weight of the space tone against the mark tone.
SHAPES = {
    Effort.FAST: ((1.1, 1.0),),
    Effort.NORMAL: ((1.1, 1.0), (1.4, 0.6), (1.4, 1.6)),
    Effort.DEEP: ((0.9, 1.0), (1.4, 1.0), (1.1, 0.5), (1.1, 2.0), (1.4, 0.6), (1.4, 1.6)),
}


class _Envelopes:
    """Envelopes of both tones, made once for all who ask about the same window."""

    def __init__(self, waveform: Afsk, sample_rate_hz: float, window_samples: int) -> None:
        self._rate_bd = waveform.symbol_rate_bd or 1200.0
        highest_hz = max(waveform.mark_hz, waveform.space_hz) + self._rate_bd
        self.step = step_that_divides(window_samples, sample_rate_hz / (2.5 * highest_hz))
        self._low_pass: OverlapSave | None = None
        if self.step > 1:
            taps = lowpass_taps(highest_hz, 0.4 * highest_hz, sample_rate_hz, attenuation_db=40.0)
            self._low_pass = OverlapSave(taps, window_samples, self.step)
        self._tones_hz = (waveform.mark_hz, waveform.space_hz)
        self._thinned_hz = sample_rate_hz / self.step
        self._length = window_samples // self.step
        self._pairs: dict[float, tuple[OverlapSave, OverlapSave]] = {}
        self._audio: NDArray[np.float32] | None = None
        self._made: dict[float, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        self._window: NDArray[np.float32] | None = None

    def add(self, length: float) -> float:
        """Be ready for filters of ``length`` symbols; gives their delay in input samples."""
        if length not in self._pairs:
            mark, space = (self._tone(tone_hz, length) for tone_hz in self._tones_hz)
            self._pairs[length] = mark, space
        before = 0 if self._low_pass is None else self._low_pass.delay
        return float(before + self._pairs[length][0].delay * self.step)

    def _tone(self, tone_hz: float, length: float) -> OverlapSave:
        width = length * self._thinned_hz / self._rate_bd
        half = int(np.ceil(width / 2))
        n = np.arange(-half, half + 1)
        # A raised cosine of this length has most of a symbol's energy and little of its neighbours'.
        shape = np.where(np.abs(n) <= width / 2 + 0.5, np.cos(np.pi * n / (width + 2)), 0.0)
        taps = shape / shape.sum() * np.exp(2j * np.pi * tone_hz / self._thinned_hz * n)
        return OverlapSave(taps.astype(np.complex64), self._length)

    def reset(self) -> None:
        """Forget the samples before."""
        self._window = None
        for part in (self._low_pass, *(tone for pair in self._pairs.values() for tone in pair)):
            if part is not None:
                part.reset()

    def of(
        self, samples: NDArray[np.float32], length: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Envelopes of the mark and the space tone by filters of ``length`` symbols."""
        if self._window is not samples or self._audio is None:
            self._window = samples
            self._made = {}
            self._audio = samples
            if self._low_pass is not None:
                self._audio = self._low_pass(samples)
        if length not in self._made:
            mark, space = self._pairs[length]
            self._made[length] = np.abs(mark(self._audio)), np.abs(space(self._audio))
        return self._made[length]


class _ToneDifference:
    """Envelope of the mark tone minus that of the space tone; see ``levels.FrontEnd``."""

    def __init__(
        self, envelopes: _Envelopes, length: float, weight: float, speeds: Sequence[LevelGains]
    ) -> None:
        self._envelopes = envelopes
        self._length = length
        self._weight = np.float32(weight)
        self.delay = envelopes.add(length)
        self.step = envelopes.step
        self.speeds = speeds

    def reset(self) -> None:
        self._envelopes.reset()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        mark, space = self._envelopes.of(samples, self._length)
        return np.asarray(mark - self._weight * space, np.float32)


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
        envelopes = _Envelopes(self._waveform, sample_rate_hz, window_samples)
        speeds = SPEEDS[self._effort]
        return [_ToneDifference(envelopes, length, weight, speeds) for length, weight in SHAPES[self._effort]]
