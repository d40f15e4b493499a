"""One sample that is no number, or beyond all reason, costs no frame but the one that it is in."""

import numpy as np
import pytest

from bench.signals import Signal, afsk_bursts, as_blocks, bpsk_bursts, g3ruh_bursts
from gsctl.deframe import DEFRAMERS, DeframeOptions, Deframer
from gsctl.demod import DEMODULATORS, Effort, demodulate
from gsctl.dsp.windows import within_reason
from gsctl.framing import Ax25
from gsctl.model import Domain, StageCounters
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

RATE_HZ = 48_000.0
AFSK = (afsk_bursts(20.0, 4, 6, info_bytes=20), Afsk(), Ax25())
FSK = (g3ruh_bursts(17.0, 8, 6, info_bytes=60), Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True))
BPSK = (bpsk_bursts(15.0, 4, 6, info_bytes=20), Bpsk(symbol_rate_bd=1200.0), Ax25())


def heard(
    samples: np.ndarray, domain: Domain, waveform: Waveform, framing: Ax25, effort: Effort
) -> set[bytes]:
    deframers: dict[int, Deframer] = {}
    frames: set[bytes] = set()
    demodulator = DEMODULATORS[type(waveform)](waveform, domain, effort)
    for soft in demodulate(demodulator, as_blocks(samples, RATE_HZ, domain)):
        if soft.stream not in deframers:
            deframers[soft.stream] = DEFRAMERS[Ax25](framing, DeframeOptions(), StageCounters())
        frames |= {frame.payload for frame in deframers[soft.stream].push(soft)}
    return frames


@pytest.mark.parametrize("bad", [np.nan, -np.inf, 1e30])
@pytest.mark.parametrize("effort", [Effort.FAST, Effort.NORMAL])
@pytest.mark.parametrize(
    ("sent", "domain"),
    [
        (AFSK, Domain.IQ),
        (AFSK, Domain.FM_AUDIO),
        (FSK, Domain.IQ),
        (FSK, Domain.FM_AUDIO),
        (BPSK, Domain.IQ),
    ],
)
def test_frames_behind_it_come_out(
    sent: tuple[Signal, Waveform, Ax25], domain: Domain, effort: Effort, bad: float
) -> None:
    signal, waveform, framing = sent
    samples = signal.samples.copy() if domain is Domain.IQ else signal.audio()
    samples[samples.size // 3] = bad
    with np.errstate(all="raise", under="ignore"):
        found = heard(samples, domain, waveform, framing, effort)
    assert len(found & set(signal.payloads)) >= len(signal.payloads) - 1


def test_only_what_is_beyond_reason_is_changed() -> None:
    audio = np.array([0.5, np.nan, -3e4, np.inf, -2e9], np.float32)
    np.testing.assert_array_equal(within_reason(audio), np.array([0.5, 0, -3e4, 0, 0], np.float32))
    iq = np.array([1 + 1j, complex(np.nan, 0), complex(0, -np.inf), 2], np.complex64)
    np.testing.assert_array_equal(within_reason(iq), np.array([1 + 1j, 0, 0, 2], np.complex64))
    assert within_reason(iq).dtype == np.complex64
    assert within_reason(iq[[0, 3]].copy()).dtype == np.complex64
    plain = np.ones(3, np.float32)
    assert within_reason(plain) is plain
