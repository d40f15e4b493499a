"""AIS messages out of line symbols: what is believed, and what a burst's spoilt end costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.signals import ais_payloads
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.deframe.ais import LENGTHS_BYTES, is_ais_length, is_assigned_mmsi, mmsi_of
from gsctl.framing import Ais, Integrity
from gsctl.model import ErrorEvent, Frame, SoftBits, StageCounters
from gsctl.synth.framers import line_symbols

REPAIR = (20, 8, 4)


def soft_bits(message: bytes, wrong: tuple[int, ...] = (), level: float = 20.0) -> SoftBits:
    """One burst; ``wrong`` symbols, counted from the first after the flag, are received faintly inverted."""
    line = line_symbols(Ais(), [message])
    values = np.where(line.values == 1, level, -level).astype(np.float32)
    for place in wrong:
        values[line.first[0] + place] *= -0.02
    events = tuple(ErrorEvent(cost=0.4, symbols=(line.first[0] + place,)) for place in wrong)
    return SoftBits(
        values=values,
        position=np.arange(values.size, dtype=np.float64),
        symbol_rate_bd=9600.0,
        restart=True,
        level_dbfs=-7.0,
        events=events,
    )


def deframe(soft: SoftBits, repair: tuple[int, int, int] = REPAIR) -> list[Frame]:
    deframer = DEFRAMERS[Ais](Ais(), DeframeOptions(repair=repair), StageCounters())
    return list(deframer.push(soft))


def test_a_message_comes_out_in_field_order() -> None:
    message = ais_payloads(1, seed=1)[0]
    (frame,) = deframe(soft_bits(message))
    assert frame.payload == message
    assert frame.integrity is Integrity.CRC
    assert frame.level_dbfs == -7.0
    assert frame.sample_index == line_symbols(Ais(), [message]).first[0]


def test_two_wrong_symbols_are_repaired_and_counted() -> None:
    message = ais_payloads(1, seed=2)[0]
    assert deframe(soft_bits(message, (40, 90)), (0, 0, 0)) == []
    (frame,) = deframe(soft_bits(message, (40, 90)))
    assert frame.payload == message
    assert frame.integrity is Integrity.CRC_CORRECTED
    assert frame.corrected_errors == 2


def test_a_spoilt_closing_flag_is_known_from_the_type() -> None:
    for message in ais_payloads(12, seed=3):
        soft = soft_bits(message)
        soft.values[-6:-2] *= -1
        assert deframe(soft, (0, 0, 0)) == []
        assert [frame.payload for frame in deframe(soft)] == [message]


@pytest.mark.parametrize(
    "message",
    [
        bytes([1 << 2]) + b"\x30\x00\x00\x00" + bytes(15),  # a byte short of type 1
        bytes([28 << 2]) + bytes(20),  # no such type
        bytes(21),  # type 0
        bytes([1 << 2, 0xFF, 0xFF, 0xFF, 0xFC]) + bytes(16),  # MMSI above nine digits
    ],
)
def test_a_check_that_holds_is_not_enough(message: bytes) -> None:
    assert deframe(soft_bits(message)) == []


def test_every_type_has_a_length() -> None:
    assert sorted(LENGTHS_BYTES) == list(range(1, 28))
    for kind, (shortest, longest) in LENGTHS_BYTES.items():
        assert is_ais_length(bytes([kind << 2]) + bytes(longest - 1))
        assert not is_ais_length(bytes([kind << 2]) + bytes(shortest - 2))
    assert not is_ais_length(b"")


@pytest.mark.parametrize("mmsi", [305323000, 2320704, 111232506, 992351000, 970012345, 23456789, 823456789])
def test_numbers_that_are_given_out(mmsi: int) -> None:
    assert is_assigned_mmsi(mmsi)
    assert mmsi_of((1 << 34 | mmsi << 2).to_bytes(5, "big")) == mmsi


@pytest.mark.parametrize("mmsi", [0, 1, 123456789, 999999999, 190000000, 1_000_000_000])
def test_numbers_that_are_not(mmsi: int) -> None:
    assert not is_assigned_mmsi(mmsi)


@given(st.binary(min_size=1, max_size=300), st.floats(0.01, 50.0))
def test_nonsense_raises_nothing(data: bytes, level: float) -> None:
    values = np.where(np.unpackbits(np.frombuffer(data, np.uint8)) == 1, level, -level).astype(np.float32)
    soft = SoftBits(
        values=values,
        position=np.arange(values.size, dtype=np.float64),
        symbol_rate_bd=9600.0,
        restart=True,
    )
    for frame in deframe(soft):
        assert is_ais_length(frame.payload)
