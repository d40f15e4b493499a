"""Impulses taken out, and everything else left as it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp.channel import Channel
from gsctl.dsp.impulses import without_impulses
from gsctl.model import Domain, SampleBlock
from gsctl.synth import channel as air
from gsctl.synth.modulators import Shaping, modulate
from gsctl.waveform import Bpsk, Fsk, Waveform

RATE_HZ = 48_000.0
WINDOW = 4800

Samples = NDArray[np.complex64]


def noise(count: int, power: float, seed: int = 1) -> Samples:
    return air.noise(count, power, air.generator(seed, 0x1A9))


def carrier(count: int) -> Samples:
    return np.asarray(np.exp(2j * np.pi * 0.03 * np.arange(count)), np.complex64)


@pytest.mark.parametrize("width", [1, 2, 6])
@pytest.mark.parametrize("amplitude", [6.0, 30.0, 3000.0])
def test_an_impulse_is_taken_out_and_nothing_else(width: int, amplitude: float) -> None:
    clean = carrier(WINDOW) + noise(WINDOW, 0.1)
    spoilt = clean.copy()
    places = [0, 700, 760, 2000, WINDOW - width]
    for place in places:
        spoilt[place : place + width] += np.complex64(amplitude * 1j)
    mended = without_impulses(spoilt, RATE_HZ)
    assert np.max(np.abs(mended)) < 3
    near = np.zeros(WINDOW, bool)
    for place in places:
        near[max(place - 2, 0) : place + width + 2] = True
    np.testing.assert_array_equal(mended[~near], clean[~near])


def test_in_its_place_is_nearly_what_was_there() -> None:
    spoilt = carrier(WINDOW)
    spoilt[1000:1002] += 50
    assert np.max(np.abs(without_impulses(spoilt, RATE_HZ) - carrier(WINDOW))) < 0.05


@pytest.mark.parametrize(
    "waveform", [Bpsk(symbol_rate_bd=300.0), Bpsk(symbol_rate_bd=1200.0), Bpsk(symbol_rate_bd=9600.0),
                 Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0)]
)  # fmt: skip
def test_signals_and_their_edges_are_not_touched(waveform: Waveform) -> None:
    rate_bd = waveform.symbol_rate_bd or 1200.0
    bits = np.random.default_rng(1).integers(0, 2, int(rate_bd), dtype=np.uint8)
    shaping = Shaping(excess_bandwidth=0.25) if isinstance(waveform, Bpsk) else None
    burst = modulate(waveform, bits, RATE_HZ, shaping=shaping).samples
    for power in (0.0, 1e-3):
        samples = np.zeros(13 * WINDOW, np.complex64)
        samples[5000 : 5000 + burst.size] = burst
        samples += noise(samples.size, power)
        for first in range(0, samples.size, WINDOW):
            window = samples[first : first + WINDOW]
            assert without_impulses(window, RATE_HZ) is window


def test_noise_and_carriers_that_beat_are_not_touched() -> None:
    samples = noise(100 * WINDOW, 1.0)
    three = sum(np.exp(2j * np.pi * hz / RATE_HZ * np.arange(samples.size)) for hz in (100, 1100, 2100))
    for stream in (samples, np.asarray(three, np.complex64)):
        windows = stream.reshape(-1, WINDOW)
        assert sum(without_impulses(window, RATE_HZ) is not window for window in windows) <= 2


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
def test_hostile_samples_do_no_harm(bad: float) -> None:
    samples = carrier(WINDOW)
    samples[[0, 77, WINDOW - 1]] = bad
    with np.errstate(all="ignore"):
        assert without_impulses(samples, RATE_HZ).size == WINDOW
    for count in (0, 1, 15, 40):
        assert without_impulses(np.zeros(count, np.complex64), RATE_HZ).size == count


def test_before_a_narrow_filter_they_are_taken_out_of_the_wide_stream() -> None:
    """Of 20 microseconds of 40 dB a filter would make a millisecond."""
    count = 240_000
    clean = np.asarray(np.exp(2j * np.pi * 0.01 * np.arange(count)), np.complex64) + noise(count, 0.3)
    spoilt = clean.copy()
    for place in range(2000, count - 100, 2400):
        spoilt[place : place + 5] += 100

    def heard(samples: Samples, mends: bool) -> Samples:
        channel = Channel(240e3, 30e3, 48e3, lambda _: 1000.0, clear_of_impulses=mends)
        block = SampleBlock(samples=samples, domain=Domain.IQ, sample_rate_hz=240e3)
        return np.concatenate([part.samples for part in (*channel.push(block), *channel.finish())])

    wanted = heard(clean, False)
    assert np.mean(np.abs(heard(spoilt, True) - wanted) ** 2) < 0.02
    assert np.mean(np.abs(heard(spoilt, False) - wanted) ** 2) > 10
