"""Where an AFSK carrier is that lies far from the middle of the channel.

The receiver itself hears carriers within 2.5 kHz. A cold receiver, old elements or an uncorrected Doppler
shift put them up to ten off; the mean spectrum of each window tells where.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.afsk_fm_model import SPECTRUM, afsk_fm_model, carrier_in, middle_of, spectrum_of
from gsctl.dsp.mixer_kernels import mix
from gsctl.waveform import Afsk

# Share of a window's power that must look like the signal. Of white noise 0.05 at most does, by chance.
LEAST_SHARE = 0.12
# A carrier this near is left to the receiver, and what is beyond begins a move.
NEAR_HZ = 1_800.0
# Spectra this far apart do not overlap.
APART_HZ = 6_000.0
# Moves are to whole multiples.
GRID_HZ = 500.0
DEVIATION_HZ = 3_000.0  # the shape of the spectrum is much the same for others


class CarrierAim:
    """Moves a far carrier to the middle.

    Args:
        waveform: tones and symbol rate.
        sample_rate_hz: of the windows.
        states: audio phases at the symbols' edges, of the model.
        search_hz: how far from the middle carriers are looked for.

    Attributes:
        shift_hz: what is taken off the signal's frequency now.
    """

    def __init__(self, waveform: Afsk, sample_rate_hz: float, states: int, search_hz: float) -> None:
        self.shift_hz = 0.0
        self._rate_hz = sample_rate_hz
        self._search_hz = min(search_hz, 0.5 * sample_rate_hz - 6_000.0)
        self._model = afsk_fm_model(waveform, DEVIATION_HZ, sample_rate_hz, states)
        self._phase = 0.0

    def look(self, samples: NDArray[np.complex64]) -> bool:
        """Look at a window; whether the aim moved. A carrier near the middle is preferred to one far away.

        Args:
            samples: (n,) of the channel, before the shift.
        """
        if self._search_hz <= NEAR_HZ or samples.size < SPECTRUM:
            return False
        spectrum = spectrum_of(samples, hop=2 * SPECTRUM)
        if not np.sum(spectrum) > 0.0:
            return False
        carrier, share = carrier_in(spectrum, self._model, self._rate_hz, self._search_hz)
        if share < LEAST_SHARE:
            return False
        wanted_hz = carrier * self._rate_hz / (2 * np.pi)
        if abs(wanted_hz) > NEAR_HZ + APART_HZ:
            # Far enough away not to be what is seen in the middle, should there be something.
            _, middle_share = carrier_in(spectrum, self._model, self._rate_hz, NEAR_HZ)
            if middle_share >= LEAST_SHARE:
                wanted_hz = 0.0
        elif abs(wanted_hz) > NEAR_HZ:
            # Flags of a wide signal are lines, and one of these may look like the carrier.
            middle_hz = middle_of(spectrum, self._rate_hz, self._search_hz) * self._rate_hz / (2 * np.pi)
            if abs(middle_hz) <= NEAR_HZ:
                wanted_hz = middle_hz
        if abs(wanted_hz - self.shift_hz) <= NEAR_HZ:
            return False
        near = abs(wanted_hz) <= NEAR_HZ
        self.shift_hz = 0.0 if near else GRID_HZ * round(wanted_hz / GRID_HZ)
        self._phase = 0.0
        return True

    def move(self, samples: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """The window with the shift taken off; phases go on from window to window."""
        if self.shift_hz == 0.0:
            return samples
        step = -2 * np.pi * self.shift_hz / self._rate_hz
        moved = mix(samples, self._phase, step, 0.0)
        self._phase = float(np.remainder(self._phase + step * samples.size, 2 * np.pi))
        return np.asarray(moved, np.complex64)
