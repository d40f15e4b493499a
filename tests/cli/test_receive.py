"""``gsctl receive`` through the installed command: what needs no pass on the air."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsctl.logbook.kiss import KissDecoder
from gsctl.radio.radios import open_radio
from gsctl.radio.tuning import RadioSettings
from tests.cli.conftest import COMMAND, Gsctl, OneLine
from tests.radio.conftest import virtual_module, virtual_sdr

__all__ = ["virtual_module", "virtual_sdr"]  # fixtures

MakeSdr = Callable[..., dict[str, str]]
PLACE = ("--at", "21.0,105.5")
START = "2026-06-17T02:00:00Z"
RATE_HZ = 48_000


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The middle of a pass, seven frames in four and a half seconds: ``sim.sigmf-*`` in this folder."""
    folder = tmp_path_factory.mktemp("scene")
    words = ["simulate", "pass", "nanodragon", *PLACE, "--start", START, "-T", "4.5s", "--every", "0.6s"]
    subprocess.run([COMMAND, *words, "-s", str(RATE_HZ), "-w", "sim"], cwd=folder, check=True, timeout=60)
    return folder


@pytest.fixture
def samples(scene: Path) -> bytes:
    """The samples of the scene, ci16."""
    return (scene / "sim.sigmf-data").read_bytes()


@pytest.fixture
def recording(scene: Path, samples: bytes, tmp_path: Path) -> str:
    """The first two and a half seconds, four frames."""
    shutil.copy(scene / "sim.sigmf-meta", tmp_path)
    (tmp_path / "sim.sigmf-data").write_bytes(samples[: cut(2.5)])
    return "sim.sigmf-meta"


def cut(seconds: float) -> int:
    """So many bytes last so long."""
    return round(seconds * RATE_HZ) * 4


