"""``gsctl simulate pass``, and that ``gsctl decode`` hears what it makes."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from gsctl.cli.app import main
from gsctl.radio import recorder
from tests.cli.conftest import Gsctl, OneLine

PASS = (
    "simulate", "pass", "nanodragon", "--at", "21.0,105.5", "--start", "2026-06-17T02:00:00Z",
    "--min-elevation", "30",
)  # fmt: skip


def test_recording_and_truth_fit_each_other_and_decode_finds_every_frame(
    gsctl: Gsctl, tmp_path: Path
) -> None:
    made = gsctl(
        *PASS, "-w", "nd", "--duration", "12s", "--every", "2s", "--ppm", "1", "--offset", "400", "-s", "24k"
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.split() == ["nd.sigmf-meta", "nd.truth.json"]
    truth = json.loads((tmp_path / "nd.truth.json").read_text())
    assert (truth["satellite"], truth["norad_id"], truth["simulated"]) == ("NanoDragon", 49398, True)
    assert len(truth["frames"]) == 6
    samples = np.fromfile(tmp_path / "nd.sigmf-data", "<i2")
    assert len(samples) == 2 * 12 * 24000
    assert 3000 < np.abs(samples).max() < 32767
    heard = gsctl(
        "decode",
        "nd.sigmf-meta",
        "--satellite",
        "nanodragon",
        "--at",
        "21.0,105.5",
        "--no-log",
        "-F",
        "jsonl",
    )
    rows = [row for line in heard.stdout.splitlines() if (row := json.loads(line))["type"] == "frame"]
    assert [row["frame_hex"] for row in rows] == [frame["payload"] for frame in truth["frames"]]
    for row, frame in zip(rows, truth["frames"], strict=True):
        late_s = datetime.fromisoformat(row["received_at"]) - datetime.fromisoformat(frame["received_at"])
        assert abs(late_s.total_seconds()) < 1 / 1200
        # 1 ppm of a fast clock is 437 Hz low; the carrier was 400 Hz high.
        assert abs(row["frequency_offset_hz"] - (400 - 437.365)) < 10


def test_frames_of_the_users_own(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "frames.hex").write_text(
        "# two\n86a240404040e0b0ac729c888e6103f001\n86a240404040e0b0ac729c888e6103f002\n"
    )
    made = gsctl(
        *PASS, "-w", "x", "--duration", "8s", "--every", "4s", "--per-burst", "3", "--frames", "frames.hex"
    )
    assert made.returncode == 0, made.stderr
    frames = json.loads((tmp_path / "x.truth.json").read_text())["frames"]
    assert [frame["payload"][-2:] for frame in frames] == ["01", "02", "01", "02", "01", "02"]


def test_dry_run_says_the_pass_and_writes_nothing(gsctl: Gsctl, tmp_path: Path) -> None:
    done = gsctl(*PASS, "-n")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "up to 83.3 degrees" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_bad_wishes_are_one_line(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    one_line(gsctl("simulate", "pass", "microdragon", *PASS[3:]), 3, "MicroDragon")
    one_line(gsctl(*PASS, "--framing", "text"), 2, "with text", "437.365 MHz")
    one_line(gsctl(*PASS, "--min-elevation", "89.99"), 2, "no pass of NanoDragon", "--min-elevation")
    (tmp_path / "nothing.hex").write_text("# nothing\n")
    one_line(gsctl(*PASS, "--frames", "nothing.hex"), 3, "nothing.hex", "no frame")
    (tmp_path / "short.hex").write_text("0102\n")
    ccsds = (*PASS, "--framing", "ccsds-rs", "-n")
    one_line(gsctl(*ccsds, "--frames", "short.hex"), 2, "--frames", "ccsds-rs", "223")
    assert gsctl(*ccsds).returncode == 0
    one_line(gsctl(*PASS, "--frames", "missing.hex"), 3, "missing.hex", "No such file")


def test_a_morse_beacon_where_it_is_asked_for(gsctl: Gsctl, tmp_path: Path) -> None:
    usual = gsctl("simulate", "pass", "kosen-1", *PASS[3:], "-n")
    assert "AFSK 1200" in usual.stderr
    made = gsctl(
        "simulate",
        "pass",
        "kosen-1",
        *PASS[3:],
        "--transmitter",
        "CW",
        "--duration",
        "30s",
        "-s",
        "24k",
        "-w",
        "cw",
    )
    assert made.returncode == 0, made.stderr
    truth = json.loads((tmp_path / "cw.truth.json").read_text())
    assert (truth["waveform"], truth["framing"]) == ("morse", "text")
    assert bytes.fromhex(truth["frames"][0]["payload"]).endswith(b"SIMULATION 1")


def test_an_existing_recording_is_left_alone(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "old.sigmf-data").write_bytes(b"precious")
    done = gsctl(*PASS, "-w", "old", "--duration", "2s")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("gsctl: old.sigmf-data")
    assert (tmp_path / "old.sigmf-data").read_bytes() == b"precious"
    assert not (tmp_path / "old.truth.json").exists()


@pytest.mark.parametrize(
    "wish",
    [
        ("--ebn0", "nan"),
        ("--ebn0", "inf"),
        ("--ppm", "1e9"),
        ("--null-depth", "nan"),
        ("--sample-rate", "-1"),
        ("--sample-rate", "100"),
        ("--offset", "1e12"),
    ],
)
def test_wishes_that_cannot_be_are_wrong_use(
    wish: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*PASS, *wish, "-w", "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_simulation_that_fails_half_way_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = [*PASS, "-w", "x", "--duration", "2s"]
    with monkeypatch.context() as broken:
        broken.setattr(recorder.SigmfWriter, "write", full_disk)
        assert main(wanted) == 3
    assert list(tmp_path.iterdir()) == []
    assert main(wanted) == 0


def full_disk(self: recorder.SigmfWriter, _block: object) -> bool:
    self.ended = "writing failed: No space left on device"
    return False
