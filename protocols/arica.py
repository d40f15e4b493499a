"""ARICA: Aoyama Gakuin's test of prompt alerts of gamma-ray bursts.

Who and when
    Aoyama Gakuin University, 1U, 1 kg. Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated
    02:06:31 UTC, in the same second as KOSEN-1. No signal was received to 2021-12-01. Re-entered 2026-07-15
    (GCAT; at 265 x 256 km on 2026-07-10 by CelesTrak). That its mission is that of ARICA-2 is inferred.

Radio
    No downlink of ARICA is in SatNOGS DB or the JE9PEL list (2026-08), only those of its successor ARICA-2.

Byte map
    None is public. ARICA is not known to share the format of ARICA-2's beacon.

Sources
    GCAT                https://planet4589.org/space/gcat/
    not heard           khoahocphattrien.vn (2021-12-01)
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)
"""

from datetime import UTC, datetime

from gsctl.model import ElementSet, Satellite, Schema, Source, Truth

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="ARICA",
        norad_id=49403,
        cospar_id="2021-102J",
        status="re-entered, never heard",
        decayed_on="2026-07-15",
        summary="1U of Aoyama Gakuin University, gamma-ray-burst alerts; no public frequency",
        elements=(
            ElementSet(
                norad_id=49403,
                name="ARICA",
                cospar_id="2021-102J",
                epoch=datetime(2023, 10, 9, 2, 32, 27, 968928, tzinfo=UTC),
                mean_motion_rev_day=15.10510638,
                eccentricity=0.0019791,
                inclination_deg=97.4647,
                raan_deg=333.4347,
                argument_of_perigee_deg=28.6381,
                mean_anomaly_deg=331.5931,
                bstar=0.00089309,
                mean_motion_dot=0.00014739,
                element_set_number=999,
                revolution_number=10518,
                source="CelesTrak, 2023-10-09",
            ),
        ),
        sources=(
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(title="khoahocphattrien.vn: signals of the nine satellites", date="2021-12-01"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=("no signal was received to 2021-12-01", "telemetry layout not public"),
    ),
)

TRUTH: tuple[Truth, ...] = ()
