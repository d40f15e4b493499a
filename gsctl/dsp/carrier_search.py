"""Finding BPSK carriers: squaring takes the data off and leaves a line at twice the carrier.

Viterbi and Viterbi, IEEE Trans. Inf. Theory 29 (1983) 543-551, use the same power law. A carrier
that drifts smears its line, so the squared signal is also looked at with drifts taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

# Width of the stretches over which the noise floor is taken, and how many make the local floor.
_FLOOR_STRETCH_BINS = 64
_FLOOR_STRETCHES = 9


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
        drifts_hz_s: drifts to try.
        threshold: least strength; white noise alone stays below 14.
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
    ) -> None:
        self._size = fft.next_fast_len(2 * window_samples)
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
        self._threshold = threshold

    def __call__(self, samples: NDArray[np.complex64], most: int) -> list[Carrier]:
        """The strongest carriers in a window, at most ``most``, strongest first."""
        squared = samples * samples
        ratios = []
        for _, chirp in self._chirps:
            line = fft.fft(squared * chirp, self._size)
            spectrum = line.real * line.real + line.imag * line.imag
            ratios.append(spectrum / _local_floor(spectrum))
        strength = np.maximum.reduce(ratios) * self._allowed
        found: list[Carrier] = []
        while len(found) < most:
            peak = int(np.argmax(strength))
            if not strength[peak] >= self._threshold:
                break
            frequency_hz = float(self._frequency_hz[peak])
            best = int(np.argmax([ratio[peak] for ratio in ratios]))
            found.append(Carrier(frequency_hz, float(strength[peak]), self._chirps[best][0]))
            strength[np.abs(self._frequency_hz - frequency_hz) < self._separation_hz] = 0.0
        return found


def _local_floor(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power around each line; SSB receivers pass a part of the band only.

    The mean of short stretches, and of nine neighbours the median: a line spoils one or two of them.
    """
    whole = spectrum.size // _FLOOR_STRETCH_BINS * _FLOOR_STRETCH_BINS
    stretches = np.mean(spectrum[:whole].reshape(-1, _FLOOR_STRETCH_BINS), axis=1)
    half = _FLOOR_STRETCHES // 2
    around = np.concatenate([stretches[-half:], stretches, stretches[:half]])
    windows = np.lib.stride_tricks.sliding_window_view(around, _FLOOR_STRETCHES)
    floor: NDArray[np.float32] = np.asarray(np.median(windows, axis=1), np.float32)
    # Silence and the far end of a receiver's filter must not make anything look strong.
    least = max(float(np.max(floor)) * 1e-7, float(np.finfo(np.float32).tiny) * 1e6)
    spread = np.repeat(np.maximum(floor, np.float32(least)), _FLOOR_STRETCH_BINS)
    return np.asarray(np.concatenate([spread, np.full(spectrum.size - whole, spread[-1])]), np.float32)
