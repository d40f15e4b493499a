"""Repair by the check: what it finds, what it may never do, and how often chance fools it."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gsctl.coding.hdlc import fcs_holds, with_fcs
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.deframe.hdlc import HdlcLine, HdlcParameters, most_repair_cost
from gsctl.framing import Ax25, Integrity
from gsctl.model import ErrorEvent, Frame, SoftBits, StageCounters
from gsctl.synth.framers import line_symbols

HEADER = bytes.fromhex("86A240404040E0B0AC729C888E6103F0")
PAYLOAD = HEADER + bytes(range(120))
NORMAL, DEEP = (40, 12, 6), (120, 40, 16)


def values_of(
    payload: bytes, framing: Ax25, wrong: list[tuple[int, float]]
) -> tuple[NDArray[np.float32], int, int]:
    """Sure symbols but for some wrong ones, counted from the frame's first; where it begins and ends."""
    line = line_symbols(framing, [payload], opening=8)
    values = (np.asarray(line.values, np.float32) * 2 - 1) * np.float32(20.0)
    for place, magnitude in wrong:
        at = line.first[0] + place
        values[at] = -np.sign(values[at]) * magnitude
    return values, line.first[0], line.last[0]


def heard(
    values: NDArray[np.float32],
    framing: Ax25,
    repair: tuple[int, int, int] = NORMAL,
    cut: int | None = None,
    events: tuple[ErrorEvent, ...] = (),
    counters: StageCounters | None = None,
) -> list[Frame]:
    deframer = Ax25Deframer(framing, DeframeOptions(repair=repair), counters or StageCounters())
    step = cut or len(values)
    frames: list[Frame] = []
    for i in range(0, len(values), step):
        frames += deframer.push(
            SoftBits(
                values=values[i : i + step],
                position=np.arange(i, min(i + step, len(values)), dtype=np.float64),
                symbol_rate_bd=9600.0,
                restart=i == 0,
                events=events if i == 0 else (),
            )
        )
    return frames


@pytest.mark.parametrize("framing", [Ax25(), Ax25(g3ruh=True), Ax25(g3ruh=True, nrzi_passes=2)])
@pytest.mark.parametrize(
    "wrong", [[(300, 0.5)], [(300, 0.5), (707, 1.0)], [(40, 0.5), (300, 0.4), (707, 0.7)]]
)
def test_one_two_and_three_wrong_line_bits(framing: Ax25, wrong: list[tuple[int, float]]) -> None:
    values, first, last = values_of(PAYLOAD, framing, wrong)
    assert heard(values, framing, repair=(0, 0, 0)) == []
    (frame,) = heard(values, framing)
    assert (frame.payload, frame.integrity) == (PAYLOAD, Integrity.CRC_CORRECTED)
    assert frame.corrected_errors == len(wrong)
    assert (frame.sample_index, frame.end_sample_index) == (first, last)


@pytest.mark.parametrize("place", [-12, -11, -10])
@pytest.mark.parametrize("cut", [1, 7, None])
def test_a_wrong_bit_before_the_frame_reaches_into_it(place: int, cut: int | None) -> None:
    """G3RUH's descrambler looks 17 bits back, past the flag; the cut must not hide them."""
    framing = Ax25(g3ruh=True)
    values, _, _ = values_of(PAYLOAD, framing, [(place, 0.3)])
    (frame,) = heard(values, framing, cut=cut)
    assert (frame.payload, frame.corrected_errors) == (PAYLOAD, 1)


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_any_cut_gives_the_same_repair(cut: int) -> None:
    framing = Ax25(g3ruh=True)
    values, _, _ = values_of(PAYLOAD, framing, [(11, 0.6), (500, 0.4)])
    assert heard(values, framing, cut=cut) == heard(values, framing)


def test_four_wrong_bits_are_too_many_and_sure_wrong_ones_are_not_tried() -> None:
    framing = Ax25()
    four, _, _ = values_of(PAYLOAD, framing, [(100, 0.3), (300, 0.3), (500, 0.3), (700, 0.3)])
    assert heard(four, framing) == []
    sure, _, _ = values_of(PAYLOAD, framing, [(300, 19.0)])
    assert heard(sure, framing) == []


def test_events_flip_their_symbols_together() -> None:
    """A coherent MSK receiver errs in two bits at once; its events say which."""
    framing = Ax25()
    values, first, _ = values_of(PAYLOAD, framing, [(300, 15.0), (301, 15.0)])
    event = ErrorEvent(cost=0.8, symbols=(first + 300, first + 301))
    (frame,) = heard(values, framing, events=(event,))
    assert (frame.payload, frame.corrected_errors) == (PAYLOAD, 2)


