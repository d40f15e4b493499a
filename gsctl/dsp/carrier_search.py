"""Finding BPSK carriers: squaring takes the data off and leaves a line at twice the carrier.

Viterbi and Viterbi, IEEE Trans. Inf. Theory 29 (1983) 543-551, use the same power law. A carrier
that drifts smears its line, so the squared signal is also looked at with drifts taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from gsctl.dsp.bpsk_search_kernels import over_local_floor

# Width of the stretches over which the noise floor is taken, and how many make the local floor.
_FLOOR_STRETCH_BINS = 64
_FLOOR_STRETCHES = 9
# A line so much above the floor may hide others.
_STRONG = 300.0


@dataclass(frozen=True, slots=True)
class Carrier:
    """A candidate in the middle of a window.

    ``strength`` is the power of its line over the local floor of the spectrum, ``drift_hz_s``
    the trial drift that made the line strongest.
    """

    frequency_hz: float
    strength: float
    drift_hz_s: float


class CarrierSearch:
    """Looks for suppressed carriers in windows of one length.

    Args:
        sample_rate_hz: of the windows.
        window_samples: their length.
        low_hz, high_hz: where carriers are looked for, at most half the sample rate wide.
        separation_hz: two candidates are at least this far apart.
        ghost_hz: half the symbol rate: a strong signal has weaker lines so far on both sides of its
            own, where nothing is looked for then. 0 has no such.
        drifts_hz_s: drifts to try.
        threshold: least strength; white noise alone stays below 14.
        padding: how many times as many lines as the window is long; at 1 a carrier between two loses 1.4 dB.
        width_hz: to each side of a carrier, what is cut out around strong ones before weak ones are
            looked for beside them; 0 does not look again.
    """

    def __init__(
        self,
        sample_rate_hz: float,
        window_samples: int,
        low_hz: float,
        high_hz: float,
        separation_hz: float,
        drifts_hz_s: tuple[float, ...] = (0.0,),
        threshold: float = 18.0,
        ghost_hz: float = 0.0,
        padding: int = 2,
        width_hz: float = 0.0,
    ) -> None:
        self._size = fft.next_fast_len(padding * window_samples)
        time_s = (np.arange(window_samples) - (window_samples - 1) / 2) / sample_rate_hz
        shape = np.hanning(window_samples)
        # The squared signal drifts twice as fast as the carrier.
        self._chirps = [
            (drift, (shape * np.exp(-2j * np.pi * drift * time_s**2)).astype(np.complex64))
            for drift in drifts_hz_s
        ]
        doubled_hz = fft.fftfreq(self._size, 1.0 / sample_rate_hz)
        # A line at f in the squared signal is a carrier at f/2 or half a sample rate beside it.
        first = doubled_hz / 2
        second = first + np.where(first < 0, 0.5, -0.5) * sample_rate_hz
        middle = (low_hz + high_hz) / 2
        self._frequency_hz = np.where(np.abs(first - middle) <= np.abs(second - middle), first, second)
        self._allowed = (self._frequency_hz >= low_hz) & (self._frequency_hz <= high_hz)
        self._separation_hz = separation_hz
        self._ghost_hz = ghost_hz
        self._threshold = threshold
        self._width_hz = width_hz
        self._shape = shape.astype(np.float32)
        self._input_hz = fft.fftfreq(window_samples, 1.0 / sample_rate_hz)

    def __call__(self, samples: NDArray[np.complex64], most: int) -> list[Carrier]:
        """The strongest carriers in a window, at most ``most``; then weak ones beside strong."""
        found = self._strongest(samples, most)
        strong = [carrier for carrier in found if carrier.strength > _STRONG]
        if self._width_hz and strong and len(found) < most:
            beside = self._strongest(self._without(samples, strong), most - len(found))
            apart_hz = self._width_hz + self._separation_hz
            found += [
                new
                for new in beside
                if all(abs(new.frequency_hz - old.frequency_hz) > apart_hz for old in found)
            ]
        return found

    def _without(self, samples: NDArray[np.complex64], carriers: list[Carrier]) -> NDArray[np.complex64]:
        """The samples without the bands around some carriers.

        Squaring multiplies a strong signal with the noise all over the band, and its own line is not all
        that it hides.
        """
        spectrum = fft.fft(samples * self._shape)
        for carrier in carriers:
            spectrum[np.abs(self._input_hz - carrier.frequency_hz) < self._width_hz] = 0.0
        return np.asarray(fft.ifft(spectrum, overwrite_x=True), np.complex64)

    def _strongest(self, samples: NDArray[np.complex64], most: int) -> list[Carrier]:
        squared = samples * samples
        strength = np.zeros(self._size, np.float32)
        best = np.zeros(self._size, np.int8)
        for number, (_, chirp) in enumerate(self._chirps):
            line = fft.fft(squared * chirp, self._size)
            over_local_floor(line, _FLOOR_STRETCH_BINS, _FLOOR_STRETCHES // 2, number, strength, best)
        strength *= self._allowed
        found: list[Carrier] = []
        while len(found) < most:
            peak = int(np.argmax(strength))
            if not strength[peak] >= self._threshold:
                break
            frequency_hz = float(self._frequency_hz[peak])
            found.append(Carrier(frequency_hz, float(strength[peak]), self._chirps[best[peak]][0]))
            if len(found) == most:
                break
            distance = np.abs(self._frequency_hz - frequency_hz)
            strength[distance < self._separation_hz] = 0.0
            if self._ghost_hz:
                strength[np.abs(distance - self._ghost_hz) < self._separation_hz] = 0.0
        return found
