"""What full scale of discriminator audio stands for, and frames from audio of any level."""

import dataclasses

import numpy as np
import pytest

from bench.cases import AUDIO_PATHS
from bench.impairments import CONTRACT_AUDIO
from bench.signals import afsk_bursts, as_blocks, g3ruh_bursts
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.demod import Demodulator, Effort, demodulate
from gsctl.demod.afsk_fm import FmAfskDemodulator
from gsctl.demod.audio_scale import AudioCarrier, AudioScale
from gsctl.demod.discriminator import Integrated
from gsctl.demod.fsk_coherent import CoherentFskDemodulator
from gsctl.dsp.filters import OverlapSave
from gsctl.framing import Ax25
from gsctl.model import Domain, StageCounters
from gsctl.synth.audio import Audio, fm_discriminator, rounded_to_16_bits, squelched
from gsctl.synth.channel import generator, noise
from gsctl.waveform import Afsk, Fsk


def frames_of(demodulator: Demodulator, framing: Ax25, audio: Audio) -> set[bytes]:
    deframer = Ax25Deframer(framing, DeframeOptions(repair=(0, 0, 0)), StageCounters())
    blocks = as_blocks(audio, 48_000.0, Domain.FM_AUDIO)
    return {frame.payload for soft in demodulate(demodulator, blocks) for frame in deframer.push(soft)}


def heard_in(audio: Audio) -> set[bytes]:
    return frames_of(FmAfskDemodulator(Afsk()), Ax25(), audio)


def fsk_heard_in(audio: Audio) -> set[bytes]:
    coherent = CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0), Effort.DEEP, of_audio=True)
    return frames_of(Integrated(coherent), Ax25(g3ruh=True), audio)


@pytest.mark.parametrize("level", [1.0, 0.6, -0.3, 0.1, 4.0])
def test_audio_of_any_level_and_polarity(level: float) -> None:
    """Tone filters need 18 dB, and an error of 5 % leaves nothing of this."""
    signal = afsk_bursts(9.5, 12, 3, info_bytes=40)
    audio = signal.audio() * np.float32(level)
    heard = heard_in(rounded_to_16_bits(audio) if abs(level) <= 1 else audio)
    assert heard <= set(signal.payloads)
    assert len(heard) >= 9


@pytest.mark.parametrize("level", [1.0, 0.6, -0.3, 0.1])
def test_fsk_audio_of_any_level_and_polarity(level: float) -> None:
    """3 dB below what any slicer needs."""
    signal = g3ruh_bursts(9.5, 12, 3, info_bytes=60)
    heard = fsk_heard_in(rounded_to_16_bits(signal.audio() * np.float32(level)))
    assert heard <= set(signal.payloads)
    assert len(heard) >= 9


