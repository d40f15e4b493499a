"""Frames that a slip of the phase left inverted: told by the border between marker and frame."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7, CONVOLUTIONAL_CODES
from gsctl.coding.crc import CCITT_FALSE
from gsctl.coding.line_codes import nrzm_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, CCSDS_DUAL, decode_interleaved, encode_interleaved
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.codeword_twins import Sign, sign_of_frame
from gsctl.framing import Ccsds, parse_framing
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
Bits = NDArray[np.uint8]

ASM = bytes.fromhex("1ACFFC1D")
RNG = np.random.default_rng(131)


def line(name: str, frame: bytes, fill: bytes = b"\x55" * 20) -> Bits:
    """One frame with 20 bytes and a marker before it, and fill behind; the marker ends at bit 192."""
    framing = parse_framing(name)
    assert isinstance(framing, Ccsds)
    code = CCSDS_DUAL if framing.basis == "dual" else CCSDS_CONVENTIONAL
    block = encode_interleaved(code, frame, framing.depth)
    sent = CCSDS.apply(block) if framing.scrambler else block
    bits = bytes_to_bits(fill + ASM + sent + b"\x55" * 16)
    if framing.differential:
        bits = nrzm_encode(bits)
    return CONVOLUTIONAL_CODES[framing.convolutional].encode(bits) if framing.convolutional else bits


def turned(symbols: Bits, place: int) -> Bits:
    return np.concatenate([symbols[:place], 1 - symbols[place:]])


@pytest.mark.parametrize("after", [-6, 0, 1, 5, 6, 7, 11, 12, 13, 40, 120, 240])
def test_a_slip_about_the_border_leaves_the_frame_right_side_up(after: int, deframe: Deframe) -> None:
    frame = RNG.bytes(223)
    symbols = turned(line("ccsds-concatenated", frame), 384 + after)
    (found,) = deframe("ccsds-concatenated", symbols)
    assert found.payload == frame


@pytest.mark.parametrize("after", [8, 100, 8 * 16 * 4 - 8])
def test_a_slip_within_interleaved_codewords(after: int, deframe: Deframe) -> None:
    frame = RNG.bytes(892)
    (found,) = deframe(
        "ccsds-rs:depth=4,size_bytes=892", turned(line("ccsds-rs:depth=4,size_bytes=892", frame), 192 + after)
    )
    assert found.payload == frame


def test_where_a_check_holds_no_likelihood_is_asked(deframe: Deframe) -> None:
    """Without a convolutional code nothing shows a slip right behind the marker, but the check does."""
    name = "ccsds-rs:fecf=true"
    data = RNG.bytes(221)
    frame = data + CCITT_FALSE.to_bytes(data)
    (found,) = deframe(name, turned(line(name, frame), 192))
    assert found.payload == data


def judged(es_n0_db: float, slip: bool, count: int, seed: int) -> Iterator[Sign]:
    """Signs of frames in Gaussian noise; slips lie anywhere in the marker's last bit or six of the frame."""
    random = np.random.default_rng(seed)
    ratio = 10 ** (es_n0_db / 10)
    marker = bytes_to_bits(ASM)
    for _ in range(count):
        data = random.integers(0, 2, 136, dtype=np.uint8)
        sent = CCSDS_K7.encode(np.concatenate([marker, data]))
        if slip:
            sent = turned(sent, 64 + int(random.integers(-2, 13)))
        heard = np.where(sent == 1, 1.0, -1.0) + np.sqrt(0.5 / ratio) * random.standard_normal(sent.size)
        decoded = 1 - data if slip else data
        upright, complement = (
            CCSDS_K7.encode(np.concatenate([marker, bits])) for bits in (decoded, 1 - decoded)
        )
        soft = np.asarray(4 * ratio * heard, np.float32)
        yield sign_of_frame(soft[12:], upright[12:], complement[12:])


def test_at_the_limit_of_the_code_hardly_a_frame_is_lost_and_hardly_one_inverted() -> None:
    """Es/N0 of -1 dB, the slip at the worst places; it is there once in 5000 frames."""
    right = list(judged(-1.0, slip=False, count=1000, seed=1))
    assert right.count(Sign.UPRIGHT) >= 997
    assert Sign.INVERTED not in right
    slipped = list(judged(-1.0, slip=True, count=1000, seed=2))
    assert slipped.count(Sign.UPRIGHT) < 15
    assert slipped.count(Sign.INVERTED) > 900


def test_symbols_without_any_weight_leave_the_frame_as_it_is() -> None:
    bits = bytes_to_bits(ASM + b"gsctl")
    upright, complement = CCSDS_K7.encode(bits), CCSDS_K7.encode(np.concatenate([bits[:32], 1 - bits[32:]]))
    assert sign_of_frame(np.zeros(len(upright), np.float32), upright, complement) is Sign.UPRIGHT


TWIN_NAMES = ["ccsds-rs", "ccsds-concatenated", "ccsds-rs:scrambler=false", "ccsds-rs:basis=conventional"]
TWIN_NAMES += ["ccsds-concatenated:differential=true", "ccsds-rs:depth=4,size_bytes=892"]


@pytest.mark.parametrize("name", TWIN_NAMES)
@pytest.mark.parametrize("place", [-9, -5, 2, 11])
def test_a_marker_by_chance_makes_no_second_frame(name: str, place: int, deframe: Deframe) -> None:
    """The bits that begin ``place`` bytes behind the true frame's beginning are a marker with one error."""
    framing = parse_framing(name)
    assert isinstance(framing, Ccsds)
    chance = bytes([ASM[0] ^ 0x20]) + ASM[1:]
    frame, fill = bytearray(RNG.bytes(framing.size_bytes)), bytearray(b"\x55" * 20)
    if place < 0:
        fill[place : place + 4] = chance
    else:
        noise = CCSDS.apply(bytes(framing.size_bytes)) if framing.scrambler else bytes(framing.size_bytes)
        frame[place : place + 4] = bytes(a ^ b for a, b in zip(chance, noise[place:], strict=False))
    found = deframe(name, line(name, bytes(frame), fill=bytes(fill)))
    assert [one.payload for one in found] == [bytes(frame)]


@pytest.mark.parametrize("name", TWIN_NAMES)
@pytest.mark.parametrize("place", [-9, 7])
def test_the_shift_of_a_codeword_is_one(name: str, place: int) -> None:
    """What the test above would find: a block that begins 9 bytes early or 7 late can be corrected."""
    framing = parse_framing(name)
    assert isinstance(framing, Ccsds)
    code = CCSDS_DUAL if framing.basis == "dual" else CCSDS_CONVENTIONAL
    block = encode_interleaved(code, RNG.bytes(framing.size_bytes), framing.depth)
    sent = CCSDS.apply(block) if framing.scrambler else block
    shifted = bytes(9) + sent[:-9] if place < 0 else sent[7:] + bytes(7)
    assert decode_interleaved(code, CCSDS.apply(shifted) if framing.scrambler else shifted, framing.depth)


def test_a_frame_that_holds_a_marker_is_a_frame(deframe: Deframe) -> None:
    name = "ccsds-rs:scrambler=false"
    frame = bytes(5) + ASM + RNG.bytes(214)
    assert [one.payload for one in deframe(name, line(name, frame))] == [frame]
