"""The power of an AIS channel over time, and the floor that noise gives it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.quantiles import quantile

BLOCK_SYMBOLS = 8  # power is measured so
SMOOTH_BLOCKS = 4
# Times the floor, of 32 symbols in 3 symbol rates of noise: chance passes 1.5 once in minutes; a
# burst at Eb/N0 of 3 dB has 1.6.
ON = 1.45
_QUANTILE = 0.1
_BIAS = 0.87
_GAP_QUANTILE = 0.02
_GAP_BIAS = 0.62
_REMEMBERED = 30

Power = NDArray[np.float32]


def block_power(samples: NDArray[np.complex64], size: int) -> Power:
    """Mean power of blocks of ``size`` samples; a rest is left out."""
    whole = samples[: samples.size // size * size].view(np.float32).reshape(-1, 2 * size)
    mean: Power = np.einsum("ij,ij->i", whole, whole) / np.float32(size)
    return mean


def smooth(power: Power) -> Power:
    """Mean of each value and the three after it; three fewer values."""
    total = power[: 1 - SMOOTH_BLOCKS].copy()
    for shift in range(1, SMOOTH_BLOCKS):
        total += power[shift : power.size - SMOOTH_BLOCKS + 1 + shift]
    total *= np.float32(1.0 / SMOOTH_BLOCKS)
    return total


class PowerFloor:
    """Low quantiles of the power of the last thirty pieces, since channels are busy.

    Where every slot is used only the sixteen symbols between bursts tell it: single blocks do, of
    which a lower quantile is taken.
    """

    def __init__(self) -> None:
        self._history: list[tuple[Power, Power]] = []
        self.level = 0.0

    def learn(self, power: Power) -> None:
        """Take the power of more blocks into account."""
        if power.size < SMOOTH_BLOCKS:
            return
        self._history.append((power, smooth(power)))
        del self._history[:-_REMEMBERED]
        single = np.concatenate([one for one, _ in self._history])
        level = np.concatenate([one for _, one in self._history])
        lowest = min(quantile(level, _QUANTILE) / _BIAS, quantile(single, _GAP_QUANTILE) / _GAP_BIAS)
        # Digital silence has no floor.
        self.level = max(lowest, 1e-9 * float(level.max()), 1e-30)
