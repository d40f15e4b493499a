"""Filters, the table of ships, statistics and JSON views."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais.bits import AisBits
from gsctl.ais.filters import Area, DuplicateFilter, GhostMarker, MessageFilter
from gsctl.ais.formats import gpsd_object, json_object, nmea_lines
from gsctl.ais.messages import AisMessage, decode_message
from gsctl.ais.sentences import build_sentences
from gsctl.ais.ships import ShipTable, Statistics, range_and_bearing
from gsctl.model import Station

NOON = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)
HOA_LAC = Station(name="Hoa Lac", latitude_deg=21.0, longitude_deg=105.5)


def position_report(
    mmsi: int = 574000001, latitude_deg: float = 20.0, longitude_deg: float = 107.0, heading: int = 511
) -> AisBits:
    """A type 1 by the table of M.1371-5, from its fields."""
    fields = [(1, 6), (0, 2), (mmsi, 30), (0, 4), (-128, 8), (123, 10), (1, 1)]
    fields += [
        (round(longitude_deg * 600_000), 28),
        (round(latitude_deg * 600_000), 27),
        (900, 12),
        (heading, 9),
    ]
    fields += [(30, 6), (0, 2), (0, 3), (0, 1), (0, 19)]
    value = 0
    for raw, width in fields:
        value = value << width | raw & ((1 << width) - 1)
    return AisBits(value, 168)


def message(bits: AisBits | None = None, time: datetime | None = NOON, channel: str = "A") -> AisMessage:
    chosen = bits or position_report()
    return decode_message(
        chosen,
        received_at=time,
        time_source="host" if time else "",
        channel=channel,
        nmea=build_sentences(chosen, channel=channel),
        source="hut",
    )


STATIC = AisBits.from_armour(b"55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880", 2)


def test_duplicates_within_the_window_are_dropped() -> None:
    duplicates = DuplicateFilter(10.0)
    at = [duplicates.is_new(message(time=NOON + timedelta(seconds=s))) for s in (0, 1, 9, 11, 12, 30)]
    assert at == [True, False, False, True, False, True]
    assert duplicates.is_new(message(position_report(heading=90), NOON + timedelta(seconds=30)))
    assert duplicates.dropped == 3


def test_duplicates_without_times_are_those_nearby() -> None:
    duplicates = DuplicateFilter(10.0)
    assert duplicates.is_new(message(time=None))
    assert not duplicates.is_new(message(time=None))
    for number in range(1100):
        assert duplicates.is_new(message(position_report(mmsi=200000000 + number), None))
    assert duplicates.is_new(message(time=None))


def test_the_memory_of_duplicates_is_bounded() -> None:
    duplicates = DuplicateFilter(1e9)
    sample = message()
    for number in range(100_500):
        duplicates.is_new(replace(sample, bits=AisBits(number, 168)))
    assert len(duplicates._heard) == 100_000


def test_filters_by_sender_type_and_area() -> None:
    near, far = message(), message(position_report(574000002, 50.0, -5.0))
    gulf = Area(south_deg=16.0, west_deg=105.0, north_deg=22.0, east_deg=110.0)
    assert [MessageFilter(mmsis={574000001}).passes(m) for m in (near, far)] == [True, False]
    assert [MessageFilter(message_types={5}).passes(m) for m in (near, message(STATIC))] == [False, True]
    area = MessageFilter(area=gulf)
    assert [area.passes(m) for m in (near, far)] == [True, False]
    assert area.left_out == 1


def test_static_data_pass_an_area_where_the_ship_was_seen() -> None:
    gulf = Area(south_deg=16.0, west_deg=105.0, north_deg=22.0, east_deg=110.0)
    ship = MessageFilter(area=gulf)
    static = message(STATIC)
    assert not ship.passes(static)
    assert ship.passes(message(position_report(mmsi=static.mmsi)))
    assert ship.passes(static)
    assert not ship.passes(message(position_report(static.mmsi, 0.0, 107.0)))
    assert not ship.passes(static)


def test_an_area_across_the_180th_meridian() -> None:
    pacific = Area(south_deg=-10.0, west_deg=170.0, north_deg=10.0, east_deg=-170.0)
    assert pacific.contains(0.0, 179.0)
    assert pacific.contains(0.0, -179.0)
    assert not pacific.contains(0.0, 0.0)


def test_a_ghost_has_a_twin_on_the_other_channel_in_the_same_slot() -> None:
    marker = GhostMarker()
    assert not marker.mark(message(channel="A")).ghost
    ghost = marker.mark(message(channel="B", time=NOON + timedelta(milliseconds=1)))
    assert ghost.ghost
    assert ghost.row()["ghost"] is True
    assert not marker.mark(message(channel="A", time=NOON + timedelta(seconds=10))).ghost


def test_the_table_joins_position_and_name() -> None:
    table = ShipTable()
    static = message(STATIC, NOON + timedelta(seconds=5))
    table.add(message(position_report(mmsi=static.mmsi)))
    table.add(static)
    table.add(message(time=NOON + timedelta(seconds=9)))
    rows = table.rows(station=HOA_LAC, now=NOON + timedelta(seconds=10))
    assert [row["mmsi"] for row in rows] == [574000001, static.mmsi]
    ship = rows[1]
    assert (ship["name"], ship["latitude_deg"], ship["age_s"], ship["messages"]) == (
        "EVER DIADEM",
        20.0,
        5.0,
        2,
    )
    assert ship["range_km"] == pytest.approx(192.0, abs=0.5)
    assert ship["bearing_deg"] == pytest.approx(125.2, abs=0.3)
    bare = table.rows()[0]
    assert bare["range_km"] is bare["bearing_deg"] is bare["age_s"] is None


def test_the_longest_silent_ship_makes_room() -> None:
    table = ShipTable(capacity=3)
    for mmsi in (200000001, 200000002, 200000003, 200000001, 200000004):
        table.add(message(position_report(mmsi=mmsi)))
    assert [row["mmsi"] for row in table.rows()] == [200000004, 200000001, 200000003]


def test_range_and_bearing_of_known_points() -> None:
    at_equator = Station(name="x", latitude_deg=0.0, longitude_deg=179.5)
    range_m, bearing_deg = range_and_bearing(at_equator, 0.0, -179.5)
    assert range_m == pytest.approx(math.radians(1.0) * 6_371_008.8)
    assert bearing_deg == pytest.approx(90.0)
    assert range_and_bearing(at_equator, -1.0, 179.5)[1] == pytest.approx(180.0)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_range_is_the_same_both_ways(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    there, bearing_deg = range_and_bearing(
        Station(name="a", latitude_deg=lat1, longitude_deg=lon1), lat2, lon2
    )
    back, _ = range_and_bearing(Station(name="b", latitude_deg=lat2, longitude_deg=lon2), lat1, lon1)
    assert there == pytest.approx(back, abs=1e-3)
    assert 0 <= there <= math.pi * 6_371_009
    assert 0 <= bearing_deg < 360


def test_statistics_add_up() -> None:
    statistics = Statistics()
    for channel in "AAB":
        statistics.add(message(channel=channel))
    statistics.add(message(STATIC))
    lines = [line.split() for line in statistics.lines()]
    assert lines == [
        ["type", "A", "B", "all"],
        ["1", "2", "1", "3"],
        ["5", "1", "0", "1"],
        ["all", "3", "1", "4"],
    ]


def test_json_has_reception_fields_and_sentences() -> None:
    values = json_object(message())
    assert values["type"] == "ais"
    assert values["received_at"] == NOON
    assert values["true_heading_deg"] is None
    assert values["message_type"] == 1
    assert values["nmea"] == list(message().nmea)
    assert values["source"] == "hut"


def test_ais_catchers_names() -> None:
    values = gpsd_object(replace(message(), level_dbfs=-31.5, frequency_offset_hz=-324.0))
    expected = {"class": "AIS", "rxtime": "20260617120000", "channel": "A", "type": 1, "mmsi": 574000001}
    expected |= {
        "lat": 20.0,
        "lon": 107.0,
        "speed": 12.3,
        "course": 90.0,
        "rxuxtime": 1781697600.0,
        "signalpower": -31.5,
        "ppm": -2.0,
        "accuracy": True,
    }
    assert {key: values[key] for key in expected} == expected
    assert "heading" not in values


def test_nmea_with_tag_blocks() -> None:
    (line,) = nmea_lines(message(), tag_block=True)
    assert line.startswith("\\s:hut,c:1781697600*")
    assert line.endswith(message().nmea[0])
    assert nmea_lines(message()) == message().nmea
