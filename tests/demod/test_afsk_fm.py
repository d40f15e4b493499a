"""The AFSK receiver that hears the carrier itself, where a stream holds next to nothing."""

import numpy as np
import pytest

from gsctl.demod import demodulate
from gsctl.demod.afsk_fm import FmAfskDemodulator
from gsctl.model import Domain, SampleBlock
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
