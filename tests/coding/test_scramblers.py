import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.coding.crc import CC11XX
from gsctl.coding.line_codes import nrzi_decode, nrzi_encode
from gsctl.coding.scramblers import (
    ADDITIVE_SCRAMBLERS,
    CCSDS,
    G3RUH_LAGS,
    IL2P_LAGS,
    PN9_TI,
    g3ruh_descramble,
    g3ruh_scramble,
    multiplicative_descramble,
    multiplicative_scramble,
)

FIRST_BYTES = {
    "ccsds": "FF480EC09A0D70BC8E2C93ADA7B746CE5A977DCC",
    "pn9-ti": "FFE11D9AED853324EA7AD2397097570A547D2DD8",
    "pn9-serial": "FF87B859B7A1CC24575E4B9C0EE9EA502ABEB41B",
    "pn9-si4463": "87B859B7A1CC24575E4B9C0EE9EA502A",
    "pn9-sx126x-reset": "0088C8EAD8E2546CF9E2DCA4",
    "pn9-mobitex": "FF83DF1732094ED1E7CD8A91C6D5C4",
}


def slow_scramble(bits: Bits, lags: tuple[int, ...], history: list[int]) -> list[int]:
    sent = list(history)
    for bit in bits.tolist():
        sent.append(bit ^ (sum(sent[-lag] for lag in lags) & 1))
    return sent[len(history) :]


@pytest.mark.parametrize("name", ADDITIVE_SCRAMBLERS)
def test_first_bytes(name: str) -> None:
    expected = bytes.fromhex(FIRST_BYTES[name])
    assert ADDITIVE_SCRAMBLERS[name].sequence_bytes(len(expected)) == expected


def test_periods() -> None:
    long = CCSDS.sequence(3 * 255)
    assert (long[:255] == long[255:510]).all()
    assert int(CCSDS.sequence(255).sum()) == 128
    assert int(PN9_TI.sequence(511).sum()) == 256


def test_ti_vector_of_swru295() -> None:
    data = bytes.fromhex("AB80FF00")
    whitened = PN9_TI.apply(data + CC11XX.to_bytes(data))
    # The vector's data begin after the sync word and end in the whitened CRC.
    assert CC11XX.to_bytes(data) == bytes.fromhex("1418")
    assert whitened == bytes.fromhex("5461E29AF99D")


@given(data=st.binary(max_size=300))
def test_additive_undoes_itself(data: bytes) -> None:
    assert CCSDS.apply(CCSDS.apply(data)) == data


def test_g3ruh_flags_from_framings_0_3() -> None:
    flags = nrzi_encode(bytes_to_bits(b"\x7e" * 6, lsb_first=True))
    assert bits_to_bytes(g3ruh_scramble(flags)) == bytes.fromhex("FEF16E90A0BC")


@pytest.mark.parametrize("lags", [G3RUH_LAGS, IL2P_LAGS])
@given(data=st.binary(max_size=60), seed=st.integers(0, 2**17 - 1))
def test_multiplicative_against_one_bit_at_a_time(lags: tuple[int, ...], data: bytes, seed: int) -> None:
    bits = bytes_to_bits(data)
    history = [seed >> place & 1 for place in range(max(lags))]
    scrambled = multiplicative_scramble(bits, lags, np.array(history, np.uint8))
    assert scrambled.tolist() == slow_scramble(bits, lags, history)
    back = multiplicative_descramble(scrambled, lags, np.array(history, np.uint8))
    assert back.tolist() == bits.tolist()


@given(data=st.binary(min_size=4, max_size=60))
def test_g3ruh_descrambler_synchronises_itself_and_commutes_with_nrzi(data: bytes) -> None:
    bits = bytes_to_bits(data)
    line = g3ruh_scramble(nrzi_encode(bits), np.ones(17, np.uint8))
    one_way = nrzi_decode(g3ruh_descramble(line))
    other_way = g3ruh_descramble(nrzi_decode(line))
    assert one_way[18:].tolist() == bits[18:].tolist()
    assert other_way[18:].tolist() == bits[18:].tolist()


def test_a_history_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="17 bits"):
        g3ruh_scramble(np.zeros(4, np.uint8), np.zeros(12, np.uint8))
