"""The SigMF recorder: what it writes comes back, gaps and times too, even after kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.errors import RecordingError
from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.radio import recorder
from gsctl.radio.formats import FORMATS, components
from gsctl.radio.recorder import RecordingFacts, SigmfWriter, stored
from gsctl.radio.recording import open_recording

RATE_HZ = 48000.0
START = datetime(2026, 6, 17, 3, 4, 5, 678901, tzinfo=UTC)


def iq(count: int, seed: int = 1) -> NDArray[np.complex64]:
    rng = np.random.default_rng(seed)
    return np.asarray(0.2 * (rng.standard_normal(count) + 1j * rng.standard_normal(count)), np.complex64)


def block(start: int, count: int, **fields: Any) -> SampleBlock:
    base = SampleBlock(
        samples=iq(count, seed=start),
        domain=Domain.IQ,
        sample_rate_hz=RATE_HZ,
        center_frequency_hz=437.365e6,
        start_time=START + timedelta(seconds=start / RATE_HZ),
        start_sample=start,
        time_source=TimeSource.HOST,
        time_uncertainty_s=0.002,
    )
    return replace(base, **fields)


@pytest.mark.parametrize("name", ["cu8", "ci8", "ci16"])
def test_native_samples_survive_the_way_there_and_back(name: str) -> None:
    form = FORMATS[name]
    info = np.iinfo(np.dtype(form.dtype))
    every = np.arange(info.min, info.max + 1).astype(form.dtype).tobytes()
    samples = components(every, form).view(np.complex64)
    assert stored(samples, form) == every
    loud = np.array([3 - 3j], np.complex64)
    assert list(np.frombuffer(stored(loud, form), form.dtype)) == [info.max, info.min]


@pytest.mark.parametrize("name", ["cu8", "ci16", "cf32"])
def test_recording_comes_back_with_gaps_and_times(tmp_path: Path, name: str) -> None:
    facts = RecordingFacts(
        description="a pass",
        hardware="virtual",
        position=(21.0, 105.5, 10.0),
        extra={"gsctl:satellite": "NanoDragon"},
    )
    blocks = [block(100, 1000), block(1100, 500), block(2600, 700, dropped_before=1000),
              block(3300, 50, center_frequency_hz=437.4e6)]  # fmt: skip
    with SigmfWriter(tmp_path / "new" / "pass", FORMATS[name], RATE_HZ, facts, min_free_bytes=0) as writer:
        assert all(writer.write(item) for item in blocks)
        writer.annotate(2700.4, 3000.9, "frame", comment="hello", extra={"gsctl:snr_db": 12.0})
        writer.annotate(150, 250, "early")
    source = open_recording(tmp_path / "new" / "pass.sigmf-meta", block_samples=400)
    assert source.metadata["global"]["gsctl:satellite"] == "NanoDragon"
    assert source.metadata["global"]["core:geolocation"]["coordinates"] == [105.5, 21.0, 10.0]
    back = list(source)
    step = {"cu8": 1 / 127, "ci16": 1e-4, "cf32": 0.0}[name]
    expected = np.concatenate([item.samples for item in blocks])
    np.testing.assert_allclose(np.concatenate([item.samples for item in back]), expected, atol=step)
    assert [(item.start_sample, item.dropped_before) for item in back if item.dropped_before] == [
        (2500, 1000)
    ]
    for item in back:  # the count begins anew, the times stay
        assert item.start_time is not None
        true_s = (item.start_sample + 100) / RATE_HZ  # both the recorder and the reader round to 1 us
        assert (item.start_time - START).total_seconds() == pytest.approx(true_s, abs=1.1e-6)
        assert (item.time_source, item.time_uncertainty_s) == (TimeSource.FILE, 0.002)
    assert [item.center_frequency_hz for item in back][-1] == 437.4e6
    early, frame = source.metadata["annotations"]
    assert (early["core:sample_start"], early["core:sample_count"]) == (50, 100)
    assert (frame["core:sample_start"], frame["core:sample_count"]) == (1600, 300)
    assert frame["gsctl:snr_db"] == 12.0


def test_audio_can_be_recorded_too(tmp_path: Path) -> None:
    audio = np.linspace(-1, 1, 1000, dtype=np.float32)
    with SigmfWriter(tmp_path / "a", FORMATS["f32"], RATE_HZ, min_free_bytes=0) as writer:
        writer.write(block(0, 0, samples=audio, domain=Domain.FM_AUDIO))
    (back,) = open_recording(tmp_path / "a")
    np.testing.assert_array_equal(back.samples, audio)


def test_an_existing_recording_is_left_alone(tmp_path: Path) -> None:
    SigmfWriter(tmp_path / "a", FORMATS["ci16"], RATE_HZ, min_free_bytes=0).close()
    with pytest.raises(RecordingError, match="there is a recording of that name"):
        SigmfWriter(tmp_path / "a", FORMATS["ci16"], RATE_HZ, min_free_bytes=0)
    with pytest.raises(RecordingError, match="MB left on the disk; make room, or lower --min-free"):
        SigmfWriter(tmp_path / "b", FORMATS["ci16"], RATE_HZ, min_free_bytes=1 << 62)
    with pytest.raises(RecordingError, match="cannot record"):
        SigmfWriter(tmp_path / "a.sigmf-meta" / "c", FORMATS["ci16"], RATE_HZ, min_free_bytes=0)


Status = namedtuple("Status", "f_bavail f_frsize")


def test_too_little_room_ends_the_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([10_000, 10_000, 4_000])
    monkeypatch.setattr(os, "statvfs", lambda _: Status(next(free), 1))
    monkeypatch.setattr(recorder, "_CHECK_EVERY_S", -1.0)
    with SigmfWriter(tmp_path / "a", FORMATS["ci16"], RATE_HZ, min_free_bytes=5_000) as writer:
        assert writer.write(block(0, 100))
        assert not writer.write(block(100, 100))
        assert not writer.write(block(200, 100))
    assert writer.ended.endswith("are to stay free")
    assert (writer.written_samples, writer.lost_samples) == (100, 200)
    assert sum(item.samples.size for item in open_recording(tmp_path / "a")) == 100


def test_a_full_disk_leaves_whole_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = 1001  # bytes; not a whole number of samples
    real_write = os.write

    def write(descriptor: int, data: memoryview) -> int:
        nonlocal room
        if room == 0:
            raise OSError(28, "No space left on device")
        part = data[:room]
        room -= len(part)
        return real_write(descriptor, part)

    with SigmfWriter(tmp_path / "a", FORMATS["ci16"], RATE_HZ, min_free_bytes=0) as writer:
        monkeypatch.setattr(os, "write", write)
        assert writer.write(block(0, 200))
        assert not writer.write(block(200, 200))
        assert not writer.write(block(400, 200))
    assert writer.ended == "writing failed: No space left on device"
    assert (writer.written_samples, writer.lost_samples) == (250, 350)
    source = open_recording(tmp_path / "a")
    assert sum(item.samples.size for item in source) == 250
    assert source.warnings == []


WRITER_PROGRAM = """
import sys, numpy as np
from datetime import datetime, timedelta, UTC
from pathlib import Path
from gsctl.model import Domain, SampleBlock
from gsctl.radio.formats import FORMATS
from gsctl.radio.recorder import SigmfWriter
writer = SigmfWriter(Path(sys.argv[1]), FORMATS["ci16"], 1e6, min_free_bytes=0)
start, number = 0, 0
while number < 100_000:
    dropped = 50 if number % 3 == 0 else 0
    start += dropped
    ramp = ((np.arange(1000) + start) % 1000 / 1000).astype(np.complex64)
    writer.write(SampleBlock(samples=ramp, domain=Domain.IQ, sample_rate_hz=1e6, center_frequency_hz=1e8,
        start_time=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=start), start_sample=start,
        dropped_before=dropped))
    start += 1000
    number += 1
    if number == 30:
        print("running", flush=True)
"""


def test_killed_recorder_leaves_a_valid_pair(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER_PROGRAM, str(tmp_path / "a")], stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"running\n"
        time.sleep(0.2)
        run.send_signal(signal.SIGKILL)
    source = open_recording(tmp_path / "a")
    blocks = list(source)
    assert sum(item.samples.size for item in blocks) >= 30_000
    for item in blocks:  # every sample knows its own place in the stream, so a lost gap would show
        assert item.start_time is not None
        index = (item.start_time - datetime(2026, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        expected = (np.arange(item.samples.size) + index) % 1000 / 1000
        np.testing.assert_allclose(item.samples.real, expected, atol=1e-4)
    assert source.warnings == []
    json.loads((tmp_path / "a.sigmf-meta").read_text())


@pytest.fixture(autouse=True)
def _no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    if "killed" not in os.environ["PYTEST_CURRENT_TEST"]:  # a kill may hit the moment before the rename
        assert not list(tmp_path.rglob("*.part"))
