"""``gsctl decode`` as a user meets it: what comes out, what is logged, and every bad input."""

import csv
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gsctl.coding.crc import X25
from gsctl.logbook.kiss import encode_kiss
from tests.warm import run_warm

GSCTL = str(Path(sys.executable).with_name("gsctl"))
FSK = ("--waveform", "fsk", "--symbol-rate", "9600")


def run(
    *arguments: str | Path, cwd: Path, data: bytes = b"", timeout_s: float = 60
) -> subprocess.CompletedProcess[bytes]:
    return run_warm(arguments, cwd=cwd, stdin=data, timeout_s=timeout_s)


def refused(done: subprocess.CompletedProcess[bytes], code: int, *words: str) -> None:
    """One line on stderr that says what and where, the right exit code, and nothing on stdout."""
    lines = done.stderr.decode().splitlines()
    assert done.returncode == code, lines
    assert len(lines) == 1, lines
    assert lines[0].startswith("gsctl: ")
    assert not done.stdout
    for word in words:
        assert word in lines[0], lines


@pytest.fixture
def az02(data_dir: Path) -> Path:
    return data_dir / "recordings" / "az02.wav"


def wav_bytes(samples: np.ndarray, rate: int = 48000) -> bytes:
    body = samples.astype("<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(body))
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", len(body))
        + body
    )


# What comes out


