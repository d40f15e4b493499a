"""A bound on the time of ``gsctl protocols check``: files run in a child process, which a watchdog ends.

A protocol file is Python, and one that loops would hold up whatever loads it. Only the interpreter's own
watchdog (``faulthandler``) ends any loop, whatever the file catches, and says at which line; it ends the
process as well, so that it is a child's.
"""

from __future__ import annotations

import faulthandler
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from gsctl.cli.console import loudness, pass_on
from gsctl.errors import ProtocolError

TIME_LIMIT_S = 10.0
_TIMEOUT = re.compile(r"^Timeout \(", re.MULTILINE)
_STDERR = 2
_STEP = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)


def check_in_child(files: Sequence[Path], folders: Sequence[Path], time_limit_s: float) -> None:
    """Run the check in a child process, and say what it says.

    Args:
        files: to be checked; none checks all.
        folders: of more protocol files.
        time_limit_s: for each file.

    Raises:
        ProtocolError: a file is not done in time; the line that it had come to is named.
        typer.Exit: with the child's code, where that is not 0.
    """
    # -P: no file of this folder may pass itself off as one of Python's own.
    command = [sys.executable, "-P", "-m", "gsctl", *(["-q"] if loudness.quiet else []), "protocols", "check"]
    command += ["--watch", f"{time_limit_s:g}", *(f"--protocols={folder}" for folder in folders)]
    done = subprocess.run([*command, "--", *map(str, files)], capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    sys.stdout.write(done.stdout.decode("utf-8", "replace"))
    sys.stdout.flush()
    if _TIMEOUT.search(said):
        raise ProtocolError(
            f"not done after {time_limit_s:g} s",
            where=_line_reached(said, files, folders),
            advice="a loop that does not end? --time-limit gives it longer",
        )
    for line in said.splitlines():
        pass_on(line)
    if done.returncode < 0:
        raise ProtocolError(f"the check was ended by signal {-done.returncode}")
    if done.returncode:
        raise typer.Exit(done.returncode)


def watch(time_limit_s: float) -> None:
    """Begin to count anew: this process ends when so much time passes before the next call; 0 stops it."""
    faulthandler.cancel_dump_traceback_later()
    if time_limit_s > 0.0:
        faulthandler.dump_traceback_later(time_limit_s, exit=True, file=_STDERR)


def _line_reached(said: str, files: Sequence[Path], folders: Sequence[Path]) -> str:
    """The innermost line of a protocol file; where there is none, of anything."""
    steps = _STEP.findall(said)
    named = {str(path.resolve()) for path in files}
    parents = {str(folder.resolve()) for folder in folders}
    own = [step for step in steps if step[0] in named or str(Path(step[0]).parent) in parents]
    path, line = (own or steps or [("protocols check", "?")])[0]
    return f"{path}:{line}"
