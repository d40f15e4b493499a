"""Of several sightings of a frame, by branches of a receiver and by chains, the best one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Generic, TypeVar

from gsctl.framing import Integrity
from gsctl.model import Frame

# Frames remembered to know a second sighting; a burst lasts seconds at most.
_REMEMBERED = 256
# Repaired frames wait so long for an intact sighting: branches differ in what they hold back.
HOLD_S = 0.3
# A deframer gives a frame so many symbols behind its last one, at most: those of a flag, and a margin.
_BEHIND_SYMBOLS = 32
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

    A branch that measures no frequency may be done with a frame before the one beside it that does.
    Such a frame waits until the other has been there, and takes frequency and ratio from it where
    its own sighting is the better one for having no errors.

    Args:
        sample_rate_hz: of the samples that frames' indices count.
        heard_until: up to which sample index the branch of somebody that measures frequencies has given
            all that it will; infinity where there is none.
    """

    def __init__(self, sample_rate_hz: float, heard_until: Callable[[By], float] = lambda _by: inf) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._heard_until = heard_until
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
        known = [*self._waiting, *found]
        due = [seen for seen in known if self._is_due(seen, reached)]
        self._waiting = [seen for seen in known if not self._is_due(seen, reached)]
        new = [seen for seen in sorted(due, key=_quality) if self._is_new(seen)]
        new = [_measured(seen, known) for seen in new]
        return sorted(new, key=lambda seen: seen.frame.sample_index)

    def _is_due(self, seen: Sighting[By], reached: float) -> bool:
        """Whether nothing better is to be waited for."""
        frame = seen.frame
        if _is_repaired(frame) and frame.end_sample_index > reached - HOLD_S * self._sample_rate_hz:
            return False
        if frame.frequency_offset_hz is not None or reached == inf:
            return True
        behind = _BEHIND_SYMBOLS * self._sample_rate_hz / max(frame.symbol_rate_bd, 1.0)
        return frame.end_sample_index + behind <= self._heard_until(seen.by)

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


def _quality(seen: Sighting[By]) -> tuple[int, int, bool, float]:
    frame = seen.frame
    snr_db = -99.0 if frame.snr_db is None else frame.snr_db
    # Who measured the frequency knows more of the signal than a discriminator does.
    unmeasured = frame.frequency_offset_hz is None
    return _RANK[frame.integrity], frame.corrected_errors, unmeasured, -snr_db


def _measured(seen: Sighting[By], known: Sequence[Sighting[By]]) -> Sighting[By]:
    """With the frequency and the ratio that somebody else measured, if only others did."""
    frame = seen.frame
    if frame.frequency_offset_hz is not None:
        return seen
    others = [
        other for other in known if _overlap(frame, other.frame) and frame.payload == other.frame.payload
    ]
    for other in sorted(others, key=_quality):
        offset_hz = other.frame.frequency_offset_hz
        if offset_hz is not None:
            told = replace(frame, frequency_offset_hz=offset_hz, snr_db=other.frame.snr_db)
            return replace(seen, frame=told)
    return seen
