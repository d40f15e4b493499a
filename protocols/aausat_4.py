"""AAUSAT-4: Aalborg University's 1U with an AIS receiver.

Who and when
    Aalborg University, student satellite. Launched 2016-04-25. Re-entered 2023-09-06.

Radio
    437.425 MHz    GFSK 2400 and 9600 (19200 listed), Morse; sync word "OZ4CUB" (on AAUSAT3 "OZ3CUB")
    Framing        AAUSAT's own: training, sync, one byte that tells long from short, convolutional code
                   rate 1/2, Reed-Solomon (255, 223); a CSP frame inside

Byte map (beacon after error correction, high byte first)
    0    u16    length of what follows without the HMAC, 86
    2    4      CSP header, byte-swapped, kept as hex
    6    u8     valid parts: bit 5 AIS 2, 4 AIS 1, 3 ADCS 2, 2 ADCS 1, 1 COM, 0 EPS
    7    20     EPS: u16 boot count, u32 uptime s, u32 clock UNIX s, u8 ping status, u16 subsystem status,
                u8 battery voltage 40 mV, s8 cell difference * 4, s8 battery current * 10, u8 solar power *
                20, s8 temperature, s8 temperature of the amplifier, s8 main voltage raw
    27   10     COM: u16 boot count, u16 received, u16 sent, s16 latest RSSI, u8 bits, u8 bytes corrected
    37   7      ADCS 1: 3 * s16 B-dot, u8 state
    44   6      ADCS 2: 3 * s16 gyroscope
    50   20     AIS 1: u16 boot count, 4 unknown, u16 unique MMSIs, 12 unknown
    70   20     AIS 2: the same; FFFF unique MMSIs is no value
    90   2      HMAC, its key is not public
    92          end
    Units: mV is stated; degC and dBm are inferred from the readings. Those not stated stay raw.

Sources
    gr-satellites, AAUSAT-4 telemetry (ADCS and AIS parts reverse-engineered there)
    https://destevez.net/2016/05/a-bunch-of-data-from-aausat-4 (2016-05)
    the frame and its values    dernasherbrezon/jradio, AAUSAT4Beacon
    AAUSAT3's link              http://studentspace.aau.dk/aausat3/index.php?n=Ham.HAMAndRadioInfo
    satellite                   https://db.satnogs.org/satellite/AISX-1350-2546-0237-2310 (2026-08-05)
"""

from typing import Any

from construct import (
    Array,
    BitStruct,
    Flag,
    Int8sb,
    Int8ub,
    Int16sb,
    Int16ub,
    Int32ub,
    Padding,
    Struct,
    Terminated,
)

from gsctl.framing import Aausat4, Text
from gsctl.model import Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, hexadecimal, scaled, unix_time
from gsctl.waveform import Fsk, Morse

_LENGTH = 92


def _ais(number: int) -> tuple[Any, ...]:
    return (
        f"ais_{number}_boot_count" / Int16ub,
        f"_ais_{number}_unknown_1" / hexadecimal(4),
        f"ais_{number}_unique_mmsi_count" / scaled(Int16ub, 1, unknown=0xFFFF),
        f"_ais_{number}_unknown_2" / hexadecimal(12),
    )


_LAYOUT = Struct(
    "length_bytes" / Int16ub,
    "csp_header" / hexadecimal(4),
    "*valid"
    / BitStruct(
        Padding(2), *(f"{part}_valid" / Flag for part in ("ais_2", "ais_1", "adcs_2", "adcs_1", "com", "eps"))
    ),
    "eps_boot_count" / Int16ub,
    "uptime_s" / Int32ub,
    "on_board_time" / unix_time(Int32ub),
    "ping_status_mask" / Int8ub,
    "subsystem_status_mask" / Int16ub,
    "battery_voltage_v" / scaled(Int8ub, 0.04),
    "battery_cell_difference_raw" / scaled(Int8sb, 4),
    "battery_current_raw" / scaled(Int8sb, 10),
    "solar_power_raw" / scaled(Int8ub, 20),
    "eps_temperature_degc" / Int8sb,
    "amplifier_temperature_degc" / Int8sb,
    "main_voltage_raw" / Int8sb,
    "com_boot_count" / Int16ub,
    "packets_received_count" / Int16ub,
    "packets_sent_count" / Int16ub,
    "latest_rssi_dbm" / Int16sb,
    "corrected_bits_count" / Int8ub,
    "corrected_bytes_count" / Int8ub,
    "bdot_raw" / Array(3, Int16sb),
    "adcs_state_raw" / Int8ub,
    "gyroscope_raw" / Array(3, Int16sb),
    *_ais(1),
    *_ais(2),
    "_hmac" / hexadecimal(2),
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="aausat-4-beacon",
        layout=_LAYOUT,
        when=lambda payload: len(payload) == _LENGTH and payload[:2] == b"\x00\x56",
        names_sender=False,
    ),
)

SATELLITES = (
    Satellite(
        name="AAUSAT-4",
        norad_id=41460,
        callsigns=("OZ4CUB",),
        status="re-entered",
        decayed_on="2023-09-06",
        summary="1U of Aalborg University with an AIS receiver; 437.425 MHz GFSK 2400",
        transmitters=(
            Transmitter(
                label="437.425 MHz GFSK 2400",
                frequency_hz=437_425_000.0,
                # The deviation is measured: tones 2245 Hz apart in the IQ recording of 2018-11-07.
                waveform=Fsk(symbol_rate_bd=2400.0, deviation_hz=1200.0),
                framing=Aausat4(),
                schema="aausat-4-beacon",
                note="AAUSAT's own framing; 9600 and 19200 Bd are listed too",
            ),
            Transmitter(
                label="437.425 MHz CW",
                frequency_hz=437_425_000.0,
                waveform=Morse(speed_wpm=30.0),
                framing=Text(),
                note="speed that of AAUSAT3",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/AISX-1350-2546-0237-2310",
                date="2026-08-05",
            ),
            Source(
                title="D. Estevez: a bunch of data from AAUSAT-4",
                url="https://destevez.net/2016/05/a-bunch-of-data-from-aausat-4",
                date="2016-05",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, AAUSAT4Beacon", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="aausat-4-beacon",
        payload=bytes.fromhex(
            "005600B1924827000300005414571F01266E0EDBC7FEF87F1011A30004003E0238FFA51800113B0343F71A00000000"
            "0000000000000000000000000000000000000000000000015700000000FFFF0000000000000000000000003B00"
        ),
        origin="dernasherbrezon/jradio, AAUSAT4Beacon (Apache-2.0): a frame received in orbit, its values",
        real=True,
        fields={
            "length_bytes": 86, "csp_header": "00B19248", "eps_boot_count": 3, "uptime_s": 21524,
            "on_board_time": "2016-04-26T05:48:22.000000Z", "battery_voltage_v": 7.96,
            "battery_cell_difference_raw": -8, "battery_current_raw": -80, "solar_power_raw": 2540,
            "com_boot_count": 4, "packets_received_count": 62, "packets_sent_count": 568,
            "latest_rssi_dbm": -91, "corrected_bits_count": 24, "bdot_0_raw": 4411, "bdot_1_raw": 835,
            "bdot_2_raw": -2278, "ais_2_boot_count": 343, "ais_2_unique_mmsi_count": None,
            "ais_2_valid": True, "ais_1_valid": False, "com_valid": True, "eps_valid": True,
        },
    ),
)
# fmt: on
