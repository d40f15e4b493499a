from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gsctl.errors import LogbookError
from gsctl.plot import telemetry
from gsctl.plot.style import drawing
from gsctl.plot.telemetry import panels_of, read_telemetry, telemetry_picture, unit_of

LOG = """received_at,satellite,norad_id,frame_id,battery_v,bus_v,panel_degc,mode,reset_count,still_a
2026-06-18T01:00:10.000000Z,One,111,f2,7.5,5.1,20,safe,3,1
2026-06-18T01:00:00.000000Z,One,111,f1,7.4,,,nominal,2,1
2026-06-18T02:00:00.000000Z,Two,222,f3,7.6,5.0,-5.5,safe,nan,1
2026-06-18T02:00:05.000000Z,Two,222,f4,7.
not a time,Two,222,f5,9,9,9,9,9,9
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def test_the_numbers_of_a_log_in_time_order_with_gaps_unknown(log: Path) -> None:
    table = read_telemetry(log)
    assert table.start == datetime(2026, 6, 18, 1, tzinfo=UTC)
    assert table.time_s.tolist() == [0.0, 10.0, 3600.0]
    assert table.satellites == ("One", "Two")
    assert list(table.columns) == ["battery_v", "bus_v", "panel_degc", "reset_count", "still_a"]
    assert table.columns["battery_v"].tolist() == [7.4, 7.5, 7.6]
    np.testing.assert_equal(table.columns["bus_v"], [np.nan, 5.1, 5.0])
    np.testing.assert_equal(table.columns["reset_count"], [2.0, 3.0, np.nan])


@pytest.mark.parametrize("name", ["two", "222"])
def test_one_satellite_of_several(log: Path, name: str) -> None:
    table = read_telemetry(log, satellite=name)
    assert table.columns["battery_v"].tolist() == [7.6]
    assert table.satellites == ("Two",)


def test_columns_of_one_unit_share_a_panel_and_what_stands_still_is_left_out(log: Path) -> None:
    table = read_telemetry(log)
    assert panels_of(table) == [
        ("V", ["battery_v", "bus_v"]),
        ("°C", ["panel_degc"]),
        ("", ["reset_count"]),
    ]
    assert panels_of(table, ["still_a"]) == [("A", ["still_a"])]
    with pytest.raises(LogbookError, match="no column of numbers 'height_m'; there are battery_v"):
        panels_of(table, ["height_m"])


def test_units_are_those_of_the_records() -> None:
    assert unit_of("panel_0_degc") == ("panel_0", "°C")
    assert unit_of("rate_x_deg_s") == ("rate_x", "°/s")
    assert unit_of("reset_count") == ("reset_count", "")
    assert unit_of("mode") == ("mode", "")


def test_a_log_without_times_counts_its_rows(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("received_at,a_v\n,1\n,2\n,3\n")
    table = read_telemetry(tmp_path / "log.csv")
    assert table.start is None
    assert table.time_s.tolist() == [0.0, 1.0, 2.0]
    telemetry_picture(tmp_path / "t.png", table, title="t")


def test_the_picture_has_a_panel_a_unit(tmp_path: Path, log: Path) -> None:
    table = read_telemetry(log)
    with Image.open(telemetry_picture(tmp_path / "t.png", table, title="$log")) as image:
        assert image.width == 1650
        three_panels = image.height
    with Image.open(telemetry_picture(tmp_path / "u.png", table, title="log", columns=["bus_v"])) as image:
        assert image.height < three_panels


def test_small_values_have_a_prefixed_unit(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("field_t\n1e-5\n3e-5\n")
    table = read_telemetry(tmp_path / "log.csv")
    with drawing(4, 4) as figure:
        axes = figure.add_subplot()
        telemetry._draw_panel(axes, table, "T", ["field_t"])
        figure.draw_without_rendering()
        labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "20 \N{MICRO SIGN}T" in labels


def test_a_long_log_is_thinned_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "MOST_ROWS", 100)
    (tmp_path / "log.csv").write_text("n_s\n" + "".join(f"{number}\n" for number in range(1001)))
    values = read_telemetry(tmp_path / "log.csv").columns["n_s"]
    assert 50 <= len(values) <= 100
    assert set(np.diff(values)) == {16.0}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no header"),
        (b"a,a\n1,2\n", "distinct names"),
        (b"a,b\n", "no rows with numbers"),
        (b"a,b\nx,y\n", "no rows with numbers"),
        (b"\x00\xff\x01binary", "no rows|no CSV"),
        (b"a\n" + b"1" * 200_000, "no CSV"),
    ],
)
def test_what_is_no_log_is_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "log.csv").write_bytes(content)
    with pytest.raises(LogbookError, match=complaint) as caught:
        read_telemetry(tmp_path / "log.csv")
    assert str(tmp_path / "log.csv") in str(caught.value)


def test_a_missing_log_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LogbookError, match="cannot read: No such file"):
        read_telemetry(tmp_path / "none.csv")


def test_bytes_written_as_hex_are_no_numbers_even_where_all_digits_are_decimal(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "count,mixed,zeros,long,raw_hex,state,scaled_v\n"
        f"10,8664,0012,{'8664' * 6},8664,3,1e3\n"
        f"12,A664,1200,{'1200' * 6},1200,3e1,n/a\n"
    )
    table = read_telemetry(tmp_path / "log.csv")
    assert list(table.columns) == ["count", "state", "scaled_v"]
    assert table.columns["scaled_v"][0] == 1000.0
