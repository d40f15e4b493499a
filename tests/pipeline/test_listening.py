"""The receiver as a whole: sightings, order, gaps, times, channels in a band, the satellite's Doppler."""

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import Signal, as_blocks, g3ruh_bursts
from gsctl.catalog import Catalog
from gsctl.errors import ElementsError
from gsctl.framing import Ax25
from gsctl.model import (
    Direction,
    Domain,
    DopplerState,
    ElementSet,
    SampleBlock,
    Station,
    TimeSource,
    Transmitter,
)
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Heard, Receiver, Settings, listen
from gsctl.pipeline.reception import Interpreter
from gsctl.pipeline.sky import STRETCH_S, Sky
from gsctl.waveform import Fsk

START = datetime(2026, 6, 17, 12, tzinfo=UTC)
G3RUH = Ax25(g3ruh=True)
TOLD = Fsk(symbol_rate_bd=9600.0)
STATION = Station(name="Hoa Lac", latitude_deg=21.0, longitude_deg=105.5)
# Made up: a circular orbit at 550 km.
ELEMENTS = ElementSet(
    norad_id=99999,
    name="Test",
    epoch=START,
    mean_motion_rev_day=15.05,
    eccentricity=0.001,
    inclination_deg=97.6,
    raan_deg=40.0,
    argument_of_perigee_deg=0.0,
    mean_anomaly_deg=0.0,
    bstar=1e-5,
)


def heard_in(
    blocks: list[SampleBlock], settings: Settings | None = None, chains: tuple[Chain, ...] | None = None
) -> tuple[list[Heard], Receiver]:
    receiver = Receiver(chains or (Chain(waveform=TOLD, framings=(G3RUH,)),), settings or Settings())
    return list(listen(receiver, blocks)), receiver


def timed(blocks: list[SampleBlock], rate_hz: float) -> list[SampleBlock]:
    return [
        dataclasses.replace(
            block,
            start_time=START + timedelta(seconds=block.start_sample / rate_hz),
            time_source=TimeSource.FILE,
        )
        for block in blocks
    ]


@pytest.fixture(scope="module")
def signal() -> Signal:
    return g3ruh_bursts(16.0, 3, 41, info_bytes=30)


def test_any_cut_gives_the_same_frames(signal: Signal) -> None:
    whole, _ = heard_in(list(signal.blocks(len(signal.samples))))
    assert [heard.frame.payload for heard in whole] == list(signal.payloads)
    for size in (997, 4096, 20_000):
        cut, receiver = heard_in(list(signal.blocks(size)))
        assert [heard.frame for heard in cut] == [heard.frame for heard in whole]
        assert receiver.counters.samples == len(signal.samples)


def test_two_chains_on_one_signal_give_each_frame_once(signal: Signal) -> None:
    chain = Chain(waveform=TOLD, framings=(G3RUH,))
    heard, _ = heard_in(list(signal.blocks()), chains=(chain, dataclasses.replace(chain)))
    assert [item.frame.payload for item in heard] == list(signal.payloads)


def test_the_same_frame_sent_again_is_another(signal: Signal) -> None:
    twice = np.concatenate([signal.samples, signal.samples])
    heard, _ = heard_in(list(as_blocks(twice, 48_000.0, Domain.IQ)))
    assert [item.frame.payload for item in heard] == list(signal.payloads) * 2
    places = [item.frame.sample_index for item in heard]
    assert places == sorted(places)


def test_times_are_right_across_lost_samples(signal: Signal) -> None:
    """Samples lost between the first two frames: the second one's time is that of its samples."""
    cut = int((signal.first_samples[0] + signal.first_samples[1]) / 2) + 1500
    lost = 12_345
    before = list(as_blocks(signal.samples[:cut], 48_000.0, Domain.IQ, 5000))
    after = [
        dataclasses.replace(block, start_sample=block.start_sample + cut + lost)
        for block in as_blocks(signal.samples[cut:], 48_000.0, Domain.IQ, 5000)
    ]
    after[0] = dataclasses.replace(after[0], dropped_before=lost)
    heard, receiver = heard_in(timed(before + after, 48_000.0))
    assert receiver.counters.dropped == lost
    assert [item.frame.payload for item in heard] == list(signal.payloads)
    for number, item in enumerate(heard):
        sent = signal.first_samples[number] + (lost if number else 0)
        assert item.frame.sample_index == pytest.approx(sent, abs=1.5)
        when = receiver.timeline.at(item.frame.sample_index)
        assert when.time is not None
        assert (when.time - START).total_seconds() == pytest.approx(sent / 48_000.0, abs=5e-5)


