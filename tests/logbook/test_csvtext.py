import csv
import io
import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gsctl.framing import Integrity
from gsctl.logbook.csvtext import (
    cell,
    close_torn_line,
    csv_line,
    escape_text,
    is_torn,
    parse_csv_line,
    unescape_text,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (None, None, ""),
        (math.nan, None, ""),
        (math.inf, 2, ""),
        (0, None, "0"),
        (0.0, 1, "0"),
        (-0.04, 1, "0"),
        (-0.0, None, "0"),
        (437365000.0, 1, "437365000"),
        (0.1 + 0.2, None, "0.3"),
        (100.0, 0, "100"),
        (12.345, 2, "12.35"),
        (1e-7, None, "1e-07"),
        (True, None, "true"),
        (np.float32(3.3), None, "3.3"),
        (np.int16(-7), None, "-7"),
        (np.bool_(False), None, "false"),
        (b"\xc0\x01", None, "c001"),
        (Integrity.CRC_CORRECTED, None, "crc-corrected"),
        ("", None, ""),
        ([1, 2], None, "[1, 2]"),
    ],
)
def test_cells_are_short_and_unknown_is_empty(value: object, decimals: int | None, text: str) -> None:
    assert cell(value, decimals) == text


def test_times_are_utc_with_z_and_microseconds() -> None:
    moment = datetime(2026, 6, 17, 3, 4, 5, tzinfo=timezone(timedelta(hours=7)))
    assert cell(moment) == "2026-06-16T20:04:05.000000Z"
    assert cell(datetime(2026, 6, 17, 3, 4, 5, 7)) == "2026-06-17T03:04:05.000007Z"  # noqa: DTZ001
    assert cell(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-12.5", "-12.5"),
        ("+3", "+3"),
        ("\t=1", r"\t=1"),
        ("\r\n=1", r"\r\n=1"),
        ("'=1", "''=1"),
        ("'quoted'", "'quoted'"),
        (r"C:\dir", r"C:\dir"),
        (r"a\nb", r"a\\nb"),
        ("a\nb", r"a\nb"),
        ("\x00\x1b[31m\x85", r"\x00\x1b[31m\x85"),
    ],
)
def test_text_from_radio_is_neither_formula_nor_control_character(text: str, written: str) -> None:
    assert escape_text(text) == written
    assert unescape_text(written) == text


@given(st.text(st.characters()))
@example("\\\n")
@example("\\\\")
@example("\\\\n\\")
@example("\ud800")
@example("''-1")
def test_text_survives_the_way_to_the_file_and_back(text: str) -> None:
    line = csv_line(["before", escape_text(text), "after"])
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    line.decode("utf-8")
    rows = list(csv.reader(io.StringIO(line.decode(), newline=""), strict=True))
    assert len(rows) == 1
    assert rows[0][0] == "before"
    assert rows[0][2] == "after"
    assert unescape_text(rows[0][1]) == text
    assert parse_csv_line(line) == rows[0]


@given(
    st.lists(st.text(alphabet='a",é€😀 =ࠀ\U00010000\ud7ff', max_size=6), min_size=2, max_size=5), st.data()
)
def test_a_line_cut_anywhere_is_closed_into_one_valid_marked_row(
    texts: list[str], data: st.DataObject
) -> None:
    whole = csv_line([escape_text(text) for text in texts])
    cut = data.draw(st.integers(1, len(whole) - 1))
    closed = whole[:cut] + close_torn_line(whole[:cut])
    following = csv_line(["next", "row"])
    rows = list(csv.reader(io.StringIO((closed + following).decode("utf-8"), newline=""), strict=True))
    assert len(rows) == 2
    assert rows[0][-1].endswith(" [torn]")
    assert rows[1] == ["next", "row"]
    assert is_torn(closed)
    assert not is_torn(following)


def test_a_line_that_is_no_csv_is_none() -> None:
    assert parse_csv_line(b'a,"b') is None
