"""PicoDragon (XV9PID): Vietnam's first satellite of its own make.

Who and when
    VNSC, 1U, 10 x 10 x 11.35 cm, 1 kg. Launched 2013-08-03 about 19:48 UTC with HTV-4 on H-IIB from
    Tanegashima, released from the space station in November 2013. Re-entered 2014-02-28.

Radio
    437.250 MHz    Morse beacon                                     medium
    437.365 MHz    AFSK 1200, AX.25, 800 mW                         medium; JE9PEL has it as 437.xxx
    NanoDragon uses the same 437.365 MHz.

Byte map
    None was found. No element set was found either.

Sources
    VNSC                https://vnsc.org.vn/en/projects/profile-of-the-picodragon-satellite
    Wikipedia           https://en.wikipedia.org/wiki/PicoDragon
    JE9PEL list         437.xxx 437.250 1k2 AFSK CW, XV9PID, re-entered (2026-08)
    CelesTrak SATCAT    https://celestrak.org/satcat/ (2026-07)
"""

from gsctl.framing import Ax25, Text
from gsctl.model import Satellite, Schema, Source, Transmitter, Truth
from gsctl.waveform import Afsk, Morse

# No frame layout is public.
TELEMETRY: tuple[Schema, ...] = ()

SATELLITES = (
    Satellite(
        name="PicoDragon",
        norad_id=39413,
        cospar_id="1998-067DB",
        callsigns=("XV9PID",),
        status="re-entered",
        decayed_on="2014-02-28",
        summary="1U of VNSC (Vietnam), released from the space station in 2013",
        transmitters=(
            Transmitter(
                label="437.250 MHz CW",
                frequency_hz=437_250_000.0,
                waveform=Morse(),
                framing=Text(),
                note="beacon; speed and format not public",
            ),
            Transmitter(
                label="437.365 MHz AFSK 1200",
                frequency_hz=437_365_000.0,
                waveform=Afsk(symbol_rate_bd=1200.0),
                framing=Ax25(),
                note="telemetry, 800 mW; one source for the frequency (Wikipedia)",
            ),
        ),
        sources=(
            Source(
                title="VNSC: profile of PicoDragon",
                url="https://vnsc.org.vn/en/projects/profile-of-the-picodragon-satellite",
            ),
            Source(title="Wikipedia: PicoDragon", url="https://en.wikipedia.org/wiki/PicoDragon"),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="CelesTrak SATCAT", url="https://celestrak.org/satcat/", date="2026-07"),
        ),
        notes=("no element set was found", "telemetry layout not public"),
    ),
)

TRUTH: tuple[Truth, ...] = ()
