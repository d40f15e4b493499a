import csv
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gsctl.errors import LogbookError
from gsctl.logbook.csvlog import CsvLog, KeySet

COLUMNS = ("number", "text", "id")

# Writes rows for ever: "<tag>-<n>" is whole or it is not.
WRITER = """
import sys
from gsctl.logbook.csvlog import CsvLog
path, tag, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
log = CsvLog(path, ("number", "text", "id"), key=("id",))
print("ready", flush=True)
for number in range(count):
    log.append({"number": number, "text": 'x,"' * (size // 3), "id": f"{tag}-{number}"})
log.close()
"""


def rows_of(path: Path) -> list[list[str]]:
    """All rows below the header, by a strict reader."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, strict=True))
    assert rows[0] == list(COLUMNS)
    return rows[1:]


def start_writer(path: Path, tag: str, count: int, size: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), tag, str(count), str(size)], stdout=subprocess.PIPE
    )


def test_header_once_then_rows_and_unknown_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "log.csv"
    for number in range(2):
        with CsvLog(path, COLUMNS) as log:
            assert log.append({"number": number})
    assert path.read_bytes() == b"number,text,id\n0,,\n1,,\n"


def test_a_value_without_column_is_refused(tmp_path: Path) -> None:
    with CsvLog(tmp_path / "log.csv", COLUMNS) as log, pytest.raises(KeyError, match="colour"):
        log.append({"colour": "red"})
    with pytest.raises(ValueError, match="twice"):
        CsvLog(tmp_path / "other.csv", ("a", "a"))


def test_decimals_are_by_column(tmp_path: Path) -> None:
    with CsvLog(tmp_path / "log.csv", ("snr_db", "level_db"), decimals={"snr_db": 1}) as log:
        log.append({"snr_db": 1.25, "level_db": 1.25})
    assert (tmp_path / "log.csv").read_text().splitlines()[1] == "1.2,1.25"


def test_a_key_is_written_once_by_this_run_and_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for written in (True, False):
        with CsvLog(path, COLUMNS, key=("id",)) as log:
            assert log.append({"number": 1, "text": 'a,"b', "id": "same"}) is written
            assert log.append({"number": 2, "text": "c", "id": "same"}) is False
    assert [row[2] for row in rows_of(path)] == ["same"]


def test_rows_with_an_unknown_key_are_always_written(tmp_path: Path) -> None:
    with CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as log:
        assert log.append({"number": 1})
        assert log.append({"number": 1})
    assert len(rows_of(tmp_path / "log.csv")) == 2


def test_a_key_that_another_run_writes_meanwhile_is_seen(tmp_path: Path) -> None:
    with (
        CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as one,
        CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as other,
    ):
        assert one.append({"id": "a"})
        assert not other.append({"id": "a"})
        assert other.append({"id": "b"})
        assert not one.append({"id": "b"})
    assert [row[2] for row in rows_of(tmp_path / "log.csv")] == ["a", "b"]


def test_another_header_is_left_alone_and_a_numbered_file_is_begun(tmp_path: Path) -> None:
    foreign = b"time;what\r\n1;=2"
    (tmp_path / "log.csv").write_bytes(foreign)
    heard: list[str] = []
    for number in range(2):
        with CsvLog(tmp_path / "log.csv", COLUMNS, on_message=heard.append) as log:
            log.append({"number": number})
            assert log.path == tmp_path / "log-2.csv"
            assert len(log.messages) == 1
    assert (tmp_path / "log.csv").read_bytes() == foreign
    assert [row[0] for row in rows_of(tmp_path / "log-2.csv")] == ["0", "1"]
    assert all("log.csv: its header differs" in line and "log-2.csv" in line for line in heard)


def test_keys_in_a_file_of_an_older_header_count(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text('id,old\nfirst,"a,b"\nsecond,torn [torn]\n')
    with CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as log:
        assert not log.append({"id": "first"})
        assert log.append({"id": "second"})
    with CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as log:
        assert not log.append({"id": "second"})


@pytest.mark.parametrize("header", [b"\xef\xbb\xbfnumber,text,id\r\n", b'"number","text","id"\n'])
def test_the_same_header_as_other_programs_save_it_is_accepted(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(header + b"1,a,one\r\n")
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        assert log.path == path
        assert not log.append({"id": "one"})
        assert log.append({"id": "two"})
    assert path.read_bytes().startswith(header + b"1,a,one\r\n,,two")


@pytest.mark.parametrize("cut", range(len(b"number,text,id\n")))
def test_a_torn_header_is_finished(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"number,text,id\n"[:cut])
    with CsvLog(path, COLUMNS) as log:
        log.append({"id": "x"})
    assert path.read_bytes() == b"number,text,id\n,,x\n"


def test_a_torn_row_is_kept_marked_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    torn = 'number,text,id\n1,whole,a\n2,"open é'.encode()[:-1]
    path.write_bytes(torn)
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        assert log.append({"number": 2, "text": "open é", "id": "b"})
    assert path.read_bytes().startswith(torn)
    assert [len(row) for row in rows_of(path)] == [3, 2, 3]
    assert rows_of(path)[1][1].endswith(" [torn]")
    assert rows_of(path)[2] == ["2", "open é", "b"]


def test_a_row_torn_behind_its_key_does_not_count_as_written(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"id,number,text\nfirst,1,wor")
    with CsvLog(path, ("id", "number", "text"), key=("id",)) as log:
        assert log.append({"id": "first", "number": 1, "text": "words"})
    with CsvLog(path, ("id", "number", "text"), key=("id",)) as log:
        assert not log.append({"id": "first", "number": 1, "text": "words"})


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.11])
def test_kill_9_leaves_every_finished_line(tmp_path: Path, delay_s: float) -> None:
    path = tmp_path / "log.csv"
    # Rows of several pages, so that a kill may cut a write.
    writer = start_writer(path, "killed", 10**9, 20_000)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(delay_s)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    before = path.read_bytes()
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        assert log.append({"number": 0, "text": "", "id": "next"})
    assert path.read_bytes().startswith(before)
    rows = rows_of(path)
    assert rows[-1] == ["0", "", "next"]
    whole = [row for row in rows[:-1] if len(row) == 3 and not row[-1].endswith("[torn]")]
    assert len(rows) - 1 - len(whole) <= 1
    assert [row[2] for row in whole] == [f"killed-{number}" for number in range(len(whole))]
    assert len(whole) >= before.count(b"\n") - 1


def test_two_runs_write_whole_lines_at_once_and_each_key_once(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    writers = [start_writer(path, tag, 300, 6000) for tag in ("a", "a", "b")]
    for writer in writers:
        assert writer.wait() == 0
        assert writer.stdout is not None
        writer.stdout.close()
    rows = rows_of(path)
    assert all(len(row) == 3 and row[1] == 'x,"' * 2000 for row in rows)
    assert sorted(row[2] for row in rows) == sorted(f"{tag}-{n}" for tag in "ab" for n in range(300))


def fill(path: Path) -> int:
    """Append until the log refuses; returns how many rows it took."""
    log = CsvLog(path, COLUMNS, key=("id",))
    taken = 0

    def append_for_ever() -> None:
        nonlocal taken
        while taken < 10_000:
            log.append({"number": taken, "text": "y" * 700, "id": f"row-{taken}"})
            taken += 1

    with pytest.raises(LogbookError) as caught:
        append_for_ever()
    assert caught.value.exit_code == 3
    assert str(path) in str(caught.value)
    assert "every finished line is intact" in str(caught.value)
    assert "\n" not in str(caught.value)
    log.close()
    return taken


def check_refilled(path: Path, taken: int) -> None:
    """After room was made: what was finished is there, and the next row is on a fresh line."""
    before = path.read_bytes()
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        assert not log.append({"number": 0, "text": "y", "id": "row-0"})
        assert log.append({"number": taken, "text": "y", "id": f"row-{taken}"})
    assert path.read_bytes().startswith(before)
    whole = [row for row in rows_of(path) if len(row) == 3 and not row[2].endswith("[torn]")]
    assert [row[2] for row in whole] == [f"row-{number}" for number in range(taken + 1)]


def test_full_disk(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(20_000))
    taken = fill(small_disk / "log.csv")
    assert taken > 10
    (small_disk / "ballast").unlink()
    check_refilled(small_disk / "log.csv", taken)


def test_a_disk_full_from_the_start_says_so(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(100_000))
    with pytest.raises(LogbookError, match="No space left on device; free some space"):
        CsvLog(small_disk / "log.csv", COLUMNS)


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_001, hard))
    try:
        taken = fill(tmp_path / "log.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)
    assert (tmp_path / "log.csv").stat().st_size == 10_001
    check_refilled(tmp_path / "log.csv", taken)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "log.csv").mkdir()
    with pytest.raises(LogbookError, match=r"part of the path is a file"):
        CsvLog(tmp_path / "file" / "log.csv", COLUMNS)
    with pytest.raises(LogbookError, match=r"a directory stands in the way"):
        CsvLog(tmp_path / "log.csv", COLUMNS)


def test_a_rotated_log_goes_on_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        log.append({"id": "a"})
        path.rename(tmp_path / "log.csv.1")
        log.append({"id": "b"})
        assert not log.append({"id": "a"})
        path.write_bytes(b"")  # emptied in place
        log.append({"id": "c"})
    assert path.read_bytes() == b"number,text,id\n,,c\n"
    assert (tmp_path / "log.csv.1").read_bytes() == b"number,text,id\n,,a\n"


def test_a_lock_that_is_never_given_back_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsctl.logbook.appendfile.LOCK_PATIENCE_S", 0.05)
    with (
        CsvLog(tmp_path / "log.csv", COLUMNS) as one,
        CsvLog(tmp_path / "log.csv", COLUMNS) as other,
        one._file.locked(),
        pytest.raises(LogbookError, match="held the lock"),
    ):
        other.append({"id": "x"})


def test_key_set_holds_many_keys_in_little_memory() -> None:
    keys = KeySet()
    step = 0x9E3779B97F4A7C15
    for number in range(20_000):
        keys.add(number * step % 2**64)
    keys.add(0)
    assert len(keys) == 20_000
    assert all(number * step % 2**64 in keys for number in range(20_000))
    assert not any(number * step % 2**64 in keys for number in range(20_001, 30_000))
    assert len(keys._slots) <= 65536


def test_two_threads_share_one_log(tmp_path: Path) -> None:
    import threading

    with CsvLog(tmp_path / "log.csv", COLUMNS, key=("id",)) as log:
        threads = [
            threading.Thread(target=lambda: [log.append({"id": f"{n}"}) for n in range(200)])
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(int(row[2]) for row in rows_of(tmp_path / "log.csv")) == list(range(200))


def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("wb") as stream:
        stream.write(b"number,text,id\n1,a,one\n")
        os.ftruncate(stream.fileno(), 60_000_000)
        stream.seek(0, os.SEEK_END)
        stream.write(b"\n2,b,two\n")
    with CsvLog(path, COLUMNS, key=("id",)) as log:
        assert not log.append({"id": "one"})
        assert not log.append({"id": "two"})


def test_many_rows_at_once_are_as_rows_one_by_one(tmp_path: Path) -> None:
    rows = [{"number": n, "text": 'a,"', "id": f"{n % 7}" if n % 5 else None} for n in range(40)]
    with CsvLog(tmp_path / "one.csv", COLUMNS, key=("id",)) as one:
        written = sum(one.append(row) for row in rows)
    with CsvLog(tmp_path / "many.csv", COLUMNS, key=("id",)) as many:
        assert many.append_many(rows[:30]) + many.append_many(rows[30:]) == written == 8 + 7
        assert many.append_many([]) == 0
        with pytest.raises(KeyError, match="colour"):
            many.append_many([{"id": "new"}, {"colour": "red"}])
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "many.csv").read_bytes()
