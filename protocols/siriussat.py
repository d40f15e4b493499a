"""SiriusSat-1 and -2 (RS13S, RS14S): SPUTNIX's satellites of the Sirius school.

Who and when
    SPUTNIX. NORAD 43595 and 43596; re-entered 2020-12-10.

Radio
    SiriusSat-1    435.570 and 435.619 MHz GMSK 4800     stated by the JE9PEL list; AX.25 from the frames
    SiriusSat-2    435.670 and 435.719 MHz GMSK 4800     received; that they are scrambled is assumed

Byte map (low byte first)
    0    16     AX.25 header, to R2ANF; the control byte is 00, as of an I frame
    16   u16    type of the message: 4216 short beacon, 4217 extended beacon
    18   2*u16  source, destination
    22   u16    length of what follows
    short beacon, 66 bytes
    24   3*u16  voltages of panels 1 to 3, mV
    30   3*u16  currents of panels 1 to 3, mA
    36   s16    battery current, mA
    38   4*u16  currents of channels 1 to 4, mA
    46   4*s16  battery temperatures 1 to 4, degC
    54   3      flags (see the layout)
    57   1      not used
    58   s16    battery voltage, mV
    60   u32    number of the power readings
    64   u32    their time, UNIX s
    68   u8     resets of the power unit
    69   u8     its flags
    70   s8     temperature of the amplifier, degC
    71   s8     temperature of the UHF unit, degC
    72   s8     RSSI of the last packet, dBm
    73   s8     RSSI of the idle channel, dBm
    74   s8     forward power, raw
    75   s8     reflected power, raw
    76   u8     resets of the UHF unit
    77   u8     its flags
    78   u32    time of the UHF readings, UNIX s
    82   u32    uptime, s
    86   u16    current of the UHF unit, mA
    88   s16    voltage of the UHF unit, mV
    90          end
    The extended beacon and science data are logged as AX.25 only.

Sources
    layout and values   dernasherbrezon/jradio, siriussat, whose expected values this agrees with
    satellites          https://sputnix.ru/en/satellites/in-orbit/siriussat-1-en
    JE9PEL list         435.570/435.619, 435.670/435.719 4k8 GMSK (2026-08)

Volts, amperes and dBm are inferred: they fit the readings (two cells at 7.96 V).
"""

from construct import (
    BitStruct,
    Const,
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
from gsctl.telemetry import ConstructSchema, ax25_from, ax25_header, scaled, unix_time
from gsctl.waveform import Fsk

_MILLI = 0.001
_SHORT_BEACON = 0x4216

_LAYOUT = Struct(
    "ax25" / ax25_header(),
    "_type" / Const(_SHORT_BEACON, Int16ul),
    "source_id" / Int16ul,
    "destination_id" / Int16ul,
    "_length" / Const(66, Int16ul),
    *(f"panel_{i}_voltage_v" / scaled(Int16ul, _MILLI) for i in (1, 2, 3)),
    *(f"panel_{i}_current_a" / scaled(Int16ul, _MILLI) for i in (1, 2, 3)),
    "battery_current_a" / scaled(Int16sl, _MILLI),
    *(f"channel_{i}_current_a" / scaled(Int16ul, _MILLI) for i in (1, 2, 3, 4)),
    *(f"battery_{i}_temperature_degc" / Int16sl for i in (1, 2, 3, 4)),
    "*power"
    / BitStruct(
        "battery_voltage_critical" / Flag,
        "battery_voltage_minimal" / Flag,
        "heater_2_manual" / Flag,
        "heater_1_manual" / Flag,
        "heater_2_on" / Flag,
        "heater_1_on" / Flag,
        "battery_too_hot" / Flag,
        "battery_too_cold" / Flag,
        *(f"channel_{i}_on" / Flag for i in (4, 3, 2, 1)),
        *(f"channel_{i}_limited" / Flag for i in (4, 3, 2, 1)),
        Padding(7),
        "charging" / Flag,
    ),
    "_unused" / Int8ub,
    "battery_voltage_v" / scaled(Int16sl, _MILLI),
    "power_readings_count" / Int32ul,
    "power_readings_time" / unix_time(Int32ul),
    "power_reset_count" / Int8ub,
    "power_flags_mask" / Int8ub,
    "amplifier_temperature_degc" / Int8sb,
    "uhf_temperature_degc" / Int8sb,
    "rssi_dbm" / Int8sb,
    "idle_rssi_dbm" / Int8sb,
    "forward_power_raw" / Int8sb,
    "reflected_power_raw" / Int8sb,
    "uhf_reset_count" / Int8ub,
    "uhf_flags_mask" / Int8ub,
    "uhf_readings_time" / unix_time(Int32ul),
    "uptime_s" / Int32ul,
    "uhf_current_a" / scaled(Int16ul, _MILLI),
    "uhf_voltage_v" / scaled(Int16sl, _MILLI),
    Terminated,
)

_from_1 = ax25_from("RS13S", info_bytes=74, info_starts=b"\x16\x42")
_from_2 = ax25_from("RS14S", info_bytes=74, info_starts=b"\x16\x42")

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="siriussat-short-beacon",
        layout=_LAYOUT,
        when=lambda payload: _from_1(payload) or _from_2(payload),
    ),
)


