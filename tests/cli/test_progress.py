"""The progress bar, which only a terminal shows."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

GSCTL = str(Path(sys.executable).with_name("gsctl"))


def on_a_terminal(*arguments: str | Path, cwd: Path, timeout_s: float = 240) -> tuple[int, str]:
    """Run the command with stderr on a pseudo-terminal; its exit code and what the terminal got."""
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminal here")
    command = [GSCTL, *map(str, arguments)]
    env = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    end = time.monotonic() + timeout_s
    try:
        while time.monotonic() < end:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # Linux says so when the last writer is gone
                    break
                if not piece:
                    break
                shown += piece
        return process.wait(timeout=60), shown.decode("utf-8", "replace")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_long_recording_shows_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "long.i16"
    with path.open("wb") as stream:
        stream.truncate(2 * 48_000 * 90)
    options = ("-s", "48k", "--waveform", "fsk", "--symbol-rate", "1200", "--effort", "fast", "--no-log")
    code, shown = on_a_terminal("decode", path, *options, cwd=tmp_path)
    assert code == 0, shown
    assert "s of signal" in shown or "long.i16" in shown, "the bar was there"
    assert "frames=0" in shown


def test_the_demo_on_a_terminal(tmp_path: Path) -> None:
    code, shown = on_a_terminal("demo", cwd=tmp_path)
    assert code == 0, shown
    assert "of 663 s of signal" in shown
    assert (tmp_path / "gsctl-demo" / "pass.png").stat().st_size > 10_000
    assert len((tmp_path / "gsctl-demo" / "frames.csv").read_text().splitlines()) > 30
