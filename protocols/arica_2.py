"""ARICA-2 (JS1YSD): Aoyama Gakuin's second satellite for prompt alerts of gamma-ray bursts.

Who and when
    Aoyama Gakuin University. Launched 2026-04-23 03:09 UTC; NORAD 68796 (SatNOGS temporary 98329). Active
    (JE9PEL, SatNOGS, 2026-08).

Radio (IARU coordinated, serial 960)
    436.830 MHz    Morse, 20 words a minute: ``CQ CQ DE JS1YSD ARICA2``, then CW1, CW2, CW3
    436.830 MHz    GMSK 4800, AX.25, NRZI, scrambled; that the scrambler is G3RUH's is assumed
    About 10 s transmitting, then 25 s receiving.

Byte map (the beacon's hex digits as bits, the highest first; SatNOGS puts ``arica-2`` and one byte before
them)
    CW1, 8 bytes
        0-3 command id; 4 set-up completed; 5 antenna deployed; 6-10 subcores 1 to 5 of Spresense 1; 11-14
        subcores 1, 2, 3, 5 of Spresense 2; 15-19 errors of EPS, SBD, STX-3, UHF, Spresense 2; 20 infrared
        sensor 1 asleep; 21 infrared sensor 2 on; 22 converter ready; 23 motor driver on; 24 IMU on; 25-28
        changes to power saving; 29-31 reboots of Spresense 1; 32-34 of Spresense 2; 35 speaks to the other;
        36-50 angular velocity x, y, z, 5 bits each in a code that is published as a picture only; 51, 52
        infrared sensors 2 and 1 see the Earth; 53-54 not used; 55-57 attitude controls; 58-60 mode of
        Spresense 1; 61-63 of Spresense 2
    CW2, 6 bytes
        0-3 not used; 4 thumbnail, 5 picture in preparation; 6 GPS updated; 7-11 hour, 12-17 minute, 18-23
        second; 24 sign (1 is north), 25-31 latitude; 32 sign (1 is east), 33-40 longitude, whole degrees;
        41-47 altitude, scale not public
    CW3, 7 bytes
        0-8 temperature of the battery board, (2 v + 0.5) 0.3976 - 238.57 degC; 9 heater; 10 power flow;
        11-18 power of IMU 2, IMU 1, STX-3, Spresense 2, Spresense 1, gamma-ray detector, SBD, wire cutter;
        19-22 last command by SBD; 23-31 temperature of the UHF radio, (1.0331 - v 5.04 / 1023) / 0.0056
        degC; 32-35 uplinks; 36-44 received level, v 5.04 / 1023 V; 45-47 not used; 48-55 battery voltage,
        0.008978 v + 6.1 V
    The GMSK packets are AX.25 with text.

Sources
    team                https://sakamotolab.phys.aoyama.ac.jp/research/future_space/ARICA-2_en/cw_beacon
    layout              satnogs-decoders, arica2, after that page
    transmitters        SatNOGS DB GGSckbx3jzGCzyLs6AjBTq, hTkJ3oYhNwwkUuCG4UrwwG (2026-04-22)
    IARU                https://iaru.amsat-uk.org/finished_detail.php?serialnum=960
    JE9PEL list         436.830 4k8_GMSK CW, active (2026-08)
"""

import re
from typing import Any

from construct import BitsInteger, BitStruct, Computed, ExprAdapter, Flag, GreedyBytes, Padding, Struct

from gsctl.framing import Ax25, Text
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, converted, scaled
from gsctl.waveform import Fsk, Morse

_PREFIX = b"arica-2"
_ADC_STEP_V = 5.04 / 1023


def _signed(name: str) -> Any:
    return Computed(lambda context: context[f"_{name}"] * (1 if context[f"_{name}_positive"] else -1))


def _clock(context: Any) -> str | None:
    hour, minute, second = context["_hour"], context["_minute"], context["_second"]
    return f"{hour:02}:{minute:02}:{second:02}" if hour < 24 and minute < 60 and second < 60 else None


