"""One frame comes out once, as the best that was heard of it, and no false twin beside it."""

import dataclasses
from typing import Any

from gsctl.framing import Ax25, Integrity
from gsctl.model import Frame
from gsctl.pipeline.sightings import HOLD_S, Sighting, Sightings

RATE_HZ = 48_000.0
REPAIRED: dict[str, Any] = {"integrity": Integrity.CRC_CORRECTED, "corrected_errors": 2}


def seen(
    payload: bytes, first: float, last: float, nominal_hz: float | None = None, **changes: Any
) -> Sighting[str]:
    frame = Frame(
        payload=payload,
        framing=Ax25(g3ruh=True),
        integrity=Integrity.CRC,
        sample_index=first,
        end_sample_index=last,
        symbol_rate_bd=9600.0,
    )
    return Sighting(dataclasses.replace(frame, **changes), "somebody", nominal_hz)


def payloads(found: list[Sighting[str]]) -> list[bytes]:
    return [sighting.frame.payload for sighting in found]


def test_sightings_are_one_where_they_overlap() -> None:
    sightings = Sightings[str](RATE_HZ)
    assert payloads(sightings.sort_out([seen(b"a", 100, 200)], 300)) == [b"a"]
    assert not sightings.sort_out([seen(b"a", 103, 203)], 300)
    assert payloads(sightings.sort_out([seen(b"b", 103, 203)], 300)) == [b"b"]
    assert payloads(sightings.sort_out([seen(b"a", 200, 300)], 300)) == [b"a"]
    assert not sightings.sort_out([seen(b"a", 199, 299)], 300)
    for number in range(1000):
        sightings.sort_out([seen(b"c", 1000.0 * number, 1000.0 * number + 500)], 1000.0 * number)
    assert len(sightings) <= 256


def test_an_intact_frame_is_given_at_once_and_in_order_of_time() -> None:
    sightings = Sightings[str](RATE_HZ)
    late, early = seen(b"late", 5000, 6000), seen(b"early", 1000, 2000)
    assert payloads(sightings.sort_out([late, early], 6000)) == [b"early", b"late"]


def test_a_repaired_frame_waits_for_an_intact_one() -> None:
    sightings = Sightings[str](RATE_HZ)
    assert not sightings.sort_out([seen(b"frame", 1000, 2000, **REPAIRED)], 2100)
    (given,) = sightings.sort_out([seen(b"frame", 1002, 2002)], 6000)
    assert given.frame.integrity is Integrity.CRC
    assert not sightings.sort_out([], 10**6)
    # Where none comes it is given when it is due, or when the stream ends.
    assert not sightings.sort_out([seen(b"alone", 50_000, 51_000, **REPAIRED)], 51_000)
    assert not sightings.sort_out([], 51_000 + HOLD_S * RATE_HZ - 1)
    assert payloads(sightings.sort_out([], 51_000 + HOLD_S * RATE_HZ)) == [b"alone"]
    sightings.sort_out([seen(b"last", 90_000, 91_000, **REPAIRED)], 91_000)
    assert payloads(sightings.sort_out([])) == [b"last"]


def test_what_overlaps_a_better_frame_of_its_carrier_is_false() -> None:
    intact = seen(b"true", 1000, 5000, frequency_offset_hz=100.0)
    for false in (
        seen(b"false", 1500, 4000, **REPAIRED),
        seen(b"false", 900, 6000, frequency_offset_hz=-900.0, **REPAIRED),
    ):
        assert payloads(Sightings[str](RATE_HZ).sort_out([false, intact])) == [b"true"]
    fewer, more = (
        seen(b"one", 0, 900, **REPAIRED),
        seen(b"two", 10, 900, **REPAIRED | {"corrected_errors": 3}),
    )
    assert payloads(Sightings[str](RATE_HZ).sort_out([more, fewer])) == [b"one"]


def test_other_carriers_and_other_times_are_left_alone() -> None:
    intact = seen(b"true", 1000, 5000, 437e6, frequency_offset_hz=100.0)
    for other in (
        seen(b"other", 1500, 4000, 437e6, frequency_offset_hz=6000.0, **REPAIRED),
        seen(b"other", 1500, 4000, 145e6, frequency_offset_hz=100.0, **REPAIRED),
        seen(b"other", 5040, 9000, 437e6, frequency_offset_hz=100.0, **REPAIRED),
        seen(b"other", 1500, 4000, 437e6, frequency_offset_hz=100.0),
    ):
        assert set(payloads(Sightings[str](RATE_HZ).sort_out([intact, other]))) == {b"true", b"other"}


def test_a_frame_without_frequency_waits_for_who_measures_it() -> None:
    heard_until = [1500.0]
    sightings = Sightings[str](RATE_HZ, lambda _by: heard_until[0])
    plain = seen(b"frame", 1000, 2000, snr_db=9.0)
    assert not sightings.sort_out([plain], 6000)
    measured = seen(b"frame", 1001, 2001, snr_db=8.0, frequency_offset_hz=120.0)
    assert sightings.sort_out([measured], 6100) == [measured]
    heard_until[0] = 9000.0
    assert not sightings.sort_out([], 9000)
    # Where nobody measures it, it is given once that is known.
    alone = seen(b"alone", 9500, 9900)
    assert not sightings.sort_out([alone], 10_000)
    heard_until[0] = 9900.0
    assert not sightings.sort_out([], 10_500)
    heard_until[0] = 10_100.0
    assert sightings.sort_out([], 11_000) == [alone]
    last = seen(b"last", 20_000, 21_000)
    assert not sightings.sort_out([last], 21_000)
    assert sightings.sort_out([]) == [last]


def test_an_intact_frame_takes_the_frequency_of_its_repaired_twin() -> None:
    intact = seen(b"frame", 1000, 2000, snr_db=3.0)
    twin = seen(b"frame", 1002, 2002, snr_db=7.0, frequency_offset_hz=120.0, **REPAIRED)
    (given,) = Sightings[str](RATE_HZ).sort_out([twin, intact])
    assert given.frame.integrity is Integrity.CRC
    assert given.frame.sample_index == 1000
    assert (given.frame.frequency_offset_hz, given.frame.snr_db) == (120.0, 7.0)
