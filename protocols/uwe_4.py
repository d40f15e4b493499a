"""UWE-4 (DP0UWH): Wuerzburg's 1U with electric propulsion.

Who and when
    University of Wuerzburg. Launched 2018-12-27. Alive (SatNOGS, JE9PEL 2026-08).

Radio
    435.600 MHz             FSK 9600, AX.25    frequency and modulation stated (SatNOGS, JE9PEL); AX.25 from
                                               the frames received; that they are scrambled is assumed
    437.375, 437.385 MHz    listed by JE9PEL, the first as uplink too

Byte map (low byte first; housekeeping beacon, 74 bytes)
    0    16     AX.25 header, DP0UWH to DD0UWE, UI
    16   2      Compass header: flags, kept as hex
    18   u16    packet id
    20   4      source system and subsystem, target system and subsystem
    24   u8     API number
    25   u8     length of what follows without the check, 46
    26   u8     command
    27   u16    id of the variable
    29   u16    type and length of the variable
    31   48 b   time on board, ms since 1970
    37   u32    beacon rate, raw
    41   u16    bit mask of the housekeeping
    43   u32    uptime, s
    47   u8     bit 6 PPU 2, 5 PPU 1, 4 AOCS, 3 radio 2 active, 2 power path B disabled, 1 power path A
                disabled, 0 controller B active
    48   u8     bits 7-6 OBC mode; 5 panel x-, 4 x+, 3 y-, 2 y+, 1 z-, 0 z+
    49   s8     battery A: temperature, degC; 50 s8 state of charge, %; 51, 52 the same of battery B
    53   4*s16  battery A current, mA, and voltage, mV; battery B current, voltage
    61   s16    total power consumption, mW
    63   s8     temperature, degC, of the OBC; 64 to 69 of panels x+, x-, y+, y-, z+, z-
    70   u16    frequency, raw
    72   2      check, not verified
    74          end

Sources
    layout and values   dernasherbrezon/jradio, uwe4, whose expected values this agrees with
    satellite           https://db.satnogs.org/satellite/WDIT-2736-3800-1720-7555 (2026-08-05)
    JE9PEL list         435.600/437.375/437.385 9k6 FSK, active (2026-08)

The units of mA, mV, mW, % and degC are inferred: they fit the readings (two cells at 4.2 V).
"""

from construct import (
    BitsInteger,
    BitStruct,
    BytesInteger,
    Flag,
    Int8sb,
    Int8ub,
    Int16sl,
    Int16ul,
    Int32ul,
    Padding,
    Struct,
    Terminated,
)

from gsctl.framing import Ax25
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, hexadecimal, scaled, unix_time
from gsctl.waveform import Fsk

_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "_compass_flags" / hexadecimal(2),
    "compass_packet_id" / Int16ul,
    "source_system_id" / Int8ub,
    "source_subsystem_id" / Int8ub,
    "target_system_id" / Int8ub,
    "target_subsystem_id" / Int8ub,
    "api_number" / Int8ub,
    "content_length_bytes" / Int8ub,
    "command_code" / Int8ub,
    "variable_id" / Int16ul,
    "variable_type_and_length_raw" / Int16ul,
    "on_board_time" / unix_time(BytesInteger(6, swapped=True), ticks_per_s=1000),
    "beacon_rate_raw" / Int32ul,
    "housekeeping_mask" / Int16ul,
    "uptime_s" / Int32ul,
    "*state"
    / BitStruct(
        Padding(1),
        "ppu_2_on" / Flag,
        "ppu_1_on" / Flag,
        "aocs_on" / Flag,
        "radio_2_active" / Flag,
        "power_path_b_disabled" / Flag,
        "power_path_a_disabled" / Flag,
        "controller_b_active" / Flag,
    ),
    "*panels"
    / BitStruct(
        "obc_mode_raw" / BitsInteger(2),
        *(f"panel_{axis}_on" / Flag for axis in ("xm", "xp", "ym", "yp", "zm", "zp")),
    ),
    "battery_a_temperature_degc" / Int8sb,
    "battery_a_charge_percent" / Int8sb,
    "battery_b_temperature_degc" / Int8sb,
    "battery_b_charge_percent" / Int8sb,
    "battery_a_current_a" / scaled(Int16sl, 0.001),
    "battery_a_voltage_v" / scaled(Int16sl, 0.001),
    "battery_b_current_a" / scaled(Int16sl, 0.001),
    "battery_b_voltage_v" / scaled(Int16sl, 0.001),
    "consumption_w" / scaled(Int16sl, 0.001),
    "obc_temperature_degc" / Int8sb,
    *(f"panel_{axis}_temperature_degc" / Int8sb for axis in ("xp", "xm", "yp", "ym", "zp", "zm")),
    "frequency_raw" / Int16ul,
    "_check" / hexadecimal(2),
    Terminated,
)

