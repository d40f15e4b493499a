"""The file of learned offsets: kept, read with suspicion, never a reason to fail."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsctl.radio.learned import DeviceOffset, LearnedOffsets, TransmitterOffset

MOMENT = datetime(2026, 6, 17, 3, 4, 5, tzinfo=UTC)
DEVICE = DeviceOffset(ppm=1.7, uncertainty_ppm=0.2, method="ais", ships=14, measured_at=MOMENT)
SENDER = TransmitterOffset(offset_hz=-812.5, frames=31, device="rtlsdr/1", ppm=1.7, measured_at=MOMENT)


def test_what_is_learned_is_there_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "new" / "learned.json"
    learned = LearnedOffsets(path)
    assert (learned.devices, learned.transmitters) == ({}, {})
    assert learned.learn_device("rtlsdr/1", DEVICE)
    assert LearnedOffsets(path).learn_transmitter("49398 x", SENDER)
    again = LearnedOffsets(path)
    assert again.devices == {"rtlsdr/1": DEVICE}
    assert again.transmitters == {"49398 x": SENDER}
    assert sorted(child.name for child in path.parent.iterdir()) == ["learned.json", "learned.json.lock"]


def test_runs_that_end_together_undo_nothing(tmp_path: Path) -> None:
    path = tmp_path / "learned.json"
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: LearnedOffsets(path).learn_device(f"x/{n}", DEVICE), range(24)))
    assert all(done)
    assert len(LearnedOffsets(path).devices) == 24


@pytest.mark.parametrize("data", [b"\xff", b"[]", b"{", b'"x"', b"[" * 100_000, b" " * 1_100_000, b""])
def test_a_file_of_no_use_is_told_and_ignored(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "learned.json"
    path.write_bytes(data)
    said: list[str] = []
    learned = LearnedOffsets(path, said.append)
    assert (learned.devices, learned.transmitters) == ({}, {})
    assert said == [f"{path} is not a file of learned offsets and is ignored"]
    assert learned.learn_device("rtlsdr/1", DEVICE)
    assert LearnedOffsets(path).devices == {"rtlsdr/1": DEVICE}


def test_entries_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "learned.json"
    good = {
        "ppm": 1.7,
        "uncertainty_ppm": 0.2,
        "method": "ais",
        "ships": 14,
        "measured_at": "2026-06-17T03:04:05Z",
    }
    bad = [
        None,
        5,
        {**good, "ppm": "1"},
        {**good, "ppm": True},
        {**good, "ppm": 1e9},
        {**good, "ppm": float("nan")},
        {**good, "measured_at": "yesterday"},
        {**good, "measured_at": 5},
    ]
    devices = {f"bad {number}": entry for number, entry in enumerate(bad)} | {"good": good}
    path.write_text(json.dumps({"devices": devices, "transmitters": {"x": {"offset_hz": 1e12}, "y": []}}))
    said: list[str] = []
    learned = LearnedOffsets(path, said.append)
    assert learned.devices == {"good": DEVICE}
    assert learned.transmitters == {}
    assert len(said) == len(bad) + 2
    assert all("makes no sense and is ignored" in line for line in said)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    assert not LearnedOffsets(tmp_path / "file" / "learned.json", said.append).learn_device("a", DEVICE)
    assert any("what was learned cannot be kept" in line for line in said)
