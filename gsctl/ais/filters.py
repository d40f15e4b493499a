"""What passes on: no duplicates, the wanted ships, types and sea areas. All memory is bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from gsctl.ais.messages import AisMessage

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_MAX_REMEMBERED = 100_000
# Without times a window of seconds has no meaning: this many messages take its place.
_WINDOW_WITHOUT_TIME = 1000
# Both channels' copies of a ghost are received at the same instant; a slot lasts 26.7 ms.
_SLOT_S = 60.0 / 2250


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A piece of the sea between two parallels and two meridians, in degrees, north and east positive.

    ``west_deg`` may be greater than ``east_deg``: the area then crosses the 180th meridian.
    """

    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float

    def contains(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Whether a position lies inside or on the edge."""
        if not self.south_deg <= latitude_deg <= self.north_deg:
            return False
        if self.west_deg <= self.east_deg:
            return self.west_deg <= longitude_deg <= self.east_deg
        return longitude_deg >= self.west_deg or longitude_deg <= self.east_deg


class MessageFilter:
    """Passes messages by sender, type and area; an empty condition passes all.

    A message without position passes an area where its sender was last seen in it.

    Attributes:
        left_out: messages that did not pass.
    """

    def __init__(
        self,
        *,
        mmsis: Collection[int] = (),
        message_types: Collection[int] = (),
        area: Area | None = None,
    ) -> None:
        self.left_out = 0
        self._mmsis = frozenset(mmsis)
        self._types = frozenset(message_types)
        self._area = area
        self._inside: OrderedDict[int, bool] = OrderedDict()

    def passes(self, message: AisMessage) -> bool:
        """Whether a message meets all conditions; to be asked about every message in order."""
        wanted = (self._area is None or self._in_area(message, self._area)) and (
            (not self._mmsis or message.mmsi in self._mmsis)
            and (not self._types or message.message_type in self._types)
        )
        self.left_out += not wanted
        return wanted

    def _in_area(self, message: AisMessage, area: Area) -> bool:
        latitude_deg, longitude_deg = (
            message.columns.get("latitude_deg"),
            message.columns.get("longitude_deg"),
        )
        if not isinstance(latitude_deg, float) or not isinstance(longitude_deg, float):
            return self._inside.get(message.mmsi, False)
        inside = area.contains(latitude_deg, longitude_deg)
        _remember(self._inside, message.mmsi, inside)
        return inside


class DuplicateFilter:
    """Drops a message whose bits were heard within the last ``window_s`` seconds, whoever heard them.

    Attributes:
        dropped: messages that were duplicates.
    """

    def __init__(self, window_s: float) -> None:
        self.dropped = 0
        self._window_s = window_s
        self._heard: OrderedDict[tuple[int, int], tuple[datetime | None, int]] = OrderedDict()
        self._count = 0

    def is_new(self, message: AisMessage) -> bool:
        """Whether a message is none of those lately heard; to be asked about every message in order."""
        self._count += 1
        key = (message.bits.value, message.bits.count)
        before = self._heard.get(key)
        _remember(self._heard, key, (message.received_at, self._count))
        if before is None:
            return True
        time, number = before
        if time is None or message.received_at is None:
            duplicate = self._count - number <= _WINDOW_WITHOUT_TIME
        else:
            duplicate = abs((message.received_at - time).total_seconds()) <= self._window_s
        if duplicate:
            self.dropped += 1
            # The window counts from the first of them, or a chain of copies would never end.
            self._heard[key] = before
        return not duplicate


@dataclass(slots=True)
class GhostMarker:
    """Marks a message whose twin was heard on another channel in the same slot.

    One of the two is a ghost: intermodulation or overload put a strong burst on both channels. The
    weaker one is meant, and where it came first only the second can still be marked.
    """

    _heard: OrderedDict[tuple[int, int], AisMessage] = field(default_factory=OrderedDict)

    def mark(self, message: AisMessage) -> AisMessage:
        """The message, marked where it is a ghost; one without time or channel cannot be told."""
        if message.received_at is None or not message.channel:
            return message
        key = (message.bits.value, message.bits.count)
        twin = self._heard.get(key)
        _remember(self._heard, key, message)
        if twin is None or twin.channel == message.channel or twin.received_at is None:
            return message
        apart_s = abs((message.received_at - twin.received_at).total_seconds())
        return replace(message, ghost=True) if apart_s < _SLOT_S else message


def _remember(memory: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Note a value as the latest, and forget the oldest of too many."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _MAX_REMEMBERED:
        memory.popitem(last=False)