def test_a_recording_is_played_in_real_time(gsctl: Gsctl, recording: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    played = gsctl(
        "receive", "nanodragon", "-d", recording, *PLACE, "-F", "jsonl", "-w", "copy", "--min-free", "0"
    )
    assert played.returncode == 0, played.stderr
    assert time.monotonic() - begun > 2.4
    rows = [json.loads(line) for line in played.stdout.splitlines()]
    frames = [row for row in rows if row["type"] == "frame"]
    assert len(frames) >= 3
    decoded = gsctl("decode", recording, "--satellite", "nanodragon", *PLACE, "-F", "jsonl", "--no-log")
    file_rows = [json.loads(line) for line in decoded.stdout.splitlines()]
    strip = ("session",)
    assert [{k: v for k, v in row.items() if k not in strip} for row in rows] == [
        {k: v for k, v in row.items() if k not in strip} for row in file_rows
    ]
    assert frames[0]["received_at"].startswith("2026-06-17T")
    assert len((tmp_path / "gsctl-logs" / "frames.csv").read_text().splitlines()) == len(frames) + 1
    copied = gsctl("decode", "copy", "--satellite", "nanodragon", *PLACE, "-F", "hex", "--no-log")
    assert copied.stdout.split() == [row["frame_hex"] for row in frames]
    assert "recorded 2.500 s to copy.sigmf-meta" in played.stderr


class Wire:
    """A server that sends raw samples to who connects first, as fast as they are taken."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(60)
        self._connection: socket.socket | None = None

    @property
    def device(self) -> tuple[str, ...]:
        """What ``receive`` has to be told."""
        address = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        return ("-d", address, "--sample-format", "ci16")

    def send(self, data: bytes, *, end: bool = False) -> None:
        """Wait for the connection and send; with ``end`` there is no more."""
        if self._connection is None:
            self._connection, _ = self._server.accept()
        self._connection.sendall(data)
        if end:
            self.close()

    def send_beside(self, data: bytes) -> None:
        """Send all of it, in a thread."""
        threading.Thread(target=self.send, args=(data,), kwargs={"end": True}, daemon=True).start()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._server.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


RAW = ("nanodragon", "-s", str(RATE_HZ), "--doppler", "none")


@contextmanager
def receiving(
    folder: Path, *words: str, env: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [COMMAND, "receive", *words], cwd=folder, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_that_begins(run: "subprocess.Popen[str]", words: str) -> str:
    """Read stderr up to a line that begins so; gives the line."""
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith(words):
            return line.strip()
    raise AssertionError(f"it ended without saying {words!r}")


def test_frames_are_served_as_kiss(samples: bytes, wire: Wire, tmp_path: Path) -> None:
    with receiving(tmp_path, *RAW, *wire.device, "-F", "hex", "--kiss-server", "0", "--no-log") as run:
        port = int(line_that_begins(run, "serving KISS on port ").split()[-1])
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.settimeout(60)
            wire.send(samples, end=True)
            data = b""
            while more := client.recv(4096):
                data += more
        out, _ = run.communicate(timeout=60)
    decoder = KissDecoder()
    served = [frame.data.hex() for frame in decoder.feed(data) if frame.command == 0]
    assert served == out.split()
    assert len(served) >= 6


def test_a_stream_of_raw_samples_is_received(gsctl: Gsctl, samples: bytes, wire: Wire) -> None:
    wire.send_beside(samples)
    done = gsctl("receive", *RAW, *wire.device, "-F", "hex")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 6


def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 kB."""
    yield from small_disk(tmp_path / "disk", "512k")


def test_a_full_disk_ends_the_recording_and_not_the_decoding(
    gsctl: Gsctl, samples: bytes, wire: Wire, disk: Path
) -> None:
    wire.send_beside(samples)
    words = ("receive", *RAW, *wire.device, "-F", "hex", "--log-dir", "logs")
    done = gsctl(*words, "-w", disk / "full", "--min-free", "0")
    assert done.returncode == 0, done.stderr
    assert (
        "No space left on device; the recording ended there and is valid, the decoding goes on" in done.stderr
    )
    assert len(done.stdout.split()) >= 6
    kept = gsctl("decode", disk / "full", "--satellite", "nanodragon", "-F", "hex", "--no-log")
    assert kept.returncode == 0, kept.stderr
    assert kept.stdout.split()
    assert set(kept.stdout.split()) <= set(done.stdout.split())


def fill(path: Path) -> None:
    """Make a file that takes what room there is."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(descriptor, bytes(4096)):
            pass
    os.close(descriptor)


def test_frames_that_cannot_be_logged_wait_until_they_can(
    samples: bytes, wire: Wire, disk: Path, tmp_path: Path
) -> None:
    with receiving(tmp_path, *RAW, *wire.device, "-F", "hex", "--log-dir", str(disk / "logs")) as run:
        wire.send(samples[: cut(1.5)])
        while not (disk / "logs" / "frames.csv").exists():
            time.sleep(0.02)
            assert run.poll() is None
        ballast = disk / "ballast"
        fill(ballast)
        wire.send(samples[cut(1.5) : cut(3.5)])
        said = line_that_begins(run, "gsctl: warning: ")
        while "frames wait in memory until it works again" not in said:
            said = line_that_begins(run, "gsctl: warning: ")
        ballast.unlink()
        wire.send(samples[cut(3.5) :], end=True)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert "the logs can be written again; nothing is missing in them" in err
    rows = (disk / "logs" / "frames.csv").read_text().splitlines()
    assert all(any(payload in row for row in rows) for payload in out.split())
    assert len(rows) == len(out.split()) + 1


def test_what_would_be_done_is_told(gsctl: Gsctl) -> None:
    told = gsctl("receive", "nanodragon", "-n", *PLACE, "-d", "virtual")
    assert told.returncode == 0
    assert told.stdout == ""
    assert "listening at 437.365000 MHz for bpsk 1200 Bd, ax25" in told.stderr
    assert "AOS " in told.stderr
    assert "would tune virtual to 0.25 MS/s about 437.365000 MHz" in told.stderr
    assert "days old at" in told.stderr  # the bundled elements


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "nothing says what to receive; name a satellite, or give -f and --waveform"),
        (("nanodragon",), 2, "no place given"),
        (("raise-9999", *PLACE), 3, "raise-9999"),
        (("nanodragon", "--doppler", "none", "-d", "driver=virtual,serial=Z"), 4, "no such radio"),
        (("nanodragon", "--doppler", "none", "-d", "virtual", "-g", "900"), 2, "gain 900 dB is out of range"),
        (("nanodragon", "--doppler", "none", "-d", "virtual", "-g", "loud"), 2, "'loud' is no gain"),
        (("nanodragon", "--doppler", "none", "-d", "virtual", "-t", "bias=1"), 2, "no setting 'bias'"),
        (("nanodragon", "--doppler", "none", "-d", "virtual", "--antenna", "TX"), 2, "no antenna 'TX'"),
        (("nanodragon", "--doppler", "none", "-d", "virtual", "-s", "20k"), 2, "20000 S/s is too little"),
        (("nanodragon", "--doppler", "none", "--kiss-server", "eight"), 2, "'eight' is no port"),
        (("nanodragon", "--doppler", "none", "-d", "tcp://[::1]:1", "-s", "48k", "--sample-format", "ci16"),
         4, "no connection"),
        (("nanodragon", "--doppler", "none", "-d", "x.sigmf-meta"), 3, "x.sigmf-meta: no such file"),
        (("nanodragon", "--doppler", "none", "-d", "rtl_tcp://127.0.0.1", "--engine", "gnuradio"), 2,
         "GNU Radio takes SoapySDR devices"),
        (("nanodragon", *PLACE, "--elements", "none.json"), 3, "none.json"),
        (("--waveform", "fsk", "--wait"), 3, "its frequency is not known"),
        (("-f", "437M", "--waveform", "fsk", "--until-los"), 2, "need a satellite"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(
    gsctl: Gsctl,
    one_line: OneLine,
    virtual_sdr: MakeSdr,
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    virtual_sdr("A", rates="250000;20000")
    one_line(gsctl("receive", *words), code, message)


def unplug_when(plug: Path, data: Path, size: int) -> None:
    """Take the radio away as soon as so much was recorded, in a thread."""

    def wait() -> None:
        deadline_s = time.monotonic() + 60
        while not data.exists() or data.stat().st_size < size:
            if time.monotonic() > deadline_s:
                return
            time.sleep(0.02)
        plug.unlink()

    threading.Thread(target=wait, daemon=True).start()


def test_the_end_comes_though_the_radio_is_gone(gsctl: Gsctl, virtual_sdr: MakeSdr, tmp_path: Path) -> None:
    plug = tmp_path / "plug"
    plug.touch()
    virtual_sdr("A", rates="250000", plug=plug, gone="error")
    words = ("receive", "nanodragon", "--doppler", "none", "-d", "virtual", "-g", "30", "-w")
    with open_radio(RadioSettings(frequency_hz=437e6, sample_rate_hz=250e3, gain="30")) as source:
        next(iter(source))  # its kernel is compiled, perhaps; the time of the run does not wait for that
    unplug_when(plug, tmp_path / "left.sigmf-data", 50_000)
    done = gsctl(*words, "left", "-T", "2s")
    assert done.returncode == 0, done.stderr
    assert "stopped answering; looking for it" in done.stderr
    plug.touch()
    unplug_when(plug, tmp_path / "again.sigmf-data", 100_000)
    done = gsctl(*words, "again", "--retry-for", "0.2")
    assert done.returncode == 4
    assert "the radio vanished and did not come back within 0.2 s" in done.stderr.splitlines()[-1]
    assert (tmp_path / "again.sigmf-data").stat().st_size >= 100_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wait_can_be_interrupted(virtual_sdr: MakeSdr, tmp_path: Path, number: signal.Signals) -> None:
    virtual_sdr("A", rates="250000")
    with receiving(tmp_path, "nanodragon", "--at", "-60,120", "-d", "virtual", "--wait") as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("pass over"):
                break
        time.sleep(0.3)
        run.send_signal(number)
        out, err = run.communicate(timeout=20)
    assert (run.returncode, out) == (0, ""), err
    assert "Traceback" not in err
    year = str(datetime.now(UTC).year)
    assert year in (tmp_path / "gsctl-logs" / "sessions.jsonl").read_text()


def test_on_a_terminal_there_is_a_live_view(recording: str, tmp_path: Path) -> None:
    try:
        screen, terminal = os.openpty()
    except OSError:
        pytest.skip("no pseudo-terminal here")
    words = [str(COMMAND), "receive", "nanodragon", "-d", recording, *PLACE, "--no-log"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=terminal, stderr=terminal) as run:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while more := os.read(screen, 4096):
                shown += more
        os.close(screen)
    assert run.returncode == 0
    text = shown.decode()
    assert "Doppler +" in text
    assert "LOS in 0:0" in text
    assert "last SNR" in text
    assert "█" in text
    assert "XV9NDG>CQ" in text  # the table of frames, above the view
    assert "\x1b[?25h" in text  # the cursor is there again


def test_another_program_steers_the_frequency(gsctl: Gsctl, wire: Wire, tmp_path: Path) -> None:
    """The signal is 15 kHz off, more than the receiver searches; the one who steers knows."""
    made = gsctl("simulate", "pass", "nanodragon", *PLACE, "--start", START, "-T", "2.5s", "-s", "96k",
                      "--every", "0.6s", "--offset", "15000", "-w", "off")  # fmt: skip
    assert made.returncode == 0, made.stderr
    samples = (tmp_path / "off.sigmf-data").read_bytes()
    words = ("nanodragon", "-s", "96k", "-F", "jsonl", "--no-log")
    with receiving(tmp_path, *words, *wire.device, "--rigctld", "0") as run:
        port = int(line_that_begins(run, "steered by rigctld's protocol on port ").split()[-1])
        with socket.create_connection(("127.0.0.1", port), 10) as rig:
            answers = rig.makefile("r")
            for command, answer in [
                ("f", "437365000"), ("F 437380000", "RPRT 0"), ("\\get_freq", "437380000"),
                ("F x", "RPRT -1"), ("AOS", "RPRT 0"), ("make coffee", "RPRT -11"),
            ]:  # fmt: skip
                rig.sendall(f"{command}\n".encode())
                assert answers.readline() == f"{answer}\n"
            wire.send(samples, end=True)
            out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    frames = [row for row in map(json.loads, out.splitlines()) if row["type"] == "frame"]
    assert len(frames) >= 2
    unsteered = Wire()
    unsteered.send_beside(samples)
    done = gsctl("receive", *words, *unsteered.device, "--doppler", "none")
    assert done.returncode == 0, done.stderr
    assert '"frame"' not in done.stdout