_CW1 = BitStruct(
    "command_id" / BitsInteger(4),
    "setup_completed" / Flag,
    "antenna_deployed" / Flag,
    *(f"spresense_1_subcore_{i}_on" / Flag for i in range(1, 6)),
    *(f"spresense_2_subcore_{i}_on" / Flag for i in (1, 2, 3, 5)),
    *(f"{device}_error" / Flag for device in ("eps", "sbd", "stx_3", "uhf", "spresense_2")),
    "infrared_1_asleep" / Flag,
    "infrared_2_on" / Flag,
    "converter_ready" / Flag,
    "motor_driver_on" / Flag,
    "imu_on" / Flag,
    "power_saving_count" / BitsInteger(4),
    "spresense_1_reboot_count" / BitsInteger(3),
    "spresense_2_reboot_count" / BitsInteger(3),
    "speaks_to_other_spresense" / Flag,
    *(f"angular_velocity_{axis}_code" / BitsInteger(5) for axis in "xyz"),
    "infrared_2_sees_earth" / Flag,
    "infrared_1_sees_earth" / Flag,
    Padding(2),
    "attitude_control_count" / BitsInteger(3),
    "spresense_1_mode_code" / BitsInteger(3),
    "spresense_2_mode_code" / BitsInteger(3),
)
_CW2 = BitStruct(
    Padding(4),
    "thumbnail_preparation" / Flag,
    "picture_preparation" / Flag,
    "gps_updated" / Flag,
    "_hour" / BitsInteger(5),
    "_minute" / BitsInteger(6),
    "_second" / BitsInteger(6),
    "gps_time_of_day" / Computed(_clock),
    "_latitude_positive" / Flag,
    "_latitude" / BitsInteger(7),
    "latitude_deg" / _signed("latitude"),
    "_longitude_positive" / Flag,
    "_longitude" / BitsInteger(8),
    "longitude_deg" / _signed("longitude"),
    "altitude_raw" / BitsInteger(7),
)
_CW3 = BitStruct(
    "battery_board_temperature_degc" / scaled(BitsInteger(9), 2 * 0.3976, 0.3976 / 2 - 238.57),
    "battery_heater_on" / Flag,
    "power_flow" / Flag,
    *(
        f"{device}_on" / Flag
        for device in ("imu_2", "imu_1", "stx_3", "spresense_2", "spresense_1", "detector", "sbd", "cutter")
    ),
    "last_sbd_command_id" / BitsInteger(4),
    "uhf_temperature_degc" / converted(BitsInteger(9), lambda v: (1.0331 - v * _ADC_STEP_V) / 0.0056),
    "uplink_count" / BitsInteger(4),
    "received_level_v" / scaled(BitsInteger(9), _ADC_STEP_V),
    Padding(3),
    "battery_voltage_v" / scaled(BitsInteger(8), 0.008978, 6.1),
)


def _bytes_of(payload: bytes, size: int) -> bytes | None:
    """The beacon's bytes in a text that was heard or in a SatNOGS transcription; None if there are none."""
    if len(payload) == len(_PREFIX) + 1 + size and payload.lower().startswith(_PREFIX):
        return payload[-size:]
    digits = rb"(?<![0-9A-Za-z])([0-9A-Fa-f]{%d})(?![0-9A-Za-z])" % (2 * size)
    found = re.search(digits, payload[:256])
    return bytes.fromhex(found[1].decode("ascii")) if found else None


def _beacon(number: int, line: Any) -> ConstructSchema:
    size = line.sizeof()

    def decode(raw: bytes, _context: object) -> Any:
        return line.parse(_bytes_of(raw, size) or b"")

    def encode(_value: object, _context: object) -> bytes:
        raise NotImplementedError("a Morse beacon cannot be built")

    return ConstructSchema(
        name=f"arica-2-beacon-{number}",
        layout=Struct("*line" / ExprAdapter(GreedyBytes, decode, encode)),
        when=lambda payload: _bytes_of(payload, size) is not None,
        names_sender=False,
    )


TELEMETRY: tuple[Schema, ...] = (_beacon(1, _CW1), _beacon(2, _CW2), _beacon(3, _CW3))

