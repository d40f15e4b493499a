"""A simulated pass, replayed by the virtual SDR in real time, recorded, and decoded from the recording."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, Gsctl, gsctl

__all__ = ["gsctl"]  # a fixture

MakeSdr = Callable[..., dict[str, str]]
SECONDS = 4
RATE_HZ = 48_000


def frames(gsctl: Gsctl, recording: Path) -> dict[str, dict[str, Any]]:
    """Unique frames that the file decoder finds, by their bytes."""
    done = gsctl(
        "decode", recording, "--satellite", "nanodragon", "--doppler", "none", "--no-log", "-F", "jsonl"
    )
    assert done.returncode == 0, done.stderr
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if row["type"] == "frame"]
    return {row["frame_hex"]: row for row in rows}


def moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["received_at"])


@pytest.mark.parametrize(
    "events", ["overflow@1.5:9600;silent@2.6:4800", pytest.param("", marks=pytest.mark.long)]
)
def test_recorded_pass_decodes_as_the_file_does(
    gsctl: Gsctl, virtual_sdr: MakeSdr, tmp_path: Path, events: str
) -> None:
    """Recorded by two radios at once, one with timestamps and one without."""
    place = ("--at", "21.0,105.5", "--start", "2026-06-17T02:00:00Z")
    made = gsctl("simulate", "pass", "nanodragon", *place, "-T", f"{SECONDS}s", "-s", str(RATE_HZ),
                      "--every", "0.6s", "-w", "sim")  # fmt: skip
    assert made.returncode == 0, made.stderr
    truth = frames(gsctl, tmp_path / "sim.sigmf-meta")
    assert len(truth) >= 5
    replay = {"file": tmp_path / "sim.sigmf-data", "file_format": "cs16", "file_center": 437.365e6}
    running = {}
    for serial, timestamps in (("stamped", True), ("plain", False)):
        environment = virtual_sdr(
            serial, rates=RATE_HZ, timestamps=timestamps, events=events, buffer=256, **replay
        )
        device = f"driver=virtual,serial={serial}"
        words = ["record", "nanodragon", "-d", device, "-g", "30", "-w", serial, "-T", f"{SECONDS}s"]
        running[serial] = subprocess.Popen([COMMAND, *words], cwd=tmp_path, env=environment)
    for serial, process in running.items():
        assert process.wait(60) == 0
        heard = frames(gsctl, tmp_path / f"{serial}.sigmf-meta")
        assert set(heard) <= set(truth)
        # Some tenths of silence surround each burst; two faults hit two frames at most.
        assert len(heard) >= len(truth) - (3 if events else 1)
        # The replay began some tenths after the radio was started; that delay must be the same for all.
        delays = [(moment(heard[key]) - moment(truth[key])).total_seconds() for key in heard]
        symbol_s = 1 / 1200
        assert max(delays) - min(delays) < (symbol_s if serial == "stamped" else 3 * symbol_s)
