from math import erfc, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.coding.convolutional import (
    AX5043_K5,
    CCSDS_K7,
    CCSDS_K7_UNINVERTED,
    CONVOLUTIONAL_CODES,
    ConvolutionalCode,
    viterbi_block,
)
from gsctl.coding.hdlc import FLAG_BITS
from gsctl.coding.line_codes import inverted, nrzm_decode, nrzm_encode

RANDOM = np.random.default_rng(11)


def soft(symbols: Bits, sigma: float = 0.0) -> NDArray[np.float32]:
    values = np.where(symbols == 1, 1.0, -1.0) + sigma * RANDOM.standard_normal(len(symbols))
    return np.asarray(values, np.float32)


def test_published_sync_marker_and_impulse() -> None:
    # The coded 1ACFFC1D that GOES and Meteor receivers correlate with (their code is uninverted).
    marker = CCSDS_K7_UNINVERTED.encode(bytes_to_bits(bytes.fromhex("1ACFFC1D")))
    assert bits_to_bytes(marker) == bytes.fromhex("035D49C24FF2686B")
    impulse = CCSDS_K7.encode(np.array([1, 0, 0, 0, 0, 0, 0], np.uint8))
    assert "".join(map(str, impulse[0::2])) == "1111001"  # G1 of CCSDS 131.0-B, 171 octal
    assert "".join(map(str, inverted(impulse[1::2]))) == "1011011"  # G2, 133 octal


def test_flags_through_the_ax5043_are_its_sync_word() -> None:
    # onsemi AND9309: coded flags, each 16 symbols written by rows of 4 and sent by columns.
    # Its blocks begin with the last bit of a flag.
    symbols = AX5043_K5.encode(np.tile(FLAG_BITS, 8))[2 * 23 :]
    blocks = symbols[:64].reshape(-1, 4, 4).transpose(0, 2, 1)
    assert bits_to_bytes(blocks.ravel()) == bytes.fromhex("8AE68AE68AE68AE6")


@pytest.mark.parametrize("name", CONVOLUTIONAL_CODES)
def test_terminated_blocks_survive_scattered_errors(name: str) -> None:
    code = CONVOLUTIONAL_CODES[name]
    data = RANDOM.integers(0, 2, 300, dtype=np.uint8)
    symbols = code.encode(data, tail=True)
    received = soft(symbols)
    received[5::41] *= -1
    decoded = viterbi_block(received, code)
    assert decoded[:300].tolist() == data.tolist()
    assert not decoded[300:].any()


def brute_force(received: NDArray[np.float32], code: ConvolutionalCode, count: int) -> list[int]:
    best, likeliest = -np.inf, 0
    for number in range(1 << count):
        data = np.array([number >> place & 1 for place in range(count)], np.uint8)
        score = float(np.sum(np.where(code.encode(data, tail=True) == 1, 1, -1) * received))
        if score > best:
            best, likeliest = score, number
    return [likeliest >> place & 1 for place in range(count)]


@pytest.mark.parametrize("name", CONVOLUTIONAL_CODES)
def test_it_is_maximum_likelihood(name: str) -> None:
    code = CONVOLUTIONAL_CODES[name]
    for _ in range(3):
        data = RANDOM.integers(0, 2, 8, dtype=np.uint8)
        received = soft(code.encode(data, tail=True), 2.0)
        assert viterbi_block(received, code)[:8].tolist() == brute_force(received, code, 8)


def test_error_rate_against_the_union_bound() -> None:
    # Bit weights of the code's paths at distance 10, 12, ... (Odenwalder 1970).
    weights = {10: 36, 12: 211, 14: 1404, 16: 11633, 18: 77433, 20: 502690}
    ebn0 = 10**0.35
    bound = sum(c * 0.5 * erfc(sqrt(d * 0.5 * ebn0)) for d, c in weights.items())
    data = RANDOM.integers(0, 2, 400_000, dtype=np.uint8)
    received = soft(CCSDS_K7.encode(data, tail=True), sqrt(1 / ebn0))
    errors = int(np.sum(viterbi_block(received, CCSDS_K7)[: len(data)] != data))
    # About 40 errors in 10 events: a factor of two either way is three sigma.
    assert 0.4 * bound < errors / len(data) < 1.6 * bound


def test_an_inverted_line_is_undone_by_nrzm_after_the_decoder() -> None:
    data = RANDOM.integers(0, 2, 400, dtype=np.uint8)
    symbols = inverted(CCSDS_K7.encode(nrzm_encode(data)))
    decoded = viterbi_block(soft(symbols), CCSDS_K7, start_state=None, end_state=None)
    assert nrzm_decode(decoded)[20:380].tolist() == data[20:380].tolist()
