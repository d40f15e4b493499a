"""Signals and closed pipes against the real commands: nothing decoded before is lost."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND

# A position report from the documentation of AIVDM, and an AX.25 UI frame from CQ by N0CALL.
NMEA = b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n"
HEX = b"86A240404040E09C60868298986103F068656C6C6F\n"


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    command = subprocess.Popen([COMMAND, *arguments], cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield command
    finally:
        command.kill()
        command.communicate()


def feed_until_logged(command: subprocess.Popen[bytes], data: bytes, log: Path) -> None:
    """Send the input, leave it open, and wait until its line is in the log."""
    assert command.stdin is not None
    command.stdin.write(data)
    command.stdin.flush()
    deadline = time.monotonic() + 20.0
    while not (log.is_file() and log.read_text().count("\n") >= 2):
        assert time.monotonic() < deadline, "nothing was logged"
        assert command.poll() is None, command.stderr and command.stderr.read()
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ais_is_stopped_by_signals_and_that_is_success(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "ais", "-", "--format", "none") as command:
        feed_until_logged(command, NMEA, tmp_path / "gsctl-logs" / "ais.csv")
        command.send_signal(number)
        output, messages = command.communicate(timeout=20)
    assert (command.returncode, output) == (0, b"")
    assert b"Traceback" not in messages
    lines = (tmp_path / "gsctl-logs" / "ais.csv").read_text().splitlines()
    assert len(lines) == 2
    assert ",477553000," in lines[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_decode_keeps_its_logs_and_gives_130(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "decode", "-", "--framing", "ax25", "--format", "hex") as command:
        feed_until_logged(command, HEX, tmp_path / "gsctl-logs" / "frames.csv")
        command.send_signal(number)
        output, messages = command.communicate(timeout=20)
    assert command.returncode == 130
    assert output.split() == [HEX.strip().lower()]
    assert b"Traceback" not in messages
    assert messages.decode().splitlines()[-1].startswith("frames=1 unique=1 ")
    (session,) = (tmp_path / "gsctl-logs" / "sessions.jsonl").read_text().splitlines()
    assert json.loads(session)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("satellites", "list"), ("protocols", "list"), ("doctor",)],
    ids=lambda arguments: arguments[0],
)
def test_a_closed_pipe_is_quiet_everywhere(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=tmp_path,
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_behind_stdout_gives_3_in_one_line(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    one_line: Callable[..., None] = request.getfixturevalue("one_line")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, "satellites", "list"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    done.stdout = ""
    one_line(done, 3, "No space left on device")
