"""What others decode from published samples: gpsd (JSON and raw), libais, pyais, AisLib's stream.

docs/AIS.md says where gsctl reads a message otherwise, and why; those differences are named here.
"""

import difflib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gsctl.ais.formats import gpsd_object
from gsctl.ais.lines import FileLines
from gsctl.ais.messages import AisMessage
from gsctl.ais.reader import NmeaCounters, NmeaReader

# gpsd's ways to say "not available": gsctl leaves the key out.
NOT_AVAILABLE: dict[str, set[object]] = {
    "lon": {181.0},
    "lat": {91.0},
    "speed": {102.3, 1023, 63},
    "course": {360.0, 511},
    "heading": {511},
    "turn": {"n/a"},
    "status": {15},
    "second": {60, 61, 62, 63},
    "maneuver": {0},
    "imo": {0},
    "callsign": {""},
    "shipname": {""},
    "name": {""},
    "destination": {""},
    "shiptype": {0},
    "draught": {0.0},
    "epfd": {0},
    "alt": {4095},
    "aid_type": {0},
    "quiet": {0},
    "data": {"0:"},
    "vendorid": {""},
    **{f"mmsi{n}": {0} for n in range(1, 5)},
}
# Texts differ in wording; device and rxtime are the receiver's; the others are explained in docs/AIS.md.
IGNORED = {"class", "device", "scaled", "nmea", "channel", "gnss"}
# What gpsd reads beyond the end of a short message as zero.
BEYOND_THE_END = re.compile(r"(mmsi|type|offset|number|timeout|increment)\d.*")
# Applications that gpsd takes apart and gsctl keeps as hexadecimal data.
APPLICATIONS = {(6, 235, 10), (6, 1, 12), (6, 1, 14), (6, 1, 18), (6, 1, 30), (6, 1, 32)}
APPLICATIONS |= {(8, 1, 11), (8, 1, 31), (8, 200, 10)}


def read(path: Path) -> tuple[list[AisMessage], NmeaCounters]:
    reader = NmeaReader()
    source = FileLines(path)
    messages = [reader.feed(line.text) for batch in source.batches() for line in batch]
    reader.finish()
    source.close()
    return [message for message in messages if message is not None], reader.counters


def same(key: str, ours: object, theirs: object) -> bool:
    if key in ("ne_lon", "ne_lat", "sw_lon", "sw_lat"):
        theirs = float(str(theirs))
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return int(ours) == int(theirs)  # type: ignore[call-overload,no-any-return]
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        # gpsd prints types 17 with one decimal, type 27 with four.
        return abs(ours - theirs) <= (0.051 if "data_17" in key else 6e-5 if key in ("lon", "lat") else 1e-6)
    if key == "turn" and isinstance(ours, float | int):
        return float(str(theirs)) == pytest.approx(ours, abs=0.51)
    if key == "data":
        return same_data(str(ours), str(theirs))
    return ours == theirs


def same_data(ours: str, theirs: str) -> bool:
    """gpsd prints the rest of the last byte as it finds it, gsctl as zeros."""
    our_count, _, our_hex = ours.partition(":")
    their_count, _, their_hex = theirs.partition(":")
    count = int(our_count)
    spare = len(our_hex) * 4 - count
    return our_count == their_count and int(our_hex, 16) >> spare == int(their_hex, 16) >> spare


def differences(message: AisMessage, theirs: dict[str, Any]) -> list[str]:
    ours = gpsd_object(message)
    found = []
    for key, value in theirs.items():
        if key in IGNORED or key.endswith("_text"):
            continue
        if key not in ours:
            unknown = value in NOT_AVAILABLE.get(key, set())
            cut = value == 0 and BEYOND_THE_END.fullmatch(key)
            if not unknown and not cut:
                found.append(f"{key}: gpsd {value!r}, gsctl nothing")
        elif not same(f"{key}_data_17" if message.message_type == 17 else key, ours[key], value):
            found.append(f"{key}: gpsd {value!r}, gsctl {ours[key]!r}")
    return found


def explained(message: AisMessage, difference: str) -> bool:
    """The differences of docs/AIS.md, one by one."""
    key = difference.partition(":")[0]
    if message.message_type == 24:  # gpsd joins parts A and B to one report
        return key in {"vendorid", "shipname"} or "gsctl nothing" in difference
    if message.message_type in (25, 26):
        # gpsd prints 0 for what a variant does not have, and does not read the communication state.
        return (
            difference in {f"{name}: gpsd 0, gsctl nothing" for name in ("app_id", "dest_mmsi")}
            or key == "radio"
        )
    if message.message_type in (4, 11) and key == "timestamp":
        return "24:60:60" in difference or "10196" in difference
    if key == "eta":
        return "gpsd '00-00T" in difference
    if message.message_type in (1, 7) and message.bits.count < 168 and key in {"mmsi3", "radio"}:
        return difference.endswith("gsctl nothing")  # gpsd reads the bits behind the end as zeros
    # One position in the sample lies off the globe; gpsd prints it.
    return message.mmsi == 972158237 and key in {"lon", "lat"}


