"""What the first run after installing says while it compiles."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import event

from gsctl.cli import compiling, console
from tests.conftest import PROJECT

LINE = "compiling the signal processing, once: this takes up to half a minute\n"


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards whoever listens to numba or watches imports."""
    monkeypatch.setattr(event, "_registered", {**event._registered, "numba:compile": []})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))


def _watch(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    compiling.announce_compiling()


def _import_and_compile() -> None:
    """A module with kernels is imported, and two functions of it are compiled."""
    for name in ("gsctl.errors", "gsctl.dsp.some_kernels", "gsctl.dsp.more_kernels"):
        for finder in list(sys.meta_path):
            if isinstance(finder, compiling._Watch):
                finder.find_spec(name)
    for _ in range(2):
        with event.trigger_event("numba:compile"):
            pass


@pytest.mark.usefixtures("listening")
def test_a_terminal_is_told_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _watch(monkeypatch, terminal=True)
    _import_and_compile()
    assert capsys.readouterr().err == LINE


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_quiet_and_a_pipe_are_told_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool
) -> None:
    monkeypatch.setattr(console.loudness, "quiet", quiet)
    _watch(monkeypatch, terminal=terminal)
    _import_and_compile()
    assert capsys.readouterr().err == ""


@pytest.mark.long
def test_a_warm_cache_is_no_news(tmp_path: Path) -> None:
    """The command with and without a cache: numba is what tells."""
    command = [sys.executable, "-m", "gsctl", "decode", "-", "--sample-format", "i16", "-s", "48k"]
    command += ["--waveform", "fsk", "--symbol-rate", "9600", "--effort", "fast", "--no-log"]
    cache = {"PYTHONPATH": str(PROJECT), "NUMBA_CACHE_DIR": str(tmp_path)}
    noise = np.random.default_rng(1).integers(-9999, 9999, 48_000, np.int16).tobytes()
    told = []
    for _ in range(2):
        master, slave = pty.openpty()
        subprocess.run(
            command, input=noise, stderr=slave, env={**os.environ, **cache}, timeout=120, check=True
        )
        told.append(os.read(master, 10_000).decode().count(LINE.strip()))
        os.close(slave)
        os.close(master)
    assert told == [1, 0]
