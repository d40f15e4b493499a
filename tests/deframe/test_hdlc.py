"""The HDLC receiver: flags, stuffing, checks, bounded memory, any cut; round trips against the sender."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gsctl.coding.hdlc import FLAG_BITS, frame_bits, with_fcs
from gsctl.coding.line_codes import nrzi_encode
from gsctl.coding.scramblers import g3ruh_scramble
from gsctl.deframe import DeframeOptions
from gsctl.deframe import hdlc_kernels as kernels
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.deframe.hdlc import HdlcFrame, HdlcLine, HdlcParameters
from gsctl.framing import Ax25, Framing, Integrity, parse_framing
from gsctl.model import Frame, SoftBits, StageCounters
from gsctl.synth.framers import line_symbols

Deframe = Callable[..., list[Frame]]
Bits = NDArray[np.uint8]

# By AX.25 2.2, section 3: UI frame CQ <- XV9NDG (SSID bytes E0 and 61), text TEST, and the FCS as sent.
VECTOR = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")
VECTOR_FCS = bytes.fromhex("823C")
NAMES = ("ax25", "ax25-g3ruh", "ua01")


def soft(bits: Bits, *, start: int = 0, magnitude: float = 10.0, restart: bool = False) -> SoftBits:
    return SoftBits(
        values=((bits.astype(np.float32) * 2 - 1) * magnitude).astype(np.float32),
        position=np.arange(start, start + len(bits), dtype=np.float64),
        symbol_rate_bd=9600.0,
        restart=restart,
    )


def plain_line(pieces: Sequence[Bits]) -> Bits:
    """Data bits as they are on a line without NRZI."""
    return np.concatenate([np.asarray(piece, np.uint8) for piece in pieces])


def received(bits: Bits, min_bytes: int = 3, cut: int | None = None) -> list[HdlcFrame]:
    line = HdlcLine(HdlcParameters(nrzi_passes=0, min_bytes=min_bytes), StageCounters())
    step = cut or max(len(bits), 1)
    return [f for i in range(0, len(bits), step) for f in line.push(soft(bits[i : i + step], start=i))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [1, 7, None])
def test_a_known_frame(name: str, cut: int | None, deframe: Deframe) -> None:
    assert with_fcs(VECTOR) == VECTOR + VECTOR_FCS
    line = line_symbols(parse_framing(name), [VECTOR], opening=8)
    (frame,) = deframe(name, line.values, cut=cut)
    assert (frame.payload, frame.integrity, frame.corrected_errors) == (VECTOR, Integrity.CRC, 0)
    # The fixture's symbol k is at sample 5 k.
    assert (frame.sample_index, frame.end_sample_index) == (5 * line.first[0], 5 * line.last[0])


def test_the_scrambler_from_rest() -> None:
    """By x^17 + x^12 + 1: flags, NRZI from level 0, scrambled from state 0, bits packed first bit highest.

    J. Miller G3RUH, 9600 Baud Packet Radio Modem Design, ARRL 7th Computer Networking Conference, 1988.
    """
    line = g3ruh_scramble(nrzi_encode(np.tile(FLAG_BITS, 6)))
    assert np.packbits(line).tobytes().hex() == "fef16e90a0bc"
    state = np.zeros(19, np.uint8)
    back = kernels.decode_line(line, state, 1, True)
    np.testing.assert_array_equal(back[17:], np.tile(FLAG_BITS, 6)[17:])


@pytest.mark.parametrize("name", NAMES)
def test_polarity_does_not_matter(name: str, deframe: Deframe) -> None:
    line = line_symbols(parse_framing(name), [VECTOR, VECTOR + b"x"]).values
    assert [frame.payload for frame in deframe(name, 1 - line)] == [VECTOR, VECTOR + b"x"]


@settings(max_examples=60)
@given(
    payloads=st.lists(st.binary(min_size=15, max_size=80), min_size=1, max_size=3),
    name=st.sampled_from(NAMES),
    cut=st.sampled_from([1, 7, 64, 4096]),
    flags=st.integers(5, 12),
)
def test_what_is_sent_comes_out(payloads: list[bytes], name: str, cut: int, flags: int) -> None:
    framing = parse_framing(name)
    assert isinstance(framing, Ax25)
    bits = line_symbols(framing, payloads, opening=flags).values
    deframer = Ax25Deframer(framing, DeframeOptions(), StageCounters())
    got = [
        frame.payload
        for i in range(0, len(bits), cut)
        for frame in deframer.push(soft(bits[i : i + cut], start=i, restart=i == 0))
    ]
    assert got == payloads


@pytest.mark.parametrize(
    "payload", [b"\xff" * 20, b"\x7e" * 20, b"\x1f\xf8" * 10, b"\x00" * 20, b"\x3e" * 20]
)
def test_stuffing_at_its_worst(payload: bytes) -> None:
    bits = plain_line([FLAG_BITS, frame_bits(payload), FLAG_BITS])
    assert [frame.payload for frame in received(bits)] == [payload]


def test_flags_may_share_a_zero_and_may_be_shared_by_frames() -> None:
    one, two = frame_bits(VECTOR), frame_bits(VECTOR[::-1])
    bits = plain_line([FLAG_BITS, FLAG_BITS[1:], one, FLAG_BITS, two, FLAG_BITS, FLAG_BITS[1:]])
    for cut in (None, 1, 7):
        assert [frame.payload for frame in received(bits, cut=cut)] == [VECTOR, VECTOR[::-1]]


def test_seven_ones_abort_and_the_next_frame_comes() -> None:
    body = frame_bits(VECTOR)
    abort = np.ones(7, np.uint8)
    bits = plain_line([FLAG_BITS, body[:60], abort, body[60:], FLAG_BITS, body, FLAG_BITS])
    assert [frame.payload for frame in received(bits)] == [VECTOR]


@pytest.mark.parametrize("extra", [1, 3, 7])
def test_bits_that_make_no_whole_byte_are_no_frame(extra: int) -> None:
    bits = plain_line([FLAG_BITS, frame_bits(VECTOR), np.zeros(extra, np.uint8), FLAG_BITS])
    assert received(bits) == []


def test_short_and_long_frames_are_none() -> None:
    counters = StageCounters()
    parameters = HdlcParameters(nrzi_passes=0, min_bytes=17, max_bytes=40)
    line = HdlcLine(parameters, counters)
    for size, known in ((14, False), (15, True), (38, True), (39, False)):
        bits = plain_line([FLAG_BITS, frame_bits(b"\x55" * size), FLAG_BITS])
        assert bool(list(line.push(soft(bits, restart=True)))) is known
    assert counters.sync_found == 8


def test_a_wrong_bit_is_counted_and_gives_nothing() -> None:
    bits = plain_line([FLAG_BITS, frame_bits(VECTOR), FLAG_BITS])
    for place in range(8, len(bits) - 8, 11):
        wrong = bits.copy()
        wrong[place] ^= 1
        assert all(frame.payload != VECTOR for frame in received(wrong, min_bytes=17))


def test_a_restart_cuts_a_frame() -> None:
    bits = plain_line([FLAG_BITS, frame_bits(VECTOR), FLAG_BITS])
    line = HdlcLine(HdlcParameters(nrzi_passes=0), StageCounters())
    assert not list(line.push(soft(bits[:90])))
    assert not list(line.push(soft(bits[90:], restart=True)))


def test_streams_are_kept_apart() -> None:
    framing: Framing = Ax25()
    one = line_symbols(framing, [VECTOR]).values
    deframer = Ax25Deframer(Ax25(), DeframeOptions(), StageCounters())
    got = []
    for i in range(0, len(one), 50):
        for stream in (0, 5, 2):
            piece = soft(one[i : i + 50], start=i, restart=i == 0)
            got += list(
                deframer.push(
                    SoftBits(
                        values=piece.values,
                        position=piece.position,
                        symbol_rate_bd=1200.0,
                        stream=stream,
                        restart=piece.restart,
                    )
                )
            )
    assert [frame.payload for frame in got] == [VECTOR] * 3


@pytest.mark.parametrize("kind", ["noise", "no flags", "one flag"])
def test_memory_is_bounded(kind: str) -> None:
    """An hour's worth of bits in small pieces; what is held never exceeds the longest frame."""
    line = HdlcLine(HdlcParameters(nrzi_passes=0, max_bytes=256), StageCounters())
    random, most = np.random.default_rng(1), 0
    if kind == "one flag":
        list(line.push(soft(FLAG_BITS)))
    for _ in range(300):
        bits = random.integers(0, 2, 480, dtype=np.uint8)
        if kind != "noise":
            bits[::5] = 0
        list(line.push(soft(bits)))
        most = max(most, line._bits.size, line._values.size, line._position.size, len(line._events))
    assert most <= 256 * 10 + 480 + kernels.HISTORY_BITS


