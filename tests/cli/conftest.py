"""The installed command, as a user runs it."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from gsctl.cli import app, options
from gsctl.cli.console import loudness
from gsctl.cli.learned_offsets import learned_offsets

COMMAND = Path(sys.executable).with_name("gsctl")


class Gsctl(Protocol):
    """Runs ``gsctl`` with arguments and gives what it printed and its exit code."""

    def __call__(
        self,
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def installed(tmp_path: Path) -> Gsctl:
    """Run the installed command in an empty folder; ``env`` adds to the environment."""

    def run(
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            input=stdin.encode() if isinstance(stdin, str) else stdin or b"",
            capture_output=True,
            cwd=cwd or tmp_path,
            env={**os.environ, **(env or {})},
            timeout=timeout_s,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run


@pytest.fixture
def gsctl(installed: Gsctl) -> Gsctl:
    """The installed command, unless a file of tests says otherwise."""
    return installed


@pytest.fixture
def in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gsctl:
    """As ``installed``, without the second that a start of Python and its libraries costs.

    For tests of what a command does: a file overrides ``gsctl`` with it, and keeps one test of the
    ``installed`` command. Signals, broken pipes, start-up and terminals want a process.
    """

    def run(
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        given = stdin.encode() if isinstance(stdin, str) else stdin or b""
        with monkeypatch.context() as patch, _fresh_command():
            patch.chdir(cwd or tmp_path)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (given, b"", b"")]
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            code = app.main(words)
            sys.stderr.flush()
        out, said = (stream.buffer for stream in streams[1:])
        assert isinstance(out, io.BytesIO)
        assert isinstance(said, io.BytesIO)
        return subprocess.CompletedProcess(words, code, out.getvalue().decode(), said.getvalue().decode())

    return run


@contextlib.contextmanager
def _fresh_command() -> Iterator[None]:
    """What a new process would begin with, and afterwards what pytest had."""
    options.configuration.cache_clear()
    learned_offsets.cache_clear()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers, hook = [signal.getsignal(number) for number in numbers], sys.unraisablehook
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
        sys.unraisablehook = hook
        loudness.verbose, loudness.quiet, loudness.debug = 0, False, False


@pytest.fixture
def one_line() -> "OneLine":
    """Assert that a run failed as the contract says: the exit code, one line on stderr, nothing else."""

    def check(done: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("gsctl: ")
        assert done.stderr.count("\n") == 1, done.stderr
        assert "Traceback" not in done.stderr
        for part in parts:
            assert part in done.stderr

    return check


class OneLine(Protocol):
    """See the fixture ``one_line``."""

    def __call__(self, done: subprocess.CompletedProcess[str], code: int, *parts: str) -> None: ...
