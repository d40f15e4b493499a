"""What the demodulators' tests rely on: where the frames lie, how strong the noise is, that seeds hold."""

import dataclasses

import numpy as np
import pytest

from bench import signals
from bench.impairments import AudioPath
from gsctl.waveform import Fsk


def test_the_same_seed_gives_the_same_samples_and_another_does_not() -> None:
    one, two, other = (signals.g3ruh_bursts(10.0, 2, seed, info_bytes=20) for seed in (1, 1, 2))
    assert np.array_equal(one.samples, two.samples)
    assert one.payloads == two.payloads
    assert one.payloads != other.payloads


def test_noise_is_that_of_the_contract() -> None:
    clean = signals.g3ruh_bursts(None, 20, seed=3, offset_spread_hz=0)
    noisy = signals.g3ruh_bursts(7.0, 20, seed=3, offset_spread_hz=0)
    added = float(np.mean(np.abs(noisy.samples - clean.samples) ** 2))
    burst = clean.samples[int(clean.first_samples[0]) :][:5000]
    power = float(np.mean(np.abs(burst) ** 2))
    # Eb = S / 9600, N0 = variance / 48000
    assert 10 * np.log10(power / 9600 / (added / 48000)) == pytest.approx(7.0, abs=0.03)


def test_together_adds_streams_and_sorts_their_frames() -> None:
    low, high = (
        signals.ais_bursts(None, 3, seed, sample_rate_hz=96000.0, offset_hz=offset, offset_spread_hz=0)
        for seed, offset in ((1, -25000.0), (2, 25000.0))
    )
    both = signals.together([low, high], 60.0, 5)
    assert sorted(both.first_samples) == list(both.first_samples)
    assert set(both.payloads) == set(low.payloads) | set(high.payloads)
    longest = max(len(low.samples), len(high.samples))
    assert len(both.samples) == longest


def test_streams_without_frames_are_as_long_as_asked() -> None:
    noise = sum(len(block.samples) for block in signals.noise_blocks(3.0, 1))
    assert noise == 3 * 48000
    blocks = list(signals.random_bits(Fsk(symbol_rate_bd=9600, deviation_hz=2400, bt=0.5), 15.0, 1))
    assert sum(len(block.samples) for block in blocks) == pytest.approx(20 * 48000, rel=0.01)
    assert blocks[1].start_sample == len(blocks[0].samples)


def test_ais_payloads_are_distinct_ships_of_the_first_three_types() -> None:
    messages = signals.ais_payloads(50, 1)
    assert {message[0] >> 2 for message in messages} <= {1, 2, 3}
    assert len({int.from_bytes(message, "big") >> 130 & (1 << 30) - 1 for message in messages}) == 50


def test_a_squelch_leaves_bursts_and_their_tails() -> None:
    signal = signals.g3ruh_bursts(10.0, 3, seed=2, info_bytes=20)
    audio = dataclasses.replace(signal, audio_path=AudioPath(squelch_tail_s=0.03)).audio()
    assert len(signal.bursts_s) == 3
    for (start_s, end_s), first in zip(signal.bursts_s, signal.first_samples, strict=True):
        assert start_s < first / 48000 < end_s
        tail = audio[round((end_s + 0.002) * 48000) : round((end_s + 0.029) * 48000)]
        assert np.count_nonzero(tail) > 0.9 * len(tail)
        assert not np.any(audio[round((end_s + 0.031) * 48000) : round((end_s + 0.045) * 48000)])
