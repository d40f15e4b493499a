import csv
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsctl.errors import LogbookError
from gsctl.framing import Ax25, Integrity
from gsctl.logbook import Logbook, frame_id, new_session_id
from gsctl.logbook.frames import FRAME_COLUMNS, FrameContext, frame_row
from gsctl.logbook.jsonl import frame_object, json_line, record_object
from gsctl.model import (
    DopplerState,
    FieldValue,
    Frame,
    Record,
    Satellite,
    Source,
    TimeSource,
    Transmitter,
)
from gsctl.waveform import Bpsk

# CONTRACT.md, "Logs", word by word.
CONTRACT_COLUMNS = (
    "received_at,time_source,time_uncertainty_s,satellite,norad_id,station,transmitter,frequency_hz,"
    "frequency_offset_hz,doppler,snr_db,waveform,symbol_rate_bd,framing,integrity,"
    "corrected_errors,length_bytes,frame_hex,sample_index,azimuth_deg,elevation_deg,range_rate_m_s,"
    "elements_epoch,session,frame_id"
)

TRANSMITTER = Transmitter(
    label="437.365 MHz BPSK 1200", frequency_hz=437_365_000.0, waveform=Bpsk(symbol_rate_bd=1200.0)
)
SATELLITE = Satellite(name="Test, Satellite", norad_id=123456789, sources=(Source(title="made up"),))
WHEN = datetime(2026, 6, 18, 1, 2, 3, 456789, tzinfo=UTC)
FULL = Frame(
    payload=b"\xc0\x00abc",
    framing=Ax25(),
    integrity=Integrity.CRC,
    sample_index=480_000.4,
    end_sample_index=490_000.0,
    symbol_rate_bd=1200.004,
    received_at=WHEN,
    time_source=TimeSource.HOST,
    time_uncertainty_s=0.05,
    frequency_offset_hz=-123.456,
    snr_db=12.34,
    satellite=SATELLITE,
    transmitter=TRANSMITTER,
)
BARE = Frame(
    payload=b"x",
    framing=Ax25(g3ruh=True),
    integrity=Integrity.CRC,
    sample_index=7.0,
    end_sample_index=8.0,
    symbol_rate_bd=9600.0,
)
CONTEXT = FrameContext(
    input_identity="sha",
    doppler=DopplerState.ELEMENTS,
    station="Hoa Lac",
    azimuth_deg=359.999,
    elevation_deg=45.126,
    range_rate_m_s=-3210.123,
    elements_epoch=datetime(2026, 6, 17, tzinfo=UTC),
)


