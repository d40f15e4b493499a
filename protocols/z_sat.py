"""Z-Sat: an infrared observation satellite with an amateur bulletin board.

Who and when
    Mitsubishi Heavy Industries, 46 kg, observation in several infrared bands. Launched 2021-11-09 00:55 UTC
    on Epsilon-5 from Uchinoura, separated 02:05:26 UTC. In orbit (element set of 2026-08-22). JE9PEL calls
    it inactive (2026-08), SatNOGS alive.

Radio
    145.875 MHz downlink, 435.480 MHz uplink (BBS; IARU coordinated, serial 580)
        Morse     telemetry, to 2025-06-20
        9600 Bd   FSK, deviation 2400 Hz, since then. The symbols repeat with period 131071 = 2^17 - 1:
                  the G3RUH scrambler run on a constant input. It carried no frames (medium), which makes it a
                  good negative test: descrambled, it is one constant bit.
        FM        listed by JE9PEL
    Call sign: JJ2YPO (JE9PEL) or JJ2YJX (SatNOGS); the sources are in conflict. One may be the ground's.

Byte map
    None is public; the Morse telemetry's format was not found.

Sources
    D. Estevez          https://destevez.net/2025/06/z-sat-vhf-transmissions (2025-06)
    transmitter         SatNOGS DB PSXKMkfdBXmue7GbeYYHrS (2025-06-30)
    IARU                https://www.amsatuk.me.uk/iaru/finished_detail.php?serialnum=580
    JE9PEL list         145.875 9k6GMSK FM CW, JJ2YPO (2026-08)
    GCAT                https://planet4589.org/space/gcat/
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)
"""

from datetime import UTC, datetime

from gsctl.framing import Ax25, Text
from gsctl.model import Confidence, Direction, ElementSet, Satellite, Schema, Source, Transmitter, Truth
from gsctl.waveform import Fsk, Morse

# The format of the Morse telemetry is not public, and the 9600 Bd signal held no frames.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="Z-Sat",
        norad_id=49399,
        cospar_id="2021-102E",
        callsigns=("JJ2YPO", "JJ2YJX"),
        status="in orbit, activity uncertain",
        summary="46 kg of Mitsubishi Heavy Industries, infrared; amateur bulletin board on 145.875 MHz",
        transmitters=(
            Transmitter(
                label="145.875 MHz FSK 9600",
                frequency_hz=145_875_000.0,
                waveform=Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0),
                framing=Ax25(g3ruh=True),
                framing_confidence=Confidence.INFERRED,
                note="since 2025-06-20; G3RUH from the period of the symbols, AX.25 from SatNOGS; "
                "the signal of 2025 held no frames",
            ),
            Transmitter(
                label="145.875 MHz CW",
                frequency_hz=145_875_000.0,
                waveform=Morse(),
                framing=Text(),
                note="telemetry up to 2025-06-20; speed and format not public",
            ),
            Transmitter(
                label="435.480 MHz BBS uplink",
                direction=Direction.UPLINK,
                frequency_hz=435_480_000.0,
                note="IARU serial 580; modulation not public",
            ),
        ),
        elements=(
            ElementSet(
                norad_id=49399,
                name="Z-SAT",
                cospar_id="2021-102E",
                epoch=datetime(2026, 8, 22, 14, 55, 35, 21568, tzinfo=UTC),
                mean_motion_rev_day=15.18715349,
                eccentricity=0.00170578,
                inclination_deg=97.33,
                raan_deg=267.9337,
                argument_of_perigee_deg=21.2277,
                mean_anomaly_deg=338.9662,
                bstar=0.00027672916,
                mean_motion_dot=5.698e-05,
                element_set_number=999,
                revolution_number=26352,
                source="CelesTrak, 2026-08-22",
            ),
        ),
        sources=(
            Source(
                title="D. Estevez: Z-Sat VHF transmissions",
                url="https://destevez.net/2025/06/z-sat-vhf-transmissions",
                date="2025-06",
            ),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/KMUR-8898-9913-2178-8848",
                date="2026-08-05",
            ),
            Source(
                title="IARU coordination, serial 580",
                url="https://www.amsatuk.me.uk/iaru/finished_detail.php?serialnum=580",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=(
            "call sign in conflict: JJ2YPO (JE9PEL) or JJ2YJX (SatNOGS)",
            "JE9PEL says inactive (2026-08), SatNOGS says alive",
        ),
    ),
)

TRUTH: tuple[Truth, ...] = ()
