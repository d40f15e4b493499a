"""Noise of a colour is searched thoroughly a few times, then quickly or less; signals are heard all along."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import afsk_bursts, as_blocks, g3ruh_bursts
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.demod import Effort, demodulate
from gsctl.demod.afsk_fm import FmAfskDemodulator
from gsctl.demod.afsk_search import StretchSearch
from gsctl.demod.fsk_coherent import CoherentFskDemodulator
from gsctl.demod.fsk_coherent_burst import StretchReceiver
from gsctl.demod.fsk_coherent_effort import EFFORTS
from gsctl.demod.fsk_coherent_search import CarrierFinder
from gsctl.demod.patience import Patience
from gsctl.dsp.carrier_extraction import extract_carrier
from gsctl.framing import Ax25
from gsctl.model import Domain, StageCounters
from gsctl.synth import channel
from gsctl.waveform import Afsk, Fsk


def test_patience_ends_and_comes_back() -> None:
    patience = Patience(2, 0.5)
    for _ in range(2):
        assert patience.lasts
        patience.fail()
    assert not patience.lasts
    patience.rest(1.9)
    assert not patience.lasts
    patience.rest(0.1)
    assert patience.lasts
    patience.rest(100.0)
    patience.fail()
    patience.fail()
    assert not patience.lasts  # no more than two are saved up
    patience.renew()
    patience.fail()
    assert patience.lasts


def narrow_noise(seconds: float) -> NDArray[np.complex64]:
    """Noise within 6 kHz of the middle."""
    noise = channel.noise(int(48_000 * seconds), 0.1, channel.generator(5, 11))
    spectrum = np.fft.fft(noise)
    spectrum[np.abs(np.fft.fftfreq(len(noise), 1 / 48_000)) > 6e3] *= 1e-3
    return np.fft.ifft(spectrum).astype(np.complex64)


def test_noise_of_a_colour_is_soon_searched_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    thorough: list[bool] = []
    acquire = StretchReceiver.acquire

    def counting(*given: object, **named: object) -> object:
        thorough.append(bool(named["thorough"]))
        return acquire(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(StretchReceiver, "acquire", counting)
    demodulator = CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0))
    for _ in demodulate(demodulator, as_blocks(narrow_noise(4.0), 48_000.0, Domain.IQ)):
        pass
    # Three at once and 0.3 a second, and as much again and 0.9 a second for what is strong by chance.
    assert 3 <= sum(thorough) <= 13
    assert not all(thorough)


def test_afsk_is_searched_less_where_it_was_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[int] = []
    everywhere = StretchSearch._everywhere

    def counting(*given: object) -> object:
        searches.append(len(searches))
        return everywhere(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(StretchSearch, "_everywhere", counting)
    demodulator = FmAfskDemodulator(Afsk())
    seconds = 4.0
    for _ in demodulate(demodulator, as_blocks(narrow_noise(seconds), 48_000.0, Domain.IQ)):
        pass
    # 18 at once and 4 a second; without an end to patience there are two in each of 49 stretches.
    assert 18 <= len(searches) <= 18 + 4 * seconds + 2


def test_afsk_behind_noise_that_was_searched_in_vain() -> None:
    # It looks more like a signal than that noise did, and is searched for at once.
    burst = afsk_bursts(10.0, 1, seed=2, info_bytes=20)
    samples = np.concatenate((0.3 * narrow_noise(8.0), burst.samples)).astype(np.complex64)
    deframer = DEFRAMERS[Ax25](Ax25(), DeframeOptions(), StageCounters())
    soft = demodulate(FmAfskDemodulator(Afsk()), as_blocks(samples, 48_000.0, Domain.IQ))
    assert {frame.payload for bits in soft for frame in deframer.push(bits)} == set(burst.payloads)


# A signal must not be lost; of noise a sixth passes.
@pytest.mark.parametrize(
    ("ebn0_db", "swings", "least"), [(5.0, False, 11), (12.0, False, 12), (-20.0, True, 8)]
)
def test_an_envelope_tells_noise_from_a_signal(ebn0_db: float, swings: bool, least: int) -> None:
    signal = g3ruh_bursts(ebn0_db, 12, seed=3, info_bytes=100, offset_spread_hz=0.0, clock_spread_ppm=0.0)
    finder = CarrierFinder(48_000.0, 9600.0, 0.5, EFFORTS[Effort.NORMAL])
    told = []
    for begin_s, end_s in signal.bursts_s:
        begin, end = int(begin_s * 48_000), int(end_s * 48_000)
        carrier = extract_carrier(
            signal.samples[begin:end], 48_000.0, 0.0, pass_hz=7680.0, stop_hz=9600.0, output_rate_hz=38_400.0
        )
        told.append(finder.swings(carrier, 0.0, float(len(carrier.samples))))
    assert sum(one is swings for one in told) >= least
