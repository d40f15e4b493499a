"""AX100 and U482C: frames made here by the rules, and what must not come out."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.convolutional import NASA_DSN_K7_UNINVERTED
from gsctl.coding.golay import golay_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS, g3ruh_scramble
from gsctl.framing import Integrity
from gsctl.model import Frame, StageCounters

Deframe = Callable[..., list[Frame]]
Bits = NDArray[np.uint8]
PACKET = bytes(range(7, 107))
PREAMBLE = b"\xaa" * 10
TAIL = b"\xaa" * 4


def _golay_field(information: int) -> bytes:
    return golay_encode(information).to_bytes(3, "big")


def ax100_golay_bits(packet: bytes) -> Bits:
    body = CCSDS.apply(CCSDS_CONVENTIONAL.encode(packet))
    field = _golay_field(len(body))
    return bytes_to_bits(PREAMBLE + bytes.fromhex("930B51DE") + field + body + TAIL)


def ax100_rs_bits(packet: bytes) -> Bits:
    body = CCSDS_CONVENTIONAL.encode(packet)
    length = bytes([len(body) + 1])
    return g3ruh_scramble(bytes_to_bits(PREAMBLE + bytes.fromhex("930B51DE") + length + body + TAIL))


def u482c_bits(packet: bytes, flags: int) -> Bits:
    body = CCSDS_CONVENTIONAL.encode(packet) if flags & 0x400 else packet
    if flags & 0x200:
        body = CCSDS.apply(body)
    if flags & 0x100:
        body = bits_to_bytes(NASA_DSN_K7_UNINVERTED.encode(bytes_to_bits(body + b"\x00")))
    return bytes_to_bits(PREAMBLE + bytes.fromhex("C3AA6655") + _golay_field(flags | len(body)) + body + TAIL)


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("cut", [None, 1, 7, 999])
@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("ax100-asm-golay", ax100_golay_bits(PACKET)),
        ("ax100-rs", ax100_rs_bits(PACKET)),
        ("u482c", u482c_bits(PACKET, 0x600)),
        ("u482c", u482c_bits(PACKET[:60], 0x700)),
    ],
)
def test_a_packet_comes_out(
    name: str, bits: Bits, cut: int | None, upside_down: bool, deframe: Deframe
) -> None:
    (frame,) = deframe(name, bits ^ upside_down, cut=cut)
    assert frame.payload == PACKET[: len(frame.payload)]
    assert len(frame.payload) in {60, 100}
    assert frame.integrity is Integrity.FEC
    assert frame.corrected_errors == 0
    assert frame.sample_index == 5 * 8 * (len(PREAMBLE) + 4)
    assert frame.end_sample_index == 5 * (len(bits) - 8 * len(TAIL) - 1)


def test_wrong_bytes_are_corrected_and_counted(deframe: Deframe) -> None:
    bits = ax100_golay_bits(PACKET)
    start = 8 * (len(PREAMBLE) + 4)
    bits[start + 5] ^= 1  # in the length
    for byte in range(16):
        bits[start + 24 + 8 * 5 * byte] ^= 1
    (frame,) = deframe("ax100-asm-golay", bits)
    assert frame.payload == PACKET
    assert frame.corrected_errors == 17
    bits[start + 24 + 8 * 3] ^= 1
    counters = StageCounters()
    assert deframe("ax100-asm-golay", bits, counters=counters) == []
    assert counters.sync_found == 1
    assert counters.uncorrectable == 1


def test_without_reed_solomon_nothing_vouches(deframe: Deframe) -> None:
    bits = u482c_bits(PACKET, 0)
    assert deframe("u482c", bits) == []
    (frame,) = deframe("u482c", bits, unchecked=True)
    assert frame.payload == PACKET
    assert frame.integrity is Integrity.UNCHECKED


def test_parameters_change_sync_word_and_scrambler(deframe: Deframe) -> None:
    body = CCSDS_CONVENTIONAL.encode(PACKET)
    bits = bytes_to_bits(PREAMBLE + bytes.fromhex("1ACFFC1D") + _golay_field(len(body)) + body + TAIL)
    name = "ax100-asm-golay:sync_word=0x1ACFFC1D,scrambler=false"
    assert [frame.payload for frame in deframe(name, bits)] == [PACKET]
    assert deframe("ax100-asm-golay", bits) == []
