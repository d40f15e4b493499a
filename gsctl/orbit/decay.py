"""When an object is in orbit at all: decays, failing element sets, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from gsctl.errors import ElementsError
from gsctl.orbit.propagation import Propagator, broken_off_s, trouble, usable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.model import ElementSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An object that could not be predicted for all of the window, and why."""

    norad_id: int
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name or 'object'} ({self.norad_id}): {self.reason}"


def check_reach(
    propagator: Propagator, record: Any, elements: ElementSet, first_s: float, last_s: float
) -> None:
    """Refuse a set whose orbit ends on the way from its epoch to a span.

    Raises:
        ElementsError: it does; the message says when and why.
    """
    broken_s = broken_off_s(propagator, record, elements, first_s, last_s)
    if broken_s is not None:
        cause = trouble(propagator.one(record, np.array([broken_s])))
        moment = propagator.start + timedelta(seconds=broken_s)
        raise ElementsError(
            f"decayed or out of its elements' reach by {moment:%Y-%m-%d} ({cause})",
            where=f"{elements.name} ({elements.norad_id})",
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of a window in which an object is in orbit, and what to say of the others."""

    begin_s: float
    end_s: float
    skipped: Skipped


def seconds_to(propagator: Propagator, day: date) -> float:
    """Seconds from the start of the window to midnight UTC of a day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (midnight - propagator.start).total_seconds()


def usable_span(
    propagator: Propagator,
    record: Any,
    elements: ElementSet,
    time_s: NDArray[np.float64],
    good: NDArray[np.bool_],
    decay: date | None,
) -> Span:
    """The part of the window in which an object is in orbit, and the words for the rest."""
    epoch_s = (elements.epoch - propagator.start).total_seconds()
    begin_s, end_s, reason = float(time_s[0]), float(time_s[-1]), ""
    bad_after = np.flatnonzero(~good & (time_s >= epoch_s))
    bad_before = np.flatnonzero(~good & (time_s < epoch_s))
    if bad_after.size:
        first = bad_after[0]
        known_good = float(time_s[first - 1]) if first and good[first - 1] else max(epoch_s, begin_s)
        end_s = _boundary(propagator, record, known_good, float(time_s[first]))
        reason = _why(propagator, record, float(time_s[first]), propagator.start + timedelta(seconds=end_s))
    if bad_before.size:
        last = bad_before[-1]
        beyond = last + 1 < len(time_s) and good[last + 1]
        known_good = float(time_s[last + 1]) if beyond else min(epoch_s, float(time_s[-1]))
        begin_s = _boundary(propagator, record, known_good, float(time_s[last]))
        reason = reason or _why(propagator, record, float(time_s[last]), propagator.start, before=True)
    if decay is not None and seconds_to(propagator, decay) < end_s:
        end_s = max(seconds_to(propagator, decay), float(time_s[0]))
        reason = f"decayed on {decay.isoformat()}"
    return Span(begin_s, end_s, Skipped(norad_id=elements.norad_id, name=elements.name, reason=reason))


def _boundary(propagator: Propagator, record: Any, good_s: float, bad_s: float) -> float:
    """The last usable moment between a good and a bad one, to a millisecond, on the good side."""
    if not usable(propagator.one(record, np.array([good_s])))[0]:
        return bad_s  # bad throughout, such as a set that fails from its epoch on
    while abs(bad_s - good_s) > 1e-3:
        middle = 0.5 * (good_s + bad_s)
        if usable(propagator.one(record, np.array([middle])))[0]:
            good_s = middle
        else:
            bad_s = middle
    return good_s


def _why(propagator: Propagator, record: Any, bad_s: float, moment: datetime, *, before: bool = False) -> str:
    cause = trouble(propagator.one(record, np.array([bad_s])))
    if before:
        return f"its elements do not reach back to the window ({cause})"
    return f"decayed or out of its elements' reach at {moment:%Y-%m-%dT%H:%M:%SZ} ({cause})"
