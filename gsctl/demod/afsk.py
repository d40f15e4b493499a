"""AFSK from audio: the envelopes of the two tones, compared, then timing and slicer.

Receivers and transmitters tilt the audio (pre-emphasis, de-emphasis, filters), so that one tone
may be several times stronger than the other. Branches weigh the tones differently. Most limit the
audio first: the clicks of a weak FM signal are many times higher than its tones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import QUICK, SPEEDS, FrontEnd, LevelDemodulator, step_that_divides
from gsctl.dsp.biquad_kernels import biquad
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.quantiles import quantile
from gsctl.dsp.symbol_loops import LevelGains
from gsctl.waveform import Afsk

# In median distances from the middle: the audio's own tones reach 1.4 of them, an FM receiver's clicks ten.
LIMIT = 1.5
# Less than this share of the largest distance is the silence of a squelch and no measure of the audio.
SILENT_SHARE = 0.01
# Narrow-band FM's time constant (TIA-603).
DEEMPHASIS_S = 750e-6


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to listen.

    Attributes:
        length: of the tone filters, in symbols.
        weight: of the space tone against the mark tone.
        limited: cut off what is above the tones.
        tilt: before that, undo a de-emphasis (1), or a pre-emphasis (-1).
    """

    length: float
    weight: float
    limited: bool = True
    tilt: int = 0


BRANCHES = {
    Effort.FAST: (Branch(1.6, 1.0),),
    Effort.NORMAL: (
        Branch(1.6, 1.0),
        Branch(1.6, 1.0, tilt=1),
        Branch(1.6, 1.0, tilt=-1),
        Branch(1.8, 0.5, limited=False),
    ),
    Effort.DEEP: (
        Branch(1.6, 1.0),
        Branch(1.8, 0.7),
        Branch(1.8, 1.4),
        Branch(1.6, 1.0, tilt=1),
        Branch(1.6, 1.0, tilt=-1),
        Branch(1.1, 1.0, limited=False),
        Branch(1.8, 0.5, limited=False),
        Branch(1.8, 2.0, limited=False),
    ),
}


class _Audio:
    """The audio as a branch wants it: its tilt undone, then limited."""

    def __init__(self, sample_rate_hz: float, *, limited: bool, tilt: int) -> None:
        kept = exp(-1 / (DEEMPHASIS_S * sample_rate_hz))
        deemphasis, flat = np.array([1 - kept, 0.0, 0.0]), np.array([1.0, -kept, 0.0])
        if tilt > 0:
            deemphasis, flat = flat / (1 - kept), np.array([1.0, 0.0, 0.0])
        self._filter = (deemphasis, flat) if tilt else None
        self._limited = limited
        self._state = np.zeros(2)

    def reset(self) -> None:
        self._state[:] = 0.0

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._filter is not None:
            tilted = np.empty_like(samples)
            biquad(samples, *self._filter, self._state, tilted)
            samples = tilted
        return limited(samples) if self._limited else samples


def limited(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) audio less its median, cut off at ``LIMIT`` median distances from it.

    What an FM receiver adds below its threshold are clicks, short and many times higher than the
    tones; cut to their height each does little harm. The tones keep their zero crossings. The median
    is what a sound card or a receiver off tune adds; the filters of the tones would let a part of it in.
    """
    few = samples[::4]
    middle = quantile(few, 0.5)
    distance = np.abs(few - middle)
    distance = distance[distance >= SILENT_SHARE * distance.max()]
    reach = LIMIT * quantile(distance, 0.5)
    return np.asarray(np.clip(samples - middle, -reach, reach), np.float32)


class _Envelopes:
    """Envelopes of both tones in one audio, made once for all who ask about the same window."""

    def __init__(self, waveform: Afsk, sample_rate_hz: float, window_samples: int, audio: _Audio) -> None:
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
        self._prepare = audio
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
        # A cosine of this length has most of a symbol's energy and little of its neighbours'.
        shape = np.where(np.abs(n) <= width / 2 + 0.5, np.cos(np.pi * n / (width + 2)), 0.0)
        taps = shape / shape.sum() * np.exp(2j * np.pi * tone_hz / self._thinned_hz * n)
        return OverlapSave(taps.astype(np.complex64), self._length)

    def reset(self) -> None:
        """Forget the samples before."""
        self._window = None
        self._prepare.reset()
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
            self._audio = self._prepare(samples)
            if self._low_pass is not None:
                self._audio = self._low_pass(self._audio)
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
        """One pair of tone filters for each branch."""
        envelopes: dict[tuple[bool, int], _Envelopes] = {}
        ends: list[FrontEnd] = []
        for branch in BRANCHES[self._effort]:
            kind = branch.limited, branch.tilt
            if kind not in envelopes:
                audio = _Audio(sample_rate_hz, limited=branch.limited, tilt=branch.tilt)
                envelopes[kind] = _Envelopes(self._waveform, sample_rate_hz, window_samples, audio)
            # How fast the loops are matters less than what they hear.
            speeds = (QUICK,) if ends and self._effort is Effort.NORMAL else SPEEDS[self._effort]
            ends.append(_ToneDifference(envelopes[kind], branch.length, branch.weight, speeds))
        return ends
