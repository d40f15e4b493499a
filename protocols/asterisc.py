"""ASTERISC: Chiba Tech's cosmic dust sensor.

Who and when
    Chiba Institute of Technology (PERC), 3U, about 4 kg, a film that hears dust hit it; bus from S-CUBE.
    Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated 02:02:09 UTC. Re-entered 2025-01-25
    (GCAT, SatNOGS) or 2025-01-20 (CelesTrak SATCAT).

Radio
    No downlink is public: none in SatNOGS DB, none in the JE9PEL list (2026-08). No call sign was found.

Byte map
    None is public.

Sources
    GCAT                https://planet4589.org/space/gcat/
    SatNOGS DB          https://db.satnogs.org/satellite/NWDH-3014-2178-3335-8446 (2025-02-13)
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)

Pages derived from Wikipedia give it as 2021-102C, 49397; that is RAISE-2.
"""

from datetime import UTC, datetime

from gsctl.model import ElementSet, Satellite, Schema, Source, Truth

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="ASTERISC",
        norad_id=49395,
        cospar_id="2021-102A",
        status="re-entered",
        decayed_on="2025-01-25",
        summary="3U of Chiba Institute of Technology, dust sensor; no public frequency",
        elements=(
            ElementSet(
                norad_id=49395,
                name="ASTERISC",
                cospar_id="2021-102A",
                epoch=datetime(2023, 10, 9, 9, 38, 38, 741856, tzinfo=UTC),
                mean_motion_rev_day=15.11783335,
                eccentricity=0.0013985,
                inclination_deg=97.4763,
                raan_deg=332.8262,
                argument_of_perigee_deg=28.1792,
                mean_anomaly_deg=332.0193,
                bstar=0.0014565,
                mean_motion_dot=0.00024916,
                element_set_number=999,
                revolution_number=10511,
                source="CelesTrak, 2023-10-09",
            ),
        ),
        sources=(
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/NWDH-3014-2178-3335-8446",
                date="2025-02-13",
            ),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=(
            "re-entered 2025-01-25 (GCAT, SatNOGS) or 2025-01-20 (CelesTrak SATCAT)",
            "no downlink in SatNOGS DB or the JE9PEL list (2026-08); telemetry layout not public",
        ),
    ),
)

TRUTH: tuple[Truth, ...] = ()
