from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.errors import ConfigError
from gsctl.synth.channel import generator
from gsctl.synth.modulators import Baseband, Shaping, modulate
from gsctl.synth.pulses import root_raised_cosine
from gsctl.waveform import Afsk, Bpsk, Fsk, Morse, Waveform

RANDOM = np.random.default_rng(7)
SYMBOLS = RANDOM.integers(0, 2, 400, dtype=np.uint8)


def middles(burst: Baseband, count: int) -> NDArray[np.float64]:
    return (burst.first_symbol + burst.samples_per_symbol * np.arange(count)).astype(np.float64)


def frequency_cycles(burst: Baseband) -> NDArray[np.float64]:
    """Turns from sample to sample; entry n belongs to n + 1/2."""
    steps = burst.samples[1:].astype(np.complex128) * burst.samples[:-1].conj()
    return np.angle(steps).astype(np.float64) / (2 * pi)


@pytest.mark.parametrize("rate_hz", [480000.0, 441000.0, 192354.4])
@pytest.mark.parametrize("index", [0.5, 0.625, 1.0])
def test_fsk_turns_by_pi_h_in_each_symbol(rate_hz: float, index: float) -> None:
    waveform = Fsk(symbol_rate_bd=9600, deviation_hz=index * 4800)
    burst = modulate(waveform, SYMBOLS, rate_hz, delay=0.4)
    phase = np.unwrap(np.angle(burst.samples.astype(np.complex128)))
    edges = middles(burst, 400) + burst.samples_per_symbol / 2
    turned = np.diff(np.interp(edges[:-1], np.arange(len(phase)), phase)) / pi
    expected = np.where(SYMBOLS[1:-1] == 1, index, -index)
    # Between samples the phase bends where the symbol changes: at worst 1/20 of a symbol's turn is lost.
    assert np.abs(turned - expected).max() < 0.05 * index


def test_negative_deviation_sends_a_one_below() -> None:
    ones = np.ones(50, np.uint8)
    burst = modulate(Fsk(symbol_rate_bd=1200, deviation_hz=-600.0), ones, 48000)
    assert np.median(frequency_cycles(burst)) * 48000 == pytest.approx(-600, abs=0.5)


def test_gaussian_filter_has_its_bandwidth() -> None:
    # A single one among zeros reaches what the step response of a Gaussian filter of B = BT / T
    # leaves of it: erf(pi B T sqrt(2 / ln 2) / 2) of the full swing at its middle.
    from math import erf, log, sqrt

    symbols = np.zeros(41, np.uint8)
    symbols[20] = 1
    for bt in (0.3, 0.5, 1.0):
        burst = modulate(Fsk(symbol_rate_bd=100, deviation_hz=50, bt=bt), symbols, 20000.0)
        peak = frequency_cycles(burst).max() * 20000.0
        reach = erf(pi * bt * sqrt(2 / log(2)) / 2)
        assert peak == pytest.approx(-50 + 100 * reach, abs=0.3)


@pytest.mark.parametrize("beta", [0.0, 0.2, 0.35, 0.5, 1.0])
def test_matched_filtered_bpsk_has_no_intersymbol_interference(beta: float) -> None:
    burst = modulate(Bpsk(symbol_rate_bd=1200), SYMBOLS, 9600, shaping=Shaping(excess_bandwidth=beta))
    taps = root_raised_cosine(np.arange(-96, 97) / 8.0, beta)
    filtered = np.convolve(burst.samples.real, taps, "same") / 8
    at = np.round(middles(burst, 400)).astype(int)
    assert np.allclose(at, middles(burst, 400))
    levels = filtered[at][20:-20]
    errors = levels - np.where(SYMBOLS[20:-20] == 1, 1.0, -1.0) * np.mean(np.abs(levels))
    # The pulse of zero excess bandwidth is cut where it still has some per cent left.
    assert np.abs(errors).max() < (0.25 if beta == 0 else 0.02)


