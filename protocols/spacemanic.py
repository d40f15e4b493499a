"""Satellites with Spacemanic's radio: LASARsat, BDSAT-2, Veronika, GRBBeta. Telemetry as lines of text.

Who and when
    LASARsat    OK0LSR    launched 2024-12-21, alive
    GRBBeta     HA2GRB    launched 2024-07-09, alive
    Veronika    OM9VER    launched 2023-11-11, re-entered 2025-08-14
    BDSAT-2     OK0BDT    launched 2022-01-03 (so SatNOGS DB), re-entered 2025-02-13
    LASARsat, GRBBeta, Veronika, BDSAT-2 (in this order of newness) share the radio and the power supply.

Radio
    LASARsat    436.925 MHz    GFSK 9600, Morse
    GRBBeta     436.785 and 145.935 MHz GFSK 9600, 436.785 MHz Morse
    Veronika    436.680 and 145.925 MHz GFSK 9600
    BDSAT-2     436.025 and 145.850 MHz GFSK 9600, 436.025 MHz Morse
    The frames are AX.25; that they are scrambled (G3RUH) is assumed.

Byte map (AX.25 UI from the call sign to CQ, then one line of text; a zero byte may end it)
    U,uptime s,uptime in all s,boots,resets of the RF part,temperature of the controller,of the RF chip,of
        the power amplifier 0.01 degC,messages digipeated,last call sign heard,packets received,packets
        sent,RSSI,RSSI after the preamble (v / 2 - 134 dBm)
    PSU,resets,uptime s,uptime in all s,battery mV,temperature 0.01 degC,of the battery 0.01 degC,current in
        mA,out mA,channels on (hex mask),state (1 ok),ground watchdog
    OBC,resets,uptime s,uptime in all s,...: LASARsat temperature 0.01 degC,free memory; Veronika battery mV
        before these; BDSAT-2 battery mV,temperatures of controller,board,z-,x+,y+,y-,x- 0.01 degC,free memory
    MGS,temperature of the magnetometer,of the gyroscope 0.01 degC,magnetic field x,y,z,rate x,y,z raw;
        Veronika: then the same eight of the outer sensors
    SOL,temperatures of panels z+,x+,y+,z-,x-,y- 0.01 degC,diodes z+,x+,y+,z-,x-,y- raw          (LASARsat)
    NAV,week,time ms,position x,y,z,velocity x,y,z,satellites,dilution,antenna mA,supply,SNR raw  (LASARsat)
    DOS,mode,rate x,y,z,magnetic field x,y,z,plasma,photodiode,dosimeter,temperatures of gyroscope and
        magnetometer,LPPA,bus current,bus voltage raw,uptime s                                    (LASARsat)
    BDS,state,program,hardware state,cron,twelve temperatures degC...,two pressures               (BDSAT-2)
    Anything else is a message and is logged as AX.25 only.

Sources
    layouts and values    dernasherbrezon/jradio, lasarsat, bdsat2, veronika, grbbeta, whose expected values
                          these agree with
    satellites            https://db.satnogs.org/ (2026-08-05), JE9PEL list (2026-08)
"""

from collections.abc import Callable
from typing import Any

from construct import Struct

from gsctl.framing import Ax25, Text
from gsctl.model import Confidence, FieldValue, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import (
    ConstructSchema,
    ax25_from,
    ax25_header,
    comma_separated,
    decimal,
    hexadecimal_number,
    one_of,
    times,
    whole,
    word,
)
from gsctl.waveform import Fsk, Morse

_CENTI = times(0.01)
_MILLI = times(0.001)
_UPTIMES = {"reset_count": whole, "uptime_s": whole, "uptime_in_all_s": whole}
_INNER = {
    "magnetometer_temperature_degc": _CENTI,
    "gyroscope_temperature_degc": _CENTI,
    **{f"magnetic_field_{axis}_raw": whole for axis in "xyz"},
    **{f"body_rate_{axis}_raw": whole for axis in "xyz"},
}
_FACES = ("zp", "xp", "yp", "zm", "xm", "ym")
_EXPERIMENT = ("c_0", "c_1", "e1_0", "e1_1", "e1_2", "e1_3", "e2_0", "e2_1", "e2_2", "e2_3")


