"""What each field of a message is called and how its bits become a value; None is not available.

Scales, ranges and the values that stand for "not available" are those of Recommendation
ITU-R M.1371-5, annex 8. Whatever lies outside a field's range (a latitude of 100 degrees, a
course of 400) is None too: it is as little known as the value that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gsctl.ais import communication_state, vocabulary
from gsctl.ais.layouts import FieldKind
from gsctl.model import FieldValue

Reader = Callable[[int], FieldValue]

# The second half of a long name of type 21; the reader joins it to the first.
NAME_EXTENSION = "name_extension"


@dataclass(frozen=True, slots=True)
class Output:
    """One value that is made of the bits of one field, or of a run of fields.

    Attributes:
        name: gsctl's name.
        read: from the field's raw number to the value.
        through: pyais' name of the last field of the run; empty where it is one field.
    """

    name: str
    read: Reader
    through: str = ""


def _number(low: int, high: int, divisor: float = 1) -> Reader:
    """Values low to high are data; all others, "not available" among them, are None."""
    if divisor == 1:
        return lambda raw: raw if low <= raw <= high else None
    digits = 6 if divisor >= 600 else 1
    return lambda raw: round(raw / divisor, digits) if low <= raw <= high else None


def _flag(raw: int) -> bool:
    return bool(raw)


def _inverted_flag(raw: int) -> bool:
    return not raw


def _any_number(raw: int) -> int:
    return raw


def _nonzero(raw: int) -> int | None:
    return raw or None


def _turn_deg_min(raw: int) -> float | None:
    """Rate of turn, positive to starboard: the square of raw / 4.733 (M.1371-5, annex 8, message 1)."""
    return round((raw / 4.733) ** 2, 1) * (1 if raw >= 0 else -1) if abs(raw) <= 126 else None


def _turning(raw: int) -> str | None:
    """+-127 says: turning at more than 5 degrees in 30 s, by a ship without a turn indicator."""
    return {127: "to starboard", -127: "to port"}.get(raw)


def _positioning(raw: int) -> str | None:
    return {61: "manual", 62: "dead reckoning", 63: "inoperative"}.get(raw)


def _eta(raw: int) -> str | None:
    """MM-DDTHH:MMZ of month, day, hour and minute (4, 5, 5, 6 bits); None unless month and day are known."""
    month, day, hour, minute = raw >> 16, raw >> 11 & 31, raw >> 6 & 31, raw & 63
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return (
        f"{month:02}-{day:02}T{hour:02}:{minute:02}Z" if hour < 24 and minute < 60 else f"{month:02}-{day:02}"
    )


def _utc_time(raw: int) -> str | None:
    """The time of a base station (14, 4, 5, 5, 6, 6 bits); None where any part is not available."""
    year, month, day = raw >> 26, raw >> 22 & 15, raw >> 17 & 31
    hour, minute, second = raw >> 12 & 31, raw >> 6 & 63, raw & 63
    known = (
        1 <= year <= 9999
        and 1 <= month <= 12
        and 1 <= day <= 31
        and hour < 24
        and minute < 60
        and second < 60
    )
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z" if known else None


def _length_m(raw: int) -> int | None:
    """Bow plus stern distance of the four dimensions (9, 9, 6, 6 bits)."""
    return (raw >> 21) + (raw >> 12 & 511) or None


def _beam_m(raw: int) -> int | None:
    return (raw >> 6 & 63) + (raw & 63) or None


def _corner(name: str, limit_deg: int) -> tuple[Output, ...]:
    return (Output(name, _number(-limit_deg * 600, limit_deg * 600, 600)),)


_NAME = (Output("name", _any_number),)
_DIMENSION = _number(0, 511)

# Keyed by pyais' name, or by name and width where the width decides the scale.
_OUTPUTS: dict[str | tuple[str, int], tuple[Output, ...]] = {
    "msg_type": (Output("message_type", _any_number),),
    "repeat": (Output("repeat_indicator", _any_number),),
    "mmsi": (Output("mmsi", _any_number),),
    "status": (
        Output("navigation_status", vocabulary.navigation_status),
        Output("navigation_status_code", _number(0, 14)),
    ),
    "turn": (Output("rate_of_turn_deg_min", _turn_deg_min), Output("turning", _turning)),
    ("speed", 10): (Output("speed_over_ground_kn", _number(0, 1022, 10)),),
    ("speed", 6): (Output("speed_over_ground_kn", _number(0, 62)),),
    "accuracy": (Output("position_accuracy_high", _flag),),
    ("lon", 28): (Output("longitude_deg", _number(-108_000_000, 108_000_000, 600_000)),),
    ("lat", 27): (Output("latitude_deg", _number(-54_000_000, 54_000_000, 600_000)),),
    ("lon", 18): (Output("longitude_deg", _number(-108_000, 108_000, 600)),),
    ("lat", 17): (Output("latitude_deg", _number(-54_000, 54_000, 600)),),
    ("course", 12): (Output("course_over_ground_deg", _number(0, 3599, 10)),),
    ("course", 9): (Output("course_over_ground_deg", _number(0, 359)),),
    "heading": (Output("true_heading_deg", _number(0, 359)),),
    "second": (Output("utc_second_s", _number(0, 59)), Output("positioning", _positioning)),
    "maneuver": (Output("special_manoeuvre", lambda raw: {1: False, 2: True}.get(raw)),),
    "raim": (Output("raim", _flag),),
    "year": (Output("utc_time", _utc_time, through="second"),),
    "epfd": (Output("position_fix", vocabulary.position_fix), Output("position_fix_code", _nonzero)),
    "ais_version": (Output("ais_version", _any_number),),
    "imo": (Output("imo_number", _nonzero),),
    "callsign": (Output("callsign", _any_number),),
    "shipname": _NAME,
    "ship_type": (Output("ship_type", vocabulary.ship_type), Output("ship_type_code", _nonzero)),
    "to_bow": (
        Output("length_m", _length_m, through="to_starboard"),
        Output("beam_m", _beam_m, through="to_starboard"),
        Output("to_bow_m", _DIMENSION),
    ),
    "to_stern": (Output("to_stern_m", _DIMENSION),),
    "to_port": (Output("to_port_m", _DIMENSION),),
    "to_starboard": (Output("to_starboard_m", _DIMENSION),),
    "month": (Output("eta", _eta, through="minute"),),
    "draught": (Output("draught_m", _number(1, 255, 10)),),
    "destination": (Output("destination", _any_number),),
    "dte": (Output("terminal_ready", _inverted_flag),),
    "seqno": (Output("sequence_number", _any_number),),
    "dest_mmsi": (Output("destination_mmsi", _any_number),),
    "mothership_mmsi": (Output("mothership_mmsi", _nonzero),),
    "alt": (Output("altitude_m", _number(0, 4094)),),
    "vendorid": (Output("vendor", _any_number),),
    "partno": (Output("part", lambda raw: "AB"[raw] if raw < 2 else None),),
    "app_id": (Output("dac", lambda raw: raw >> 6), Output("fid", lambda raw: raw & 63)),
    "gnss": (Output("position_latency_over_5_s", _flag),),
    "ne_lon": _corner("northeast_longitude_deg", 180),
    "ne_lat": _corner("northeast_latitude_deg", 90),
    "sw_lon": _corner("southwest_longitude_deg", 180),
    "sw_lat": _corner("southwest_latitude_deg", 90),
    "aid_type": (Output("aid_type", vocabulary.aid_type), Output("aid_type_code", _nonzero)),
    "display": (Output("has_display", _flag),),
    "dsc": (Output("has_dsc", _flag),),
    "band": (Output("whole_band", _flag),),
    "msg22": (Output("accepts_type_22", _flag),),
    "cs": (Output("carrier_sense", _flag),),
    "quiet": (Output("quiet_min", _nonzero),),
    **{f"mmsi{n}": (Output(f"mmsi_{n}", _nonzero),) for n in range(1, 5)},
    **{f"mmsiseq{n}": (Output(f"sequence_number_{n}", _any_number),) for n in range(1, 5)},
    **{f"dest{n}": (Output(f"destination_mmsi_{n}", _any_number),) for n in (1, 2)},
}
# Fields that are read as one run, by the first one's name.
_RUNS = {"year": ("month", "day", "hour", "minute", "second"), "month": ("day", "hour", "minute")}
_FLAGS = {
    "retransmit",
    "assigned",
    "off_position",
    "virtual_aid",
    "addressed",
    "structured",
    "power",
    "band_a",
    "band_b",
}


def outputs_of(message_type: int, name: str, width: int, kind: FieldKind) -> tuple[Output, ...]:
    """The values that pyais' field ``name`` of a message type gives."""
    if name == "radio":
        return tuple(Output(*pair) for pair in communication_state.readers(message_type))
    if name == "speed" and message_type == 9:
        return (Output("speed_over_ground_kn", _number(0, 1022)),)  # an aircraft's is in whole knots
    if name == "name_ext":
        return (Output(NAME_EXTENSION, _any_number),)
    if kind is FieldKind.DATA:
        return (Output("data_hex", _any_number),)
    found = _OUTPUTS.get(name) or _OUTPUTS.get((name, width))
    return found or (Output(name, _flag if name in _FLAGS else _any_number),)


def rest_of_run(name: str) -> tuple[str, ...]:
    """The fields that ``name``'s outputs have already read."""
    return _RUNS.get(name, ())