_from_satellite = ax25_from("DP0UWH", info_bytes=58)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="uwe-4-housekeeping",
        layout=_LAYOUT,
        # API 14 with 46 bytes behind the Compass header is the housekeeping beacon.
        when=lambda payload: _from_satellite(payload) and payload[24:26] == b"\x0e\x2e",
    ),
)

SATELLITES = (
    Satellite(
        name="UWE-4",
        norad_id=43880,
        callsigns=("DP0UWH",),
        status="alive",
        summary="1U of the University of Wuerzburg, electric propulsion; 435.600 MHz FSK 9600 AX.25",
        transmitters=(
            Transmitter(
                label="435.600 MHz FSK 9600",
                frequency_hz=435_600_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                framing=Ax25(g3ruh=True),
                schema="uwe-4-housekeeping",
                framing_confidence=Confidence.ASSUMED,
                note="AX.25 from the frames received; that they are scrambled is assumed",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/WDIT-2736-3800-1720-7555",
                date="2026-08-05",
            ),
            Source(
                title="University of Wuerzburg: UWE-4",
                url="https://www.informatik.uni-wuerzburg.de/space/forschung/space-exploration/projects/uwe-4/",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, uwe4", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="uwe-4-housekeeping",
        payload=bytes.fromhex(
            "888860AAAE8A6088A060AAAE90E103F0"
            "258214BC020101000E2E1F0005AF23FF73C779720100F00000031F08304D005D40065F075BA100701060004C10140511"
            "080E0D0F0F1D108BCDFF"
        ),
        origin="dernasherbrezon/jradio, Uwe4BeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "DP0UWH", "ax25_destination": "DD0UWE", "compass_packet_id": 48148,
            "source_system_id": 2, "source_subsystem_id": 1, "target_system_id": 1,
            "target_subsystem_id": 0, "api_number": 14, "content_length_bytes": 46, "command_code": 31,
            "variable_id": 1280, "variable_type_and_length_raw": 9135,
            "on_board_time": "2020-06-03T10:43:34.015000Z", "beacon_rate_raw": 61440,
            "housekeeping_mask": 7939, "uptime_s": 5058568, "ppu_2_on": True, "ppu_1_on": False,
            "aocs_on": True, "radio_2_active": True, "power_path_b_disabled": True,
            "power_path_a_disabled": False, "controller_b_active": True, "obc_mode_raw": 1,
            "panel_xm_on": False, "panel_xp_on": False, "panel_ym_on": False, "panel_yp_on": False,
            "panel_zm_on": False, "panel_zp_on": False, "battery_a_temperature_degc": 6,
            "battery_a_charge_percent": 95, "battery_a_current_a": 0.161, "battery_a_voltage_v": 4.208,
            "battery_b_temperature_degc": 7, "battery_b_charge_percent": 91, "battery_b_current_a": 0.096,
            "battery_b_voltage_v": 4.172, "consumption_w": 1.3, "obc_temperature_degc": 17,
            "panel_xp_temperature_degc": 8, "panel_xm_temperature_degc": 14,
            "panel_yp_temperature_degc": 13, "panel_ym_temperature_degc": 15,
            "panel_zp_temperature_degc": 15, "panel_zm_temperature_degc": 29, "frequency_raw": 35600,
        },
    ),
)
# fmt: on
