"""MicroDragon: Vietnam's 50 kg Earth observation satellite.

Who and when
    VNSC, 50 cm cube, 50 kg, Hodoyoshi heritage. Launched 2019-01-18 on Epsilon-4 from Uchinoura. Re-entered
    2024-10-01.

Radio
    S-band    2280.000 MHz, 4 kbit/s, operations          medium; modulation and framing not public
    X-band    up to 10 Mbit/s, data                       medium; frequency not public

Byte map
    None is public.

Sources
    Wikipedia (vi)      https://vi.wikipedia.org/wiki/MicroDragon
    SatNOGS DB          https://db.satnogs.org/satellite/PUYT-6109-4558-2471-5378 (2024-10-03)
    JE9PEL list         2280.000, re-entered (2026-08)
"""

from datetime import UTC, datetime

from gsctl.model import ElementSet, Satellite, Schema, Source, Transmitter, Truth

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="MicroDragon",
        norad_id=43935,
        cospar_id="2019-003D",
        status="re-entered",
        decayed_on="2024-10-01",
        summary="50 kg of VNSC (Vietnam), Earth observation; S-band and X-band",
        transmitters=(
            Transmitter(
                label="2280 MHz 4 kbit/s",
                frequency_hz=2_280_000_000.0,
                note="operations; modulation and framing not public",
            ),
            Transmitter(label="X-band data", note="up to 10 Mbit/s; frequency and modulation not public"),
        ),
        elements=(
            ElementSet(
                norad_id=43935,
                name="MICRODRAGON",
                cospar_id="2019-003D",
                epoch=datetime(2023, 10, 9, 13, 8, 14, 76960, tzinfo=UTC),
                mean_motion_rev_day=15.39282114,
                eccentricity=0.0009907,
                inclination_deg=97.1,
                raan_deg=298.2039,
                argument_of_perigee_deg=254.5371,
                mean_anomaly_deg=105.4782,
                bstar=0.00080392,
                mean_motion_dot=0.00031388,
                element_set_number=999,
                revolution_number=26299,
                source="CelesTrak, 2023-10-09",
            ),
        ),
        sources=(
            Source(title="Wikipedia (vi): MicroDragon", url="https://vi.wikipedia.org/wiki/MicroDragon"),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/PUYT-6109-4558-2471-5378",
                date="2024-10-03",
            ),
            Source(title="JE9PEL frequency list", date="2026-08"),
        ),
        notes=("telemetry layout not public",),
    ),
)

TRUTH: tuple[Truth, ...] = ()
