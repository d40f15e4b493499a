"""S-NET, IDEASSat, OPS-SAT and the AX5043's code, each sent here by the rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.convolutional import AX5043_K5
from gsctl.coding.crc import CCITT_FALSE, USB
from gsctl.coding.hdlc import FLAG_BITS, frame_bits, stuff
from gsctl.coding.line_codes import nrzi_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS, g3ruh_scramble
from gsctl.deframe.snet import _codebook, crc5, crc13
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(15)


def _field(value: int, width: int) -> list[int]:
    return [int(bit) for bit in f"{value:0{width}b}"]


def snet_line(payload: bytes, coding: int, faulty: bool) -> np.ndarray:
    head = [*_field(1, 7), *_field(2, 7), *_field(0, 12), *_field(coding, 4), *_field(3, 4), *_field(0, 8)]
    head += [*_field(len(payload), 10), *_field(crc13(payload, faulty=faulty), 13)]
    head += _field(crc5(np.array(head, np.uint8), faulty=faulty), 5)
    words = np.array(head, np.uint8).reshape(14, 5)[:, ::-1]
    numbers = words @ (1 << np.arange(5))
    sent = [(_codebook(5)[:, numbers] > 0).astype(np.uint8).reshape(-1)]
    data_bits = {0: 0, 1: 11, 2: 7, 3: 5}[coding]
    if data_bits:
        block_bytes = 2 * data_bits
        padded = payload + b"\xdb" * (-len(payload) % block_bytes)
        bits = bytes_to_bits(padded, lsb_first=True).reshape(-1, 16, data_bits)
        for block in bits:
            numbers = block @ (1 << np.arange(data_bits))
            sent.append((_codebook(data_bits)[:, numbers] > 0).astype(np.uint8).reshape(-1))
    else:
        sent.append(bytes_to_bits(payload, lsb_first=True))
    sync = bytes_to_bits(b"\x55" * 3 + b"DP0TUB" + bytes.fromhex("04CF5FC8"))
    return np.concatenate([sync, *sent, np.zeros(9)]).astype(np.uint8)


@pytest.mark.parametrize("cut", [None, 123])
@pytest.mark.parametrize(("name", "faulty"), [("s-net", True), ("salsat", False)])
@pytest.mark.parametrize(("coding", "repairs"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_snet_in_all_codings(
    coding: int, repairs: int, name: str, faulty: bool, cut: int | None, deframe: Deframe
) -> None:
    payload = RNG.bytes(57)
    bits = snet_line(payload, coding, faulty)
    # Wrong bits next to one another stand in different words.
    for row in range(3):
        bits[104 + 14 * row + 5] ^= 1
    for row in range(repairs):
        bits[104 + 210 + 16 * row + 3] ^= 1
    (frame,) = deframe(name, bits, cut=cut)
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    assert frame.corrected_errors == 3 + repairs
    assert deframe("salsat" if faulty else "s-net", bits) == []


@pytest.mark.parametrize(("data_bits", "distance"), [(11, 3), (7, 5), (5, 7)])
def test_bch_codes_have_their_distance(data_bits: int, distance: int) -> None:
    words = _codebook(data_bits) > 0
    weights = words.sum(axis=0)
    assert weights[0] == 0
    assert weights[1:].min() == distance


def test_ideassat_from_its_serial_port(deframe: Deframe) -> None:
    calls = b"BN0CU0 BN0IDA0\xf0"
    body = RNG.bytes(185)
    checked = body + CCITT_FALSE.to_bytes(body[4:], little_endian=True)
    data = (checked + bytes(11)).ljust(198, b"\0")
    characters = b""
    for number in range(9):
        characters += b"\x7e" + calls + bytes([number]) + data[22 * number : 22 * number + 22] + b"\x7e"
    # The sync word is A, 0, F0 and the number 0 as characters on the line.
    serial = bytes_to_bits(characters).reshape(-1, 8)
    ends = np.ones((len(serial), 1), np.uint8)
    bits = np.concatenate([1 - ends, serial, ends], axis=1).reshape(-1)
    start = bits.tobytes().find(bytes_to_bits(bytes.fromhex("20C6178401")).tobytes())
    assert start + 40 == 170, "the sync word ends where the first data begin"
    (frame,) = deframe("ideassat", nrzi_encode(np.concatenate([bits, bits[:99]])), cut=1000)
    assert (frame.payload, frame.integrity) == (calls + body, Integrity.CRC)
    bits[303] ^= 1
    assert deframe("ideassat", nrzi_encode(bits)) == []


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("cut", [None, 77])
def test_ops_sat_corrects_where_the_fcs_fails(cut: int | None, upside_down: bool, deframe: Deframe) -> None:
    message = RNG.bytes(62)
    block = bytearray(CCSDS.apply(CCSDS_CONVENTIONAL.encode(message)))
    for place in range(0, 80, 5):
        block[place] ^= 0x20
    body = RNG.bytes(16) + bytes(block) + b"\x00\x00"
    flags = np.tile(FLAG_BITS, 5)
    line = np.concatenate([flags, stuff(bytes_to_bits(body, lsb_first=True)), flags])
    sent = g3ruh_scramble(nrzi_encode(line)) ^ upside_down
    (frame,) = deframe("ops-sat", sent, cut=cut)
    assert (frame.payload, frame.integrity, frame.corrected_errors) == (message, Integrity.FEC, 16)
    assert frame.sample_index == 5 * 40


def ax5043_line(payload: bytes) -> np.ndarray:
    frame = payload + USB.to_bytes(payload, little_endian=True)
    body = stuff(bytes_to_bits(frame, lsb_first=True))
    # The chip's squares end one bit before a flag does.
    bits = np.concatenate([np.tile(FLAG_BITS, 6), body, np.tile(FLAG_BITS, 12)])
    coded = AX5043_K5.encode(bits)[14:]
    coded = coded[: len(coded) // 16 * 16]
    line: np.ndarray = coded.reshape(-1, 4, 4).transpose(0, 2, 1).reshape(-1)
    return line


@pytest.mark.parametrize("cut", [None, 1, 500])
def test_ax5043(cut: int | None, deframe: Deframe) -> None:
    payload = RNG.bytes(120)
    line = np.concatenate([ax5043_line(payload), np.zeros(600, np.uint8)])
    (frame,) = deframe("ax5043", line, cut=cut)
    assert (frame.payload, frame.integrity, frame.corrected_errors) == (payload, Integrity.CRC, 0)
    line[200:1700:60] ^= 1
    (frame,) = deframe("ax5043", line, cut=cut)
    assert frame.payload == payload
    assert frame.corrected_errors == 25


def test_ax5043_needs_its_crc(deframe: Deframe) -> None:
    bits = frame_bits(RNG.bytes(50))  # an AX.25 FCS
    line = AX5043_K5.encode(np.concatenate([np.tile(FLAG_BITS, 5), bits, np.tile(FLAG_BITS, 20)]))[14:]
    line = line[: len(line) // 16 * 16].reshape(-1, 4, 4).transpose(0, 2, 1).reshape(-1)
    assert deframe("ax5043", np.concatenate([line, np.zeros(600, np.uint8)])) == []
    assert bits_to_bytes(bits)
