"""The traffic model keeps the rules of AIS, and its IQ holds what the schedule says."""

import itertools
import math
from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.coding.hdlc import frame_bits
from gsctl.errors import ConfigError
from gsctl.synth.ais_scene import AisBurst, ais_blocks, channels_within, first_bit_s
from gsctl.synth.ais_traffic import (
    HEARING_RANGE_KM,
    SLOT_S,
    SLOTS_A_MINUTE,
    Report,
    Transmission,
    Vessel,
    make_fleet,
    report_interval_s,
    schedule,
)
from gsctl.synth.ais_view import ebn0_db, footprint_radius_km, ground_view, orbit_view
from gsctl.synth.channel import generator

START = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


def distance_km(one: Vessel, other: Vessel) -> float:
    lat1, lat2 = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    across = math.radians(one.longitude_deg - other.longitude_deg)
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(across)
    return 6371.0 * math.acos(min(1.0, max(-1.0, cosine)))


@pytest.fixture(scope="module")
def fleet() -> list[Vessel]:
    return make_fleet(120, 20.8, 107.0, 150.0, generator(3))


@pytest.fixture(scope="module")
def traffic(fleet: list[Vessel]) -> list[Transmission]:
    return schedule(fleet, 6, generator(4))


def test_the_fleet_is_where_and_as_it_was_asked_for(fleet: list[Vessel]) -> None:
    middle = Vessel(
        mmsi=0,
        class_b=False,
        latitude_deg=20.8,
        longitude_deg=107.0,
        speed_kn=0,
        course_deg=0,
        length_m=1,
        ship_type=0,
    )
    distances = [distance_km(middle, vessel) for vessel in fleet]
    assert max(distances) <= 150.0 + 1e-6
    # Evenly over an area: half of the ships within 1/sqrt(2) of the radius.
    assert 0.35 < sum(d < 150.0 / math.sqrt(2) for d in distances) / len(fleet) < 0.65
    assert len({vessel.mmsi for vessel in fleet}) == len(fleet)
    assert 0.15 < sum(vessel.class_b for vessel in fleet) / len(fleet) < 0.45
    assert make_fleet(120, 20.8, 107.0, 150.0, generator(3)) == fleet, "the same seed gives the same ships"


def test_ships_move_as_they_say() -> None:
    north = Vessel(
        mmsi=1,
        class_b=False,
        latitude_deg=10,
        longitude_deg=179.9,
        speed_kn=12,
        course_deg=0,
        length_m=1,
        ship_type=0,
    )
    assert north.position_at(3600.0) == pytest.approx((10.2, 179.9))
    east = Vessel(
        mmsi=1,
        class_b=False,
        latitude_deg=0,
        longitude_deg=179.9,
        speed_kn=12,
        course_deg=90,
        length_m=1,
        ship_type=0,
    )
    assert east.position_at(3600.0) == pytest.approx((0.0, -179.9))


def test_reports_come_as_often_as_class_and_speed_ask(
    fleet: list[Vessel], traffic: list[Transmission]
) -> None:
    counts = Counter(sent.vessel for sent in traffic if sent.report is Report.POSITION)
    for number, vessel in enumerate(fleet):
        assert counts[number] == 360.0 / report_interval_s(vessel), vessel
    static = Counter(sent.vessel for sent in traffic if sent.report is Report.STATIC)
    assert all(static[number] == 1 for number in range(len(fleet)))
    far = Counter(sent.vessel for sent in traffic if sent.report is Report.LONG_RANGE)
    assert all(far[number] == (0 if vessel.class_b else 2) for number, vessel in enumerate(fleet))


def test_slots_fit_the_time_and_channels_alternate(traffic: list[Transmission]) -> None:
    for sent in traffic:
        assert 0 <= sent.slot < SLOTS_A_MINUTE
        assert sent.time_s % 60.0 == pytest.approx(sent.slot * SLOT_S)
        assert sent.channel in ("CD" if sent.report is Report.LONG_RANGE else "AB")
    share = Counter(sent.channel for sent in traffic if sent.report is Report.POSITION)
    assert 0.4 < share["A"] / (share["A"] + share["B"]) < 0.6
    assert [sent.time_s for sent in traffic] == sorted(sent.time_s for sent in traffic)