def test_logs_follow_the_contract(az02: Path, tmp_path: Path) -> None:
    options = ("--satellite", "nanodragon", "--start-time", "2026-06-18T01:30:00Z", "--at", "21.0,105.5")
    done = run("decode", az02, *FSK, *options, "--format", "none", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    logs = tmp_path / "gsctl-logs"
    header, row = csv.reader((logs / "frames.csv").read_text().splitlines())
    contract = (
        "received_at,time_source,time_uncertainty_s,satellite,norad_id,station,transmitter,frequency_hz,"
        "frequency_offset_hz,doppler,snr_db,waveform,symbol_rate_bd,framing,integrity,"
        "corrected_errors,length_bytes,frame_hex,sample_index,azimuth_deg,elevation_deg,range_rate_m_s,"
        "elements_epoch,session,frame_id"
    )
    assert ",".join(header) == contract
    frame = dict(zip(header, row, strict=True))
    assert frame["satellite"] == "NanoDragon"
    assert frame["received_at"].startswith("2026-06-18T01:30:01.60"), "sample 76970 at 48 kS/s"
    assert frame["time_source"] == "given"
    assert frame["doppler"] == "none"
    assert frame["frequency_offset_hz"] == ""
    # Skyfield 1.55 at 01:30:01.60354 with the bundled element set: 43.8633, 4.6489, -5148.995.
    assert float(frame["elevation_deg"]) == pytest.approx(43.8633, abs=0.006)
    assert float(frame["azimuth_deg"]) == pytest.approx(4.6489, abs=0.006)
    assert float(frame["range_rate_m_s"]) == pytest.approx(-5148.995, abs=0.05)
    record = next(csv.DictReader((logs / "ax25.csv").read_text().splitlines()))
    assert (record["source"], record["frame_id"]) == ("ON02AZ", frame["frame_id"])
    session = json.loads((logs / "sessions.jsonl").read_text())
    assert session["session"] == frame["session"]
    assert len(session["input_sha256"]) == 64
    assert session["counters"]["fcs_ok"] >= 1


def test_decoding_again_adds_nothing(az02: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("decode", az02, *FSK, "--format", "none", cwd=tmp_path).returncode == 0
    logs = tmp_path / "gsctl-logs"
    assert len((logs / "frames.csv").read_text().splitlines()) == 2
    assert len((logs / "ax25.csv").read_text().splitlines()) == 2
    assert len((logs / "sessions.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("form", ["jsonl", "csv", "hex", "kiss", "text", "table"])
def test_stdout_is_data_only(form: str, az02: Path, tmp_path: Path) -> None:
    done = run("decode", az02, *FSK, "--no-log", "--format", form, cwd=tmp_path)
    assert done.returncode == 0
    summary = done.stderr.decode().splitlines()
    assert len(summary) == 1
    assert summary[0].startswith("frames=1 unique=1 records=1 fcs_bad=")
    assert b"\x1b" not in done.stdout
    if form == "jsonl":
        assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["frame", "record"]
    if form == "kiss":
        assert done.stdout[:2] == b"\xc0\x00"


def test_any_cut_of_a_stream_gives_the_same_frames(az02: Path, tmp_path: Path) -> None:
    """A file and the same samples through a pipe, however they arrive."""
    raw = az02.read_bytes()[44:]
    first = run(
        "decode", "-", "--sample-format", "i16", "-s", "48k", *FSK, "--no-log", cwd=tmp_path, data=raw
    )
    again = run("decode", az02, *FSK, "--no-log", cwd=tmp_path)
    frames = [json.loads(done.stdout.splitlines()[0]) for done in (first, again)]
    for name in ("frame_hex", "sample_index", "snr_db", "symbol_rate_bd"):
        assert frames[0][name] == frames[1][name]


def test_hex_and_kiss_are_decoded_too(tmp_path: Path, data_dir: Path) -> None:
    frame = "86A240404040E0B0AC729C888E6103F054455354"
    done = run("decode", "-", "--no-log", cwd=tmp_path, data=frame.encode())
    record = json.loads(done.stdout.splitlines()[1])
    assert (record["source"], record["info_text"]) == ("XV9NDG", "TEST")
    kiss = data_dir / "telemetry" / "by02" / "frames.kiss"
    assert b"frames=" in run("decode", kiss, "--no-log", "--format", "none", cwd=tmp_path).stderr


def test_frames_that_keep_their_fcs_lose_it(tmp_path: Path) -> None:
    """Other programs' KISS and hex may end in the FCS; one that does not fit is counted and left out."""
    plain = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")
    whole = [data + X25.to_bytes(data, little_endian=True) for data in (plain, plain + b"!")]
    broken = whole[0][:-1] + bytes([whole[0][-1] ^ 1])
    for form in ("kiss", "hex"):
        frames = [*whole, broken]
        texts = (f.hex().encode() + b"\n" for f in frames)
        data = b"".join(map(encode_kiss, frames) if form == "kiss" else texts)
        done = run("decode", "-", "--no-log", "--format", "hex", cwd=tmp_path, data=data)
        assert done.stdout.decode().split() == [plain.hex(), (plain + b"!").hex()]
        assert b"FCS" in done.stderr
        assert b"fcs_bad=1" in done.stderr
    untouched = run("decode", "-", "--no-log", "--format", "hex", cwd=tmp_path, data=plain.hex().encode())
    assert untouched.stdout.decode().split() == [plain.hex()]
    assert b"FCS" not in untouched.stderr


def test_a_kiss_file_that_begins_within_a_frame(tmp_path: Path) -> None:
    data = b"the end of one\xc0" + encode_kiss(b"a whole frame")
    (tmp_path / "log.kss").write_bytes(data)
    done = run("decode", "log.kss", "--no-log", "--format", "hex", cwd=tmp_path)
    assert bytes.fromhex(done.stdout.decode()) == b"a whole frame"


def test_dumps_of_another_program_are_the_frames_of_its_kiss_file(tmp_path: Path, data_dir: Path) -> None:
    folder = data_dir / "telemetry" / "by02"
    kiss, dump = (
        run("decode", folder / name, "--no-log", "--format", "hex", cwd=tmp_path).stdout.split()
        for name in ("frames.kiss", "hexdump")
    )
    assert len(kiss) == 84
    assert kiss == dump


@pytest.mark.parametrize(
    ("name", "told"), [("pass.cf32", ("-s", "48k")), ("pass.bin", ("--sample-format", "cf32", "-s", "48k"))]
)
def test_samples_that_begin_as_kiss_does_are_samples(
    name: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"\xc0" + bytes(8 * 48_000 - 1))
    done = run("decode", name, *told, *FSK, "--no-log", cwd=tmp_path)
    assert b"duration_s=1.000" in done.stderr


def test_list_and_help(tmp_path: Path) -> None:
    assert b"ax25-g3ruh" in run("decode", "--list", cwd=tmp_path).stdout
    assert b"--symbol-rate" in run("decode", "--help", cwd=tmp_path).stdout


# Bad input


def _sigmf(folder: Path, name: str, data: bytes | None) -> Path:
    meta = {
        "global": {"core:datatype": "cf32_le", "core:sample_rate": 48000, "core:version": "1.0.0"},
        "captures": [{"core:sample_start": 0}],
        "annotations": [],
    }
    (folder / f"{name}.sigmf-meta").write_text(json.dumps(meta))
    if data is not None:
        (folder / f"{name}.sigmf-data").write_bytes(data)
    return folder / f"{name}.sigmf-meta"


BAD: dict[str, tuple[Callable[[Path], tuple[str | Path, ...]], int, tuple[str, ...]]] = {
    "missing": (lambda folder: ("nothing.wav", *FSK), 3, ("nothing.wav", "no such file")),
    "empty": (lambda folder: (_write(folder, "e.wav", b""), *FSK), 3, ("e.wav", "empty")),
    "half a header": (lambda folder: (_write(folder, "h.wav", b"RIFF\0\0\0\0WAVEfmt "), *FSK), 3, ("h.wav",)),
    "metadata alone": (lambda folder: (_sigmf(folder, "m", None), *FSK), 3, ("m.sigmf-data",)),
    "no rate": (lambda folder: (_write(folder, "r.cf32", bytes(8000)), *FSK), 3, ("--sample-rate",)),
    "unknown kind": (lambda folder: (_write(folder, "k.bin", b"\x01" * 8000), *FSK), 3, ("k.bin",)),
    "directory": (lambda folder: (folder, *FSK), 3, ("directory",)),
    "rate too low": (
        lambda folder: (_write(folder, "l.cf32", bytes(80000)), "-s", "12k", *FSK),
        3,
        ("l.cf32", "too low", "19200"),
    ),
    "unknown satellite": (
        lambda folder: (_write(folder, "u.wav", wav_bytes(np.zeros(4800))), "--satellite", "nanodragn"),
        3,
        ("NanoDragon",),
    ),
    "nothing to listen for": (
        lambda folder: (_write(folder, "w.wav", wav_bytes(np.zeros(4800))),),
        2,
        (
            "--satellite NAME (gsctl satellites list)",
            "--waveform afsk|",
            "--framing NAME (gsctl decode --list)",
        ),
    ),
    "AIS sentences": (
        lambda folder: (_write(folder, "a.log", b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n"),),
        3,
        ("holds AIS sentences", "gsctl ais"),
    ),
    "no hex": (lambda folder: (_write(folder, "x.txt", b"abcd\nab\nabc\n"),), 3, ("line 3",)),
}


def _write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line(kind: str, tmp_path: Path) -> None:
    make, code, words = BAD[kind]
    done = run("decode", *make(tmp_path), "--no-log", "--format", "hex", cwd=tmp_path)
    if kind == "no hex":
        assert done.returncode == 3
        assert b"line 3" in done.stderr
        assert done.stdout.split() == [b"abcd", b"ab"], "what came before is not lost"
        return
    refused(done, code, *words)


def test_a_truncated_recording_is_decoded_as_far_as_it_goes(az02: Path, tmp_path: Path) -> None:
    cut = _write(tmp_path, "cut.wav", az02.read_bytes()[:200_000])
    done = run("decode", cut, *FSK, "--no-log", "--format", "hex", cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.split()) == 1
    assert b"cut short" in done.stderr


def test_nan_infinity_and_silence(tmp_path: Path) -> None:
    samples = np.zeros(96_000, np.complex64)
    silent = _write(tmp_path, "s.cf32", samples.tobytes())
    samples[100], samples[5000] = np.nan, np.inf
    odd = _write(tmp_path, "n.cf32", samples.tobytes())
    for path in (silent, odd):
        for waveform in (FSK, ("--waveform", "bpsk"), ("--waveform", "afsk")):
            done = run("decode", path, "-s", "48k", *waveform, "--no-log", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert b"frames=0" in done.stderr
            assert (b"2 samples were not finite" in done.stderr) == (path == odd)


def test_where_nothing_was_found_the_framings_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path, "silence.wav", wav_bytes(np.zeros(4800)))
    words = ("decode", path, "--waveform", "fsk", "--no-log")
    hint = "the framing was a guess (ax25, ax25-g3ruh); others by --framing (gsctl decode --list)"
    assert hint in run(*words, cwd=tmp_path).stderr.decode()
    known = run("decode", path, "--satellite", "aausat-4", "--transmitter", "2400", "--no-log", cwd=tmp_path)
    assert "a guess" not in known.stderr.decode()
    told = run(*words, "--framing", "ax100-asm-golay", cwd=tmp_path)
    assert "a guess" not in told.stderr.decode()


def test_require_tells_nothing_found(tmp_path: Path) -> None:
    silent = _write(tmp_path, "s.wav", wav_bytes(np.zeros(9600)))
    assert run("decode", silent, *FSK, "--no-log", "--require", cwd=tmp_path).returncode == 5


def test_elements_that_do_not_fit(tmp_path: Path, az02: Path) -> None:
    bad = _write(
        tmp_path,
        "bad.tle",
        b"1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9990\n"
        b"2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001\n",
    )
    done = run("decode", az02, *FSK, "--elements", bad, "--no-log", cwd=tmp_path)
    refused(done, 3, "bad.tle:1", "checksum")
    done = run("decode", az02, *FSK, "--doppler", "elements", "--no-log", cwd=tmp_path)
    refused(done, 2, "--doppler elements")


def test_an_unwritable_log_directory(az02: Path, tmp_path: Path) -> None:
    blocked = _write(tmp_path, "file", b"")
    refused(run("decode", az02, *FSK, "--log-dir", blocked, cwd=tmp_path), 3, "file")


def test_a_full_disk_behind_stdout(az02: Path, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [GSCTL, "decode", str(az02), *FSK], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 3
    assert done.stderr.splitlines() == [b"gsctl: standard output: No space left on device"], "no summary"
    assert len((tmp_path / "gsctl-logs" / "frames.csv").read_text().splitlines()) == 2, "the log is whole"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(number: signal.Signals, az02: Path, tmp_path: Path) -> None:
    """What was decoded before is logged, and the exit code says what happened."""
    process = subprocess.Popen(
        [GSCTL, "decode", "-", "--sample-format", "i16", "-s", "48k", *FSK],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    os.write(process.stdin.fileno(), b"")
    process.stdin.write(az02.read_bytes()[44:] + bytes(96_000))
    process.stdin.flush()
    first = process.stdout.readline()
    assert json.loads(first)["type"] == "frame"
    time.sleep(0.2)
    process.send_signal(number)
    _, complaints = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in complaints
    assert b"frames=1" in complaints
    assert len((tmp_path / "gsctl-logs" / "frames.csv").read_text().splitlines()) == 2
    assert len((tmp_path / "gsctl-logs" / "sessions.jsonl").read_text().splitlines()) == 1
