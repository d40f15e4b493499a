"""Estimators of the coherent FSK receiver against the Cramer-Rao bound."""

import numpy as np
import pytest

from bench.signals import Signal, g3ruh_bursts
from gsctl.demod import Effort
from gsctl.demod.fsk_coherent_burst import StretchReceiver
from gsctl.demod.fsk_coherent_effort import EFFORTS
from gsctl.demod.fsk_coherent_stretch import Stretch

SYMBOLS = 1780
EBN0_DB = 9.0
# Of the spread over the bound: the receiver does not know the bits, nor the other parameters.
TOLERATED_RATIO = 1.5


def stretches(signal: Signal) -> list[Stretch]:
    receiver = StretchReceiver(48000.0, 9600.0, None, None, EFFORTS[Effort.NORMAL])
    found = []
    for first in signal.first_samples:
        begin = int(first)
        part = signal.samples[begin - 500 : begin + SYMBOLS * 5 + 500]
        near_hz = receiver.locate(part, begin - 500, begin, begin + SYMBOLS * 5, 0.0)
        stretch = receiver.acquire(part, begin - 500, begin, begin + SYMBOLS * 5, near_hz)
        assert stretch is not None
        found.append(stretch)
    return found


@pytest.fixture(scope="module")
def heard() -> tuple[Signal, list[Stretch]]:
    signal = g3ruh_bursts(EBN0_DB, 40, seed=31, clock_spread_ppm=0.0)
    return signal, stretches(signal)


def test_frequency(heard: tuple[Signal, list[Stretch]]) -> None:
    # Rife and Boorstyn, IEEE Trans. Inf. Theory 20 (1974): var f = 6 / ((2 pi T)^2 SNR N (N^2 - 1)),
    # SNR = 2 Es/N0 / 2 a symbol. The mean slope between the ends of a smoothed phase, which the
    # receiver gives because a carrier may drift, has a variance of its own, larger by N / (6 * 49).
    signal, found = heard
    error = np.array([s.frequency_hz for s in found]) - np.array(signal.offsets_hz)
    es_n0 = 10 ** (EBN0_DB / 10)
    bound = 9600.0 / (2 * np.pi) * np.sqrt(6 / (es_n0 * SYMBOLS**3))
    ends = np.sqrt(SYMBOLS / (6 * 25))  # an average of 49 has 25 symbols at an end
    assert abs(np.mean(error)) < 3 * bound * ends / np.sqrt(len(error)) + 0.05
    assert np.sqrt(np.mean(error**2)) < TOLERATED_RATIO * ends * bound


def test_timing(heard: tuple[Signal, list[Stretch]]) -> None:
    # D'Andrea, Mengali and Reggiannini, IEEE Trans. Commun. 42 (1994), modified bound: in symbols,
    # var = 1 / (2 Es/N0 N mean((d phase / d t)^2)); h = 0.5 BT 0.5 turns (pi h)^2 0.7 a symbol squared.
    signal, found = heard
    error = []
    for first, stretch in zip(signal.first_samples, found, strict=True):
        middle = len(stretch.position) // 2
        place = (stretch.position[middle] - first) / 5
        error.append(place - round(place))
    bound = 1 / np.sqrt(2 * 10 ** (EBN0_DB / 10) * SYMBOLS * (np.pi * 0.5) ** 2 * 0.7)
    assert np.sqrt(np.mean(np.square(error))) < TOLERATED_RATIO * bound


def test_modulation_index(heard: tuple[Signal, list[Stretch]]) -> None:
    # The phase between groups of 49 symbols is known to 1 / sqrt(2 Es/N0 49) and follows
    # pi dh times a sum of that many random signs: N / 49 such groups.
    _, found = heard
    index = np.array([s.track.modulation_index for s in found])
    bound = np.sqrt(2.0) / np.sqrt(2 * 10 ** (EBN0_DB / 10) * 49) / (np.pi * np.sqrt(49 * SYMBOLS / 49))
    assert abs(np.mean(index) - 0.5) < 1e-3
    assert np.std(index) < TOLERATED_RATIO * bound
    assert {s.track.bt for s in found} == {0.5}


def test_signal_to_noise_ratio(heard: tuple[Signal, list[Stretch]]) -> None:
    # Decisions are wrong a few times in ten thousand here: the bias is that of the error of
    # the phase and of the noise that the phase estimate follows, under half a decibel.
    _, found = heard
    es_n0_db = 10 * np.log10([s.es_n0 for s in found])
    assert np.mean(es_n0_db) == pytest.approx(EBN0_DB, abs=0.5)
    # var ln(SNR) of an estimate from N real noise values and a mean: 2 / N + ...
    assert np.std(es_n0_db) < TOLERATED_RATIO * 10 / np.log(10) * np.sqrt(
        2 / SYMBOLS + 4 / (2 * 7.9 * SYMBOLS)
    )


def test_reliabilities_are_likelihoods() -> None:
    # Of the bits whose odds are claimed to be e^L, one in 1 + e^L must be wrong.
    from gsctl.synth.framers import line_symbols

    signal = g3ruh_bursts(5.5, 40, seed=32, clock_spread_ppm=0.0)
    claimed, wrong = [], []
    for first, payload, stretch in zip(signal.first_samples, signal.payloads, stretches(signal), strict=True):
        line = line_symbols(signal.framing, [payload])
        start = round((stretch.position[0] - first) / 5) + line.first[0]
        sent = line.values[start : start + len(stretch.values)]
        size = min(len(sent), len(stretch.values), SYMBOLS - 60)
        claimed.append(np.abs(stretch.values[:size]))
        wrong.append((stretch.values[:size] > 0) != (sent[:size] > 0))
    odds = np.concatenate(claimed)
    errors = np.concatenate(wrong)
    for low, high in ((0.0, 1.0), (1.0, 2.0), (2.0, 4.0)):
        chosen = (odds >= low) & (odds < high)
        expected = float(np.mean(1 / (1 + np.exp(odds[chosen]))))
        assert np.mean(errors[chosen]) == pytest.approx(expected, rel=0.35)
