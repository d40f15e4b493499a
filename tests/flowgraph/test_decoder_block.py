"""gsctl inside a GNU Radio flowgraph: the example, run as its docstring says."""

import os
import subprocess
from pathlib import Path

from tests.cli.conftest import COMMAND, Gsctl, gsctl
from tests.flowgraph.conftest import needs_gnuradio

__all__ = ["gsctl"]  # fixtures
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "gnuradio_decoder.py"


def run_example(folder: Path, *words: str, command: str = str(COMMAND)) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/usr/bin/python3", EXAMPLE, *words],
        cwd=folder, env={**os.environ, "GSCTL": command}, capture_output=True, text=True, timeout=180,
        check=False,
    )  # fmt: skip


@needs_gnuradio
def test_frames_come_out_of_a_flowgraph(gsctl: Gsctl, tmp_path: Path) -> None:
    made = gsctl("simulate", "pass", "nanodragon", "--at", "21.0,105.5", "--start", "2026-06-17T02:00:00Z",
                 "-T", "2.5s", "--every", "0.6s", "--sample-format", "cf32", "-w", "pass")  # fmt: skip
    assert made.returncode == 0, made.stderr
    signal = ("--satellite", "nanodragon")
    decoded = gsctl("decode", "pass.sigmf-data", *signal, "--input", "iq", "--sample-format", "cf32",
                    "--sample-rate", "48000", "--no-log", "-F", "hex")  # fmt: skip
    assert len(decoded.stdout.split()) >= 3, decoded.stderr
    done = run_example(tmp_path, "pass.sigmf-data", "48000", *signal)
    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines()] == decoded.stdout.split()
    assert all(line.startswith("crc ") for line in done.stdout.splitlines())


@needs_gnuradio
def test_a_decoder_that_cannot_work_ends_the_flowgraph(tmp_path: Path) -> None:
    (tmp_path / "noise.cf32").write_bytes(bytes(8_000_000))
    unknown = run_example(tmp_path, "noise.cf32", "48000", "--satellite", "raise-9999")
    assert "raise-9999" in unknown.stderr
    assert unknown.stdout == ""
    missing = run_example(tmp_path, "noise.cf32", "48000", command="no-such-gsctl")
    assert missing.returncode != 0
    assert "no-such-gsctl: no such command; install gsctl" in missing.stderr
