"""FSK from the audio of an FM discriminator: a low-pass, then timing and slicer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import FrontEnd, LevelDemodulator, step_that_divides
from gsctl.dsp.filters import OverlapSave, lowpass_taps

# After the filter, more samples a symbol than this are thinned out.
MAX_SAMPLES_PER_SYMBOL = 12.0
# Corner of the low-pass in symbol rates. Receivers differ in how much they filtered before.
CORNERS = {Effort.FAST: (0.55,), Effort.NORMAL: (0.5, 0.7), Effort.DEEP: (0.4, 0.5, 0.65, 0.9)}

# A short filter with a soft edge: what lets least of the neighbours in, not what stops most noise.
STOP_BAND_DB = 27.1
TRANSITION = 0.57


class _LowPass:
    """Low-pass and thinning; see ``levels.FrontEnd``."""

    def __init__(
        self, corner_hz: float, transition_hz: float, sample_rate_hz: float, window_samples: int, step: int
    ) -> None:
        taps = (
            lowpass_taps(corner_hz, transition_hz, sample_rate_hz, attenuation_db=STOP_BAND_DB)
            if corner_hz < 0.45 * sample_rate_hz
            else np.ones(1, np.float32)
        )
        self._filter = OverlapSave(taps, window_samples, step)
        self.delay = float(self._filter.delay)
        self.step = step

    def reset(self) -> None:
        self._filter.reset()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._filter(samples), np.float32)


class FskAudioDemodulator(LevelDemodulator):
    """FM-discriminator audio to soft bits; see ``gsctl.demod.levels.LevelDemodulator``."""

    def make_front_ends(self, sample_rate_hz: float, window_samples: int) -> Sequence[FrontEnd]:
        """One low-pass for each corner."""
        rate = self._symbol_rate_bd
        step = step_that_divides(window_samples, sample_rate_hz / rate / MAX_SAMPLES_PER_SYMBOL)
        return [
            _LowPass(corner * rate, TRANSITION * rate, sample_rate_hz, window_samples, step)
            for corner in CORNERS[self._effort]
        ]
