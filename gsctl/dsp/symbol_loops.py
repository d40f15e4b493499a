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


def loop_gains(bandwidth: float, damping: float = 0.707) -> tuple[float, float]:
    """Gains of a digital second-order loop (Rice, Digital Communications, C.58).

    Args:
        bandwidth: equivalent noise bandwidth times symbol time.
        damping: 1 is critical.

    Returns:
        Gain on phase and gain on frequency, a symbol each.
    """
    theta = bandwidth / (damping + 1 / (4 * damping))
    scale = 1 + 2 * damping * theta + theta * theta
    return 4 * damping * theta / scale, 4 * theta * theta / scale


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
    ) -> Symbols:
        joined = y if self._tail is None else np.concatenate([self._tail, y])
        room = int(joined.size / (0.95 * self._period)) + 8
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
                [first, self._period, middle + height, middle - height, 0.0, 0.5], np.float64
            )
        state, gains = self._state, self._gains

        def kernel(s: NDArray[Any], values: NDArray[np.float32], times: NDArray[np.float64]) -> int:
            count: int = kernels.level_loop(
                s, self._period, gains.timing, gains.rate, gains.level, state, values, times
            )
            return count

        return self._run(y, kernel, state)


@dataclass(frozen=True, slots=True)
class CarrierGains:
    """Speeds of a ``BpskLoop``: timing shares and the carrier loop's noise bandwidth per symbol."""

    timing: float
    rate: float
    carrier_bandwidth: float


class BpskLoop(_Loop):
    """Coherent BPSK symbols from a signal near 0 Hz; see ``symbol_kernels.bpsk_loop``."""

    def __init__(self, period: float, gains: CarrierGains, frequency_limit: float) -> None:
        super().__init__(period)
        self._gains = gains
        self._phase_gain, self._frequency_gain = loop_gains(gains.carrier_bandwidth)
        self._limit = frequency_limit
        self._state = np.array([period + _GUARD, period, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5], np.float64)

    @property
    def frequency(self) -> float:
        """Carrier offset in radians a symbol, as tracked."""
        return float(self._state[3])

    def __call__(self, y: NDArray[np.complex64]) -> Symbols:
        """Take the next filtered samples and give the symbols in them."""
        if self._state[6] == 0.0:
            self._state[6] = float(np.mean(np.abs(y) ** 2))
        gains = self._gains

        def kernel(s: NDArray[Any], values: NDArray[np.float32], times: NDArray[np.float64]) -> int:
            count: int = kernels.bpsk_loop(
                s,
                self._period,
                gains.timing,
                gains.rate,
                self._phase_gain,
                self._frequency_gain,
                self._limit,
                self._state,
                values,
                times,
            )
            return count

        return self._run(y, kernel, self._state)
