"""AIS messages in the forms in which a satellite may relay them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.catalog.checks import sample_frame
from gsctl.errors import ProtocolError
from gsctl.telemetry import (
    ais_fcs,
    ax25_header,
    nmea_messages,
    raw_message,
    relayed_ais_schema,
    satlab_frame,
    satlab_message,
    satlab_record,
    satlab_short,
)
from gsctl.telemetry.relayed_ais import AisForm, fcs_holds, mirrored

MESSAGE = bytes.fromhex("0400000007E03FF33C8D603412140E10FFF8000000")
HEARD = datetime(2026, 6, 18, 3, 0, tzinfo=UTC)


def test_fcs_is_that_of_hdlc() -> None:
    # the check value of CRC-16/X-25, low byte first
    assert ais_fcs(b"123456789") == bytes.fromhex("6E90")
    assert fcs_holds(b"123456789\x6e\x90")
    assert not fcs_holds(b"\x6e\x90")


def test_record_of_40_bytes_there_and_back() -> None:
    values = satlab_record(MESSAGE, sequence_number=5, received_at=HEARD, channel="D", rssi_raw=140)
    raw = satlab_frame().build(values)
    assert len(raw) == 40
    relayed = satlab_message(satlab_frame().parse(raw))
    assert relayed is not None
    assert (relayed.message, relayed.bit_count) == (MESSAGE, 168)
    assert (relayed.received_at, relayed.channel, relayed.fcs_ok) == (HEARD, "D", True)
    assert relayed.level_dbm is None  # the unit of the RSSI is not public


def test_bytes_stored_mirrored_are_turned_by_the_fcs() -> None:
    values = satlab_record(MESSAGE, sequence_number=5, received_at=HEARD)
    raw = satlab_frame().build(values | {"ais_data": mirrored(MESSAGE + ais_fcs(MESSAGE)).ljust(26, b"\0")})
    relayed = satlab_message(satlab_frame().parse(raw))
    assert relayed is not None
    assert relayed.message == MESSAGE


def test_free_slots_and_overlong_messages() -> None:
    assert satlab_message(satlab_frame().parse(b"\xff" * 40)) is None
    with pytest.raises(ProtocolError, match="25 bytes do not fit"):
        satlab_record(bytes(25), sequence_number=1, received_at=HEARD)


def test_the_other_two_records() -> None:
    assert satlab_frame(data_bytes=55).sizeof() == 69
    assert satlab_short().sizeof() == 19
    short = satlab_short().parse(bytes.fromhex("0DDCD9C96A335F308C010100C8A3F0FF000000"))
    assert (short.mmsi, short.ais_received_at) == (232577481, "2026-06-18T03:00:00.000000Z")
    assert (short.latitude_raw, short.longitude_raw) == (13149168, -16777216)


@given(st.binary(min_size=40, max_size=40))
def test_any_40_bytes_are_a_record(raw: bytes) -> None:
    relayed = satlab_message(satlab_frame().parse(raw))
    assert relayed is None or len(relayed.message) <= 24


def test_raw_frames_with_and_without_fcs() -> None:
    with_fcs = raw_message(MESSAGE + ais_fcs(MESSAGE), with_fcs=True, received_at=HEARD, channel="A")
    assert (with_fcs.message, with_fcs.fcs_ok) == (MESSAGE, True)
    assert raw_message(MESSAGE + b"\0\0", with_fcs=True).fcs_ok is False
    assert raw_message(MESSAGE, with_fcs=False).fcs_ok is None
    with pytest.raises(ProtocolError, match="hold no AIS message"):
        raw_message(b"\x00\x01", with_fcs=True)


def test_nmea_sentences_among_other_bytes(data_dir: Path) -> None:
    text = (data_dir / "ais" / "gpsd" / "sample.aivdm").read_bytes()
    messages = nmea_messages(text)
    complete = [message for message in messages if len(message.nmea) == 1]
    assert len(complete) > 50
    assert any(len(message.nmea) == 2 for message in messages)
    assert {message.channel for message in messages} <= {"", "A", "B", "C", "D"}


def test_wrong_checksums_and_half_messages_are_left_out() -> None:
    good = b"!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*5F"
    wrong = good[:-1] + b"D"
    assert [message.nmea for message in nmea_messages(b"\0noise" + good + b"\r\n" + wrong)] == [
        (good.decode(),)
    ]
    first = b"!AIVDM,2,1,9,A,53nFBv01SJ<thHp6220H4heHTf2222222222221?50:454o<`9QSlUDp,0*0A"
    assert nmea_messages(first + b"\n" + good) == nmea_messages(good)


@given(st.binary(max_size=200))
def test_noise_holds_no_sentence(noise: bytes) -> None:
    for message in nmea_messages(noise):
        assert message.nmea[0].startswith("!")


FORMS: list[tuple[AisForm, bytes]] = [
    ("raw", MESSAGE),
    ("raw-fcs", MESSAGE + ais_fcs(MESSAGE)),
    ("nmea", b"!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*5F\r\n"),
    ("satlab", satlab_frame().build(satlab_record(MESSAGE, sequence_number=1, received_at=HEARD)) * 3),
]


@pytest.mark.parametrize(("form", "rest"), FORMS)
def test_a_schema_for_each_form(form: AisForm, rest: bytes) -> None:
    head = bytes.fromhex("86A240404040E0B0AC729C888E6103F0")
    schema = relayed_ais_schema(
        "relayed", form=form, when=lambda payload: True, head=("ax25" / ax25_header(),)
    )
    record = schema.parse(sample_frame(head + rest))
    assert record.fields["ax25_source"] == "XV9NDG"
    assert len(record.relayed_ais) == (3 if form == "satlab" else 1)
    relayed = record.relayed_ais[0]
    assert relayed.nmea == ((rest.decode().strip(),) if form == "nmea" else ())
    assert relayed.message == (b"" if form == "nmea" else MESSAGE)
    assert relayed.fcs_ok is (None if form in {"raw", "nmea"} else True)


def test_a_record_cut_short_does_not_fit() -> None:
    schema = relayed_ais_schema("relayed", form="satlab", when=lambda payload: True)
    with pytest.raises(ProtocolError, match="do not fit"):
        schema.parse(sample_frame(bytes(79)))


def test_short_records_keep_the_columns_whatever_their_number() -> None:
    schema = relayed_ais_schema("short", form="satlab-short", when=lambda payload: True)
    one = bytes.fromhex("0DDCD9C96A335F308C010100C8A3F0FF000000")
    few, many = (schema.parse(sample_frame(one * count)).fields for count in (2, 10))
    assert list(few) == list(many)
    assert (few["ship_1_mmsi"], few["ship_2_mmsi"], few["ship_9_latitude_raw"]) == (232577481, None, None)
    assert many["ship_9_longitude_raw"] == -16777216
    with pytest.raises(ProtocolError, match="do not fit"):
        schema.parse(sample_frame(one * 11))
    with pytest.raises(ProtocolError, match="do not fit"):
        schema.parse(sample_frame(one + b"x"))
