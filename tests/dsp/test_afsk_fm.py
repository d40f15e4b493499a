"""What AFSK makes of a carrier, and the sequence detector on it."""

import numpy as np
import pytest

from gsctl.dsp import afsk_fm_kernels as kernels
from gsctl.dsp.afsk_fm_model import (
    FINE,
    POINTS,
    afsk_fm_model,
    audio_states,
    carrier_in,
    has_lines,
    spectrum_of,
)
from gsctl.synth.channel import generator, noise, offset
from gsctl.synth.modulators import modulate
from gsctl.waveform import Afsk

WAVEFORM = Afsk(fm_deviation_hz=3000.0)
RATE_HZ = 12_000.0


def test_bell_tones_move_among_six_audio_phases() -> None:
    states, (space, mark) = audio_states(WAVEFORM)
    # 2200 / 1200 = 1 5/6 turns, 1200 / 1200 = a whole one.
    assert (states, space, mark) == (6, 5, 0)
    assert audio_states(Afsk(mark_hz=1135.0, space_hz=1143.0))[0] == 24


def test_templates_are_the_modulators_waveforms() -> None:
    """A template is the conjugate carrier over one symbol, its phase counted from the symbol's edge."""
    states, _ = audio_states(WAVEFORM)
    model = afsk_fm_model(WAVEFORM, 3000.0, RATE_HZ, states)
    assert model.templates.shape == (states * FINE, 2, POINTS)
    fine = 12_000  # samples a symbol: the modulator's integral of the tone, by brute force
    for phase in (0, 5, 17):
        for bit, tone_hz in ((0, 2200.0), (1, 1200.0)):
            t = (np.arange(fine) + 0.5) / fine / 1200.0
            audio = np.sin(2 * np.pi * (phase / (states * FINE) + tone_hz * t))
            carrier = 2 * np.pi * 3000.0 * np.cumsum(audio) / (fine * 1200.0)
            middles = carrier[(np.arange(POINTS) * 2 + 1) * fine // (2 * POINTS)]
            np.testing.assert_allclose(
                np.angle(model.templates[phase, bit] * np.exp(1j * middles)), 0.0, atol=5e-3
            )
            assert model.ends[phase, bit] == pytest.approx(carrier[-1], abs=5e-3)


@pytest.mark.parametrize("offset_hz", [-900.0, 0.0, 370.0])
def test_the_carrier_is_found_by_its_spectrum(offset_hz: float) -> None:
    states, _ = audio_states(WAVEFORM)
    model = afsk_fm_model(WAVEFORM, 3000.0, RATE_HZ, states)
    bits = np.random.default_rng(3).integers(0, 2, 150, dtype=np.uint8)
    samples = offset(modulate(WAVEFORM, bits, RATE_HZ).samples, RATE_HZ, offset_hz)
    turn, share = carrier_in(spectrum_of(samples), model, RATE_HZ)
    # 144 symbols of one signal stand for all: a tenth of a symbol rate is what the loops take up.
    assert turn * RATE_HZ / (2 * np.pi) == pytest.approx(offset_hz, abs=120.0)
    assert share > 0.6
    _, of_noise = carrier_in(spectrum_of(noise(1440, 1.0, generator(4))), model, RATE_HZ)
    assert of_noise < 0.3


def test_sequence_and_competing_paths() -> None:
    """Noiseless symbols come out; the cost of each is the loss of the best path without it."""
    states, steps_ = audio_states(WAVEFORM)
    steps = np.array(steps_, np.int64)
    model = afsk_fm_model(WAVEFORM, 3000.0, RATE_HZ, states)
    bits = np.random.default_rng(5).integers(0, 2, 40, dtype=np.uint8)
    base = modulate(WAVEFORM, bits, RATE_HZ)
    begin = base.first_symbol - 0.5 * base.samples_per_symbol
    phases = FINE * np.arange(states, dtype=np.int64)
    best: tuple[float, np.ndarray] = (-np.inf, bits)
    for shift in range(FINE):
        correlations = np.empty((40, states, 2), np.complex64)
        shifted = (phases + shift) % (states * FINE)
        kernels.correlate(
            base.samples, begin, base.samples_per_symbol, 0.0, model.templates, shifted, correlations
        )
        got, margins = np.empty(40, np.uint8), np.empty((40, states))
        losers, winners = np.empty((40, states), np.int8), np.empty((40, states), np.int8)
        metric, _ = kernels.decide(
            correlations, 0, steps, model.ends[shifted], 0.15, 0.006, got, margins, losers, winners
        )
        if metric > best[0]:
            best = (metric, got)
            costs, event_costs = np.empty(40), np.empty(40)
            lengths, flips = np.empty(40, np.int64), np.empty((40, 12), np.int64)
            kernels.weigh(steps, got, margins, losers, winners, 12, costs, event_costs, lengths, flips)
    np.testing.assert_array_equal(best[1], bits)
    # The interpolation between ten samples a symbol and the carrier loop's settling cost some.
    assert 0.92 < best[0] / (40 * POINTS) <= 1.0
    assert np.all(costs[2:-14] > 0)
    for n in range(14, 26):
        assert 0 < lengths[n] <= 12
        assert event_costs[n] >= np.max(costs[flips[n, : lengths[n]]]) - 1e-9


def test_metrics_of_many_audio_phases_at_once() -> None:
    """The vector kernel gives what ``decide`` gives, of each set of states."""
    states, steps_ = audio_states(WAVEFORM)
    steps = np.array(steps_, np.int64)
    model = afsk_fm_model(WAVEFORM, 3000.0, RATE_HZ, states)
    y = noise(500, 1.0, generator(9))
    phases = np.concatenate([shift + FINE * np.arange(states) for shift in range(3)]).astype(np.int64)
    correlations = np.empty((40, phases.size, 2), np.complex64)
    kernels.correlate(y, 20.0, 10.0, 0.01, model.templates, phases, correlations)
    metrics = np.empty(3, np.float32)
    ends = model.ends[phases]
    kernels.best_metrics(correlations, steps, ends, np.float32(0.15), np.float32(0.006), metrics)
    none = np.empty((0, states), np.int8)
    for n, metric in enumerate(metrics):
        expected, _ = kernels.decide(
            correlations, n * states, steps, ends, 0.15, 0.006,
            np.empty(0, np.uint8), np.empty((0, states)), none, none,
        )  # fmt: skip
        assert metric == pytest.approx(expected, rel=1e-3)


def test_flags_have_lines_and_random_bits_have_none() -> None:
    states, _ = audio_states(WAVEFORM)
    model = afsk_fm_model(WAVEFORM, 3000.0, RATE_HZ, states)
    flags = np.tile(np.array([0, 0, 0, 0, 0, 0, 0, 1], np.uint8), 19)  # 01111110 after NRZI
    for bits, expected in ((flags, True), (np.random.default_rng(3).integers(0, 2, 152, np.uint8), False)):
        spectrum = spectrum_of(modulate(WAVEFORM, bits, RATE_HZ).samples)
        _, share = carrier_in(spectrum, model, RATE_HZ)
        assert has_lines(spectrum, model, share) is expected
