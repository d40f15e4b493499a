import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.synth import audio
from gsctl.synth.channel import generator, noise
from gsctl.synth.modulators import modulate
from gsctl.waveform import Fsk

RATE_HZ = 48000.0


def gain_at(taps: NDArray[np.float32], frequency_hz: float) -> float:
    turns = np.arange(len(taps)) * frequency_hz / RATE_HZ
    return float(abs(np.sum(taps * np.exp(-2j * np.pi * turns))))


def tone(frequency_hz: float, seconds: float = 1.0) -> audio.Audio:
    turns = frequency_hz / RATE_HZ * np.arange(int(RATE_HZ * seconds))
    return np.asarray(np.sin(2 * np.pi * turns), np.float32)


def level(samples: audio.Audio) -> float:
    return float(np.sqrt(2 * np.mean(samples[len(samples) // 2 :].astype(float) ** 2)))


def test_the_contracts_channel_filter() -> None:
    taps = audio.low_pass_taps(7500.0, RATE_HZ)
    assert np.allclose(taps, taps[::-1])
    assert 20 * np.log10(gain_at(taps, 7500)) == pytest.approx(-6.0, abs=0.1)
    assert gain_at(taps, 0) == pytest.approx(1.0, abs=1e-5)
    assert gain_at(taps, 6500) > 0.98
    assert gain_at(taps, 9000) < 0.005


def test_discriminator_gives_the_frequency() -> None:
    burst = modulate(Fsk(symbol_rate_bd=1200, deviation_hz=2400), np.ones(200, np.uint8), RATE_HZ)
    heard = audio.fm_audio(burst.samples, RATE_HZ)
    assert heard.dtype == np.float32
    assert float(np.median(heard)) == pytest.approx(2400 / 24000, abs=1 / 32768)
    words = heard * 32768
    assert np.array_equal(words, np.round(words))


def test_noise_through_the_filter_stays_within_full_scale() -> None:
    heard = audio.fm_audio(noise(20000, 1.0, generator(1)), RATE_HZ)
    assert 0.1 < float(np.std(heard)) < 0.4
    assert float(np.abs(heard).max()) <= 1.0


def test_deemphasis_falls_above_its_corner() -> None:
    corner_hz = 1 / (2 * np.pi * 750e-6)
    assert level(audio.deemphasis(tone(corner_hz), RATE_HZ)) == pytest.approx(0.707, abs=0.01)
    falling = [level(audio.deemphasis(tone(f), RATE_HZ)) for f in (1200, 2400)]
    assert falling[1] / falling[0] == pytest.approx(0.5, abs=0.03)


def test_high_pass_takes_low_tones() -> None:
    assert level(audio.high_pass(tone(30), RATE_HZ)) < 0.02
    assert level(audio.high_pass(tone(300), RATE_HZ)) == pytest.approx(0.707, abs=0.01)
    assert level(audio.high_pass(tone(3000), RATE_HZ)) == pytest.approx(1.0, abs=0.01)


def test_agc_levels_loud_and_soft() -> None:
    loud_then_soft = np.concatenate([tone(1000), 0.1 * tone(1000, 3.0)])
    held = audio.agc(loud_then_soft, RATE_HZ)
    assert level(held[:48000]) == pytest.approx(0.3, abs=0.02)
    assert level(held) == pytest.approx(0.3, abs=0.02)
    assert np.abs(held[48000:50000]).max() < 0.1  # the release takes its time


def test_clipping_squelch_and_16_bits() -> None:
    assert np.abs(audio.clipped(tone(1000), 5.0)).max() == 1.0
    gated = audio.squelched(tone(1000), RATE_HZ, [(0.25, 0.5)])
    assert not gated[:12000].any()
    assert gated[12000:24000].any()
    assert not gated[24000:].any()
    assert audio.rounded_to_16_bits(np.array([2.0, -2.0, 0.00001], np.float32)).tolist() == [
        32767 / 32768,
        -1,
        0,
    ]


def test_vorbis_keeps_a_tone_and_the_length() -> None:
    sent = 0.5 * tone(1000)
    heard = audio.through_vorbis(sent, RATE_HZ)
    assert len(heard) == len(sent)
    assert 0 < float(np.abs(heard - sent)[1000:-1000].max()) < 0.05