def test_every_message_of_gpsds_sample(data_dir: Path) -> None:
    messages, counters = read(data_dir / "ais/gpsd/sample.aivdm")
    text = (data_dir / "ais/gpsd/sample.aivdm.js.chk").read_text()
    theirs = [json.loads(line) for line in text.splitlines()]
    our_heads = [(message.message_type, message.mmsi) for message in messages]
    their_heads = [(report["type"], report["mmsi"]) for report in theirs]
    matched = 0
    for kind, i, j, k, length in difflib.SequenceMatcher(
        None, our_heads, their_heads, autojunk=False
    ).get_opcodes():
        assert kind in ("equal", "delete"), f"gpsd has what gsctl has not: {their_heads[k:length]}"
        if kind == "delete":  # gpsd gives one report for both parts of type 24
            assert {head[0] for head in our_heads[i:j]} == {24}
            continue
        for message, report in zip(messages[i:j], theirs[k:length], strict=True):
            matched += 1
            if (
                message.message_type,
                report.get("dac"),
                report.get("fid"),
            ) in APPLICATIONS and "data" not in report:
                continue
            left = [text for text in differences(message, report) if not explained(message, text)]
            assert not left, (message.nmea, left)
    assert matched == len(theirs) == 97
    assert {message.message_type for message in messages} == set(range(1, 28))
    assert counters.checksum_bad == 0
    assert counters.incomplete == 0
    assert counters.malformed == 1, "a line of the sample has lost its first character"


def test_raw_values_of_gpsds_sample(data_dir: Path) -> None:
    """The .chk file has unscaled numbers; positions to the last bit."""
    messages, _ = read(data_dir / "ais/gpsd/sample.aivdm")
    lines = (data_dir / "ais/gpsd/sample.aivdm.chk").read_text().splitlines()
    raw = {tuple(line.split("|")[:3]): line.split("|") for line in lines if line[0] in "123"}
    places = {1: (7, 8), 2: (7, 8), 3: (7, 8), 18: (6, 7), 19: (6, 7)}
    checked = 0
    for message in messages:
        head = (str(message.message_type), str(message.fields()["repeat_indicator"]), f"{message.mmsi:09d}")
        place = places.get(message.message_type)
        longitude_deg = message.columns.get("longitude_deg")
        latitude_deg = message.columns.get("latitude_deg")
        if head not in raw or place is None or not isinstance(longitude_deg, float):
            continue
        assert isinstance(latitude_deg, float)
        assert round(longitude_deg * 600_000) == int(raw[head][place[0]])
        assert round(latitude_deg * 600_000) == int(raw[head][place[1]])
        checked += 1
    assert checked >= 9


@pytest.mark.parametrize(("name", "count"), [("ais-18-27.log", 276), ("ais-nmea.log", 171)])
def test_gpsds_logs(data_dir: Path, name: str, count: int) -> None:
    """Unscaled JSON between the lines of the log: types 1 to 5, 18, 24 and 27 of real receivers."""
    messages, counters = read(data_dir / "ais/gpsd" / name)
    assert len(messages) == count
    assert counters.checksum_bad == counters.malformed == counters.incomplete == 0
    reports: dict[str, list[dict[str, Any]]] = {}
    lines = (data_dir / "ais/gpsd" / f"{name}.chk").read_text().splitlines()
    sentence = ""
    for line in lines:
        if line.startswith("!AIVDM"):
            sentence = line
        elif line.startswith('{"class":"AIS"'):
            reports.setdefault(sentence, []).append(json.loads(line))
    checked = 0
    for message in messages:
        candidates = reports.get(message.nmea[-1])
        if not candidates:
            continue
        report = candidates[0]
        if report["type"] != message.message_type or message.message_type == 24:
            continue
        assert report["mmsi"] == message.mmsi
        scale = 600 if message.message_type == 27 else 600_000
        columns = message.columns
        if isinstance(columns.get("longitude_deg"), float):
            assert round(columns["longitude_deg"] * scale) == report["lon"]  # type: ignore[operator,arg-type]
            assert round(columns["latitude_deg"] * scale) == report["lat"]  # type: ignore[operator,arg-type]
        if message.message_type == 5:
            assert (columns["name"] or "") == report["shipname"]
            assert (columns["destination"] or "") == report["destination"]
            assert (columns["callsign"] or "") == report["callsign"]
        checked += 1
    assert checked >= count * 0.4


def test_the_six_bit_sample_of_gpsd(data_dir: Path) -> None:
    messages, counters = read(data_dir / "ais/gpsd/ais_unpack_sixbit.log")
    assert Counter(message.message_type for message in messages) == {5: 6, 21: 3, 19: 2, 24: 2}
    assert counters.incomplete == 0


