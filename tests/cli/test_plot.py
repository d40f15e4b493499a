"""``gsctl plot`` as a user runs it."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image

from gsctl.cli.app import main

Gsctl = Callable[..., CompletedProcess[str]]

RATE_HZ = 24000
START = "--start 2026-06-18T00:00:00Z"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Four seconds of a carrier 3 kHz above the centre, cf32."""
    cycles = np.arange(4 * RATE_HZ) * 3000.0 / RATE_HZ
    samples = np.exp(2j * np.pi * cycles).astype(np.complex64)
    path = tmp_path / "carrier.cf32"
    samples.tofile(path)
    return path


def check_picture(path: Path) -> None:
    with Image.open(path) as image:
        assert image.format == "PNG"
        colours = image.convert("RGB").getcolors(maxcolors=2**24)
    assert colours is not None
    assert len(colours) > 20


def test_a_waterfall_of_a_recording(gsctl: Gsctl, recording: Path, tmp_path: Path) -> None:
    done = gsctl("plot", "waterfall", recording, "-s", "24k", "--center", "437.365M")
    assert (done.returncode, done.stdout, done.stderr) == (0, "carrier-waterfall.png\n", "")
    check_picture(tmp_path / "carrier-waterfall.png")


def test_a_waterfall_with_the_doppler_curve_and_frames(gsctl: Gsctl, recording: Path, tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text("received_at,frame_id\n2026-06-18T01:31:01.5Z,a\n,b\nsoon,c\n")
    with_curve = ["--satellite", "nanodragon", "--at", "21.0,105.5", "--start-time", "2026-06-18T01:31:00Z"]
    signal = ["-s", "24k", "--center", "437.364M", "-f", "437.365M", "--span", "15k"]
    done = gsctl(
        "plot", "waterfall", recording, *signal, *with_curve, "--frames", "frames.csv", "-o", "new/w.svg"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "new/w.svg\n", "")
    text = (tmp_path / "new" / "w.svg").read_text()
    assert "predicted Doppler shift" not in text  # letters are outlines
    assert len(text) > 10_000


def test_a_pass(gsctl: Gsctl, tmp_path: Path) -> None:
    done = gsctl("plot", "pass", "nanodragon", "--at", "21.0,105.5", *START.split())
    assert (done.returncode, done.stdout, done.stderr) == (0, "pass-nanodragon-20260618T012530Z.png\n", "")
    check_picture(tmp_path / "pass-nanodragon-20260618T012530Z.png")


def test_telemetry(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "beacon.csv").write_text(
        "received_at,battery_v,mode_id\n2026-06-18T01:00:00Z,7.4,1\n,7.5,2\n"
    )
    done = gsctl("plot", "telemetry", "beacon.csv", "--columns", "battery_v,mode_id")
    assert (done.returncode, done.stdout, done.stderr) == (0, "beacon.png\n", "")
    check_picture(tmp_path / "beacon.png")


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        ("waterfall none.wav", 3, ["none.wav"]),
        ("waterfall carrier.cf32 -s 24k -o w.gif", 3, ["w.gif", "png, svg or pdf"]),
        ("waterfall carrier.cf32 -s 24k -o carrier.cf32/w.png", 3, ["carrier.cf32/w.png", "cannot write"]),
        ("waterfall carrier.cf32 -s 24k --satellite nanodragon --at 21.0,105.5", 2, ["--start-time"]),
        ("waterfall carrier.cf32 -s 24k --frames no.csv", 3, ["no.csv", "No such file"]),
        ("waterfall carrier.cf32 -s 24k --frames carrier.cf32", 3, ["no column received_at"]),
        ("waterfall short.cf32 -s 24k", 3, ["too few"]),
        (f"pass nanodragon --at 21.0,105.5 {START} --min-elevation 90", 3, ["does not pass"]),
        ("pass nanodragon", 2, ["no place given"]),
        ("telemetry no.csv", 3, ["no.csv"]),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    words: str,
    code: int,
    parts: list[str],
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(recording.parent)
    Path("short.cf32").write_bytes(bytes(80))
    assert main(["plot", *words.split()]) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("gsctl: ")
    assert output.err.count("\n") == 1
    assert all(part in output.err for part in parts)
    assert sorted(path.name for path in Path().iterdir()) == ["carrier.cf32", "short.cf32"]
