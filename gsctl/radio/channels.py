"""What the two channels of a stereo recording are: IQ, or audio twice, or audio and silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# All are ratios of energies, each channel's mean taken off: a sound card adds its own to each.
# What one channel leaves of the other: a lossy codec makes equal channels differ by some 1e-4.
_SAME = 1e-3
# An input with nothing plugged in gives the hiss of its card and what leaks over.
_SILENT = 1e-4
# Two audio channels differ by their volumes at most, by 6 dB. Beyond it one may be the real part of a carrier
# at rest, and the other what its phase leaves for the imaginary one.
_VOLUMES = 4.0


class _Energies:
    """Sums over (n, 2) frames, from which the moments about the means follow."""

    def __init__(self) -> None:
        self._count = 0
        self._left = self._right = 0.0
        self._squares = (0.0, 0.0, 0.0)

    def add(self, block: NDArray[np.float32]) -> int:
        """Take frames in; returns how many of them were not silent."""
        import numpy as np

        wide = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float64)
        left, right = wide[:, 0], wide[:, 1]
        self._count += len(wide)
        self._left += float(np.sum(left))
        self._right += float(np.sum(right))
        left_square, right_square, product = self._squares
        self._squares = (
            left_square + float(left @ left),
            right_square + float(right @ right),
            product + float(left @ right),
        )
        return int(np.count_nonzero(wide.any(axis=1)))

    def moments(self) -> tuple[float, float, float]:
        """Energy of the left and of the right channel, and their product, the means taken off."""
        count = max(1, self._count)
        means = (self._left**2, self._right**2, self._left * self._right)
        left, right, both = (s - m / count for s, m in zip(self._squares, means, strict=True))
        return max(0.0, left), max(0.0, right), both


def audio_channel(frames: Iterable[NDArray[np.float32]], *, enough: int) -> int | None:
    """Tell whether stereo ``frames`` (each (n, 2)) are audio: one channel, or one signal on both.

    The two may differ in volume (by up to 6 dB), polarity and offset. Looks at blocks until the channels
    are clearly two signals for ``enough`` frames, else at all.

    Returns:
        The channel that holds the audio, or None where the two make IQ.
    """
    energies = _Energies()
    heard = 0
    for block in frames:
        heard += energies.add(block)
        if heard >= enough and _is_iq(*energies.moments()):
            return None
    left, right, both = energies.moments()
    if _is_iq(left, right, both):
        return None
    return 0 if left >= right else 1


def _is_iq(left: float, right: float, both: float) -> bool:
    """Whether these moments belong to two different signals."""
    less, more = min(left, right), max(left, right)
    if less <= _SILENT * more:
        return False
    is_one = left * right - both**2 <= _SAME * left * right
    return not (is_one and more <= _VOLUMES * less)
