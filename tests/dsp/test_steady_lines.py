"""Steady carriers in a channel: found and taken off, and a signal's own lines left alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import AX25_HEADER
from gsctl.demod import own_lines
from gsctl.dsp.channel import Channel
from gsctl.dsp.line_course import read_line
from gsctl.dsp.steady_lines import SteadyLines
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock
from gsctl.synth import channel as air
from gsctl.synth.framers import line_symbols
from gsctl.synth.modulators import Shaping, modulate
from gsctl.waveform import Bpsk, Fsk, Waveform

RATE_HZ = 48_000.0
WINDOW = 4800
FSK = Fsk(symbol_rate_bd=9600.0)

Samples = NDArray[np.complex64]


def noise(seconds: float, seed: int = 1, power: float = 0.3) -> Samples:
    return air.noise(int(seconds * RATE_HZ), power, air.generator(seed, 0x11E))


def tone(count: int, hz: float, amplitude: float = 1.0, drift_hz_s: float = 0.0) -> Samples:
    t = np.arange(count) / RATE_HZ
    return np.asarray(amplitude * np.exp(2j * np.pi * (hz * t + drift_hz_s * t * t / 2 + 0.2)), np.complex64)


def heard(samples: Samples, waveform: Waveform = FSK) -> tuple[Samples, SteadyLines]:
    """Window by window, as a channel does it."""
    lines = SteadyLines(RATE_HZ, own_lines(waveform))
    out = []
    for first in range(0, samples.size - WINDOW + 1, WINDOW):
        window = samples[first : first + WINDOW]
        lines.learn(window)
        out.append(lines.taken_off(window, float(first)))
    return np.concatenate(out), lines


def db(power: float) -> float:
    return float(10 * np.log10(power + 1e-12))


def test_a_reading_is_as_good_as_the_noise_allows() -> None:
    """Cramer-Rao: phase 1/sqrt(2 N snr), turns sqrt(6 / snr) / (2 pi N^1.5); a third more is allowed."""
    off, phases, level = [], [], []
    for seed in range(60):
        samples = tone(WINDOW, 1234.5, 0.3) + noise(0.1, seed)
        reading = read_line(samples, 1230.0 / RATE_HZ)
        off.append(reading.turns - 1234.5 / RATE_HZ)
        phases.append(np.angle(reading.amplitude * np.exp(-2j * np.pi * (1234.5 * 2399.5 / RATE_HZ + 0.2))))
        level.append(abs(reading.amplitude))
    snr = 0.09 / 0.3
    assert np.std(off) < 1.33 * np.sqrt(6 / snr) / (2 * np.pi * WINDOW**1.5)
    assert np.std(phases) < 1.33 / np.sqrt(2 * snr * WINDOW)
    assert np.mean(level) == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("amplitude", [0.3, 1.0, 10.0, 100.0])
def test_a_line_is_taken_off(amplitude: float) -> None:
    rest = noise(3.0)
    out, lines = heard(rest + tone(rest.size, -7003.7, amplitude))
    assert lines.lines_hz == [pytest.approx(-7003.7, abs=0.5)]
    settled = slice(10 * WINDOW, None)
    left = np.mean(np.abs(out[settled] - rest[settled]) ** 2)
    # A three hundredth of the noise at most, and less than -30 dB of the line.
    assert left < max(1e-3, 1e-5 * amplitude**2)


def test_six_lines_and_one_that_drifts() -> None:
    rest = noise(3.0)
    out, lines = heard(rest + sum(tone(rest.size, hz, 1.0) for hz in (-9111, -4010, 53, 377, 2222, 9017)))
    assert len(lines.lines_hz) == 6
    assert db(float(np.mean(np.abs(out - rest)[10 * WINDOW :] ** 2))) < -20
    out, _ = heard(rest + tone(rest.size, 3000.0, 1.0, drift_hz_s=20.0))
    assert db(float(np.mean(np.abs(out - rest)[10 * WINDOW :] ** 2))) < -20


def test_noise_and_what_comes_and_goes_are_left_alone() -> None:
    rest = noise(6.0)
    out, lines = heard(rest)
    assert not lines.has_any
    keyed = rest + tone(rest.size, 2000.0) * (np.arange(rest.size) % 36_000 < 18_000)
    out, _ = heard(keyed)
    np.testing.assert_array_equal(out, keyed)


def test_a_line_that_ends_is_not_put_in_again() -> None:
    """Where it ends within a window it is taken off to there."""
    rest = noise(3.0)
    end = 22 * WINDOW + 3900
    line = tone(rest.size, 1500.0)
    line[end:] = 0
    out, lines = heard(rest + line)
    behind = np.abs(out - rest)[end + 300 :]
    assert np.max(behind) < 1e-6
    assert lines.lines_hz == []


def flags(waveform: Waveform, frames: int, seed: int = 1, shaping: Shaping | None = None) -> Samples:
    """Two seconds of flags, then frames that share a flag."""
    random = np.random.default_rng(seed)
    opening = int(2 * (waveform.symbol_rate_bd or 1200.0) / 8)
    payloads = [AX25_HEADER + random.bytes(40) for _ in range(frames)]
    line = line_symbols(Ax25(), payloads, opening=opening)
    return modulate(waveform, line.values, RATE_HZ, shaping=shaping).samples


@pytest.mark.parametrize("noise_db", [-40.0, -5.0])
@pytest.mark.parametrize(
    "waveform",
    [
        Bpsk(symbol_rate_bd=1200.0),
        Bpsk(symbol_rate_bd=9600.0),
        Fsk(symbol_rate_bd=1200.0, deviation_hz=300.0, bt=0.5),
        Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.5),
        # One strong line, and others 20 dB weaker.
        Fsk(symbol_rate_bd=1200.0, deviation_hz=600.0, bt=None),
    ],
)
def test_flags_are_lines_of_the_signal(waveform: Waveform, noise_db: float) -> None:
    sent = flags(waveform, 2, shaping=Shaping(excess_bandwidth=0.5) if isinstance(waveform, Bpsk) else None)
    samples = sent + noise(sent.size / RATE_HZ, power=10 ** (noise_db / 10))[: sent.size]
    out, lines = heard(samples, waveform)
    np.testing.assert_array_equal(out, samples[: out.size])
    assert lines.lines_hz == []


def test_an_idle_carrier_is_taken_for_a_line_once() -> None:
    """Three seconds of it before each of four bursts: what has gone away before is left alone."""
    pieces = []
    for n in range(4):
        burst = modulate(FSK, np.random.default_rng(n).integers(0, 2, 4800, dtype=np.uint8), RATE_HZ).samples
        pieces += [tone(int(3 * RATE_HZ), 2400.0), burst]
    sent = np.concatenate(pieces)
    samples = sent + noise(sent.size / RATE_HZ + 0.1)[: sent.size]
    out, _ = heard(samples)
    taken = np.flatnonzero(out != samples[: out.size]) / RATE_HZ
    assert taken.size > 0
    assert taken[-1] < 3.1


@pytest.mark.parametrize("rate_bd", [1200.0, 9600.0])
def test_index_one_keeps_its_lines(rate_bd: float) -> None:
    """Half of its power is in two lines, a symbol rate apart."""
    waveform = Fsk(symbol_rate_bd=rate_bd, deviation_hz=rate_bd / 2, bt=None)
    bits = np.random.default_rng(1).integers(0, 2, int(4 * rate_bd), dtype=np.uint8)
    sent = modulate(waveform, bits, RATE_HZ).samples
    for power in (1e-4, 0.3):
        samples = sent + noise(sent.size / RATE_HZ + 0.1, power=power)[: sent.size]
        out, _ = heard(samples, waveform)
        np.testing.assert_array_equal(out, samples[: out.size])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
def test_hostile_samples_do_no_harm(bad: float) -> None:
    samples = noise(3.0) + tone(int(3 * RATE_HZ), 1500.0)
    samples[12 * WINDOW + 5] = bad
    with np.errstate(all="ignore"):
        out, lines = heard(samples)
    assert lines.lines_hz == [pytest.approx(1500.0, abs=0.5)]
    assert np.isfinite(out[13 * WINDOW :]).all()
    assert not heard(np.zeros(10 * WINDOW, np.complex64))[1].has_any


def outputs(samples: Samples, size: int, step: int = 1) -> Samples:
    channel = Channel(
        step * RATE_HZ,
        20e3,
        RATE_HZ,
        lambda n: 900.0 + 1e-3 * n,
        clear_of_dc=True,
        own_lines=own_lines(FSK),
        clear_of_impulses=True,
    )
    blocks = [
        SampleBlock(
            samples=samples[i : i + size],
            domain=Domain.IQ,
            sample_rate_hz=step * RATE_HZ,
            start_sample=i + (777 if i >= 60_000 else 0),
        )
        for i in range(0, samples.size, size)
    ]
    parts = [out.samples for block in blocks for out in channel.push(block)]
    return np.concatenate([*parts, *(out.samples for out in channel.finish())])


@pytest.mark.parametrize("behind", [1, 31, 32])
def test_a_stream_may_end_anywhere_in_a_window(behind: int) -> None:
    count = 10 * WINDOW + behind
    out = outputs(noise(2.0)[:count] + tone(count, 4000.0), count)
    # Zeros follow to the window's end.
    assert out.size == 11 * WINDOW
    assert db(float(np.mean(np.abs(out[5 * WINDOW : 10 * WINDOW]) ** 2))) == pytest.approx(db(0.3), abs=0.2)


def test_a_channel_is_the_same_for_any_cut() -> None:
    samples = noise(2.5) + tone(120_000, 4000.0) + tone(120_000, -1000.0, 0.3)
    samples[3000::7919] += 30
    whole = outputs(samples, 60_000)
    for size in (1000, 7500):
        np.testing.assert_array_equal(whole, outputs(samples, size))
    assert db(float(np.mean(np.abs(whole[1000:50_000]) ** 2))) == pytest.approx(db(0.3), abs=0.2)
