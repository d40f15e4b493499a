"""Telemetry: Construct layouts with units, and the schemas that turn a frame into records.

A protocol file imports what it needs from here; see ``docs/DESIGN.md``, "A protocol file".
"""

from gsctl.telemetry.adapters import (
    ax25_address,
    ax25_header,
    bits_as_hex,
    boolean,
    converted,
    enumeration,
    hexadecimal,
    iso_time,
    low_bits_first,
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
from gsctl.telemetry.text_lines import (
    comma_separated,
    decimal,
    hexadecimal_number,
    one_of,
    times,
    whole,
    word,
)
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
    "bits_as_hex",
    "boolean",
    "comma_separated",
    "converted",
    "decimal",
    "enumeration",
    "flatten",
    "hexadecimal",
    "hexadecimal_number",
    "is_ax25",
    "iso_time",
    "low_bits_first",
    "nmea_messages",
    "one_of",
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
    "times",
    "unix_time",
    "whole",
    "word",
]
