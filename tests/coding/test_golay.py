from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.golay import golay_decode, golay_encode


@pytest.mark.parametrize(
    ("information", "word"),
    [
        (0x001, 0xFFE001),
        (0x002, 0x477002),
        (0x0FF, 0x2150FF),
        (0x100, 0x769100),
        (0x200, 0x3B5200),
        (0x400, 0x1DB400),
        (0x640, 0xFCD640),
        (0x800, 0x8ED800),
        (0xFFF, 0xFFFFFF),
    ],
)
def test_published_words(information: int, word: int) -> None:
    assert golay_encode(information) == word
    assert golay_decode(word) == (information, 0)


def test_weights_are_those_of_the_extended_golay_code() -> None:
    weights = {golay_encode(information).bit_count() for information in range(4096)}
    assert weights == {0, 8, 12, 16, 24}


@given(information=st.integers(0, 4095), places=st.sets(st.integers(0, 23), max_size=3))
def test_three_errors_are_corrected(information: int, places: set[int]) -> None:
    word = golay_encode(information) ^ sum(1 << place for place in places)
    assert golay_decode(word) == (information, len(places))


def test_four_errors_are_seen() -> None:
    word = golay_encode(0xA5C)
    for places in combinations(range(0, 24, 3), 4):
        assert golay_decode(word ^ sum(1 << place for place in places)) is None
