"""TLE columns, Alpha-5 and checksums; round trips over made-up sets."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.errors import ElementsError
from gsctl.model import ElementSet
from gsctl.orbit.tle import checksum, format_alpha5, format_tle, parse_alpha5, parse_tle

# NanoDragon, Space-Track through SatNOGS DB, 2026-06-17.
NAME = "NANODRAGON"
LINE1 = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
LINE2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"


def test_reads_every_column() -> None:
    got = parse_tle(NAME, LINE1, LINE2, source="here")
    assert got.norad_id == 49398
    assert got.cospar_id == "2021-102D"
    assert abs(got.epoch - datetime(2026, 6, 17, 1, 17, 26, 496960, UTC)) < timedelta(microseconds=2)
    assert got.mean_motion_dot == pytest.approx(9.402e-5)
    assert got.mean_motion_ddot == 0.0
    assert got.bstar == pytest.approx(3.1989e-4)
    assert (got.inclination_deg, got.raan_deg) == (97.3189, 210.2672)
    assert got.eccentricity == pytest.approx(0.0008635)
    assert (got.argument_of_perigee_deg, got.mean_anomaly_deg) == (193.2732, 166.8284)
    assert got.mean_motion_rev_day == 15.30608614
    assert (got.element_set_number, got.revolution_number) == (999, 25400)
    assert got.source == "here"


@pytest.mark.parametrize(("year", "century"), [("57", 1957), ("99", 1999), ("00", 2000), ("56", 2056)])
def test_century_of_the_epoch(year: str, century: int) -> None:
    line = f"{LINE1[:18]}{year}{LINE1[20:68]}"
    assert parse_tle("", line + str(checksum(line)), LINE2).epoch.year == century


@pytest.mark.parametrize(
    ("text", "number"),
    [("00005", 5), ("    5", 5), ("A0000", 100_000), ("H9999", 179_999), ("J0000", 180_000),
                     ("N0000", 220_000), ("P0000", 230_000), ("Z9999", 339_999)],
)  # fmt: skip
def test_alpha5_of_the_published_table(text: str, number: int) -> None:
    assert parse_alpha5(text) == number


@pytest.mark.parametrize("text", ["I0000", "O0000", "a0000", "AA000", "12-45", "", "A000", "٣٤٥٦٧"])
def test_what_is_no_alpha5(text: str) -> None:
    with pytest.raises(ElementsError, match="Alpha-5"):
        parse_alpha5(text)


@given(st.integers(0, 339_999))
def test_alpha5_round_trip(number: int) -> None:
    assert parse_alpha5(format_alpha5(number)) == number
    assert len(format_alpha5(number)) == 5


@pytest.mark.parametrize(
    ("line1", "line2", "words"),
    [
        (LINE1[:-1] + "z", LINE2, f"checksum of line 1 of the set is 'z', should be {LINE1[-1]}"),
        (LINE1, LINE2[:-1] + "z", "checksum of line 2"),
        (LINE1[:60], LINE2, "60 columns"),
        (LINE1, LINE2.replace("49398", "49399")[:68] + "2", "line 2 of 49399"),
    ],
)
def test_a_wrong_line_is_named(line1: str, line2: str, words: str) -> None:
    with pytest.raises(ElementsError, match=words):
        parse_tle(NAME, line1, line2)


@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [(8, 16, "     nan"), (8, 16, "  1_0.00"), (8, 16, "181.0000"), (52, 63, "-1.00000000"),
                         (26, 33, "00 x635"), (34, 42, "  1e3   ")],
)  # fmt: skip
def test_a_field_that_is_no_number_is_refused(begin: int, end: int, text: str) -> None:
    line = LINE2[:begin] + text + LINE2[end:68]
    with pytest.raises(ElementsError):
        parse_tle(NAME, LINE1, line + str(checksum(line)))


def test_a_number_that_does_not_fit_is_refused_with_advice() -> None:
    elements = parse_tle(NAME, LINE1, LINE2)
    big = _with(elements, norad_id=123_456)
    with pytest.raises(ElementsError, match="OMM instead, or allow Alpha-5"):
        format_tle(big)
    assert parse_tle("", *format_tle(big, alpha5=True).splitlines()[1:]).norad_id == 123_456
    with pytest.raises(ElementsError, match="write OMM instead"):
        format_tle(_with(elements, norad_id=340_000), alpha5=True)


def test_writes_what_it_read() -> None:
    assert format_tle(parse_tle(NAME, LINE1, LINE2)) == f"{NAME}\n{LINE1}\n{LINE2}\n"


def _with(elements: ElementSet, **changes: object) -> ElementSet:
    from dataclasses import replace

    return replace(elements, **changes)  # type: ignore[arg-type]


@given(
    bstar=st.floats(-9e-1, 9e-1, allow_subnormal=False),
    dot=st.floats(-0.99, 0.99),
    eccentricity=st.floats(0.0, 0.99),
    angle=st.floats(0.0, 359.9999),
    motion=st.floats(0.01, 17.0),
    day=st.integers(0, 36_500 * 86_400),
)
def test_round_trip_within_the_last_digit(
    bstar: float, dot: float, eccentricity: float, angle: float, motion: float, day: int
) -> None:
    elements = _with(
        parse_tle(NAME, LINE1, LINE2),
        bstar=bstar,
        mean_motion_dot=dot,
        eccentricity=eccentricity,
        raan_deg=angle,
        mean_motion_rev_day=motion,
        epoch=datetime(1957, 1, 1, tzinfo=UTC) + timedelta(seconds=day),
    )
    back = parse_tle(*format_tle(elements).splitlines())
    assert back.bstar == pytest.approx(bstar, rel=6e-5, abs=1e-10)
    assert back.mean_motion_dot == pytest.approx(dot, abs=6e-9)
    assert back.eccentricity == pytest.approx(eccentricity, abs=6e-8)
    assert back.raan_deg % 360.0 == pytest.approx(angle, abs=6e-5)
    assert back.mean_motion_rev_day == pytest.approx(motion, abs=6e-9)
    assert abs(back.epoch - elements.epoch) <= timedelta(milliseconds=0.45)
