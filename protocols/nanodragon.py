"""NanoDragon (XV9NDG): Vietnam's 3U satellite that listens for ships' AIS.

Who and when
    VNSC (Vietnam National Space Center) with Meisei; 100 x 100 x 340.5 mm, about 4 kg. Launched
    2021-11-09 00:55 UTC on Epsilon-5 from Uchinoura, the last of nine to separate, at 02:06:54 UTC.
    Receives AIS from orbit, checks its attitude control with an optical imager, flies a new on-board
    computer. Which object it is: GCAT says 2021-102D; every other letter of the launch has another
    name, which confirms it. SatNOGS keeps the temporary number 99515 and follows 49398.
    In orbit (element set of 2026-06-17); no station is known to have received it: to 2021-12-02 VNSC
    had no UHF signal, and CelesTrak lists it as non-operational (2026-07).

Radio
    UHF downlink   437.365 MHz, BPSK, 1200 Bd                 stated (VNSC's announcement of 2021-09)
    framing        not published; AX.25 is tried as a guess   assumed
    S-band         mission data; frequency, rate and modulation not public
    VHF uplink     commands; frequency not public

Byte map
    None is public: no telemetry layout, no beacon, no AIS layout, no received frame. gsctl's demo uses
    a layout of its own, in ``gsctl_demo_profile.py``, and never calls it NanoDragon's.

Sources
    GCAT                     https://planet4589.org/space/gcat/
    SatNOGS DB               https://db.satnogs.org/satellite/ABEW-7076-2438-2471-3995 (2026-08-05)
    transmitter              SatNOGS DB 8ZGBSuGbQQBGZPedsZU6f7 (2021-09-30), citing
                             https://forums.radioreference.com/threads/announcement-of-the-nanodragon-satellite.432322/
    not heard                https://www.ntdvn.net/ve-tinh-nanodragon-cua-viet-nam-chua-nhan-duoc-tin-hieu-tu-mat-dat-284993.html
                             and khoahocphattrien.vn (2021-12-02)
    mission                  https://e.vnexpress.net/news/news/vietnam-maritime-observation-satellite-launched-from-japan-4383259.html
    JE9PEL frequency list    437.365 MHz 1k2 BPSK, "unknown" (2026-08)
"""

from datetime import UTC, datetime

from gsctl.framing import Ax25
from gsctl.model import Confidence, Direction, ElementSet, Satellite, Schema, Source, Transmitter, Truth
from gsctl.waveform import Bpsk

# Nothing about the frames' content is public (see the byte map above).
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="NanoDragon",
        norad_id=49398,
        cospar_id="2021-102D",
        temporary_norad_ids=(99515,),
        callsigns=("XV9NDG",),
        status="in orbit, never heard",
        summary="3U of VNSC (Vietnam), receives ships' AIS; downlink 437.365 MHz BPSK 1200",
        transmitters=(
            Transmitter(
                label="437.365 MHz BPSK 1200",
                frequency_hz=437_365_000.0,
                waveform=Bpsk(symbol_rate_bd=1200.0),
                framing=Ax25(),
                framing_confidence=Confidence.ASSUMED,
                note="telemetry; frequency and modulation from VNSC's announcement; "
                "the framing is not published, AX.25 is a guess",
            ),
            Transmitter(
                label="S-band mission data",
                note="that it exists is stated by VNSC; frequency, rate and modulation are not public",
            ),
            Transmitter(
                label="VHF command",
                direction=Direction.UPLINK,
                note="that it exists is stated by VNSC; the frequency is not public",
            ),
        ),
        elements=(
            ElementSet(
                norad_id=49398,
                name="NANODRAGON",
                cospar_id="2021-102D",
                epoch=datetime(2026, 6, 17, 1, 17, 26, 496960, tzinfo=UTC),
                mean_motion_rev_day=15.30608614,
                eccentricity=0.0008635,
                inclination_deg=97.3189,
                raan_deg=210.2672,
                argument_of_perigee_deg=193.2732,
                mean_anomaly_deg=166.8284,
                bstar=0.00031989,
                mean_motion_dot=9.402e-05,
                element_set_number=999,
                revolution_number=25400,
                source="Space-Track through SatNOGS DB, 2026-06-17",
            ),
        ),
        sources=(
            Source(title="J. McDowell, General Catalog", url="https://planet4589.org/space/gcat/"),
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/ABEW-7076-2438-2471-3995",
                date="2026-08-05",
            ),
            Source(
                title="VNSC's announcement, through SatNOGS DB",
                url="https://forums.radioreference.com/threads/announcement-of-the-nanodragon-satellite.432322/",
                date="2021-09-30",
            ),
            Source(
                title="ntdvn.net: no signal received yet",
                url="https://www.ntdvn.net/ve-tinh-nanodragon-cua-viet-nam-chua-nhan-duoc-tin-hieu-tu-mat-dat-284993.html",
                date="2021-12",
            ),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=(
            "never heard: to 2021-12-02 neither VNSC nor SatNOGS stations received a signal",
            "CelesTrak and Space-Track call it 2021-102D or OBJECT D; the name is GCAT's, "
            "confirmed by elimination",
            "SatNOGS DB joins it by the temporary number 99515 and calls it alive (row of 2021-11-23)",
        ),
    ),
)

# No frame is known to have been received, so there is none to check against.
TRUTH: tuple[Truth, ...] = ()
