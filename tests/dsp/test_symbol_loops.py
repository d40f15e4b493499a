"""Timing and level loops on signals whose symbols are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp.filters import lowpass_taps
from gsctl.dsp.symbol_loops import LevelGains, LevelLoop

GAINS = LevelGains(timing=0.06, rate=0.001, level=0.04)


def two_level(
    bits: NDArray[np.int64], period: float, first: float, sigma: float, seed: int
) -> NDArray[np.float32]:
    """Raised-cosine-edged levels, symbol k in the middle at ``first + k period``, in noise."""
    n = np.arange(int(first + (len(bits) + 2) * period))
    place = (n - first) / period
    k = np.clip(np.floor(place).astype(int), 0, len(bits) - 2)
    f = np.clip(place - k, 0.0, 1.0)
    level = 2.0 * bits - 1.0
    signal = level[k] + (level[k + 1] - level[k]) * (1 - np.cos(np.pi * f)) / 2
    # Noise of half the band, so that the interpolator between samples does not thin it out.
    taps = lowpass_taps(0.15, 0.2, 1.0)
    random = np.random.default_rng(seed)
    noise = np.convolve(random.standard_normal(len(n)), taps / np.sqrt(np.sum(taps**2)), "same")
    return np.asarray(0.3 * (signal + sigma * noise) + 0.1, np.float32)


@pytest.mark.parametrize("period_error", [-5e-4, 0.0, 5e-4])
def test_level_loop_reads_symbols_off_clock_and_off_middle(period_error: float) -> None:
    bits = np.random.default_rng(4).integers(0, 2, 2000)
    period = 8.0 * (1 + period_error)
    loop = LevelLoop(8.0, GAINS)
    symbols = loop(two_level(bits, period, 31.7, 0.1, 5))
    index = (symbols.times - 31.7) / period
    inside = (index > 200) & (index < len(bits) - 1)
    nearest = np.round(index[inside]).astype(int)
    # Timing: a twentieth of a symbol rms, no slip; every decision right, the offset of 0.1 notwithstanding.
    assert np.sqrt(np.mean((index[inside] - nearest) ** 2)) < 0.05
    assert np.all(np.diff(nearest) == 1)
    np.testing.assert_array_equal(symbols.values[inside] > 0, bits[nearest] > 0)
    assert loop.period == pytest.approx(period, rel=5e-4)


@pytest.mark.parametrize("sigma", [0.25, 0.35, 0.5])
def test_level_values_are_log_likelihood_ratios(sigma: float) -> None:
    """For levels of +-1 in Gaussian noise the ratio is 2 x / sigma^2; its mean magnitude tells sigma."""
    bits = np.random.default_rng(6).integers(0, 2, 6000)
    symbols = LevelLoop(8.0, LevelGains(0.02, 0.0002, 0.01))(two_level(bits, 8.0, 31.7, sigma, 7))
    expected = 2 / sigma**2
    assert np.mean(np.abs(symbols.values[500:])) == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("piece", [7, 64, 1000])
def test_any_cut_gives_the_same_symbols(piece: int) -> None:
    bits = np.random.default_rng(8).integers(0, 2, 400)
    signal = two_level(bits, 8.0, 31.7, 0.1, 9)
    whole, parts = LevelLoop(8.0, GAINS), LevelLoop(8.0, GAINS)
    for loop in (whole, parts):
        loop(np.zeros(64, np.float32))  # else the first piece's levels begin the slicer's
    expected = whole(signal)
    got = [parts(signal[i : i + piece]) for i in range(0, len(signal), piece)]
    np.testing.assert_array_equal(np.concatenate([part.values for part in got]), expected.values)
    np.testing.assert_allclose(np.concatenate([part.times for part in got]), expected.times, atol=1e-9)


@pytest.mark.parametrize("before", ["a pop", "a pop the other way", "noise", "an idle carrier"])
@pytest.mark.parametrize("level", [0.005, 0.04])
def test_what_was_louder_before_is_forgotten(before: str, level: float) -> None:
    """What was a hundred times louder leaves no level behind that no symbol reaches any more."""
    random = np.random.default_rng(10)
    bits = random.integers(0, 2, 6000)
    signal = two_level(bits, 8.0, 31.7, 0.1, 11)
    quiet = np.full(4000, 0.1, np.float32) + 0.03 * random.standard_normal(4000).astype(np.float32)
    if before == "noise":
        quiet += 30.0 * random.standard_normal(4000).astype(np.float32)
    elif before == "an idle carrier":
        quiet += 0.3
    else:
        quiet[2000:2008] = 30.0 if before == "a pop" else -30.0
    symbols = LevelLoop(8.0, LevelGains(0.06, 0.001, level))(np.concatenate((quiet, signal)))
    index = (symbols.times - 4000 - 31.7) / 8.0
    # The slowest loop needs some two thousand symbols to come down a hundredfold.
    inside = (index > 2500) & (index < len(bits) - 1)
    np.testing.assert_array_equal(symbols.values[inside] > 0, bits[np.round(index[inside]).astype(int)] > 0)


def test_crossings_that_are_all_early_overrun_nothing() -> None:
    """A hostile signal may make the loop as fast as it can be; all symbols then have room."""
    period, gains = 8.0, LevelGains(0.15, 0.004, 0.04)
    y = np.sign(np.sin(np.pi * np.arange(40_000) / (0.84 * period))).astype(np.float32)
    symbols = LevelLoop(period, gains)(y)
    assert symbols.values.size > y.size / (0.9 * period)
    assert symbols.values.size == symbols.times.size
    assert symbols.times[-1] > y.size - 2 * period
    assert np.diff(symbols.times).min() >= (0.98 - gains.timing) * period - 1e-9
