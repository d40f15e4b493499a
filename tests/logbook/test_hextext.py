from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.errors import RecordingError
from gsctl.logbook.hextext import parse_hex_line, read_hex

WHEN = datetime(2021, 11, 9, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "c0db01",
        "C0DB01\r\n",
        " c0 db 01 ",
        "0xc0 0xDB 0x01",
        "c0:db:01",
        "c0-db-01",
        "c0, db, 01",
        "\ufeffc0db01",
    ],
)
def test_hex_in_the_ways_people_write_it(line: str) -> None:
    found = parse_hex_line(line)
    assert found is not None
    assert found.payload == b"\xc0\xdb\x01"
    assert found.received_at is None


@pytest.mark.parametrize(
    "stamp",
    [
        "2021-11-09 01:02:03",
        "2021-11-09T01:02:03Z",
        "2021-11-09T08:02:03+07:00",
        "2021-11-09 01:02:03.000000",
    ],
)
def test_satnogs_lines_carry_their_time(stamp: str) -> None:
    found = parse_hex_line(f"{stamp}|C0DB")
    assert found is not None
    assert (found.received_at, found.payload) == (WHEN, b"\xc0\xdb")


def test_empty_lines_and_comments_are_no_frames() -> None:
    assert [frame.payload for frame in read_hex(["# frames", "", "  ", "|0a\n", "0b"])] == [b"\x0a", b"\x0b"]


@pytest.mark.parametrize("line", ["xyz", "abc", "2021-99-09 01:02:03|00", "00\x1b[31m", "0" * 1_000_000])
def test_other_text_is_one_line_that_says_where(line: str) -> None:
    frames = read_hex(["00", line], where="frames.txt")
    assert next(frames).payload == b"\x00"
    with pytest.raises(RecordingError, match=r"^frames\.txt, line 2: ") as caught:
        next(frames)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.binary(min_size=1, max_size=100), st.none() | st.datetimes(datetime(1000, 1, 1)))  # noqa: DTZ001
def test_round_trip(payload: bytes, time: datetime | None) -> None:
    plain = parse_hex_line(payload.hex() + "\n")
    assert plain is not None
    assert plain.payload == payload
    stamp = time.isoformat(sep=" ", timespec="seconds") if time else ""
    stamped = parse_hex_line(f"{stamp}|{payload.hex().upper()}\n")
    assert stamped is not None
    assert stamped.payload == payload
    assert stamped.received_at == (time.replace(microsecond=0, tzinfo=UTC) if time else None)
