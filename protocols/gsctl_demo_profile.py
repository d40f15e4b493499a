"""gsctl demo profile: the made-up frames of ``gsctl demo`` and ``gsctl simulate``.

Who and when
    gsctl's own, 2026. No satellite sends this. NanoDragon's framing and telemetry layout are not public, so
    the demo cannot show them; it shows these frames instead and says so. They cannot be taken for a
    satellite's: the call signs are words, the info field begins with ``gsctl demo``, and so do the names of
    the schemas.

Radio
    AX.25 UI frames from DEMO to GSCTL. AX.25 takes both as addresses, but neither can be an amateur
    station's call sign, because each of those has a digit (ITU Radio Regulations, article 19).

Byte map (numbers are sent high byte first)
    both kinds
        0   7       destination GSCTL
        7   7       source DEMO
        14  1       control 03 (UI)
        15  1       PID F0
        16  10      "gsctl demo"
        26  1       version of the layout, 1
        27  1       kind: 1 telemetry, 2 relayed AIS
    kind 1
        28  u16     frame number                          64  s16     temperature of the board, 0.1 degC
        30  u16     boot count                            66  s16     temperature of the radio, 0.1 degC
        32  u32     uptime, s                             68  u32     frames sent
        36  u32     time on board, UNIX s                 72  u16     commands received
        40  u8      mode: 0 safe, 1 nominal,              74  u32     AIS messages received
                    2 mission                             78  u16     vessels heard
        41  u8      bit 7 in sunlight, 6 payload on,      80  s16     roll, 0.01 deg
                    5 heater on, 4-0 zero                 82  s16     pitch, 0.01 deg
        42  u16     battery voltage, mV                   84  s16     yaw, 0.01 deg
        44  s16     battery current, mA,                  86  s16     body rate x, 0.01 deg/s
                    positive when charging                88  s16     body rate y, 0.01 deg/s
        46  u16     3.3 V bus, mV                         90  s16     body rate z, 0.01 deg/s
        48  u16     3.3 V bus, mA                         92  s16     magnetic field x, 10 nT
        50  u16     5 V bus, mV                           94  s16     magnetic field y, 10 nT
        52  u16     5 V bus, mA                           96  s16     magnetic field z, 10 nT
        54  u16     solar current x, mA                   98          end
        56  u16     solar current y, mA
        58  u16     solar current z, mA
        60  s16     temperature of the battery, 0.1 degC
        62  s16     temperature of the solar panel, 0.1 degC
    kind 2
        28  u16     frame number
        30  u16     boot count
        32  u8      number of AIS records, 0 to 5
        33  40 * n  records as Satlab's QubeAIS stores them (``gsctl.telemetry.satlab_frame``)

Sources
    this file
"""

from typing import Any

from construct import (
    Array,
    BitsInteger,
    BitStruct,
    Check,
    Const,
    Default,
    Flag,
    Int8ub,
    Int16sb,
    Int16ub,
    Int32ub,
    Rebuild,
    Struct,
    Terminated,
)

from gsctl.model import RelayedAis, Schema, Truth
from gsctl.telemetry import (
    ConstructSchema,
    ax25_from,
    ax25_header,
    enumeration,
    present,
    satlab_frame,
    satlab_message,
    scaled,
    unix_time,
)

_MAGIC = b"gsctl demo"
_VERSION = 1
_MAX_RECORDS = 5
_HEADER = {"destination": "GSCTL", "source": "DEMO", "control": "03", "pid": "F0"}


def _head(kind: int) -> tuple[Any, ...]:
    """What both kinds begin with; building needs no values for it."""
    return (
        "ax25" / Default(ax25_header(), _HEADER),
        "_magic" / Const(_MAGIC),
        "layout_version" / Const(_VERSION, Int8ub),
        "_kind" / Const(kind, Int8ub),
        "frame_number" / Int16ub,
        "boot_count" / Int16ub,
    )