@pytest.mark.parametrize("framing", [Ax25(), Ax25(g3ruh=True)])
@pytest.mark.parametrize("told", [200, 201])
def test_a_carrier_whose_sign_turns_over_is_one_event(framing: Ax25, told: int) -> None:
    """Behind a jump of the phase all symbols are inverted; after NRZI that is one wrong bit.

    An event that inverts comes beside the symbols' own doubts, so a doubtful symbol next to it sets
    right a jump that was told a symbol late.
    """
    values, first, _ = values_of(PAYLOAD, framing, [(500, 2.0)])
    values[first + 200 :] *= -1
    values[first + 200] = np.sign(values[first + 200]) * 1.5
    assert heard(values, framing) == []
    event = ErrorEvent(cost=0.0, symbols=(first + told,), inverts=True)
    frames = heard(values, framing, events=(event,))
    assert [frame.payload for frame in frames] == [PAYLOAD]
    assert frames[0].integrity is Integrity.CRC_CORRECTED
    assert frames[0].corrected_errors == (2 if told == 200 else 3)


def test_repair_needs_well_formed_addresses() -> None:
    framing = Ax25()
    values, _, _ = values_of(bytes(range(130)), framing, [(300, 0.5)])
    assert heard(values, framing) == []


@settings(max_examples=40)
@given(
    wrong=st.lists(st.tuples(st.integers(0, 900), st.floats(0.01, 6.0)), min_size=1, max_size=6),
    deep=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_what_comes_out_always_passes_its_check(
    wrong: list[tuple[int, float]], deep: bool, seed: int
) -> None:
    """Whatever is wrong and however doubtful the rest, the kernel gives only what its FCS vouches for."""
    framing = Ax25(g3ruh=True)
    values, _, _ = values_of(PAYLOAD, framing, wrong)
    random = np.random.default_rng(seed)
    values *= np.abs(random.normal(0.4, 0.3, len(values))).astype(np.float32)
    line = HdlcLine(HdlcParameters(g3ruh=True, repair=DEEP if deep else NORMAL), StageCounters())
    soft = SoftBits(values=values, position=np.arange(len(values), dtype=np.float64), symbol_rate_bd=9600.0)
    for found in line.push(soft):
        count = len(found.payload) + 2
        assert fcs_holds(line._payload[:count].tobytes())
        assert with_fcs(found.payload) == line._payload[:count].tobytes()


def test_the_bound_is_bayes_rule() -> None:
    """Of one doubtful decision of cost c that was flipped, the chance of a false match is as said."""
    costs = np.array([2.0, 3.0, 9.0])
    most = most_repair_cost(0.01, costs)
    true_weight = exp(-most) / float(np.prod(1 + np.exp(-costs)))
    assert 2**-16 / (2**-16 + true_weight) == pytest.approx(0.01)
    # Twice the errors to be expected leave less room; noise leaves none.
    assert most_repair_cost(0.01, np.tile(costs, 2)) < most
    assert most_repair_cost(0.01, np.full(136, 1.0)) < 0
    assert most_repair_cost(0.5, np.zeros(0)) == pytest.approx(16 * log(2))


def ideal_values(count: int, ebn0_db: float, seed: int) -> list[tuple[bytes, NDArray[np.float32]]]:
    """Frames over an ideal BPSK channel: the ratios are exactly 4 sqrt(Eb) r / N0."""
    random = np.random.default_rng(seed)
    ebn0 = 10 ** (ebn0_db / 10)
    sent = []
    for _ in range(count):
        payload = HEADER + random.bytes(200)
        line = line_symbols(Ax25(), [payload], opening=4).values
        level = np.asarray(line, np.float32) * 2 - 1
        level += np.sqrt(0.5 / ebn0) * random.standard_normal(len(line)).astype(np.float32)
        sent.append((payload, (4 * ebn0 * level).astype(np.float32)))
    return sent


def score(count: int, ebn0_db: float, repair: tuple[int, int, int]) -> tuple[int, int]:
    """Frames that came out, and false ones."""
    right = false = 0
    for payload, values in ideal_values(count, ebn0_db, 5):
        for frame in heard(values, Ax25(), repair):
            right += frame.payload == payload
            false += frame.payload != payload
    return right, false


def test_repair_is_worth_a_decibel_and_stays_honest() -> None:
    """At 7.0 dB a tenth of the frames of 218 bytes are whole; one to three wrong bits come back."""
    plain, _ = score(120, 7.0, (0, 0, 0))
    repaired, false = score(120, 7.0, NORMAL)
    assert 20 <= plain <= 50
    assert repaired >= plain + 35
    assert false == 0


@pytest.mark.long
@pytest.mark.parametrize(("ebn0_db", "repair"), [(5.0, NORMAL), (6.0, NORMAL), (5.0, DEEP), (6.0, DEEP)])
def test_false_frames_stay_below_the_bound(ebn0_db: float, repair: tuple[int, int, int]) -> None:
    count = 20_000
    right, false = score(count, ebn0_db, repair)
    assert false <= 0.002 * count
    assert false <= max(3, 0.01 * right)