def record(schema: str = "ax25", **fields: FieldValue) -> Record:
    return Record(
        schema=schema,
        fields=fields,
        payload=b"p",
        received_at=WHEN,
        satellite=SATELLITE,
        transmitter=TRANSMITTER,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def test_frame_columns_are_those_of_the_contract() -> None:
    assert ",".join(FRAME_COLUMNS) == CONTRACT_COLUMNS


def test_a_frame_is_one_line_as_the_contract_says(tmp_path: Path) -> None:
    with Logbook(tmp_path, session="s1") as book:
        row, new = book.log_frame(FULL, CONTEXT)
    assert new
    text = (tmp_path / "frames.csv").read_text()
    assert text.splitlines()[0] == CONTRACT_COLUMNS
    assert text.splitlines()[1] == (
        '2026-06-18T01:02:03.456789Z,host,0.05,"Test, Satellite",123456789,Hoa Lac,437.365 MHz BPSK 1200,'
        "437365000,-123.5,elements,12.3,bpsk,1200,ax25,crc,0,5,c000616263,480000,0,45.13,-3210.12,"
        f"2026-06-17T00:00:00.000000Z,s1,{row['frame_id']}"
    )


def test_what_is_unknown_is_empty_and_never_zero(tmp_path: Path) -> None:
    with Logbook(tmp_path, session="s") as book:
        book.log_frame(BARE, FrameContext(input_identity="i", waveform="fsk"))
    (row,) = rows(tmp_path / "frames.csv")
    known = {name: value for name, value in row.items() if value}
    assert known == {
        "doppler": "none",
        "waveform": "fsk",
        "symbol_rate_bd": "9600",
        "framing": "ax25-g3ruh",
        "integrity": "crc",
        "corrected_errors": "0",
        "length_bytes": "1",
        "frame_hex": "78",
        "sample_index": "7",
        "session": "s",
        "frame_id": row["frame_id"],
    }


def test_frame_id_can_be_computed_from_the_row_and_depends_on_all_three() -> None:
    import hashlib

    expected = hashlib.sha256(b"input\n480000\n" + b"payload").hexdigest()[:16]
    assert frame_id("input", 480_000.4, b"payload") == expected
    others = [
        frame_id("other", 480_000, b"payload"),
        frame_id("input", 1, b"payload"),
        frame_id("input", 480_000, b"x"),
    ]
    assert len({expected, *others}) == 4


def test_the_same_input_again_adds_nothing(tmp_path: Path) -> None:
    for run in range(2):
        with Logbook(tmp_path, session=f"run{run}") as book:
            row, new = book.log_frame(FULL, CONTEXT)
            frame = str(row["frame_id"])
            assert new is (run == 0)
            assert book.log_record(record(voltage_v=3.3), frame_id=frame) is (run == 0)
            columns = ("frame_id", "nmea", "session")
            messages = [{"frame_id": frame, "nmea": "!A"}, {"frame_id": frame, "nmea": "!B"}]
            assert book.log_ais(messages, columns) == (2 if run == 0 else 0)
    assert [row["session"] for row in rows(tmp_path / "frames.csv")] == ["run0"]
    assert len(rows(tmp_path / "ax25.csv")) == 1
    assert [row["nmea"] for row in rows(tmp_path / "ais.csv")] == ["!A", "!B"]


def test_records_go_to_the_file_of_their_schema(tmp_path: Path) -> None:
    with Logbook(tmp_path, session="s") as book:
        book.log_record(record(battery_v=7.4000000001, mode=None, satellite="says it itself"), frame_id="f1")
        book.log_record(record("../../etc/x Y", a=1), frame_id="f1")
        book.log_record(record("frames", a=1), frame_id="f1")
        names = [path.name for path in book.paths]
    assert names == ["frames.csv", "ax25.csv", "_.._etc_x_y.csv", "frames-records.csv"]
    lines = (tmp_path / "ax25.csv").read_text().splitlines()
    assert lines == [
        "received_at,satellite,norad_id,transmitter,frame_id,battery_v,mode,field_satellite",
        '2026-06-18T01:02:03.456789Z,"Test, Satellite",123456789,437.365 MHz BPSK 1200,f1,'
        "7.4000000001,,says it itself",
    ]


def test_a_record_with_more_fields_begins_a_numbered_file_that_holds_both_kinds(tmp_path: Path) -> None:
    for run in range(2):
        with Logbook(tmp_path, session=f"s{run}") as book:
            for number, (name, value) in enumerate([("a", 1), ("b", 2), ("a", 3)]):
                new = book.log_record(record("ax25", **{name: value}), frame_id=f"f{number}")
                assert new is (run == 0)
            assert len(book.messages) == 1
    assert [row["a"] for row in rows(tmp_path / "ax25.csv")] == ["1"]
    assert [(row["a"], row["b"]) for row in rows(tmp_path / "ax25-2.csv")] == [("", "2"), ("3", "")]


def test_known_columns_keep_one_file_for_all_kinds(tmp_path: Path) -> None:
    with Logbook(tmp_path, session="s") as book:
        book.log_record(record(b=2), frame_id="1", columns=("a", "b"))
        book.log_record(record(a=1), frame_id="2", columns=("a", "b"))
    assert [(row["a"], row["b"]) for row in rows(tmp_path / "ax25.csv")] == [("", "2"), ("1", "")]


def test_a_session_is_one_json_line_even_behind_a_torn_one(tmp_path: Path) -> None:
    (tmp_path / "sessions.jsonl").write_text('{"session": "killed", "inp')
    summary = {
        "input": "a.wav",
        "started_at": WHEN,
        "counters": {"frames": 2},
        "ratio": math.nan,
        "path": tmp_path,
    }
    with Logbook(tmp_path, session="s") as book:
        book.close(summary)
    torn, line = (tmp_path / "sessions.jsonl").read_text().splitlines()
    assert torn == '{"session": "killed", "inp'
    assert json.loads(line) == {
        "session": "s",
        "input": "a.wav",
        "started_at": "2026-06-18T01:02:03.456789Z",
        "counters": {"frames": 2},
        "ratio": None,
        "path": str(tmp_path),
    }


def test_session_ids_sort_by_time_and_do_not_repeat() -> None:
    ids = [new_session_id(WHEN) for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(name.startswith("20260618T010203Z-") for name in ids)


def test_an_unwritable_directory_is_known_at_once(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(LogbookError, match="another --log-dir"):
        Logbook(tmp_path / "logs", session="s")


def test_a_full_disk_keeps_what_was_logged(small_disk: Path) -> None:
    with Logbook(small_disk, session="s") as book:
        book.log_frame(FULL, CONTEXT)
        with pytest.raises(OSError, match="No space"):
            (small_disk / "ballast").write_bytes(bytes(100_000))
        with pytest.raises(LogbookError, match="No space left"):
            book.log_record(record(text="long" * 100), frame_id="f")
    assert len(rows(small_disk / "frames.csv")) == 1


def test_json_lines_have_the_names_of_the_columns_and_null_for_unknown() -> None:
    found = json.loads(json_line(frame_object(frame_row(FULL, CONTEXT, session="s"))))
    assert ["type", *FRAME_COLUMNS] == list(found)
    assert found["frequency_offset_hz"] == -123.5
    assert found["received_at"] == "2026-06-18T01:02:03.456789Z"
    bare = json.loads(json_line(frame_object(frame_row(BARE, FrameContext(input_identity="i"), session="s"))))
    assert bare["snr_db"] is None
    parsed = json.loads(json_line(record_object(record(text="=1\n\x1b", power_w=math.inf), frame_id="f")))
    assert parsed["type"] == "record"
    assert parsed["schema"] == "ax25"
    assert parsed["text"] == "=1\n\x1b"
    assert parsed["power_w"] is None
    assert "\x1b" not in json_line({"text": "\x1b"})