def test_the_scale_that_noise_has_shown_holds_while_a_signal_hides_it() -> None:
    """Behind half a second of noise frames without a pause, in which few clicks reach half a turn."""
    signal = g3ruh_bursts(10.5, 40, 5, info_bytes=60, gap_s=0.0)
    quiet = fm_discriminator(noise(24_000, 1.0, generator(9)))
    audio = np.float32(0.3) * np.concatenate([quiet, signal.audio()])
    scale = AudioScale()
    shown = []
    for window in audio[: audio.size // 4800 * 4800].reshape(-1, 4800):
        scale.learn(window)
        shown.append(scale.is_shown)
    assert shown[4]
    assert not shown[-1]
    heard = fsk_heard_in(audio)
    assert heard <= set(signal.payloads)
    assert len(heard) >= 30


def test_audio_that_never_shows_its_scale_is_taken_at_its_own() -> None:
    signal = g3ruh_bursts(10.5, 40, 5, info_bytes=60, gap_s=0.0)
    assert len(fsk_heard_in(signal.audio()) & set(signal.payloads)) >= 30


@pytest.mark.parametrize("path", ["25-khz", "12.5-khz", "2-khz-off-tune"])
def test_receivers_of_other_widths(path: str) -> None:
    signal = dataclasses.replace(afsk_bursts(10.0, 12, 3, info_bytes=40), audio_path=AUDIO_PATHS[path])
    heard = heard_in(np.float32(0.3) * signal.audio())
    assert heard <= set(signal.payloads)
    assert len(heard) >= 9


def test_the_scale_of_noise_is_found_within_a_percent() -> None:
    scale = AudioScale()
    audio = np.float32(0.2) * fm_discriminator(noise(48_000, 1.0, generator(7)))
    for window in audio.reshape(10, -1):
        scale.learn(window + np.float32(0.05))
    assert scale.half_turn == pytest.approx(0.2, rel=0.01)


def test_one_pop_is_no_scale() -> None:
    scale = AudioScale()
    audio = np.float32(0.2) * fm_discriminator(noise(48_000, 1.0, generator(8)))
    audio[30_000] = 0.9
    for window in audio.reshape(10, -1):
        scale.learn(window)
    assert scale.half_turn == pytest.approx(0.2, rel=0.02)


def test_a_burst_behind_a_squelch_that_leaves_only_rounding() -> None:
    scale = AudioScale()
    for _ in range(50):
        scale.learn(np.array([-1 / 32768, 1 / 32768], np.float32))
    scale.learn(np.array([-0.3, 0.3], np.float32))
    assert scale.half_turn == pytest.approx(0.3)


def test_a_squelch_is_no_scale() -> None:
    signal = afsk_bursts(12.0, 6, 4, info_bytes=40)
    audio = np.float32(0.3) * signal.audio()
    per_symbol = signal.sample_rate_hz / signal.symbol_rate_bd
    open_s = [
        ((first - 100 * per_symbol) / 48_000, (first + 600 * per_symbol) / 48_000)
        for first in signal.first_samples
    ]
    gated = rounded_to_16_bits(squelched(audio, 48_000.0, open_s))
    assert len(heard_in(gated) & set(signal.payloads)) >= 5


def test_what_is_no_number_does_no_lasting_harm() -> None:
    signal = afsk_bursts(20.0, 3, 4, info_bytes=40)
    audio = np.float32(0.3) * signal.audio()
    audio[100], audio[200] = np.nan, np.inf
    assert heard_in(audio) == set(signal.payloads)


def test_strong_audio_without_clicks_is_taken_at_its_own_scale() -> None:
    """Nothing in it tells the scale; a recording whose own is true loses nothing."""
    signal = afsk_bursts(30.0, 3, 4, info_bytes=40)
    middle = np.concatenate(
        [signal.samples[int(first) - 4000 : int(first) + 24_000] for first in signal.first_samples]
    )
    audio = CONTRACT_AUDIO.heard(np.asarray(middle[2000:26_000], np.complex64), 48_000.0)
    audio = np.clip(audio, -0.3, 0.3)
    assert heard_in(audio) == {signal.payloads[0]}


def test_silence_teaches_nothing_and_nearly_full_scale_is_full_scale() -> None:
    scale = AudioScale()
    scale.learn(np.zeros(4800, np.float32))
    assert scale.half_turn == 1.0
    scale.learn(np.array([-0.99, 0.995], np.float32))
    assert scale.half_turn == 1.0
    for _ in range(5):
        scale.learn(np.array([-0.7, 0.7], np.float32))
    assert scale.half_turn == pytest.approx(0.7)
    assert scale.own_may_be_true


@pytest.mark.parametrize("half_turn", [1.0, 0.25])
def test_the_carrier_comes_back(half_turn: float) -> None:
    """A click, a whole turn in one sample, leaves no trace."""
    phase = np.cumsum(np.random.default_rng(3).uniform(-0.9, 0.9, 4800)) * np.pi
    samples = np.exp(1j * phase).astype(np.complex64)
    audio = np.float32(half_turn) * fm_discriminator(samples)
    carrier = AudioCarrier(OverlapSave(np.ones(1, np.float32), 1200))
    made = np.concatenate([carrier(window, half_turn) for window in audio.reshape(4, -1)])
    np.testing.assert_allclose(made * samples[0], samples, atol=2e-3)
