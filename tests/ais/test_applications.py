"""Binary broadcasts taken apart: every weather and inland report of gpsd's sample, value by value."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais.applications import application_fields
from gsctl.ais.bits import MAX_BITS, AisBits
from gsctl.ais.lines import FileLines
from gsctl.ais.messages import AisMessage
from gsctl.ais.reader import NmeaReader

NAMES = {
    "lat": "observation_latitude_deg",
    "lon": "observation_longitude_deg",
    "wspeed": "wind_speed_kn",
    "wgust": "wind_gust_kn",
    "wdir": "wind_direction_deg",
    "wgustdir": "wind_gust_direction_deg",
    "airtemp": "air_temperature_degc",
    "humidity": "relative_humidity_percent",
    "dewpoint": "dew_point_degc",
    "pressure": "air_pressure_hpa",
    "visibility": "visibility_nmi",
    "waterlevel": "water_level_m",
    "cspeed": "surface_current_speed_kn",
    "cdir": "surface_current_direction_deg",
    "cspeed2": "current_2_speed_kn",
    "cdir2": "current_2_direction_deg",
    "cdepth2": "current_2_depth_m",
    "cspeed3": "current_3_speed_kn",
    "cdir3": "current_3_direction_deg",
    "cdepth3": "current_3_depth_m",
    "waveheight": "wave_height_m",
    "waveperiod": "wave_period_s",
    "wavedir": "wave_direction_deg",
    "swellheight": "swell_height_m",
    "swellperiod": "swell_period_s",
    "swelldir": "swell_direction_deg",
    "seastate": "sea_state_beaufort",
    "watertemp": "water_temperature_degc",
    "salinity": "salinity_permille",
}
# What gpsd prints for "not available", both editions.
NOT_AVAILABLE = {
    127,
    511,
    360,
    101,
    25.5,
    31,
    63,
    15,
    13,
    144.7,
    -102.4,
    82.3,
    50.1,
    1310,
    1311,
    12.7,
    41.1,
    30.0,
    92.3,
}
NOT_AVAILABLE |= {51.0, 51.1}
# gpsd's words for 1 and 2 are the wrong way round: IMO SN.1/Circ.236 has 1 decreasing, 2 increasing.
TENDENCY = {"steady": "steady", "increasing": "decreasing", "decreasing": "increasing", "N/A": None}


@pytest.fixture(scope="module")
def pairs(request: pytest.FixtureRequest) -> list[tuple[AisMessage, dict[str, Any]]]:
    data_dir: Path = request.getfixturevalue("data_dir")
    reader = NmeaReader()
    source = FileLines(data_dir / "ais/gpsd/sample.aivdm")
    read = [reader.feed(line.text) for batch in source.batches() for line in batch]
    source.close()
    messages = [message for message in read if message is not None and message.message_type == 8]
    text = (data_dir / "ais/gpsd/sample.aivdm.js.chk").read_text()
    reports = [report for report in map(json.loads, text.splitlines()) if report["type"] == 8]
    assert len(messages) == len(reports)
    return list(zip(messages, reports, strict=True))


def test_weather_as_gpsd_reads_it(pairs: list[tuple[AisMessage, dict[str, Any]]]) -> None:
    known = 0
    weather = [pair for pair in pairs if pair[1]["dac"] == 1 and pair[1]["fid"] in (11, 31)]
    assert len(weather) == 11
    for message, report in weather:
        fields = message.fields()
        for theirs, ours in NAMES.items():
            if fields[ours] is None:
                assert report[theirs] in NOT_AVAILABLE, (message.nmea, ours, report[theirs])
            else:
                known += 1
                # gpsd prints water levels to 0.1 m where the message has 0.01 m.
                assert fields[ours] == pytest.approx(
                    report[theirs], abs=0.051 if ours == "water_level_m" else 1e-6
                )
        assert fields["air_pressure_tendency"] == TENDENCY[report["pressuretend"]]
        assert fields["water_level_trend"] == TENDENCY[report["leveltrend"]]
        day, clock = report["timestamp"].rstrip("Z").split("T")
        seen = (fields["observation_day"], fields["observation_hour"], fields["observation_minute"])
        assert seen == (int(day), int(clock[:2]), int(clock[3:]))
    assert known == 129


def test_an_inland_ship(pairs: list[tuple[AisMessage, dict[str, Any]]]) -> None:
    (inland,) = [pair for pair in pairs if pair[1].get("vin")]
    fields, report = inland[0].fields(), inland[1]
    assert fields["european_ship_number"] == report["vin"] == "02103547"
    assert (fields["length_m"], fields["beam_m"], fields["draught_m"]) == (39.0, 5.0, 2.04)
    assert fields["eri_ship_type_code"] == report["shiptype"]
    # gpsd says "Unloaded" for 1; ECE/TRANS/SC.3/176 has 1 loaded, 2 unloaded.
    assert fields["loading"] == "loaded"
    assert fields["blue_cones"] == "0"


def test_another_layout_under_the_same_number_stays_hexadecimal(
    pairs: list[tuple[AisMessage, dict[str, Any]]],
) -> None:
    (odd,) = [pair for pair in pairs if pair[1]["dac"] == 200 and "data" in pair[1]]
    fields = odd[0].fields()
    assert "length_m" not in fields
    assert fields["data_bits"] == 368


@given(st.integers(56, MAX_BITS).flatmap(lambda n: st.tuples(st.integers(0, (1 << n) - 1), st.just(n))))
def test_any_bits_give_possible_weather_or_nothing(drawn: tuple[int, int]) -> None:
    value, count = drawn
    for dac, fid in ((1, 11), (1, 31), (200, 10)):
        head = (8 << 50) | (dac << 6) | fid
        bits = AisBits((value & ((1 << (count - 56)) - 1)) | head << (count - 56), count)
        fields = application_fields(8, bits)
        humidity, latitude = fields.get("relative_humidity_percent"), fields.get("observation_latitude_deg")
        assert humidity is None or (isinstance(humidity, int) and 0 <= humidity <= 100)
        assert latitude is None or (isinstance(latitude, float) and abs(latitude) <= 90)