def _line(tag: str, **fields: Any) -> Struct:
    return Struct("ax25" / ax25_header(), "*line" / comma_separated(tag, **fields))


def _from(tag: str, *callsigns: str) -> Callable[[bytes], bool]:
    tests = [ax25_from(callsign, info_starts=f"{tag},".encode()) for callsign in callsigns]
    return lambda payload: any(test(payload) for test in tests)


_ALL = ("OK0LSR", "OK0BDT", "OM9VER", "HA2GRB")

TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(
        name="spacemanic-radio",
        when=_from("U", *_ALL),
        layout=_line(
            "U",
            uptime_s=whole,
            uptime_in_all_s=whole,
            boot_count=whole,
            rf_reset_count=whole,
            controller_temperature_degc=_CENTI,
            rf_chip_temperature_degc=_CENTI,
            amplifier_temperature_degc=_CENTI,
            digipeated_count=whole,
            last_callsign=word,
            received_count=whole,
            sent_count=whole,
            rssi_dbm=times(0.5, -134.0),
            rssi_after_preamble_dbm=times(0.5, -134.0),
        ),
    ),
    ConstructSchema(
        name="spacemanic-power",
        when=_from("PSU", *_ALL),
        layout=_line(
            "PSU",
            **_UPTIMES,
            battery_voltage_v=_MILLI,
            board_temperature_degc=_CENTI,
            battery_temperature_degc=_CENTI,
            input_current_a=_MILLI,
            output_current_a=_MILLI,
            channels_mask=hexadecimal_number,
            state=one_of(ok=1),
            ground_watchdog_raw=whole,
        ),
    ),
    ConstructSchema(
        name="lasarsat-obc",
        when=_from("OBC", "OK0LSR"),
        layout=_line("OBC", **_UPTIMES, controller_temperature_degc=_CENTI, free_memory_bytes=whole),
    ),
    ConstructSchema(
        name="veronika-obc",
        when=_from("OBC", "OM9VER"),
        layout=_line(
            "OBC",
            **_UPTIMES,
            battery_voltage_v=_MILLI,
            controller_temperature_degc=_CENTI,
            free_memory_bytes=whole,
        ),
    ),
    ConstructSchema(
        name="bdsat-2-obc",
        when=_from("OBC", "OK0BDT"),
        layout=_line(
            "OBC",
            **_UPTIMES,
            battery_voltage_v=_MILLI,
            controller_temperature_degc=_CENTI,
            board_temperature_degc=_CENTI,
            **{f"panel_{face}_temperature_degc": _CENTI for face in ("zm", "xp", "yp", "ym", "xm")},
            free_memory_bytes=whole,
        ),
    ),
    ConstructSchema(name="lasarsat-attitude", when=_from("MGS", "OK0LSR"), layout=_line("MGS", **_INNER)),
    ConstructSchema(
        name="veronika-attitude",
        when=_from("MGS", "OM9VER"),
        layout=_line("MGS", **_INNER, **{f"outer_{name}": read for name, read in _INNER.items()}),
    ),
    ConstructSchema(
        name="lasarsat-panels",
        when=_from("SOL", "OK0LSR"),
        layout=_line(
            "SOL",
            **{f"panel_{face}_temperature_degc": _CENTI for face in _FACES},
            **{f"diode_{face}_raw": whole for face in _FACES},
        ),
    ),
    ConstructSchema(
        name="lasarsat-navigation",
        when=_from("NAV", "OK0LSR"),
        layout=_line(
            "NAV",
            week_number=whole,
            time_of_week_s=_MILLI,
            **{f"position_{axis}_raw": whole for axis in "xyz"},
            **{f"velocity_{axis}_raw": whole for axis in "xyz"},
            satellites_count=whole,
            dilution_raw=whole,
            antenna_current_a=_MILLI,
            supply_raw=whole,
            snr_raw=whole,
        ),
    ),
    ConstructSchema(
        name="lasarsat-dosimeter",
        when=_from("DOS", "OK0LSR"),
        layout=_line(
            "DOS",
            mode_code=whole,
            **{f"body_rate_{axis}_raw": whole for axis in "xyz"},
            **{f"magnetic_field_{axis}_raw": whole for axis in "xyz"},
            **{f"{name}_raw": whole for name in ("plasma", "photodiode", "dosimeter")},
            **{f"{name}_temperature_raw": whole for name in ("gyroscope", "magnetometer")},
            **{f"{name}_raw": whole for name in ("lppa", "bus_current", "bus_voltage")},
            uptime_s=whole,
        ),
    ),
    ConstructSchema(
        name="bdsat-2-experiment",
        when=_from("BDS", "OK0BDT"),
        layout=_line(
            "BDS",
            state=word,
            program=word,
            hardware_state_raw=whole,
            cron=word,
            **{f"{name}_temperature_degc": _CENTI for name in _EXPERIMENT},
            ei_0_temperature_degc=decimal,
            ei_1_temperature_degc=decimal,
            ei_0_pressure_raw=decimal,
            ei_1_pressure_raw=decimal,
        ),
    ),
)


