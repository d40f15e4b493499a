"""The station's clock against the slots of the ships: AIS stations send on UTC to better than 0.1 ms.

A self-organised station says in its communication state in which of a minute's 2250 slots it sends
(ITU-R M.1371-5, annex 2); a base station says the UTC time as well (types 4 and 11). So messages
with the time of their reception tell how far that clock is off, without a network.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from gsctl.ais.messages import AisMessage

SLOT_S = 60.0 / 2250
# Ramp, training sequence and flag: a message's first bit comes so long after its slot begins.
FIRST_BIT_S = 40.5 / 9600.0
_MOST_MESSAGES = 20_000
_LEAST_MESSAGES = 5
_SLOT_TYPES = (1, 2, 4, 9, 11, 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockError:
    """How far the clock is off.

    Attributes:
        offset_s: clock minus UTC, positive when the clock is ahead.
        uncertainty_s: one sigma of ``offset_s`` from the scatter.
        messages: how many it was made of.
        stations: of how many ships and base stations.
    """

    offset_s: float
    uncertainty_s: float
    messages: int
    stations: int


class ClockCheck:
    """Collects messages and finds the clock's error; the latest 20 000 count."""

    def __init__(self) -> None:
        self._in_minute_s: deque[tuple[float, int]] = deque(maxlen=_MOST_MESSAGES)
        self._whole_s: deque[float] = deque(maxlen=_MOST_MESSAGES)

    def add(self, message: AisMessage) -> None:
        """Take note of a message that has a time, a slot number or the UTC time in it."""
        if message.received_at is None or message.message_type not in _SLOT_TYPES:
            return
        fields = message.fields()
        received_at = message.received_at
        utc_time = fields.get("utc_time")
        if isinstance(utc_time, str):
            self._whole_s.append((received_at - datetime.fromisoformat(utc_time)).total_seconds())
        slot = fields.get("slot_number")
        # "UTC direct": the station has its own time, and does not follow another's slots.
        if isinstance(slot, int) and fields.get("sync_state") == "UTC direct":
            minute = received_at.replace(second=0, microsecond=0)
            due = minute + timedelta(seconds=slot * SLOT_S + FIRST_BIT_S)
            error_s = (received_at - due).total_seconds()
            self._in_minute_s.append(((error_s + 30.0) % 60.0 - 30.0, message.mmsi))

    def result(self) -> ClockError | None:
        """The error; None where fewer than five messages tell it.

        Errors of half a minute and more are known only where base stations were heard.
        """
        if len(self._in_minute_s) < _LEAST_MESSAGES:
            return None
        errors = [error for error, _ in self._in_minute_s]
        middle = _circular_median(errors)
        spread = statistics.median(abs((error - middle + 30.0) % 60.0 - 30.0) for error in errors)
        minutes = round((statistics.median(self._whole_s) - middle) / 60.0) if self._whole_s else 0
        return ClockError(
            offset_s=middle + 60.0 * minutes,
            # 1.4826 MAD is sigma of a normal distribution; a median's is 1.2533 sigma / sqrt(n).
            uncertainty_s=1.4826 * spread * 1.2533 / math.sqrt(len(errors)),
            messages=len(errors),
            stations=len({mmsi for _, mmsi in self._in_minute_s}),
        )


def _circular_median(errors: list[float]) -> float:
    """Median of values on a circle of 60 s, cut where it lies opposite to their mean direction."""
    east = sum(math.cos(error * math.tau / 60.0) for error in errors)
    north = sum(math.sin(error * math.tau / 60.0) for error in errors)
    mean = math.atan2(north, east) * 60.0 / math.tau
    median = mean + statistics.median((error - mean + 30.0) % 60.0 - 30.0 for error in errors)
    return (median + 30.0) % 60.0 - 30.0
