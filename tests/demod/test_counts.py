"""Frames that come out at two levels of noise, through the whole chain, between a floor and a ceiling.

A surprise either way is noticed. Levels stand beside the thresholds that ``make sensitivity`` finds.
"""

from dataclasses import replace

import numpy as np
import pytest

from bench.impairments import AudioPath
from bench.signals import Signal, afsk_bursts, as_blocks, bpsk_bursts, g3ruh_bursts
from gsctl.demod import Effort
from gsctl.demod.afsk import limited
from gsctl.model import Domain, Frame
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform


def frames_of(
    signal: Signal, told: Waveform, *, audio: bool = False, effort: Effort = Effort.NORMAL
) -> list[Frame]:
    receiver = Receiver([Chain(waveform=told, framings=(signal.framing,))], Settings(effort=effort))
    blocks = signal.audio_blocks() if audio else signal.blocks()
    return [heard.frame for heard in listen(receiver, blocks)]


def make(name: str, ebn0_db: float, count: int, seed: int = 21) -> tuple[Signal, Waveform, bool]:
    if name == "bpsk":
        signal = bpsk_bursts(ebn0_db, count, seed, sample_rate_hz=12_000.0, info_bytes=60)
        return signal, Bpsk(symbol_rate_bd=1200.0), False
    if name.startswith("afsk"):
        return afsk_bursts(ebn0_db, count, seed, info_bytes=40), Afsk(), name == "afsk-audio"
    return g3ruh_bursts(ebn0_db, count, seed, offset_spread_hz=0.0), Fsk(symbol_rate_bd=9600.0), True


@pytest.mark.parametrize(
    ("name", "ebn0_db", "count", "floor", "ceiling"),
    [
        ("bpsk", 6.0, 24, 4, 21),
        ("bpsk", 8.0, 24, 21, 24),
        ("afsk-iq", 7.0, 20, 8, 20),
        ("afsk-iq", 10.5, 20, 17, 20),
        ("afsk-audio", 7.0, 20, 4, 18),
        ("afsk-audio", 11.0, 20, 17, 20),
        ("fsk-audio", 12.0, 40, 6, 36),
        ("fsk-audio", 14.0, 40, 37, 40),
    ],
)
def test_counts(name: str, ebn0_db: float, count: int, floor: int, ceiling: int) -> None:
    signal, told, audio = make(name, ebn0_db, count)
    heard = {frame.payload for frame in frames_of(signal, told, audio=audio)}
    assert heard <= set(signal.payloads)
    assert floor <= len(heard) <= ceiling


@pytest.mark.parametrize(
    "path",
    [
        AudioPath(deemphasis_s=750e-6),
        AudioPath(deemphasis_s=600e-6),
        AudioPath(high_pass_hz=300.0),
        AudioPath(deemphasis_s=750e-6, high_pass_hz=300.0),
        AudioPath(squelch_tail_s=0.03),
    ],
    ids=["de-emphasis", "another-de-emphasis", "high-pass", "voice-path", "squelch"],
)
def test_fsk_through_a_voice_receiver(path: AudioPath) -> None:
    """9600 Bd through what is made for speech; places stay those of the audio that came in."""
    signal = replace(g3ruh_bursts(15.0, 12, 5, offset_spread_hz=0.0), audio_path=path)
    frames = frames_of(signal, Fsk(symbol_rate_bd=9600.0), audio=True)
    place = dict(zip(signal.payloads, signal.first_samples, strict=True))
    heard = [frame.payload for frame in frames]
    assert set(heard) <= set(signal.payloads)
    assert len(heard) == len(set(heard)) >= 11
    assert all(abs(frame.sample_index - place[frame.payload]) < 2.0 for frame in frames)


@pytest.mark.parametrize("tilt", ["de-emphasis", "pre-emphasis", "voice-path"])
def test_afsk_through_tilted_audio_and_clicks(tilt: str) -> None:
    """Half a decibel above the threshold of flat audio behind a high-pass: the tilt costs nothing."""
    path = {
        "de-emphasis": AudioPath(deemphasis_s=750e-6),
        "pre-emphasis": AudioPath(high_pass_hz=300.0),
        "voice-path": AudioPath(deemphasis_s=750e-6, high_pass_hz=300.0),
    }[tilt]
    signal = replace(afsk_bursts(18.0, 12, 5, info_bytes=60), audio_path=path)
    samples = signal.audio()
    if tilt == "pre-emphasis":
        samples = np.diff(samples, prepend=np.float32(0)) * np.float32(4)
    receiver = Receiver([Chain(waveform=Afsk(), framings=(signal.framing,))], Settings())
    frames = [h.frame for h in listen(receiver, as_blocks(samples, 48_000.0, Domain.FM_AUDIO))]
    place = dict(zip(signal.payloads, signal.first_samples, strict=True))
    heard = {frame.payload for frame in frames}
    assert heard <= set(signal.payloads)
    assert len(heard) >= 9
    assert all(abs(frame.sample_index - place[frame.payload]) < 15.0 for frame in frames)


