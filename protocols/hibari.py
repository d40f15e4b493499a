"""HIBARI: Tokyo Tech's satellite that turns by moving its panels.

Who and when
    Tokyo Institute of Technology, Matunaga laboratory; 55 kg; attitude control by variable shape, a UV
    camera. Launched 2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, separated 02:06:08 UTC.
    In orbit (element set of 2026-08-22); whether it transmits now is not known.

Radio
    2285.009 MHz, GMSK, 32000 Bd    medium: measured by one observer in 2023, not published by the team
    framing                         not public
    No amateur frequency and no call sign were found.

Byte map
    None is public.

Sources
    Tokyo Tech          https://educ.titech.ac.jp/mech/eng/news/2021_11/061490.html (2021-11)
    transmitter         SatNOGS DB HbfHE3M8Be79Gaki7wSKMY (2023-08-14), citing
                        https://community.libre.space/t/strf-bandscan-results/9827/73
    GCAT                https://planet4589.org/space/gcat/
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)
"""

from datetime import UTC, datetime

from gsctl.model import Confidence, ElementSet, Satellite, Schema, Source, Transmitter, Truth
from gsctl.waveform import Fsk

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="HIBARI",
        norad_id=49400,
        cospar_id="2021-102F",
        status="in orbit",
        summary="55 kg of Tokyo Tech, variable-shape attitude control; S-band only",
        transmitters=(
            Transmitter(
                label="2285.009 MHz GMSK 32000",
                frequency_hz=2_285_009_000.0,
                waveform=Fsk(symbol_rate_bd=32_000.0),
                confidence=Confidence.INFERRED,
                note="measured from a spectrum scan by one observer; GMSK; the framing is not public",
            ),
        ),
        elements=(
            ElementSet(
                norad_id=49400,
                name="HIBARI",
                cospar_id="2021-102F",
                epoch=datetime(2026, 8, 22, 2, 10, 28, 182144, tzinfo=UTC),
                mean_motion_rev_day=15.32944625,
                eccentricity=0.00099587,
                inclination_deg=97.3194,
                raan_deg=279.2804,
                argument_of_perigee_deg=333.6466,
                mean_anomaly_deg=26.4269,
                bstar=0.00030975652,
                mean_motion_dot=9.796e-05,
                element_set_number=999,
                revolution_number=26428,
                source="CelesTrak, 2026-08-22",
            ),
        ),
        sources=(
            Source(
                title="Tokyo Tech: launch of HIBARI",
                url="https://educ.titech.ac.jp/mech/eng/news/2021_11/061490.html",
                date="2021-11",
            ),
            Source(
                title="SatNOGS DB, from a spectrum scan",
                url="https://community.libre.space/t/strf-bandscan-results/9827/73",
                date="2023-08-14",
            ),
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=("telemetry layout not public",),
    ),
)

TRUTH: tuple[Truth, ...] = ()