def test_ships_that_hear_each_other_share_no_slot(fleet: list[Vessel], traffic: list[Transmission]) -> None:
    users: dict[tuple[str, float], list[int]] = defaultdict(list)
    for sent in traffic:
        users[sent.channel, round(sent.time_s / SLOT_S)].append(sent.vessel)
    near = sum(
        distance_km(fleet[one], fleet[other]) < HEARING_RANGE_KM
        for crowd in users.values()
        for k, one in enumerate(crowd)
        for other in crowd[:k]
    )
    # The slots are a tenth full: eight candidates that are all taken are rare.
    assert near <= 2


def test_slots_are_kept_until_their_timeout(traffic: list[Transmission]) -> None:
    slots: dict[tuple[int, int], list[Transmission]] = defaultdict(list)
    for sent in traffic:
        if sent.report is Report.POSITION and sent.slot_timeout > 0:
            slots[sent.vessel, sent.slot].append(sent)
    kept = 0
    for series in slots.values():
        for before, after in itertools.pairwise(series):
            if after.time_s - before.time_s == pytest.approx(60.0):
                kept += 1
                assert after.slot_timeout in (before.slot_timeout - 1, *range(3, 8))
    assert kept > 500


def test_a_satellite_hears_more_collisions_than_a_shore() -> None:
    wide = make_fleet(1500, 0.0, 100.0, 2000.0, generator(5))
    sent = [one for one in schedule(wide, 1, generator(6)) if one.channel == "A"]
    crowd = Counter(one.slot for one in sent)
    assert max(crowd.values()) >= 3


def test_link_budget() -> None:
    # 12.5 W at 1000 km: 41 dBm - 136.6 dB = -95.6 dBm against kT at 700 K in 9600 Hz, -130.3 dBm.
    assert ebn0_db(12.5, 1000.0, 162e6, 0.0) == pytest.approx(34.7, abs=0.2)
    assert ebn0_db(12.5, 2000.0, 162e6, 0.0) == pytest.approx(34.7 - 6.02, abs=0.2)


def test_a_shore_station_hears_to_its_horizon_and_a_little_beyond() -> None:
    view = ground_view(20.8, 107.0, antenna_m=30.0)
    near, edge = view(20.9, 107.0, 0.0, 12.5, 162e6), view(21.3, 107.0, 0.0, 12.5, 162e6)
    assert near is not None
    assert edge is not None
    assert near.range_km == pytest.approx(11.1, abs=0.1)
    assert near.ebn0_db > edge.ebn0_db + 20
    assert near.shift_hz == 0.0
    assert view(23.0, 107.0, 0.0, 12.5, 162e6) is None


def test_a_satellite_hears_with_doppler() -> None:
    time_s = np.array([0.0, 10.0])
    position_km = np.array([[6871.0, 0.0, 0.0], [6871.0, 0.0, 76.0]])
    velocity = np.array([[0.0, 0.0, 7.6], [0.0, 0.0, 7.6]])
    view = orbit_view(time_s, position_km, velocity)
    ahead, below, behind = (view(lat, 0.0, 0.0, 12.5, 162e6) for lat in (15.0, 0.0, -15.0))
    assert ahead is not None
    assert below is not None
    assert behind is not None
    assert ahead.shift_hz == pytest.approx(-behind.shift_hz, rel=1e-6)
    assert 2000 < ahead.shift_hz < 4200, "a ship ahead is approached"
    assert below.shift_hz == pytest.approx(0.0, abs=1.0)
    assert below.range_km == pytest.approx(500.0, abs=0.1)
    assert below.ebn0_db < ahead.ebn0_db, "a vertical dipole has its null overhead"
    assert view(60.0, 0.0, 0.0, 12.5, 162e6) is None
    assert footprint_radius_km(500.0) == pytest.approx(2440.0, abs=20)


