"""Bursts are found where they are, and noise is left alone."""

import numpy as np
import pytest

from bench.signals import ccsds_bursts, g3ruh_bursts
from gsctl.dsp.burst_detection import Burst, BurstDetector
from gsctl.synth.channel import generator, noise

RATE_HZ = 48000.0


def found(samples: np.ndarray, symbol_rate_bd: float) -> list[Burst]:
    detector = BurstDetector(RATE_HZ, symbol_rate_bd)
    window = detector.frame_samples * max(4, round(0.1 * RATE_HZ / detector.frame_samples))
    bursts: list[Burst] = []
    for start in range(0, len(samples) - window + 1, window):
        bursts += detector.push(samples[start : start + window], start)
    detector.finish(float(len(samples)))
    return bursts


@pytest.mark.parametrize("symbol_rate_bd", [1200.0, 9600.0, 19200.0])
def test_edges_and_frequencies(symbol_rate_bd: float) -> None:
    signal = g3ruh_bursts(8.0, 6, seed=1, symbol_rate_bd=symbol_rate_bd, gap_s=0.3)
    symbol = RATE_HZ / symbol_rate_bd
    bursts = [b for b in found(signal.samples, symbol_rate_bd) if b.end and b.end - b.begin > 1000 * symbol]
    assert len(bursts) == 6
    for burst, first, offset_hz in zip(bursts, signal.first_samples, signal.offsets_hz, strict=True):
        # The flags come first: 24 of them. Early is harmless, late loses them.
        assert -80 < (burst.begin - (first - 24 * 8 * symbol)) / symbol < 48
        assert burst.end is not None
        assert 1700 < (burst.end - first) / symbol < 1950
        assert abs(burst.frequency_hz - offset_hz) < 0.3 * symbol_rate_bd


def test_noise_opens_little() -> None:
    samples = noise(30 * 48000, 1.0, generator(2))
    # About two thousand independent chances a second.
    assert len(found(samples, 9600.0)) <= 8


def test_silence_then_noise_then_silence() -> None:
    samples = np.zeros(48000 * 3, np.complex64)
    samples[48000:96000] = noise(48000, 1.0, generator(3))
    for burst in found(samples, 9600.0):
        assert burst.end is not None
        assert burst.end < 100_000


def test_weak_signals_of_seconds_stay_one_burst_each() -> None:
    # At 1 dB the level dips below any threshold that noise keeps under, again and again; and the floor is
    # remembered for 2 s, less than these last.
    signal = ccsds_bursts(1.0, 10, seed=4, gmsk=True)
    symbol = RATE_HZ / 9600
    bursts = [b for b in found(signal.samples, 9600.0) if b.end and b.end - b.begin > 10_000 * symbol]
    assert len(bursts) == 2
    for burst, first in zip(bursts, signal.first_samples[::5], strict=True):
        assert burst.begin < first
        assert burst.end is not None
        assert burst.end - first > 5 * 4080 * symbol
