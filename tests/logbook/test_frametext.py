"""Files of frames as programs and people write them: each gives all its frames, or says what is none."""

import base64
import csv
import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.errors import RecordingError
from gsctl.logbook.frametext import is_frame_text, read_frame_text

FRAMES = [
    bytes.fromhex("86a240404040e0b0ac729c888e6103f0") + b"Xin chao",
    bytes(range(256)),
    bytes.fromhex("86a240404040e0b0ac729c888e6103f0c0db0d0a"),
]
WHEN = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
STAMP = "2024-01-02 03:04:05"


def lines(form: Callable[[int, bytes], str], end: str = "\n") -> str:
    return "".join(form(number, frame) + end for number, frame in enumerate(FRAMES, 1))


def spaced(frame: bytes, between: str = " ", before: str = "") -> str:
    return between.join(f"{before}{byte:02x}" for byte in frame)


def xxd(_: int, frame: bytes) -> str:
    rows = (frame[at : at + 16] for at in range(0, len(frame), 16))
    return "\n".join(
        f"{16 * n:08x}: {' '.join(row[i : i + 2].hex() for i in range(0, 16, 2) if row[i:])}  {'abcd' * 4}"
        for n, row in enumerate(rows)
    )


def hexdump_c(_: int, frame: bytes) -> str:
    rows = (frame[at : at + 16] for at in range(0, len(frame), 16))
    body = (f"{16 * n:08x}  {spaced(r[:8])}  {spaced(r[8:])}  |{'ab' * 8}|" for n, r in enumerate(rows))
    return "\n".join([*body, f"{len(frame):08x}"])


def message_debug(_: int, frame: bytes) -> str:
    rows = (frame[at : at + 16] for at in range(0, len(frame), 16))
    body = "".join(f"{16 * n:04x}: {spaced(row)} \n" for n, row in enumerate(rows))
    stars = "***********************************"
    return f"* MESSAGE DEBUG PRINT PDU VERBOSE *\n()\npdu_length = {len(frame)}\ncontents = \n{body}{stars}"


def satnogs(frame: bytes) -> dict[str, object]:
    return {
        "norad_cat_id": 1,
        "observer": "x",
        "timestamp": STAMP.replace(" ", "T") + "Z",
        "frame": frame.hex(),
    }


TIMED = {
    "bar": lines(lambda _, f: f"{STAMP}|{f.hex().upper()}"),
    "more columns": lines(lambda n, f: f"{STAMP}|{f.hex()}|observation {n}"),
    "comma": lines(lambda _, f: f"{STAMP},{f.hex()}"),
    "blank": lines(lambda _, f: f"2024-01-02T03:04:05Z {f.hex()}"),
    "brackets": lines(lambda _, f: f"[{STAMP} UTC] {spaced(f)}"),
    "csv": "timestamp,frame\n" + lines(lambda _, f: f"{STAMP},{f.hex()}"),
    "csv with semicolons": '"Time";"Hex"\r\n' + lines(lambda _, f: f'"{STAMP}";"{spaced(f)}"', "\r\n"),
    "satnogs db": json.dumps([satnogs(frame) for frame in FRAMES]),
    "satnogs db, a page": json.dumps({"next": None, "results": [satnogs(f) for f in FRAMES]}, indent=2),
    "unix time": lines(lambda _, f: json.dumps({"time": WHEN.timestamp(), "payload": f.hex()})),
    "pdu in base64": lines(
        lambda _, f: json.dumps({"pdu": base64.b64encode(f).decode(), "time": "2024-01-02T03:04:05.000Z"})
    ),
    "gsctl's own": lines(
        lambda _, f: json.dumps({"type": "frame", "received_at": STAMP, "frame_hex": f.hex()})
        + '\n{"type": "record", "schema": "x", "payload_hex": "00"}'
    ),
}  # fmt: skip
UNTIMED = {
    "hex": lines(lambda _, f: f.hex()),
    "carriage returns": lines(lambda _, f: f.hex().upper(), "\r\n"),
    "colons": lines(lambda _, f: spaced(f, ":")),
    "0x list": lines(lambda _, f: spaced(f, ", ", "0x")),
    "C array": lines(lambda _, f: "{" + spaced(f, ", ", "0x") + "};"),
    "short 0x": lines(lambda _, f: " ".join(f"0x{byte:x}" for byte in f)),
    "escapes": lines(lambda _, f: 'b"' + spaced(f, "", "\\x") + '"'),
    "numbers and colons": lines(lambda n, f: f"{n}: {f.hex()}"),
    "numbers": lines(lambda n, f: f"{n} {f.hex()}"),
    "numbers and tabs": lines(lambda n, f: f"{n}\t{spaced(f)}"),
    "named numbers": lines(lambda n, f: f"Frame {n}: {f.hex()}"),
    "clock": lines(lambda _, f: f"03:04:05 {f.hex()}"),
    "header apart": lines(lambda _, f: f"{f[:16].hex()} {f[16:].hex()}"),
    "comments": "# one\n// two\n" + lines(lambda _, f: f"{f.hex()}  # three"),
    "base64": lines(lambda _, f: base64.b64encode(f).decode()),
    "list": json.dumps([frame.hex() for frame in FRAMES]),
    "xxd": lines(xxd),
    "hexdump -C": lines(hexdump_c),
    "message debug": lines(message_debug),
}


