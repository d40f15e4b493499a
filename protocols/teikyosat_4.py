"""TeikyoSat-4 (Ooruri, JS1YHH): Teikyo University's satellite.

Who and when
    Teikyo University, Space System Society; 52 kg, 0.55 m cube. Launched 2021-11-09 00:55 UTC on Epsilon-5
    from Uchinoura, separated 02:01:46 UTC. In orbit (element set of 2026-08-22). JE9PEL calls it inactive
    (2026-08), SatNOGS alive.

Radio (IARU coordinated, serial 561)
    437.450 MHz    Morse, AFSK 1200, GMSK 9600, SSTV      high
    5831 MHz       FSK 115200                             frequency high; rate inferred: JE9PEL says
                                                          115k2, SatNOGS's 1152000 is taken as a slip
    framing of AFSK and GMSK: not stated. Morse speed: not stated.

Byte map
    Packets: none is public.
    Morse: two lines of four bytes in hex, ``S1 vv vv vv vv`` and ``S2 vv vv vv vv``; SatNOGS keeps them as
    ``s1`` or ``s2`` and four bytes, where FF stands for a pair that was not read.
        S1  RSSI of VHF, 5 V / 255 a step      S2  x+, 5 V / 255 a step
            RSSI of SHF, 5 V / 255 a step          y+
            debug connector, raw                   x-
            ground, raw                            y-
    Volts are inferred (an 8-bit converter of 5 V). What x+ to y- measure is not stated.

Sources
    team                https://spacesystemsociety.jimdofree.com/projects/teikyosat-project/teikyosat-4-info/
    transmitters        SatNOGS DB HBtqoMLghydMdvqp4gj3Bw, jgpNrym834V7z2xggrH6wC, 8z8tqwdY5PKi9qWQ3Mb3LH,
                        ctTMohjM4JpvxjSdNhpWbU, draCNhr5ZqcN2BTo7yyNko (2021-09-30)
    beacon              satnogs-decoders, teikyosat4, from the team's document (2025-03-16)
    IARU                https://iaru.amsat-uk.org/finished_detail.php?serialnum=561
    JE9PEL list         437.450/5831 1k2AFSK 9k6GMSK 115k2FSK CW (2026-08)
    GCAT                https://planet4589.org/space/gcat/
"""

from datetime import UTC, datetime

from construct import Int8ub, Struct

from gsctl.framing import Text
from gsctl.model import Confidence, ElementSet, Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import hex_pairs_schema, scaled
from gsctl.waveform import Afsk, Fsk, Morse

_UNREAD = 0xFF
_STEP_V = 5.0 / 255

_LINE_1 = Struct(
    "rssi_vhf_v" / scaled(Int8ub, _STEP_V, unknown=_UNREAD),
    "rssi_shf_v" / scaled(Int8ub, _STEP_V, unknown=_UNREAD),
    "debug_connector_raw" / scaled(Int8ub, 1, unknown=_UNREAD),
    "ground_raw" / scaled(Int8ub, 1, unknown=_UNREAD),
)
_LINE_2 = Struct(
    *(f"side_{side}_v" / scaled(Int8ub, _STEP_V, unknown=_UNREAD) for side in ("xp", "yp", "xm", "ym"))
)

# The Morse beacon only; no packet layout is public.
TELEMETRY: tuple[Schema, ...] = tuple(
    hex_pairs_schema(f"teikyosat-4-beacon-{number}", f"S{number}", line, transcribed=b"s%d" % number)
    for number, line in enumerate((_LINE_1, _LINE_2), 1)
)

SATELLITES = (
    Satellite(
        name="TeikyoSat-4",
        norad_id=49396,
        cospar_id="2021-102B",
        aliases=("Ooruri", "TS-4"),
        callsigns=("JS1YHH",),
        status="in orbit, activity uncertain",
        summary="52 kg of Teikyo University; 437.450 MHz Morse, AFSK 1200, GMSK 9600",
        transmitters=(
            Transmitter(
                label="437.450 MHz CW",
                frequency_hz=437_450_000.0,
                waveform=Morse(),
                framing=Text(),
                schema="teikyosat-4-beacon-1",
                note="beacon lines S1 and S2; speed not stated",
            ),
            Transmitter(
                label="437.450 MHz AFSK 1200",
                frequency_hz=437_450_000.0,
                waveform=Afsk(symbol_rate_bd=1200.0),
                note="framing not stated",
            ),
            Transmitter(
                label="437.450 MHz GMSK 9600",
                frequency_hz=437_450_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0),
                note="framing not stated",
            ),
            Transmitter(label="437.450 MHz SSTV", frequency_hz=437_450_000.0, note="mode not stated"),
            Transmitter(
                label="5831 MHz FSK 115200",
                frequency_hz=5_831_000_000.0,
                waveform=Fsk(symbol_rate_bd=115_200.0),
                confidence=Confidence.INFERRED,
                note="frequency stated; 115200 Bd from JE9PEL, SatNOGS writes 1152000; framing not stated",
            ),
        ),
        elements=(
            ElementSet(
                norad_id=49396,
                name="TEIKYOSAT-4 (OORURI)",
                cospar_id="2021-102B",
                epoch=datetime(2026, 8, 22, 8, 7, 33, 191904, tzinfo=UTC),
                mean_motion_rev_day=15.0970738,
                eccentricity=0.00135737,
                inclination_deg=97.3651,
                raan_deg=261.2494,
                argument_of_perigee_deg=68.5725,
                mean_anomaly_deg=291.6951,
                bstar=9.9599602e-05,
                mean_motion_dot=1.547e-05,
                element_set_number=999,
                revolution_number=26270,
                source="CelesTrak, 2026-08-22",
            ),
        ),
        sources=(
            Source(
                title="Teikyo University, Space System Society",
                url="https://spacesystemsociety.jimdofree.com/projects/teikyosat-project/teikyosat-4-info/",
            ),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/UYHX-6974-4483-5549-8559",
                date="2026-08-05",
            ),
            Source(
                title="IARU coordination, serial 561",
                url="https://iaru.amsat-uk.org/finished_detail.php?serialnum=561",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
        ),
        notes=("JE9PEL says inactive (2026-08), SatNOGS says alive (2025-03)",),
    ),
)

# No received text with known values was found: these are made up, their values worked out by hand.
TRUTH = (
    Truth(
        schema="teikyosat-4-beacon-1",
        payload=b"S1 33 66 0A ..",
        origin="made up",
        real=False,
        fields={"rssi_vhf_v": 1.0, "rssi_shf_v": 2.0, "debug_connector_raw": 10, "ground_raw": None},
    ),
    Truth(
        schema="teikyosat-4-beacon-2",
        payload=b"s2\x99\xcc\x00\xff",
        origin="made up, in the form of a SatNOGS transcription",
        real=False,
        fields={"side_xp_v": 3.0, "side_yp_v": 4.0, "side_xm_v": 0.0, "side_ym_v": None},
    ),
)
