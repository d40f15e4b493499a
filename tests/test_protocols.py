"""Every protocol file, bundled and the user's, keeps the rules and parses its own truth."""

import base64
import contextlib
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from gsctl.catalog import ProtocolModule, load_catalog
from gsctl.catalog.checks import check_catalog, check_module, sample_frame
from gsctl.deframe import DEFRAMERS
from gsctl.demod import DEMODULATORS
from gsctl.errors import ProtocolError
from gsctl.framing import Text
from gsctl.model import Truth
from gsctl.telemetry import AX25, parse_frame
from gsctl.waveform import Morse

CATALOG = load_catalog()

# The satellites this ground station is built for, and their numbers in the public catalogue (CelesTrak).
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


def test_made_up_frames_are_few_and_say_so() -> None:
    made_up = {module.name for module in CATALOG.modules for truth in module.truth if not truth.real}
    assert made_up == {"gsctl_demo_profile", "kosen_1", "teikyosat_4", "arica_2"}
    for module in CATALOG.modules:
        for truth in module.truth:
            assert truth.origin.startswith("made up") != truth.real


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


def test_a_frame_is_claimed_by_one_schema_only() -> None:
    for module in CATALOG.modules:
        satellite = module.satellites[0] if module.satellites else None
        schemas = CATALOG.schemas_for(satellite)
        for truth in module.truth:
            frame = sample_frame(truth.payload, Text())
            claimed = [schema.name for schema in schemas if schema.matches(frame)]
            assert [name for name in claimed if name != "ax25"] == [truth.schema]


def test_ax25_schemas_do_not_claim_one_another_s_frames() -> None:
    schemas = [schema for module in CATALOG.modules for schema in module.telemetry]
    for module in CATALOG.modules:
        for truth in module.truth:
            frame = sample_frame(truth.payload, Text())
            if AX25.matches(frame):
                assert [schema.name for schema in schemas if schema.matches(frame)] == [truth.schema]


def test_every_bundled_transmitter_resolves_to_a_chain() -> None:
    """A waveform or framing named in a file is one the receiver has; Morse is still to come."""
    to_come = {Morse, Text}
    for satellite in CATALOG.satellites:
        for transmitter in satellite.transmitters:
            for part, table in ((transmitter.waveform, DEMODULATORS), (transmitter.framing, DEFRAMERS)):
                assert part is None or type(part) in table or type(part) in to_come


def in_orbit_frames(path: Path) -> Iterator[bytes]:
    for line in path.read_text().splitlines():
        yield base64.b64decode(json.loads(line)["pdu"])


def test_every_frame_of_kafasat_received_in_orbit_is_plausible(data_dir: Path) -> None:
    schema = CATALOG.schema("kafasat-housekeeping")
    records = []
    for payload in in_orbit_frames(data_dir / "telemetry" / "kafasat_frames.jsonl"):
        frame = sample_frame(payload)
        assert schema.matches(frame)
        records.append(schema.parse(frame).fields)
    assert len(records) == 79
    for fields in records:
        assert 14.0 < float(fields["battery_voltage_v"] or 0) < 16.9
        assert -10.0 < float(fields["battery_1_temperature_degc"] or 0) < 45.0
        assert -1.0 < float(fields["battery_current_a"] or 0) < 1.0
        assert fields["obc_mode"] in {"normal", "safe"}


def test_frames_of_randev_received_in_orbit_are_plausible(data_dir: Path) -> None:
    """The order of bytes is not published; that the readings make sense together is its proof."""
    schema = CATALOG.schema("randev-beacon")
    payloads = list(in_orbit_frames(data_dir / "telemetry" / "randev_frames.jsonl"))
    records = [schema.parse(sample_frame(payload)).fields for payload in payloads]
    assert len(records) == 87

    def middle(name: str) -> float:
        return median(float(fields[name] or 0) for fields in records)

    assert 7.9 < middle("battery_voltage_v") < 8.4
    assert abs(middle("receiver_supply_voltage_v") - middle("battery_voltage_v")) < 0.1
    assert abs(middle("switch_1_voltage_v") - 5.0) < 0.1
    assert abs(middle("switch_2_voltage_v") - 3.3) < 0.1
    assert -10 < middle("eps_temperature_degc") < 30
    assert -10 < middle("receiver_amplifier_temperature_degc") < 30
    assert -120 < middle("receiver_rssi_dbm") < -80


def test_a_frame_tells_its_sender_where_the_satellite_is_not_known(data_dir: Path) -> None:
    for payload in in_orbit_frames(data_dir / "telemetry" / "randev_frames.jsonl"):
        records = parse_frame(sample_frame(payload), CATALOG.schemas_for(None))
        assert [record.schema for record in records] == ["randev-beacon", "ax25"]
    # but a pattern that any beacon might show tells nothing
    beacon = sample_frame(b"S1 64 32 A0 80", Text())
    assert parse_frame(beacon, CATALOG.schemas_for(None)) == []
    assert [one.schema for one in parse_frame(beacon, CATALOG.schemas_for(CATALOG.find("KOSEN-1")))] == [
        "kosen-1-beacon-1"
    ]


def test_frames_of_other_satellites_are_logged_as_ax25() -> None:
    frame = sample_frame(bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354"))
    records = parse_frame(frame, CATALOG.schemas_for(None))
    assert [(record.schema, record.fields["source"]) for record in records] == [("ax25", "XV9NDG")]


def test_frames_of_57_satellites_never_break_a_schema(data_dir: Path) -> None:
    """Foreign frames are refused or parsed; nothing else is raised, whatever the schema."""
    pool = json.loads((data_dir / "telemetry" / "frames_and_expected.json").read_text())
    schemas = [schema for module in CATALOG.modules for schema in module.telemetry]
    claimed = 0
    for entry in pool.values():
        for text in entry["frames_hex"]:
            records = parse_frame(sample_frame(bytes.fromhex(text)), [*schemas, AX25])
            claimed += any(record.schema != "ax25" for record in records)
    assert claimed >= 19


TRUTHS = [(module, truth) for module in CATALOG.modules for truth in module.truth]


@pytest.mark.parametrize(("module", "truth"), TRUTHS, ids=lambda value: getattr(value, "schema", ""))
def test_damaged_frames_keep_the_columns_or_are_refused(module: ProtocolModule, truth: Truth) -> None:
    """A CSV needs the same columns from every frame of a schema; hostile bytes must not change them."""
    schema = next(schema for schema in module.telemetry if schema.name == truth.schema)
    columns = list(schema.parse(sample_frame(truth.payload)).fields)
    chance = random.Random(truth.schema)
    for _ in range(60):
        damaged = bytearray(truth.payload)
        for _ in range(chance.randrange(1, 5)):
            damaged[chance.randrange(len(damaged))] = chance.choice([chance.randrange(256), *truth.payload])
        del damaged[len(damaged) - chance.choice([0, 0, 0, 1, 7]) :]
        frame = sample_frame(bytes(damaged))
        with contextlib.suppress(ProtocolError):
            record = schema.parse(frame) if schema.matches(frame) else None
            if record is not None:
                assert list(record.fields) == columns
                assert all(not isinstance(v, float) or math.isfinite(v) for v in record.fields.values())
