import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.logbook.kiss import (
    KissDecoder,
    KissReader,
    TimedPayload,
    encode_kiss,
    encode_kiss_timed,
    read_kiss,
)

WHEN = datetime(2021, 11, 9, 1, 2, 3, 457000, tzinfo=UTC)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_by02_file_gives_the_frames_of_its_hexdump(data_dir: Path) -> None:
    folder = data_dir / "telemetry" / "by02"
    dump = (folder / "hexdump").read_text()
    expected = [
        bytes.fromhex("".join(re.findall(r"^[0-9a-f]{4}: (.*)$", block, flags=re.MULTILINE)))
        for block in dump.split("MESSAGE DEBUG PRINT")[1:]
    ]
    with (folder / "frames.kiss").open("rb") as stream:
        found = list(read_kiss(stream))
    assert [frame.payload for frame in found] == expected
    assert len(found) == 84
    assert all(frame.received_at is None for frame in found)


def test_escapes_as_in_the_specification() -> None:
    # Chepponis and Karn, "The KISS TNC", section 2: FEND and FESC inside the data.
    assert encode_kiss(b"\xc0\xdbA") == b"\xc0\x00\xdb\xdc\xdb\xddA\xc0"
    # Section 4: command C of port 0xC would read as FEND; it is escaped as well.
    assert encode_kiss(b"", port=12, command=0) == b"\xc0\xdb\xdc\xc0"
    with pytest.raises(ValueError, match="0 to 15"):
        encode_kiss(b"", port=16)


def test_timestamp_frame_is_64_bit_big_endian_milliseconds() -> None:
    stream = encode_kiss_timed(b"AB", WHEN)
    milliseconds = int(WHEN.timestamp()) * 1000 + 457
    assert stream == b"\xc0\x09" + milliseconds.to_bytes(8, "big") + b"\xc0" + b"\xc0\x00AB\xc0"
    assert list(read_kiss(io.BytesIO(stream))) == [TimedPayload(received_at=WHEN, payload=b"AB")]
    assert encode_kiss_timed(b"A", datetime(1969, 1, 1, tzinfo=UTC)) == encode_kiss(b"A")


def test_a_timestamp_serves_the_next_frame_only_and_impossible_ones_none() -> None:
    stream = encode_kiss_timed(b"1", WHEN) + encode_kiss(b"2")
    stream += encode_kiss(b"\xff" * 8, command=9) + encode_kiss(b"3")
    stream += encode_kiss(b"\x00" * 7, command=9) + encode_kiss(b"4")
    reader = KissReader()
    found = list(read_kiss(pieces(stream, 3), reader))
    assert [(frame.payload, frame.received_at) for frame in found] == [
        (b"1", WHEN),
        (b"2", None),
        (b"3", None),
        (b"4", None),
    ]


timed_payloads = st.lists(
    st.tuples(
        st.binary(min_size=1, max_size=40)
        | st.lists(st.sampled_from(b"\xc0\xdb\xdc\xdd\x00"), min_size=1).map(bytes),
        st.none() | st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)),  # noqa: DTZ001
    ),
    max_size=6,
)


@given(timed_payloads, st.integers(1, 50), st.integers(0, 15))
def test_round_trip_for_any_cut(frames: list[tuple[bytes, datetime | None]], size: int, port: int) -> None:
    stream = b"".join(encode_kiss_timed(payload, time, port=port) for payload, time in frames)
    found = list(read_kiss(pieces(stream, size)))
    assert [frame.payload for frame in found] == [payload for payload, _ in frames]
    for frame, (_, time) in zip(found, frames, strict=True):
        if time is None:
            assert frame.received_at is None
        else:
            assert frame.received_at is not None
            lost = time.replace(tzinfo=UTC) - frame.received_at
            assert timedelta(0) <= lost < timedelta(milliseconds=1)


@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_bytes_give_the_same_frames_for_any_cut(noise: bytes, size: int) -> None:
    whole, cut = KissDecoder(max_frame_bytes=16), KissDecoder(max_frame_bytes=16)
    expected = list(whole.feed(noise))
    assert [frame for piece in pieces(noise, size) for frame in cut.feed(piece)] == expected
    assert whole.malformed == cut.malformed
    assert all(len(frame.data) <= 16 for frame in expected)


def test_wrong_escapes_and_overlong_frames_are_counted_and_skipped() -> None:
    decoder = KissDecoder(max_frame_bytes=4)
    stream = (
        b"noise\xc0\x00\xdbA\xc0" + encode_kiss(b"12345") + encode_kiss(b"1234") + b"\xc0\x00" + b"x" * 100
    )
    assert [frame.data for frame in decoder.feed(stream)] == [b"1234"]
    assert decoder.malformed == 2
    assert decoder.unfinished
    assert [frame.data for frame in decoder.feed(b"\xc0\x00ok\xc0")] == [b"ok"]
    assert decoder.malformed == 3
    assert not decoder.unfinished


def test_a_stream_without_an_end_does_not_fill_the_memory() -> None:
    decoder = KissDecoder()
    list(decoder.feed(b"\xc0\x00"))
    for _ in range(100):
        list(decoder.feed(bytes([1]) * 65536))
        assert len(decoder._pending) <= 2 * 65537


def test_port_and_command_are_the_nibbles_and_settings_are_ignored() -> None:
    (frame,) = KissDecoder().feed(encode_kiss(b"x", port=3, command=1))
    assert (frame.port, frame.command, frame.data) == (3, 1, b"x")
    reader = KissReader()
    assert list(reader.feed(encode_kiss(b"x", port=3, command=1) + b"\xc0\xff\xc0")) == []
    assert reader.ignored == 2
