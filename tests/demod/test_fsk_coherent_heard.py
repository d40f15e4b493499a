"""What was heard once is not searched for again: a wide index makes two bursts of one signal."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.signals import g3ruh_bursts
from gsctl.demod import Effort, demodulate
from gsctl.demod.fsk_coherent import CoherentFskDemodulator
from gsctl.demod.fsk_coherent_burst import StretchReceiver
from gsctl.demod.fsk_coherent_effort import EFFORTS
from gsctl.demod.fsk_coherent_heard import HeardCarriers, same_carrier_hz
from gsctl.demod.fsk_coherent_stretch import CarrierTrack, Stretch
from gsctl.waveform import Fsk

TRACK = CarrierTrack(
    next_symbol=0.0,
    symbol_samples=5.0,
    frequency_hz=100.0,
    drift_hz_s=0.0,
    modulation_index=1.0,
    bt=0.5,
    noise=1.0,
    settled=True,
)


def stretch(index: float, es_n0: float = 8.0) -> Stretch:
    """1000 symbols from sample 0 on, the first and the last hundred of noise."""
    return Stretch(
        values=np.ones(1000, np.float32),
        position=np.arange(0.0, 5000.0, 5.0, dtype=np.float64),
        events=[],
        es_n0=es_n0,
        coherence=0.9,
        coherent=(100, 900),
        frequency_hz=100.0,
        track=replace(TRACK, modulation_index=index),
    )


def heard(*stretches: Stretch) -> HeardCarriers:
    carriers = HeardCarriers(9600.0, 5.0)
    for one in stretches:
        carriers.add(one)
    return carriers


def test_the_half_of_a_wide_signal_is_that_signal() -> None:
    assert heard(stretch(1.0)).covers(600.0, 4600.0, -9300.0)
    assert not heard(stretch(0.5)).covers(600.0, 4600.0, -9300.0)
    assert heard(stretch(0.5)).covers(600.0, 4600.0, 4000.0)
    assert same_carrier_hz(0.7, 9600.0) == 4800.0
    assert same_carrier_hz(1.0, 9600.0) == pytest.approx(10080.0)


def test_what_lasts_longer_or_was_poor_is_looked_at() -> None:
    # 96 symbols are 480 samples; the sound part ends at 4495.
    assert heard(stretch(1.0)).covers(600.0, 4970.0, 0.0)
    assert not heard(stretch(1.0)).covers(600.0, 4980.0, 0.0)
    assert not heard(stretch(1.0)).covers(10.0, 4500.0, 0.0)
    assert not heard(stretch(1.0, es_n0=3.0)).covers(600.0, 4600.0, 0.0)


def test_what_is_past_is_forgotten() -> None:
    carriers = heard(stretch(1.0))
    carriers.forget(4400.0)
    assert carriers.covers(600.0, 4600.0, 0.0)
    carriers.forget(4600.0)
    assert not carriers.covers(600.0, 4600.0, 0.0)


def test_a_carrier_whose_samples_have_ended_is_not_followed() -> None:
    """Before a gap the last symbol's successor may lie behind all samples that there are."""
    receiver = StretchReceiver(48_000.0, 9600.0, None, None, EFFORTS[Effort.NORMAL])
    assert receiver.resume(np.zeros(0, np.complex64), -500, -500.0, TRACK) is None


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """A list that grows by one whenever the method is called."""
    calls: list[int] = []
    plain: Callable[..., object] = getattr(StretchReceiver, name)

    def counting(*given: object, **named: object) -> object:
        calls.append(len(calls))
        return plain(*given, **named)

    monkeypatch.setattr(StretchReceiver, name, counting)
    return calls


# Without that memory 13 searches of 28 attempts, and 22 of 58. At 1.2 the first burst is looked at in vain.
@pytest.mark.parametrize(("index", "most_searches", "most_attempts"), [(1.0, 8, 9), (1.2, 12, 20)])
def test_one_search_a_burst(
    index: float, most_searches: int, most_attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches, attempts = counted(monkeypatch, "acquire"), counted(monkeypatch, "_attempt")
    signal = g3ruh_bursts(13.0, 8, seed=5, index=index, info_bytes=60)
    given = list(demodulate(CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0)), signal.blocks()))
    assert len(given) >= 8
    assert 8 <= len(searches) <= most_searches
    assert len(attempts) <= most_attempts
