"""The clock is found from slots: shifted clocks, scatter, liars, and the wrong minute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from gsctl.ais.clock_check import FIRST_BIT_S, SLOT_S, ClockCheck
from gsctl.ais.encoding import position_report, sotdma_state
from gsctl.ais.lines import FileLines
from gsctl.ais.messages import AisMessage, decode_message
from gsctl.ais.reader import NmeaReader

MINUTE = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


def slot_message(slot: int, clock_error_s: float, mmsi: int = 574000001, timeout: int = 4) -> AisMessage:
    bits = position_report(
        mmsi=mmsi,
        latitude_deg=20.0,
        longitude_deg=107.0,
        speed_over_ground_kn=10.0,
        course_over_ground_deg=0.0,
        true_heading_deg=0,
        utc_second=int(slot * SLOT_S),
        communication_state=sotdma_state(slot_timeout=timeout, slot=slot, utc_hour=12, utc_minute=0),
    )
    received_at = MINUTE + timedelta(seconds=slot * SLOT_S + FIRST_BIT_S + clock_error_s)
    return decode_message(bits, received_at=received_at, time_source="host")


@pytest.mark.parametrize("error_s", [0.0, 0.25, -0.25, 7.5, 29.9, -29.9])
def test_a_shifted_clock_is_found(error_s: float) -> None:
    check = ClockCheck()
    random = np.random.default_rng(1)
    scatter_s = 0.002
    for number in range(200):
        slot = int(random.integers(0, 2250))
        check.add(
            slot_message(slot, error_s + float(random.normal(0, scatter_s)), mmsi=574000001 + number % 20)
        )
    found = check.result()
    assert found is not None
    assert found.offset_s == pytest.approx(error_s, abs=5 * 1.2533 * scatter_s / np.sqrt(200))
    assert found.uncertainty_s == pytest.approx(1.2533 * scatter_s / np.sqrt(200), rel=0.3)
    assert (found.messages, found.stations) == (200, 20)


def test_some_stations_with_wrong_slots_do_not_matter() -> None:
    check = ClockCheck()
    for number in range(100):
        check.add(slot_message(number * 20, 0.1 if number % 5 else 13.0 + number))
    found = check.result()
    assert found is not None
    assert found.offset_s == pytest.approx(0.1, abs=1e-5)


def test_messages_that_tell_no_slot_are_left_out() -> None:
    check = ClockCheck()
    for timeout in (0, 1, 3, 5, 7):
        check.add(slot_message(10, 0.0, timeout=timeout))
    assert check.result() is None


def test_base_stations_know_the_minute(data_dir: Path) -> None:
    """AisLib's stream: Danish base stations and ships, stamped to the millisecond by their receivers."""
    reader, check = NmeaReader(), ClockCheck()
    source = FileLines(data_dir / "ais/aislib/stream_example.txt")
    shift = timedelta(seconds=127.25)
    for batch in source.batches():
        for line in batch:
            message = reader.feed(line.text)
            if message is not None and message.received_at is not None:
                shifted = decode_message(message.bits, received_at=message.received_at + shift)
                check.add(shifted)
    source.close()
    found = check.result()
    assert found is not None
    assert found.stations > 100
    # These receivers note the end of a burst, 17.5 ms of message and some behind its first bit.
    assert 127.25 + 0.015 < found.offset_s < 127.25 + 0.030
