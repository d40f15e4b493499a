"""Carriers farther off than one receiver reaches, and the band that receivers side by side share."""

import dataclasses

import numpy as np
import pytest

from bench.signals import Signal, afsk_bursts, as_blocks, g3ruh_bursts
from gsctl.demod import SEARCH_HZ, Effort
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock
from gsctl.pipeline import shared_band as shared_band_module
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Heard, Receiver, Settings, listen
from gsctl.pipeline.spread import reach_hz, spread
from gsctl.waveform import Afsk, Bpsk, Fsk

RATE_HZ = 240_000.0
FSK = Chain(waveform=Fsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))
AFSK = Chain(waveform=Afsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
BPSK = Chain(waveform=Bpsk(symbol_rate_bd=1200.0), framings=(Ax25(),))


def moved(signal: Signal, by_hz: float, block_samples: int = 30_000) -> list[SampleBlock]:
    turns = by_hz / RATE_HZ * np.arange(len(signal.samples)) % 1.0
    samples = (signal.samples * np.exp(2j * np.pi * turns)).astype(np.complex64)
    return list(as_blocks(samples, RATE_HZ, Domain.IQ, block_samples))


def heard_by(blocks: list[SampleBlock], *chains: Chain) -> list[Heard]:
    return list(listen(Receiver(chains, Settings()), blocks))


@pytest.fixture(scope="module")
def fsk() -> Signal:
    return g3ruh_bursts(24.0, 2, 42, info_bytes=30, sample_rate_hz=RATE_HZ, offset_spread_hz=0.0)


def test_as_many_chains_as_are_needed() -> None:
    assert spread(BPSK, 10e3, Effort.NORMAL) == (BPSK,)
    assert spread(FSK, 10e3, Effort.NORMAL) == (FSK,)
    wide = [chain.expected_offset_hz for chain in spread(FSK, 26e3, Effort.NORMAL)]
    assert wide == [0.0, -18e3, 18e3]
    assert spread(AFSK, 10e3, Effort.NORMAL) == spread(AFSK, 10e3, Effort.DEEP) == (AFSK,)
    for chain, effort in ((AFSK, Effort.FAST), (FSK, Effort.FAST)):
        places = sorted(one.expected_offset_hz for one in spread(chain, 10e3, effort))
        assert len(places) == 9
        assert places[-1] + reach_hz(chain, effort) >= 10e3
        assert max(np.diff(places)) < 2 * reach_hz(chain, effort)
        assert len(spread(chain, 60e3, effort)) == 11
    near = dataclasses.replace(FSK, expected_offset_hz=-4e3)
    assert [one.expected_offset_hz for one in spread(near, 26e3, Effort.DEEP)] == [-4e3, -22e3, 14e3]
    assert reach_hz(BPSK, Effort.FAST) == SEARCH_HZ


def test_afsk_far_off_is_heard() -> None:
    signal = afsk_bursts(20.0, 2, 43, sample_rate_hz=RATE_HZ, info_bytes=20, offset_spread_hz=0.0)
    for by_hz in (2_400.0, -4_000.0, 8_300.0):
        heard = heard_by(moved(signal, by_hz), AFSK)
        assert [one.frame.payload for one in heard] == list(signal.payloads), by_hz
        for one, first in zip(heard, signal.first_samples, strict=True):
            assert one.frame.sample_index == pytest.approx(first, abs=RATE_HZ / 1200 / 2)
            assert one.frame.frequency_offset_hz == pytest.approx(by_hz, abs=5.0)


def test_a_stronger_carrier_far_away_does_not_draw_afsk_off() -> None:
    wanted = afsk_bursts(20.0, 2, 43, sample_rate_hz=RATE_HZ, info_bytes=20, offset_spread_hz=0.0)
    other = afsk_bursts(20.0, 2, 44, sample_rate_hz=RATE_HZ, info_bytes=20, offset_spread_hz=0.0)
    count = min(len(wanted.samples), len(other.samples))
    turns = 9_500.0 / RATE_HZ * np.arange(count) % 1.0
    both = wanted.samples[:count] + 1.4 * other.samples[:count] * np.exp(2j * np.pi * turns)
    heard = heard_by(list(as_blocks(both.astype(np.complex64), RATE_HZ, Domain.IQ, 30_000)), AFSK)
    assert {one.frame.payload for one in heard} == set(wanted.payloads)


def test_what_is_shared_changes_neither_places_nor_frequencies(
    fsk: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    chains = spread(FSK, 26e3, Effort.NORMAL)
    blocks = moved(fsk, -27e3)
    shared = heard_by(blocks, *chains)
    assert [one.frame.payload for one in shared] == list(fsk.payloads)
    cut = heard_by(moved(fsk, -27e3, 4096), *chains)
    assert [one.frame for one in cut] == [one.frame for one in shared]
    monkeypatch.setattr(shared_band_module, "_LEAST_CHAINS", 99)
    alone = heard_by(blocks, *chains)
    for one, other, first in zip(shared, alone, fsk.first_samples, strict=True):
        assert one.frame.payload == other.frame.payload
        assert one.frame.sample_index == pytest.approx(other.frame.sample_index, abs=1.0)
        assert one.frame.sample_index == pytest.approx(first, abs=8)
        assert one.frame.frequency_offset_hz == pytest.approx(-27e3, abs=20.0)


def test_places_are_right_across_lost_samples(fsk: Signal) -> None:
    cut = int((fsk.first_samples[0] + fsk.first_samples[1]) / 2) + 7_500
    lost = 54_321
    blocks = moved(fsk, 15e3, cut)
    after = [dataclasses.replace(block, start_sample=block.start_sample + lost) for block in blocks[1:]]
    after[0] = dataclasses.replace(after[0], dropped_before=lost)
    heard = heard_by([blocks[0], *after], *spread(FSK, 26e3, Effort.NORMAL))
    assert [one.frame.payload for one in heard] == list(fsk.payloads)
    for number, one in enumerate(heard):
        sent = fsk.first_samples[number] + (lost if number else 0)
        assert one.frame.sample_index == pytest.approx(sent, abs=8)
