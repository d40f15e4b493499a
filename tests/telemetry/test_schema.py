"""ConstructSchema: explicit ends, flat records, and no way for hostile bytes to raise anything else."""

import contextlib

import pytest
from construct import (
    Array,
    BitsInteger,
    BitStruct,
    Bytes,
    Const,
    Enum,
    Flag,
    Float32b,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Padding,
    Struct,
    Terminated,
    this,
)
from hypothesis import given
from hypothesis import strategies as st

from gsctl.errors import ProtocolError
from gsctl.framing import Ais, Ax25, Framing, Integrity
from gsctl.model import Frame, StageCounters
from gsctl.telemetry import AX25, ConstructSchema, ax25_from, parse_frame, scaled
from gsctl.telemetry.units import indexed, split_unit

AX25_FRAME = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")


def frame(payload: bytes, framing: Framing | None = None) -> Frame:
    return Frame(
        payload=payload,
        framing=framing or Ax25(),
        integrity=Integrity.CRC,
        sample_index=0.0,
        end_sample_index=0.0,
        symbol_rate_bd=1200.0,
    )


def always(payload: bytes) -> bool:
    return True


def test_a_layout_without_an_end_is_refused() -> None:
    with pytest.raises(ProtocolError, match="open-ended: the layout has no explicit end"):
        ConstructSchema(name="open-ended", layout=Struct("a" / Int8ub), when=always)
    ConstructSchema(name="rest", layout=Struct("a" / Int8ub, "rest" / GreedyBytes), when=always)


def test_trailing_bytes_do_not_pass_unseen() -> None:
    schema = ConstructSchema(name="one", layout=Struct("a_count" / Int8ub, Terminated), when=always)
    assert schema.parse(frame(b"\x01")).fields == {"a_count": 1}
    with pytest.raises(ProtocolError, match="one: 2 bytes do not fit"):
        schema.parse(frame(b"\x01\x02"))


def test_the_record_is_flat_and_every_value_is_plain() -> None:
    layout = Struct(
        "battery" / Struct("voltage_v" / scaled(Int8ub, 0.1), "flags" / BitStruct("on" / Flag, Padding(7))),
        "panel_temperature_degc" / Array(2, Int8ub),
        "mode" / Enum(Int8ub, idle=0),
        "code_raw" / Bytes(2),
        "_reserved" / Int8ub,
        "*" / BitStruct("ready" / Flag, Padding(7)),
        "float_v" / Float32b,
        Terminated,
    )
    schema = ConstructSchema(name="nested", layout=layout, when=always)
    record = schema.parse(frame(b"\x51\x80\x14\x15\x07\xbe\xef\x00\x80\x7f\xc0\x00\x00"))
    assert record.fields == {
        "battery_voltage_v": 8.1,
        "battery_flags_on": True,
        "panel_temperature_0_degc": 20,
        "panel_temperature_1_degc": 21,
        "mode": "unknown (7)",
        "code_raw": "BEEF",
        "ready": True,
        "float_v": None,
    }
    assert record.payload[0] == 0x51


def test_list_items_keep_their_unit_last() -> None:
    assert indexed("cell_voltage_v", 3) == "cell_voltage_3_v"
    assert indexed("rate_deg_s", 0) == "rate_0_deg_s"
    assert indexed("name", 1) == "name_1"
    assert split_unit("velocity_m_s") == ("velocity", "_m_s")
    assert split_unit("uptime_s") == ("uptime", "_s")


def test_build_and_parse_agree() -> None:
    layout = Struct("kind" / Const(b"K"), "voltage_v" / scaled(Int16ub, 0.001), Terminated)
    schema = ConstructSchema(name="built", layout=layout, when=always)
    assert schema.parse(frame(schema.build({"voltage_v": 3.3}))).fields["voltage_v"] == 3.3
    with pytest.raises(ProtocolError, match="built: cannot build"):
        schema.build({})


