"""The search for suppressed carriers: how rarely noise fools it, how exact it is, what it tells apart."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp.carrier_search import Carrier, CarrierSearch
from gsctl.synth.channel import generator, noise, noise_variance, offset
from gsctl.synth.modulators import modulate
from gsctl.waveform import Bpsk

RATE_HZ, WINDOW_S = 24_000.0, 0.4
COUNT = int(RATE_HZ * WINDOW_S)


def searcher(drifts_hz_s: tuple[float, ...] = (0.0,)) -> CarrierSearch:
    return CarrierSearch(RATE_HZ, COUNT, -6000.0, 6000.0, separation_hz=72.0, drifts_hz_s=drifts_hz_s)


def bpsk_window(ebn0_db: float, seed: int, drift_hz_s: float = 0.0) -> tuple[NDArray[np.complex64], float]:
    """A window full of random BPSK at 1200 Bd, and the carrier's frequency in its middle."""
    random = np.random.default_rng(seed)
    begin_hz = random.uniform(-3000, 3000)
    symbols = random.integers(0, 2, int(1200 * (WINDOW_S + 0.1)), dtype=np.uint8)
    whole = modulate(Bpsk(symbol_rate_bd=1200.0), symbols, RATE_HZ, delay=random.random()).samples
    moved = offset(whole, RATE_HZ, begin_hz, drift_hz_s=drift_hz_s, phase_cycles=random.random())
    begin = int(0.05 * RATE_HZ)
    samples = moved[begin : begin + COUNT]
    samples = samples + noise(COUNT, noise_variance(ebn0_db, 1200.0, RATE_HZ), generator(seed, 7))
    return samples, begin_hz + drift_hz_s * (begin + COUNT / 2) / RATE_HZ


def test_noise_rarely_looks_like_a_carrier() -> None:
    """A line over the threshold 18 has a chance of exp(-18) a bin; some ten thousand are looked at.

    That is one false alarm in some thousand windows; 400 windows with three in them are a mistake.
    """
    random, search = generator(5), searcher((0.0, -120.0, 120.0))
    alarms = sum(len(search(noise(COUNT, 1.0, random), 2)) for _ in range(400))
    assert alarms <= 2


@pytest.mark.parametrize("kind", ["silence", "one value", "one line"])
def test_what_is_no_carrier_raises_nothing(kind: str) -> None:
    samples = np.zeros(COUNT, np.complex64)
    if kind == "one value":
        samples[:] = 1e-20
    elif kind == "one line":
        samples[100] = 1.0
    with np.errstate(all="raise", under="ignore"):
        found = searcher()(samples, 2)
    assert all(np.isfinite(carrier.strength) for carrier in found)


def test_frequency_error_is_near_the_cramer_rao_bound() -> None:
    """Of a tone in noise, var f >= 6 / ((2 pi T)^2 E/N0) (Rife and Boorstyn, IEEE IT-20 (1974) 591-598).

    The search reads a grid of 1 / (4 T) and does not interpolate; the loops behind pull it the rest of the
    way. So the tolerance is: twice the bound (squaring and the window cost that much), and the grid's
    own error.
    """
    ebn0_db, trials, search = 10.0, 24, searcher()
    errors_hz = []
    for seed in range(trials):
        samples, truth_hz = bpsk_window(ebn0_db, seed)
        (carrier,) = search(samples, 1)
        errors_hz.append(carrier.frequency_hz - truth_hz)
    energy = 10 ** (ebn0_db / 10) * 1200 * WINDOW_S
    bound_hz = np.sqrt(6 / energy) / (2 * np.pi * WINDOW_S)
    grid_hz = 1 / (4 * WINDOW_S) / np.sqrt(12)
    rms_hz = float(np.sqrt(np.mean(np.square(errors_hz))))
    assert bound_hz < rms_hz < 1.3 * np.hypot(2 * bound_hz, grid_hz)


def test_a_faint_carrier_is_found_and_drift_is_told() -> None:
    search, found = searcher((0.0, -120.0, 120.0)), 0
    for seed in range(10):
        samples, truth_hz = bpsk_window(7.0, 100 + seed, drift_hz_s=120.0)
        carriers: list[Carrier] = search(samples, 1)
        found += bool(carriers) and abs(carriers[0].frequency_hz - truth_hz) < 3.0
        assert not carriers or carriers[0].drift_hz_s == 120.0
    assert found >= 9


def test_several_carriers_strongest_first_and_not_twice() -> None:
    one, one_hz = bpsk_window(30.0, 1)
    other, other_hz = bpsk_window(30.0, 2)
    carriers = searcher()(one + np.float32(0.5) * other, 4)
    assert abs(carriers[0].frequency_hz - one_hz) < 1.0
    assert any(abs(carrier.frequency_hz - other_hz) < 1.0 for carrier in carriers)
    hz = sorted(carrier.frequency_hz for carrier in carriers)
    assert np.min(np.diff(hz)) >= 72.0
    assert [c.strength for c in carriers] == sorted((c.strength for c in carriers), reverse=True)