def _gfsk(frequency_hz: float) -> Transmitter:
    return Transmitter(
        label=f"{frequency_hz / 1e6:.3f} MHz GFSK 9600",
        frequency_hz=frequency_hz,
        waveform=Fsk(symbol_rate_bd=9600.0),
        framing=Ax25(g3ruh=True),
        schema="spacemanic-radio",
        framing_confidence=Confidence.ASSUMED,
        note="AX.25 from the frames received; that they are scrambled is assumed",
    )


def _morse(frequency_hz: float) -> Transmitter:
    return Transmitter(
        label=f"{frequency_hz / 1e6:.3f} MHz CW",
        frequency_hz=frequency_hz,
        waveform=Morse(),
        framing=Text(),
        note="beacon; speed not stated",
    )


def _sources(satellite_id: str) -> tuple[Source, ...]:
    return (
        Source(
            title="SatNOGS DB, satellite",
            url=f"https://db.satnogs.org/satellite/{satellite_id}",
            date="2026-08-05",
        ),
        Source(title="JE9PEL frequency list", date="2026-08"),
        Source(title="jradio", url="https://github.com/dernasherbrezon/jradio"),
    )


SATELLITES = (
    Satellite(
        name="LASARsat",
        norad_id=62391,
        callsigns=("OK0LSR",),
        status="alive",
        summary="436.925 MHz GFSK 9600 AX.25, telemetry in text",
        transmitters=(_gfsk(436_925_000.0), _morse(436_925_000.0)),
        sources=_sources("LLUY-1732-6975-8970-4189"),
    ),
    Satellite(
        name="GRBBeta",
        norad_id=60237,
        callsigns=("HA2GRB",),
        status="alive",
        summary="gamma-ray bursts; 436.785 and 145.935 MHz GFSK 9600 AX.25, telemetry in text",
        transmitters=(_gfsk(436_785_000.0), _gfsk(145_935_000.0), _morse(436_785_000.0)),
        sources=_sources("FVZM-4350-0869-7957-1010"),
    ),
    Satellite(
        name="Veronika",
        norad_id=58261,
        aliases=("Veronica",),
        callsigns=("OM9VER",),
        status="re-entered",
        decayed_on="2025-08-14",
        summary="436.680 and 145.925 MHz GFSK 9600 AX.25, telemetry in text",
        transmitters=(_gfsk(436_680_000.0), _gfsk(145_925_000.0)),
        sources=_sources("EXYP-7555-6232-5402-1667"),
    ),
    Satellite(
        name="BDSAT-2",
        norad_id=55098,
        callsigns=("OK0BDT",),
        status="re-entered",
        decayed_on="2025-02-13",
        summary="436.025 and 145.850 MHz GFSK 9600 AX.25, telemetry in text",
        transmitters=(_gfsk(436_025_000.0), _gfsk(145_850_000.0), _morse(436_025_000.0)),
        sources=_sources("NJFB-9884-9643-7739-4519"),
        notes=("SatNOGS DB gives 2022-01-03 as the day of launch; its number and frames point to 2023",),
    ),
)

_HEADERS = {
    "OK0LSR": bytes.fromhex("86A240404040609E966098A6A46103F0"),
    "HA2GRB": bytes.fromhex("86A240404040609082648EA4846103F0"),
    "OK0BDT": bytes.fromhex("86A240404040609E96608488A86103F0"),
    "OM9VER": bytes.fromhex("86A240404040609E9A72AC8AA46103F0"),
}


