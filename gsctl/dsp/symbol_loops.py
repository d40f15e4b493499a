"""Symbol loops over consecutive filtered windows: what ``symbol_kernels`` needs around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp import symbol_kernels as kernels

# Samples kept before the next symbol: half a symbol back for the crossing, and the interpolator.
_GUARD = 4


@dataclass(frozen=True, slots=True)
class Symbols:
    """Symbols of one window: log-likelihood ratios and times in samples of the filtered stream."""

    values: NDArray[np.float32]
    times: NDArray[np.float64]


class _Loop:
    """Carries the tail of the signal and the state of the loop from window to window."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._keep = int(np.ceil(1.5 * period)) + _GUARD
        self._tail: NDArray[Any] | None = None
        self._offset = 0  # index of tail[0] in the filtered stream

    def _run(
        self,
        y: NDArray[Any],
        kernel: Callable[[NDArray[Any], NDArray[np.float32], NDArray[np.float64]], int],
        state: NDArray[np.float64],
        least_step: float,
    ) -> Symbols:
        """The symbols of a window, ``least_step`` samples apart at least, and of what the last one left."""
        joined = y if self._tail is None else np.concatenate([self._tail, y])
        room = int(joined.size / least_step) + 8
        values = np.empty(room, np.float32)
        times = np.empty(room, np.float64)
        count = kernel(joined, values, times)
        symbols = Symbols(values[:count], times[:count] + self._offset)
        cut = max(0, min(joined.size - 1, int(state[0]) - self._keep))
        self._tail = joined[cut:].copy()
        self._offset += cut
        state[0] -= cut
        return symbols


@dataclass(frozen=True, slots=True)
class LevelGains:
    """Speeds of a ``LevelLoop``: timing bandwidth (per symbol) and level share per symbol."""

    timing: float
    rate: float
    level: float


class LevelLoop(_Loop):
    """Two-level symbols from a real baseband signal; see ``symbol_kernels.level_loop``."""

    def __init__(self, period: float, gains: LevelGains) -> None:
        super().__init__(period)
        self._gains = gains
        self._state: NDArray[np.float64] | None = None

    @property
    def period(self) -> float:
        """Samples a symbol, as tracked."""
        return self._period if self._state is None else float(self._state[1])

    def __call__(self, y: NDArray[np.float32]) -> Symbols:
        """Take the next filtered samples and give the symbols in them."""
        if self._state is None:
            middle, height = float(np.mean(y)), float(np.std(y))
            first = self._period + _GUARD
            self._state = np.array(
                [first, self._period, middle + height, middle - height, 0.0, 0.5, 0.0], np.float64
            )
        state, gains = self._state, self._gains

        def kernel(s: NDArray[Any], values: NDArray[np.float32], times: NDArray[np.float64]) -> int:
            count: int = kernels.level_loop(
                s, self._period, gains.timing, gains.rate, gains.level, state, values, times
            )
            return count

        # Where every crossing is early.
        least_step = (1.0 - kernels.MOST_SLIP - gains.timing) * self._period
        return self._run(y, kernel, state, least_step)
