"""Satellites of the Geoscan platform: GEOSCAN-Edelveis (RS20S), RTU MIREA1 (RS51S).

Who and when
    GEOSCAN-Edelveis    Geoscan; launched 2022-08-09, re-entered 2024-02-18
    RTU MIREA1          launched 2024-11-05, alive (SatNOGS, 2024-12)

Radio
    GEOSCAN-Edelveis    436.200 MHz    GFSK 9600 (19200)    stated by the JE9PEL list
    RTU MIREA1          436.200 MHz    GFSK 9600, Morse     stated by SatNOGS and the JE9PEL list
    Framing of both: Geoscan's own (CC11xx sync, PN9, CRC), inside it an AX.25 header.

Byte map (low byte first; behind the AX.25 header to BEACON)
    GEOSCAN-Edelveis, 64 bytes
    16   u32    time on board, UNIX s
    20   4*u16  current of the cells 76.6 uA, of the system 30.76 uA, voltage of half the battery 69.28 uV, of
                all of it 138.56 uV
    28   8*s8   temperatures x+, x-, y+, y-, z+, z-, cells 1, 2, degC; -128 is no value
    36   u8     load of the computer, 0.390625 %
    37   u16    boots of the computer, less 7476 before launch
    39   u16    boots of the radio, less 1505 before launch
    41   s8     RSSI, from -99 dBm
    42          zeros
    RTU MIREA1, 72 bytes
    16   u8     1
    17   u32    time of the power readings, UNIX s
    21   u8     power mode, then one byte not explained
    23   4*u16  current of the system mA, of the cells mA, voltage of half the battery mV, of all of it mV
    31   2      not explained
    33   2*s8   temperatures, degC, then 5 bytes not explained
    40   2      not explained
    42   u8     bit 7 wheel, 6 coil, 5 inertial sensor, 4 camera, 3 x+, 2 x-, 1 y+, 0 y-
    43   4*s8   temperatures x+, x-, y+, y-
    47   u8     satellites of the navigation receiver, then 2 bytes not explained
    50   u8     files of the camera, then 6 bytes not explained
    57   u16    bus voltage, mV, then 2 bytes not explained
    61   s8     last RSSI, dBm; least RSSI, 127 is no value; then 2 bytes not explained
    65   u8     frames sent, low byte, then 3 bytes; u8 contacts, then 2 bytes
    72          end
    Files and pictures are not parsed.

Sources
    layouts and values    dernasherbrezon/jradio, geoscan, whose expected values these agree with
    satellites            https://db.satnogs.org/ (2024-12-10), JE9PEL list (2026-08)

Volts, amperes, degC and dBm are inferred: they fit the readings.
"""

from construct import BitStruct, Flag, Int8sb, Int8ub, Int16ul, Int32ul, Struct, Terminated

from gsctl.framing import FRAMINGS, Text
from gsctl.model import Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, hexadecimal, scaled, unix_time
from gsctl.waveform import Fsk, Morse

_MILLI = 0.001
_SIDES = ("xp", "xm", "yp", "ym")

_EDELVEIS = Struct(
    "ax25" / ax25_header(),
    "on_board_time" / unix_time(Int32ul),
    "cell_current_a" / scaled(Int16ul, 76.6e-6),
    "system_current_a" / scaled(Int16ul, 30.76e-6),
    "half_battery_voltage_v" / scaled(Int16ul, 69.28e-6),
    "battery_voltage_v" / scaled(Int16ul, 138.56e-6),
    *(
        f"{name}_temperature_degc" / scaled(Int8sb, 1, unknown=-128)
        for name in (*(f"side_{side}" for side in (*_SIDES, "zp", "zm")), "cell_1", "cell_2")
    ),
    "obc_load_percent" / scaled(Int8ub, 0.390625),
    "obc_boot_count" / scaled(Int16ul, 1, -7476),
    "radio_boot_count" / scaled(Int16ul, 1, -1505),
    "rssi_dbm" / scaled(Int8sb, 1, -99),
    "_rest" / hexadecimal(22),
    Terminated,
)

