"""ESEO, OpenLST and HADES, each sent here by its rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import REVERSED_BYTES, bits_to_bytes, bytes_to_bits
from gsctl.coding.convolutional import TI_K4
from gsctl.coding.crc import CC11XX, CCITT_FALSE, XMODEM
from gsctl.coding.hdlc import stuff
from gsctl.coding.line_codes import nrzi_encode
from gsctl.coding.reed_solomon import RS_11D_16
from gsctl.coding.scramblers import PN9_TI, g3ruh_scramble
from gsctl.deframe.hades import descramble
from gsctl.framing import Integrity
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
RNG = np.random.default_rng(7)


def eseo_line(payload: bytes) -> bytes:
    bits = bytes_to_bits(payload + XMODEM.to_bytes(payload), lsb_first=True)
    line = stuff(g3ruh_scramble(nrzi_encode(bits)))
    whole = np.concatenate([line, np.zeros(-len(line) % 8, np.uint8)])
    return RS_11D_16.encode(bits_to_bytes(whole)).translate(REVERSED_BYTES)


@pytest.mark.parametrize("cut", [None, 1, 100])
@pytest.mark.parametrize("size", [20, 77, 170])
def test_eseo(size: int, cut: int | None, deframe: Deframe) -> None:
    payload = RNG.bytes(size)
    coded = bytearray(eseo_line(payload))
    for place in range(8):
        coded[2 * place] ^= 0x10
    # A pair of flags in the parity is not the end.
    (frame,) = deframe(
        "eseo", bytes_to_bits(b"\x55\x7e\x7e" + bytes(coded) + b"\x7e\x7e" + bytes(9)), cut=cut
    )
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    assert frame.corrected_errors == 8


def openlst_line(payload: bytes) -> np.ndarray:
    packet = bytes([len(payload) + 2]) + payload
    packet += CC11XX.to_bytes(packet, little_endian=True)
    padded = PN9_TI.apply(packet.ljust(-(-len(packet) // 2) * 2, b"\x0b"))
    coded = TI_K4.encode(bytes_to_bits(padded)).reshape(-1, 4, 4, 2)
    # Output byte k holds the pairs at position 3 - k of bytes 3, 2, 1, 0.
    sent = [square[3 - row, 3 - byte] for square in coded for byte in range(4) for row in range(4)]
    return np.concatenate([bytes_to_bits(b"\xaa" * 4 + bytes.fromhex("D391D391")), np.concatenate(sent)])


@pytest.mark.parametrize("cut", [None, 50])
@pytest.mark.parametrize("size", [6, 33, 100])
def test_openlst(size: int, cut: int | None, deframe: Deframe) -> None:
    payload = RNG.bytes(size)
    bits = np.concatenate([openlst_line(payload), np.zeros(64, np.uint8)])
    # One wrong pair in each square: far apart once the interleaver is undone.
    for square in range(size // 8):
        bits[64 + 32 * square + 9] ^= 1
    (frame,) = deframe("openlst", bits, cut=cut)
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    bits[80:140] ^= 1
    assert deframe("openlst", bits) == []


def hades_scrambled(data: bytes) -> bytes:
    """The register takes what is sent, so the sender's side needs its own loop."""
    register = 1 << 16
    out = bytearray()
    for octet in data:
        sent = octet & 1
        for place in range(7, 0, -1):
            bit = (octet >> place ^ register >> 16 ^ register >> 11) & 1
            sent |= bit << place
            register = (register << 1 | bit) & 0x1FFFF
        out.append(sent)
    return bytes(out)


@pytest.mark.parametrize(
    ("name", "kind", "size"), [("hades-d", 1, 26), ("hades-d", 6, 135), ("hades-r", 14, 38)]
)
def test_hades(name: str, kind: int, size: int, deframe: Deframe) -> None:
    payload = bytes([kind << 4 | 5]) + RNG.bytes(size - 3)
    scrambled = payload[:1] + hades_scrambled(payload[1:])
    assert descramble(scrambled[1:]) == payload[1:]
    line = b"\xbf\x35" + scrambled + CCITT_FALSE.to_bytes(scrambled)
    (frame,) = deframe(name, bytes_to_bits(b"\x55" * 4 + line + bytes(4)), cut=9)
    assert (frame.payload, frame.integrity) == (payload, Integrity.CRC)
    damaged = bytes_to_bits(line)
    damaged[60] ^= 1
    assert deframe(name, damaged) == []
