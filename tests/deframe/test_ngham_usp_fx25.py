"""NGHam, USP and FX.25 with Astrocast's variant, each sent here by its document."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.crc import X25
from gsctl.coding.hdlc import FLAG_BITS, frame_bits, with_fcs
from gsctl.coding.line_codes import nrzi_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, CCSDS_DUAL, NGHAM_SMALL, fx25_code
from gsctl.coding.scramblers import CCSDS
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(25)
# A UI frame from XV9NDG to CQ that says TEST.
AX25 = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")

NGHAM_SIZES = {47: 0x3B49CD, 79: 0x4DDA57, 111: 0x76939A, 159: 0x9BB4AE, 191: 0xA0FD63, 223: 0xD66EF9}
NGHAM_SIZES[255] = 0xED2734


def ngham_line(payload: bytes, size: int, *, tag_errors: int = 0) -> np.ndarray:
    code = NGHAM_SMALL if size < 128 else CCSDS_CONVENTIONAL
    padding = size - code.parity_bytes - 3 - len(payload)
    body = bytes([0xA0 | padding]) + payload
    message = body + X25.to_bytes(body) + bytes(padding)
    tag = NGHAM_SIZES[size] ^ ((1 << tag_errors) - 1)
    head = b"\xaa" * 4 + bytes.fromhex("5DE62A7E") + tag.to_bytes(3, "big")
    return bytes_to_bits(head + CCSDS.apply(code.encode(message)) + b"\xaa" * 3)


@pytest.mark.parametrize("size", NGHAM_SIZES)
def test_ngham_in_all_sizes(size: int, deframe: Deframe) -> None:
    room = size - (16 if size < 128 else 32) - 3
    payload = RNG.bytes(room - 5)
    bits = ngham_line(payload, size, tag_errors=6)
    for place in range(8):
        bits[88 + 24 * place] ^= 1
    (frame,) = deframe("ngham", bits)
    assert frame.payload == b"\xa5" + payload
    assert frame.integrity is Integrity.CRC
    assert frame.corrected_errors == 6 + 8
    assert deframe("ngham-no-rs", bits) == []


def test_ngham_without_its_parity(deframe: Deframe) -> None:
    """FloripaSat-1 sends parity of another code; the CRC is what counts then."""
    bits = ngham_line(b"hello", 47)
    bits[8 * (11 + 31) : 8 * (11 + 47)] ^= 1
    for name in ("ngham", "ngham-no-rs"):
        (frame,) = deframe(name, bits)
        assert frame.payload == b"\xb7hello"
    bits[8 * 14] ^= 1
    assert deframe("ngham", bits) == []


@pytest.mark.parametrize("cut", [None, 401])
@pytest.mark.parametrize("size_code", ["719D83C953422DFA", "24C8D69C061778AF"])
@pytest.mark.parametrize("message_bytes", [48, 223])
def test_usp_whatever_its_size_code_says(
    message_bytes: int, size_code: str, cut: int | None, deframe: Deframe
) -> None:
    message = (b"\x08\xff" + len(AX25).to_bytes(2, "little") + AX25).ljust(message_bytes, b"\x00")
    coded = CCSDS_K7.encode(bytes_to_bits(CCSDS.apply(CCSDS_DUAL.encode(message))))
    head = bytes_to_bits(b"\x55" * 4 + bytes.fromhex("5072F64B2D90B1F5" + size_code))
    bits = np.concatenate([head, coded, np.zeros(5000, np.uint8)])
    bits[32:45] ^= 1  # as many as the document allows in the sync word
    (frame,) = deframe("usp", bits, cut=cut)
    assert (frame.payload, frame.integrity) == (AX25, Integrity.FEC)
    assert frame.end_sample_index == 5 * (32 + 128 + len(coded) - 1)


FX25_TAGS = {
    0xB74DB7DF8A532F3E: (239, 16),
    0x26FF60A600CC8FDE: (128, 16),
    0xC7DC0508F3D9B09E: (64, 16),
    0x8F056EB4369660EE: (32, 16),
    0x6E260B1AC5835FAE: (223, 32),
    0xFF94DC634F1CFF4E: (128, 32),
    0x1EB7B9CDBC09C00E: (64, 32),
    0xDBF869BD2DBB1776: (32, 32),
    0x3ADB0C13DEAE2836: (191, 64),
    0xAB69DB6A543188D6: (128, 64),
    0x4A4ABEC4A724B796: (64, 64),
}


def fx25_line(tag: int, payloads: list[bytes]) -> tuple[np.ndarray, int]:
    data_bytes, parity = FX25_TAGS[tag]
    pieces = [FLAG_BITS]
    for payload in payloads:
        pieces += [frame_bits(payload), FLAG_BITS]
    content = np.concatenate([*pieces, np.tile(FLAG_BITS, 255)])[: 8 * data_bytes]
    data = np.packbits(content, bitorder="little").tobytes()
    # Zeros fill the rest of the code's data and stay at home.
    code = fx25_code(parity).encode(data + bytes(255 - parity - data_bytes))
    block = tag.to_bytes(8, "little") + data + code[-parity:]
    bits = np.concatenate(
        [np.tile(FLAG_BITS, 4), bytes_to_bits(block, lsb_first=True), np.tile(FLAG_BITS, 4)]
    )
    return bits, parity


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("tag", FX25_TAGS)
def test_fx25_in_all_sizes(tag: int, upside_down: bool, deframe: Deframe) -> None:
    bits, parity = fx25_line(tag, [AX25])
    damaged = bits.copy()
    for byte in range(parity // 2):
        damaged[96 + 8 * byte] ^= 1
    (frame,) = deframe("fx25", nrzi_encode(damaged) ^ upside_down, cut=99)
    assert (frame.payload, frame.integrity) == (AX25, Integrity.CRC)
    assert frame.corrected_errors == parity // 2
    assert frame.sample_index == 5 * 96


def test_fx25_may_hold_several_frames_and_its_tag_wrong_bits(deframe: Deframe) -> None:
    bits, _ = fx25_line(0xB74DB7DF8A532F3E, [AX25, AX25 + b"2"])
    bits[32:40] ^= 1
    assert [frame.payload for frame in deframe("fx25", nrzi_encode(bits))] == [AX25, AX25 + b"2"]
    bits[41] ^= 1
    assert deframe("fx25", nrzi_encode(bits)) == []


def test_fx25_that_has_no_frame_in_it_is_refused(deframe: Deframe) -> None:
    bits, _ = fx25_line(0xB74DB7DF8A532F3E, [])
    assert deframe("fx25", nrzi_encode(bits)) == []


@pytest.mark.parametrize("name", ["astrocast-fx25", "astrocast-fx25-nrz"])
def test_astrocast_does_not_mind_a_flag_in_the_data(name: str, deframe: Deframe) -> None:
    payload = AX25 + b"\x7e\x7e" + RNG.bytes(100)
    message = (b"\x7e" + with_fcs(payload) + b"\x7e").ljust(223, b"\x00")
    data = (0x6E260B1AC5835FAE).to_bytes(8, "little") + CCSDS_DUAL.encode(message)
    bits = bytes_to_bits(b"\x7e" * 5 + data + b"\x7e" * 3, lsb_first=True)
    (frame,) = deframe(name, bits if name.endswith("nrz") else nrzi_encode(bits))
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
