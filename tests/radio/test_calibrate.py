"""``gsctl sdr calibrate`` with the virtual SDR and recordings, and what later runs make of what it found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gsctl.cli import machine, sdr_calibrate
from tests.cli.conftest import Gsctl, OneLine, gsctl, one_line

__all__ = ["gsctl", "one_line"]  # fixtures

MakeSdr = Callable[..., dict[str, str]]
SHIPS = 120


@pytest.fixture
def traffic(gsctl: Gsctl, tmp_path: Path) -> Path:
    """Four seconds of AIS at 96 kS/s about 162 MHz: ships whose carriers are up to 500 Hz off."""
    sea = ("--at", "21,107", "--ships", str(SHIPS), "--radius", "20", "--start", "2026-06-17T02:00:00Z")
    made = gsctl("simulate", "ais", *sea, "-T", "4s", "-s", "96k", "--sample-format", "ci16", "-w", "sea")
    assert made.returncode == 0, made.stderr
    return tmp_path / "sea.sigmf-meta"


@pytest.fixture
def learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of learned offsets of this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "gsctl" / "learned.json"


def test_by_the_clock(gsctl: Gsctl, virtual_sdr: MakeSdr, learned: Path) -> None:
    virtual_sdr("A", rates="250000", ppm=60, buffer=512)
    done = gsctl("sdr", "calibrate", "-d", "virtual", "--by", "clock", "-T", "4.6s")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.removeprefix("--ppm ")) == pytest.approx(60, abs=25)
    assert "by this machine's clock" in done.stderr
    assert "not kept: " in done.stderr  # five seconds are too short, and the clock may be anything
    assert not learned.exists()


def test_by_ships_on_the_air_and_later_runs_take_it_out(
    gsctl: Gsctl, virtual_sdr: MakeSdr, traffic: Path, learned: Path, tmp_path: Path
) -> None:
    data = traffic.with_suffix(".sigmf-data")
    log = tmp_path / "set.log"
    virtual_sdr("A", rates="250000", ppm=40, file=data, file_format="cs16", file_rate=96e3, file_center=162e6,
                buffer=1024, log=log)  # fmt: skip
    done = gsctl("sdr", "calibrate", "-d", "virtual", "-f", "162M", "-g", "30", "-T", "3.5s")
    assert done.returncode == 0, done.stderr
    entry = json.loads(learned.read_text())["devices"]["virtual/A"]
    assert entry["method"] == "ais"
    assert entry["ships"] > SHIPS / 8
    assert entry["uncertainty_ppm"] < 0.7
    assert entry["ppm"] == pytest.approx(40, abs=4 * entry["uncertainty_ppm"])
    ppm = entry["ppm"]
    assert float(done.stdout.removeprefix("--ppm ")) == pytest.approx(ppm, abs=0.006)

    record = ("record", "-f", "162M", "-d", "virtual", "-g", "30", "-T", "0.2s")
    used = gsctl(*record, "-w", "used")
    assert f"taking out the clock error of virtual/A: {ppm:+.2f} +- " in used.stderr
    assert f"by the AIS carriers of {entry['ships']} ships, a minute old" in used.stderr
    head = json.loads((tmp_path / "used.sigmf-meta").read_text())["global"]
    assert (head["gsctl:ppm"], head["gsctl:device"]) == (ppm, "virtual/A")
    assert head["core:sample_rate"] == pytest.approx(250_000 * (1 + ppm * 1e-6), abs=1e-3)
    told = gsctl(*record, "-w", "told", "--ppm", "0")
    assert "clock error" not in told.stderr
    assert json.loads((tmp_path / "told.sigmf-meta").read_text())["global"]["gsctl:ppm"] == 0

    assert json.loads(gsctl("sdr", "list", "-d", "virtual", "-F", "json").stdout)[0]["ppm"] == f"{ppm:+.2f}"
    report = json.loads(gsctl("sdr", "probe", "-d", "virtual", "-F", "json").stdout)
    assert report["clock_error_ppm"] == ppm
    assert f"{ppm:+.2f} +- " in gsctl("sdr", "probe", "-d", "virtual").stdout


def test_by_ships_in_a_recording(gsctl: Gsctl, one_line: OneLine, traffic: Path, learned: Path) -> None:
    document = json.loads(traffic.read_text())
    document["captures"][0]["core:frequency"] -= 9_720  # all seems 9720 Hz too low: 60 ppm too fast
    document["global"] |= {"gsctl:device": "rtlsdr/1", "gsctl:ppm": -5.0}
    traffic.write_text(json.dumps(document))
    tried = gsctl("sdr", "calibrate", traffic, "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert not learned.exists()
    learned.parent.mkdir(parents=True)
    learned.write_text("{")
    done = gsctl("sdr", "calibrate", traffic)
    assert done.stdout == tried.stdout
    assert "is not a file of learned offsets and is ignored" in done.stderr
    entry = json.loads(learned.read_text())["devices"]["rtlsdr/1"]
    assert entry["ppm"] == pytest.approx(55, abs=4 * entry["uncertainty_ppm"])
    assert entry["uncertainty_ppm"] < 0.7
    one_line(gsctl("sdr", "calibrate", traffic, "--by", "clock"), 2, "a recording has no clock")
    one_line(gsctl("sdr", "calibrate", "none.sigmf-meta"), 3, "no such file")


def test_what_cannot_be_calibrated_is_told(gsctl: Gsctl, one_line: OneLine, virtual_sdr: MakeSdr) -> None:
    virtual_sdr("A", rates="250000")
    quiet = gsctl("-q", "sdr", "calibrate", "-d", "virtual", "--by", "ais", "-g", "30", "-T", "0.3s")
    one_line(quiet, 4, "no ship was heard in 0.3 s", "--by clock")
    far = gsctl(
        "-q", "sdr", "calibrate", "-d", "virtual", "-f", "145M", "--by", "ais", "-g", "30", "-T", "1s"
    )
    one_line(far, 2, "no AIS channel is within")


@pytest.mark.parametrize(
    ("frequency_hz", "synchronised", "ships"),
    [
        (None, True, False),
        (None, None, False),
        (None, False, True),
        (162e6, True, True),
        (437e6, False, False),
    ],
)
def test_what_is_compared_with_where_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, frequency_hz: float | None, synchronised: bool | None, ships: bool
) -> None:
    monkeypatch.setattr(machine, "clock_is_synchronised", lambda: synchronised)
    assert sdr_calibrate._ships_are_better(frequency_hz) is ships


def test_of_two_radios_with_one_serial_number_nothing_is_learned(
    gsctl: Gsctl, virtual_sdr: MakeSdr, learned: Path, tmp_path: Path
) -> None:
    """Nobody knows which of them a number was found for, or which of them is opened."""
    entry = {"ppm": 30, "uncertainty_ppm": 0.3, "method": "ais", "measured_at": "2026-06-17T02:00:00Z"}
    learned.parent.mkdir(parents=True)
    learned.write_text(json.dumps({"devices": {"virtual/00000001": entry}}))
    virtual_sdr("00000001", rates="250000")
    record = ("record", "-f", "162M", "-d", "virtual", "-g", "30", "-T", "0.1s")
    assert "taking out the clock error of virtual/00000001" in gsctl(*record, "-w", "one").stderr
    virtual_sdr("00000001", rates="250000")
    done = gsctl(*record, "-w", "two")
    assert done.stderr.count("another radio here has the serial number of this one") == 1
    heads = [json.loads((tmp_path / f"{name}.sigmf-meta").read_text())["global"] for name in ("one", "two")]
    assert [(head["gsctl:ppm"], head["gsctl:device"]) for head in heads] == [
        (30, "virtual/00000001"),
        (0, ""),
    ]
    before = learned.read_text()
    tried = gsctl("sdr", "calibrate", "-d", "virtual", "--by", "clock", "-T", "1s")
    assert "not kept: " in tried.stderr
    assert learned.read_text() == before
    listed = json.loads(gsctl("sdr", "list", "-d", "virtual", "-F", "json").stdout)
    assert [row["ppm"] for row in listed] == ["", ""]
    report = json.loads(gsctl("sdr", "probe", "-d", "virtual", "-F", "json").stdout)
    assert (report["ambiguous"], report["clock_error_ppm"]) == (True, None)
