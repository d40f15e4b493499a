"""The noise of a channel, frequency by frequency, beside signals that come and go."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]

_QUANTILE = 0.2
_QUANTILE_BIAS = 0.77  # lowest eighth of those quantiles over the mean, measured on white noise
_QUANTILE_FRAMES = 100
_MEMORY_S = 2.0
_OVER_QUIET = 1.5  # of noise that is taken for white
# What was looked at in vain is taken for noise for so long: at first, and at most after many times.
_FIRST_TRUST_S, _LONGEST_TRUST_S = 1.0, 4.0


class NoiseFloor:
    """What level of noise to expect at each frequency.

    Two floors: ``learned`` is the level of the quieter moments. A carrier that never pauses is in it
    too, so it cannot show that one; ``expected`` is nowhere much above the quieter frequencies. But
    noise has a colour: a filter's edge, a slope, a spur. Where a receiver looked at something in vain,
    what was learned is believed for a while, longer each time.

    Args:
        frequencies_hz: (n,) of the levels, ascending.
        reach_hz: how far from its middle a signal fills its surroundings.
        frame_s: what one level stands for in time.
    """

    def __init__(self, frequencies_hz: NDArray[np.floating], reach_hz: float, frame_s: float) -> None:
        self._frequencies_hz = frequencies_hz
        self._reach_hz = reach_hz
        self._frame_s = frame_s
        self._recent: Levels = np.zeros((0, len(frequencies_hz)), np.float32)
        self._past: list[Levels] = []
        self._now_s = 0.0
        self._trust_s = np.zeros(len(frequencies_hz))
        self._trusted_until_s = np.zeros(len(frequencies_hz))
        self._coloured_until_s = np.zeros(len(frequencies_hz))
        self.learned: Levels = np.zeros(len(frequencies_hz), np.float32)
        self.expected: Levels = self.learned

    def learn(self, level: Levels, signals_hz: Iterable[float]) -> None:
        """Take a window's levels, (frames, n), except where signals are known to be."""
        self._now_s += len(level) * self._frame_s
        self._recent = np.concatenate((self._recent[-_QUANTILE_FRAMES:], level))
        self._recent = self._recent[-max(_QUANTILE_FRAMES, len(level)) :]
        rank = int(_QUANTILE * len(self._recent))
        now = np.partition(self._recent, rank, axis=0)[rank] / np.float32(_QUANTILE_BIAS)
        if self._past:
            for frequency_hz in signals_hz:
                near = self._around(frequency_hz)
                now[near] = self._past[-1][near]
        self._past.append(now)
        del self._past[: -max(3, round(_MEMORY_S / (len(level) * self._frame_s)))]
        # The lowest but a few: a frequency in use most of the time still shows its noise in gaps.
        rank = len(self._past) // 8
        self.learned = np.partition(np.stack(self._past), rank, axis=0)[rank]
        quiet = np.partition(self.learned, len(now) // 4)[len(now) // 4]
        white = np.minimum(self.learned, np.float32(_OVER_QUIET) * quiet)
        self.expected = np.where(self._trusted_until_s > self._now_s, self.learned, white)

    @property
    def coloured(self) -> NDArray[np.bool_]:
        """Where something was looked at in vain lately, so that what was learned is noise."""
        return self._coloured_until_s > self._now_s

    def freeze(self, frequency_hz: float) -> None:
        """A signal begins there: the window at hand already holds it."""
        near = self._around(frequency_hz)
        self._past[-1][near] = np.minimum(self._past[-1][near], self.learned[near])

    def nothing_at(self, frequency_hz: float) -> None:
        """A receiver looked there in vain: what is there is noise, until the next look."""
        near = self._near(frequency_hz, self._reach_hz)
        longer_s = np.clip(2 * self._trust_s[near], _FIRST_TRUST_S, _LONGEST_TRUST_S)
        longer_s[~self.coloured[near]] = _FIRST_TRUST_S
        # Neighbours that were looked at together count once.
        fresh = self._trusted_until_s[near] <= self._now_s
        self._trust_s[near] = np.where(fresh, longer_s, self._trust_s[near])
        self._trusted_until_s[near] = self._now_s + self._trust_s[near]
        self._coloured_until_s[near] = self._trusted_until_s[near] + _LONGEST_TRUST_S

    def signal_at(self, frequency_hz: float) -> None:
        """A receiver found a signal there: what was learned may hold it."""
        near = self._near(frequency_hz, self._reach_hz)
        self._trust_s[near] = 0.0
        self._trusted_until_s[near] = 0.0

    def _around(self, frequency_hz: float) -> NDArray[np.bool_]:
        return self._near(frequency_hz, 1.5 * self._reach_hz)

    def _near(self, frequency_hz: float, distance_hz: float) -> NDArray[np.bool_]:
        return np.asarray(np.abs(self._frequencies_hz - frequency_hz) < distance_hz)
