"""Every protocol file, bundled and the user's, keeps the rules and parses its own truth."""

import pytest

from gsctl.catalog import ProtocolModule, load_catalog
from gsctl.catalog.checks import check_catalog, check_module, sample_frame
from gsctl.telemetry import parse_frame

CATALOG = load_catalog()

# The satellites this ground station is built for (FACTS.md), and what the world calls them.
MISSION = {
    "NanoDragon": 49398,
    "RAISE-2": 49397,
    "HIBARI": 49400,
    "Z-Sat": 49399,
    "DRUMS": 49401,
    "TeikyoSat-4": 49396,
    "ASTERISC": 49395,
    "ARICA": 49403,
    "KOSEN-1": 49402,
    "PicoDragon": 39413,
    "MicroDragon": 43935,
}


@pytest.mark.parametrize("module", CATALOG.modules, ids=lambda module: module.name)
def test_a_protocol_file_keeps_the_rules(module: ProtocolModule) -> None:
    assert check_module(module) == []


def test_no_name_is_used_twice() -> None:
    assert check_catalog(CATALOG) == []


@pytest.mark.parametrize(("name", "norad_id"), MISSION.items())
def test_the_eleven_satellites_are_there(name: str, norad_id: int) -> None:
    satellite = CATALOG.find(name)
    assert satellite.norad_id == norad_id
    assert satellite.sources
    assert bool(satellite.elements) == (name != "PicoDragon")


def test_only_the_demo_profile_is_made_up() -> None:
    made_up = {module.name for module in CATALOG.modules for truth in module.truth if not truth.real}
    assert made_up <= {"gsctl_demo_profile", "kosen_1", "teikyosat_4", "arica"}


def test_nanodragon_says_what_is_assumed() -> None:
    nanodragon = CATALOG.find("NanoDragon")
    downlink = nanodragon.transmitters[0]
    assert downlink.frequency_hz == 437_365_000.0
    assert downlink.confidence == "stated"
    assert downlink.framing_confidence == "assumed"
    module = CATALOG.module_of(nanodragon)
    assert module is not None
    assert module.telemetry == ()


def test_demo_frames_say_that_they_are_the_demo_s() -> None:
    schemas = CATALOG.schemas_for(CATALOG.find("NanoDragon"))
    for module in CATALOG.modules:
        for truth in module.truth:
            if truth.schema.startswith("gsctl-demo"):
                records = parse_frame(sample_frame(truth.payload), schemas)
                assert [record.schema for record in records] == [truth.schema, "ax25"]
                assert "gsctl demo" in str(records[1].fields["info_text"])


def test_every_frame_of_a_bundled_truth_is_claimed_by_one_schema_only() -> None:
    schemas = [schema for module in CATALOG.modules for schema in module.telemetry]
    for module in CATALOG.modules:
        for truth in module.truth:
            frame = sample_frame(truth.payload)
            assert [schema.name for schema in schemas if schema.matches(frame)] == [truth.schema]
