"""Telemetry: Construct layouts with units, and the schemas that turn a frame into records.

A protocol file imports what it needs from here; see ``docs/DESIGN.md``, "A protocol file".
"""

from gsctl.telemetry.adapters import (
    ax25_address,
    ax25_header,
    boolean,
    converted,
    enumeration,
    hexadecimal,
    iso_time,
    printable,
    real,
    scaled,
    text,
    unix_time,
)
from gsctl.telemetry.ax25 import AX25, Ax25Parts, Ax25UiSchema, ax25_from, is_ax25, split_ax25
from gsctl.telemetry.relayed_ais import (
    ais_fcs,
    nmea_messages,
    present,
    raw_message,
    relayed_ais_schema,
    satlab_frame,
    satlab_message,
    satlab_record,
    satlab_short,
)
from gsctl.telemetry.schema import ConstructSchema, flatten, parse_frame
from gsctl.telemetry.units import PLAIN_SUFFIXES, UNIT_SUFFIXES, split_unit

__all__ = [
    "AX25",
    "PLAIN_SUFFIXES",
    "UNIT_SUFFIXES",
    "Ax25Parts",
    "Ax25UiSchema",
    "ConstructSchema",
    "ais_fcs",
    "ax25_address",
    "ax25_from",
    "ax25_header",
    "boolean",
    "converted",
    "enumeration",
    "flatten",
    "hexadecimal",
    "is_ax25",
    "iso_time",
    "nmea_messages",
    "parse_frame",
    "present",
    "printable",
    "raw_message",
    "real",
    "relayed_ais_schema",
    "satlab_frame",
    "satlab_message",
    "satlab_record",
    "satlab_short",
    "scaled",
    "split_ax25",
    "split_unit",
    "text",
    "unix_time",
]
