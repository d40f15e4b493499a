"""Framings of single satellites, each made here by its rules."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import REVERSED_BYTES, bytes_to_bits
from gsctl.coding.crc import ARC, CCITT_FALSE, CRC_8, CRC_32C, XMODEM
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, RS_11D_4, RS_11D_10, RS_11D_16
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.satellite_layouts import LAYOUTS
from gsctl.framing import SATELLITE_LAYOUTS
from gsctl.model import Frame, StageCounters

Deframe = Callable[..., list[Frame]]
TAIL = b"\x55" * 6
DATA = bytes((7 * n + 3) & 0xFF for n in range(230))


def tt_64() -> tuple[bytes, list[bytes]]:
    return b"\x2d\xd4" + RS_11D_16.encode(DATA[:46] + ARC.to_bytes(DATA[:46], little_endian=True)), [
        DATA[:46]
    ]


def sanosat() -> tuple[bytes, list[bytes]]:
    covered = bytes([26]) + bytes.fromhex("FFFF0000") + DATA[:22]
    packet = bytes([26]) + b"\x12\x34" + covered[1:] + CCITT_FALSE.to_bytes(covered, little_endian=True)
    return b"\xb4\x2b" + packet, [DATA[:22]]


def diy_1() -> tuple[bytes, list[bytes]]:
    body = b"\x01\x02\x03\x04" + bytes([30]) + DATA[:30]
    return b"\x2d\xd4" + body + XMODEM.to_bytes(body), [body]


def swiatowid() -> tuple[bytes, list[bytes]]:
    pieces = [DATA[first : first + 48] for first in (0, 48, 96)]
    words = b"".join(RS_11D_10.encode(piece) for piece in pieces) + b"\x00\x00"
    line = b"\x5b\x5b\xdd\xdd" + ((len(words) + 8).to_bytes(2, "little") + words).translate(REVERSED_BYTES)
    return line, pieces


def nusat() -> tuple[bytes, list[bytes]]:
    from gsctl.deframe.satellite_layouts import _NUSAT_SEQUENCE

    data = DATA[:40]
    hidden = bytes(a ^ b for a, b in zip(data, _NUSAT_SEQUENCE, strict=False))
    message = (bytes([40, CRC_8(data)]) + hidden).ljust(60, b"\x00")
    return b"\x01\xe5\xaa\xcc" + RS_11D_4.encode(message), [data]


def qubik() -> tuple[bytes, list[bytes]]:
    inner = DATA[:126] + CCITT_FALSE.to_bytes(DATA[:126])
    inner += CRC_32C.to_bytes(inner)
    return b"\x3c\x67\x49\x52" + CCSDS_CONVENTIONAL.encode(CCSDS.apply(inner)), [DATA[:126]]


def aistechsat_2() -> tuple[bytes, list[bytes]]:
    return b"\x1a\xcf\xfc\x1d" + CCSDS.apply(bytes(10) + CCSDS_CONVENTIONAL.encode(DATA[:83])), [DATA[:83]]


def spino() -> tuple[bytes, list[bytes]]:
    body = DATA[:16] + (50).to_bytes(2, "little") + DATA[:46]
    frame = body + XMODEM.to_bytes(body, little_endian=True)
    return b"\x2e\xfc\x98\x27" + frame.ljust(240, b"\x00"), [body]


SENDERS = {
    "tt-64": tt_64,
    "sanosat": sanosat,
    "diy-1": diy_1,
    "swiatowid": swiatowid,
    "nusat": nusat,
    "qubik": qubik,
    "aistechsat-2": aistechsat_2,
    "spino": spino,
}


def test_every_layout_is_tested_and_named() -> None:
    assert set(SENDERS) == set(LAYOUTS) == set(SATELLITE_LAYOUTS)


@pytest.mark.parametrize("cut", [None, 1, 333])
@pytest.mark.parametrize("name", SENDERS)
def test_frames_come_out(name: str, cut: int | None, deframe: Deframe) -> None:
    line, payloads = SENDERS[name]()
    found = deframe(name, bytes_to_bits(b"\x55" * 9 + line + TAIL), cut=cut)
    assert [frame.payload for frame in found] == payloads


@pytest.mark.parametrize("name", ["tt-64", "swiatowid", "nusat", "qubik", "aistechsat-2"])
def test_wrong_bytes_are_corrected_and_counted(name: str, deframe: Deframe) -> None:
    line, payloads = SENDERS[name]()
    bits = bytes_to_bits(line + TAIL)
    bits[8 * 30 + 1] ^= 1
    found = deframe(name, bits)
    assert [frame.payload for frame in found] == payloads
    assert found[0].corrected_errors == 1


@pytest.mark.parametrize("name", SENDERS)
def test_damage_is_refused_and_counted(name: str, deframe: Deframe) -> None:
    line, _ = SENDERS[name]()
    bits = bytes_to_bits(line + TAIL)
    bits[8 * 8 : 8 * 60] ^= np.random.default_rng(2).integers(0, 2, 8 * 52, np.uint8)[
        : len(bits[8 * 8 : 8 * 60])
    ]
    counters = StageCounters()
    found = deframe(name, bits, counters=counters)
    assert len(found) <= (2 if name == "swiatowid" else 0)
    assert counters.sync_found >= 1
    if name != "swiatowid":
        assert counters.fcs_bad + counters.uncorrectable >= 1


@pytest.mark.parametrize("name", ["tt-64", "diy-1"])
def test_a_line_at_rest_is_no_frame(name: str, deframe: Deframe) -> None:
    assert deframe(name, bytes_to_bits(b"\x2d\xd4" + bytes(80))) == []
