"""The coherent FSK receiver end to end: bursts in noise to soft bits and frames."""

import numpy as np
import pytest

from bench.signals import Signal, as_blocks, ax25_payloads, bursts, g3ruh_bursts
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.demod import Effort, demodulate
from gsctl.demod.fsk_coherent import CoherentFskDemodulator
from gsctl.errors import UsageError
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock, SoftBits, StageCounters
from gsctl.synth.channel import generator, noise
from gsctl.waveform import Fsk


def soft_bits(
    signal: Signal, effort: Effort = Effort.NORMAL, waveform: Fsk | None = None, block: int = 65536
) -> list[SoftBits]:
    told = waveform or Fsk(symbol_rate_bd=signal.symbol_rate_bd)
    return list(demodulate(CoherentFskDemodulator(told, effort), signal.blocks(block)))


def frames_heard(signal: Signal, soft: list[SoftBits], repair: tuple[int, int, int] = (0, 0, 0)) -> int:
    assert isinstance(signal.framing, Ax25)
    deframer = Ax25Deframer(signal.framing, DeframeOptions(repair=repair), StageCounters())
    heard = {frame.payload for bits in soft for frame in deframer.push(bits)}
    assert heard <= set(signal.payloads)
    return len(heard)


# Ideal coherent detection without repair gives 0.50 at 7.5 dB and 0.95 at 9.0 dB.
@pytest.mark.parametrize(
    ("ebn0_db", "repair", "floor", "ceiling"),
    [(7.5, (0, 0, 0), 12, 28), (7.5, (16, 8, 0), 28, 40), (9.0, (0, 0, 0), 35, 40)],
)
def test_counts_at_the_threshold(
    ebn0_db: float, repair: tuple[int, int, int], floor: int, ceiling: int
) -> None:
    signal = g3ruh_bursts(ebn0_db, 40, seed=11)
    assert floor <= frames_heard(signal, soft_bits(signal), repair) <= ceiling


@pytest.mark.parametrize("index", [0.5, 0.625, 0.7])
@pytest.mark.parametrize("bt", [0.3, 1.0, None])
def test_shapes_are_found(index: float, bt: float | None) -> None:
    signal = g3ruh_bursts(9.0, 20, seed=12, index=index, bt=bt)
    assert frames_heard(signal, soft_bits(signal), (16, 8, 0)) >= 18


@pytest.mark.parametrize(("index", "floor"), [(0.33, 14), (0.4, 14), (0.8, 14), (1.0, 14), (1.2, 12)])
@pytest.mark.parametrize("effort", [Effort.NORMAL, Effort.DEEP])
def test_rare_indices_are_found(index: float, floor: int, effort: Effort) -> None:
    signal = g3ruh_bursts(11.0, 15, seed=22, index=index, info_bytes=60)
    assert frames_heard(signal, soft_bits(signal, effort), (16, 8, 0)) >= floor


@pytest.mark.parametrize("told_hz", [None, 1200.0 / 2, -1200.0 / 2, 300.0])
def test_a_wide_index_at_a_low_rate_far_off_tune_whatever_is_told(told_hz: float | None) -> None:
    """Index 1, carriers up to 900 Hz off: three quarters of the symbol rate."""
    signal = g3ruh_bursts(
        20.0, 6, 23, symbol_rate_bd=1200.0, index=1.0, info_bytes=30, offset_spread_hz=900.0
    )
    soft = soft_bits(signal, waveform=Fsk(symbol_rate_bd=1200.0, deviation_hz=told_hz))
    # A deviation below zero says that ones are below the carrier, which G3RUH's descrambler and NRZI bear.
    assert frames_heard(signal, soft) == 6


@pytest.mark.parametrize("symbol_rate_bd", [1200.0, 4800.0, 19200.0])
def test_symbol_rates_and_drift(symbol_rate_bd: float) -> None:
    signal = g3ruh_bursts(9.5, 10, seed=13, symbol_rate_bd=symbol_rate_bd, drift_hz_s=100.0)
    assert frames_heard(signal, soft_bits(signal)) >= 7


@pytest.mark.parametrize("effort", list(Effort))
def test_efforts(effort: Effort) -> None:
    signal = g3ruh_bursts(9.5, 20, seed=14)
    assert frames_heard(signal, soft_bits(signal, effort)) >= 17


def test_any_cut_gives_the_same_bits() -> None:
    signal = g3ruh_bursts(9.0, 3, seed=15)
    whole = soft_bits(signal, block=len(signal.samples))
    for block in (997, 4096):
        cut = soft_bits(signal, block=block)
        assert len(cut) == len(whole)
        for one, other in zip(cut, whole, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
            np.testing.assert_array_equal(one.position, other.position)
            assert (one.events, one.stream, one.restart) == (other.events, other.stream, other.restart)


def test_noise_gives_no_bits() -> None:
    samples = noise(20 * 48000, 1.0, generator(16))
    demodulator = CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0), Effort.NORMAL)
    assert not list(demodulate(demodulator, as_blocks(samples, 48000.0, Domain.IQ)))


