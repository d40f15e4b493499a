"""AIS that a satellite relays, in every form a protocol file can name, to ais.csv by ``gsctl decode``."""

import csv
import struct
from datetime import UTC, datetime
from pathlib import Path

from gsctl.ais.bits import AisBits
from gsctl.telemetry import relayed_ais
from tests.cli.conftest import Gsctl

PROTOCOL = '''"""RelaySat: made up, a frame of AIS in each form.

Sources
    this test    (2026-11-23)
"""

from construct import Const, Int8ub

from gsctl.framing import Ax25
from gsctl.model import Satellite, Source, Transmitter
from gsctl.telemetry import relayed_ais_schema
from gsctl.waveform import Fsk

FORMS = ("raw", "raw-fcs", "nmea", "satlab", "satlab-static", "satlab-short")


def schema(kind, form):
    head = ("_kind" / Const(kind, Int8ub),)
    return relayed_ais_schema(
        f"relaysat-{form}", form=form, head=head, when=lambda payload: payload[0] == kind
    )


TELEMETRY = tuple(schema(kind, form) for kind, form in enumerate(FORMS))
SATELLITES = (
    Satellite(
        name="RelaySat",
        norad_id=999_999_002,
        sources=(Source(title="a test", date="2026-11-23"),),
        transmitters=(
            Transmitter(
                label="437 MHz",
                frequency_hz=437e6,
                waveform=Fsk(symbol_rate_bd=9600.0),
                framing=Ax25(g3ruh=True),
            ),
        ),
    ),
)
'''
SENTENCE = "!AIVDM,1,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0*49"
MESSAGE = AisBits.from_armour(b"15RTgt0PAso;90TKcjM8h6g208CQ", 0).to_bytes()
HEARD_AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


def record(data_bytes: int) -> bytes:
    values = relayed_ais.satlab_record(MESSAGE, sequence_number=7, received_at=HEARD_AT, channel="B")
    built: bytes = relayed_ais.satlab_frame(data_bytes=26).build(values)
    return built.ljust(14 + data_bytes, b"\0")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_form_enters_ais_csv(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "relaysat.py").write_text(PROTOCOL)
    short = struct.pack(">IIBBBii", 371798000, int(HEARD_AT.timestamp()), 1, 1, 1, 29028980, -74037230)
    free = b"\xff" * 4 + bytes(36)
    bodies = [
        MESSAGE,
        MESSAGE + relayed_ais.ais_fcs(MESSAGE),
        f"$GPRMC,x\r\n{SENTENCE}\r\n".encode(),
        record(26) + free + record(26),
        record(55),
        short,
    ]
    frames = [bytes([kind]) + body for kind, body in enumerate(bodies)]
    (tmp_path / "frames.hex").write_text("".join(f"{frame.hex()}\n" for frame in frames))
    done = gsctl("decode", "frames.hex", "--satellite", "relaysat", "--protocols", ".", "-F", "none")
    assert done.returncode == 0, done.stderr
    logged = rows(tmp_path / "gsctl-logs" / "ais.csv")
    assert [row["mmsi"] for row in logged] == ["371798000"] * 6
    assert {(row["satellite"], row["source"]) for row in logged} == {("RelaySat", "frames.hex")}
    assert [row["integrity"] for row in logged] == ["", "crc", "", "crc", "crc", "crc"]
    assert [row["channel"] for row in logged] == ["", "", "B", "B", "B", "B"]
    assert [row["received_at"] for row in logged] == ["", "", "", *["2026-11-23T01:02:03.000000Z"] * 3]
    assert [row["time_source"] for row in logged] == ["", "", "", *["satellite"] * 3]
    assert {(row["latitude_deg"], row["longitude_deg"]) for row in logged} == {("48.381633", "-123.395383")}
    ship = rows(tmp_path / "gsctl-logs" / "relaysat-satlab-short.csv")[0]
    assert (ship["ship_0_mmsi"], ship["ship_1_mmsi"]) == ("371798000", "")