@given(st.binary(max_size=80))
def test_hostile_bytes_give_a_record_or_a_protocol_error(payload: bytes) -> None:
    layout = Struct(
        "length_bytes" / Int8ub,
        "words" / Array(this.length_bytes, Int16ub),
        "bits" / BitStruct("a_count" / BitsInteger(3), "b_count" / BitsInteger(5)),
        Terminated,
    )
    schema = ConstructSchema(name="hostile", layout=layout, when=lambda data: data[40] > 0)
    heard = frame(payload)
    assert schema.matches(heard) == (len(payload) > 40 and payload[40] > 0)
    with contextlib.suppress(ProtocolError):
        assert schema.parse(heard).payload == payload


def test_mismatches_are_counted_and_the_other_schemas_still_tried() -> None:
    wrong = ConstructSchema(name="wrong", layout=Struct("a" / Int8ub, Terminated), when=always)
    never = ConstructSchema(name="never", layout=Struct(Terminated), when=lambda payload: False)
    counters = StageCounters()
    records = parse_frame(frame(AX25_FRAME), [wrong, never, AX25], counters)
    assert [record.schema for record in records] == ["ax25"]
    assert counters.schema_mismatch == 1


def test_ax25_record() -> None:
    record = AX25.parse(frame(AX25_FRAME))
    assert record.fields == {
        "source": "XV9NDG",
        "destination": "CQ",
        "digipeaters": "",
        "frame_type": "UI",
        "control": "03",
        "pid": "F0",
        "info_length_bytes": 4,
        "info_text": "TEST",
        "info_hex": "54455354",
    }


def test_digipeaters_and_unprintable_info() -> None:
    # APRS by way of RS0ISS (repeated, H bit set), info with an escape sequence
    header = bytes.fromhex("82A0A4A64040E0AC72B0B09C88E0A4A66092A6A6E3")
    record = AX25.parse(frame(header + b"\x03\xf0A\x1b[2J\\"))
    assert record.fields["digipeaters"] == "RS0ISS-1*"
    assert record.fields["info_text"] == "A<0x1b>[2J\\"


def test_supervisory_frame_has_no_pid() -> None:
    record = AX25.parse(frame(AX25_FRAME[:14] + b"\x31"))
    assert (record.fields["frame_type"], record.fields["pid"]) == ("RR", None)


def test_ax25_inside_other_framings_only_beyond_doubt() -> None:
    assert AX25.matches(frame(AX25_FRAME, Ais()))
    assert not AX25.matches(frame(bytes(range(40)), Ais()))
    assert not AX25.matches(frame(b"", Ax25()))


@given(st.binary(max_size=120))
def test_any_bytes_that_match_ax25_parse(payload: bytes) -> None:
    heard = frame(payload)
    if AX25.matches(heard):
        assert AX25.parse(heard).schema == "ax25"


def test_match_by_call_sign_and_length() -> None:
    assert ax25_from("XV9NDG")(AX25_FRAME)
    assert ax25_from("XV9NDG-0", info_bytes=4)(AX25_FRAME) is False
    assert ax25_from("XV9NDG", info_bytes=(1, 4), info_starts=b"TE")(AX25_FRAME)
    assert not ax25_from("XV9NDG", info_bytes=5)(AX25_FRAME)
    assert not ax25_from("XV9NDA")(AX25_FRAME)
    assert not ax25_from("XV9NDG")(AX25_FRAME[:15])


def test_call_signs_padded_with_zeros_and_data_in_i_frames() -> None:
    # RS51S pads with a zero instead of a space; SiriusSat-1 sends I frames
    padded = bytes.fromhex("848A82869E9C60A4A66A62A600E103F0") + b"data"
    assert AX25.parse(frame(padded)).fields["source"] == "RS51S"
    assert ax25_from("RS51S", info_bytes=4)(padded)
    numbered = bytes.fromhex("A464829C8C4060A4A66266A6406300F0") + b"data"
    assert AX25.parse(frame(numbered)).fields["frame_type"] == "I"
    assert ax25_from("RS13S-1", info_bytes=4)(numbered)
