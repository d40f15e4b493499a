"""``gsctl simulate ais`` through the installed command, and ``gsctl ais`` on what it writes."""

import csv
import json
from pathlib import Path

import pytest

from gsctl.cli.app import main
from gsctl.radio import recorder
from tests.cli.conftest import Gsctl, OneLine

START = "2026-06-17T12:00:00Z"


def truth_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_shore_station(gsctl: Gsctl, tmp_path: Path) -> None:
    arguments = (
        "simulate",
        "ais",
        "--at",
        "20.8,107,30",
        "--ships",
        "40",
        "--start",
        START,
        "-T",
        "10s",
        "-w",
        "bay",
    )
    done = gsctl(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["bay.truth.jsonl", "bay.nmea", "bay.sigmf-meta"]
    truth = truth_of(tmp_path / "bay.truth.jsonl")
    assert 10 < len(truth) < 100
    assert (tmp_path / "bay.sigmf-data").stat().st_size == 10 * 96_000 * 8
    meta = json.loads((tmp_path / "bay.sigmf-meta").read_text())
    assert meta["captures"][0]["core:frequency"] == 162e6
    assert meta["captures"][0]["core:datetime"].startswith("2026-06-17T12:00:00")
    read = gsctl("ais", "bay.nmea", "-F", "none")
    assert read.returncode == 0
    with (tmp_path / "gsctl-logs/ais.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["mmsi"]) for row in rows] == [one["mmsi"] for one in truth]
    assert {row["time_source"] for row in rows} == {"tag-block"}
    assert {row["source"] for row in rows} == {"simulated"}
    positions = [(row, one) for row, one in zip(rows, truth, strict=True) if row["latitude_deg"]]
    assert positions
    for row, one in positions:
        assert abs(float(row["latitude_deg"]) - float(str(one["latitude_deg"]))) < 2e-6
    again = gsctl(*arguments[:-1], "again", "--no-iq")
    assert again.stdout.splitlines() == ["again.truth.jsonl", "again.nmea"]
    assert (tmp_path / "again.nmea").read_bytes() == (tmp_path / "bay.nmea").read_bytes()


def test_a_satellite_hears_collisions_and_doppler(gsctl: Gsctl, tmp_path: Path) -> None:
    done = gsctl(
        *("simulate", "ais", "--satellite", "NanoDragon", "--start", "2026-06-18T00:00:00Z"),
        *("--ships", "800", "-T", "5s", "--no-iq", "-w", "orbit"),
    )
    assert done.returncode == 0, done.stderr
    truth = truth_of(tmp_path / "orbit.truth.jsonl")
    shifts = [float(str(one["shift_hz"])) for one in truth]
    assert max(shifts) > 2000
    assert min(shifts) < -2000
    assert max(abs(shift) for shift in shifts) < 4200
    assert sum(int(str(one["overlaps"])) > 0 for one in truth) > len(truth) / 4
    ranges = [float(str(one["range_km"])) for one in truth]
    assert 300 < min(ranges) < max(ranges) < 3000, "a low orbit"


def test_long_range_channels(gsctl: Gsctl, tmp_path: Path) -> None:
    done = gsctl(
        *("simulate", "ais", "--at", "20.8,107", "--ships", "100", "--start", START),
        *("--center", "156.8M", "-T", "60s", "--no-iq", "-w", "far"),
    )
    assert done.returncode == 0, done.stderr
    truth = truth_of(tmp_path / "far.truth.jsonl")
    assert truth
    assert {one["message_type"] for one in truth} == {27}
    assert {one["channel"] for one in truth} <= {"C", "D"}


def test_bad_requests(gsctl: Gsctl, one_line: OneLine) -> None:
    one_line(gsctl("simulate", "ais"), 2, "no place given")
    one_line(gsctl("simulate", "ais", "--at", "1,2", "--center", "100M"), 2, "no AIS channel")
    one_line(gsctl("simulate", "ais", "--at", "1,2", "-T", "10h"), 2, "6 h")
    one_line(gsctl("simulate", "ais", "--satellite", "no such thing"), 3, "no such thing")
    one_line(gsctl("simulate", "ais", "--at", "1,2", "-w", "/proc/x/y", "-T", "1s"), 3, "/proc/x")


def test_a_simulation_leaves_an_older_one_alone_and_a_failed_one_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = ["simulate", "ais", "--at", "20,107,30", "--ships", "3", "-T", "1s", "-w", "bay"]
    with monkeypatch.context() as broken:
        broken.setattr(recorder.SigmfWriter, "write", full_disk)
        assert main(wanted) == 3
    assert list(tmp_path.iterdir()) == []
    assert main(wanted) == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 4
    assert main([*wanted, "--seed", "2"]) == main([*wanted, "--seed", "2", "--no-iq"]) == 3
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def full_disk(self: recorder.SigmfWriter, _block: object) -> bool:
    self.ended = "writing failed: No space left on device"
    return False
