"""The spike of a radio at 0 Hz: found and taken off, and signals that stand there left alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp.channel import Channel
from gsctl.dsp.direct_current import MEMORY_WINDOWS, DirectCurrent
from gsctl.model import Domain, SampleBlock

WINDOW = 1000
SPIKE = 0.8 - 0.6j
RATE_HZ = 48_000.0


def noise(count: int, seed: int = 1, power: float = 1.0) -> NDArray[np.complex64]:
    random = np.random.default_rng(seed).standard_normal(2 * count)
    return np.asarray((np.sqrt(power / 2) * random).astype(np.float32).view(np.complex64))


def learned(samples: NDArray[np.complex64]) -> DirectCurrent:
    dc = DirectCurrent()
    for first in range(0, samples.size, WINDOW):
        dc.learn(samples[first : first + WINDOW])
    return dc


def test_a_constant_is_found_to_what_the_noise_allows() -> None:
    dc = learned(noise(MEMORY_WINDOWS * WINDOW) + np.complex64(SPIKE))
    # One sigma of the mean is 0.007; a median takes a quarter more.
    assert abs(dc.value - SPIKE) < 0.025


def test_noise_and_a_turning_line_hold_no_constant() -> None:
    assert learned(noise(MEMORY_WINDOWS * WINDOW)).value == 0
    line = np.exp(2j * np.pi * 0.0003 * np.arange(MEMORY_WINDOWS * WINDOW)).astype(np.complex64)
    assert learned(noise(line.size) + line).value == 0


def test_what_is_there_at_times_only_is_no_spike() -> None:
    """A carrier at exactly 0 Hz in 14 of 20 windows."""
    samples = noise(MEMORY_WINDOWS * WINDOW)
    samples[: 14 * WINDOW] += np.complex64(SPIKE)
    assert learned(samples).value == 0


def test_bursts_do_not_hide_it() -> None:
    samples = noise(MEMORY_WINDOWS * WINDOW) + np.complex64(SPIKE)
    samples[3 * WINDOW : 12 * WINDOW] += noise(9 * WINDOW, 2, 100.0)
    assert abs(learned(samples).value - SPIKE) < 0.05


def test_where_it_would_make_more_of_it_nothing_is_taken_off() -> None:
    dc = learned(noise(MEMORY_WINDOWS * WINDOW) + np.complex64(SPIKE))
    silence = np.zeros(WINDOW, np.complex64)
    assert dc.taken_off(silence) is silence
    assert abs(np.mean(dc.taken_off(silence + np.complex64(SPIKE)))) < 0.03


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
def test_hostile_samples_are_not_learned_from(bad: float) -> None:
    samples = noise(MEMORY_WINDOWS * WINDOW) + np.complex64(SPIKE)
    samples[5 * WINDOW + 3] = bad
    with np.errstate(all="ignore"):
        assert abs(learned(samples).value - SPIKE) < 0.03
    assert learned(np.zeros(5 * WINDOW, np.complex64)).value == 0


def outputs(
    samples: NDArray[np.complex64], size: int, offset_hz: float, gap: int = 0
) -> NDArray[np.complex64]:
    """Of a channel 20 kHz wide; ``gap`` samples are lost after 60 000."""
    channel = Channel(2 * RATE_HZ, 20e3, RATE_HZ, lambda n: offset_hz + 0.001 * n, clear_of_dc=True)
    blocks = [
        SampleBlock(
            samples=samples[i : i + size],
            domain=Domain.IQ,
            sample_rate_hz=2 * RATE_HZ,
            start_sample=i + (gap if i >= 60_000 else 0),
        )
        for i in range(0, samples.size, size)
    ]
    parts = [out.samples for block in blocks for out in channel.push(block)]
    return np.concatenate([*parts, *(out.samples for out in channel.finish())])


@pytest.mark.parametrize("gap", [0, 777])
def test_a_channel_is_free_of_it_from_its_first_sample_to_its_last(gap: int) -> None:
    """Where zeros stand before and behind the samples no spike of the other sign is put in."""
    weak = noise(150_000, power=1e-4)
    clean = outputs(weak, 4000, 3000.0, gap)
    out = outputs(weak + np.complex64(SPIKE), 4000, 3000.0, gap)
    assert out.size == clean.size
    left = np.abs(out - clean) > 0.02
    assert np.count_nonzero(left) < 40 * (1 + (gap > 0)) + 20  # the filter's own edges
    inside = slice(200, 25_000)
    assert np.mean(np.abs(out[inside] - clean[inside]) ** 2) < 1e-5


def test_a_channel_is_the_same_for_any_cut() -> None:
    samples = noise(130_000, power=0.1) + np.complex64(SPIKE)
    whole = outputs(samples, samples.size, 500.0)
    for size in (997, 12_000):
        np.testing.assert_array_equal(whole, outputs(samples, size, 500.0))


def test_a_channel_away_from_it_is_not_touched() -> None:
    """What folds onto 0 Hz of the stream there is the channel's own."""
    channels = [
        Channel(5 * RATE_HZ, 20e3, RATE_HZ, lambda _: 1.5 * RATE_HZ, clear_of_dc=clear)
        for clear in (False, True)
    ]
    n = np.arange(250_000)
    samples = np.exp(2j * np.pi * n / 5).astype(np.complex64)  # 48 kHz, which folds onto 0
    block = SampleBlock(samples=samples, domain=Domain.IQ, sample_rate_hz=5 * RATE_HZ)
    plain, clear = ([out.samples for out in channel.push(block)] for channel in channels)
    np.testing.assert_array_equal(np.concatenate(plain), np.concatenate(clear))


def test_a_window_too_short_to_tell_says_nothing() -> None:
    current = DirectCurrent()
    current.learn(np.ones(31, np.complex64))
    assert current.value == 0j
