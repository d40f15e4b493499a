"""The repeat-accumulate code of SMOG-P and its relatives."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.crc import ARC, CCITT_FALSE
from gsctl.coding.repeat_accumulate import coded_bytes, encode, permutations
from gsctl.deframe.smog import decode_block
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(9)


def test_the_known_vector() -> None:
    coded = encode(bytes(range(128)))
    assert len(coded) == 260
    assert coded[:12] == bytes.fromhex("3A3BE1607CBDAE4FE5140AF3")
    assert coded[128:136] == bytes.fromhex("ED2C53AA2ED0110F")
    assert coded[-4:] == bytes.fromhex("C3C1E7E7")


def test_sizes_and_permutations() -> None:
    assert [coded_bytes(size) for size in (126, 128, 256)] == [252, 260, 514]
    for words in (63, 64, 128):
        table = permutations(words)
        assert [sorted(order) for order in table.tolist()] == [list(range(words))] * 4
        assert table[:, -1].tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="300 words"):
        permutations(300)


@pytest.mark.parametrize("size", [126, 128, 256])
def test_nineteen_of_twenty_blocks_survive_one_wrong_symbol_in_ten(size: int) -> None:
    good = 0
    for _ in range(20):
        data = RNG.bytes(size)
        sent = 2.0 * bytes_to_bits(encode(data)) - 1
        heard = (sent + 0.78 * RNG.standard_normal(len(sent))).astype(np.float32) * np.float32(3.3)
        decoded, wrong = decode_block(heard, size)
        good += decoded == data
        assert decoded != data or 0.06 < wrong / len(sent) < 0.14
    assert good >= 19


@pytest.mark.parametrize("cut", [None, 501])
@pytest.mark.parametrize("size", [128, 256])
def test_both_sizes_are_tried(size: int, cut: int | None, deframe: Deframe) -> None:
    payload = RNG.bytes(size)
    bits = bytes_to_bits(b"\xaa" * 9 + b"\x2d\xd4" + encode(payload) + bytes(400))
    found = deframe("smog-ra", bits, cut=cut)
    assert [frame.payload for frame in found] == [payload]
    assert found[0].integrity is Integrity.FEC
    assert found[0].end_sample_index == 5 * (88 + 8 * coded_bytes(size) - 1)


def test_checks_of_the_later_satellites(deframe: Deframe) -> None:
    body = RNG.bytes(126)
    smog_1 = bytes.fromhex("2DD463C53599") + encode(body + ARC.to_bytes(body, little_endian=True))
    (frame,) = deframe("smog-1-ra", bytes_to_bits(b"\xaa" * 9 + smog_1 + bytes(300)))
    assert (frame.payload, frame.integrity) == (body, Integrity.CRC)
    body = RNG.bytes(124)
    checked = body[:1] + CCITT_FALSE.to_bytes(body, little_endian=True) + body[1:]
    (frame,) = deframe("mrc-100-ra", bytes_to_bits(bytes.fromhex("E31C9DAE") + encode(checked)))
    assert (frame.payload, frame.integrity) == (body, Integrity.CRC)


def test_a_line_without_a_signal_is_no_block_of_zeros(deframe: Deframe) -> None:
    assert deframe("smog-ra", bytes_to_bits(b"\x2d\xd4" + bytes(600)), noise=0.4) == []


def test_noise_is_refused(deframe: Deframe) -> None:
    bits = np.concatenate([bytes_to_bits(b"\x2d\xd4" + RNG.bytes(520)) for _ in range(20)])
    assert deframe("smog-ra", bits, noise=0.6) == []


def test_signalling_is_unchecked(deframe: Deframe) -> None:
    payload = RNG.bytes(64)
    bits = bytes_to_bits(bytes.fromhex("2DD497FDD37B0F1F") + payload)
    assert deframe("smog-signalling", bits) == []
    (frame,) = deframe("smog-signalling", bits, unchecked=True)
    assert (frame.payload, frame.integrity) == (payload, Integrity.UNCHECKED)