def test_addresses_are_judged() -> None:
    def plausible(frame: bytes) -> bool:
        return bool(kernels.has_plausible_addresses(np.frombuffer(frame, np.uint8), len(frame)))

    assert plausible(VECTOR)
    # A digipeater: the source's SSID byte no longer marks the end.
    via = VECTOR[:13] + bytes([0x60]) + VECTOR[:6] + bytes([0x61]) + VECTOR[14:]
    assert plausible(via)
    assert not plausible(VECTOR[:14])  # no control byte
    assert not plausible(VECTOR[:13] + bytes([0x60]) + VECTOR[14:])  # no end of the addresses
    assert not plausible(b"\x40" + VECTOR[1:])  # a space first
    assert not plausible(VECTOR[:3] + b"\x86" + VECTOR[4:])  # a letter behind a space
    assert not plausible(bytes([VECTOR[0] | 1]) + VECTOR[1:])


def test_without_addresses_only_a_well_heard_frame_counts() -> None:
    payload = bytes(range(40))
    bits = line_symbols(Ax25(), [payload]).values
    counters = StageCounters()
    deframer = Ax25Deframer(Ax25(), DeframeOptions(), counters)
    assert [f.payload for f in deframer.push(soft(bits, magnitude=6.0, restart=True))] == [payload]
    # A ratio of 2 is a wrong bit in eight.
    assert not list(deframer.push(soft(bits, magnitude=2.0, restart=True)))
    assert (counters.fcs_ok, counters.fcs_bad) == (1, 1)


def test_quality_is_told() -> None:
    bits = line_symbols(Ax25(), [VECTOR * 8]).values
    random = np.random.default_rng(2)
    level = (2.0 * bits - 1) + 0.3 * random.standard_normal(len(bits))
    heard = SoftBits(
        values=(level * 2 / 0.09).astype(np.float32),
        position=np.arange(len(bits), dtype=np.float64),
        symbol_rate_bd=1200.0,
        restart=True,
    )
    (frame,) = Ax25Deframer(Ax25(), DeframeOptions(), StageCounters()).push(heard)
    # One dimension has sigma 0.3, both have twice its power: 1 / 0.18 is 7.4 dB.
    assert frame.snr_db == pytest.approx(7.4, abs=0.4)
