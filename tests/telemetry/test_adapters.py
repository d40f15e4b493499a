"""Values as they stand in a log, and the way back to bytes."""

import math
from datetime import UTC, datetime

import pytest
from construct import Float32b, Int8ub, Int16sb, Int16ub, Int32ub, Int64ub
from hypothesis import given
from hypothesis import strategies as st

from gsctl.telemetry import (
    ax25_address,
    ax25_header,
    boolean,
    converted,
    enumeration,
    hexadecimal,
    printable,
    real,
    scaled,
    text,
    unix_time,
)


def test_scaled_gives_the_unit_without_binary_dust() -> None:
    assert scaled(Int16ub, 0.001).parse(b"\x1e\xe8") == 7.912
    assert scaled(Int8ub, 0.409, -127.4).parse(b"\x64") == -86.5
    assert scaled(Int16sb, 0.1).parse(b"\xff\x27") == -21.7


def test_scaled_raw_for_unknown_becomes_none_and_back() -> None:
    voltage = scaled(Int8ub, 0.02, unknown=0xFF)
    assert voltage.parse(b"\xff") is None
    assert voltage.build(None) == b"\xff"
    assert voltage.parse(b"\xfe") == 5.08


@given(
    st.integers(-32768, 32767), st.sampled_from([0.001, 0.01, 0.1, 1e-8, 2.5]), st.sampled_from([0.0, -50.0])
)
def test_scaled_round_trip(raw: int, factor: float, offset: float) -> None:
    field = scaled(Int16sb, factor, offset)
    data = raw.to_bytes(2, "big", signed=True)
    value = field.parse(data)
    # ten digits are enough to come back to the same step unless the offset swamps the factor
    if abs(offset) < abs(factor) * 1e8:
        assert field.build(value) == data


def test_unlisted_word_of_an_enumeration_is_no_bare_number() -> None:
    mode = enumeration(Int8ub, safe=0, nominal=1)
    assert mode.parse(b"\x01") == "nominal"
    assert mode.parse(b"\x07") == "unknown (7)"
    assert mode.build("unknown (7)") == b"\x07"
    with pytest.raises(KeyError):
        mode.build("nominall")


def test_unix_time_is_iso_8601_utc() -> None:
    assert unix_time().parse((1461649702).to_bytes(4, "big")) == "2016-04-26T05:48:22.000000Z"
    since_2000 = unix_time(Int32ub, epoch=datetime(2000, 1, 1, tzinfo=UTC))
    assert since_2000.parse(b"\0\0\0\x3c") == "2000-01-01T00:01:00.000000Z"
    assert (
        unix_time(Int64ub, ticks_per_s=1000).parse((1500).to_bytes(8, "big")) == "1970-01-01T00:00:01.500000Z"
    )


def test_time_beyond_any_calendar_says_so() -> None:
    assert unix_time(Int64ub).parse(b"\xff" * 8) == f"out of range ({2**64 - 1})"


@given(st.integers(0, 2**32 - 1))
def test_unix_time_round_trip(seconds: int) -> None:
    data = seconds.to_bytes(4, "big")
    assert unix_time().build(unix_time().parse(data)) == data


@given(st.binary(min_size=8, max_size=8))
def test_text_is_printable_whatever_the_bytes(raw: bytes) -> None:
    value = text(8).parse(raw)
    assert value.isprintable()
    assert text(8).build(value).rstrip(b"\0 ") == raw.rstrip(b"\0 ")


@given(st.binary(min_size=4, max_size=4))
def test_float_that_is_no_number_is_unknown(raw: bytes) -> None:
    value = real(Float32b).parse(raw)
    assert value is None or math.isfinite(value)


def test_formula_flag_and_hex() -> None:
    cubic = converted(Int8ub, lambda v: 0.00003 * v**3 - 0.011 * v**2 + 1.49 * v - 28.1, unknown=0xFF)
    assert cubic.parse(b"\x32") == pytest.approx(22.65)
    assert cubic.parse(b"\xff") is None
    assert boolean(Int8ub).parse(b"\x02") is True
    assert hexadecimal(2).parse(b"\xbe\xef") == "BEEF"


def test_ax25_header_of_a_ui_frame() -> None:
    # By AX.25 2.2, section 3: UI frame CQ <- XV9NDG
    raw = bytes.fromhex("86A240404040E0B0AC729C888E6103F0")
    header = ax25_header().parse(raw)
    assert (header.destination, header.source, header.control, header.pid) == ("CQ", "XV9NDG", "03", "F0")
    values = {"destination": "CQ", "source": "XV9NDG", "control": "03", "pid": "F0"}
    assert ax25_header().build(values) == raw


@pytest.mark.parametrize("address", ["TOOLONG", "A-16", "A-B", "A-1-2"])
def test_what_is_no_address_is_not_built(address: str) -> None:
    with pytest.raises(ValueError, match=address):
        ax25_address(last=True).build(address)


def test_ssid_survives() -> None:
    assert ax25_address(last=True).parse(ax25_address(last=True).build("RS0ISS-11")[:7]) == "RS0ISS-11"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"TEST", "TEST"),
        ("Привет".encode(), "Привет"),
        (b"A\x1b[2J\r\n", "A<0x1b>[2J<0x0d><0x0a>"),
        (b"\xff\xfeA", "<0xff><0xfe>A"),
        ("\u202eA".encode(), "<0xe2><0x80><0xae>A"),
        (b"C:\\x", "C:\\x"),
    ],
)
def test_text_from_the_air_is_safe_to_show(raw: bytes, shown: str) -> None:
    assert printable(raw) == shown
