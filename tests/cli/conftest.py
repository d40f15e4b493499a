"""The installed command, as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.warm import run_warm

COMMAND = Path(sys.executable).with_name("gsctl")


class Gsctl(Protocol):
    """Runs ``gsctl`` with arguments and gives what it printed and its exit code."""

    def __call__(
        self,
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 180.0,
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def installed(tmp_path: Path) -> Gsctl:
    """Run the installed command in an empty folder; ``env`` adds to the environment."""

    def run(
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 180.0,
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
def gsctl(tmp_path: Path) -> Gsctl:
    """As ``installed``, a process of its own, but without its second of start-up (``tests.warm``)."""

    def run(
        *arguments: str | Path,
        stdin: str | bytes | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 180.0,
    ) -> subprocess.CompletedProcess[str]:
        given = stdin.encode() if isinstance(stdin, str) else stdin or b""
        done = run_warm(arguments, cwd=cwd or tmp_path, stdin=given, env=env, timeout_s=timeout_s)
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run


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
