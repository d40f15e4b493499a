"""The compiled loops against plain models, and the signal model against its definition."""

import itertools

import numpy as np
import pytest

from gsctl.dsp import cpm_kernels as kernels
from gsctl.dsp.carrier_extraction import extract_carrier
from gsctl.dsp.cpm_waveform import (
    SAMPLES_PER_SYMBOL,
    modulation_index,
    phase_pulse,
    symbol_templates,
)
from gsctl.synth.modulators import modulate
from gsctl.waveform import Fsk


def test_phase_pulse_rises_from_nothing_to_half() -> None:
    for bt in (0.3, 0.5, 1.0, None):
        assert phase_pulse(-4.0, bt) == pytest.approx(0.0, abs=1e-9)
        assert phase_pulse(0.0, bt) == pytest.approx(0.25)
        assert phase_pulse(4.0, bt) == pytest.approx(0.5)
    assert modulation_index(-2400.0, 9600.0) == 0.5


@pytest.mark.parametrize(("index", "bt"), [(0.5, 0.5), (0.7, 0.3), (0.625, None)])
def test_templates_are_what_the_modulator_sends(index: float, bt: float | None) -> None:
    bits = np.random.default_rng(1).integers(0, 2, 40).astype(np.uint8)
    waveform = Fsk(symbol_rate_bd=1000.0, deviation_hz=index * 500.0, bt=bt)
    sent = modulate(waveform, bits, 64000.0)
    place = sent.first_symbol + 64 * (
        np.arange(10, 30)[:, None] + (np.arange(SAMPLES_PER_SYMBOL) + 0.5) / SAMPLES_PER_SYMBOL - 0.5
    )
    samples = sent.samples[place.astype(int)].astype(np.complex64).ravel()
    bare = np.empty(20, np.complex64)
    kernels.remove_modulation(samples, symbol_templates(index, bt), index, bits[10:30], bare)
    # All that is left of a clean signal is one constant phase; the ends lack a neighbour.
    left = bare[1:-1] / bare[1]
    np.testing.assert_allclose(np.abs(bare[1:-1]), SAMPLES_PER_SYMBOL, rtol=0.01)
    np.testing.assert_allclose(np.angle(left), 0.0, atol=0.03)


def test_interpolation_of_a_tone() -> None:
    tone = np.exp(2j * np.pi * 0.11 * np.arange(60)).astype(np.complex64)
    out = np.empty(30, np.complex64)
    kernels.interpolate(tone, 10.3, 1.17, out)
    np.testing.assert_allclose(out, np.exp(2j * np.pi * 0.11 * (10.3 + 1.17 * np.arange(30))), atol=2e-3)


def plain_metric(correlations: np.ndarray, bits: tuple[int, ...], index: float, forgetting: float) -> float:
    """The metric of one path by its definition; ``bits`` begin with the one before the first symbol."""
    reference = 0j
    phase = 0.0
    total = 0.0
    for k in range(len(correlations)):
        before, this, after = bits[k], bits[k + 1], bits[k + 2]
        value = correlations[k, 4 * before + 2 * this + after] * np.exp(-1j * phase)
        if reference:
            total += float((np.conj(reference) * value).real / abs(reference))
        reference = forgetting * reference + value
        phase += np.pi * index * (2 * before - 1)
    return total


def test_the_sequence_found_is_the_best_of_all() -> None:
    # With 7 bits of memory and 6 symbols no two paths meet: the search is exhaustive.
    random = np.random.default_rng(2)
    for index in (0.5, 0.7):
        correlations = (random.standard_normal((6, 8)) + 1j * random.standard_normal((6, 8))).astype(
            np.complex64
        )
        memory = 8
        choice, margin = kernels.empty_record(6, memory)
        found, last = kernels.detect_sequence(
            correlations, np.ones(6, np.complex64), index, 0.9, memory, choice, margin
        )
        plain = max(
            plain_metric(correlations, bits, index, 0.9) for bits in itertools.product((0, 1), repeat=8)
        )
        assert found == pytest.approx(plain, rel=1e-4)
        bits = np.zeros(6, np.uint8)
        path = np.zeros(6, np.int32)
        kernels.trace_back(choice, last, memory, bits, path)
        best = [
            plain_metric(correlations, (b, *bits.tolist(), a), index, 0.9) for b in (0, 1) for a in (0, 1)
        ]
        assert max(best) == pytest.approx(plain, rel=1e-4)


def test_events_name_the_likeliest_error_and_its_bits() -> None:
    # MSK, no noise but one weak symbol: the cheapest error turns two consecutive bits.
    bits = np.random.default_rng(3).integers(0, 2, 60).astype(np.uint8)
    waveform = Fsk(symbol_rate_bd=1000.0, deviation_hz=250.0)
    sent = modulate(waveform, bits, 4000.0, delay=0.5)
    samples = sent.samples[2 : 2 + 4 * 60].copy()
    samples[4 * 30 : 4 * 31] *= 0.3
    correlations = np.empty((60, 8), np.complex64)
    kernels.correlate_symbols(samples, symbol_templates(0.5, None), correlations)
    choice, margin = kernels.empty_record(60, 3)
    _, last = kernels.detect_sequence(correlations, np.ones(60, np.complex64), 0.5, 0.95, 3, choice, margin)
    decided = np.zeros(60, np.uint8)
    path = np.zeros(60, np.int32)
    kernels.trace_back(choice, last, 3, decided, path)
    np.testing.assert_array_equal(decided[5:55], bits[5:55])
    loss = np.full(60, 1e6, np.float32)
    first = np.empty(60, np.int32)
    flips = np.empty(60, np.uint64)
    kernels.competing_paths(choice, margin, path, 3, loss, first, flips)
    inside = [k for k in range(60) if 8 <= first[k] < 52]
    cheapest = min(inside, key=lambda k: margin[k, path[k]])
    flipped = {int(first[cheapest]) - i for i in range(64) if int(flips[cheapest]) >> i & 1}
    assert len(flipped) == 2
    assert max(flipped) - min(flipped) == 1
    assert flipped & {30}
    assert loss[30] == pytest.approx(margin[cheapest, path[cheapest]])


def test_extraction_keeps_time_frequency_and_level() -> None:
    time = np.arange(5000) / 48000.0
    samples = np.exp(2j * np.pi * 7300.0 * time).astype(np.complex64)
    samples += 10 * np.exp(-2j * np.pi * 9000.0 * time).astype(np.complex64)
    carrier = extract_carrier(
        samples, 48000.0, 7000.0, pass_hz=4000.0, stop_hz=5000.0, output_rate_hz=20000.0
    )
    rate_hz = 48000.0 / carrier.input_per_sample
    assert rate_hz >= 20000.0
    place = np.arange(200, 1800)
    expected = np.exp(2j * np.pi * (7300.0 - carrier.frequency_hz) * place / rate_hz)
    np.testing.assert_allclose(carrier.samples[200:1800], expected, atol=0.03)


def test_sliding_mean_and_unwrapped_angle() -> None:
    values = np.random.default_rng(4).standard_normal(40)
    mean = np.zeros(40)
    kernels.sliding_mean(values, 9, mean)
    plain = [values[max(k - 4, 0) : k + 5].mean() for k in range(40)]
    np.testing.assert_allclose(mean, plain, atol=1e-12)
    angle = np.zeros(40)
    turning = np.cumsum(np.linspace(-2.5, 2.5, 40))
    kernels.unwrapped_angle(np.exp(1j * turning), angle)
    np.testing.assert_allclose(np.diff(angle), np.diff(turning), atol=1e-12)
