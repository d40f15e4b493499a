"""A simulated pass over this minute, on the air of the virtual SDR, received live by several radios at once.

The element set is moved to yesterday and the station put below the satellite, so that the pass is now.
"""

import json
import math
import os
import signal
import statistics
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gsctl.catalog import load_catalog
from gsctl.orbit.earth import julian_date
from gsctl.orbit.omm import format_json
from gsctl.orbit.propagation import satrec_of
from tests.cli.conftest import COMMAND, Gsctl, gsctl
from tests.flowgraph.conftest import needs_gnuradio
from tests.radio.conftest import virtual_module

__all__ = ["gsctl", "virtual_module"]  # fixtures

SYMBOL_S = 1 / 1200
RATE_HZ = 48_000
# In the pass: seconds and samples.
OVERFLOWS = "overflow@0.8:2500;overflow@1.5:50000;overflow@2.1:1000;overflow@2.6:2500;overflow@3.2:1000"
FAULTS = f"{OVERFLOWS};silent@3.7:30000"
Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Scene:
    """A pass that is on the air: what a command needs to receive it, and what is in it."""

    place: tuple[str, ...]
    recording: Path
    start: datetime
    truth: dict[str, datetime]


def subpoint(line: Any, at: datetime) -> str:
    """Latitude and longitude below a satellite, to a degree or so: the pass is overhead."""
    whole, fraction = julian_date(at)
    error, (x, y, z), _ = line.sgp4(whole, fraction)
    assert error == 0
    turned_deg = 280.46061837 + 360.98564736629 * (whole - 2451545.0 + fraction)
    longitude_deg = math.remainder(math.degrees(math.atan2(y, x)) - turned_deg, 360.0)
    return f"{math.degrees(math.asin(z / math.hypot(x, y, z))):.3f},{longitude_deg:.3f}"


def make_scene(gsctl: Gsctl, folder: Path, seconds: float, every: str = "1s") -> Scene:
    """Simulate the pass whose culmination is in the middle of the next ``seconds``."""
    satellite = load_catalog(()).find("nanodragon")
    newest = max(satellite.elements, key=lambda one: one.epoch)
    elements = replace(newest, epoch=datetime.now(UTC) - timedelta(days=1))
    (folder / "elements.json").write_text(format_json([elements]))
    tca = datetime.now(UTC) + timedelta(seconds=seconds / 2 + 2)
    place = ("--elements", "elements.json", f"--at={subpoint(satrec_of(elements), tca)}")
    start = f"{tca - timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"
    made = gsctl("simulate", "pass", "nanodragon", *place, "--start", start, "-T", f"{seconds}s", "-s",
                 str(RATE_HZ), "--every", every, "-w", "sim", cwd=folder)  # fmt: skip
    assert made.returncode == 0, made.stderr
    said = json.loads((folder / "sim.truth.json").read_text())
    return Scene(
        place=place,
        recording=folder / "sim.sigmf-meta",
        start=datetime.fromisoformat(said["start_time"]),
        truth={frame["payload"]: datetime.fromisoformat(frame["received_at"]) for frame in said["frames"]},
    )


