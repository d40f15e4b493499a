import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.coding.line_codes import (
    inverted,
    manchester_encode,
    nrzi_decode,
    nrzi_encode,
    nrzm_decode,
    nrzm_encode,
)

bit_lists = st.lists(st.integers(0, 1), max_size=80)


def bits(values: list[int] | str) -> Bits:
    return np.array([int(value) for value in values], np.uint8)


def test_nrzi_zero_toggles_one_keeps() -> None:
    assert nrzi_encode(bits("01111110")).tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert nrzi_encode(bits("0010"), level=1).tolist() == [0, 1, 1, 0]


def test_nrzm_one_toggles() -> None:
    assert nrzm_encode(bits("0110")).tolist() == [0, 1, 0, 0]


@given(values=bit_lists, level=st.integers(0, 1))
def test_round_trips(values: list[int], level: int) -> None:
    data = bits(values)
    assert nrzi_decode(nrzi_encode(data, level=level), level=level).tolist() == values
    assert nrzm_decode(nrzm_encode(data, level=level), level=level).tolist() == values


@given(values=bit_lists.filter(bool))
def test_nrzi_does_not_mind_polarity(values: list[int]) -> None:
    levels = nrzi_encode(bits(values))
    assert nrzi_decode(inverted(levels), level=1).tolist() == values


def test_manchester_has_one_transition_in_each_bit() -> None:
    assert manchester_encode(bits("10")).tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("lsb_first", [False, True])
@given(data=st.binary(max_size=20))
def test_bytes_to_bits_and_back(lsb_first: bool, data: bytes) -> None:
    assert bits_to_bytes(bytes_to_bits(data, lsb_first=lsb_first), lsb_first=lsb_first) == data


def test_bit_order() -> None:
    assert bytes_to_bits(b"\x0d").tolist() == [0, 0, 0, 0, 1, 1, 0, 1]
    assert bytes_to_bits(b"\x0d", lsb_first=True).tolist() == [1, 0, 1, 1, 0, 0, 0, 0]
    assert bits_to_bytes(bits("111")) == b""