_MIREA1 = Struct(
    "ax25" / ax25_header(),
    "_kind" / Int8ub,
    "power_readings_time" / unix_time(Int32ul),
    "power_mode_code" / Int8ub,
    "_1" / hexadecimal(1),
    "system_current_a" / scaled(Int16ul, _MILLI),
    "cell_current_a" / scaled(Int16ul, _MILLI),
    "half_battery_voltage_v" / scaled(Int16ul, _MILLI),
    "battery_voltage_v" / scaled(Int16ul, _MILLI),
    "_2" / hexadecimal(2),
    "cell_1_temperature_degc" / Int8sb,
    "cell_2_temperature_degc" / Int8sb,
    "_3" / hexadecimal(7),
    "*parts"
    / BitStruct(
        "wheel_on" / Flag,
        "coil_on" / Flag,
        "inertial_sensor_on" / Flag,
        "camera_on" / Flag,
        *(f"side_{side}_on" / Flag for side in _SIDES),
    ),
    *(f"side_{side}_temperature_degc" / Int8sb for side in _SIDES),
    "navigation_satellites_count" / Int8ub,
    "_4" / hexadecimal(2),
    "camera_files_count" / Int8ub,
    "_5" / hexadecimal(6),
    "bus_voltage_v" / scaled(Int16ul, _MILLI),
    "_6" / hexadecimal(2),
    "last_rssi_dbm" / Int8sb,
    "least_rssi_dbm" / scaled(Int8sb, 1, unknown=127),
    "_7" / hexadecimal(2),
    "frames_sent_raw" / Int8ub,
    "_8" / hexadecimal(3),
    "contacts_count" / Int8ub,
    "_9" / hexadecimal(2),
    Terminated,
)

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="geoscan-edelveis-beacon",
        layout=_EDELVEIS,
        when=ax25_from("RS20S", info_bytes=48),
    ),
    ConstructSchema(name="rtu-mirea1-beacon", layout=_MIREA1, when=ax25_from("RS51S", info_bytes=56)),
)

_GEOSCAN = FRAMINGS["geoscan"]

SATELLITES = (
    Satellite(
        name="GEOSCAN-Edelveis",
        norad_id=53385,
        callsigns=("RS20S",),
        status="re-entered",
        decayed_on="2024-02-18",
        summary="Geoscan; 436.200 MHz GFSK 9600",
        transmitters=(
            Transmitter(
                label="436.200 MHz GFSK 9600",
                frequency_hz=436_200_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                framing=_GEOSCAN,
                schema="geoscan-edelveis-beacon",
                note="Geoscan's framing",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/QNCD-8954-6090-5430-2718",
                date="2024-02-18",
            ),
            Source(title="Geoscan", url="https://geoscan.space/en/geoscan-edelveis"),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, geoscan", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
    Satellite(
        name="RTU MIREA1",
        norad_id=61785,
        callsigns=("RS51S",),
        status="alive",
        summary="RTU MIREA; 436.200 MHz GFSK 9600, Morse",
        transmitters=(
            Transmitter(
                label="436.200 MHz GFSK 9600",
                frequency_hz=436_200_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                framing=_GEOSCAN,
                schema="rtu-mirea1-beacon",
                note="Geoscan's framing",
            ),
            Transmitter(
                label="436.200 MHz CW",
                frequency_hz=436_200_000.0,
                waveform=Morse(),
                framing=Text(),
                note="speed and format not stated",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/UKBO-2090-2618-8439-9299",
                date="2024-12-10",
            ),
            Source(title="SpacePi: RTU MIREA1", url="https://spacepi.space/satellites/rtu-mirea-1/"),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, geoscan", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="geoscan-edelveis-beacon",
        payload=bytes.fromhex(
            "848A82869E9C60A4A66460A640E103F0"
            "535A0565BD047C087AEB98EA0C0D0617800802040F791DEE050100000000000000000000000000000000000000000000"
        ),
        origin="dernasherbrezon/jradio, GeoscanBeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "RS20S", "ax25_destination": "BEACON",
            "on_board_time": "2023-09-16T07:33:39.000000Z", "cell_current_a": 0.0929158,
            "system_current_a": 0.06681072, "half_battery_voltage_v": 4.176337,
            "battery_voltage_v": 8.32136, "side_xp_temperature_degc": 12, "side_xm_temperature_degc": 13,
            "side_yp_temperature_degc": 6, "side_ym_temperature_degc": 23, "side_zp_temperature_degc": None,
            "side_zm_temperature_degc": 8, "cell_1_temperature_degc": 2, "cell_2_temperature_degc": 4,
            "obc_load_percent": 5.859375, "obc_boot_count": 69, "radio_boot_count": 13, "rssi_dbm": -98,
        },
    ),
    Truth(
        schema="rtu-mirea1-beacon",
        payload=bytes.fromhex(
            "848A82869E9C60A4A66A62A600E103F0"
            "011EA3F86703126F007F011E10502006000A0A5601010000000000000000000000000000000000000D67204F019A7F00"
            "004501000C000000"
        ),
        origin="dernasherbrezon/jradio, Geoscan2BeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "RS51S", "ax25_destination": "BEACON",
            "power_readings_time": "2025-04-11T05:05:34.000000Z", "power_mode_code": 3,
            "system_current_a": 0.111, "cell_current_a": 0.383, "half_battery_voltage_v": 4.126,
            "battery_voltage_v": 8.272, "cell_1_temperature_degc": 10, "cell_2_temperature_degc": 10,
            "wheel_on": False, "coil_on": False, "inertial_sensor_on": False, "camera_on": False,
            "side_xp_on": False, "side_ym_on": False, "side_xp_temperature_degc": 0,
            "side_ym_temperature_degc": 0, "navigation_satellites_count": 0, "camera_files_count": 0,
            "bus_voltage_v": 8.295, "last_rssi_dbm": -102, "least_rssi_dbm": None, "frames_sent_raw": 69,
            "contacts_count": 0,
        },
    ),
)
# fmt: on
