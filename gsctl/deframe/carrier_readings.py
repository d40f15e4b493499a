"""Frequency and ratio of a frame, out of what was measured while it was received."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gsctl.model import SoftBits

# Readings kept; the longest frames are some 20 000 symbols, the shortest stretches 48.
_KEPT = 512


@dataclass(frozen=True, slots=True)
class _Reading:
    first: float
    last: float
    frequency_offset_hz: float | None
    snr_db: float | None


class CarrierReadings:
    """What the soft bits of one stream said of their carrier.

    A receiver measures stretch by stretch. The last of a burst holds only the end of a frame and then
    noise, and what is measured in it is poor; so the frame's value is the median over its symbols.
    """

    def __init__(self) -> None:
        self._readings: deque[_Reading] = deque(maxlen=_KEPT)

    def add(self, soft: SoftBits) -> None:
        """Remember what these soft bits say; a restart forgets what was before."""
        if soft.restart:
            self._readings.clear()
        if len(soft.position) and not (soft.frequency_offset_hz is None and soft.snr_db is None):
            first, last = float(soft.position[0]), float(soft.position[-1])
            self._readings.append(_Reading(first, last, soft.frequency_offset_hz, soft.snr_db))

    def between(self, first: float, last: float) -> tuple[float | None, float | None]:
        """Frequency offset in Hz and ratio in dB of a frame; None is not measured.

        Args:
            first, last: sample index of the frame's first and last symbol.
        """
        offsets_hz: list[tuple[float, float]] = []
        ratios_db: list[tuple[float, float]] = []
        for reading in reversed(self._readings):
            if reading.last < first:
                break
            # One sample more than nothing, for a frame that a single symbol of a stretch completes.
            weight = max(min(last, reading.last) - max(first, reading.first), 0.0) + 1.0
            if reading.frequency_offset_hz is not None:
                offsets_hz.append((reading.frequency_offset_hz, weight))
            if reading.snr_db is not None:
                ratios_db.append((reading.snr_db, weight))
        return _median(offsets_hz), _median(ratios_db)


def _median(weighed: Sequence[tuple[float, float]]) -> float | None:
    """The value up to which half of the weight lies; None of nothing."""
    half = sum(weight for _, weight in weighed) / 2
    for value, weight in sorted(weighed):
        half -= weight
        if half <= 0:
            return value
    return None
