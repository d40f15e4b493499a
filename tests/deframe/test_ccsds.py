"""CCSDS frames in all their combinations, and LilacSat-1."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7, CONVOLUTIONAL_CODES
from gsctl.coding.crc import CCITT_FALSE
from gsctl.coding.line_codes import nrzm_encode
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, CCSDS_DUAL, encode_interleaved
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.convolved import convolved_sync_word
from gsctl.errors import UsageError
from gsctl.framing import Ccsds, Integrity, framing_name, parse_framing
from gsctl.model import Frame

Deframe = Callable[..., list[Frame]]
ASM = bytes.fromhex("1ACFFC1D")
RNG = np.random.default_rng(131)


def stream(name: str, frames: list[bytes], level: int = 0) -> np.ndarray:
    """Frames one after another, with an ASM and some fill at the end."""
    framing = parse_framing(name)
    assert isinstance(framing, Ccsds)
    code = CCSDS_DUAL if framing.basis == "dual" else CCSDS_CONVENTIONAL
    data = b"\x55" * 20
    for frame in frames:
        block = encode_interleaved(code, frame, framing.depth) if framing.reed_solomon else frame
        data += ASM + (CCSDS.apply(block) if framing.scrambler else block)
    bits = bytes_to_bits(data + ASM + b"\x55" * 8)
    if framing.differential:
        bits = nrzm_encode(bits, level=level)
    return CONVOLUTIONAL_CODES[framing.convolutional].encode(bits) if framing.convolutional else bits


NAMES = [
    "ccsds-rs",
    "ccsds-rs:depth=5,size_bytes=1115",
    "ccsds-rs:basis=conventional,size_bytes=114,differential=true",
    "ccsds-rs:size_bytes=128,scrambler=false",
    "ccsds-concatenated",
    "ccsds-concatenated:basis=conventional,size_bytes=114,differential=true",
    "ccsds-concatenated:convolutional=nasa-dsn",
    "ccsds-concatenated:convolutional=ccsds-uninverted,depth=4,size_bytes=892",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [None, 1013])
@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("shift", [0, 1])
def test_frames_come_out(name: str, cut: int | None, upside_down: bool, shift: int, deframe: Deframe) -> None:
    size = getattr(parse_framing(name), "size_bytes", 0)
    frames = [RNG.bytes(size) for _ in range(2)]
    bits = stream(name, frames, level=shift)[shift:] ^ upside_down
    found = deframe(name, bits, cut=cut)
    assert [frame.payload for frame in found] == frames
    assert {frame.integrity for frame in found} == {Integrity.FEC}
    assert {frame.corrected_errors for frame in found} == {0}
    rate = 2 if "concatenated" in name else 1
    assert found[0].sample_index == 5 * (rate * 8 * 24 - shift)


def test_uncoded_frames_are_unchecked_unless_they_have_an_fecf(deframe: Deframe) -> None:
    frames = [RNG.bytes(60) for _ in range(3)]
    bits = stream("ccsds-uncoded:size_bytes=60", frames)
    assert deframe("ccsds-uncoded:size_bytes=60", bits) == []
    found = deframe("ccsds-uncoded:size_bytes=60", bits, unchecked=True)
    assert [frame.payload for frame in found] == frames
    assert {frame.integrity for frame in found} == {Integrity.UNCHECKED}
    checked = [frame + CCITT_FALSE.to_bytes(frame) for frame in frames]
    bits = stream("ccsds-uncoded:size_bytes=62", checked)
    bits[8 * 40] ^= 1
    found = deframe("ccsds-uncoded:size_bytes=62,fecf=true", bits)
    assert [frame.payload for frame in found] == frames[1:]
    assert {frame.integrity for frame in found} == {Integrity.CRC}


def test_concatenated_code_works_where_one_symbol_in_eleven_is_wrong(deframe: Deframe) -> None:
    frames = [RNG.bytes(223) for _ in range(10)]
    found = deframe("ccsds-concatenated", stream("ccsds-concatenated", frames), noise=0.75)
    assert len(found) >= 9
    assert {frame.payload for frame in found} <= set(frames)
    assert all(250 < frame.corrected_errors < 550 for frame in found)


def test_the_convolved_marker() -> None:
    """By shifting G1 = 1111001 and G2 = 1011011 along the marker; the first twelve symbols are not sure."""
    marker = [int(bit) for bit in f"{0x1ACFFC1D:032b}"]
    expected = []
    for n in range(6, 32):
        window = marker[n - 6 : n + 1][::-1]  # the newest bit first
        expected.append(sum(b for b, tap in zip(window, "1111001", strict=True) if tap == "1") % 2)
        expected.append(1 - sum(b for b, tap in zip(window, "1011011", strict=True) if tap == "1") % 2)
    sync, state = convolved_sync_word(bytes_to_bits(ASM), CCSDS_K7, 0.2)
    assert sync.bits.tolist() == expected
    assert state == 0b101110  # the last six bits 011101, the newest highest
    assert sync.tolerance == 10


def test_lilacsat_1_data_without_its_speech(deframe: Deframe) -> None:
    frame = RNG.bytes(116)
    bits = bytes_to_bits(b"\x55" * 30 + ASM + CCSDS.apply(frame) + ASM)
    line = CCSDS_K7.encode(nrzm_encode(bits))
    assert deframe("lilacsat-1", line) == []
    (found,) = deframe("lilacsat-1", line, unchecked=True)
    assert found.payload == frame[:13] + frame[20:37] + frame[44:61] + frame[68:85] + frame[92:109]
    assert found.integrity is Integrity.UNCHECKED


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ccsds-rs:basis=dula", "dual or conventional"),
        ("ccsds-rs:size_bytes=224", "up to 223"),
        ("ccsds-rs:size_bytes=224,depth=3", "multiple"),
        ("ccsds-concatenated:convolutional=ccsd", "nasa-dsn"),
        ("ccsds-rs:depth=0", "1 to 8"),
    ],
)
def test_wrong_parameters_are_named(text: str, advice: str) -> None:
    with pytest.raises(UsageError, match=advice):
        parse_framing(text)


def test_names_are_the_shortest() -> None:
    assert framing_name(parse_framing("ccsds-rs:convolutional=ccsds")) == "ccsds-concatenated"
    text = "ccsds-concatenated:size_bytes=114,basis=conventional"
    assert framing_name(parse_framing(text)) == text
