"""TAUSAT-1 (TAU-SAT1): Tel Aviv University's 3U.

Who and when
    Tel Aviv University. In orbit as NORAD 47926 (1998-067SC); re-entered 2022-05-05.

Radio
    436.400 MHz    BPSK 9600, Morse    stated by the JE9PEL list; AX.25 from the frames received; that they
                                       are scrambled is assumed

Byte map (high byte first)
    0    16     AX.25 header, TAUSAT-1 to TAUGS, UI
    16   u8     command type, 3 is housekeeping
    17   u8     command subtype, 25
    18   u16    length of the rest after the time
    20   u32    time on board, UNIX s
    24   u16    battery voltage, mV
    26   u16    battery current, mA
    28   u16    3.3 V current, mA
    30   u16    5 V current, mA
    32   u16    temperature of the local oscillator, 195.6037 degC - 0.07669 a step
    34   u16    temperature of the power amplifier, the same
    36   4*s16  temperatures of the EPS, degC
    44   2*s16  temperatures of the battery, degC
    48   u16    received carrier offset, 13.352 Hz a step from -22300 Hz
    50   u16    received signal strength, 0.03 dB a step from -152 dBm
    52   2*u16  reflected and forward power of the transmitter: square times 5.887e-5 mW
    56   6      not explained
    62   s8     last error of the file system
    63   1      not explained
    64   u8     number of delayed commands
    65   u32    number of resets
    69   u32    time of the last reset, UNIX s
    73   u8     state
    74          end

Sources
    layout and values   dernasherbrezon/jradio, tausat, whose expected values this agrees with, but for the
                        EPS temperatures, which it takes as unsigned (65535 for -1)
    satellite           https://db.satnogs.org/satellite/XTLW-5364-9797-7013-2656 (2026-08-05)
    JE9PEL list         436.400 9k6 BPSK CW, TAUSAT, re-entered (2026-08)

The radio is an ISIS TRXVU by its formulas; the unit of power (mW) and of the currents (mA) is inferred.
"""

from typing import Any

from construct import Int8sb, Int8ub, Int16sb, Int16ub, Int32ub, Struct, Terminated

from gsctl.framing import Ax25, Text
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, converted, hexadecimal, scaled, unix_time
from gsctl.waveform import Bpsk, Morse


def _radio_temperature() -> Any:
    return scaled(Int16ub, -0.07669, 195.6037)


def _radio_power() -> Any:
    return converted(Int16ub, lambda raw: raw * raw * 5.887e-8)


_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "command_type_code" / Int8ub,
    "command_subtype_code" / Int8ub,
    "length_bytes" / Int16ub,
    "on_board_time" / unix_time(Int32ub),
    "battery_voltage_v" / scaled(Int16ub, 0.001),
    "battery_current_a" / scaled(Int16ub, 0.001),
    "bus_3v3_current_a" / scaled(Int16ub, 0.001),
    "bus_5v_current_a" / scaled(Int16ub, 0.001),
    "oscillator_temperature_degc" / _radio_temperature(),
    "amplifier_temperature_degc" / _radio_temperature(),
    *(f"eps_{i}_temperature_degc" / Int16sb for i in range(4)),
    *(f"battery_{i}_temperature_degc" / Int16sb for i in range(2)),
    "receiver_carrier_offset_hz" / scaled(Int16ub, 13.352, -22300.0),
    "receiver_rssi_dbm" / scaled(Int16ub, 0.03, -152.0),
    "transmitter_reflected_power_w" / _radio_power(),
    "transmitter_forward_power_w" / _radio_power(),
    "_unexplained_1" / hexadecimal(6),
    "file_system_error_code" / Int8sb,
    "_unexplained_2" / hexadecimal(1),
    "delayed_command_count" / Int8ub,
    "reset_count" / Int32ub,
    "last_reset_time" / unix_time(Int32ub),
    "state_raw" / Int8ub,
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="tausat-1-housekeeping",
        layout=_LAYOUT,
        when=ax25_from("TAUSAT", info_bytes=58, info_starts=b"\x03\x19"),
    ),
)

SATELLITES = (
    Satellite(
        name="TAUSAT-1",
        norad_id=47926,
        cospar_id="1998-067SC",
        callsigns=("TAUSAT",),
        status="re-entered",
        decayed_on="2022-05-05",
        summary="3U of Tel Aviv University; 436.400 MHz BPSK 9600 AX.25",
        transmitters=(
            Transmitter(
                label="436.400 MHz BPSK 9600",
                frequency_hz=436_400_000.0,
                waveform=Bpsk(symbol_rate_bd=9600.0),
                framing=Ax25(g3ruh=True),
                schema="tausat-1-housekeeping",
                framing_confidence=Confidence.ASSUMED,
                note="AX.25 from the frames received; that they are scrambled is assumed",
            ),
            Transmitter(
                label="436.400 MHz CW",
                frequency_hz=436_400_000.0,
                waveform=Morse(),
                framing=Text(),
                note="speed and format not public",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/XTLW-5364-9797-7013-2656",
                date="2026-08-05",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, tausat", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="tausat-1-housekeeping",
        payload=bytes.fromhex(
            "A882AA8EA640E0A882AAA682A86303F0"
            "031900326097558C20450164004F01170A3D0A3500000000FFFFFFFE00020002082C05B6004E00540000000000000003"
            "00000000046094CAE070"
        ),
        origin="dernasherbrezon/jradio, Tausat1BeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "TAUSAT-1", "ax25_destination": "TAUGS", "command_type_code": 3,
            "command_subtype_code": 25, "length_bytes": 50, "on_board_time": "2021-05-09T03:22:52.000000Z",
            "battery_voltage_v": 8.261, "battery_current_a": 0.356, "bus_3v3_current_a": 0.079,
            "bus_5v_current_a": 0.279, "oscillator_temperature_degc": -5.40079,
            "amplifier_temperature_degc": -4.78727, "eps_0_temperature_degc": 0,
            "eps_1_temperature_degc": 0, "eps_2_temperature_degc": -1, "eps_3_temperature_degc": -2,
            "battery_0_temperature_degc": 2, "battery_1_temperature_degc": 2,
            "receiver_carrier_offset_hz": 5632.385, "receiver_rssi_dbm": -108.14,
            "file_system_error_code": 0, "delayed_command_count": 0, "reset_count": 4,
            "last_reset_time": "2021-05-07T05:06:40.000000Z", "state_raw": 112,
            "transmitter_reflected_power_w": 0.0003581651, "transmitter_forward_power_w": 0.0004153867,
        },
    ),
)
# fmt: on
