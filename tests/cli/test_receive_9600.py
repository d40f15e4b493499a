"""A pass like TeikyoSat-4's at 9600 Bd, on the air of the virtual SDR in real time, about its culmination."""

import json
import os
import statistics
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gsctl.catalog import load_catalog
from gsctl.orbit.omm import format_json
from gsctl.orbit.propagation import satrec_of
from tests.cli.conftest import COMMAND, Gsctl, gsctl
from tests.cli.test_receive_on_air import Air, Rows, Scene, assert_in_step, moment, subpoint
from tests.radio.conftest import virtual_module

__all__ = ["gsctl", "virtual_module"]  # fixtures

SYMBOL_S = 1 / 9600
EVERY_S = 0.5


def make_scene(gsctl: Gsctl, folder: Path, seconds: float) -> Scene:
    """Simulate the pass that culminates in the middle of the next ``seconds``, a frame each half second."""
    found = load_catalog(()).find("teikyosat-4")
    elements = replace(max(found.elements, key=lambda one: one.epoch), epoch=datetime.now(UTC) - timedelta(1))
    (folder / "elements.json").write_text(format_json([elements]))
    tca = datetime.now(UTC) + timedelta(seconds=seconds / 2 + 3)
    place = ("--elements", "elements.json", f"--at={subpoint(satrec_of(elements), tca)}")
    start = f"{tca - timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"
    made = gsctl("simulate", "pass", "teikyosat-4", "--transmitter", "GMSK 9600", "--framing", "ax25-g3ruh",
                 *place, "--start", start, "-T", f"{seconds}s", "-s", "48k", "--every", f"{EVERY_S}s",
                 "--ebn0", "16", "-w", "sim", cwd=folder)  # fmt: skip
    assert made.returncode == 0, made.stderr
    said = json.loads((folder / "sim.truth.json").read_text())
    return Scene(
        place=place,
        recording=folder / "sim.sigmf-meta",
        start=datetime.fromisoformat(said["start_time"]),
        truth={frame["payload"]: datetime.fromisoformat(frame["received_at"]) for frame in said["frames"]},
    )


class TeikyoAir(Air):
    """The air of that pass."""

    def receive(self, name: str, device: str, *options: str) -> "subprocess.Popen[bytes]":
        """Begin to receive all that the satellite is known to send."""
        words = ("receive", "teikyosat-4", "-d", device, "-g", "30", *self._scene.place)
        files = ("-w", name, "--log-dir", f"logs-{name}", "-F", "jsonl")
        environment = {**os.environ, **self.environment}
        base = self._folder / name
        with base.with_suffix(".jsonl").open("wb") as out, base.with_suffix(".err").open("wb") as err:
            return subprocess.Popen(
                [COMMAND, *words, *files, *options], cwd=self._folder, env=environment, stdout=out, stderr=err
            )


def in_file(gsctl: Gsctl, folder: Path, name: str, scene: Scene) -> Rows:
    """The frames that the file decoder finds in a recording."""
    words = ("decode", name, "--satellite", "teikyosat-4", *scene.place, "--no-log", "-F", "jsonl")
    done = gsctl(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if row["type"] == "frame"]
    return {row["frame_hex"]: row for row in rows}


@pytest.mark.parametrize("seconds", [4.0, pytest.param(40.0, marks=pytest.mark.long)])
def test_every_frame_that_the_file_holds_is_heard_live(
    gsctl: Gsctl, virtual_module: Path, tmp_path: Path, seconds: float
) -> None:
    scene = make_scene(gsctl, tmp_path, seconds)
    assert len(scene.truth) >= seconds / EVERY_S - 2
    air = TeikyoAir(scene, virtual_module, tmp_path)
    device = air.device("A", file_center=437.45e6)
    process = air.receive("air", device, "-T", f"{seconds}s", "--record", "channel", "--ppm", "0")
    assert process.wait(timeout=seconds + 180) == 0, air.said("air")
    heard = air.heard("air")
    # The samples of the simulation itself, and those that the radio gave and the run recorded.
    simulated = in_file(gsctl, tmp_path, "sim", scene)
    recorded = in_file(gsctl, tmp_path, "air", scene)
    assert set(simulated) == set(scene.truth)
    told = json.loads((tmp_path / "air.sigmf-meta").read_text())["global"]
    assert told["core:sample_rate"] == pytest.approx(250e3 / 3)
    # The radio's gain is settled and its stream begun a little into the scene, which ends as late.
    last = max(scene.truth, key=lambda payload: scene.truth[payload])
    assert set(simulated) - {last} <= set(heard)
    assert set(heard) == set(recorded)
    assert_in_step(heard, scene, SYMBOL_S)
    for payload, row in recorded.items():
        assert abs((moment(heard[payload]) - moment(row)).total_seconds()) < SYMBOL_S / 2
        assert heard[payload]["frequency_offset_hz"] == pytest.approx(row["frequency_offset_hz"], abs=5.0)
        assert heard[payload]["time_source"] == "hardware"
        assert heard[payload]["doppler"] == row["doppler"] == "elements"
    summary = air.said("air").splitlines()[-1]
    assert summary.startswith(f"frames={len(heard)} unique={len(heard)} ")
    assert " dropped_samples=0 " in summary
    assert statistics.median(row["snr_db"] for row in heard.values()) > 10
