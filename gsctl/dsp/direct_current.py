"""The spike at the middle of a radio's band: found by its standing still, and taken off.

A radio that mixes to 0 Hz adds a constant to its samples, often stronger than the signal. What tells
it from a signal is that it is there all the time and does not turn. So it is the weighted median of
the means of the last windows: a burst, even one with a line at 0 Hz, is in few of them, and counts for
little where it is strong. And it is taken off only from windows which that makes quieter.
"""

from __future__ import annotations

from collections import deque
from math import isfinite, log

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Samples = NDArray[np.complex64]

# Windows that are remembered: with a tenth of a second each the notch is half a hertz wide.
MEMORY_WINDOWS = 20
# Windows that are learned from before the first is given, so that a burst in it does no harm.
LOOK_AHEAD_WINDOWS = 5

# A window is cut in so many parts; the spectrum of their means shows what lies beside 0 Hz.
_PARTS = 32
# Times the power beside it in a window's resolution: what is weaker does no harm.
_LEAST_RATIO = 4.0
# Share of the windows that agree with it; how far off they may be, in times the power beside, and as a
# share of its own power, for it may drift.
_AGREEING = 0.85
_MOST_OFF = 12.0
_MOST_DRIFT = 0.02


class DirectCurrent:
    """Learns the constant part of a stream from windows of equal length, and takes it off.

    Windows that are given the same in the same order give the same, so nothing depends on how a stream
    was cut before it came in windows.
    """

    def __init__(self) -> None:
        self._means: deque[complex] = deque(maxlen=MEMORY_WINDOWS)
        self._beside: deque[float] = deque(maxlen=MEMORY_WINDOWS)
        self.value = 0j

    def learn(self, samples: Samples) -> None:
        """Look at a window, (n,) complex64.

        One of zeros says nothing, nor does one with what is no number, or with less than 32 samples.
        """
        if samples.size < _PARTS:
            return
        spectrum = scipy.fft.fft(_part_means(samples))
        power = (spectrum.real**2 + spectrum.imag**2).tolist()
        total = sum(power)
        if not isfinite(total) or total == 0.0:
            return
        # The median bears a line beside the middle; of an exponential distribution it is log 2 of the mean.
        beside = sorted(power[1:])[_PARTS // 2] / log(2.0)
        self._means.append(complex(spectrum[0]) / _PARTS)
        self._beside.append(beside / _PARTS**2)
        self.value = self._steady()

    def taken_off(self, samples: Samples) -> Samples:
        """The samples without the constant, in a new array; as they are where that is quieter."""
        if self.value == 0j:
            return samples
        mean = complex(samples.mean())
        if not abs(mean - self.value) < abs(mean):
            return samples
        return samples - np.complex64(self.value)

    def _steady(self) -> complex:
        """The constant part, full scale 1; 0 where none stands out."""
        usual = sorted(self._beside)[len(self._beside) // 2]
        weight = [1.0 / max(beside, usual, 1e-30) for beside in self._beside]
        value = complex(
            _weighted_median([mean.real for mean in self._means], weight),
            _weighted_median([mean.imag for mean in self._means], weight),
        )
        power = abs(value) ** 2
        if power <= _LEAST_RATIO * usual:
            return 0j
        agreeing = sum(
            abs(mean - value) ** 2 < _MOST_OFF * beside + _MOST_DRIFT * power
            for mean, beside in zip(self._means, self._beside, strict=True)
        )
        return value if agreeing >= _AGREEING * len(self._means) else 0j


def _part_means(samples: Samples) -> Samples:
    length = samples.size // _PARTS
    # A fifth of what ``mean`` along an axis takes.
    sums = np.add.reduceat(samples[: length * _PARTS], np.arange(0, length * _PARTS, length))
    return np.asarray(sums / np.float32(length), np.complex64)


def _weighted_median(values: list[float], weight: list[float]) -> float:
    in_order = sorted(zip(values, weight, strict=True))
    half, reached = 0.5 * sum(weight), 0.0
    for value, own in in_order:
        reached += own
        if reached >= half:
            return value
    return in_order[-1][0]