def test_channels_within_a_band() -> None:
    assert channels_within(162e6, 96_000.0) == ("A", "B")
    assert channels_within(156.8e6, 96_000.0) == ("C", "D")
    assert channels_within(161.975e6, 48_000.0) == ("A",)
    assert channels_within(162e6, 60_000.0) == ()


def received_bits(
    samples: NDArray[np.complex64], rate_hz: float, offset_hz: float, first: float, count: int
) -> NDArray[np.uint8]:
    """A plain discriminator, told where the bits are: line bits by the sign of the frequency."""
    turned = samples * np.exp(-2j * np.pi * offset_hz * np.arange(len(samples)) / rate_hz)
    width = round(rate_hz / 9600.0)
    smooth = np.convolve(turned, np.ones(width) / width, "same")
    frequency = np.angle(smooth[1:] * np.conj(smooth[:-1]))
    middle = np.convolve(frequency, np.ones(width // 2) / (width // 2), "same")
    at = np.rint(first + np.arange(count) * rate_hz / 9600.0 - 0.5).astype(int)
    return np.asarray(middle[at] > 0, np.uint8)


@pytest.mark.parametrize("rate_hz", [96_000.0, 250_000.0])
def test_the_iq_holds_the_bursts_where_the_truth_says(rate_hz: float) -> None:
    payloads = [bytes(range(k, k + 21)) for k in (0, 40, 80, 120)]
    bursts = [
        AisBurst(time_s=0.1 + 0.31 * k + k * 1.7e-6, frequency_hz=hz, ebn0_db=30.0 + 5 * k, payload=payload)
        for k, (payload, hz) in enumerate(
            zip(payloads, (161.975e6 + 400, 162.025e6 - 300, 162.025e6 + 3500, 161.975e6 - 3500), strict=True)
        )
    ]
    # One across the border of two blocks.
    bursts[3] = AisBurst(time_s=0.99, frequency_hz=bursts[3].frequency_hz, ebn0_db=45.0, payload=payloads[3])
    blocks = list(
        ais_blocks(
            bursts, start=START, duration_s=1.5, sample_rate_hz=rate_hz, center_frequency_hz=162e6, seed=2
        )
    )
    assert [len(block.samples) for block in blocks] == [round(rate_hz), round(rate_hz / 2)]
    samples = np.concatenate([block.samples for block in blocks])
    assert float(np.abs(samples).max()) < 1.0
    for burst, payload in zip(bursts, payloads, strict=True):
        expected = frame_bits(payload)
        # NRZI: a zero is a change; so one bit before the first is needed.
        line = received_bits(
            samples,
            rate_hz,
            burst.frequency_hz - 162e6,
            (first_bit_s(burst) - 1 / 9600.0) * rate_hz,
            len(expected) + 1,
        )
        bits = (line[1:] == line[:-1]).astype(np.uint8)
        assert np.array_equal(bits, expected), burst


def test_strength_is_as_asked_for() -> None:
    burst = AisBurst(time_s=0.2, frequency_hz=161.975e6, ebn0_db=20.0, payload=bytes(21))
    (block,) = ais_blocks(
        [burst], start=START, duration_s=0.4, sample_rate_hz=96_000.0, center_frequency_hz=162e6
    )
    power = np.abs(block.samples) ** 2
    noise = float(power[: round(0.19 * 96_000)].mean())
    signal = float(power[round(0.203 * 96_000) : round(0.220 * 96_000)].mean()) - noise
    assert 10 * math.log10(signal / noise * 96_000.0 / 9600.0) == pytest.approx(20.0, abs=0.5)


def test_a_rate_without_room_for_a_channel_is_refused() -> None:
    with pytest.raises(ConfigError, match="do not hold an AIS channel"):
        next(ais_blocks([], start=START, duration_s=1.0, sample_rate_hz=20_000.0, center_frequency_hz=162e6))