class Air:
    """The virtual SDR's devices; each replays the scene from when it is first started, and in real time.

    With ``on_time`` they all replay it when it is, wherever they are started.
    """

    def __init__(self, scene: Scene, module: Path, folder: Path, *, on_time: bool = False) -> None:
        self._scene = scene
        self._folder = folder
        self._lines: list[str] = []
        self._begun_s = time.monotonic() + (scene.start - datetime.now(UTC)).total_seconds()
        self._on_time = on_time
        self._config = folder / "virtual_sdr.cfg"
        self.environment = {"SOAPY_SDR_PLUGIN_PATH": str(module), "VIRTUAL_SDR_CONFIG": str(self._config)}

    def device(self, serial: str, **keys: object) -> str:
        """Add a device; returns what ``--device`` calls it."""
        given: dict[str, object] = {
            "serial": serial, "rates": 250_000, "queue": 1000, "buffer": 1024, "timestamps": "true",
            "file": self._scene.recording.with_suffix(".sigmf-data"), "file_format": "cs16",
            "file_rate": RATE_HZ, "file_center": 437.365e6, "epoch": self.epoch(serial),
        }  # fmt: skip
        if self._on_time:
            self.epoch(serial).write_text(f"{self._begun_s:.9f}")
        self._lines.append(",".join(f"{key}={value}" for key, value in (given | keys).items()))
        self._config.write_text("\n".join(self._lines) + "\n")
        return f"driver=virtual,serial={serial}"

    def epoch(self, serial: str) -> Path:
        """Where a device keeps when it was first started."""
        return self._folder / f"epoch-{serial}"

    def sleep_until(self, serial: str, seconds: float) -> None:
        """Wait until a device has played for so long."""
        deadline = time.monotonic() + 60.0
        while not (self.epoch(serial).exists() and self.epoch(serial).read_text()):
            assert time.monotonic() < deadline, f"{serial} was never started"
            time.sleep(0.02)
        time.sleep(max(0.0, float(self.epoch(serial).read_text()) + seconds - time.monotonic()))

    def receive(self, name: str, device: str, *options: str) -> "subprocess.Popen[bytes]":
        """Begin to receive; the recording and the logs are called ``name``."""
        words = ["receive", "nanodragon", "-d", device, "-g", "30", *self._scene.place]
        files = ["-w", name, "--log-dir", f"logs-{name}", "-F", "jsonl"]
        environment = {**os.environ, **self.environment}
        base = self._folder / name
        with base.with_suffix(".jsonl").open("wb") as out, base.with_suffix(".err").open("wb") as err:
            return subprocess.Popen(
                [COMMAND, *words, *files, *options], cwd=self._folder, env=environment, stdout=out, stderr=err
            )

    def said(self, name: str) -> str:
        """What a receiver said on stderr."""
        return (self._folder / f"{name}.err").read_text()

    def heard(self, name: str) -> Rows:
        """The frames that a receiver printed."""
        lines = map(json.loads, (self._folder / f"{name}.jsonl").read_text().splitlines())
        return {row["frame_hex"]: row for row in lines if row["type"] == "frame"}


def in_file(gsctl: Gsctl, folder: Path, name: str, scene: Scene) -> Rows:
    """The frames that the file decoder finds in a recording."""
    done = gsctl("decode", f"{name}.sigmf-meta", "--satellite", "nanodragon", *scene.place, "--no-log",
                 "-F", "jsonl", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if row["type"] == "frame"]
    return {row["frame_hex"]: row for row in rows}


def moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["received_at"])


def assert_in_step(heard: Rows, scene: Scene, tolerance_s: float) -> None:
    """Each frame was sent, and all are as late as the device began to replay."""
    assert heard
    late_s = [(moment(row) - scene.truth[payload]).total_seconds() for payload, row in heard.items()]
    assert max(late_s) - min(late_s) < tolerance_s, late_s


def assert_same(live: Rows, file: Rows) -> None:
    """What came out live is what the file decoder finds, at the same times and frequencies."""
    assert set(live) == set(file)
    for payload, row in file.items():
        assert abs((moment(live[payload]) - moment(row)).total_seconds()) < SYMBOL_S / 2, (
            payload,
            live[payload],
            row,
        )
        # Each begins elsewhere in the stream; estimates then differ by 0.3 Hz rms, by 1.3 at worst.
        assert live[payload]["frequency_offset_hz"] == pytest.approx(row["frequency_offset_hz"], abs=2.0)
        assert live[payload]["snr_db"] == pytest.approx(row["snr_db"], abs=0.5)
        assert live[payload]["doppler"] == "elements"


def finished(process: "subprocess.Popen[bytes]") -> int:
    return process.wait(timeout=60)


