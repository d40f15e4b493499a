"""KOSEN-1 (JR5YGJ): the satellite of Japan's colleges of technology.

Who and when
    KOSEN group, Kochi; 2U, 3 kg. Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated
    02:06:31 UTC. Active: JE9PEL (2026-08), SatNOGS, and the group's own tracker (element set of 2026-10-05).

Radio (IARU coordinated, serial 687)
    435.525 MHz    Morse beacon, about 18 words a minute    high
    435.525 MHz    AFSK 1200, GMSK 9600                     high; framing not stated
    21.125 to 21.150 MHz uplink (Morse) to 435.525 MHz AFSK 1200, "onboard SDR"    medium

Byte map
    Packets: none is public.
    Morse: ``JR5YGJ KOSEN-1``, then two lines of four bytes in hex; ``..`` is a pair that was not read.
    SatNOGS keeps them as ``kosen-1 s1`` and four bytes, where FF is a pair that was not read.
        S1  RSSI, 0.409 dB a step from -127.4 dBm          S2  load current, v / 0.1024 mA
            battery temperature, 0.00003 v^3 - 0.011 v^2       solar current z-, v / 0.256 mA
              + 1.49 v - 28.1 degC                             solar current y-, v / 0.256 mA
            battery voltage, 0.0253 V a step                   solar current x-, v / 0.256 mA
            battery current, (v - 128) / 0.0512 mA
    The units are inferred from the ranges; there is no check, so a wrong letter gives a wrong value.

Sources
    team                http://space.kochi-ct.jp/kosen-1/
    team's tracker      https://github.com/kosen-1/KOSEN-1_Tracker (2026-10-05)
    transmitters        SatNOGS DB 8qsv5m7tUfr45SJGb6LuNS (2023-10-07), BgMkdvUy8oDishD94vBFcb,
                        WC7uDquKD2oZRTL6GdvMyy, YcezEz4dXU5uTwzYEFFrtk (2021-09-30)
    beacon              https://community.libre.space/t/kosen-1-cw-beacon-date-format/12202 (lines);
                        satnogs-decoders, kosen1, from the team's page (2024-10-23)
    IARU                https://iaru.amsat-uk.org/finished_detail.php?serialnum=687
    JE9PEL list         435.525 1k2AFSK/9k6FSK CW, active (2026-08)
    GCAT                https://planet4589.org/space/gcat/
"""

from datetime import UTC, datetime

from construct import Int8ub, Struct

from gsctl.framing import Text
from gsctl.model import Direction, ElementSet, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import converted, hex_pairs_schema, scaled
from gsctl.waveform import Afsk, Fsk, Morse

_UNREAD = 0xFF

_LINE_1 = Struct(
    "rssi_dbm" / scaled(Int8ub, 0.409, -127.4, unknown=_UNREAD),
    "battery_temperature_degc"
    / converted(Int8ub, lambda v: 0.00003 * v**3 - 0.011 * v**2 + 1.49 * v - 28.1, unknown=_UNREAD),
    "battery_voltage_v" / scaled(Int8ub, 0.0253, unknown=_UNREAD),
    "battery_current_a" / scaled(Int8ub, 1e-3 / 0.0512, -128e-3 / 0.0512, unknown=_UNREAD),
)
_LINE_2 = Struct(
    "load_current_a" / scaled(Int8ub, 1e-3 / 0.1024, unknown=_UNREAD),
    "solar_zm_current_a" / scaled(Int8ub, 1e-3 / 0.256, unknown=_UNREAD),
    "solar_ym_current_a" / scaled(Int8ub, 1e-3 / 0.256, unknown=_UNREAD),
    "solar_xm_current_a" / scaled(Int8ub, 1e-3 / 0.256, unknown=_UNREAD),
)

