"""Broken protocol files: what they stop, what goes on without them, and the bound on their check."""

import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Gsctl, OneLine

STUBBORN = (
    "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass\n"
)


def test_a_broken_file_is_left_out_with_a_warning(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = (\n")
    (tmp_path / "frames.hex").write_text("86A240404040E09C6086848A82A66103F0\n")
    done = gsctl(
        "decode", "frames.hex", "--satellite", "nanodragon", "--protocols", ".", "--no-log", "--format", "hex"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "86a240404040e09c6086848a82a66103f0\n"
    warnings = [line for line in done.stderr.splitlines() if "bad.py" in line]
    assert len(warnings) == 1
    assert warnings[0].startswith("gsctl: warning: ")
    assert "bad.py:1: SyntaxError" in warnings[0]


def test_the_check_fails_on_a_broken_file(installed: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = (\n")
    one_line(installed("protocols", "check", "--protocols", "."), 3, "bad.py:1: SyntaxError")


def test_the_check_of_a_file_without_end_ends(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    (tmp_path / "loop.py").write_text(STUBBORN)
    done = gsctl("protocols", "check", "loop.py", "--time-limit", "1")
    one_line(done, 3, "loop.py:4: not done after 1 s", "--time-limit")


def test_the_module_gives_the_exit_code_of_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gsctl", "nonsense"], capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