SATELLITES = (
    Satellite(
        name="ARICA-2",
        norad_id=68796,
        temporary_norad_ids=(98329,),
        callsigns=("JS1YSD",),
        status="active",
        summary="Aoyama Gakuin University, gamma-ray-burst alerts; 436.830 MHz Morse and GMSK 4800",
        transmitters=(
            Transmitter(
                label="436.830 MHz CW",
                frequency_hz=436_830_000.0,
                waveform=Morse(speed_wpm=20.0),
                framing=Text(),
                schema="arica-2-beacon-1",
                note="beacon lines CW1, CW2, CW3",
            ),
            Transmitter(
                label="436.830 MHz GMSK 4800",
                frequency_hz=436_830_000.0,
                waveform=Fsk(symbol_rate_bd=4800.0),
                framing=Ax25(g3ruh=True),
                framing_confidence=Confidence.INFERRED,
                note="AX.25 and scrambling stated; that the scrambler is G3RUH's is assumed",
            ),
        ),
        sources=(
            Source(
                title="Sakamoto laboratory: ARICA-2, CW beacon",
                url="https://sakamotolab.phys.aoyama.ac.jp/research/future_space/ARICA-2_en/cw_beacon",
            ),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/IFKU-9201-2588-0809-6295",
                date="2026-08-05",
            ),
            Source(
                title="IARU coordination, serial 960",
                url="https://iaru.amsat-uk.org/finished_detail.php?serialnum=960",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
        ),
    ),
)

# No received text with known values was found: these are made up, their values worked out by hand.
TRUTH = (
    Truth(
        schema="arica-2-beacon-1",
        # 0101 1 1 11000 1000 00010 0 1 1 0 1 0011 010 001 1 00001 00010 00011 0 1 00 010 001 011
        payload=b"CW1 5F10269A3088688B",
        origin="made up",
        real=False,
        fields={
            "command_id": 5,
            "setup_completed": True,
            "antenna_deployed": True,
            "spresense_1_subcore_1_on": True,
            "spresense_1_subcore_3_on": False,
            "spresense_2_subcore_1_on": True,
            "spresense_2_subcore_2_on": False,
            "uhf_error": True,
            "spresense_2_error": False,
            "infrared_1_asleep": False,
            "infrared_2_on": True,
            "converter_ready": True,
            "motor_driver_on": False,
            "imu_on": True,
            "power_saving_count": 3,
            "spresense_1_reboot_count": 2,
            "spresense_2_reboot_count": 1,
            "speaks_to_other_spresense": True,
            "angular_velocity_x_code": 1,
            "angular_velocity_y_code": 2,
            "angular_velocity_z_code": 3,
            "infrared_2_sees_earth": False,
            "infrared_1_sees_earth": True,
            "attitude_control_count": 2,
            "spresense_1_mode_code": 1,
            "spresense_2_mode_code": 3,
        },
    ),
    Truth(
        schema="arica-2-beacon-2",
        # 0000 0 0 1 01101 011110 101101 1 0100011 1 10001100 0101010
        payload=bytes.fromhex("61726963612D32 02 02D7ADA3C62A"),
        origin="made up, in the form of a SatNOGS transcription",
        real=False,
        fields={
            "gps_updated": True,
            "gps_time_of_day": "13:30:45",
            "latitude_deg": 35,
            "longitude_deg": 140,
            "altitude_raw": 42,
        },
    ),
    Truth(
        schema="arica-2-beacon-3",
        # 101001000 0 1 00100101 0011 010111011 0001 000110010 000 11001000
        payload=b"A424A6BB1190C8",
        origin="made up",
        real=False,
        fields={
            "battery_board_temperature_degc": 22.4544,
            "battery_heater_on": False,
            "power_flow": True,
            "imu_2_on": False,
            "stx_3_on": True,
            "detector_on": True,
            "cutter_on": True,
            "last_sbd_command_id": 3,
            "uhf_temperature_degc": 19.966014,
            "uplink_count": 1,
            "received_level_v": 0.2463343,
            "battery_voltage_v": 7.8956,
        },
    ),
)