def test_negative_deviation_inverts() -> None:
    signal = g3ruh_bursts(15.0, 1, seed=17)
    upright = soft_bits(signal, waveform=Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0))
    inverted = soft_bits(signal, waveform=Fsk(symbol_rate_bd=9600.0, deviation_hz=-2400.0))
    np.testing.assert_array_equal(upright[0].values, -inverted[0].values)


def test_positions_and_offset_are_those_of_the_signal() -> None:
    signal = g3ruh_bursts(12.0, 8, seed=18)
    soft = soft_bits(signal)
    place = np.concatenate([bits.position for bits in soft])
    for first in signal.first_samples:
        # A twentieth of a symbol: a quarter of a sample at 5 samples a symbol.
        assert np.min(np.abs(place - first)) < 0.25
    starts = [bits for bits in soft if bits.restart]
    assert len(starts) == 8
    for bits, offset_hz in zip(starts, signal.offsets_hz, strict=True):
        assert bits.frequency_offset_hz == pytest.approx(offset_hz, abs=5.0)
        assert bits.snr_db == pytest.approx(12.0, abs=1.0)


def test_two_carriers_at_once() -> None:
    low = g3ruh_bursts(None, 6, seed=19, sample_rate_hz=96000.0)
    high = g3ruh_bursts(None, 6, seed=20, sample_rate_hz=96000.0)
    count = max(len(low.samples), len(high.samples))
    time = np.arange(count) / 96000.0
    samples = noise(count, 10.0 / 10**1.4, generator(21))
    for signal, shift_hz, amplitude in ((low, -20e3, 1.0), (high, 15e3, 10.0)):
        size = len(signal.samples)
        samples[:size] += (amplitude * signal.samples * np.exp(2j * np.pi * shift_hz * time[:size])).astype(
            np.complex64
        )
    demodulator = CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0), Effort.NORMAL)
    deframer = Ax25Deframer(Ax25(g3ruh=True), DeframeOptions(), StageCounters())
    heard = {
        frame.payload
        for bits in demodulate(demodulator, as_blocks(samples, 96000.0, Domain.IQ))
        for frame in deframer.push(bits)
    }
    assert len(heard & set(low.payloads)) >= 5
    assert len(heard & set(high.payloads)) == 6


def test_lost_samples_begin_anew() -> None:
    signal = g3ruh_bursts(15.0, 2, seed=22)
    cut = int(signal.first_samples[0]) + 3000
    blocks = [
        SampleBlock(samples=signal.samples[:cut], domain=Domain.IQ, sample_rate_hz=48000.0),
        SampleBlock(
            samples=signal.samples[cut + 1003 :],
            domain=Domain.IQ,
            sample_rate_hz=48000.0,
            start_sample=cut + 1003,
            dropped_before=1003,
        ),
    ]
    soft = list(demodulate(CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0)), blocks))
    assert sum(bits.restart for bits in soft) == 3
    assert frames_heard(signal, soft) == 1
    place = np.concatenate([bits.position for bits in soft])
    assert np.min(np.abs(place - signal.first_samples[1])) < 0.25


def test_a_low_sample_rate_is_refused() -> None:
    block = SampleBlock(samples=np.zeros(100, np.complex64), domain=Domain.IQ, sample_rate_hz=16000.0)
    with pytest.raises(UsageError, match="too few for 9600 Bd"):
        list(CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0)).push(block))


def test_spoilt_samples_cost_no_more_than_their_frame() -> None:
    signal = g3ruh_bursts(15.0, 3, seed=23)
    place = int(signal.first_samples[1]) + 2000
    signal.samples[place : place + 4] = [np.nan, np.inf, 1e30, complex(0.0, -np.inf)]
    assert frames_heard(signal, soft_bits(signal)) >= 2


def test_a_signal_that_was_there_before_and_stays() -> None:
    waveform = Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.5)
    signal = bursts(waveform, Ax25(g3ruh=True), ax25_payloads(12, 24), 12.0, 24, frames_per_burst=12)
    begin = int(signal.first_samples[0]) + 100
    end = int(signal.first_samples[-1]) + 100
    soft = list(
        demodulate(
            CoherentFskDemodulator(Fsk(symbol_rate_bd=9600.0)),
            as_blocks(signal.samples[begin:end], 48000.0, Domain.IQ),
        )
    )
    assert sum(bits.restart for bits in soft) == 1
    # The first and the last are cut.
    assert frames_heard(signal, soft) == 10
