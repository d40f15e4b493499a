"""Every example runs, offline, and shows what it promises."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run(*command: str | Path, cwd: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pass_to_csv(tmp_path: Path) -> None:
    shown = run("sh", EXAMPLES / "pass_to_csv.sh", cwd=tmp_path)
    assert "NanoDragon" in shown
    assert shown.splitlines()[-1].endswith("degrees")
    assert (tmp_path / "pass.ics").read_text().startswith("BEGIN:VCALENDAR")


def test_decode_in_python(data_dir: Path, tmp_path: Path) -> None:
    recording = data_dir / "recordings" / "az02.wav"
    shown = run(sys.executable, EXAMPLES / "decode_in_python.py", recording, "fsk", "9600", cwd=tmp_path)
    assert "69 bytes" in shown
    assert "'source': 'ON02AZ'" in shown


def test_every_example_has_a_test() -> None:
    source = Path(__file__).read_text()
    for example in EXAMPLES.iterdir():
        if example.suffix in {".sh", ".py"} and not example.name.startswith("gnuradio"):
            assert example.name in source
