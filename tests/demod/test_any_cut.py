"""Every demodulator gives the same soft bits for any cut of its input, to the last bit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.signals import afsk_bursts, as_blocks, bpsk_bursts, g3ruh_bursts
from gsctl.demod import Demodulator, Effort, demodulate
from gsctl.demod.afsk import AfskDemodulator
from gsctl.demod.afsk_fm import FmAfskDemodulator
from gsctl.demod.bpsk import BpskDemodulator
from gsctl.demod.discriminator import Discriminated
from gsctl.demod.fsk_audio import FskAudioDemodulator
from gsctl.demod.side_by_side import SideBySide
from gsctl.model import Domain, SampleBlock, SoftBits
from gsctl.waveform import Afsk, Bpsk

Signal = tuple[NDArray[Any], float, Domain]


def bpsk() -> Signal:
    signal = bpsk_bursts(9.0, 1, 1, sample_rate_hz=4800.0, info_bytes=5, offset_spread_hz=100.0)
    return signal.samples, 4800.0, Domain.IQ


def bpsk_audio() -> Signal:
    samples, rate_hz, _ = bpsk()
    turned = samples * np.exp(2j * np.pi * 1500 / rate_hz * np.arange(len(samples)))
    return turned.astype(np.complex64), rate_hz, Domain.SSB_AUDIO


def afsk_iq() -> Signal:
    signal = afsk_bursts(18.0, 1, 2, sample_rate_hz=12_000.0, info_bytes=5)
    return signal.samples, 12_000.0, Domain.IQ


def afsk_audio() -> Signal:
    signal = afsk_bursts(18.0, 1, 2, sample_rate_hz=24_000.0, info_bytes=5)
    return signal.audio(), 24_000.0, Domain.FM_AUDIO


def fsk_audio() -> Signal:
    signal = g3ruh_bursts(15.0, 1, 3, info_bytes=5)
    return signal.audio(), 48_000.0, Domain.FM_AUDIO


CASES: dict[str, tuple[Callable[[], Signal], Callable[[], Demodulator]]] = {
    "bpsk": (bpsk, lambda: BpskDemodulator(Bpsk(symbol_rate_bd=1200.0))),
    "bpsk-audio": (bpsk_audio, lambda: BpskDemodulator(Bpsk(symbol_rate_bd=1200.0))),
    "afsk-fm": (afsk_iq, lambda: FmAfskDemodulator(Afsk())),
    "afsk-fm-audio": (afsk_audio, lambda: FmAfskDemodulator(Afsk())),
    "afsk-discriminated": (afsk_iq, lambda: Discriminated(AfskDemodulator(Afsk()), 20_000.0)),
    "afsk-audio": (afsk_audio, lambda: AfskDemodulator(Afsk(), Effort.DEEP)),
    "fsk-audio": (fsk_audio, lambda: FskAudioDemodulator(9600.0)),
}  # fmt: skip


def blocks(signal: Signal, size: int) -> list[SampleBlock]:
    samples, rate_hz, domain = signal
    return list(as_blocks(samples, rate_hz, domain, size))


def same(one: list[SoftBits], other: list[SoftBits]) -> None:
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left.values, right.values)
        np.testing.assert_array_equal(left.position, right.position)
        assert (left.stream, left.restart, left.events) == (right.stream, right.restart, right.events)


@pytest.mark.parametrize("name", CASES)
def test_blocks_of_1_7_and_4096(name: str) -> None:
    make, build = CASES[name]
    signal = make()
    whole = list(demodulate(build(), blocks(signal, len(signal[0]))))
    assert sum(len(soft.values) for soft in whole) > 100
    for size in (1, 7, 4096):
        same(list(demodulate(build(), blocks(signal, size))), whole)


@pytest.mark.parametrize("name", CASES)
def test_a_gap_restarts_and_places_stay_true(name: str) -> None:
    """The same signal twice with lost samples between: the same soft bits, moved."""
    make, build = CASES[name]
    signal = make()
    samples, rate_hz, domain = signal
    shift = len(samples) + 5003
    again = SampleBlock(
        samples=samples, domain=domain, sample_rate_hz=rate_hz, start_sample=shift, dropped_before=5003
    )
    first = SampleBlock(samples=samples, domain=domain, sample_rate_hz=rate_hz)
    once = list(demodulate(build(), [first]))
    twice = list(demodulate(build(), [first, again]))
    late = [soft for soft in twice if soft.values.size and soft.position[0] > shift - 1000]
    assert any(soft.restart for soft in late)
    early = np.concatenate([soft.position for soft in once])
    moved = np.concatenate([soft.position for soft in late])
    # Beginnings of a window may fall elsewhere, so the last symbols are compared.
    assert abs((moved.max() - shift) - early.max()) < 2.5 * rate_hz / 1200.0


@pytest.mark.parametrize("kind", ["silence", "constant", "full scale noise", "one burst of huge samples"])
@pytest.mark.parametrize("name", ["bpsk", "afsk-fm", "afsk-audio", "fsk-audio"])
def test_odd_input_gives_finite_values(name: str, kind: str) -> None:
    make, build = CASES[name]
    samples, rate_hz, domain = make()
    random = np.random.default_rng(1)
    odd = {
        "silence": np.zeros(len(samples)),
        "constant": np.full(len(samples), 0.5),
        "full scale noise": random.uniform(-1, 1, len(samples)),
        "one burst of huge samples": np.where(np.arange(len(samples)) % 1000 < 3, 1e6, 1e-6),
    }[kind].astype(samples.dtype)
    for soft in demodulate(build(), blocks((odd, rate_hz, domain), 4096)):
        assert np.all(np.isfinite(soft.values))
        assert np.all(np.isfinite(soft.position))


def test_side_by_side_keeps_streams_apart() -> None:
    samples, rate_hz, domain = fsk_audio()
    pair = SideBySide([FskAudioDemodulator(9600.0), FskAudioDemodulator(9600.0, invert=True)])
    found = list(demodulate(pair, blocks((samples, rate_hz, domain), 4096)))
    streams = {soft.stream for soft in found}
    assert streams == set(range(18))
    for even, odd in ((0, 1), (2, 3)):
        upright = np.concatenate([soft.values for soft in found if soft.stream == even])
        inverted = np.concatenate([soft.values for soft in found if soft.stream == odd])
        np.testing.assert_array_equal(upright, -inverted)
