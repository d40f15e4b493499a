"""Memory does not grow with the length of a recording: the whole process, measured from outside."""

import subprocess
import sys
from pathlib import Path

import pytest

# VmHWM begins anew with the program; ru_maxrss would count what the test run itself holds.
PEAK_MIB = "int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) // 1024"
PROGRAM = f"""
import sys
from gsctl.radio.recording import open_recording
source = open_recording(sys.argv[1], sample_rate_hz=float(sys.argv[2]), input=sys.argv[3])
samples = sum(block.samples.size for block in source)
print(samples, len(source.identity), {PEAK_MIB})
"""
DECODE = f"""
import sys
from gsctl.cli.app import main
code = main(sys.argv[1:])
print(code, {PEAK_MIB})
"""


def measure(path: Path, size: int, kind: str) -> int:
    """Peak memory in MiB of a process that reads a sparse file of ``size`` bytes."""
    with path.open("wb") as stream:
        stream.truncate(size)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), "2400000", kind],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stderr == ""
    samples, digest, peak_mib = (int(word) for word in run.stdout.split())
    assert (samples, digest) == (size // 2, 64)
    return peak_mib


def test_200_mb_needs_no_more_memory_than_2_mb(tmp_path: Path) -> None:
    small = measure(tmp_path / "small.cu8", 2_000_000, "iq")
    large = measure(tmp_path / "large.cu8", 200_000_000, "iq")
    assert large < 400
    assert large - small < 10


@pytest.mark.long
@pytest.mark.parametrize(("name", "kind"), [("a.ci8", "iq"), ("a.i16", "ssb-audio")])
def test_400_mb_stays_under_the_limit(tmp_path: Path, name: str, kind: str) -> None:
    assert measure(tmp_path / name, 400_000_000, kind) < 400


def measure_decode(path: Path, size: int) -> int:
    """Peak memory in MiB of ``gsctl decode`` on a sparse file of ``size`` bytes."""
    with path.open("wb") as stream:
        stream.truncate(size)
    options = ["-s", "2.4M", "--waveform", "bpsk", "--symbol-rate", "1200", "--no-log", "--format", "none"]
    run = subprocess.run(
        [sys.executable, "-c", DECODE, "decode", str(path), *options],
        capture_output=True,
        text=True,
        timeout=300,
    )
    code, peak_mib = (int(word) for word in run.stdout.split())
    assert code == 0, run.stderr
    return peak_mib


def test_decoding_needs_no_more_memory_for_a_longer_file(tmp_path: Path) -> None:
    small = measure_decode(tmp_path / "small.cu8", 5_000_000)
    large = measure_decode(tmp_path / "large.cu8", 20_000_000)  # 80 MB as complex numbers
    assert large < 400
    assert large - small < 30


@pytest.mark.long
@pytest.mark.parametrize("size", [200_000_000, 400_000_000])
def test_decoding_a_large_file_stays_under_the_limit(size: int, tmp_path: Path) -> None:
    assert measure_decode(tmp_path / "large.cu8", size) < 400
