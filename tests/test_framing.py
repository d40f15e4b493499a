import pytest

from gsctl.errors import UsageError
from gsctl.framing import FRAMINGS, Ax25, framing_name, parse_framing


@pytest.mark.parametrize("name", FRAMINGS)
def test_names_round_trip(name: str) -> None:
    assert framing_name(parse_framing(name)) == name


def test_parameters_are_typed_and_shown() -> None:
    framing = parse_framing("AX25:nrzi_passes=0")
    assert framing == Ax25(nrzi_passes=0)
    assert framing_name(framing) == "ax25:nrzi_passes=0"


@pytest.mark.parametrize(
    ("text", "advice"),
    [("ax52", "ax25"), ("ax25:nrzi=1", "nrzi_passes"), ("ax25:nrzi_passes=x", "for example")],
)
def test_a_wrong_word_names_the_nearest(text: str, advice: str) -> None:
    with pytest.raises(UsageError, match=advice):
        parse_framing(text)


def test_sync_words_are_shown_as_people_write_them() -> None:
    text = "ax100-asm-golay:sync_word=0x1acffc1d"
    assert framing_name(parse_framing(text)) == text