def test_limiting_takes_off_clicks_and_not_tones() -> None:
    time_s = np.arange(9600) / 48_000
    tone = (0.1 * np.sin(2 * np.pi * 1200 * time_s) + 0.4).astype(np.float32)
    tone[:4800] = 0.4  # a squelch was closed
    clicks = tone.copy()
    clicks[6000:6005] = -1.0
    cut = limited(clicks)
    # The tone is 1.41 median distances high. The offset is taken off.
    assert np.max(np.abs(np.delete(cut - (tone - 0.4), range(6000, 6005)))) < 0.005
    assert np.min(cut) > -0.16
    assert not np.any(limited(np.zeros(100, np.float32)))


@pytest.mark.parametrize("name", ["bpsk", "afsk-iq", "afsk-audio", "fsk-audio"])
@pytest.mark.parametrize("effort", list(Effort))
def test_every_effort_hears_a_good_signal_once(name: str, effort: Effort) -> None:
    signal, told, audio = make(name, 20.0, 3)
    frames = frames_of(signal, told, audio=audio, effort=effort)
    assert [frame.payload for frame in frames] == list(signal.payloads)


@pytest.mark.parametrize(
    ("name", "within"), [("bpsk", 2.0), ("afsk-iq", 3.0), ("afsk-audio", 4.0), ("fsk-audio", 1.0)]
)
def test_frames_lie_where_they_were_sent(name: str, within: float) -> None:
    """``within`` is in samples, less than half a symbol of any of them."""
    signal, told, audio = make(name, 20.0, 4)
    frames = frames_of(signal, told, audio=audio)
    # The audio of a discriminator comes behind its filter.
    late = [frame.sample_index - first for frame, first in zip(frames, signal.first_samples, strict=True)]
    assert np.ptp(late) < 2 * within
    assert abs(np.median(late)) < within
    lengths = [frame.end_sample_index - frame.sample_index for frame in frames]
    per_symbol = signal.sample_rate_hz / signal.symbol_rate_bd
    for frame, length in zip(frames, lengths, strict=True):
        symbols = length / per_symbol + 1
        assert 8 * (len(frame.payload) + 2) - 0.5 <= symbols <= 1.2 * 8 * (len(frame.payload) + 2)


@pytest.mark.parametrize("ebn0_db", [8.0, 14.0])
def test_bpsk_tells_level_and_offset(ebn0_db: float) -> None:
    signal = bpsk_bursts(
        ebn0_db, 4, 31, sample_rate_hz=12_000.0, info_bytes=60, offset_spread_hz=3000.0, drift_hz_s=0.0
    )
    frames = frames_of(signal, Bpsk(symbol_rate_bd=1200.0))
    assert len(frames) == 4
    for frame, offset_hz in zip(frames, signal.offsets_hz, strict=True):
        assert frame.frequency_offset_hz == pytest.approx(offset_hz, abs=1.0)
        assert frame.snr_db == pytest.approx(ebn0_db, abs=1.0)


@pytest.mark.parametrize("carrier_hz", [None, 1500.0])
def test_bpsk_in_ssb_audio(carrier_hz: float | None) -> None:
    """The carrier is found anywhere in the audio; where it is told, the offset from it is."""
    signal = bpsk_bursts(
        12.0, 3, 32, sample_rate_hz=12_000.0, info_bytes=30, offset_spread_hz=100.0, drift_hz_s=0.0
    )
    turn = np.exp(2j * np.pi * 1500 / 12_000.0 * np.arange(len(signal.samples)))
    audio = (signal.samples * turn).astype(np.complex64)
    told = Bpsk(symbol_rate_bd=1200.0, carrier_hz=carrier_hz)
    receiver = Receiver([Chain(waveform=told, framings=(signal.framing,))], Settings())
    frames = [h.frame for h in listen(receiver, as_blocks(audio, 12_000.0, Domain.SSB_AUDIO))]
    assert [frame.payload for frame in frames] == list(signal.payloads)
    for frame, offset_hz in zip(frames, signal.offsets_hz, strict=True):
        if carrier_hz is None:
            assert frame.frequency_offset_hz is None
        else:
            assert frame.frequency_offset_hz == pytest.approx(offset_hz, abs=1.0)


def test_bpsk_bursts_beside_the_place_of_the_last_one() -> None:
    """Bursts that follow one another at carriers not far apart: the end of one is no bar to the next."""
    signal = bpsk_bursts(20.0, 30, 5, sample_rate_hz=12_000.0)
    frames = frames_of(signal, Bpsk(symbol_rate_bd=1200.0))
    assert [frame.payload for frame in frames] == list(signal.payloads)


def test_raw_audio_is_heard_below_the_fm_threshold() -> None:
    """At deep a discriminator's audio becomes a carrier again: 87 of 100 frames at 8.5 dB, where its plain
    receiver hears none. Its envelope is constant, so where there is no signal is no measure of the noise."""
    signal = g3ruh_bursts(8.5, 16, 3, offset_spread_hz=0.0)
    frames = frames_of(signal, Fsk(symbol_rate_bd=9600.0), audio=True, effort=Effort.DEEP)
    heard = {frame.payload for frame in frames}
    assert heard <= set(signal.payloads)
    assert len(heard) >= 10