# The Morse beacon only; no packet layout is public.
TELEMETRY: tuple[Schema, ...] = tuple(
    hex_pairs_schema(f"kosen-1-beacon-{number}", f"S{number}", line, transcribed=b"kosen-1 s%d" % number)
    for number, line in enumerate((_LINE_1, _LINE_2), 1)
)

SATELLITES = (
    Satellite(
        name="KOSEN-1",
        norad_id=49402,
        cospar_id="2021-102H",
        callsigns=("JR5YGJ",),
        status="active",
        summary="2U of Japan's colleges of technology; 435.525 MHz Morse beacon, AFSK 1200, GMSK 9600",
        transmitters=(
            Transmitter(
                label="435.525 MHz CW",
                frequency_hz=435_525_000.0,
                waveform=Morse(speed_wpm=18.0),
                framing=Text(),
                schema="kosen-1-beacon-1",
                note="beacon lines S1 and S2",
            ),
            Transmitter(
                label="435.525 MHz AFSK 1200",
                frequency_hz=435_525_000.0,
                waveform=Afsk(symbol_rate_bd=1200.0),
                note="framing not stated",
            ),
            Transmitter(
                label="435.525 MHz GMSK 9600",
                frequency_hz=435_525_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                note="framing not stated",
            ),
            Transmitter(
                label="21.125 MHz CW uplink",
                direction=Direction.UPLINK,
                frequency_hz=21_125_000.0,
                waveform=Morse(),
                note="to 21.150 MHz; relayed on 435.525 MHz AFSK 1200 by the on-board SDR",
            ),
        ),
        elements=(
            ElementSet(
                norad_id=49402,
                name="KOSEN-1",
                cospar_id="2021-102H",
                epoch=datetime(2026, 10, 5, 15, 39, 46, 981440, tzinfo=UTC),
                mean_motion_rev_day=15.28144195,
                eccentricity=0.0013611,
                inclination_deg=97.3081,
                raan_deg=318.7011,
                argument_of_perigee_deg=168.814,
                mean_anomaly_deg=191.3406,
                bstar=0.00022758,
                mean_motion_dot=6.186e-05,
                element_set_number=999,
                revolution_number=27088,
                source="github.com/kosen-1/KOSEN-1_Tracker, 2026-10-05",
            ),
        ),
        sources=(
            Source(title="KOSEN-1 project, NIT Kochi", url="http://space.kochi-ct.jp/kosen-1/"),
            Source(
                title="KOSEN-1 Tracker", url="https://github.com/kosen-1/KOSEN-1_Tracker", date="2026-10-05"
            ),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/NJBJ-3838-9654-0508-8247",
                date="2026-08-05",
            ),
            Source(
                title="IARU coordination, serial 687",
                url="https://iaru.amsat-uk.org/finished_detail.php?serialnum=687",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
        ),
    ),
)

# No received text with known values was found: these are made up, their values worked out by hand.
TRUTH = (
    Truth(
        schema="kosen-1-beacon-1",
        payload=b"JR5YGJ KOSEN-1 S1 64 32 A0 ..",
        origin="made up",
        real=False,
        fields={
            "rssi_dbm": -86.5,
            "battery_temperature_degc": 22.65,
            "battery_voltage_v": 4.048,
            "battery_current_a": None,
        },
    ),
    Truth(
        schema="kosen-1-beacon-1",
        payload=b"kosen-1 s1\x00\x00\xfe\x80",
        origin="made up, in the form of a SatNOGS transcription",
        real=False,
        fields={
            "rssi_dbm": -127.4,
            "battery_temperature_degc": -28.1,
            "battery_voltage_v": 6.4262,
            "battery_current_a": 0.0,
        },
    ),
    Truth(
        schema="kosen-1-beacon-2",
        payload=b"s2 40 20 10 08",
        origin="made up",
        real=False,
        fields={
            "load_current_a": 0.625,
            "solar_zm_current_a": 0.125,
            "solar_ym_current_a": 0.0625,
            "solar_xm_current_a": 0.03125,
        },
    ),
)
