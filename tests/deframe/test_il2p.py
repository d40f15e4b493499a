"""IL2P: the examples of its specification, and frames sent here by its rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.crc import X25
from gsctl.coding.reed_solomon import il2p_code
from gsctl.coding.scramblers import IL2P_LAGS, multiplicative_scramble
from gsctl.deframe.il2p import block_sizes
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
SYNC = bytes.fromhex("F15E48")
TAIL = bytes(8)
# From XV9NDG to CQ, UI, PID F0, a response.
HEADER = bytes.fromhex("86A2404040" + "4060" + "B0AC729C888E" + "E303F0")
RNG = np.random.default_rng(2)


def scrambled(data: bytes) -> bytes:
    return bits_to_bytes(multiplicative_scramble(bytes_to_bits(data), IL2P_LAGS, np.ones(9, np.uint8)))


def header_bytes(count: int, *, max_fec: bool, transparent: bool = False) -> bytes:
    """A UI frame from XV9NDG-1 to CQ with PID F0."""
    calls = b"CQ    XV9NDG"
    octets = bytearray((character - 32) for character in calls) + bytearray([0x01])
    octets[0] |= 0x40 | (0x80 if max_fec else 0)
    octets[1] |= 0 if transparent else 0x80
    for place in range(1, 5):
        octets[place] |= 0x40
    for place, bit in zip(range(5, 12), "0101000", strict=True):
        octets[place] |= 0x40 * int(bit)
    for place, bit in zip(range(2, 12), f"{count:010b}", strict=True):
        octets[place] |= 0x80 * int(bit)
    return bytes(octets)


def line(
    payload: bytes, *, max_fec: bool = False, transparent: bool = False, crc_of: bytes = b""
) -> np.ndarray:
    sent = SYNC + il2p_code(2).encode(
        scrambled(header_bytes(len(payload), max_fec=max_fec, transparent=transparent))
    )
    rest = payload
    for size, parity in block_sizes(len(payload), max_fec=max_fec):
        sent += il2p_code(parity).encode(scrambled(rest[:size]))
        rest = rest[size:]
    if crc_of:
        for nibble in f"{X25(crc_of):04x}":
            word = 0
            for place, row in enumerate((0x71, 0x62, 0x54, 0x38)):
                word ^= row if int(nibble, 16) >> place & 1 else 0
            sent += bytes([word])
    return bytes_to_bits(b"\x55" * 6 + sent + TAIL)


def test_the_examples_of_the_specification(deframe: Deframe) -> None:
    """KA2DEW-2 > KK4HEJ-7, RR 5 with poll; KK4HEJ-15 > CQ, UI without data, whose bits say response."""
    supervisory = bytes.fromhex("26574D57F196CC8542E724F72E8A97")
    unnumbered = bytes.fromhex("6AEA9CC20111FC141FDA6EF25391BD")
    for example, expected in [
        (supervisory, "968264888AAEE4969668908A946FB1"),
        (unnumbered, "86A24040404060969668908A94FF03F0"),
    ]:
        (frame,) = deframe("il2p", bytes_to_bits(b"\x55" * 4 + SYNC + example + TAIL))
        assert frame.payload == bytes.fromhex(expected)
        assert frame.integrity is Integrity.FEC


@pytest.mark.parametrize("max_fec", [False, True])
@pytest.mark.parametrize("size", [0, 1, 61, 62, 200, 247, 248, 1023])
def test_payloads_of_all_sizes(size: int, max_fec: bool, deframe: Deframe) -> None:
    payload = RNG.bytes(size)
    bits = line(payload, max_fec=max_fec)
    bits[50] ^= 1  # in the sync word
    bits[48 + 24 + 13] ^= 1  # in the header
    if size:
        bits[-8 * len(TAIL) - 9] ^= 1  # in the last block
    (frame,) = deframe("il2p", bits ^ 1, cut=333)
    assert frame.payload == HEADER + payload
    assert frame.corrected_errors == (2 if size else 1)
    assert frame.end_sample_index == 5 * (len(bits) - 8 * len(TAIL) - 1)


def test_blocks_are_nearly_equal_and_the_longer_come_first() -> None:
    assert list(block_sizes(500, max_fec=False)) == [(167, 6), (167, 6), (166, 6)]
    assert list(block_sizes(1023, max_fec=True)) == [(205, 16), (205, 16), (205, 16), (204, 16), (204, 16)]
    assert list(block_sizes(0, max_fec=True)) == []


def test_crc_and_transparent_frames(deframe: Deframe) -> None:
    frame = HEADER + b"hello"
    bits = line(b"hello", crc_of=frame)
    bits[-8 * len(TAIL) - 3] ^= 1  # in the CRC's last word, which corrects one
    (found,) = deframe("il2p-crc", bits)
    assert (found.payload, found.integrity) == (frame, Integrity.CRC)
    assert deframe("il2p-crc", line(b"hello", crc_of=frame + b"!")) == []
    (found,) = deframe("il2p-crc", line(frame, transparent=True, crc_of=frame))
    assert found.payload == frame


def test_implausible_call_signs_are_refused(deframe: Deframe) -> None:
    octets = bytearray(header_bytes(0, max_fec=False))
    octets[1] &= 0xC0  # C, then a space, then spaces
    octets[3] |= 0x21
    bits = bytes_to_bits(SYNC + il2p_code(2).encode(scrambled(bytes(octets))) + TAIL)
    assert deframe("il2p", bits) == []
