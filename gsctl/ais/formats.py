"""Messages as JSON objects (gsctl's names, or those of gpsd and AIS-catcher) and as NMEA lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from gsctl.ais.messages import AisMessage
from gsctl.ais.sentences import with_tag_blocks
from gsctl.model import FieldValue

JsonValue = FieldValue | datetime | list[str]

# gsctl's name to that of gpsd's JSON, which AIS-catcher shares.
_GPSD_NAMES = {
    "repeat_indicator": "repeat",
    "navigation_status_code": "status",
    "navigation_status": "status_text",
    "rate_of_turn_deg_min": "turn",
    "speed_over_ground_kn": "speed",
    "position_accuracy_high": "accuracy",
    "longitude_deg": "lon",
    "latitude_deg": "lat",
    "course_over_ground_deg": "course",
    "true_heading_deg": "heading",
    "utc_second_s": "second",
    "special_manoeuvre": "maneuver",
    "raim": "raim",
    "communication_state": "radio",
    "utc_time": "timestamp",
    "position_fix": "epfd_text",
    "position_fix_code": "epfd",
    "imo_number": "imo",
    "ais_version": "ais_version",
    "callsign": "callsign",
    "ship_type_code": "shiptype",
    "ship_type": "shiptype_text",
    "to_bow_m": "to_bow",
    "to_stern_m": "to_stern",
    "to_port_m": "to_port",
    "to_starboard_m": "to_starboard",
    "eta": "eta",
    "draught_m": "draught",
    "destination": "destination",
    "terminal_ready": "dte",
    "sequence_number": "seqno",
    "destination_mmsi": "dest_mmsi",
    "mothership_mmsi": "mothership_mmsi",
    "altitude_m": "alt",
    "vendor": "vendorid",
    "part": "partno",
    "position_latency_over_5_s": "gnss",
    "northeast_longitude_deg": "ne_lon",
    "northeast_latitude_deg": "ne_lat",
    "southwest_longitude_deg": "sw_lon",
    "southwest_latitude_deg": "sw_lat",
    "aid_type_code": "aid_type",
    "aid_type": "aid_type_text",
    "has_display": "display",
    "has_dsc": "dsc",
    "whole_band": "band",
    "accepts_type_22": "msg22",
    "carrier_sense": "cs",
    "quiet_min": "quiet",
    "station_type": "stationtype",
    "reserved_2": "regional",
    **{f"mmsi_{n}": f"mmsi{n}" for n in range(1, 5)},
    **{f"destination_mmsi_{n}": f"dest{n}" for n in (1, 2)},
}
# What gpsd says in numbers.
_GPSD_VALUES: dict[str, Callable[[FieldValue], int]] = {
    "maneuver": lambda special: 2 if special else 1,
    "dte": lambda ready: 0 if ready else 1,
    "partno": lambda part: 0 if part == "A" else 1,
}
# What gpsd's JSON has no key for, says in another way, or has said already.
_GPSD_LEAVES_OUT = {
    "message_type",
    "repeat_indicator",
    "mmsi",
    "turning",
    "positioning",
    "length_m",
    "beam_m",
    "data_hex",
    "data_bits",
    "sync_state",
    "slot_timeout",
    "slot_number",
    "received_stations",
    "slot_offset",
    "utc_hour_minute",
    "slot_increment",
    "slots_to_use",
    "keep_slot",
    *(f"sequence_number_{n}" for n in range(1, 5)),
}


def json_object(message: AisMessage) -> dict[str, JsonValue]:
    """A message under gsctl's names: its reception, its fields, its sentences; None is not available."""
    return {
        "type": "ais",
        "received_at": message.received_at,
        "time_source": (message.time_source or None) if message.received_at is not None else None,
        "channel": message.channel or None,
        "level_dbfs": message.level_dbfs,
        "level_dbm": message.level_dbm,
        "snr_db": message.snr_db,
        "frequency_offset_hz": message.frequency_offset_hz,
        "integrity": message.integrity.value if message.integrity else None,
        "source": message.source or None,
        "satellite": message.satellite or None,
        "frame_id": message.frame_id or None,
        "ghost": message.ghost,
        "mmsi": message.mmsi,
        "mmsi_kind": message.mmsi_kind.value,
        **_without_mmsi(message.fields()),
        "nmea": list(message.nmea),
    }


def _without_mmsi(fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """The rest of the fields: the MMSI stands before them, with its kind."""
    del fields["mmsi"]
    return fields


def gpsd_object(message: AisMessage, *, device: str = "gsctl") -> dict[str, JsonValue]:
    """A message under the names of gpsd's JSON, with AIS-catcher's keys for the reception.

    Values are scaled. What is not available is left out, where gpsd prints 181, 511 and the like;
    ``special_manoeuvre`` and ``terminal_ready`` have gpsd's numbers again.
    """
    values: dict[str, JsonValue] = {"class": "AIS", "device": device}
    if message.received_at is not None:
        values["rxtime"] = f"{message.received_at:%Y%m%d%H%M%S}"
        values["rxuxtime"] = round(message.received_at.timestamp(), 6)
    values |= {"scaled": True, "channel": message.channel, "nmea": list(message.nmea)}
    if message.level_dbfs is not None:
        values["signalpower"] = message.level_dbfs
    if message.frequency_offset_hz is not None:
        carrier_mhz = 156.8 if message.channel in {"C", "D"} else 162.0
        values["ppm"] = round(message.frequency_offset_hz / carrier_mhz, 2)
    fields = message.fields()
    values |= {"type": message.message_type, "repeat": fields["repeat_indicator"], "mmsi": message.mmsi}
    values |= _gpsd_fields(message.message_type, fields)
    return values


def _gpsd_fields(message_type: int, fields: Mapping[str, FieldValue]) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {}
    for name, value in fields.items():
        if value is None or name in _GPSD_LEAVES_OUT:
            continue
        key = _GPSD_NAMES.get(name) or _gpsd_key(message_type, name)
        values[key] = _GPSD_VALUES[key](value) if key in _GPSD_VALUES else value
    turning = fields.get("turning")
    if turning is not None:
        values["turn"] = "fastright" if turning == "to starboard" else "fastleft"
    if fields.get("data_hex") is not None:
        values["data"] = f"{fields['data_bits']}:{fields['data_hex']}"
    dac, fid = fields.get("dac"), fields.get("fid")
    if message_type in (25, 26) and isinstance(dac, int) and isinstance(fid, int):
        values["app_id"] = dac << 6 | fid
    return values


def _gpsd_key(message_type: int, name: str) -> str:
    if name == "name":
        return "name" if message_type == 21 else "shipname"
    if name == "reserved_1":
        return "reserved" if message_type in (18, 19) else "regional"
    return name


def nmea_lines(message: AisMessage, *, tag_block: bool = False, group_number: int = 0) -> tuple[str, ...]:
    """The sentences of a message, without line ends.

    Args:
        tag_block: put source and time in front.
        group_number: tells the groups of messages in several sentences apart.
    """
    if not tag_block:
        return message.nmea
    return with_tag_blocks(
        message.nmea, source=message.source, received_at=message.received_at, group_number=group_number
    )
