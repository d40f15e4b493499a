"""Packets of radio chips: published vectors, and packets made by the rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.crc import CC11XX, SX126X, X25
from gsctl.coding.reed_solomon import RS_11D_32
from gsctl.coding.scramblers import PN9_SERIAL, PN9_SI4463, PN9_SX126X_RESET, PN9_TI
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.framing import Integrity, parse_framing
from gsctl.model import Frame, SoftBits, StageCounters

Deframe = Callable[..., list[Frame]]
PAYLOAD = bytes(range(60, 120))
WITH_LENGTH = bytes([len(PAYLOAD)]) + PAYLOAD
TAIL = b"\xaa" * 3

LINES = {
    "light-1": b"\x93\x0b\x51\xde" + PN9_TI.apply(WITH_LENGTH + CC11XX.to_bytes(WITH_LENGTH)),
    "reaktor-hello-world": b"\x35\x2e\x35\x2e" + PN9_TI.apply(WITH_LENGTH + CC11XX.to_bytes(WITH_LENGTH)),
    "aalto-1": b"\x35\x2e\x35\x2e"
    + PN9_TI.apply(WITH_LENGTH + X25.to_bytes(WITH_LENGTH, little_endian=True)),
    "fossasat": b"\x12\x12" + PN9_SERIAL.apply(WITH_LENGTH + SX126X.to_bytes(WITH_LENGTH)),
    "grizu-263a": bytes.fromhex("0123456789ABCDEF")
    + PN9_SX126X_RESET.apply(WITH_LENGTH + CC11XX.to_bytes(WITH_LENGTH)),
    "binar-2": b"\xd3\x91\xd3\x91" + WITH_LENGTH + CC11XX.to_bytes(WITH_LENGTH),
    "geoscan:size_bytes=62": b"\x93\x0b\x51\xde" + PN9_TI.apply(PAYLOAD + CC11XX.to_bytes(PAYLOAD)),
    "lucky-7:size_bytes=62": b"\x2d\xd4" + PN9_SI4463.apply(PAYLOAD + CC11XX.to_bytes(PAYLOAD)),
}


def line(name: str) -> np.ndarray:
    return bytes_to_bits(b"\x55" * 8 + LINES[name] + TAIL)


@pytest.mark.parametrize("cut", [None, 1, 77])
@pytest.mark.parametrize("name", LINES)
def test_packets_come_out(name: str, cut: int | None, deframe: Deframe) -> None:
    bits = line(name)
    (frame,) = deframe(name, bits, cut=cut)
    assert frame.payload == PAYLOAD
    assert frame.integrity is Integrity.CRC
    assert frame.end_sample_index == 5 * (len(bits) - 8 * len(TAIL) - 1)


@pytest.mark.parametrize("name", LINES)
def test_one_wrong_bit_is_refused(name: str, deframe: Deframe) -> None:
    counters = StageCounters()
    bits = line(name)
    bits[-8 * len(TAIL) - 30] ^= 1
    assert deframe(name, bits, counters=counters) == []
    assert counters.fcs_bad == 1


def test_texas_instruments_own_example(deframe: Deframe) -> None:
    """SWRU295: data AB 80 FF 00 as the chip sends it, CRC and whitening on."""
    bits = bytes_to_bits(bytes.fromhex("AAAAAAAA 930B51DE 5461E29AF99D") + TAIL)
    (frame,) = deframe("light-1:size_bytes=6", bits)
    assert frame.payload == bytes.fromhex("AB80FF00")


def test_endurosat_example_of_a_public_forum(deframe: Deframe) -> None:
    packet = b"\x0cES+W22F2110A"
    bits = bytes_to_bits(b"\xaa" * 5 + b"\x7e" + packet + b"\x49\x3d" + TAIL)
    (frame,) = deframe("endurosat", bits)
    assert frame.payload == packet


def test_3cat_1_is_corrected(deframe: Deframe) -> None:
    message = bytes(range(223))
    coded = bytearray(PN9_TI.apply(RS_11D_32.encode(message)))
    for place in range(0, 160, 10):
        coded[place] ^= 0x41
    bits = bytes_to_bits(b"\xd3\x91\xd3\x91" + bytes(coded) + TAIL)
    (frame,) = deframe("3cat-1", bits)
    assert frame.payload == message
    assert frame.integrity is Integrity.FEC
    assert frame.corrected_errors == 16


def test_a_check_met_by_chance_in_noise_is_not_believed() -> None:
    """The same packet, once heard well and once with soft values that promise a wrong bit in four."""
    framing = parse_framing("lucky-7:size_bytes=62")
    bits = line("lucky-7:size_bytes=62").astype(np.float32)
    magnitude = np.abs(np.random.default_rng(1).normal(0, 2, len(bits))).astype(np.float32)
    found = []
    for scale in (np.float32(8.0), magnitude):
        counters = StageCounters()
        deframer = DEFRAMERS[type(framing)](framing, DeframeOptions(), counters)
        position = np.arange(len(bits), dtype=np.float64)
        soft = SoftBits(values=(2 * bits - 1) * scale, position=position, symbol_rate_bd=4800.0)
        found.append((len(list(deframer.push(soft))), counters.fcs_bad))
    assert found == [(1, 0), (0, 1)]
