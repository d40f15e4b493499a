"""KAFASAT: satellite of the Korea Air Force Academy.

Who and when
    Launched 2023-11-11 18:49 UTC, released 20:09 UTC. Re-entered 2025-04-02.

Radio
    435.835 MHz     GMSK 1200, AX.25     frequency and modulation stated by the JE9PEL list; AX.25 from the
                                         frames received; whether scrambled is not stated
    2404.400 MHz    listed by JE9PEL without a modulation

Byte map (telecommand and header fields high byte first, telemetry low byte first)
    0    16     AX.25 header, KAFSAT-1 to KAFSAT-1, UI
    16   6      CCSDS space packet header: APID 2, secondary header, sequence count, length - 1
    22   3      PUS: 10, service 3, subtype 25 (housekeeping)
    25   u8     OBC mode: 2 normal, 6 safe
    26   u8     battery mode: 1 critical, 2 safe, 3 normal
    27   13     battery: u16 mV, s16 mA, s16 mA charging, u16 mA of the 5 V stack, 2 * s16 0.1 degC, u8 heater
    40   u32    ground watchdog, s
    44   24     array conditioning: 6 * u16 mV, then 6 * u16 mA
    68   36     power distribution: 9 * u16 mV, then 9 * u16 mA: camera, HRM 1, antenna, wheel, TRXVU,
                S-band, HRM 2, magnetorquer, ADCS
    104  5      deployment: u8 flags, 2 * u16 counts
    109  8      receiver and transmitter uptime, u32 s each
    117  54     ADCS state: 4 mode and flag bytes, 2 * u32 error words, 21 * s16 in raw steps
    171  36     ADCS measurements: 18 * s16 in raw steps
    207  6      time: u32 s, u16 fraction
    213  u16    boot count
    215         end

Sources
    layout and values   dernasherbrezon/jradio, kafasat (2023-11), whose expected values this agrees with
    satellite           https://db.satnogs.org/satellite/APQS-1800-5981-4551-3856 (2026-08-05)
    JE9PEL list         435.835/2404.400 1k2 GMSK, KAFSAT, re-entered (2026-08)

The units of mV, mA and 0.1 degC are inferred: they fit the readings (a battery of four cells at 15.8 V).
"""

from construct import (
    BitsInteger,
    BitStruct,
    Const,
    Int8ub,
    Int16sl,
    Int16ub,
    Int16ul,
    Int32ul,
    Struct,
    Terminated,
)

from gsctl.framing import Ax25
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, boolean, enumeration, scaled
from gsctl.waveform import Fsk

_MILLI = 0.001
_RAILS = ("camera", "hrm_1", "antenna", "wheel", "trxvu", "s_band", "hrm_2", "magnetorquer", "adcs")
_ADCS_STATE = (
    *("roll", "pitch", "yaw", "q1", "q2", "q3", "rate_x", "rate_y", "rate_z"),
    *("position_x", "position_y", "position_z", "velocity_x", "velocity_y", "velocity_z"),
    *("latitude", "longitude", "altitude", "ecef_x", "ecef_y", "ecef_z"),
)
_ADCS_SENSORS = ("magnetic", "css", "sun", "nadir", "rate", "wheel")

_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "packet"
    / BitStruct(
        "_version" / Const(0, BitsInteger(3)),
        "_type" / BitsInteger(1),
        "_secondary_header" / BitsInteger(1),
        "application_process_id" / BitsInteger(11),
        "_sequence_flags" / BitsInteger(2),
        "sequence_count" / BitsInteger(14),
    ),
    "_packet_length" / Int16ub,
    "_pus_version" / Int8ub,
    "service_type_code" / Int8ub,
    "service_subtype_code" / Int8ub,
    "obc_mode" / enumeration(Int8ub, normal=2, safe=6),
    "battery_mode" / enumeration(Int8ub, critical=1, safe=2, normal=3),
    "battery_voltage_v" / scaled(Int16ul, _MILLI),
    "battery_current_a" / scaled(Int16sl, _MILLI),
    "battery_charge_current_a" / scaled(Int16sl, _MILLI),
    "stack_5v_current_a" / scaled(Int16ul, _MILLI),
    "battery_1_temperature_degc" / scaled(Int16sl, 0.1),
    "battery_2_temperature_degc" / scaled(Int16sl, 0.1),
    "battery_heater_on" / boolean(Int8ub),
    "ground_watchdog_s" / Int32ul,
    *(f"array_{i}_voltage_v" / scaled(Int16ul, _MILLI) for i in range(6)),
    *(f"array_{i}_current_a" / scaled(Int16ul, _MILLI) for i in range(6)),
    *(f"{rail}_voltage_v" / scaled(Int16ul, _MILLI) for rail in _RAILS),
    *(f"{rail}_current_a" / scaled(Int16ul, _MILLI) for rail in _RAILS),
    "deployment_mask" / Int8ub,
    "hrm_1_deployment_count" / Int16ul,
    "hrm_2_deployment_count" / Int16ul,
    "receiver_uptime_s" / Int32ul,
    "transmitter_uptime_s" / Int32ul,
    "adcs_modes"
    / BitStruct(
        "estimation_raw" / BitsInteger(4),
        "control_raw" / BitsInteger(4),
        "run_raw" / BitsInteger(2),
        "asgp4_raw" / BitsInteger(2),
        "enabled_mask" / BitsInteger(4),
    ),
    "adcs_enabled_mask" / Int8ub,
    "adcs_error_1_mask" / Int8ub,
    "adcs_error_2_mask" / Int32ul,
    "adcs_error_3_mask" / Int32ul,
    *(f"adcs_{name}_raw" / Int16sl for name in _ADCS_STATE),
    *(f"adcs_{name}_sensor_{axis}_raw" / Int16sl for name in _ADCS_SENSORS for axis in "xyz"),
    "adcs_clock_s" / Int32ul,
    "adcs_clock_fraction_raw" / Int16ul,
    "boot_count" / Int16ul,
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="kafasat-housekeeping",
        layout=_LAYOUT,
        when=ax25_from("KAFSAT", info_bytes=199, info_starts=b"\x08\x02"),
    ),
)