_TELEMETRY_LAYOUT = Struct(
    *_head(1),
    "uptime_s" / Int32ub,
    "on_board_time" / unix_time(Int32ub),
    "mode" / enumeration(Int8ub, safe=0, nominal=1, mission=2),
    "status"
    / BitStruct(
        "in_sunlight" / Flag, "payload_on" / Flag, "heater_on" / Flag, "_" / Const(0, BitsInteger(5))
    ),
    "battery_voltage_v" / scaled(Int16ub, 0.001),
    "battery_current_a" / scaled(Int16sb, 0.001),
    "bus_3v3_voltage_v" / scaled(Int16ub, 0.001),
    "bus_3v3_current_a" / scaled(Int16ub, 0.001),
    "bus_5v_voltage_v" / scaled(Int16ub, 0.001),
    "bus_5v_current_a" / scaled(Int16ub, 0.001),
    "solar_x_current_a" / scaled(Int16ub, 0.001),
    "solar_y_current_a" / scaled(Int16ub, 0.001),
    "solar_z_current_a" / scaled(Int16ub, 0.001),
    "battery_temperature_degc" / scaled(Int16sb, 0.1),
    "solar_panel_temperature_degc" / scaled(Int16sb, 0.1),
    "board_temperature_degc" / scaled(Int16sb, 0.1),
    "radio_temperature_degc" / scaled(Int16sb, 0.1),
    "frames_sent_count" / Int32ub,
    "commands_received_count" / Int16ub,
    "ais_messages_count" / Int32ub,
    "ais_vessels_count" / Int16ub,
    "roll_deg" / scaled(Int16sb, 0.01),
    "pitch_deg" / scaled(Int16sb, 0.01),
    "yaw_deg" / scaled(Int16sb, 0.01),
    "body_rate_x_deg_s" / scaled(Int16sb, 0.01),
    "body_rate_y_deg_s" / scaled(Int16sb, 0.01),
    "body_rate_z_deg_s" / scaled(Int16sb, 0.01),
    "magnetic_field_x_t" / scaled(Int16sb, 1e-8),
    "magnetic_field_y_t" / scaled(Int16sb, 1e-8),
    "magnetic_field_z_t" / scaled(Int16sb, 1e-8),
    Terminated,
)

_AIS_LAYOUT = Struct(
    *_head(2),
    "message_count" / Rebuild(Int8ub, lambda context: len(context["_records"])),
    Check(lambda context: context.message_count <= _MAX_RECORDS),
    "_records" / Array(lambda context: context.message_count, satlab_frame()),
    Terminated,
)


def _relayed_ais(values: Any) -> tuple[RelayedAis, ...]:
    return present(satlab_message(record) for record in values["_records"])


TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="gsctl-demo-telemetry",
        layout=_TELEMETRY_LAYOUT,
        when=ax25_from("DEMO", info_starts=_MAGIC + b"\x01\x01"),
    ),
    ConstructSchema(
        name="gsctl-demo-ais",
        layout=_AIS_LAYOUT,
        when=ax25_from("DEMO", info_starts=_MAGIC + b"\x01\x02"),
        relayed_ais=_relayed_ais,
    ),
)

SERVICES = ("gsctl demo profile",)

# fmt: off
TRUTH = (
    Truth(
        schema="gsctl-demo-telemetry",
        payload=bytes.fromhex(
            "8EA686A89840E0888A9A9E40406103F0"
            "677363746C2064656D6F010100070003000151BD6A335F3002C01EE8FF2A0CE5019C139400A7014B000C0076007CFF27"
            "00BD013B00011171002A0001E240032CFF830032464F0002FFF50023096DFBB20E74"
        ),
        origin="made up: built with this layout from these values",
        real=False,
        fields={
            "ax25_destination": "GSCTL", "ax25_source": "DEMO", "ax25_control": "03", "ax25_pid": "F0",
            "layout_version": 1, "frame_number": 7, "boot_count": 3, "uptime_s": 86461,
            "on_board_time": "2026-06-18T03:00:00.000000Z", "mode": "mission", "status_in_sunlight": True,
            "status_payload_on": True, "status_heater_on": False, "battery_voltage_v": 7.912,
            "battery_current_a": -0.214, "bus_3v3_voltage_v": 3.301, "bus_3v3_current_a": 0.412,
            "bus_5v_voltage_v": 5.012, "bus_5v_current_a": 0.167, "solar_x_current_a": 0.331,
            "solar_y_current_a": 0.012, "solar_z_current_a": 0.118, "battery_temperature_degc": 12.4,
            "solar_panel_temperature_degc": -21.7, "board_temperature_degc": 18.9,
            "radio_temperature_degc": 31.5, "frames_sent_count": 70001, "commands_received_count": 42,
            "ais_messages_count": 123456, "ais_vessels_count": 812, "roll_deg": -1.25, "pitch_deg": 0.5,
            "yaw_deg": 179.99, "body_rate_x_deg_s": 0.02, "body_rate_y_deg_s": -0.11,
            "body_rate_z_deg_s": 0.35, "magnetic_field_x_t": 2.413e-05, "magnetic_field_y_t": -1.102e-05,
            "magnetic_field_z_t": 3.7e-05,
        },
    ),
    Truth(
        schema="gsctl-demo-ais",
        # One record with an AIS message of type 1, MMSI 1, everything else "not available".
        payload=bytes.fromhex(
            "8EA686A89840E0888A9A9E40406103F0"
            "677363746C2064656D6F01020008000301000000056A335F308C00000003170400000007E03FF33C8D603412140E10FF"
            "F800000050D0000000"
        ),
        origin="made up: built with this layout",
        real=False,
        fields={
            "ax25_destination": "GSCTL", "ax25_source": "DEMO", "ax25_control": "03", "ax25_pid": "F0",
            "layout_version": 1, "frame_number": 8, "boot_count": 3, "message_count": 1,
        },
    ),
)
# fmt: on