def test_a_pass_is_received_by_several_radios(gsctl: Gsctl, virtual_module: Path, tmp_path: Path) -> None:
    """One loses samples, one is unplugged for a while, one has no timestamps and is stopped in mid-pass."""
    scene = make_scene(gsctl, tmp_path, 6.4, every="0.6s")
    air = Air(scene, virtual_module, tmp_path)
    plug = tmp_path / "plug"
    plug.touch()
    running = {
        "faulty": air.receive("faulty", air.device("faulty", events=FAULTS), "-T", "6s"),
        "loose": air.receive("loose", air.device("loose", plug=plug, gone="error"), "-T", "6s"),
        "coarse": air.receive("coarse", air.device("coarse", timestamps="false", jitter=0.002)),
    }
    air.sleep_until("loose", 1.6)
    plug.unlink()
    air.sleep_until("loose", 2.6)
    plug.touch()
    air.sleep_until("coarse", 5.1)
    running["coarse"].send_signal(signal.SIGTERM)
    assert {name: finished(process) for name, process in running.items()} == dict.fromkeys(running, 0)

    for name in running:
        heard = air.heard(name)
        assert_in_step(heard, scene, SYMBOL_S if name != "coarse" else 4 * SYMBOL_S)
        assert_same(heard, in_file(gsctl, tmp_path, name, scene))
        assert air.said(name).splitlines()[-1].startswith(f"frames={len(heard)} unique={len(heard)} records=")
        (session,) = (tmp_path / f"logs-{name}" / "sessions.jsonl").read_text().splitlines()
        assert json.loads(session)["frames"] == len(heard)
        assert len((tmp_path / f"logs-{name}" / "frames.csv").read_text().splitlines()) == len(heard) + 1
        annotations = json.loads((tmp_path / f"{name}.sigmf-meta").read_text())["annotations"]
        assert {one["core:comment"] for one in annotations} == set(heard)
    sources = {name: {row["time_source"] for row in air.heard(name).values()} for name in running}
    assert sources == {"faulty": {"hardware"}, "loose": {"hardware"}, "coarse": {"host"}}
    assert len(air.heard("coarse")) >= 6
    assert len(air.heard("faulty")) >= 3  # the other frames were hit
    assert "dropped_samples=87000 " in air.said("faulty").splitlines()[-1]
    assert "stopped answering; looking for it" in air.said("loose")
    assert "is back" in air.said("loose")
    times = sorted(moment(row) for row in air.heard("loose").values())
    assert times[-1] - times[0] > timedelta(seconds=2.2)


@needs_gnuradio
def test_gnu_radio_hears_the_same(gsctl: Gsctl, virtual_module: Path, tmp_path: Path) -> None:
    scene = make_scene(gsctl, tmp_path, 4.4, every="0.6s")
    air = Air(scene, virtual_module, tmp_path)
    log = tmp_path / "set.log"
    options = ("-t", "biastee=true", "-T", "3.8s")  # in the middle of a burst
    direct = air.receive("direct", air.device("direct"), *options)
    # Each start of this device begins the replay anew; gsctl starts it once, GNU Radio after that.
    flow = air.receive("flow", air.device("flow", log=log, epoch=""), "--engine", "gnuradio", *options)
    assert finished(direct) == finished(flow) == 0, air.said("flow")
    heard = air.heard("flow")
    assert_in_step(heard, scene, 4 * SYMBOL_S)
    assert_same(heard, in_file(gsctl, tmp_path, "flow", scene))
    assert set(heard) == set(air.heard("direct"))
    assert "by GNU Radio" in air.said("flow")
    assert log.read_text().splitlines()[-2:] == ["setting biastee false", "closed"]


@pytest.mark.long
def test_the_pass_of_this_minute_is_corrected_to_the_hertz(
    gsctl: Gsctl, virtual_module: Path, tmp_path: Path
) -> None:
    scene = make_scene(gsctl, tmp_path, 40.0)
    air = Air(scene, virtual_module, tmp_path, on_time=True)
    process = air.receive("live", air.device("live"), "-T", "30s")
    assert finished(process) == 0
    heard = air.heard("live")
    assert len(heard) >= 20
    assert_same(heard, in_file(gsctl, tmp_path, "live", scene))
    for payload, row in heard.items():
        assert abs((moment(row) - scene.truth[payload]).total_seconds()) < SYMBOL_S
    # What is left is the estimate's own error; the shift itself goes through some kilohertz.
    offsets_hz = [abs(row["frequency_offset_hz"]) for row in heard.values()]
    assert statistics.median(offsets_hz) < 2
    assert max(offsets_hz) < 40
    rates_m_s = [row["range_rate_m_s"] for row in heard.values()]
    assert max(rates_m_s) - min(rates_m_s) > 2000
