"""``gsctl sdr`` and ``gsctl record`` through the installed command, with the virtual SDR."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gsctl.model import TimeSource
from gsctl.radio.recording import open_recording
from tests.cli.conftest import COMMAND, Gsctl, OneLine, gsctl, one_line

__all__ = ["gsctl", "one_line"]  # fixtures

MakeSdr = Callable[..., dict[str, str]]


def test_list_and_probe(gsctl: Gsctl, virtual_sdr: MakeSdr) -> None:
    virtual_sdr("A1", rates="250000;2400000", timestamps=True)
    listed = gsctl("sdr", "list", "--format", "json", "-d", "driver=virtual")
    assert json.loads(listed.stdout)[0]["device"] == "driver=virtual,serial=A1"
    assert listed.stderr == ""
    report = json.loads(gsctl("sdr", "probe", "-d", "virtual", "-F", "json").stdout)
    assert report["antennas"] == ["RX", "RX2"]
    assert report["gain_elements_db"] == {"LNA": [0, 40, 1], "VGA": [-10, 62, 2]}
    assert report["sample_rates_hz"] == [[250000, 250000], [2400000, 2400000]]
    assert report["settings"][0]["key"] == "biastee"
    assert report["sensors"] == {"temperature": "41.5"}
    text = gsctl("sdr", "probe", "-d", "virtual")
    assert "LNA 0 to 40 in steps of 1" in text.stdout
    assert "24000000 to 1766000000" in text.stdout


def test_test_tells_what_is_there(gsctl: Gsctl, virtual_sdr: MakeSdr) -> None:
    virtual_sdr("A", rates="250000", pattern="tone", tone=100_000, amplitude=0.25, noise=0.01, dc=0.1,
                events="overflow@0.6:2500", buffer=1024, timestamps=True)  # fmt: skip
    done = gsctl("sdr", "test", "-d", "virtual", "-f", "436.9375M", "-g", "30", "-T", "1.2s", "-F", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["center_frequency_hz"] == 437e6
    assert report["overflows"] == 1
    assert report["dropped_samples"] == 2500
    assert report["measured_rate_hz"] == pytest.approx(250_000, rel=0.05)
    assert report["dc_dbfs"] == pytest.approx(-20, abs=1)
    assert report["noise_dbfs_hz"] == pytest.approx(-40 - 54, abs=2)
    spectrum = report["spectrum_dbfs_hz"]
    assert int(np.argmax(spectrum)) == pytest.approx(512 + 1024 * 100 / 250, abs=2)
    text = gsctl("sdr", "test", "-d", "virtual", "-g", "30", "-T", "0.3s")
    assert "noise_dbfs_hz" in text.stdout
    assert "█" in text.stdout
    assert "gain 30 dB" in text.stderr


def test_record_a_frequency(gsctl: Gsctl, virtual_sdr: MakeSdr, tmp_path: Path) -> None:
    virtual_sdr("A", rates="250000", pattern="count", timestamps=True, buffer=1024, events="silent@0.5:777")
    done = gsctl(
        "record", "-f", "437.1M", "-d", "virtual", "-g", "30", "-w", "x", "-T", "1s", "--at", "21,105.5"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    source = open_recording(tmp_path / "x")
    assert source.center_frequency_hz == 437.1625e6
    assert source.time_source is TimeSource.FILE
    blocks = list(source)
    assert [block.dropped_before for block in blocks if block.dropped_before] == [777]
    head = source.metadata["global"]
    assert head["core:geolocation"]["coordinates"] == [105.5, 21.0, 0.0]
    assert head["core:datatype"] == "ci16_le"
    assert head["gsctl:gain_db"] == {"LNA": 30.0, "VGA": -10.0}
    for block in blocks:  # the recording has the place of every sample, to the sample
        count = np.rint(block.samples[:1].view(np.float32) * 32768).astype(int)
        assert count[0] + (count[1] << 15) - block.start_sample == blocks_zero(blocks)
    assert "dropped_samples=777" in done.stderr.splitlines()[-1]


def blocks_zero(blocks: list) -> int:  # type: ignore[type-arg]
    first = np.rint(blocks[0].samples[:1].view(np.float32) * 32768).astype(int)
    return int(first[0] + (first[1] << 15))


def test_record_a_satellites_channel(gsctl: Gsctl, virtual_sdr: MakeSdr, tmp_path: Path) -> None:
    virtual_sdr("A", rates="250000", native="CU8")
    done = gsctl(
        "record", "nanodragon", "-d", "virtual", "-g", "30", "-w", "n.sigmf", "-T", "1s", "--narrow", "20000"
    )
    assert done.returncode == 0, done.stderr
    source = open_recording(tmp_path / "n.sigmf-meta")
    assert source.sample_rate_hz == 25_000
    assert source.center_frequency_hz == 437.365e6
    head = source.metadata["global"]
    assert (head["gsctl:norad_id"], head["core:datatype"]) == (49398, "ci16_le")
    assert head["gsctl:elements"]["epoch"].startswith("20")
    samples = np.concatenate([block.samples for block in source])
    assert samples.size == pytest.approx(25_000, rel=0.15)


def test_record_ends_cleanly_on_a_signal(virtual_sdr: MakeSdr, tmp_path: Path) -> None:
    environment = virtual_sdr("A", rates="250000", log=tmp_path / "log")
    words = [
        "record",
        "-f",
        "437M",
        "-d",
        "virtual",
        "-g",
        "30",
        "-t",
        "biastee=true",
        "-w",
        str(tmp_path / "y"),
    ]
    with subprocess.Popen([COMMAND, *words], env=environment, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "y.sigmf-data").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert said.decode().splitlines()[-1].startswith("samples=")
    assert sum(block.samples.size for block in open_recording(tmp_path / "y")) > 50_000
    assert (tmp_path / "log").read_text().splitlines()[-1] == "closed"
    assert "setting biastee false" in (tmp_path / "log").read_text()


def test_record_says_in_one_line_what_is_wrong(gsctl: Gsctl, one_line: OneLine, virtual_sdr: MakeSdr) -> None:
    virtual_sdr("A", rates="250000")
    one_line(gsctl("record"), 2, "nothing says what to record")
    one_line(gsctl("record", "-f", "437M", "-d", "driver=virtual,serial=Z"), 4, "no such radio")
    one_line(gsctl("record", "-f", "437M", "-d", "virtual", "-g", "900"), 2, "gain 900 dB is out of range")
    one_line(gsctl("record", "-f", "437M", "-d", "virtual", "-t", "biastee"), 2, "'biastee' is no setting")
    maybe = gsctl("record", "-f", "437M", "-d", "virtual", "-t", "biastee=maybe")
    one_line(maybe, 2, "the device has no value for biastee 'maybe'; there are true, false")
    one_line(gsctl("record", "-f", "5G", "-d", "virtual"), 2, "does not reach 5000 MHz; 24 to 1766 MHz")
    one_line(gsctl("record", "-f", "437M", "-d", "virtual", "--sample-format", "i16"), 2, "did you mean ci16")
    one_line(gsctl("record", "raise-9999", "-d", "virtual"), 3)
    planned = gsctl("record", "nanodragon", "-n")
    assert "would record 437.365000 MHz" in planned.stderr
    assert planned.returncode == 0


def test_a_full_disk_ends_the_recording(gsctl: Gsctl, virtual_sdr: MakeSdr, tmp_path: Path) -> None:
    virtual_sdr("A", rates="250000")
    done = gsctl("record", "-f", "437M", "-d", "virtual", "-g", "30", "-w", "z", "--min-free", "99999999")
    assert done.returncode == 3
    assert "MB left on the disk; make room, or lower --min-free" in done.stderr
    small = tmp_path / "small"
    small.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("mounting a small tmpfs is not permitted here")
    try:
        done = gsctl(
            "record",
            "-f",
            "437M",
            "-d",
            "virtual",
            "-g",
            "30",
            "-w",
            small / "z",
            "--min-free",
            "0",
            "-T",
            "4s",
        )
        assert done.returncode == 3
        assert "No space left on device; what was recorded is valid" in done.stderr
        source = open_recording(small / "z")
        assert sum(block.samples.size for block in source) > 200_000
        assert source.warnings == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_raw_samples_come_by_standard_input(gsctl: Gsctl, tmp_path: Path) -> None:
    place = ("--at", "21.0,105.5", "--start", "2026-06-17T02:00:00Z")
    made = gsctl(
        "simulate", "pass", "nanodragon", *place, "-T", "2.2s", "-s", "48k", "--every", "1s", "-w", "sim"
    )
    assert made.returncode == 0, made.stderr
    samples = (tmp_path / "sim.sigmf-data").read_bytes()
    words = ("receive", "nanodragon", "-d", "-", "-s", "48k", "--doppler", "none", "-F", "hex", "--no-log")
    heard = gsctl(*words, "--sample-format", "ci16", stdin=samples)
    assert heard.returncode == 0, heard.stderr
    sent = json.loads((tmp_path / "sim.truth.json").read_text())["frames"]
    assert heard.stdout.split() == [frame["payload"] for frame in sent][:2]
