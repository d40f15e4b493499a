"""``gsctl ais`` on samples: the real burst, a scene on both channels, one channel's FM audio."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.signals import ais_bursts, ais_payloads
from gsctl.synth.ais_scene import AisBurst, ais_blocks
from tests.cli.conftest import Gsctl, gsctl

__all__ = ["gsctl"]  # a fixture

START = datetime(2026, 6, 17, 2, 30, tzinfo=UTC)


def write_cf32(path: Path, samples: NDArray[Any]) -> str:
    samples.astype("<c8").tofile(path)
    return str(path)


def test_the_real_burst(gsctl: Gsctl, data_dir: Path, tmp_path: Path) -> None:
    text = (data_dir / "ais" / "radio" / "burst_31250Hz_iq_mmsi305323000.txt").read_text()
    values = np.array(text.split(), np.float64).reshape(-1, 2)
    path = write_cf32(tmp_path / "burst.cf32", (values[:, 0] + 1j * values[:, 1]) / 300_000)
    result = gsctl("ais", path, "--sample-rate", "31250", "--no-log", "-F", "jsonl")
    assert result.returncode == 0, result.stderr
    message = json.loads(result.stdout)
    assert message["mmsi"] == 305323000
    assert message["message_type"] == 1
    assert message["integrity"] == "crc"
    assert message["channel"] is None
    assert -6 < message["level_dbfs"] < 0


def test_both_channels_with_times_levels_and_a_ghost(gsctl: Gsctl, tmp_path: Path) -> None:
    sent = ais_payloads(3, seed=6)
    bursts = [
        AisBurst(time_s=0.1, frequency_hz=161.975e6 + 400, ebn0_db=20.0, payload=sent[0]),
        AisBurst(time_s=0.2, frequency_hz=162.025e6, ebn0_db=20.0, payload=sent[1]),
        AisBurst(time_s=0.3, frequency_hz=161.975e6, ebn0_db=12.0, payload=sent[2]),
        AisBurst(time_s=0.3, frequency_hz=162.025e6, ebn0_db=30.0, payload=sent[2]),
    ]
    blocks = ais_blocks(bursts, start=START, duration_s=0.5, sample_rate_hz=96e3, center_frequency_hz=162e6)
    path = write_cf32(tmp_path / "scene.cf32", np.concatenate([block.samples for block in blocks]))
    words = ("-s", "96k", "--center", "162M", "--start-time", "2026-06-17T02:30:00Z")
    result = gsctl("ais", path, *words, "--log-dir", str(tmp_path / "logs"), "-F", "nmea")
    assert result.returncode == 0, result.stderr
    assert [line.split(",")[4] for line in result.stdout.splitlines()] == ["A", "B", "B", "A"]
    with (tmp_path / "logs" / "ais.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["channel"] for row in rows] == ["A", "B", "B", "A"]
    assert [bool(row["ghost"]) for row in rows] == [False, False, False, True]
    assert rows[0]["received_at"].startswith("2026-06-17T02:30:00.10")
    assert rows[0]["time_source"] == "given"
    assert abs(float(rows[0]["frequency_offset_hz"]) - 400) < 3
    assert float(rows[2]["level_dbfs"]) - float(rows[3]["level_dbfs"]) > 15
    assert all(row["snr_db"] and row["frame_id"] and row["integrity"] == "crc" for row in rows)


def test_fm_audio_of_one_channel(gsctl: Gsctl, tmp_path: Path) -> None:
    signal = ais_bursts(20.0, 10, seed=2)
    path = tmp_path / "audio.f32"
    np.asarray(signal.audio(), "<f4").tofile(path)
    result = gsctl("ais", path, "-s", "48k", "--input", "fm-audio", "--no-log", "-F", "jsonl")
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) >= 9


def test_a_band_without_ais_is_refused(gsctl: Gsctl, tmp_path: Path) -> None:
    path = write_cf32(tmp_path / "x.cf32", np.ones(1000, np.complex64))
    result = gsctl("ais", path, "-s", "96k", "--center", "437M", "--no-log")
    assert result.returncode == 2
    assert "no AIS channel" in result.stderr
