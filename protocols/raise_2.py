"""RAISE-2: JAXA's second Rapid Innovative Payload Demonstration Satellite.

Who and when
    JAXA, built by Mitsubishi Electric, 110 kg, 1.0 x 1.0 x 0.75 m, six experiments, planned for about a
    year. Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated first, 01:47:50 UTC.
    In orbit (element set of 2026-08-22); whether it still transmits is not known.

Radio
    No frequency is public: none in SatNOGS DB, none in the JE9PEL list (2026-08). Not an amateur satellite.

Byte map
    None is public.

Sources
    NASASpaceflight     https://www.nasaspaceflight.com/2021/11/epsilon-raise-2 (2021-11)
    GCAT                https://planet4589.org/space/gcat/
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)

Pages derived from Wikipedia give ASTERISC the number 49397; that is wrong against SATCAT, GCAT and SatNOGS.
"""

from datetime import UTC, datetime

from gsctl.model import ElementSet, Satellite, Schema, Source, Truth

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="RAISE-2",
        norad_id=49397,
        cospar_id="2021-102C",
        status="in orbit",
        summary="110 kg technology demonstrator of JAXA; no public frequency",
        elements=(
            ElementSet(
                norad_id=49397,
                name="RAISE 2",
                cospar_id="2021-102C",
                epoch=datetime(2026, 8, 22, 1, 39, 3, 231360, tzinfo=UTC),
                mean_motion_rev_day=15.22176814,
                eccentricity=0.0010044,
                inclination_deg=97.3231,
                raan_deg=265.3595,
                argument_of_perigee_deg=60.517,
                mean_anomaly_deg=299.7067,
                bstar=0.00022534,
                mean_motion_dot=5.11e-05,
                element_set_number=999,
                revolution_number=26345,
                source="CelesTrak, 2026-08-22",
            ),
        ),
        sources=(
            Source(
                title="NASASpaceflight: Epsilon launches RAISE-2",
                url="https://www.nasaspaceflight.com/2021/11/epsilon-raise-2",
                date="2021-11",
            ),
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=("no downlink in SatNOGS DB or the JE9PEL list (2026-08); telemetry layout not public",),
    ),
)

TRUTH: tuple[Truth, ...] = ()
