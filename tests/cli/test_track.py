"""``gsctl track`` through the installed command."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import time

import pytest

from tests.cli.conftest import COMMAND, Gsctl, OneLine

PLACE = ("--at", "21.0,105.5")
AOS = "2026-06-18T01:25:30Z"


def test_one_moment(gsctl: Gsctl) -> None:
    done = gsctl("track", "nanodragon", *PLACE, "--at-time", AOS, "-F", "json")
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)
    assert row["time"] == "2026-06-18T01:25:30.000000Z"
    assert abs(row["elevation_deg"]) < 0.05
    assert row["range_rate_m_s"] < -7000  # coming
    (link,) = row["transmitters"]
    assert (link["direction"], link["nominal_hz"]) == ("downlink", 437_365_000.0)
    assert link["shift_hz"] == pytest.approx(-437_365_000.0 * row["range_rate_m_s"] / 299_792_458.0, abs=0.01)
    assert link["frequency_hz"] == pytest.approx(437_365_000.0 + link["shift_hz"], abs=0.01)


def test_a_span_as_a_table_of_csv(gsctl: Gsctl) -> None:
    done = gsctl(
        "track", "nanodragon", *PLACE, "--at-time", AOS, "-T", "11m", "--step", "1s", "-F", "csv",
        "-f", "437.365M", "-f", "2.2G",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 2 * 661
    ranges = [float(row["range_m"]) for row in rows[::2]]
    rates = [float(row["range_rate_m_s"]) for row in rows[::2]]
    for i in range(1, 660, 7):  # the rate is the slope of the range, within the curvature over a second
        assert rates[i] == pytest.approx((ranges[i + 1] - ranges[i - 1]) / 2.0, abs=0.5)
    shifts = [float(row["shift_hz"]) for row in rows[::2]]
    assert shifts[0] > 10_000
    assert shifts[-1] < -10_000
    assert shifts[60:] == sorted(shifts[60:], reverse=True)
    assert rows[1]["transmitter"] == "2200 MHz"


def test_uplinks_are_shifted_the_other_way(gsctl: Gsctl, tmp_path: object) -> None:
    rows = gsctl("track", "nanodragon", *PLACE, "--at-time", AOS, "-F", "table")
    assert "437.365 MHz BPSK 1200" in rows.stdout
    assert "days old" in rows.stderr

    from gsctl.cli.track import _Link

    down = _Link("a", "downlink", 145e6).at(7000.0)
    up = _Link("a", "uplink", 145e6).at(7000.0)
    assert float(str(down["shift_hz"])) == float(str(up["shift_hz"])) < 0
    assert float(str(down["frequency_hz"])) < 145e6 < float(str(up["frequency_hz"]))


def test_live_in_a_pipe_until_interrupted(tmp_path: object) -> None:
    with subprocess.Popen(
        [COMMAND, "track", "nanodragon", *PLACE, "--step", "0.1s"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        lines = [json.loads(running.stdout.readline()) for _ in range(3)]
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    assert lines[0]["time"] < lines[1]["time"] < lines[2]["time"]


def test_live_for_a_while(gsctl: Gsctl) -> None:
    began = time.monotonic()
    done = gsctl("track", "nanodragon", *PLACE, "-T", "1s", "--step", "0.5s", "-F", "csv")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) in (3, 4)
    assert time.monotonic() - began < 20


def test_the_countdown_is_seen_on_a_narrow_terminal() -> None:
    screen, terminal = os.openpty()
    try:
        with subprocess.Popen(
            [COMMAND, "track", "kosen-1", *PLACE, "-T", "1s", "--step", "0.5s"],
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"},
        ) as running:
            assert running.wait(60) == 0
        shown = os.read(screen, 65_536).decode()
    finally:
        os.close(screen)
        os.close(terminal)
    line = shown.split("\x1b[K")[1].split("\r")[0]
    assert len(line) <= 79
    assert re.search(r"(AOS|LOS) in \d+:\d\d:\d\d|no AOS within", line)


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (("nobody", *PLACE), 3, ("no satellite 'nobody'",)),
        (("nanodragon",), 2, ("no place given",)),
        (("nanodragon", *PLACE, "--at-time", AOS, "-T", "365d", "--step", "1"), 2, ("lines", "at most")),
        (("nanodragon", *PLACE, "-f", "none"), 2, ("no frequency",)),
    ],
)
def test_what_cannot_be(
    gsctl: Gsctl, one_line: OneLine, arguments: tuple[str, ...], code: int, parts: tuple[str, ...]
) -> None:
    one_line(gsctl("track", *arguments), code, *parts)


def test_after_its_decay_there_is_nothing_to_track(gsctl: Gsctl) -> None:
    done = gsctl("track", "microdragon", *PLACE, "--at-time", "2026-08-01", "-F", "json")
    assert done.returncode == 3
    assert "MicroDragon" in done.stderr
    assert "2024-10-01" in done.stderr
