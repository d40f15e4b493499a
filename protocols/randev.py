"""RANDEV (ASTRIS 2): KAIST's CubeSat of the second Nuri launch.

Who and when
    KAIST, ASCL. Launched 2022-06-21 07:00 UTC on Nuri. SatNOGS calls it alive, JE9PEL unknown (2026-08).

Radio
    436.0285 MHz    BPSK 1200 (and 9600), AX.25    stated (SatNOGS; JE9PEL has 436.030); AX.25 from the frames
                                                   received; that 1200 Bd is not scrambled is assumed

Byte map (high byte first)
    0    16     AX.25 header, RANDEV to ASCL, UI
    16   u8     0A
    17   u32    clock on board, s; its zero is not public and was not set in orbit
    21   4      modes and counter, kept as hex (FFFFFFFF or 05140514 in orbit)
    25   2*s16  temperatures of the computer, 0.1 degC
    29   48     GPS, six groups of eight equal bytes in every frame seen: not filled
    77   2*u16  EPS board status, power distribution status
    81   u16    BCR current, 14.662757 mA           83   u16  BCR voltage, 8.993157 mV
    85   u16    3.3 V current, 1.327547 mA          87   u16  5 V current, 1.327547 mA
    89   u16    battery current, 5.237 mA           91   u16  battery voltage, 8.978 mV
    93   u16    switch 1 (5 V) current, 5.237 mA    95   u16  voltage, 5.865 mV
    97   u16    switch 2 (3.3 V) current, 5.237 mA  99   u16  voltage, 4.311 mV
    101  14*u16 switches 3 to 9, order not established: raw
    129  u16    temperature of the EPS, 0.372434 degC from -273.15
    131  4*u16  BCR 1, 2, 4, 5 voltages, 32.2581 mV
    139  u16    battery board voltage, 8.993 mV     141  u16  current, 14.662757 mA
    143  3*u16  direction, temperature and heater of the battery board, raw
    149  2      F2F2
    151  9*u16  receiver: carrier offset 13.352 Hz from -22300, signal 0.03 dB from -152 dBm, supply 4.88 mV,
                currents total, transmitter, receiver, amplifier 0.16643964 mA, temperatures of amplifier and
                oscillator 195.6038 - 0.07669 degC
    169  9*u16  transmitter: reflected and forward power, square times 5.887e-5 mW, then as the receiver
    187  59     antenna, attitude, S-band: F5 and F7 in every frame seen, kept as hex
    246         end

Sources
    factors             dernasherbrezon/jradio, randev. It reads the numbers low byte first and from six
                        bytes of GPS, which gives 3098 degC and 68 kA for the same frame; high byte first
                        and from 48 bytes the 87 frames of 2022-07 give 8.17 V, 5.04 V, 3.34 V and 11 degC,
                        and a clock that runs with the time of reception.
    satellite           https://db.satnogs.org/satellite/LYKB-5376-2648-5150-0020 (2026-08-05)
    JE9PEL list         436.030 1k2/9k6 BPSK, RANDEV (2026-08)
"""

from typing import Any

from construct import Array, Const, Int16sb, Int16ub, Int32ub, Struct, Terminated

from gsctl.framing import Ax25
from gsctl.model import Confidence, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, converted, hexadecimal, scaled
from gsctl.waveform import Bpsk

_SWITCHES = 14


def _common(unit: str) -> tuple[Any, ...]:
    """What the receiver and the transmitter of the radio report alike."""
    currents = ("total", "transmitter", "receiver", "amplifier")
    return (
        f"{unit}_supply_voltage_v" / scaled(Int16ub, 0.00488),
        *(f"{unit}_{name}_current_a" / scaled(Int16ub, 0.16643964e-3) for name in currents),
        f"{unit}_amplifier_temperature_degc" / scaled(Int16ub, -0.07669, 195.6038),
        f"{unit}_oscillator_temperature_degc" / scaled(Int16ub, -0.07669, 195.6038),
    )


def _power() -> Any:
    return converted(Int16ub, lambda raw: raw * raw * 5.887e-8)


