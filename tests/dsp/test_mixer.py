"""The recursive oscillator against numpy's sines."""

import numpy as np
import pytest

from gsctl.dsp.mixer_kernels import mix


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 1025, 100_000])
@pytest.mark.parametrize(("step", "change"), [(0.0, 0.0), (2.1, 0.0), (-0.7, 3e-6), (0.0, -1e-5)])
def test_mix_turns_by_the_quadratic_phase(count: int, step: float, change: float) -> None:
    random = np.random.default_rng(2)
    samples = (random.standard_normal(count) + 1j * random.standard_normal(count)).astype(np.complex64)
    n = np.arange(count, dtype=np.float64)
    expected = samples * np.exp(1j * (0.4 + step * n + change * n * (n - 1) / 2))
    got = mix(samples, 0.4, step, change)
    assert got.dtype == np.complex64
    np.testing.assert_allclose(got, expected, atol=2e-6)


def test_pieces_join_without_a_step_in_phase() -> None:
    ones, count, step, change = np.ones(5000, np.complex64), 2345, 0.3, 1e-5
    whole = mix(ones, 0.1, step, change)
    phase = 0.1 + step * count + 0.5 * change * count * (count - 1)
    rest = mix(ones[count:], phase, step + change * count, change)
    np.testing.assert_allclose(rest, whole[count:], atol=2e-6)
