"""Filters against scipy's own and against what their names promise."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from gsctl.dsp.filters import OverlapSave, lowpass_taps

LENGTH = 480


def signal(kind: str, windows: int, seed: int = 1) -> NDArray[Any]:
    random = np.random.default_rng(seed)
    real = random.standard_normal(windows * LENGTH).astype(np.float32)
    if kind == "real":
        return real
    return (real + 1j * random.standard_normal(windows * LENGTH)).astype(np.complex64)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("taps", ["real", "complex"])
@pytest.mark.parametrize("count", [1, 2, 31, 2001])
def test_overlap_save_is_a_running_filter(kind: str, taps: str, count: int) -> None:
    """More taps than a window has samples are allowed: the history is as long as the filter."""
    fir = np.hanning(count + 2)[1:-1]
    fir = (fir / fir.sum()).astype(np.float32)
    if taps == "complex":
        fir = (fir * np.exp(0.3j * np.arange(count))).astype(np.complex64)
    samples = signal(kind, 8)
    running = OverlapSave(fir, LENGTH)
    got = np.concatenate([running(samples[i : i + LENGTH]) for i in range(0, len(samples), LENGTH)])
    expected = lfilter(fir.astype(np.complex128) if taps == "complex" else fir.astype(float), 1.0, samples)
    np.testing.assert_allclose(got, expected, atol=3e-6)
    assert got.dtype == (np.float32 if kind == taps == "real" else np.complex64)
    assert running.delay == (count - 1) // 2


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("taps", ["real", "complex"])
@pytest.mark.parametrize("count", [31, 201])
def test_a_step_leaves_out_samples_of_each_window(kind: str, taps: str, count: int) -> None:
    fir = np.hanning(count + 2)[1:-1].astype(np.float32)
    chosen = (fir * np.exp(0.3j * np.arange(count))).astype(np.complex64) if taps == "complex" else fir
    samples = signal(kind, 3)
    every, some = OverlapSave(chosen, LENGTH), OverlapSave(chosen, LENGTH, 7)
    for i in range(0, len(samples), LENGTH):
        window = samples[i : i + LENGTH]
        np.testing.assert_allclose(some(window), every(window)[::7], atol=2e-4)


def test_reset_forgets() -> None:
    samples = signal("complex", 2)
    running = OverlapSave(lowpass_taps(500.0, 500.0, 8000.0), LENGTH)
    first = running(samples[:LENGTH])
    running(samples[LENGTH:])
    running.reset()
    np.testing.assert_array_equal(running(samples[:LENGTH]), first)


@pytest.mark.parametrize("attenuation_db", [35.0, 50.0, 80.0])
def test_lowpass_keeps_what_it_promises(attenuation_db: float) -> None:
    taps = lowpass_taps(1000.0, 400.0, 12000.0, attenuation_db)
    assert len(taps) % 2 == 1
    np.testing.assert_allclose(taps, taps[::-1], atol=1e-7)
    response = np.abs(np.fft.rfft(taps, 8192))
    hz = np.fft.rfftfreq(8192, 1 / 12000.0)
    assert response[0] == pytest.approx(1.0, abs=1e-6)
    assert np.interp(1000.0, hz, response) == pytest.approx(0.5, abs=0.02)
    # Kaiser's formula is right within some tenths of a decibel here, a decibel and a half at most.
    assert 20 * np.log10(np.max(response[hz >= 1200.0])) < -attenuation_db + 1.5
    assert np.min(response[hz <= 800.0]) > 1 - 2 * 10 ** (-attenuation_db / 20)
