"""The communication state of types 1 to 4, 9, 11, 18 and 26: how a station chose its slot.

Recommendation ITU-R M.1371-5, annex 2, "communication state" of SOTDMA and of ITDMA;
the layouts as in gpsd's AIVDM page, "AIS communication state".
"""

from __future__ import annotations

from collections.abc import Callable

from gsctl.model import FieldValue

Reader = Callable[[int], FieldValue]

_SYNC_STATES = ("UTC direct", "UTC indirect", "base station", "other station")
_ITDMA = 1 << 19  # the selector flag, above the 19 bits of the state itself


def readers(message_type: int) -> tuple[tuple[str, Reader], ...]:
    """Field names and their readers; each reader takes the 19 bits, or 20 with the selector flag.

    Type 3 is always ITDMA, types 1, 2, 4 and 11 always SOTDMA; the others say which.
    """
    always = _ITDMA if message_type == 3 else 0
    return (("communication_state", _raw), *((name, _with_flag(read, always)) for name, read in _READERS))


def _with_flag(read: Reader, flag: int) -> Reader:
    return lambda raw: read(raw | flag)


def _sync_state(raw: int) -> str:
    return _SYNC_STATES[raw >> 17 & 3]


def _slot_timeout(raw: int) -> int | None:
    """Frames left in which the slot stays reserved; 0 is the last."""
    return None if raw & _ITDMA else raw >> 14 & 7


def _submessage(raw: int, timeouts: tuple[int, ...]) -> int | None:
    return raw & 0x3FFF if _slot_timeout(raw) in timeouts else None


def _slot_number(raw: int) -> int | None:
    """The slot used for this message, 0 to 2249."""
    slot = _submessage(raw, (2, 4, 6))
    return slot if slot is not None and slot < 2250 else None


def _received_stations(raw: int) -> int | None:
    return _submessage(raw, (3, 5, 7))


def _slot_offset(raw: int) -> int | None:
    """Slots from this one to that of the next transmission; 0 says there is none."""
    return _submessage(raw, (0,))


def _utc_minute_of_day(raw: int) -> str | None:
    submessage = _submessage(raw, (1,))
    if submessage is None:
        return None
    hour, minute = submessage >> 9, submessage >> 2 & 127
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _slot_increment(raw: int) -> int | None:
    return raw >> 4 & 0x1FFF if raw & _ITDMA else None


def _slots_to_use(raw: int) -> int | None:
    return (raw >> 1 & 7) if raw & _ITDMA else None


def _keep_slot(raw: int) -> bool | None:
    return bool(raw & 1) if raw & _ITDMA else None


def _raw(raw: int) -> int:
    return raw


_READERS: tuple[tuple[str, Reader], ...] = (
    ("sync_state", _sync_state),
    ("slot_timeout", _slot_timeout),
    ("slot_number", _slot_number),
    ("received_stations", _received_stations),
    ("slot_offset", _slot_offset),
    ("utc_hour_minute", _utc_minute_of_day),
    ("slot_increment", _slot_increment),
    ("slots_to_use", _slots_to_use),
    ("keep_slot", _keep_slot),
)