@pytest.mark.parametrize(
    "waveform",
    [
        Bpsk(symbol_rate_bd=1200),
        Fsk(symbol_rate_bd=1200, bt=0.5),
        Afsk(),
        Bpsk(symbol_rate_bd=1200, manchester=True),
    ],
)
def test_power_is_one_and_delay_and_rate_move_the_symbols(waveform: Waveform) -> None:
    burst = modulate(waveform, SYMBOLS, 48000.0)
    inside = burst.samples[2000:-2000]
    assert float(np.mean(np.abs(inside) ** 2)) == pytest.approx(1.0, abs=0.02)
    late = modulate(waveform, SYMBOLS, 48000.0, delay=0.75)
    assert late.first_symbol == burst.first_symbol + 0.75
    fast = modulate(waveform, SYMBOLS, 48000.0 * (1 + 100e-6))
    assert fast.samples_per_symbol == pytest.approx(burst.samples_per_symbol * (1 + 100e-6))
    # The same signal, later by three quarters of a sample.
    there = np.interp(np.arange(3000) + 1000.75, np.arange(len(late.samples)), late.samples)
    assert np.abs(there - burst.samples[1000:4000]).max() < 0.12


def test_differential_and_manchester_bpsk_by_hand() -> None:
    symbols = np.array([1, 0, 0, 1, 1, 0], np.uint8)
    shaping = Shaping(excess_bandwidth=None)
    burst = modulate(Bpsk(symbol_rate_bd=100, differential=True), symbols, 1000, shaping=shaping)
    levels = burst.samples.real[np.round(middles(burst, 6)).astype(int)]
    assert np.sign(levels).tolist() == [-1, 1, -1, -1, -1, 1]
    split = modulate(Bpsk(symbol_rate_bd=100, manchester=True), symbols, 2000, shaping=shaping)
    early = split.samples.real[np.round(middles(split, 6) - split.samples_per_symbol / 4).astype(int)]
    late = split.samples.real[np.round(middles(split, 6) + split.samples_per_symbol / 4).astype(int)]
    assert (np.sign(early) == np.where(symbols == 1, 1, -1)).all()
    assert (np.sign(late) == -np.sign(early)).all()


def test_afsk_tones_and_deviation() -> None:
    for value, tone_hz in ((1, 1200.0), (0, 2200.0)):
        burst = modulate(Afsk(), np.full(200, value, np.uint8), 48000)
        audio_hz = frequency_cycles(burst) * 48000
        assert audio_hz.max() == pytest.approx(3000, rel=0.02)
        spectrum = np.abs(np.fft.rfft(audio_hz * np.hanning(len(audio_hz))))
        assert np.argmax(spectrum) * 48000 / len(audio_hz) == pytest.approx(tone_hz, abs=8)


def test_what_cannot_be_sent_is_said() -> None:
    with pytest.raises(ConfigError, match="symbol rate"):
        modulate(Fsk(), SYMBOLS, 48000)
    with pytest.raises(ConfigError, match="at least 19200"):
        modulate(Fsk(symbol_rate_bd=9600), SYMBOLS, 16000)


def test_the_generator_is_repeatable() -> None:
    assert generator(1, 2).integers(0, 1000) == generator(1, 2).integers(0, 1000)
    assert generator(1, 2).random() != generator(1, 3).random()


def test_morse_keys_the_carrier_without_clicks() -> None:
    units = np.array([1, 0, 1, 1, 1, 0, 0, 0, 1], np.uint8)
    burst = modulate(Morse(speed_wpm=24.0), units, 8000)
    assert burst.samples_per_symbol == pytest.approx(400)
    level = burst.samples.real
    assert np.allclose(level[np.round(middles(burst, 9)).astype(int)], units)
    # 5 ms are 40 samples: no step is steeper than a cosine of that length.
    assert np.abs(np.diff(level)).max() < pi / 2 / 40 * 1.05
    assert level[0] == level[-1] == 0
