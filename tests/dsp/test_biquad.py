"""The recursive filter against scipy's, whole and in pieces."""

import numpy as np
import pytest
from scipy.signal import butter, lfilter

from gsctl.dsp.biquad_kernels import biquad


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_any_cut_gives_what_scipy_gives(piece: int) -> None:
    numerator, denominator = butter(2, 300.0, "highpass", fs=48000.0)
    samples = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    state = np.zeros(2)
    parts = []
    for start in range(0, len(samples), piece):
        part = samples[start : start + piece]
        out = np.empty_like(part)
        biquad(part, numerator, denominator, state, out)
        parts.append(out)
    expected = lfilter(numerator, denominator, samples)
    assert np.allclose(np.concatenate(parts), expected, atol=1e-5)


def test_digital_silence_leaves_no_denormal_numbers() -> None:
    numerator, denominator = butter(2, 12.0, "highpass", fs=48000.0)
    state = np.ones(2)
    out = np.empty(480_000, np.float32)
    for _ in range(4):
        biquad(np.zeros(480_000, np.float32), numerator, denominator, state, out)
    assert np.max(np.abs(out)) < 1e-9
    assert np.min(np.abs(state)) > 1e-300