def _heard(schema: str, callsign: str, line: bytes, fields: dict[str, FieldValue]) -> Truth:
    return Truth(
        schema=schema,
        payload=_HEADERS[callsign] + line,
        origin="dernasherbrezon/jradio, tests of its beacon (Apache-2.0): a frame received in orbit",
        real=True,
        fields={"ax25_source": callsign, "ax25_destination": "CQ", **fields},
    )


# fmt: off
TRUTH = (
    _heard("spacemanic-radio", "OK0LSR",
        b"U,3364422,3364433,1,0,1143,1011,968,86,DL7NDR,1123,234912,73,84\0", {
        "uptime_s": 3364422, "uptime_in_all_s": 3364433, "boot_count": 1, "rf_reset_count": 0,
        "controller_temperature_degc": 11.43, "rf_chip_temperature_degc": 10.11,
        "amplifier_temperature_degc": 9.68, "digipeated_count": 86, "last_callsign": "DL7NDR",
        "received_count": 1123, "sent_count": 234912, "rssi_dbm": -97.5, "rssi_after_preamble_dbm": -92.0,
    }),
    _heard("spacemanic-radio", "HA2GRB", b"U,2637231,2659007,2,0,1275,1274,1218,0,,1808,279832,75,92\0", {
        "uptime_s": 2637231, "uptime_in_all_s": 2659007, "boot_count": 2, "rf_reset_count": 0,
        "controller_temperature_degc": 12.75, "rf_chip_temperature_degc": 12.74,
        "amplifier_temperature_degc": 12.18, "digipeated_count": 0, "last_callsign": None,
        "received_count": 1808, "sent_count": 279832, "rssi_dbm": -96.5, "rssi_after_preamble_dbm": -88.0,
    }),
    _heard("spacemanic-power", "OK0LSR", b"PSU,1,3367854,3367898,8127,1310,1005,238,141,66,1,45\0", {
        "reset_count": 1, "uptime_s": 3367854, "uptime_in_all_s": 3367898, "battery_voltage_v": 8.127,
        "board_temperature_degc": 13.1, "battery_temperature_degc": 10.05, "input_current_a": 0.238,
        "output_current_a": 0.141, "channels_mask": 102, "state": "ok", "ground_watchdog_raw": 45,
    }),
    _heard("spacemanic-power", "OK0BDT", b"PSU,3,17636755,32392055,8289,1790,1790,143,145,7f,1,95", {
        "reset_count": 3, "uptime_s": 17636755, "uptime_in_all_s": 32392055, "battery_voltage_v": 8.289,
        "board_temperature_degc": 17.9, "battery_temperature_degc": 17.9, "input_current_a": 0.143,
        "output_current_a": 0.145, "channels_mask": 127, "state": "ok", "ground_watchdog_raw": 95,
    }),
    _heard("lasarsat-obc", "OK0LSR", b"OBC,1,3364494,3364508,1127,12144\0", {
        "reset_count": 1, "uptime_s": 3364494, "uptime_in_all_s": 3364508,
        "controller_temperature_degc": 11.27, "free_memory_bytes": 12144,
    }),
    _heard("veronika-obc", "OM9VER", b"OBC,55,353706,5499686,8173,-69,2815", {
        "reset_count": 55, "uptime_s": 353706, "uptime_in_all_s": 5499686, "battery_voltage_v": 8.173,
        "controller_temperature_degc": -0.69, "free_memory_bytes": 2815,
    }),
    _heard("bdsat-2-obc", "OK0BDT", b"OBC,40,17621374,32365804,8387,1718,1775,1337,1031,2087,1318,962,1905", {
        "reset_count": 40, "uptime_s": 17621374, "uptime_in_all_s": 32365804, "battery_voltage_v": 8.387,
        "controller_temperature_degc": 17.18, "board_temperature_degc": 17.75,
        "panel_zm_temperature_degc": 13.37, "panel_xp_temperature_degc": 10.31,
        "panel_yp_temperature_degc": 20.87, "panel_ym_temperature_degc": 13.18,
        "panel_xm_temperature_degc": 9.62, "free_memory_bytes": 1905,
    }),
    _heard("lasarsat-attitude", "OK0LSR", b"MGS,1140,2522,11447,-6972,2527,-32768,-32768,-32768\0", {
        "magnetometer_temperature_degc": 11.4, "gyroscope_temperature_degc": 25.22,
        "magnetic_field_x_raw": 11447, "magnetic_field_y_raw": -6972, "magnetic_field_z_raw": 2527,
        "body_rate_x_raw": -32768, "body_rate_y_raw": -32768, "body_rate_z_raw": -32768,
    }),
    _heard("veronika-attitude", "OM9VER", b"MGS,1540,2284,8946,-4055,3068,-100,-35,-129,0,0,0,0,0,0,0,0", {
        "magnetometer_temperature_degc": 15.4, "gyroscope_temperature_degc": 22.84,
        "magnetic_field_x_raw": 8946, "magnetic_field_y_raw": -4055, "magnetic_field_z_raw": 3068,
        "body_rate_x_raw": -100, "body_rate_y_raw": -35, "body_rate_z_raw": -129,
        "outer_body_rate_z_raw": 0,
    }),
    _heard("lasarsat-panels", "OK0LSR", b"SOL,2806,412,631,-1782,1718,1143,634,307,301,164,178,897\0", {
        "panel_zp_temperature_degc": 28.06, "panel_xp_temperature_degc": 4.12,
        "panel_yp_temperature_degc": 6.31, "panel_zm_temperature_degc": -17.82,
        "panel_xm_temperature_degc": 17.18, "panel_ym_temperature_degc": 11.43, "diode_zp_raw": 634,
        "diode_xp_raw": 307, "diode_yp_raw": 301, "diode_zm_raw": 164, "diode_xm_raw": 178,
        "diode_ym_raw": 897,
    }),
    _heard("lasarsat-navigation", "OK0LSR",
        b"NAV,15,15766759,4294967295,4294967295,4294967295,-1,-1,5962,0,0,18,168,0\0", {
        "week_number": 15, "time_of_week_s": 15766.759, "position_x_raw": 4294967295,
        "position_y_raw": 4294967295, "position_z_raw": 4294967295, "velocity_x_raw": -1,
        "velocity_y_raw": -1, "velocity_z_raw": 5962, "satellites_count": 0, "dilution_raw": 0,
        "antenna_current_a": 0.018, "supply_raw": 168, "snr_raw": 0,
    }),
    _heard("lasarsat-dosimeter", "OK0LSR",
        b"DOS,80,0,0,0,531,1044,-234,65472,406,13,53,109,107,114,170,40605\0", {
        "mode_code": 80, "body_rate_x_raw": 0, "body_rate_y_raw": 0, "body_rate_z_raw": 0,
        "magnetic_field_x_raw": 531, "magnetic_field_y_raw": 1044, "magnetic_field_z_raw": -234,
        "plasma_raw": 65472, "photodiode_raw": 406, "dosimeter_raw": 13, "gyroscope_temperature_raw": 53,
        "magnetometer_temperature_raw": 109, "lppa_raw": 107, "bus_current_raw": 114,
        "bus_voltage_raw": 170, "uptime_s": 40605,
    }),
    _heard("bdsat-2-experiment", "OK0BDT",
        b"BDS,4,8,11,1,1668,1681,1437,1406,1412,1393,1256,1250,1231,1218,6.41,6.75,0.875,0.901", {
        "state": "4", "program": "8", "hardware_state_raw": 11, "cron": "1", "c_0_temperature_degc": 16.68,
        "c_1_temperature_degc": 16.81, "e1_0_temperature_degc": 14.37, "e1_1_temperature_degc": 14.06,
        "e1_2_temperature_degc": 14.12, "e1_3_temperature_degc": 13.93, "e2_0_temperature_degc": 12.56,
        "e2_1_temperature_degc": 12.5, "e2_2_temperature_degc": 12.31, "e2_3_temperature_degc": 12.18,
        "ei_0_temperature_degc": 6.41, "ei_1_temperature_degc": 6.75, "ei_0_pressure_raw": 0.875,
        "ei_1_pressure_raw": 0.901,
    }),
)
# fmt: on
