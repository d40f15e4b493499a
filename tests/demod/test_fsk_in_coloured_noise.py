"""Bursts are heard beside noise that is no more white, and beside carriers that are somebody else's."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import Signal, as_blocks, ax25_payloads, bursts, g3ruh_bursts
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.demod import demodulate
from gsctl.demod.fsk_coherent import CoherentFskDemodulator
from gsctl.dsp.channel import Channel
from gsctl.framing import Ax25
from gsctl.model import Domain, StageCounters
from gsctl.synth import channel
from gsctl.waveform import Fsk

RATE_HZ = 48_000.0
EBN0_DB = 12.0
FRAMING = Ax25(g3ruh=True)
Samples = NDArray[np.complex64]


def heard(samples: Samples, sample_rate_hz: float) -> set[bytes]:
    """What the coherent receiver alone makes of it."""
    deframer = DEFRAMERS[Ax25](FRAMING, DeframeOptions(repair=(40, 12, 6)), StageCounters())
    blocks = as_blocks(samples, sample_rate_hz, Domain.IQ, int(0.1 * sample_rate_hz))
    soft = demodulate(CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0)), blocks)
    return {frame.payload for bits in soft for frame in deframer.push(bits)}


def sent(seed: int, count: int = 6, sample_rate_hz: float = RATE_HZ) -> Signal:
    return g3ruh_bursts(
        None, count, seed, info_bytes=100, gap_s=0.2, offset_spread_hz=300.0, sample_rate_hz=sample_rate_hz
    )


def moved(samples: Samples, by_hz: float, sample_rate_hz: float = RATE_HZ) -> Samples:
    turns = by_hz / sample_rate_hz * np.arange(len(samples)) % 1.0
    return np.asarray(samples * np.exp(2j * np.pi * turns), np.complex64)


def white(count: int, seed: int, sample_rate_hz: float = RATE_HZ) -> Samples:
    variance = channel.noise_variance(EBN0_DB, 9600.0, sample_rate_hz)
    return channel.noise(count, variance, channel.generator(seed, 7))


def low_passed(frequency_hz: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.sqrt(0.01 + 0.99 / (1 + (frequency_hz / 10e3) ** 8)))


def sloping(frequency_hz: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(10 ** (0.5 * frequency_hz / 1e3 / 20))


@pytest.mark.parametrize(
    ("gain", "place_hz"),
    [(low_passed, 5e3), (low_passed, -8e3), (sloping, 9e3), (sloping, -3e3)],
)
def test_noise_of_a_colour(
    gain: Callable[[NDArray[np.floating]], NDArray[np.floating]], place_hz: float
) -> None:
    """The noise at the signal's own place is as strong in every case: 12 dB below a bit's energy."""
    signal = sent(3)
    spectrum = np.fft.fft(white(len(signal.samples), 3))
    spectrum *= gain(np.fft.fftfreq(len(spectrum), 1 / RATE_HZ)) / gain(np.array([place_hz]))
    both = moved(signal.samples, place_hz) + np.fft.ifft(spectrum).astype(np.complex64)
    missed = set(signal.payloads) - heard(both, RATE_HZ)
    # What the colour is takes a second to learn.
    assert missed <= set(signal.payloads[:1])


@pytest.mark.parametrize("place_hz", [0.0, 7e3, -9e3])
def test_samples_that_are_repeated(place_hz: float) -> None:
    """48 kS/s held over 250 kS/s, then a third of it: what the noise has of images fills the band's edges."""
    signal = sent(1)
    low = moved(signal.samples, place_hz) + white(len(signal.samples), 1)
    held = low[np.arange(len(low) * 250 // 48) * 48 // 250]
    narrow = Channel(250e3, 60e3, 0.0, lambda _sample: 0.0)
    (block,) = as_blocks(held, 250e3, Domain.IQ, len(held))
    samples = np.concatenate([part.samples for part in narrow.push(block)])
    assert heard(samples, narrow.sample_rate_hz) >= set(signal.payloads[1:-1])


@pytest.mark.parametrize(("ratio_db", "away_hz"), [(10.0, 10e3), (10.0, -12e3), (20.0, 12e3)])
def test_a_carrier_without_a_message_beside(ratio_db: float, away_hz: float) -> None:
    signal = sent(5)
    count = len(signal.samples)
    tone = moved(np.ones(count, np.complex64), away_hz)
    both = signal.samples + white(count, 5) + np.float32(10 ** (ratio_db / 20)) * tone
    # That it says nothing takes a look to know.
    assert heard(both, RATE_HZ) >= set(signal.payloads[1:])


@pytest.mark.parametrize(("ratio_db", "apart_hz"), [(-8.0, 11.5e3), (3.0, 13e3), (8.0, 16e3)])
def test_another_signal_beside(ratio_db: float, apart_hz: float) -> None:
    rate_hz = 62_500.0
    wanted = sent(6, sample_rate_hz=rate_hz)
    other = g3ruh_bursts(None, 16, 16, info_bytes=150, gap_s=0.05, sample_rate_hz=rate_hz)
    count = min(len(wanted.samples), len(other.samples))
    both = moved(wanted.samples[:count], -apart_hz / 2, rate_hz) + white(count, 6, rate_hz)
    both += np.float32(10 ** (ratio_db / 20)) * moved(other.samples[:count], apart_hz / 2, rate_hz)
    whole = {
        payload
        for payload, first in zip(wanted.payloads, wanted.first_samples, strict=True)
        if first < count - 0.2 * rate_hz
    }
    assert len(whole) >= 4
    assert heard(both, rate_hz) >= whole


def test_a_carrier_that_never_pauses_but_fades() -> None:
    """It was there before the stream, so its own level is all that was learned; fades do not hide it."""
    waveform = Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.5)
    signal = bursts(waveform, FRAMING, ax25_payloads(50, 2, 100), None, 2, frames_per_burst=50)
    begin = int(signal.first_samples[0]) + 100
    samples = signal.samples[begin:]
    time_s = np.arange(len(samples)) / RATE_HZ
    fade = np.where((time_s + 0.6) % 1.5 < 0.3, np.float32(0.1), np.float32(1.0))
    whole = [
        payload
        for payload, first in zip(signal.payloads[1:-1], signal.first_samples[1:-1], strict=True)
        if fade[int(first) - begin - 480 : int(first) - begin + 5800].min() == 1.0
    ]
    assert len(whole) >= 30
    assert heard(fade * samples + white(len(samples), 2), RATE_HZ) >= set(whole)
