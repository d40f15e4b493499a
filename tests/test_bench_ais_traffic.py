"""The arithmetic of the picture of AIS traffic, and one stretch of it through both commands."""

from pathlib import Path

import pytest

from bench.ais_traffic import Sent, matched, point, ship_probability, stretch

NMEA = ["!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"]
PARTS = ["!AIVDM,2,1,1,A,55?MbV02,0*1C", "!AIVDM,2,2,1,A,88888888880,2*25"]


def told(nmea: list[str], channel: str = "A", overlaps: int = 0) -> dict[str, object]:
    return {"channel": channel, "nmea": nmea, "message_type": 1, "ebn0_db": 20.0, "overlaps": overlaps}


def test_a_message_that_was_received_once_counts_for_one_burst() -> None:
    numbered = [sentence.replace(",1,A", ",7,A") for sentence in PARTS]
    truth = [told(NMEA), told(NMEA, overlaps=2), told(NMEA, channel="B"), told(PARTS)]
    sent = matched(truth, {"fast": [told(NMEA)], "normal": [told(NMEA), told(NMEA), told(numbered)]})
    assert [one.heard["fast"] for one in sent] == [True, False, False, False]
    assert [one.heard["normal"] for one in sent] == [True, True, False, True]
    assert [one.alone for one in sent] == [True, False, True, True]


def test_ships_that_are_never_heard_stay_unheard_however_long_they_are_in_view() -> None:
    weak, strong = [(10.0, False)] * 50, [(30.0, True)] * 50
    assert ship_probability(weak + strong, 60.0) == pytest.approx(0.5)
    assert ship_probability([(20.0, n % 10 == 0) for n in range(400)], 60.0) == pytest.approx(1 - 0.9**60)
    assert ship_probability([], 60.0) == 0.0


def test_a_stretch_of_traffic(tmp_path: Path) -> None:
    sent = stretch(60, 3.0, tmp_path)
    assert len(sent) > 10
    for one in sent:
        assert isinstance(one, Sent)
        assert one.heard["normal"] or not one.alone, "nothing but another burst stops one so strong"
    assert point(60, sent).messages["normal"] > 0.8
