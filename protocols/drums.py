"""DRUMS: Kawasaki's demonstration of approaching space debris.

Who and when
    Kawasaki Heavy Industries, 46 kg. Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated
    02:05:45 UTC. In orbit (element set of 2026-08-22).

Radio
    No frequency and no call sign are public: none in SatNOGS DB, none in the JE9PEL list (2026-08).

Byte map
    None is public.

Sources
    GCAT                https://planet4589.org/space/gcat/
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)
"""

from datetime import UTC, datetime

from gsctl.model import ElementSet, Satellite, Schema, Source, Truth

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="DRUMS",
        norad_id=49401,
        cospar_id="2021-102G",
        status="in orbit",
        summary="46 kg of Kawasaki, debris-removal demonstration; no public frequency",
        elements=(
            ElementSet(
                norad_id=49401,
                name="DRUMS",
                cospar_id="2021-102G",
                epoch=datetime(2026, 8, 22, 12, 44, 4, 75872, tzinfo=UTC),
                mean_motion_rev_day=15.21043326,
                eccentricity=0.00149187,
                inclination_deg=97.3265,
                raan_deg=269.8118,
                argument_of_perigee_deg=7.2492,
                mean_anomaly_deg=352.8957,
                bstar=0.00019502141,
                mean_motion_dot=4.274e-05,
                element_set_number=999,
                revolution_number=26366,
                source="CelesTrak, 2026-08-22",
            ),
        ),
        sources=(
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=("no downlink in SatNOGS DB or the JE9PEL list (2026-08); telemetry layout not public",),
    ),
)

TRUTH: tuple[Truth, ...] = ()
