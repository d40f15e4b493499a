"""How a run ends, seen from outside: ``exits.run`` in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gsctl import errors
from gsctl.errors import GsctlError

PREAMBLE = """
import errno, sys, time, typer
from gsctl import errors
from gsctl.cli import console, exits
def body():
{body}
sys.exit(exits.run(body))
"""


def program(body: str) -> list[str]:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return [sys.executable, "-c", PREAMBLE.format(body=indented)]


def end(body: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        program(body), capture_output=True, text=True, check=False, timeout=30, **settings
    )


def test_done_is_zero_and_silent() -> None:
    done = end("print('data')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "data\n", "")


def all_errors(base: type[GsctlError] = GsctlError) -> list[type[GsctlError]]:
    return [kind for below in base.__subclasses__() for kind in (below, *all_errors(below))]


def test_the_error_tree_has_the_codes_of_the_contract() -> None:
    codes = {kind.__name__: kind.exit_code for kind in all_errors()}
    assert codes.pop("UsageError") == 2
    assert {name for name, code in codes.items() if code == 4} == {"RadioError", "StationError"}
    assert {code for code in codes.values()} == {3, 4}


@pytest.mark.parametrize("kind", ["UsageError", "RecordingError", "RadioError"])
def test_a_known_error_is_one_line_with_its_code(kind: str) -> None:
    done = end(f"raise errors.{kind}('it is\\nbroken', where='file.wav', advice='mend it')")
    assert done.returncode == getattr(errors, kind).exit_code
    assert done.stderr == "gsctl: file.wav: it is broken; mend it\n"
    assert done.stdout == ""


def test_a_bug_is_one_line_and_a_crash_file(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = end("{}['key']", env=env)
    (crash,) = (tmp_path / "gsctl" / "crashes").iterdir()
    assert done.returncode == 1
    assert done.stderr == (
        f"gsctl: unexpected error, a bug in gsctl: KeyError: 'key'; details are in {crash}\n"
    )
    assert "Traceback" in crash.read_text()
    assert "gsctl 0." in crash.read_text()


def test_a_bug_without_a_place_for_its_file_still_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    done = end("1 / 0", env={**os.environ, "XDG_STATE_HOME": str(blocked)})
    assert done.returncode == 1
    assert "--debug" in done.stderr
    assert done.stderr.count("\n") == 1


def test_debug_shows_the_traceback_too() -> None:
    done = end("console.loudness.debug = True\nraise errors.ConfigError('wrong')")
    assert done.returncode == 3
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("gsctl: wrong\n")


def test_control_characters_never_reach_the_terminal() -> None:
    done = end("raise errors.CatalogError('\\x1b[31mred\\x07')")
    assert done.stderr == "gsctl: \\x1b[31mred\\x07\n"


def test_a_full_disk_is_no_bug() -> None:
    done = end("raise OSError(errno.ENOSPC, 'No space left on device', '/logs/frames.csv')")
    assert (done.returncode, done.stderr) == (3, "gsctl: /logs/frames.csv: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "body",
    [
        "print('x' * 100_000)",
        "print('x')",
        "print('x', flush=True)",
        "exits.write_bytes(b'x')",
        "exits.write_bytes(bytes(100_000))",
    ],
)
def test_a_full_disk_behind_stdout_is_told(body: str, unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            program(body),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert (done.returncode, done.stderr) == (3, "gsctl: standard output: No space left on device\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_bytes_come_behind_the_text_before_them(unbuffered: str) -> None:
    body = "print('text', end=''); exits.write_bytes(bytes([192]) * 100_000); print('end', end='')"
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(program(body), capture_output=True, check=False, env=env)
    assert done.stdout == b"text" + b"\xc0" * 100_000 + b"end"


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    writer = subprocess.Popen(
        program("while True: print('x' * 1000)"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.readline()
    writer.stdout.close()
    assert writer.wait(timeout=30) == 0
    assert writer.stderr.read() == b""
    writer.stderr.close()


def test_a_broken_socket_is_not_taken_for_a_closed_stdout() -> None:
    done = end("raise BrokenPipeError(errno.EPIPE, 'Broken pipe')")
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_run_the_finally_blocks_and_give_130(number: signal.Signals) -> None:
    body = "try:\n    print('ready', flush=True); time.sleep(30)\nfinally:\n    print('closed')"
    # Under nohup the tests have SIGHUP ignored, and so would have what they start.
    runner = subprocess.Popen(
        program(body),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    assert runner.stdout is not None
    assert runner.stdout.readline() == "ready\n"
    runner.send_signal(number)
    output, messages = runner.communicate(timeout=30)
    assert (runner.returncode, output, messages) == (130, "closed\n", "")


def test_nohup_is_respected() -> None:
    runner = subprocess.Popen(
        program("print('ready', flush=True); time.sleep(1); print('done')"),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert runner.stdout is not None
    runner.stdout.readline()
    runner.send_signal(signal.SIGHUP)
    output, _ = runner.communicate(timeout=30)
    assert (runner.returncode, output) == (0, "done\n")


def test_sigint_is_obeyed_in_a_background_job() -> None:
    """A shell script starts its background jobs with SIGINT ignored; a receiver must stop all the same."""
    runner = subprocess.Popen(
        program("print('ready', flush=True); time.sleep(30)"),
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert runner.stdout is not None
    runner.stdout.readline()
    runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=30)
    assert runner.returncode == 130


def test_an_interrupt_in_a_finaliser_is_not_lost() -> None:
    """Python drops exceptions raised there; a Ctrl-C during an import would vanish."""
    body = """
class Fragile:
    def __del__(self):
        import signal
        signal.raise_signal(signal.SIGINT)
Fragile()
time.sleep(30)"""
    began = time.monotonic()
    done = end(body)
    assert (done.returncode, done.stderr) == (130, "")
    assert time.monotonic() - began < 20


def test_no_messages_and_no_stdout_are_survived() -> None:
    """``>&-`` and ``2>&-`` leave Python without the streams."""
    script = " ".join(f"'{part}'" for part in program('print(1); console.warn("x")'))
    started = time.monotonic()
    done = subprocess.run(["sh", "-c", f"{script} >&- 2>&-"], check=False, timeout=30)
    assert done.returncode == 0
    assert time.monotonic() - started < 30
