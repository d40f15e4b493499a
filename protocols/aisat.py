"""AISat: a nanosatellite of DLR (Germany) with an AIS receiver.

Who and when
    DLR, the German Aerospace Center. Launched 2014-06-30. SatNOGS DB calls it alive (2025-02).

Radio
    437.250 MHz    AFSK 4800, U482C with CSP inside    stated
    437.250, 437.505 MHz    CW beacon, sign DP0AIS
    AFSK tones at 2400 and 4800 Hz: measured on the recording

Byte map (reply of the AIS receiver's store, after error correction, high byte first)
    0    4      CSP header, kept as hex
    4    u32    newest sequence number of the store
    8    40 *   up to 4 records of Satlab's QubeAIS receiver (gsctl.telemetry.satlab_frame)
    ..   4      CRC-32C of what follows the CSP header, low byte first
    ..          end
    The layout is inferred: it is that of Satlab's header, and in all 22 frames of the recording the CRC-32C
    is right, sequence numbers run from 1 to 88, times from 2016-02-08 to 2016-02-25, and each record that
    is not cut has the right FCS. Yet their lengths and contents are at random, as if the receiver had
    taken noise for frames: no ship is known by them. Flags are 19 (hex) in all records; what their
    upper bits mean is not public.

Sources
    "AIS receiver interface", (c) 2015 Satlab ApS: the records
    gr-satellites, AISAT: AFSK 4800 and U482C
    the recording aisat.wav of github.com/daniestevez/satellite-recordings
    satellite    https://db.satnogs.org/satellite/ZRIM-9073-8711-5268-6171 (2026-08-05)
"""

from construct import Int32ub

from gsctl.framing import Text, U482c
from gsctl.model import Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import hexadecimal, relayed_ais_schema
from gsctl.waveform import Afsk, Morse

_HEADER = bytes.fromhex("82A58201")
_LENGTHS = {4 + 4 + 40 * count + 4 for count in range(1, 5)}

TELEMETRY: tuple[Schema, ...] = (
    relayed_ais_schema(
        "aisat-ais-store",
        form="satlab",
        when=lambda payload: len(payload) in _LENGTHS and payload[:4] == _HEADER,
        head=("csp_header" / hexadecimal(4), "newest_sequence_number" / Int32ub),
        tail=("_csp_crc" / hexadecimal(4),),
        names_sender=False,
    ),
)

SATELLITES = (
    Satellite(
        name="AISat",
        norad_id=40054,
        callsigns=("DP0AIS",),
        status="in orbit, activity uncertain",
        summary="nanosatellite of DLR with an AIS receiver; 437.250 MHz AFSK 4800",
        transmitters=(
            Transmitter(
                label="437.250 MHz AFSK 4800",
                frequency_hz=437_250_000.0,
                waveform=Afsk(symbol_rate_bd=4800.0, mark_hz=2400.0, space_hz=4800.0),
                framing=U482c(),
                schema="aisat-ais-store",
            ),
            Transmitter(
                label="437.250 MHz CW",
                frequency_hz=437_250_000.0,
                waveform=Morse(),
                framing=Text(),
                note="437.505 MHz is listed too",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/ZRIM-9073-8711-5268-6171",
                date="2026-08-05",
            ),
            Source(title="SatNOGS DB, transmitters", date="2026-08-08"),
            Source(
                title="satellite-recordings, aisat.wav",
                url="https://github.com/daniestevez/satellite-recordings",
            ),
        ),
    ),
)

TRUTH = (
    Truth(
        schema="aisat-ais-store",
        payload=bytes.fromhex(
            "82A58201000003BC0000005056CB8F7A08FFFFFF1921A43EE582D81BC2A84B76600BCE32B3D7F592BFAAFA"
            "54C9EDAC9E0000004F56CB3C8008FFFFFF191706DA996410662B418A0CCD96CD4E6F1CC396C88EB8A4C766"
            "9E5C0000004E56CB33F907FFFFFF191B352964CC9643E4EF806D385C7648C7BA55B89118424C651B19FB00"
            "00004D56CAE7F90AFFFFFF191CF1FCAFF6DD755AEFCB2E592EB56CF23B21F450615014ECF694158F8E8A31"
        ),
        origin="received in orbit: the recording aisat.wav, deframed; CRC-32C right",
        real=True,
        fields={
            "csp_header": "82A58201",
            "newest_sequence_number": 956,
            "message_count": 4,
        },
    ),
)
