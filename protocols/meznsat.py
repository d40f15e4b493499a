"""MeznSat (A68MZ): the UAE's 3U that watches greenhouse gases.

Who and when
    In orbit as NORAD 46489; re-entered 2025-05-02.

Radio
    436.600 MHz    BPSK 9600 (1200 to 9600)    stated by the JE9PEL list; AX.25 from the frames received; that
                                               they are scrambled is assumed

Byte map (low byte first)
    0    16     AX.25 header, A68MZ to A68MI, UI
    16   7      "MEZNSAT"
    23   u8     mode: 1 initial checkout, 2 normal, 3 ground contact, 4 payload, 5 safe
    24   5*u8   day of month, day of week, hour, minute, second
    29   u32    resets of the computer
    33   s16    temperature of the computer, degC
    35   u16    battery voltage, mV
    37   u16    system current, mA
    39   3*s16  temperatures of the battery and of the outer batteries 1, 2, degC
    45   u16    reboots of the EPS
    47   2*u16  receiver and transmitter current, 0.16643964 mA
    51   s16    temperature of the amplifier, 195.6037 - 0.07669 degC a step
    53   u16    amplifier current, 0.16643964 mA
    55   u8     ADCS run mode
    56   3*s16  estimated rates x, y, z, 0.01 deg/s
    62   3*u16  estimated quaternion, raw
    68   s16    temperature of the antenna, 190.65 - 0.2922 degC a step
    70   6*s32  temperatures of the sides z-, z+, y-, y+, x-, x+, 1/1024 degC
    94          end

Sources
    layout and values   dernasherbrezon/jradio, meznsat, whose expected values this agrees with
    satellite           https://db.satnogs.org/satellite/HXPT-8292-6749-4283-2496 (2025-06-17)
    JE9PEL list         436.600 1k2-9k6 BPSK, A68MZ, re-entered (2026-08)
"""

from construct import Const, Int8ub, Int16sl, Int16ul, Int32sl, Int32ul, Struct, Terminated

from gsctl.framing import Ax25
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, enumeration, scaled
from gsctl.waveform import Bpsk

_RADIO_STEP_A = 0.16643964e-3
_NAME = b"MEZNSAT"

_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "_name" / Const(_NAME),
    "mode" / enumeration(Int8ub, initial_checkout=1, normal=2, ground_contact=3, payload=4, safe=5),
    "day_of_month_number" / Int8ub,
    "day_of_week_number" / Int8ub,
    "hour_number" / Int8ub,
    "minute_number" / Int8ub,
    "second_number" / Int8ub,
    "obc_reset_count" / Int32ul,
    "obc_temperature_degc" / Int16sl,
    "battery_voltage_v" / scaled(Int16ul, 0.001),
    "system_current_a" / scaled(Int16ul, 0.001),
    "battery_temperature_degc" / Int16sl,
    "outer_battery_1_temperature_degc" / Int16sl,
    "outer_battery_2_temperature_degc" / Int16sl,
    "eps_reboot_count" / Int16ul,
    "receiver_current_a" / scaled(Int16ul, _RADIO_STEP_A),
    "transmitter_current_a" / scaled(Int16ul, _RADIO_STEP_A),
    "amplifier_temperature_degc" / scaled(Int16sl, -0.07669, 195.6037),
    "amplifier_current_a" / scaled(Int16ul, _RADIO_STEP_A),
    "adcs_run_mode_code" / Int8ub,
    *(f"estimated_rate_{axis}_deg_s" / scaled(Int16sl, 0.01) for axis in "xyz"),
    *(f"estimated_q{i}_raw" / Int16ul for i in (1, 2, 3)),
    "antenna_temperature_degc" / scaled(Int16sl, -0.2922, 190.65),
    *(
        f"side_{side}_temperature_degc" / scaled(Int32sl, 1 / 1024)
        for side in ("zm", "zp", "ym", "yp", "xm", "xp")
    ),
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="meznsat-beacon",
        layout=_LAYOUT,
        when=ax25_from("A68MZ", info_bytes=78, info_starts=_NAME),
    ),
)

SATELLITES = (
    Satellite(
        name="MeznSat",
        norad_id=46489,
        callsigns=("A68MZ",),
        status="re-entered",
        decayed_on="2025-05-02",
        summary="3U of the UAE; 436.600 MHz BPSK 9600 AX.25",
        transmitters=(
            Transmitter(
                label="436.600 MHz BPSK 9600",
                frequency_hz=436_600_000.0,
                waveform=Bpsk(symbol_rate_bd=9600.0),
                framing=Ax25(g3ruh=True),
                schema="meznsat-beacon",
                framing_confidence=Confidence.ASSUMED,
                note="1200 Bd listed too; AX.25 from the frames received, the scrambling is assumed",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/HXPT-8292-6749-4283-2496",
                date="2025-06-17",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, meznsat", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="meznsat-beacon",
        payload=bytes.fromhex(
            "826C709A9240E0826C709AB4406103F0"
            "4D455A4E534154031601091A086500000016008A4036011400060006002D00610206047C076B0A016300CEFF75FF0000"
            "000000005E02A3500000642B0000AD230000CE440000C7570000CB250000"
        ),
        origin="dernasherbrezon/jradio, MeznsatBeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "A68MZ", "ax25_destination": "A68MI", "mode": "ground_contact",
            "day_of_month_number": 22, "day_of_week_number": 1, "hour_number": 9, "minute_number": 26,
            "second_number": 8, "obc_reset_count": 101, "obc_temperature_degc": 22,
            "battery_voltage_v": 16.522, "system_current_a": 0.31, "battery_temperature_degc": 20,
            "outer_battery_1_temperature_degc": 6, "outer_battery_2_temperature_degc": 6,
            "eps_reboot_count": 45, "receiver_current_a": 0.1013617, "transmitter_current_a": 0.1714328,
            "amplifier_temperature_degc": 48.66566, "amplifier_current_a": 0.4438945,
            "adcs_run_mode_code": 1, "estimated_rate_x_deg_s": 0.99, "estimated_rate_y_deg_s": -0.5,
            "estimated_rate_z_deg_s": -1.39, "estimated_q1_raw": 0, "antenna_temperature_degc": 13.5768,
            "side_zm_temperature_degc": 20.15918, "side_zp_temperature_degc": 10.84766,
            "side_ym_temperature_degc": 8.918945, "side_yp_temperature_degc": 17.20117,
            "side_xm_temperature_degc": 21.94434, "side_xp_temperature_degc": 9.448242,
        },
    ),
)
# fmt: on
