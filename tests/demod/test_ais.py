"""The AIS burst receiver on made signals: thresholds between a floor and a ceiling, collisions, cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import ais_bursts, ais_payloads, noise_blocks
from gsctl.demod import Effort
from gsctl.demod.ais_channels import PASS_HZ, ChannelSplitter
from gsctl.errors import UsageError
from gsctl.framing import Integrity
from gsctl.model import Domain, SampleBlock
from gsctl.pipeline.ais_reception import AisReceiver, HeardAis, channels_in_band
from gsctl.synth.ais_scene import AisBurst, ais_blocks, first_bit_s

RATE_HZ = 96_000.0
CENTER_HZ = 162.0e6
A_HZ, B_HZ = 161.975e6, 162.025e6


def hear(blocks: Iterable[SampleBlock], effort: Effort = Effort.NORMAL) -> list[HeardAis]:
    receiver = AisReceiver(effort)
    heard = [one for block in blocks for one in receiver.push(block)]
    return heard + list(receiver.finish())


def scene(bursts: Sequence[AisBurst], duration_s: float, rate_hz: float = RATE_HZ) -> list[SampleBlock]:
    from datetime import UTC, datetime

    return list(
        ais_blocks(
            bursts,
            start=datetime(2026, 6, 17, 2, 30, tzinfo=UTC),
            duration_s=duration_s,
            sample_rate_hz=rate_hz,
            center_frequency_hz=CENTER_HZ,
            seed=7,
        )
    )


def long_message(number: int, message_type: int, size: int, random: np.random.Generator) -> bytes:
    head = message_type << 34 | (201_000_000 + 1009 * number) << 2
    return head.to_bytes(5, "big") + random.bytes(size - 5)


@pytest.mark.parametrize(
    ("effort", "ebn0_db", "floor", "ceiling"),
    [
        (Effort.FAST, 7.0, 0.75, 0.99),
        (Effort.NORMAL, 5.5, 0.6, 0.97),
        (Effort.NORMAL, 7.0, 0.92, 1.0),
    ],
)
def test_one_slot_messages_at_the_threshold(
    effort: Effort, ebn0_db: float, floor: float, ceiling: float
) -> None:
    signal = ais_bursts(ebn0_db, 60, seed=11)
    heard = {one.frame.payload for one in hear(signal.blocks(), effort)}
    assert heard <= set(signal.payloads)
    assert floor <= len(heard) / 60 <= ceiling


def test_place_frequency_level_and_snr_are_those_of_the_burst() -> None:
    signal = ais_bursts(20.0, 12, seed=3)
    heard = hear(signal.blocks())
    assert [one.frame.payload for one in heard] == list(signal.payloads)
    for one, first, offset_hz in zip(heard, signal.first_samples, signal.offsets_hz, strict=True):
        assert one.frame.sample_index == pytest.approx(first, abs=1.0)
        assert one.frame.frequency_offset_hz == pytest.approx(offset_hz, abs=3.0)
        assert one.frame.snr_db == pytest.approx(20.0, abs=1.5)
        assert one.frame.integrity is Integrity.CRC


@pytest.mark.parametrize("offset_hz", [-4000.0, 4000.0])
def test_doppler_of_a_low_orbit(offset_hz: float) -> None:
    signal = ais_bursts(9.0, 20, seed=5, offset_hz=offset_hz)
    heard = {one.frame.payload for one in hear(signal.blocks())}
    assert len(heard & set(signal.payloads)) >= 19


@pytest.mark.parametrize(("message_type", "size"), [(5, 53), (8, 80), (8, 120)])
def test_messages_of_two_to_five_slots(message_type: int, size: int) -> None:
    random = np.random.default_rng(size)
    sent = [long_message(n, message_type, size, random) for n in range(8)]
    bursts = [
        AisBurst(time_s=0.1 + 0.2 * n, frequency_hz=A_HZ, ebn0_db=10.0, payload=p) for n, p in enumerate(sent)
    ]
    heard = [one.frame.payload for one in hear(scene(bursts, 1.9))]
    assert len(set(heard) & set(sent)) >= 7


def test_of_two_that_overlap_both_come_out() -> None:
    random = np.random.default_rng(1)
    sent = ais_payloads(60, seed=4)
    bursts = []
    for n in range(30):
        when = 0.1 + 0.08 * n
        strong, weak = sent[2 * n : 2 * n + 2]
        off_hz = random.uniform(-1000, 1000, 2)
        bursts.append(AisBurst(time_s=when, frequency_hz=A_HZ + off_hz[0], ebn0_db=25.0, payload=strong))
        late_s = float(random.uniform(-0.002, 0.002))
        bursts.append(
            AisBurst(time_s=when + late_s, frequency_hz=A_HZ + off_hz[1], ebn0_db=15.0, payload=weak)
        )
    heard = {one.frame.payload for one in hear(scene(bursts, 2.6))}
    assert heard <= set(sent)
    both = sum(sent[2 * n] in heard and sent[2 * n + 1] in heard for n in range(30))
    assert both >= 27


@pytest.mark.parametrize("case", ["other channel", "slot before"])
def test_a_burst_60_db_stronger_does_not_deafen(case: str) -> None:
    sent = ais_payloads(20, seed=8)
    bursts = []
    for n in range(10):
        when = 0.1 + 0.1 * n
        bursts.append(AisBurst(time_s=when, frequency_hz=A_HZ + 300, ebn0_db=72.0, payload=sent[2 * n]))
        same = case == "slot before"
        bursts.append(
            AisBurst(
                time_s=when + (256 / 9600 if same else 0.0005),
                frequency_hz=(A_HZ if same else B_HZ) - 200,
                ebn0_db=12.0,
                payload=sent[2 * n + 1],
            )
        )
    heard = {one.frame.payload for one in hear(scene(bursts, 1.2))}
    assert len(heard & set(sent[::2])) == 10
    assert len(heard & set(sent[1::2])) >= 9


def test_channels_times_and_twins() -> None:
    sent = ais_payloads(3, seed=2)
    bursts = [
        AisBurst(time_s=0.1, frequency_hz=A_HZ, ebn0_db=20.0, payload=sent[0]),
        AisBurst(time_s=0.2, frequency_hz=B_HZ, ebn0_db=20.0, payload=sent[1]),
        AisBurst(time_s=0.3, frequency_hz=A_HZ, ebn0_db=12.0, payload=sent[2]),
        AisBurst(time_s=0.3, frequency_hz=B_HZ, ebn0_db=30.0, payload=sent[2]),
    ]
    blocks = scene(bursts, 0.5)
    heard = hear(blocks)
    # Of a message on both channels the stronger comes first, so that the other is the ghost.
    assert [(one.frame.payload, one.channel) for one in heard] == [
        (sent[0], "A"),
        (sent[1], "B"),
        (sent[2], "B"),
        (sent[2], "A"),
    ]
    assert blocks[0].start_time is not None
    for one, burst in zip(heard[:2], bursts[:2], strict=True):
        assert one.frame.received_at is not None
        late_s = (one.frame.received_at - blocks[0].start_time).total_seconds() - first_bit_s(burst)
        assert abs(late_s) < 20e-6


def cut(samples: NDArray[np.complex64], rate_hz: float, sizes: Iterator[int]) -> Iterator[SampleBlock]:
    start = 0
    while start < len(samples):
        size = next(sizes)
        yield SampleBlock(
            samples=samples[start : start + size],
            domain=Domain.IQ,
            sample_rate_hz=rate_hz,
            start_sample=start,
        )
        start += size


def test_the_cut_of_the_input_does_not_matter() -> None:
    signal = ais_bursts(8.0, 8, seed=21)
    random = np.random.default_rng(0)
    whole = hear(signal.blocks(10**9))
    pieces = iter(lambda: int(random.integers(1, 9000)), None)
    parts = hear(cut(signal.samples, signal.sample_rate_hz, pieces))
    assert [one.frame for one in parts] == [one.frame for one in whole]
    assert whole


def test_noise_alone_gives_no_messages() -> None:
    assert hear(noise_blocks(30.0, 3, sample_rate_hz=RATE_HZ)) == []


def test_silence_and_a_gap() -> None:
    silence = np.zeros(200_000, np.complex64)
    assert hear(cut(silence, RATE_HZ, iter(lambda: 50_000, None))) == []
    signal = ais_bursts(20.0, 4, seed=9)
    blocks = [
        replace(block, start_sample=block.start_sample + (10_000_000 if block.start_sample else 0))
        for block in signal.blocks(8192)
    ]
    assert len(hear(blocks)) >= 3


def test_a_channel_passes_its_band_and_nothing_of_its_neighbours() -> None:
    rate_hz = 250_000.0
    splitter = ChannelSplitter(rate_hz, [-25e3, 25e3])
    time_s = np.arange(int(0.5 * rate_hz)) / rate_hz
    for at_hz, expected in ((-25e3 + PASS_HZ - 100, 1.0), (-25e3, 1.0), (-25e3 + 19e3, 0.0), (25e3, 0.0)):
        tone = np.exp(2j * np.pi * at_hz * time_s).astype(np.complex64)
        parts = [p for b in cut(tone, rate_hz, iter(lambda: 31_000, None)) for p in splitter.push(b)]
        list(splitter.finish())
        level = np.abs(np.concatenate([part[0].samples for part in parts[1:]]))
        assert np.allclose(level, expected, atol=2e-4)


def test_channels_of_a_band() -> None:
    assert channels_in_band(162e6, 96e3) == {"A": -25e3, "B": 25e3}
    assert channels_in_band(156.8e6, 96e3) == {"C": -25e3, "D": 25e3}
    assert channels_in_band(A_HZ, 48e3) == {"A": 0.0}
    assert channels_in_band(None, 31_250.0) == {"": 0.0}
    assert channels_in_band(None, 96e3) == {"A": -25e3, "B": 25e3}
    assert list(channels_in_band(159.4e6, 6e6)) == ["A", "B", "C", "D"]
    with pytest.raises(UsageError, match="no AIS channel"):
        channels_in_band(437e6, 96e3)
    with pytest.raises(UsageError, match="do not hold"):
        channels_in_band(162e6, 12e3)
