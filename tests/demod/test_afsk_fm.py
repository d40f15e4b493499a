"""The AFSK receiver that hears the carrier itself, where a stream holds next to nothing."""

import numpy as np
import pytest

from bench.signals import afsk_bursts
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.demod import demodulate
from gsctl.demod.afsk_fm import FmAfskDemodulator
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock, StageCounters
from gsctl.waveform import Afsk


@pytest.mark.parametrize("silence", range(44_000, 44_600, 37))
def test_a_signal_that_begins_at_the_end_of_a_stretch(silence: int) -> None:
    """Silence but for the last few samples of a stretch, which no spectrum of it reaches."""
    samples = np.zeros(silence, np.complex64)
    samples[-30:] = 0.1 * np.exp(0.3j * np.arange(30))
    block = SampleBlock(samples=samples, domain=Domain.IQ, sample_rate_hz=48000.0)
    for soft in demodulate(FmAfskDemodulator(Afsk(symbol_rate_bd=1200.0)), [block]):
        assert np.all(np.isfinite(soft.values))
        assert soft.snr_db is not None
        assert np.isfinite(soft.snr_db)


# Before the data there are flags, whose spectrum is a few lines; beyond 3 kHz they lie far out.
@pytest.mark.parametrize("fm_deviation_hz", [2500.0, 4000.0, 5000.0])
def test_deviations_that_are_not_told(fm_deviation_hz: float) -> None:
    signal = afsk_bursts(12.0, 12, 3, info_bytes=40, fm_deviation_hz=fm_deviation_hz, offset_spread_hz=500.0)
    demodulator = FmAfskDemodulator(Afsk(symbol_rate_bd=1200.0), search_hz=10_000.0)
    deframer = Ax25Deframer(Ax25(), DeframeOptions(repair=(0, 0, 0)), StageCounters())
    heard = {
        frame.payload for soft in demodulate(demodulator, signal.blocks()) for frame in deframer.push(soft)
    }
    assert heard <= set(signal.payloads)
    assert len(heard) >= 11