_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "_start" / Const(b"\x0a"),
    "on_board_clock_s" / Int32ub,
    "modes_and_counter" / hexadecimal(4),
    "obc_1_temperature_degc" / scaled(Int16sb, 0.1),
    "obc_2_temperature_degc" / scaled(Int16sb, 0.1),
    "gps" / hexadecimal(48),
    "eps_status_mask" / Int16ub,
    "power_distribution_mask" / Int16ub,
    "bcr_current_a" / scaled(Int16ub, 14.662757e-3),
    "bcr_voltage_v" / scaled(Int16ub, 8.993157e-3),
    "bus_3v3_current_a" / scaled(Int16ub, 1.327547e-3),
    "bus_5v_current_a" / scaled(Int16ub, 1.327547e-3),
    "battery_current_a" / scaled(Int16ub, 5.237e-3),
    "battery_voltage_v" / scaled(Int16ub, 8.978e-3),
    "switch_1_current_a" / scaled(Int16ub, 5.237e-3),
    "switch_1_voltage_v" / scaled(Int16ub, 5.865e-3),
    "switch_2_current_a" / scaled(Int16ub, 5.237e-3),
    "switch_2_voltage_v" / scaled(Int16ub, 4.311e-3),
    "switches_raw" / Array(_SWITCHES, Int16ub),
    "eps_temperature_degc" / scaled(Int16ub, 0.372434, -273.15),
    *(f"bcr_{number}_voltage_v" / scaled(Int16ub, 32.2581e-3) for number in (1, 2, 4, 5)),
    "battery_board_voltage_v" / scaled(Int16ub, 8.993e-3),
    "battery_board_current_a" / scaled(Int16ub, 14.662757e-3),
    "battery_board_direction_raw" / Int16ub,
    "battery_board_temperature_raw" / Int16ub,
    "battery_board_heater_raw" / Int16ub,
    "_mark" / hexadecimal(2),
    "receiver_carrier_offset_hz" / scaled(Int16ub, 13.352, -22300.0),
    "receiver_rssi_dbm" / scaled(Int16ub, 0.03, -152.0),
    *_common("receiver"),
    "transmitter_reflected_power_w" / _power(),
    "transmitter_forward_power_w" / _power(),
    *_common("transmitter"),
    "rest" / hexadecimal(59),
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="randev-beacon",
        layout=_LAYOUT,
        when=ax25_from("RANDEV", info_bytes=230, info_starts=b"\x0a"),
    ),
)

SATELLITES = (
    Satellite(
        name="RANDEV",
        norad_id=52898,
        aliases=("ASTRIS 2",),
        status="alive",
        summary="KAIST; 436.0285 MHz BPSK 1200 AX.25",
        transmitters=(
            Transmitter(
                label="436.0285 MHz BPSK 1200",
                frequency_hz=436_028_500.0,
                waveform=Bpsk(symbol_rate_bd=1200.0),
                framing=Ax25(),
                schema="randev-beacon",
                framing_confidence=Confidence.ASSUMED,
                note="JE9PEL has 436.030 and 9600 Bd too; AX.25 from the frames received",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/LYKB-5376-2648-5150-0020",
                date="2026-08-05",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, randev", url="https://github.com/dernasherbrezon/jradio"),
        ),
        notes=("SatNOGS DB gives 2022-06-01 as the day of its release; the launch was on 2022-06-21",),
    ),
)


# The bytes are published; the values are worked out by hand from them with the factors above.

# fmt: off
TRUTH = (
    Truth(
        schema="randev-beacon",
        payload=bytes.fromhex(
            "82A686984040E0A4829C888AAC6103F0"
            "0A3AF5A372FFFFFFFF0079007D1111111111111111121212121212121213131313131313130101010101010101020202"
            "020202020203030303030303030000000000020386000B0011000603810007035C000E03050002000200020002000200"
            "030003030800000000000300000003000303080002000200010002038A000C035B02FD0003F2F2095D06B6067F012300"
            "480249000009500954007E0044067E01210048024A0000094F0953F5F5F5F5000000020000818100004242F7F7F7F7F7"
            "F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F700800080000000000000000000000000"
        ),
        origin="dernasherbrezon/jradio, RandevBeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "RANDEV", "ax25_destination": "ASCL", "on_board_clock_s": 989176690,
            "modes_and_counter": "FFFFFFFF", "obc_1_temperature_degc": 12.1, "obc_2_temperature_degc": 12.5,
            "bcr_voltage_v": 8.1118276, "battery_current_a": 0.031422, "battery_voltage_v": 8.053266,
            "switch_1_voltage_v": 5.0439, "switch_2_voltage_v": 3.332403, "eps_temperature_degc": 15.858784,
            "bcr_1_voltage_v": 0.0645162, "battery_board_voltage_v": 8.147658, "receiver_rssi_dbm": -100.46,
            "receiver_supply_voltage_v": 8.11544, "receiver_amplifier_temperature_degc": 12.77484,
            "receiver_oscillator_temperature_degc": 12.46808, "transmitter_supply_voltage_v": 8.11056,
            "transmitter_reflected_power_w": 0.00093462012,
        },
    ),
)
# fmt: on