def test_libais_examples(data_dir: Path) -> None:
    messages, counters = read(data_dir / "ais/libais/typeexamples.nmea")
    theirs = [
        json.loads(line)
        for line in (data_dir / "ais/libais/typeexamples.json").read_text().splitlines()
        if line
    ]
    assert counters.checksum_bad == counters.malformed == 0
    by_head = {(message.message_type, message.mmsi): message for message in messages}
    for report in theirs:
        message = by_head[report["type"], report["mmsi"]]
        fields = message.fields()
        for key, name in (
            ("lon", "longitude_deg"),
            ("lat", "latitude_deg"),
            ("speed", "speed_over_ground_kn"),
        ):
            value = fields.get(name)
            if key in report and isinstance(value, int | float) and message.message_type != 9:
                assert value == pytest.approx(report[key], abs=2e-5), (report["type"], key)
        for key, name in (("dest_mmsi", "destination_mmsi"), ("name", "name"), ("shipname", "name")):
            # The one name there is noise, of which libais shows some characters otherwise than M.1371.
            if key in report and isinstance(fields.get(name), int | str) and message.message_type != 21:
                assert fields[name] == report[key]
        for key in ("dac", "fid", "slot_number", "received_stations", "slot_timeout"):
            # libais reads the communication state of type 26 from a fixed place, not from the end.
            if key in report and fields.get(key) is not None and message.message_type != 26:
                assert fields[key] == report[key], (report["type"], key)


def test_libais_tag_blocks_give_time_and_station(data_dir: Path) -> None:
    messages, counters = read(data_dir / "ais/libais/tagblock.nmea")
    theirs = [
        json.loads(line) for line in (data_dir / "ais/libais/tagblock.json").read_text().splitlines() if line
    ]
    assert counters.incomplete == 0
    assert len(messages) == len(theirs) == 4
    for report in theirs:
        (message,) = [
            m
            for m in messages
            if m.received_at and f"{m.received_at:%Y-%m-%d %H.%M.%S}" == report["tagblock_T"]
        ]
        assert (message.mmsi, message.source) == (report["mmsi"], report["tagblock_station"])
        assert message.time_source == "tag-block"


def test_libais_lines_with_appended_fields(data_dir: Path) -> None:
    messages, counters = read(data_dir / "ais/libais/test.aivdm")
    assert len(messages) == 243
    assert (
        counters.checksum_bad == counters.checksum_missing == counters.malformed == counters.incomplete == 0
    )
    # The rest of the 261 messages there are noise with a right checksum.
    assert counters.too_short + counters.unknown_type + counters.bad_payload == 18
    first = messages[0]
    assert (first.source, first.time_source) == ("b003669794", "station")
    assert first.received_at is not None
    assert first.received_at.timestamp() == 1272412827
    base = next(message for message in messages if message.source == "r09STOL1")
    assert base.level_dbm == -93.0
    assert {message.message_type for message in messages} >= set(range(1, 27)) - {20}


def test_aislibs_stream(data_dir: Path) -> None:
    """4051 messages, each with a $PGHP line that says when it was received."""
    messages, counters = read(data_dir / "ais/aislib/stream_example.txt")
    assert len(messages) == 4051
    assert counters.incomplete == counters.checksum_bad == counters.malformed == 0
    assert all(message.time_source == "station" for message in messages)
    assert {f"{message.received_at:%Y-%m-%d %H}" for message in messages} == {"2010-06-11 11"}
    talkers = Counter(message.nmea[0][:6] for message in messages)
    assert talkers["!BSVDM"] + talkers["!BSVDO"] > 2500


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nmea_data_sample.txt", 778),
        ("mixed.txt", 12),
        ("sample.ais", 11),
        ("messages.ais", 6),
        ("ais_test_messages", 7),
    ],
)
def test_pyais_reads_the_same(data_dir: Path, name: str, count: int) -> None:
    """pyais' own decoder as a second witness, field by field where it has a value."""
    from pyais import decode
    from pyais.messages import Payload

    messages, _ = read(data_dir / "ais/pyais" / name)
    assert len(messages) == count
    for message in messages:
        other = decode(*message.nmea, error_if_checksum_invalid=True)
        assert isinstance(other, Payload)
        values = other.asdict()
        fields = message.fields()
        assert values["mmsi"] == message.mmsi
        pairs = {"lon": "longitude_deg", "lat": "latitude_deg", "course": "course_over_ground_deg"}
        pairs |= {"speed": "speed_over_ground_kn", "heading": "true_heading_deg", "shipname": "name"}
        pairs |= {
            "destination": "destination",
            "callsign": "callsign",
            "imo": "imo_number",
            "radio": "communication_state",
        }
        for theirs, ours in pairs.items():
            if fields.get(ours) is not None:
                assert fields[ours] == pytest.approx(values[theirs], abs=1e-9), (message.nmea, ours)
