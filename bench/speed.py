"""CPU seconds of whole runs of gsctl, start-up included: ``make bench``.

Each line is user plus system time of one process and its children (docs/CONTRACT.md, "Numbers"),
the least and the median of several runs, after one that warms caches and compiled kernels. Nothing
is asserted here: the machine decides as much as the program. Behind it comes what a channel costs,
from samples to frames (``bench.costs``).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import costs

COMMAND = str(Path(sys.executable).with_name("gsctl"))
DATA = Path(
    os.environ.get("GSCTL_TEST_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data")
)
AIS_LINES = Path("ais/pyais/nmea_data_sample.txt")


@dataclass(frozen=True, slots=True)
class Case:
    """One command line to be timed; ``limit_s`` is the target of the issues, printed beside it."""

    name: str
    arguments: tuple[str, ...]
    runs: int = 5
    limit_s: float | None = None


def cases() -> Iterator[Case]:
    """What is timed: what exists here, and recordings only where the test data are."""
    yield Case("gsctl --version", ("--version",))
    yield Case("gsctl --help", ("--help",), limit_s=0.35)
    yield Case("gsctl satellites list", ("satellites", "list"), limit_s=0.5)
    yield Case(
        "gsctl passes, 10 days",
        (
            "passes",
            "49398",
            "--at",
            "21.0,105.5",
            "--start",
            "2026-06-17",
            "--hours",
            "240",
            "--format",
            "csv",
        ),
        limit_s=0.8,
    )
    if (DATA / AIS_LINES).is_file():
        yield Case(
            "gsctl ais, 100 000 lines to CSV", ("ais", "lines.nmea", "-F", "none"), runs=3, limit_s=4.0
        )
        yield Case(
            "gsctl ais, 100 000 lines to JSON", ("ais", "lines.nmea", "-F", "jsonl", "--no-log"), runs=3
        )
    yield Case("gsctl demo", ("demo",), runs=3, limit_s=10.0)
    waveforms = {
        "swiatowid-ax25.wav": ("--waveform", "afsk", "--symbol-rate", "1200", "--framing", "ax25"),
        "us01.wav": ("--waveform", "fsk", "--symbol-rate", "9600", "--framing", "ax25-g3ruh"),
        "itasat1.wav": ("--waveform", "bpsk", "--symbol-rate", "1200", "--framing", "ax25"),
    }
    for name, options in waveforms.items():
        recording = DATA / "recordings" / name
        if recording.is_file():
            yield Case(f"gsctl decode {name}", ("decode", str(recording), *options, "--no-log"), runs=3)


def write_ais_lines(folder: Path) -> None:
    """100 000 lines of a real feed, as ``lines.nmea``; sentences that carry no message left out."""
    if not (DATA / AIS_LINES).is_file():
        return
    lines = [line for line in (DATA / AIS_LINES).read_bytes().splitlines() if b",,0*" not in line]
    repeated = lines * (100_000 // len(lines) + 1)
    (folder / "lines.nmea").write_bytes(b"\n".join(repeated[:100_000]) + b"\n")


def cpu_seconds(arguments: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """CPU and wall-clock seconds of one run.

    Raises:
        RuntimeError: the run failed; a benchmark of a failure says nothing.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    messages = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(
            messages.strip().splitlines()[-1] if messages.strip() else f"exit {process.returncode}"
        )
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def measure(case: Case, folder: Path) -> str:
    """One line of the table."""
    try:
        cpu_seconds(case.arguments, folder)
        runs = [cpu_seconds(case.arguments, folder) for _ in range(case.runs)]
    except RuntimeError as error:
        return f"{case.name:36} {error}"
    cpu = [run[0] for run in runs]
    wall = statistics.median(run[1] for run in runs)
    limit = f"{case.limit_s:8.2f}" if case.limit_s is not None else f"{'-':>8}"
    return f"{case.name:36} {min(cpu):8.2f} {statistics.median(cpu):8.2f} {wall:8.2f} {limit}"


def main() -> None:
    """Print the table."""
    print(f"{'command (warm)':36} {'CPU s':>8} {'median':>8} {'wall s':>8} {'target':>8}")
    with tempfile.TemporaryDirectory(prefix="gsctl-bench-") as folder:
        write_ais_lines(Path(folder))
        for case in cases():
            print(measure(case, Path(folder)), flush=True)
    print()
    costs.main([])


if __name__ == "__main__":
    main()
