"""FSK from the audio of an FM discriminator: a low-pass, then timing and slicer.

What came through the path of a voice, de-emphasised and with its low tones taken off, is no use to a
slicer as it is. Both are plain filters, so branches that undo the usual ones listen too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, pi, sqrt, tan

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import QUICK, SPEEDS, FrontEnd, LevelDemodulator, step_that_divides
from gsctl.dsp.biquad_kernels import biquad
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.symbol_loops import LevelGains

# After the filter, more samples a symbol than this are thinned out.
MAX_SAMPLES_PER_SYMBOL = 12.0

# What is undone: narrow-band FM's time constant (TIA-603), and the Butterworth high-pass of second order
# that keeps subaudible tones from the loudspeaker. What it took off below the last frequency stays off.
DEEMPHASIS_S = 750e-6
HIGH_PASS_HZ = 300.0
HIGH_PASS_LEFT_HZ = 12.0


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to listen.

    Attributes:
        corner: of the low-pass, in symbol rates. Receivers differ in how much they filtered before.
        emphasised: undo a de-emphasis.
        deepened: undo a high-pass.
    """

    corner: float
    emphasised: bool = False
    deepened: bool = False


_VOICE = (Branch(0.6, emphasised=True), Branch(0.6, deepened=True), Branch(0.6, True, True))
BRANCHES = {
    Effort.FAST: (Branch(0.55),),
    Effort.NORMAL: (Branch(0.5), Branch(0.7), *_VOICE),
    Effort.DEEP: (Branch(0.4), Branch(0.5), Branch(0.65), Branch(0.9), *_VOICE),
}
# Few signals come this way, and what is left of a high-pass moves the levels.
_BOLD = LevelGains(timing=0.06, rate=0.001, level=0.1)
_VOICE_SPEEDS = {Effort.NORMAL: (_BOLD,), Effort.DEEP: (QUICK, _BOLD)}

# A short filter with a soft edge: what lets least of the neighbours in, not what stops most noise.
STOP_BAND_DB = 27.1
TRANSITION = 0.57


class _Deepened:
    """A high-pass undone, over consecutive windows."""

    def __init__(self, sample_rate_hz: float) -> None:
        before, gain = _butterworth(HIGH_PASS_HZ, sample_rate_hz)
        self._left, gain_left = _butterworth(HIGH_PASS_LEFT_HZ, sample_rate_hz)
        # Both have their zeros at 0 Hz, so what one has more than the other are its poles.
        self._undone = before * (gain_left / gain)
        self._state = np.zeros(2)

    def reset(self) -> None:
        self._state[:] = 0.0

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.empty_like(samples)
        biquad(samples, self._undone, self._left, self._state, out)
        return out


def _butterworth(corner_hz: float, sample_rate_hz: float) -> tuple[NDArray[np.float64], float]:
    """Poles of a high-pass of second order as a polynomial (3,) in 1/z, and its gain.

    By the bilinear transform (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1.2).
    """
    k = tan(pi * corner_hz / sample_rate_hz)
    whole = 1 + sqrt(2) * k + k * k
    return np.array([1.0, 2 * (k * k - 1) / whole, (1 - sqrt(2) * k + k * k) / whole]), 1 / whole


class _LowPass:
    """Low-pass and thinning, and what a branch undoes; see ``levels.FrontEnd``."""

    def __init__(
        self,
        branch: Branch,
        symbol_rate_bd: float,
        sample_rate_hz: float,
        window_samples: int,
        step: int,
        speeds: Sequence[LevelGains],
    ) -> None:
        corner_hz = branch.corner * symbol_rate_bd
        taps = (
            lowpass_taps(corner_hz, TRANSITION * symbol_rate_bd, sample_rate_hz, attenuation_db=STOP_BAND_DB)
            if corner_hz < 0.45 * sample_rate_hz
            else np.ones(1, np.float32)
        )
        if branch.emphasised:
            kept = exp(-1 / (DEEMPHASIS_S * sample_rate_hz))
            # One sample late in all, which an odd count of taps can say.
            taps = np.convolve(taps, np.array([0, 1, -kept]) / (1 - kept)).astype(np.float32)
        self._deepened = _Deepened(sample_rate_hz) if branch.deepened else None
        self._filter = OverlapSave(taps, window_samples, step)
        self.delay = float(self._filter.delay)
        self.step = step
        self.speeds = speeds

    def reset(self) -> None:
        self._filter.reset()
        if self._deepened is not None:
            self._deepened.reset()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._deepened is not None:
            samples = self._deepened(samples)
        return np.asarray(self._filter(samples), np.float32)


class FskAudioDemodulator(LevelDemodulator):
    """FM-discriminator audio to soft bits; see ``gsctl.demod.levels.LevelDemodulator``."""

    def make_front_ends(self, sample_rate_hz: float, window_samples: int) -> Sequence[FrontEnd]:
        """One low-pass for each branch."""
        rate = self._symbol_rate_bd
        step = step_that_divides(window_samples, sample_rate_hz / rate / MAX_SAMPLES_PER_SYMBOL)
        return [
            _LowPass(
                branch,
                rate,
                sample_rate_hz,
                window_samples,
                step,
                (_VOICE_SPEEDS if branch.emphasised or branch.deepened else SPEEDS)[self._effort],
            )
            for branch in BRANCHES[self._effort]
        ]