@pytest.mark.parametrize("kind", [*TIMED, *UNTIMED])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("piece", [7, 65536])
def test_every_frame_and_its_time(kind: str, encoding: str, piece: int) -> None:
    data = (TIMED | UNTIMED)[kind].removeprefix("\ufeff").encode(encoding)
    assert is_frame_text(data[:4096])
    found = list(read_frame_text((data[at : at + piece] for at in range(0, len(data), piece)), "f"))
    assert [item.payload for item in found] == FRAMES
    assert {item.received_at for item in found} == {WHEN if kind in TIMED else None}


@pytest.mark.parametrize("before", ["", "0x", "\\x"])
@pytest.mark.parametrize("between", ["", " ", ":", ", "])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_longer_than_the_look_at_it(before: str, between: str, quote: str) -> None:
    data = (quote + spaced(bytes(range(256)) * 8, between, before) + quote).encode()
    for length in range(4090, 4097):
        assert is_frame_text(data[:length])


def test_own_log_comes_back() -> None:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["received_at", "satellite", "frame_hex", "session"])
    rows.writerows([WHEN.isoformat(), "x, y", frame.hex(), "s"] for frame in FRAMES)
    assert [i.payload for i in read_frame_text([out.getvalue().encode()], "f")] == FRAMES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0001\nhello world\n02\n03", r"^f, line 2: 'hello world' is no hex"),
        ("0001\nabc\nx\n02\n03", r"^f, line 2: .*; 2 lines are no frames, 3 are$"),
        ("0001\nabc\nx\n02\n00000000: 03", r"^f, line 2: .*; 2 lines are no frames, 3 are$"),
        ('{"frame": "0001"}\n{"frame": "xy"}\n{"frame": "02"}\n{"frame": "03"}', r"^f, line 2: 'xy' is no"),
        ("timestamp,frame\n,0001\n2024-13-01,02\n,02\n,03", r"^f, row 2: '2024-13-01' is no time"),
        ('timestamp,frame\n,0001\n"x,02\n,02\n,03', "^f, row 2: 'x' is no time"),
        ("timestamp,frame\n,0001\n," + "x?" * 70_000 + "\n,02\n,03", "^f, row 2: 'x"),
        ('[{"frame": "0001"},\n{"frame": "02"},\n{"frame": "03"},\n{"frame": "04', "^f, line 4: not JSON"),
        ("0001\n" + "ab" * 300_000 + "\n02\n03", "^f, line 2: the line is too long for a frame"),
        ("0001\n02\n03\n" + "\0" * 90, "^f, line 4: "),
        ("0001\n0000: 61 62\n0010: 63\n0011: 64\n\n02\n03", "^f, line 3: a hex dump with a gap"),
        ("0001\n1:" + " " * 390_000 + "a:b\n02\n03", "^f, line 2: "),
    ],
)
def test_what_is_no_frame_is_named_and_costs_no_other(text: str, message: str) -> None:
    found: list[bytes] = []
    with pytest.raises(RecordingError, match=message):
        found.extend(item.payload for item in read_frame_text([text.encode()], "f"))
    assert found == [b"\0\1", b"\2", b"\3"]


@pytest.mark.parametrize(
    "text", ["12 34 5", "2024/01/02 82a6", "[130, 166, 10]", "8O2A" * 20, "a" * 500_000, "[" * 100_000]
)
def test_what_is_something_else_is_no_frame(text: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(read_frame_text([text.encode()], "f"))
    assert len(str(caught.value)) < 200


def test_a_dump_that_leaves_equal_lines_out() -> None:
    row, end = bytes(16), bytes.fromhex("61626364")
    first = f"00000000  {spaced(row)}  |x|\n*\n00000040  {spaced(end)}  |x|\n00000044\n"
    text = f"{first}00000000  {spaced(row)}\n*\n00000020\n"
    found = list(read_frame_text([text.encode()], "f"))
    assert [item.payload for item in found] == [4 * row + end, 2 * row]


def test_a_cell_with_lines_of_its_own() -> None:
    text = 'note,frame\n"a\nb",0001\n"c ""d""\n",02\n'
    assert [item.payload for item in read_frame_text([text.encode()], "f")] == [b"\0\1", b"\2"]


def test_json_without_frames_is_given_up() -> None:
    endless = (b'{"x": 1}\n' * 1000 for _ in iter(int, 1))
    with pytest.raises(RecordingError, match="no frames in it"):
        list(read_frame_text(endless, "f"))


def test_a_file_of_something_else_is_given_up() -> None:
    endless = (b"hello\n" * 1000 for _ in iter(int, 1))
    with pytest.raises(RecordingError, match="1000 lines are no frames"):
        list(read_frame_text(endless, "f"))


@pytest.mark.parametrize(
    "head",
    [b"", b"hello world\n", b"RIFF\0\0\0\0WAVE", b'{"global": {"core:version": "1"}}', bytes(range(256))],
)
def test_other_things_are_not_taken_for_frames(head: bytes) -> None:
    assert not is_frame_text(head)


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_one_line(data: bytes) -> None:
    is_frame_text(data)
    with suppress(RecordingError):
        list(read_frame_text([data], "f"))
