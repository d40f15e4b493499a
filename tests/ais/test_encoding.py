"""Messages that gsctl makes are read back as they were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais import encoding
from gsctl.ais.messages import decode_message

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
speeds = st.integers(0, 1022).map(lambda raw: raw / 10)
courses = st.integers(0, 3599).map(lambda raw: raw / 10)


@given(latitudes, longitudes, speeds, courses, st.integers(0, 359), st.integers(0, 59), st.integers(0, 14))
def test_position_report(
    latitude: float, longitude: float, speed: float, course: float, heading: int, second: int, status: int
) -> None:
    bits = encoding.position_report(
        mmsi=574000001,
        latitude_deg=latitude,
        longitude_deg=longitude,
        speed_over_ground_kn=speed,
        course_over_ground_deg=course,
        true_heading_deg=heading,
        utc_second=second,
        navigation_status=status,
    )
    assert bits.count == 168
    fields = decode_message(bits).fields()
    assert fields["latitude_deg"] == pytest.approx(latitude, abs=1.4e-6)
    assert fields["longitude_deg"] == pytest.approx(longitude, abs=1.4e-6)
    assert fields["speed_over_ground_kn"] == pytest.approx(speed)
    assert fields["course_over_ground_deg"] == pytest.approx(course)
    assert (fields["true_heading_deg"], fields["utc_second_s"]) == (heading, second)
    assert fields["navigation_status_code"] == status
    assert fields["rate_of_turn_deg_min"] is None


@given(latitudes, longitudes, speeds, courses)
def test_class_b_and_long_range_reports(
    latitude: float, longitude: float, speed: float, course: float
) -> None:
    small = encoding.class_b_position_report(
        mmsi=574000001,
        latitude_deg=latitude,
        longitude_deg=longitude,
        speed_over_ground_kn=speed,
        course_over_ground_deg=course,
        utc_second=7,
    )
    fields = decode_message(small).fields()
    assert (small.count, fields["message_type"], fields["true_heading_deg"]) == (168, 18, None)
    assert fields["latitude_deg"] == pytest.approx(latitude, abs=1.4e-6)
    far = encoding.long_range_report(
        mmsi=574000001,
        latitude_deg=latitude,
        longitude_deg=longitude,
        speed_over_ground_kn=speed,
        course_over_ground_deg=course,
    )
    fields = decode_message(far).fields()
    assert (far.count, fields["message_type"], fields["repeat_indicator"]) == (96, 27, 3)
    assert fields["latitude_deg"] == pytest.approx(latitude, abs=1 / 1200 + 1e-6)
    assert fields["longitude_deg"] == pytest.approx(longitude, abs=1 / 1200 + 1e-6)
    assert fields["speed_over_ground_kn"] == min(round(speed), 62)


def test_static_reports() -> None:
    bits = encoding.static_report(
        mmsi=574000001,
        name="SIMULATED 1",
        callsign="SIM1",
        ship_type=70,
        destination="NOWHERE",
        dimensions_m=(100, 200, 15, 16),
        draught_m=11.5,
    )
    assert bits.count == 424
    row = decode_message(bits).row()
    assert (row["name"], row["callsign"], row["ship_type"], row["destination"]) == (
        "SIMULATED 1",
        "SIM1",
        "cargo",
        "NOWHERE",
    )
    assert (row["length_m"], row["beam_m"], row["draught_m"], row["eta"], row["imo_number"]) == (
        300,
        31,
        11.5,
        None,
        None,
    )
    part_a = decode_message(encoding.name_report(mmsi=574000001, name="SIMULATED 2"))
    assert (part_a.fields()["part"], part_a.fields()["name"]) == ("A", "SIMULATED 2")
    part_b = decode_message(encoding.class_b_static_report(mmsi=574000001, callsign="SIM2", ship_type=37))
    assert (part_b.fields()["part"], part_b.fields()["callsign"]) == ("B", "SIM2")
    assert part_b.fields()["ship_type"] == "pleasure craft"


@pytest.mark.parametrize(
    ("timeout", "field", "value"),
    [
        (7, "received_stations", 9),
        (6, "slot_number", 1234),
        (5, "received_stations", 9),
        (4, "slot_number", 1234),
        (3, "received_stations", 9),
        (2, "slot_number", 1234),
        (1, "utc_hour_minute", "23:59"),
        (0, "slot_offset", 0),
    ],
)
def test_communication_state_by_slot_timeout(timeout: int, field: str, value: object) -> None:
    state = encoding.sotdma_state(slot_timeout=timeout, slot=1234, utc_hour=23, utc_minute=59, stations=9)
    bits = encoding.position_report(
        mmsi=1,
        latitude_deg=0,
        longitude_deg=0,
        speed_over_ground_kn=0,
        course_over_ground_deg=0,
        true_heading_deg=0,
        utc_second=0,
        communication_state=state,
    )
    fields = decode_message(bits).fields()
    assert (fields["slot_timeout"], fields[field], fields["sync_state"]) == (timeout, value, "UTC direct")
    others = {"received_stations", "slot_number", "utc_hour_minute", "slot_offset"} - {field}
    assert all(fields[name] is None for name in others)