def in_band(signal: Signal, at_hz: NDArray[np.float64] | float) -> list[SampleBlock]:
    """The signal at 240 kS/s, moved to a place in the band that may change from sample to sample."""
    cycles = np.cumsum(np.broadcast_to(at_hz, signal.samples.shape)) / 240_000.0
    moved = (signal.samples * np.exp(2j * np.pi * (cycles % 1.0))).astype(np.complex64)
    blocks = as_blocks(moved, 240_000.0, Domain.IQ, 30_000)
    return timed([dataclasses.replace(b, center_frequency_hz=437.3e6) for b in blocks], 240_000.0)


@pytest.fixture(scope="module")
def wide() -> Signal:
    return g3ruh_bursts(22.0, 2, 42, info_bytes=30, sample_rate_hz=240_000.0, offset_spread_hz=0.0)


def chain_at(frequency_hz: float) -> Chain:
    transmitter = Transmitter(label="t", direction=Direction.DOWNLINK, frequency_hz=frequency_hz)
    return Chain(waveform=TOLD, framings=(G3RUH,), transmitter=transmitter)


def test_a_channel_in_a_band_gives_places_of_the_band(wide: Signal) -> None:
    heard, _ = heard_in(in_band(wide, 65_000.0), chains=(chain_at(437.365e6),))
    assert [item.frame.payload for item in heard] == list(wide.payloads)
    for item, first in zip(heard, wide.first_samples, strict=True):
        assert item.frame.sample_index == pytest.approx(first, abs=8)
        assert item.frame.frequency_offset_hz == pytest.approx(0.0, abs=20.0)
    elsewhere, _ = heard_in(in_band(wide, 65_000.0), chains=(chain_at(437.265e6),))
    assert elsewhere == []


def test_doppler_from_elements_is_taken_out_and_told(wide: Signal) -> None:
    """The carrier moves as the satellite would move it; the offset that is left is the transmitter's own."""
    sky = Sky([ELEMENTS], STATION, START)
    nominal_hz, own_hz = 437.365e6, 150.0
    seconds = np.arange(0, len(wide.samples) + 2400, 2400) / 240_000.0
    shift_hz = [sky.shift_hz(START + timedelta(seconds=float(s)), nominal_hz) for s in seconds]
    at_hz = 65_000.0 + own_hz + np.interp(np.arange(len(wide.samples)) / 240_000.0, seconds, shift_hz)
    for doppler in (DopplerState.ELEMENTS, DopplerState.NONE):
        settings = Settings(doppler=doppler, sky=sky)
        heard, receiver = heard_in(in_band(wide, at_hz), settings, (chain_at(nominal_hz),))
        assert [item.frame.payload for item in heard] == list(wide.payloads)
        interpreter = Interpreter(settings, Catalog(()), "test", receiver.counters)
        for item in heard:
            reception = interpreter(item, receiver.timeline.at(item.frame.sample_index), nominal_hz)
            assert reception.frame.frequency_offset_hz == pytest.approx(own_hz, abs=20.0)
            assert reception.frame.received_at is not None


def test_sky_agrees_with_the_range_rate_and_keeps_few_plans() -> None:
    sky = Sky([ELEMENTS], STATION, START)
    for minutes in (0.0, 3.0, 19.99, 20.01, 45.0, -30.0):
        time = START + timedelta(minutes=minutes)
        expected = -sky.place(time).range_rate_m_s / 299_792_458.0 * 437e6
        assert sky.shift_hz(time, 437e6) == pytest.approx(expected, abs=1.0)
    for hours in range(30):
        sky.shift_hz(START + timedelta(hours=hours / 2), 437e6)
    assert len(sky._plans) <= 9
    assert STRETCH_S == 1200.0


def test_sky_takes_the_nearest_elements_and_refuses_none() -> None:
    later = dataclasses.replace(ELEMENTS, epoch=START + timedelta(days=10))
    assert Sky([ELEMENTS, later], STATION, START + timedelta(days=8)).elements.epoch == later.epoch
    with pytest.raises((ElementsError, StopIteration)):
        Sky([], STATION, START)


@pytest.mark.parametrize("doppler", [DopplerState.NONE, DopplerState.CORRECTED])
def test_the_spike_of_a_radio_does_no_harm(doppler: DopplerState) -> None:
    """10 dB above the signals; where the Doppler shift was taken out before it is a line as any other."""
    signal = g3ruh_bursts(14.0, 3, 5, info_bytes=40)
    level = np.sqrt(np.mean(np.abs(signal.samples) ** 2))
    spiked = (signal.samples + np.complex64(3.2 * level)).astype(np.complex64)
    heard, _ = heard_in(
        list(as_blocks(spiked, signal.sample_rate_hz, Domain.IQ, 5000)), Settings(doppler=doppler)
    )
    sent = {bytes(payload) for payload in signal.payloads}
    got = sent & {h.frame.payload for h in heard}
    assert len(got) == 3
