import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.cli.quantities import (
    locator_center,
    parse_duration_s,
    parse_frequency_hz,
    parse_offset_hz,
    parse_position,
    parse_time,
)
from gsctl.errors import UsageError

NOW = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hertz"),
    [
        ("437.365M", 437_365_000.0),
        ("437365k", 437_365_000.0),
        ("437365000", 437_365_000.0),
        ("437.365 MHz", 437_365_000.0),
        ("437.365m", 437_365_000.0),
        ("2.4e6", 2_400_000.0),
        ("1.2G", 1_200_000_000.0),
        ("48_000", 48_000.0),
        (".5k", 500.0),
    ],
)
def test_frequencies(text: str, hertz: float) -> None:
    assert parse_frequency_hz(text) == hertz


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "-1M", "437,365M", "nan", "inf", "1e999", "4 3", "5T", "0x10"]
)
def test_what_is_no_frequency_gets_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"437\.365M"):
        parse_frequency_hz(text)


def test_offsets_may_be_negative() -> None:
    assert parse_offset_hz("-12.5k") == -12_500.0
    assert parse_offset_hz("0") == 0.0


@pytest.mark.parametrize(
    ("text", "latitude_deg", "longitude_deg", "height_m"),
    [
        ("21.0,105.5", 21.0, 105.5, 0.0),
        ("-33.9,18.4,42", -33.9, 18.4, 42.0),
        (" 33.9S , 18.4 W , 42m ", -33.9, -18.4, 42.0),
        ("90,180", 90.0, 180.0, 0.0),
        ("-90,-180", -90.0, -180.0, 0.0),
        ("10,350", 10.0, -10.0, 0.0),
        ("31.5,35.5,-430", 31.5, 35.5, -430.0),
    ],
)
def test_positions(text: str, latitude_deg: float, longitude_deg: float, height_m: float) -> None:
    place = parse_position(text)
    assert place.latitude_deg == latitude_deg
    assert place.longitude_deg == pytest.approx(longitude_deg, abs=1e-12)
    assert place.height_m == height_m
    assert place.name == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["", "21", "91,0", "0,361", "nan,0", "inf,0", "21;105", "21.0,105.5,1e9", "a,b"]
)
def test_what_is_no_position_gets_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_position(text)
    assert "21.0,105.5" in str(caught.value) or "metres" in str(caught.value)


@pytest.mark.parametrize(
    ("locator", "latitude_deg", "longitude_deg"),
    [
        # W1AW, Newington, is FN31pr at 41.714 N 72.728 W; its subsquare reaches from there to 41.75, -72.667.
        ("FN31pr", 41.0 + 17.5 / 24.0, -74.0 + 2.0 * 15.5 / 24.0),
        # A square is 1 by 2 degrees, its middle half of each.
        ("JO62", 52.5, 13.0),
        ("AA00", -89.5, -179.0),
        ("RR99", 89.5, 179.0),
        ("OL21sa", 21.0 + 0.5 / 24.0, 104.0 + 2.0 * 18.5 / 24.0),
    ],
)
def test_locators(locator: str, latitude_deg: float, longitude_deg: float) -> None:
    assert locator_center(locator) == pytest.approx((latitude_deg, longitude_deg), abs=1e-9)
    assert locator_center(locator.lower()) == locator_center(locator.upper())


@pytest.mark.parametrize("locator", ["JO6", "JO62q", "SS00", "JO62qy", "J062", "JO62qm12ab34", ""])
def test_what_is_no_locator(locator: str) -> None:
    with pytest.raises(UsageError, match="OL21sa"):
        locator_center(locator)


@given(st.floats(-89.999, 89.999), st.floats(-179.999, 179.999), st.sampled_from([4, 6, 8, 10]))
def test_a_place_lies_in_its_own_square(latitude_deg: float, longitude_deg: float, length: int) -> None:
    """Encode by the definition (successive division), decode, and come back within half a square."""
    divisions = [18, 10, 24, 10, 24]
    x, y, text = (longitude_deg + 180.0) / 360.0, (latitude_deg + 90.0) / 180.0, ""
    cell = 1.0
    for index in range(length // 2):
        cell /= divisions[index]
        zero = "0" if index % 2 else "A"
        x, y = x * divisions[index], y * divisions[index]
        text += chr(ord(zero) + int(x)) + chr(ord(zero) + int(y))
        x, y = x - int(x), y - int(y)
    latitude, longitude = locator_center(text)
    assert abs(latitude - latitude_deg) <= 90.0 * cell + 1e-9
    assert abs(longitude - longitude_deg) <= 180.0 * cell + 1e-9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("+2h", NOW + timedelta(hours=2)),
        ("now-30m", NOW - timedelta(minutes=30)),
        ("2026-06-17T02:30:00Z", datetime(2026, 6, 17, 2, 30, tzinfo=UTC)),
        ("2026-06-17T02:30:00.123456Z", datetime(2026, 6, 17, 2, 30, 0, 123456, tzinfo=UTC)),
        ("2026-06-17 02:30", datetime(2026, 6, 17, 2, 30, tzinfo=UTC)),
        ("2026-06-17T09:30+07:00", datetime(2026, 6, 17, 2, 30, tzinfo=UTC)),
        ("20260617T023000Z", datetime(2026, 6, 17, 2, 30, tzinfo=UTC)),
        ("2026-06-17", datetime(2026, 6, 17, tzinfo=UTC)),
        ("@1781663400", datetime(2026, 6, 17, 2, 30, tzinfo=UTC)),
        ("@-1.5", datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=UTC)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    moment = parse_time(text, now=NOW)
    assert moment == expected
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "+", "+x", "17.6.2026", "@1e99", "+9999999d", "0001-01-01T00:00+05:00"],
)
def test_what_is_no_time_gets_an_example(text: str) -> None:
    with pytest.raises(UsageError):
        parse_time(text, now=NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("1.5h", 5400.0),
        ("10m", 600.0),
        ("10min", 600.0),
        ("1h30m", 5400.0),
        ("1h 30m", 5400.0),
        ("2d", 172_800.0),
        ("00:10:00", 600.0),
        ("10:00", 600.0),
        ("0.5", 0.5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-5", "abc", "5x", "m", "nan", "1e3", "m10", "99999999999999"])
def test_what_is_no_duration_gets_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="1h30m"):
        parse_duration_s(text)


@given(st.text(max_size=40) | st.from_regex(r"[-+0-9.,:a-zA-Z@ ]{0,40}"))
def test_any_text_is_understood_or_refused_as_usage(text: str) -> None:
    for parse in (
        parse_frequency_hz,
        parse_offset_hz,
        parse_position,
        parse_duration_s,
        lambda text: parse_time(text, now=NOW),
    ):
        with contextlib.suppress(UsageError):
            parse(text)