SATELLITES = (
    Satellite(
        name="KAFASAT",
        norad_id=58317,
        aliases=("Korea Air Force Academy Satellite",),
        callsigns=("KAFSAT",),
        status="re-entered",
        decayed_on="2025-04-02",
        summary="satellite of the Korea Air Force Academy; 435.835 MHz GMSK 1200 AX.25",
        transmitters=(
            Transmitter(
                label="435.835 MHz GMSK 1200",
                frequency_hz=435_835_000.0,
                waveform=Fsk(symbol_rate_bd=1200.0),
                framing=Ax25(g3ruh=True),
                schema="kafasat-housekeeping",
                framing_confidence=Confidence.ASSUMED,
                note="AX.25 from the frames received; that they are scrambled is assumed",
            ),
            Transmitter(
                label="2404.400 MHz", frequency_hz=2_404_400_000.0, note="listed without a modulation"
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/APQS-1800-5981-4551-3856",
                date="2026-08-05",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, kafasat", url="https://github.com/dernasherbrezon/jradio", date="2023-11"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="kafasat-housekeeping",
        payload=bytes.fromhex(
            "96828CA682A8E296828CA682A86303F0"
            "0802C0FF00BE1003190203883D3BFFFEFF1901B200B200003F890100EB00EA00F80007010701070107000D0009000F00"
            "0E000E0000000000000000004A1F000000000000310D03000600030003001A000400040004002E00AF00000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000DE"
            "3F655C2A000100"
        ),
        origin="dernasherbrezon/jradio, KafasatBeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "KAFSAT-1", "ax25_destination": "KAFSAT-1", "packet_application_process_id": 2,
            "packet_sequence_count": 255, "service_type_code": 3, "service_subtype_code": 25,
            "obc_mode": "normal", "battery_mode": "normal", "battery_voltage_v": 15.752,
            "battery_current_a": -0.197, "battery_charge_current_a": -0.002, "stack_5v_current_a": 0.281,
            "battery_1_temperature_degc": 17.8, "battery_2_temperature_degc": 17.8,
            "battery_heater_on": False, "ground_watchdog_s": 100671, "array_0_voltage_v": 0.235,
            "array_1_voltage_v": 0.234, "array_2_voltage_v": 0.248, "array_3_voltage_v": 0.263,
            "array_4_voltage_v": 0.263, "array_5_voltage_v": 0.263, "array_0_current_a": 0.007,
            "array_1_current_a": 0.013, "array_2_current_a": 0.009, "array_3_current_a": 0.015,
            "array_4_current_a": 0.014, "array_5_current_a": 0.014, "camera_voltage_v": 0.0,
            "hrm_1_voltage_v": 0.0, "antenna_voltage_v": 0.0, "wheel_voltage_v": 0.0,
            "trxvu_voltage_v": 8.01, "s_band_voltage_v": 0.0, "hrm_2_voltage_v": 0.0,
            "magnetorquer_voltage_v": 0.0, "adcs_voltage_v": 3.377, "camera_current_a": 0.003,
            "hrm_1_current_a": 0.006, "antenna_current_a": 0.003, "wheel_current_a": 0.003,
            "trxvu_current_a": 0.026, "s_band_current_a": 0.004, "hrm_2_current_a": 0.004,
            "magnetorquer_current_a": 0.004, "adcs_current_a": 0.046, "hrm_1_deployment_count": 0,
            "receiver_uptime_s": 0, "adcs_modes_estimation_raw": 0, "adcs_roll_raw": 0,
            "adcs_wheel_sensor_z_raw": 0, "adcs_clock_s": 1550139358, "adcs_clock_fraction_raw": 42,
            "boot_count": 1,
        },
    ),
)
# fmt: on
