"""Mobitex: published vectors of its parity, and frames sent by the data sheets' rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.crc import X25, XMODEM
from gsctl.coding.scramblers import PN9_MOBITEX
from gsctl.deframe.mobitex import _codebook
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(18)
CALL = b"DP0BEM"


def word(byte: int) -> np.ndarray:
    bits: np.ndarray = (_codebook()[:, byte] > 0).astype(np.uint8)
    return bits


def frame_bits(blocks: list[bytes], sync: str, control: int) -> np.ndarray:
    head = [bytes_to_bits(b"\xcc" * 4 + bytes.fromhex(sync))]
    first, second = word(control), word(0x02)
    head += [first[:8], second[:8], first[8:], second[8:]]
    head.append(bytes_to_bits(CALL + XMODEM.to_bytes(CALL)))
    sent = []
    for block in blocks:
        rows = np.stack([word(byte) for byte in block + X25.to_bytes(block)])
        sent.append(rows.T.reshape(-1))
    body = np.concatenate(sent)
    return np.concatenate([*head, body ^ PN9_MOBITEX.sequence(len(body)), np.zeros(30, np.uint8)])


def test_parity_vectors() -> None:
    for byte, parity in [(0x01, 0x5), (0x02, 0x6), (0x80, 0xE), (0x3F, 0xC), (0xFF, 0xF)]:
        assert word(byte).tolist() == [int(bit) for bit in f"{byte:08b}{parity:04b}"]


def test_the_call_sign_check_of_a_frame_from_orbit() -> None:
    """BEESAT-9, DP0BEM: 4D F7."""
    assert XMODEM.to_bytes(CALL) == bytes.fromhex("4DF7")


@pytest.mark.parametrize("cut", [None, 1, 300])
@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize(
    ("name", "sync", "control", "count"),
    [("mobitex", "5765", 0x64, 5), ("mobitex-nx", "0EF0", 0x20, 1), ("beesat-9", "0EF0", 0x03, 32)],
)
def test_frames_come_out(
    name: str, sync: str, control: int, count: int, upside_down: bool, cut: int | None, deframe: Deframe
) -> None:
    blocks = [RNG.bytes(18) for _ in range(count)]
    bits = frame_bits(blocks, sync, control)
    # One wrong bit in the sync word, one in each header word, two in the call, one a row of a block.
    for place in (35, 50, 60, 80, 90, 136 + 3, 136 + 20 + 7):
        bits[place] ^= 1
    (frame,) = deframe(name, bits ^ upside_down, cut=cut)
    head = bytes([control, 0x02]) + CALL + XMODEM.to_bytes(CALL)
    assert frame.payload == head + b"".join(blocks) + b"\xaa\0\0\0\0\xbb"
    assert frame.integrity is Integrity.CRC
    assert frame.corrected_errors == 6


def test_a_bad_block_is_marked_and_the_frame_unchecked(deframe: Deframe) -> None:
    blocks = [RNG.bytes(18) for _ in range(3)]
    bits = frame_bits(blocks, "5765", 0x02)
    bits[136 + 240 : 136 + 300] ^= 1
    assert deframe("mobitex", bits) == []
    (frame,) = deframe("mobitex", bits, unchecked=True)
    assert frame.integrity is Integrity.UNCHECKED
    assert frame.payload.endswith(b"\xaa\x02\0\0\0\xbb")
    assert frame.payload[10:28] == blocks[0]
    assert frame.payload[46:64] == blocks[2]


def test_without_a_plausible_call_sign_there_is_no_frame(deframe: Deframe) -> None:
    bits = frame_bits([RNG.bytes(18)], "5765", 0)
    bits[48 + 24 : 48 + 72] ^= np.tile(np.array([0, 1], np.uint8), 24)
    assert deframe("mobitex", bits, unchecked=True) == []