def _gmsk(frequency_hz: float) -> Transmitter:
    return Transmitter(
        label=f"{frequency_hz / 1e6:.3f} MHz GMSK 4800",
        frequency_hz=frequency_hz,
        waveform=Fsk(symbol_rate_bd=4800.0),
        framing=Ax25(g3ruh=True),
        schema="siriussat-short-beacon",
        framing_confidence=Confidence.ASSUMED,
        note="AX.25 from the frames received; that they are scrambled is assumed",
    )


def _satellite(number: int, callsign: str, page: str, *frequencies_hz: float) -> Satellite:
    return Satellite(
        name=f"SiriusSat-{number}",
        norad_id=43594 + number,
        callsigns=(callsign,),
        status="re-entered",
        decayed_on="2020-12-10",
        summary=f"SPUTNIX; {frequencies_hz[0] / 1e6:.3f} MHz GMSK 4800 AX.25",
        transmitters=tuple(_gmsk(frequency_hz) for frequency_hz in frequencies_hz),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url=f"https://db.satnogs.org/satellite/{page}",
                date="2021-07-21",
            ),
            Source(
                title=f"SPUTNIX: SiriusSat-{number}",
                url=f"https://sputnix.ru/en/satellites/in-orbit/siriussat-{number}-en",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, siriussat", url="https://github.com/dernasherbrezon/jradio"),
        ),
        notes=("later SPUTNIX satellites used the same call sign",),
    )


SATELLITES = (
    _satellite(1, "RS13S", "BLWY-9945-8549-3046-3067", 435_570_000.0, 435_619_000.0),
    _satellite(2, "RS14S", "OWBN-9783-9030-5673-9344", 435_670_000.0, 435_719_000.0),
)

# fmt: off
TRUTH = (
    Truth(
        schema="siriussat-short-beacon",
        payload=bytes.fromhex(
            "A464829C8C4060A4A66266A6406300F0"
            "16420200010042008C140212EB0AA60002001B003A000000000004000100070007000600070000200000141F27070000"
            "20FA385FBA04070787851F0FF40E21FA385F260700001C00431F"
        ),
        origin="dernasherbrezon/jradio, SiriusSatBeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "RS13S-1", "ax25_destination": "R2ANF", "source_id": 2, "destination_id": 1,
            "panel_1_voltage_v": 5.26, "panel_1_current_a": 0.166, "panel_2_voltage_v": 4.61,
            "panel_2_current_a": 0.002, "panel_3_voltage_v": 2.795, "panel_3_current_a": 0.027,
            "battery_current_a": 0.058, "channel_1_current_a": 0.0, "battery_1_temperature_degc": 7,
            "channel_1_on": False, "channel_1_limited": False, "channel_2_current_a": 0.0,
            "battery_2_temperature_degc": 7, "channel_2_on": True, "channel_2_limited": False,
            "channel_3_current_a": 0.004, "battery_3_temperature_degc": 6, "channel_3_on": False,
            "channel_3_limited": False, "channel_4_current_a": 0.001, "battery_4_temperature_degc": 7,
            "channel_4_on": False, "channel_4_limited": False, "battery_voltage_critical": False,
            "heater_1_on": False, "charging": False, "battery_voltage_v": 7.956,
            "power_readings_count": 1831, "power_readings_time": "2020-08-16T09:19:28.000000Z",
            "power_reset_count": 186, "power_flags_mask": 4, "amplifier_temperature_degc": 7,
            "uhf_temperature_degc": 7, "rssi_dbm": -121, "idle_rssi_dbm": -123, "forward_power_raw": 31,
            "reflected_power_raw": 15, "uhf_reset_count": 244, "uhf_flags_mask": 14,
            "uhf_readings_time": "2020-08-16T09:19:29.000000Z", "uptime_s": 1830, "uhf_current_a": 0.028,
            "uhf_voltage_v": 8.003,
        },
    ),
)
# fmt: on
