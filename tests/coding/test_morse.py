import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.morse import CHARACTERS, MARKS, dots_per_second, morse_text, morse_units


def test_paris_is_fifty_dots_long() -> None:
    assert len(morse_units("PARIS")) + 7 == 50
    assert dots_per_second(12.0) == pytest.approx(10.0)


def test_sos_by_hand() -> None:
    units = "".join(map(str, morse_units("SOS e").tolist()))
    assert units == "10101" + "000" + "11101110111" + "000" + "10101" + "0000000" + "1"


def test_no_two_characters_share_their_marks() -> None:
    assert len(CHARACTERS) == len(MARKS)


@given(
    words=st.lists(st.text(st.sampled_from(sorted(MARKS)), min_size=1, max_size=6), min_size=1, max_size=5)
)
def test_round_trip(words: list[str]) -> None:
    assert morse_text(morse_units(" ".join(words))) == " ".join(words)


def test_what_has_no_code_is_left_out() -> None:
    assert morse_text(morse_units("a~b ~ c")) == "AB C"
    assert len(morse_units("~")) == 0
