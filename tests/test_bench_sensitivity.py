"""The arithmetic of the sensitivity benchmark, on a decoder whose threshold is known."""

from math import erf

import numpy as np
import pytest

from bench import cases, sensitivity
from bench.sensitivity import Curve, Score, score
from bench.signals import Signal, g3ruh_bursts
from gsctl.framing import Ax25
from gsctl.waveform import Fsk


def made(ebn0_db: float, count: int, seed: int) -> Signal:
    """No samples; where a signal would have a frequency stands its Eb/N0."""
    return Signal(
        samples=np.zeros(48000, np.complex64),
        sample_rate_hz=48000.0,
        symbol_rate_bd=9600.0,
        payloads=tuple(n.to_bytes(4, "big") for n in range(count)),
        first_samples=(),
        offsets_hz=(ebn0_db,),
        waveform=Fsk(),
        framing=Ax25(),
    )


@pytest.mark.parametrize(("middle_db", "guess_db"), [(7.6, 8.0), (13.25, 8.0), (-1.1, 8.0), (9.0, 20.0)])
def test_threshold_of_a_known_curve(
    middle_db: float, guess_db: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases.Case(name="known", make=made, told=Fsk(), guess_db=guess_db)
    monkeypatch.setattr(cases, "by_name", lambda _name: case)
    sensitivity.batch.cache_clear()
    random = np.random.default_rng(5)

    def decoder(signal: Signal) -> Score:
        share = 0.5 * (1 + erf(signal.offsets_hz[0] - middle_db))
        return int(random.binomial(len(signal.payloads), share)), 0, 0, 0.25

    curve = Curve(case, decoder)
    half, most = curve.threshold_db(0.5, 200, 1000), curve.threshold_db(0.9, 200, 1000)
    # erf(x) = 0.8 at x = 0.906; a share of 1000 frames is known to 0.016, which is 0.03 dB here.
    assert half == pytest.approx(middle_db, abs=0.12)
    assert most == pytest.approx(middle_db + 0.906, abs=0.15)
    beside = [tally for tally in curve.points.values() if tally.sent >= 1000]
    assert len(beside) >= 2
    sensitivity.batch.cache_clear()


def test_what_is_never_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases.Case(name="deaf", make=made, told=Fsk())
    monkeypatch.setattr(cases, "by_name", lambda _name: case)
    sensitivity.batch.cache_clear()
    assert Curve(case, lambda _signal: (0, 0, 0, 0.0)).threshold_db(0.5, 10, 20) is None
    sensitivity.batch.cache_clear()


def test_score_counts_each_frame_once_and_strangers() -> None:
    signal = g3ruh_bursts(None, 3, seed=1, info_bytes=10)
    one, two, _ = signal.payloads
    assert score(signal, [one, one, two, b"never sent"]) == (2, 1)
