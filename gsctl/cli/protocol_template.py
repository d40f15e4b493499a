"""The protocol file that ``gsctl protocols new`` writes; it keeps all the rules as it stands."""

from __future__ import annotations

_TEMPLATE = '''"""{name}: what it is, in one line.

Who and when
    Who built it; launched when, on what; in orbit, active or not. Say who says so.

Radio
    437.000 MHz    FSK 9600, AX.25 G3RUH    assumed: replace it

Byte map (numbers are sent high byte first)
    0   16      AX.25 header, UI frame from {callsign}
    16  u16     battery voltage, mV
    18  s16     battery current, mA, positive when charging
    20  s8      temperature of the board, degC
    21  u8      mode: 0 safe, 1 nominal
    22  u32     time on board, UNIX s
    26          end

Sources
    the team's page    https://example.org/ (date)
"""

from construct import Int8sb, Int8ub, Int16sb, Int16ub, Int32ub, Struct, Terminated

from gsctl.framing import Ax25
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, enumeration, scaled, unix_time
from gsctl.waveform import Fsk

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="{kebab}-housekeeping",
        layout=Struct(
            "ax25" / ax25_header(),
            "battery_voltage_v" / scaled(Int16ub, 0.001),
            "battery_current_a" / scaled(Int16sb, 0.001),
            "board_temperature_degc" / Int8sb,
            "mode" / enumeration(Int8ub, safe=0, nominal=1),
            "on_board_time" / unix_time(Int32ub),
            Terminated,
        ),
        when=ax25_from("{callsign}", info_bytes=10),
    ),
)

SATELLITES = (
    Satellite(
        name="{name}",
        norad_id={norad_id},
        callsigns=("{callsign}",),
        status="unknown",
        transmitters=(
            Transmitter(
                label="437.000 MHz FSK 9600",
                frequency_hz=437_000_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                framing=Ax25(g3ruh=True),
                schema="{kebab}-housekeeping",
                confidence=Confidence.ASSUMED,
                framing_confidence=Confidence.ASSUMED,
            ),
        ),
        sources=(Source(title="the team's page", url="https://example.org/", date="2026-01-01"),),
    ),
)

TRUTH = (
    Truth(
        schema="{kebab}-housekeeping",
        payload=bytes.fromhex("{payload}"),
        origin="made up, to show the layout; replace it by a frame that was received",
        real=False,
        fields={{
            "ax25_source": "{callsign}",
            "battery_voltage_v": 8.1,
            "battery_current_a": -0.25,
            "board_temperature_degc": 21,
            "mode": "nominal",
            "on_board_time": "2026-01-01T00:00:00.000000Z",
        }},
    ),
)
'''
_CALLSIGN = "N0CALL"
# CQ from N0CALL, UI, no layer 3; 8100 mV, -250 mA, 21 degC, nominal, 2026-01-01.
_PAYLOAD = "86A2404040 40E09C6086829898 6103F01FA4FF0615016955B900"


def protocol_text(name: str, norad_id: int, stem: str) -> str:
    """The text of a protocol file for one satellite.

    Args:
        name: of the satellite.
        norad_id: catalogue number.
        stem: the file's name without ``.py``, an identifier.
    """
    return _TEMPLATE.format(
        name=" ".join(name.replace("\\", " ").replace('"', " ").split()),
        norad_id=norad_id,
        kebab="-".join(part for part in stem.split("_") if part),
        callsign=_CALLSIGN,
        payload=_PAYLOAD.replace(" ", ""),
    )
