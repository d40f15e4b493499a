"""``gsctl receive`` with a radio whose clock is tens of ppm off: found, remembered, taken out."""

import json
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gsctl.catalog import load_catalog
from gsctl.cli import learned_offsets, receive_search
from gsctl.cli.receive_search import CarrierSearch, chains_of_recording, transmitter_key
from gsctl.pipeline.chains import chains_for_satellite
from gsctl.radio.learned import DeviceOffset, LearnedOffsets, TransmitterOffset
from tests.cli.conftest import Gsctl, gsctl
from tests.cli.test_receive_on_air import Air, assert_same, finished, in_file, make_scene
from tests.radio.conftest import virtual_module

__all__ = ["gsctl", "virtual_module"]  # fixtures

PPM = 45.0
NOMINAL_HZ = 437.365e6
CHAINS = chains_for_satellite(load_catalog(()).find("nanodragon"))
KEY = transmitter_key(CHAINS[0].satellite, CHAINS[0].transmitter)


def test_a_cold_radio_is_heard_and_what_it_taught_is_used(
    gsctl: Gsctl, virtual_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "state" / "gsctl" / "learned.json"
    scene = make_scene(gsctl, tmp_path, 6.0)
    air = Air(scene, virtual_module, tmp_path)
    options = ("--record", "channel", "-T", "4.5s")
    assert finished(air.receive("cold", air.device("cold", ppm=PPM), *options)) == 0, air.said("cold")
    heard = air.heard("cold")
    assert len(heard) >= 3
    off_hz = statistics.median(row["frequency_offset_hz"] for row in heard.values())
    # The replay is late by as long as the command took to start, and so is the Doppler shift.
    assert off_hz == pytest.approx(-PPM * 1e-6 * NOMINAL_HZ, abs=4000)
    assert "the error of this radio's clock is not known; gsctl sdr calibrate finds it" in air.said("cold")
    ((key, seen),) = LearnedOffsets(path).transmitters.items()
    assert (key, seen.device, seen.ppm, seen.frames) == (KEY, "virtual/cold", None, len(heard))
    assert seen.offset_hz == pytest.approx(off_hz, abs=0.06)

    # Only the channel was recorded, as it came; decoding it later looks where this run did.
    head = json.loads((tmp_path / "cold.sigmf-meta").read_text())["global"]
    assert head["core:sample_rate"] == 125_000
    assert (head["core:datatype"], head["gsctl:doppler"]) == ("ci16_le", "none")
    assert_same(heard, in_file(gsctl, tmp_path, "cold", scene))
    document = json.loads((tmp_path / "cold.sigmf-meta").read_text())
    assert {one["core:comment"] for one in document["annotations"]} == set(heard)
    assert document["captures"][0]["core:frequency"] == NOMINAL_HZ

    offset = DeviceOffset(ppm=PPM, uncertainty_ppm=0.3, method="ais", ships=9, measured_at=datetime.now(UTC))
    LearnedOffsets(path).learn_device("virtual/cold", offset)
    air.epoch("cold").unlink()
    warm = air.receive("warm", "driver=virtual,serial=cold", "-T", "2.5s")
    assert finished(warm) == 0, air.said("warm")
    assert "taking out the clock error of virtual/cold: +45.00 +- 0.30 ppm" in air.said("warm")
    assert "samples lost" not in air.said("warm")
    assert "looked for" not in air.said("warm")  # that was with another clock error
    offsets = [row["frequency_offset_hz"] for row in air.heard("warm").values()]
    assert abs(statistics.median(offsets)) < 5_000  # the Doppler shift of the time that the replay is late
    head = json.loads((tmp_path / "warm.sigmf-meta").read_text())["global"]
    assert (head["gsctl:ppm"], head["gsctl:device"]) == (PPM, "virtual/cold")


@pytest.fixture
def learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LearnedOffsets:
    """Learned offsets of this test alone."""
    offsets = LearnedOffsets(tmp_path / "learned.json")
    monkeypatch.setattr(receive_search, "learned_offsets", lambda: offsets)
    monkeypatch.setattr(learned_offsets, "learned_offsets", lambda: offsets)
    return offsets


def plan(**fields: Any) -> Any:
    band = SimpleNamespace(chains=CHAINS, frequency_hz=NOMINAL_HZ)
    return SimpleNamespace(**{"band": band, "steered": None, "sky": object(), **fields})


def places(search: CarrierSearch, rate_hz: float = 250e3, **fields: Any) -> list[float]:
    source: Any = SimpleNamespace(center_frequency_hz=NOMINAL_HZ + 10e3, sample_rate_hz=rate_hz)
    return [chain.expected_offset_hz for chain in search.chains(plan(**fields), "normal", source)]


def test_how_far_is_searched(learned: LearnedOffsets, capsys: pytest.CaptureFixture[str]) -> None:
    assert places(CarrierSearch(device_key="x/1", ppm=1.7)) == [0.0]
    assert places(CarrierSearch(device_key="x/1")) == [0.0, -18e3, 18e3]
    assert places(CarrierSearch(device_key="x/1"), rate_hz=40e3) == [0.0, 18e3]  # the band ends there
    assert places(CarrierSearch()) == [0.0]  # a recording
    assert places(CarrierSearch(device_key="x/1"), steered=object()) == [0.0]
    assert capsys.readouterr().err == ""
    seen = TransmitterOffset(
        offset_hz=-19139.4, frames=5, device="x/1", measured_at=datetime.now(UTC) - timedelta(hours=50)
    )
    learned.learn_transmitter(KEY, seen)
    assert places(CarrierSearch(device_key="x/1")) == [-19139.4]
    said = (
        "437.365 MHz BPSK 1200: looked for -19139 Hz from its frequency, where 5 frames were heard 2 days ago"
    )
    assert capsys.readouterr().err.strip() == said
    assert len(places(CarrierSearch(device_key="x/2"))) == 3  # another radio's error says nothing
    assert places(CarrierSearch(device_key="x/1", ppm=44.0)) == [0.0]  # nor does that before the calibration


def test_what_is_remembered_needs_frames_and_a_known_shift(learned: LearnedOffsets) -> None:
    search = CarrierSearch(device_key="x/1", ppm=1.7)
    search._heard = {KEY: [-810.0, -812.0, 5000.0, -813.5], "few": [1.0, 2.0]}
    search.keep(plan(sky=None))
    search.keep(plan(steered=object()))
    assert learned.transmitters == {}
    search.keep(plan())
    (seen,) = learned.transmitters.values()
    assert (seen.offset_hz, seen.frames, seen.device, seen.ppm) == (-811.0, 4, "x/1", 1.7)


def test_of_a_radio_that_shares_its_serial_number_nothing_is_remembered(learned: LearnedOffsets) -> None:
    """Unless the clock errors are known: then the offset is the transmitter's alone."""
    for ppm, kept in ((None, 0), (1.7, 1)):
        search = CarrierSearch(device_key="x/1", ppm=ppm, ambiguous=True)
        search._heard = {KEY: [-810.0, -812.0, -813.5]}
        search.keep(plan())
        assert len(learned.transmitters) == kept
    learned.learn_transmitter(
        KEY, TransmitterOffset(offset_hz=-19139.4, frames=5, device="x/1", measured_at=datetime.now(UTC))
    )
    assert places(CarrierSearch(device_key="x/1", ambiguous=True)) == [0.0, -18e3, 18e3]


@pytest.mark.parametrize("value", [None, "far", -5, 1e9, float("nan"), [3]])
def test_a_recording_that_says_nonsense_is_searched_as_any_other(value: object) -> None:
    head = {"gsctl:searched_hz": value, "gsctl:expected_offset_hz": value}
    assert chains_of_recording(CHAINS, recorded(head), "normal") == CHAINS
    assert chains_of_recording(CHAINS, recorded(5), "normal") == CHAINS


def recorded(head: object, rate_hz: float = 250e3) -> Any:
    return SimpleNamespace(
        metadata={"global": head}, center_frequency_hz=NOMINAL_HZ + 10e3, sample_rate_hz=rate_hz
    )


def test_a_recording_is_searched_as_its_metadata_say() -> None:
    head = {"gsctl:searched_hz": 26e3, "gsctl:expected_offset_hz": -1e3}
    for rate_hz, places_hz in ((250e3, [-1e3, -19e3, 17e3]), (40e3, [-1e3, 17e3])):
        found = chains_of_recording(CHAINS, recorded(head, rate_hz), "normal")
        assert [chain.expected_offset_hz for chain in found] == places_hz
