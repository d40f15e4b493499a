"""``gsctl ais -d``: a radio that hears both channels."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bench.signals import ais_payloads
from gsctl.synth.ais_scene import AisBurst, ais_blocks
from tests.cli.conftest import COMMAND, Gsctl, OneLine, gsctl, one_line
from tests.radio.conftest import virtual_module, virtual_sdr

__all__ = ["gsctl", "one_line", "virtual_module", "virtual_sdr"]  # fixtures

MakeSdr = Callable[..., dict[str, str]]
SECONDS = 3.0


@pytest.fixture
def traffic(tmp_path: Path) -> tuple[Path, list[bytes]]:
    """IQ of three seconds with a message every tenth of a second, on the channels in turn."""
    sent = ais_payloads(int(10 * SECONDS) - 2, seed=3)
    bursts = [
        AisBurst(time_s=0.1 + 0.1 * n, frequency_hz=162e6 + 25e3 * (-1) ** n, ebn0_db=20.0, payload=payload)
        for n, payload in enumerate(sent)
    ]
    path = tmp_path / "air.cf32"
    start = datetime(2026, 6, 17, tzinfo=UTC)
    blocks = ais_blocks(
        bursts, start=start, duration_s=SECONDS, sample_rate_hz=96e3, center_frequency_hz=162e6, seed=1
    )
    np.concatenate([block.samples for block in blocks]).tofile(path)
    return path, sent


def test_messages_come_live_until_ctrl_c(
    virtual_sdr: MakeSdr, traffic: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    file, sent = traffic
    environment = virtual_sdr(
        "A", rates="250000", file=file, file_format="cf32", file_rate=96e3, file_center=162e6, buffer=2048
    )
    words = ["ais", "-d", "driver=virtual", "-g", "30", "-w", "air", "--log-dir", "logs", "-F", "jsonl"]
    began = datetime.now(UTC)
    printed = tmp_path / "out.jsonl"
    with (
        printed.open("wb") as out,
        subprocess.Popen(
            [COMMAND, *words], cwd=tmp_path, env=environment, stdout=out, stderr=subprocess.PIPE, text=True
        ) as run,
    ):
        deadline = time.monotonic() + 120  # a first run compiles
        while printed.read_bytes().count(b"\n") < 6 and time.monotonic() < deadline:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=20)
    assert run.returncode == 0, said
    assert "receiving AIS channels A, B" in said
    summary = dict(word.split("=") for word in said.splitlines()[-1].split())
    messages = [json.loads(line) for line in printed.read_text().splitlines()]
    assert int(summary["messages"]) == len(messages) >= 6
    known = {int.from_bytes(payload[:5], "big") >> 2 & (1 << 30) - 1 for payload in sent}
    assert {message["mmsi"] for message in messages} <= known
    assert {message["channel"] for message in messages} == {"A", "B"}
    with (tmp_path / "logs" / "ais.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(messages)
    received = [datetime.fromisoformat(row["received_at"]) for row in rows]
    assert began < received[0] < received[-1] < datetime.now(UTC)
    assert all(row["time_source"] == "host" and row["frame_id"] for row in rows)
    head = json.loads((tmp_path / "air.sigmf-meta").read_text())
    assert head["captures"][0]["core:frequency"] == pytest.approx(162e6, abs=1)
    recorded = (tmp_path / "air.sigmf-data").stat().st_size
    assert recorded > 4 * 200_000 * float(summary["signal_s"]) * 0.8


def test_an_unknown_radio_is_told_in_one_line(virtual_sdr: MakeSdr, gsctl: Gsctl, one_line: OneLine) -> None:
    one_line(gsctl("ais", "-d", "driver=nosuch", "--no-log"), 4, "nosuch")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing says what to read"),
        (("x.nmea", "-d", "rtl_tcp://127.0.0.1:1"), "one of the two"),
        (("x.nmea", "-g", "30"), "for radios only"),
        (("-d", "driver=virtual", "--center", "437M"), "no AIS channel"),
    ],
)
def test_words_that_cannot_be_meant(
    gsctl: Gsctl, one_line: OneLine, words: tuple[str, ...], said: str
) -> None:
    one_line(gsctl("ais", *words), 2, said)
