"""AO-40's codes, sent here by the rules: interleaver, sync word in the first row, two or one codewords."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.crc import ARC, CCITT_FALSE
from gsctl.coding.line_codes import nrzm_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, encode_interleaved
from gsctl.coding.scramblers import CCSDS
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(40)


def block(payload: bytes, rows: int, columns: int, first: int, sync: str) -> np.ndarray:
    """Fill the matrix by rows, send it by columns."""
    depth = len(payload) // 128
    data = CCSDS.apply(encode_interleaved(CCSDS_CONVENTIONAL, payload, depth))
    coded = CCSDS_K7.encode(bytes_to_bits(data), tail=True)
    matrix = np.zeros(rows * columns, np.uint8)
    matrix[:columns] = [int(bit) for bit in sync[:columns]]
    matrix[first : first + len(coded)] = coded
    line: np.ndarray = matrix.reshape(rows, columns).T.reshape(-1)
    return line


# FE1DE592044C5D6C and a zero.
SYNC = f"{0xFE1DE592044C5D6C:064b}0"


def long_block(payload: bytes) -> np.ndarray:
    return block(payload, 80, 65, 65, SYNC)


def short_block(payload: bytes) -> np.ndarray:
    return block(payload, 51, 52, 80, SYNC)


@pytest.mark.parametrize("cut", [None, 997])
@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize(
    ("name", "make", "size"), [("ao40-fec", long_block, 256), ("ao40-fec-short", short_block, 128)]
)
def test_blocks_come_out(
    name: str,
    make: Callable[[bytes], np.ndarray],
    size: int,
    upside_down: bool,
    cut: int | None,
    deframe: Deframe,
) -> None:
    payloads = [RNG.bytes(size) for _ in range(2)]
    noise = RNG.integers(0, 2, 700, np.uint8)
    bits = np.concatenate([noise, *(make(payload) for payload in payloads), noise]) ^ upside_down
    found = deframe(name, bits, cut=cut)
    assert [frame.payload for frame in found] == payloads
    assert {frame.integrity for frame in found} == {Integrity.FEC}
    assert found[0].sample_index == 5 * 700
    assert found[1].end_sample_index == 5 * (len(bits) - 701)


def test_funcube_is_differential_and_survives_noise(deframe: Deframe) -> None:
    payload = RNG.bytes(256)
    line = nrzm_encode(np.concatenate([np.zeros(99, np.uint8), long_block(payload), np.zeros(99, np.uint8)]))
    found = deframe("funcube", line, noise=0.5)
    assert [frame.payload for frame in found] == [payload]
    assert found[0].corrected_errors > 100


def test_smog_1_adds_a_crc(deframe: Deframe) -> None:
    payload = RNG.bytes(126)
    bits = short_block(payload + ARC.to_bytes(payload, little_endian=True))
    (frame,) = deframe("ao40-fec-short:crc=true", np.concatenate([bits, bits[:99]]))
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    assert deframe("ao40-fec-short:crc=true", short_block(RNG.bytes(128))) == []


def test_uncoded_blocks(deframe: Deframe) -> None:
    payload = RNG.bytes(512)
    data = bytes.fromhex("3915ED30") + payload + CCITT_FALSE.to_bytes(payload)
    bits = nrzm_encode(bytes_to_bits(b"\x50" * 4 + data + b"\x50" * 4))
    (frame,) = deframe("ao40-uncoded", bits)
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    bits[600] ^= 1
    assert deframe("ao40-uncoded", bits) == []
