"""Frames beside steady carriers and impulses, from samples to frames; without them all come out at 12 dB."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import Signal, afsk_bursts, as_blocks, bpsk_bursts, g3ruh_bursts
from gsctl.framing import Ax25
from gsctl.model import Domain
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.waveform import Afsk, Bpsk, Fsk

Samples = NDArray[np.complex64]
FRAMES = 8
RATE_HZ = 48_000.0

FSK = Chain(waveform=Fsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))
SLOW_FSK = Chain(waveform=Fsk(symbol_rate_bd=1200.0), framings=(Ax25(g3ruh=True),))
AFSK = Chain(waveform=Afsk(), framings=(Ax25(),))
BPSK = Chain(waveform=Bpsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
FAST_BPSK = Chain(waveform=Bpsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))


def fsk() -> Signal:
    return g3ruh_bursts(12.0, FRAMES, 21, info_bytes=100)


def slow_fsk() -> Signal:
    return g3ruh_bursts(12.0, FRAMES, 21, symbol_rate_bd=1200.0, info_bytes=20)


def afsk() -> Signal:
    return afsk_bursts(12.0, FRAMES, 21, info_bytes=20)


def bpsk() -> Signal:
    return bpsk_bursts(12.0, FRAMES, 21, info_bytes=20)


def fast_bpsk() -> Signal:
    return bpsk_bursts(12.0, FRAMES, 21, symbol_rate_bd=9600.0, g3ruh=True, info_bytes=100)


def line(count: int, hz: float, level_db: float) -> Samples:
    turns = np.exp(2j * np.pi * (hz / RATE_HZ * np.arange(count) + 0.3))
    return np.asarray(10 ** (level_db / 20) * turns, np.complex64)


def heard(chain: Chain, samples: Samples, block_samples: int = 65536) -> list[tuple[bytes, float]]:
    blocks = as_blocks(samples, RATE_HZ, Domain.IQ, block_samples)
    return [
        (one.frame.payload, one.frame.sample_index) for one in listen(Receiver([chain], Settings()), blocks)
    ]


def count_of(chain: Chain, signal: Signal, samples: Samples) -> int:
    found = {payload for payload, _ in heard(chain, samples)}
    assert found <= set(signal.payloads)
    return len(found)


@pytest.mark.parametrize("level_db", [-10.0, 20.0])
@pytest.mark.parametrize(
    ("chain", "make", "hz"),
    [(FSK, fsk, 7000.0), (SLOW_FSK, slow_fsk, 877.0), (AFSK, afsk, 6600.0), (BPSK, bpsk, 877.0)],
)
def test_a_steady_carrier_beside_the_signal(
    chain: Chain, make: Callable[[], Signal], hz: float, level_db: float
) -> None:
    """Without taking it off 7 or 8 came out of 8 at -10 dB, one or none at 20 dB."""
    signal = make()
    assert count_of(chain, signal, signal.samples + line(signal.samples.size, hz, level_db)) >= FRAMES - 1


@pytest.mark.parametrize("level_db", [0.0, 10.0])
@pytest.mark.parametrize(
    ("chain", "make", "hz"),
    [
        (FSK, fsk, 2917.0),
        (SLOW_FSK, slow_fsk, 397.0),
        (AFSK, afsk, 2437.0),
        (BPSK, bpsk, 397.0),
        (FAST_BPSK, fast_bpsk, 2917.0),
    ],
)
def test_a_steady_carrier_inside_the_signal(
    chain: Chain, make: Callable[[], Signal], hz: float, level_db: float
) -> None:
    signal = make()
    assert count_of(chain, signal, signal.samples + line(signal.samples.size, hz, level_db)) >= FRAMES - 2


@pytest.mark.parametrize(("chain", "make"), [(FSK, fsk), (AFSK, afsk), (BPSK, bpsk), (FAST_BPSK, fast_bpsk)])
def test_a_hundred_impulses_a_second(chain: Chain, make: Callable[[], Signal]) -> None:
    """30 dB above the signal, one sample or two; without a blanker one or none came out."""
    signal = make()
    random = np.random.default_rng(3)
    spoilt = signal.samples.copy()
    for place in random.integers(0, spoilt.size - 2, spoilt.size // 480).tolist():
        width = int(random.integers(1, 3))
        spoilt[place : place + width] += np.complex64(31.6 * np.exp(2j * np.pi * random.random()))
    assert count_of(chain, signal, spoilt) >= FRAMES - 1


def test_any_cut_gives_the_same_frames() -> None:
    signal = fsk()
    samples = signal.samples + line(signal.samples.size, 3000.0, 5.0)
    samples[500::777] += 40
    whole = heard(FSK, samples)
    assert len(whole) >= FRAMES - 1
    for size in (997, 4096):
        assert heard(FSK, samples, size) == whole
