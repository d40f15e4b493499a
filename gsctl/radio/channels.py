"""What the two channels of a stereo recording are: IQ, or audio twice, or audio and silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Both limits are ratios of energies. A lossy codec makes two equal channels differ by some 1e-4; a silent
# channel may carry the dither of its last bit.
_SAME = 1e-3
_SILENT = 1e-6


def audio_channel(frames: Iterable[NDArray[np.float32]], *, enough: int) -> int | None:
    """Tell whether stereo ``frames`` (each (n, 2)) are audio.

    Looks at blocks until the channels are clearly two signals for ``enough`` frames, else at all.

    Returns:
        The channel that holds the audio, or None where the two make IQ.
    """
    import numpy as np

    left = right = difference = 0.0
    heard = 0
    for block in frames:
        wide = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float64)
        left += float(np.sum(wide[:, 0] ** 2))
        right += float(np.sum(wide[:, 1] ** 2))
        difference += float(np.sum((wide[:, 0] - wide[:, 1]) ** 2))
        heard += int(np.count_nonzero(wide.any(axis=1)))
        if heard >= enough and _is_iq(left, right, difference):
            return None
    if _is_iq(left, right, difference):
        return None
    return 0 if left >= right else 1


def _is_iq(left: float, right: float, difference: float) -> bool:
    """Whether these energies belong to two different signals."""
    return difference > _SAME * (left + right) and min(left, right) > _SILENT * max(left, right)
