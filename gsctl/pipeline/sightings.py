"""Of several sightings of a frame, by branches of a receiver and by chains, the best one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeVar

from gsctl.framing import Integrity
from gsctl.model import Frame

# Frames remembered to know a second sighting; a burst lasts seconds at most.
_REMEMBERED = 256
# Repaired frames wait so long for an intact sighting: branches differ in what they hold back.
HOLD_S = 0.3
_RANK = {Integrity.CRC: 0, Integrity.FEC: 1, Integrity.CRC_CORRECTED: 2, Integrity.UNCHECKED: 3}

By = TypeVar("By")


@dataclass(frozen=True, slots=True)
class Sighting(Generic[By]):
    """A frame, by whom it was heard, and the nominal frequency that was listened to, if it is known."""

    frame: Frame
    by: By
    nominal_hz: float | None = None


class Sightings(Generic[By]):
    """Keeps what was seen lately.

    The same payload at the same time is one frame. Nor can two frames of one carrier overlap: so a
    repaired one that overlaps another is false, or the other's twin with errors that the check did
    not see, and is dropped.

    Args:
        sample_rate_hz: of the samples that frames' indices count.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._hold_samples = HOLD_S * sample_rate_hz
        self._recent: deque[Sighting[By]] = deque(maxlen=_REMEMBERED)
        self._waiting: list[Sighting[By]] = []

    def __len__(self) -> int:
        return len(self._recent) + len(self._waiting)

    def sort_out(self, found: Sequence[Sighting[By]], reached: float = inf) -> list[Sighting[By]]:
        """What of ``found``, and of what waited, is new, in order of time.

        Args:
            found: in any order.
            reached: how far the stream has been heard, a sample index; infinity at its end.
        """
        waiting = self._waiting + [seen for seen in found if _is_repaired(seen.frame)]
        until = reached - self._hold_samples
        self._waiting = [seen for seen in waiting if seen.frame.end_sample_index > until]
        due = [seen for seen in waiting if seen.frame.end_sample_index <= until]
        due += [seen for seen in found if not _is_repaired(seen.frame)]
        new = [seen for seen in sorted(due, key=_quality) if self._is_new(seen)]
        return sorted(new, key=lambda seen: seen.frame.sample_index)

    def _is_new(self, seen: Sighting[By]) -> bool:
        frame = seen.frame
        for other in self._recent:
            if _overlap(frame, other.frame) and (
                frame.payload == other.frame.payload
                or (_is_repaired(frame) and other.frame.integrity in _TRUSTED and _same_carrier(seen, other))
            ):
                return False
        self._recent.append(seen)
        return True


# What a repaired frame gives way to.
_TRUSTED = (Integrity.CRC, Integrity.FEC, Integrity.CRC_CORRECTED)


def _is_repaired(frame: Frame) -> bool:
    return frame.integrity is Integrity.CRC_CORRECTED


def _overlap(one: Frame, other: Frame) -> bool:
    return one.sample_index < other.end_sample_index and other.sample_index < one.end_sample_index


def _same_carrier(one: Sighting[By], other: Sighting[By]) -> bool:
    """Whether both may be of one carrier: not where they were heard too far apart."""
    if one.nominal_hz != other.nominal_hz:
        return False
    offsets_hz = (one.frame.frequency_offset_hz, other.frame.frequency_offset_hz)
    if offsets_hz[0] is None or offsets_hz[1] is None:
        return True
    return abs(offsets_hz[0] - offsets_hz[1]) < max(one.frame.symbol_rate_bd, other.frame.symbol_rate_bd) / 2


def _quality(seen: Sighting[By]) -> tuple[int, int, float]:
    frame = seen.frame
    return _RANK[frame.integrity], frame.corrected_errors, -(frame.snr_db or -99.0)
