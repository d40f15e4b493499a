"""Real frames become telemetry CSVs through the installed command."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Gsctl = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize(
    ("satellite", "pool", "schema", "column", "value"),
    [
        ("DP0UWH", "Uwe4Beacon", "uwe-4-housekeeping", "battery_a_voltage_v", "4.208"),
        ("kafasat", "KafasatBeacon", "kafasat-housekeeping", "battery_voltage_v", "15.752"),
        ("lasarsat", "LasarsatBeacon", "spacemanic-power", "battery_voltage_v", "8.127"),
        ("delfi c3", "DelfiC3Beacon", "delfi-c3-housekeeping", "mode", "science"),
    ],
)
def test_frames_give_the_csv_of_their_schema(
    gsctl: Gsctl,
    data_dir: Path,
    tmp_path: Path,
    satellite: str,
    pool: str,
    schema: str,
    column: str,
    value: str,
) -> None:
    frames = json.loads((data_dir / "telemetry" / "frames_and_expected.json").read_text())[pool]["frames_hex"]
    done = gsctl("decode", "-", "--satellite", satellite, "--log-dir", "logs", stdin="\n".join(frames))
    assert done.returncode == 0, done.stderr
    with (tmp_path / "logs" / f"{schema}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[column] for row in rows] == [value]
    assert list(rows[0])[:5] == ["received_at", "satellite", "norad_id", "transmitter", "frame_id"]
    with (tmp_path / "logs" / "ax25.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == sum(len(frame) > 32 for frame in frames)
