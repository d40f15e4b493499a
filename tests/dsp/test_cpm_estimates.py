"""The compiled estimators of the coherent FSK receiver against plain models of numpy."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp import cpm_estimate_kernels as estimate
from gsctl.dsp import cpm_kernels as kernels
from gsctl.dsp.cpm_search_kernels import LANES, search_parameters
from gsctl.dsp.cpm_waveform import symbol_templates


def averaged(values: NDArray[Any], span: int) -> NDArray[Any]:
    half = span // 2
    return np.asarray([np.mean(values[max(k - half, 0) : k + half + 1]) for k in range(len(values))])


def carrier_of(phase: np.ndarray, noise: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    parts = random.standard_normal((2, len(phase))) * noise
    return np.asarray(np.exp(1j * phase) + parts[0] + 1j * parts[1], np.complex64)


def test_settle_is_the_angle_of_an_average() -> None:
    slow = np.linspace(0.0, 40.0, 300)
    carrier = carrier_of(slow + np.linspace(-2.0, 5.0, 300), 0.3, 1)
    slow_rotor = np.empty(300, np.complex64)
    estimate.phasors(slow, slow_rotor)
    np.testing.assert_allclose(slow_rotor, np.exp(-1j * slow), atol=1e-5)
    phase, rotor = np.empty(300), np.empty(300, np.complex64)
    estimate.settle(carrier, slow, slow_rotor, 9, phase, rotor)
    plain = slow + np.unwrap(np.angle(averaged(carrier * np.exp(-1j * slow), 9)))
    np.testing.assert_allclose(phase, plain, atol=1e-4)
    np.testing.assert_allclose(rotor, np.exp(-1j * phase), atol=1e-5)


def test_frequency_is_that_of_products_averaged_twice() -> None:
    slow = np.linspace(0.0, 3.0, 400)
    turn = slow + 0.02 * np.arange(400)
    carrier = carrier_of(turn, 0.2, 2)
    slow_rotor = np.exp(-1j * slow).astype(np.complex64)
    followed = estimate.follow_frequency(carrier, slow, slow_rotor, 8, 31)
    product = np.zeros(400, complex)
    bare = carrier * slow_rotor
    product[4:-4] = bare[8:] * np.conj(bare[:-8])
    plain = slow + np.cumsum(np.angle(averaged(averaged(product, 31), 31))) / 8
    np.testing.assert_allclose(followed, plain, atol=1e-4)
    assert (followed[350] - followed[50]) / 300 == pytest.approx((turn[350] - turn[50]) / 300, abs=2e-3)


@pytest.mark.parametrize("error", [0.02, -0.01, 0.0])
def test_the_index_is_seen_in_the_phase(error: float) -> None:
    """A modulation that turns by more than was taken off leaves that in the phase, beside a drift."""
    bits = np.random.default_rng(3).integers(0, 2, 1500).astype(np.uint8)
    signs = 2.0 * bits - 1.0
    place = np.arange(1500) / 1500
    phase = averaged(np.pi * error * (np.cumsum(signs) - 0.5 * signs), 49) + 3 * place - 7 * place**2
    assert estimate.index_change(bits, phase, np.ones(1500), 49) == pytest.approx(error, abs=5e-4)
    # Where the carrier is gone the phase says nothing.
    bare = np.ones(1500)
    bare[700:900] = -1.0
    phase[700:850] += np.linspace(0, 9, 150)
    assert estimate.index_change(bits, phase, bare, 49) == pytest.approx(error, abs=0.004)


def test_the_index_of_bits_that_do_not_tell_stays() -> None:
    ones = np.ones(300)
    change = estimate.index_change(np.ones(300, np.uint8), np.linspace(0, 9, 300), ones, 49)
    assert change == pytest.approx(0.0, abs=1e-9)
    assert estimate.index_change(np.ones(9, np.uint8), np.zeros(9), np.ones(9), 49) == 0.0


def test_parabola_is_that_of_polyfit() -> None:
    random = np.random.default_rng(4)
    values, weight = random.standard_normal(500).cumsum(), random.uniform(0.1, 1.0, 500)
    slope, bend = estimate.parabola(values, weight, 430, 4)
    place = np.arange(500) - 430
    plain = np.polyfit(place[::4], values[::4], 2, w=weight[::4])
    assert (bend, slope) == pytest.approx(tuple(plain[:2]), rel=1e-6)
    assert estimate.parabola(values, np.zeros(500), 430, 4)[0] == pytest.approx(
        float(np.polyfit(place[::4], values[::4], 2)[1]), rel=1e-3
    )


def test_group_sums() -> None:
    carrier, rotor = carrier_of(np.zeros(300), 0.4, 5), carrier_of(np.zeros(300), 0.0, 6)
    sums = np.empty(3)
    mean, square = estimate.group_sums(carrier, rotor, 128, sums)
    np.testing.assert_allclose(sums, np.add.reduceat(carrier.real, [0, 128, 256]), rtol=1e-4)
    assert mean == pytest.approx(float(carrier.real.mean()), rel=1e-4)
    assert square == pytest.approx(float(np.mean(carrier.imag**2)), rel=1e-4)


@pytest.mark.parametrize("count", [1, LANES, LANES + 3])
def test_search_side_by_side_is_search_one_by_one(count: int) -> None:
    random = np.random.default_rng(7)
    samples = (random.standard_normal(600) + 1j * random.standard_normal(600)).astype(np.complex64)
    indices, starts = np.array([0.5, 0.63]), np.array([20.3, 21.1])
    frequencies = np.linspace(-0.1, 0.1, count)
    templates = np.stack([symbol_templates(index, 0.5) for index in indices])
    metric = np.zeros((2, 2, count))
    search_parameters(samples, starts, 1.01, templates, indices, frequencies, 90, 0.8, metric)
    for a, start in enumerate(starts):
        resampled = np.empty(360, np.complex64)
        kernels.interpolate(samples, start, 1.01, resampled)
        for b, index in enumerate(indices):
            correlations = np.empty((90, 8), np.complex64)
            kernels.correlate_symbols(resampled, templates[b], correlations)
            for c, frequency in enumerate(frequencies):
                turns = np.exp(-2j * np.pi * frequency * np.arange(90)).astype(np.complex64)
                plain, _ = kernels.detect_sequence(
                    correlations, turns, index, 0.8, 2, *kernels.empty_record(0, 0)
                )
                assert metric[a, b, c] == pytest.approx(plain, rel=1e-4)


@pytest.mark.parametrize(
    ("start", "step"), [(-7.3, 0.997), (10.0, 1.0), (3.2, 1.0004), (5.0, 2.3), (1.0, 0.4)]
)
def test_interpolation_anywhere(start: float, step: float) -> None:
    """Against Lagrange's polynomial through the six neighbours, and nothing beyond the ends."""
    random = np.random.default_rng(8)
    samples = (random.standard_normal(100) + 1j * random.standard_normal(100)).astype(np.complex64)
    out = np.full(130, 7.0, np.complex64)
    kernels.interpolate(samples, start, step, out)
    for k in range(130):
        time = start + k * step
        i = int(np.floor(time))
        plain = 0.0 + 0.0j
        if 2 <= i <= 96:
            for j in range(i - 2, i + 4):
                others = [m for m in range(i - 2, i + 4) if m != j]
                plain += samples[j] * np.prod([(time - m) / (j - m) for m in others])
        assert out[k] == pytest.approx(plain, abs=2e-4)
