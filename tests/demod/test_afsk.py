"""The tone filters alone: what the limiter and the slope of the audio are for."""

import dataclasses

import numpy as np
import pytest

from bench.cases import AUDIO_PATHS
from bench.signals import Signal, afsk_bursts, as_blocks
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.demod import demodulate
from gsctl.demod.afsk import AfskDemodulator
from gsctl.framing import Ax25
from gsctl.model import Domain, StageCounters
from gsctl.waveform import Afsk


def heard_of(signal: Signal, gain: float, offset: float = 0.0) -> int:
    deframers: dict[int, Ax25Deframer] = {}
    heard: set[bytes] = set()
    audio = np.float32(gain) * signal.audio() + np.float32(offset)
    for soft in demodulate(AfskDemodulator(Afsk()), as_blocks(audio, 48_000.0, Domain.FM_AUDIO)):
        deframer = deframers.setdefault(
            soft.stream, Ax25Deframer(Ax25(), DeframeOptions(repair=(0, 0, 0)), StageCounters())
        )
        heard |= {frame.payload for frame in deframer.push(soft)}
    assert heard <= set(signal.payloads)
    return len(heard)


# Without the limiter none of the first three comes out and two of the others;
# without the slope none of the last.
@pytest.mark.parametrize(
    ("path", "ebn0_db", "least"),
    [
        ("12.5-khz", 17.5, 5),
        ("agc", 18.0, 5),
        ("vorbis", 18.0, 4),
        ("high-pass", 18.5, 4),
        ("de-emphasis", 18.5, 4),
    ],
)
@pytest.mark.parametrize("gain", [1.0, -0.1])
def test_frames_in_spite_of_clicks(path: str, ebn0_db: float, least: int, gain: float) -> None:
    signal = dataclasses.replace(afsk_bursts(ebn0_db, 8, 6, info_bytes=100), audio_path=AUDIO_PATHS[path])
    assert heard_of(signal, gain) >= least


# Without the median taken off none of the eight comes out, at 0.1 either.
@pytest.mark.parametrize("offset", [0.5, -0.5])
def test_an_offset_far_above_the_tones_does_no_harm(offset: float) -> None:
    signal = dataclasses.replace(afsk_bursts(17.5, 8, 6, info_bytes=100), audio_path=AUDIO_PATHS["12.5-khz"])
    assert heard_of(signal, 0.2, offset) >= 5
