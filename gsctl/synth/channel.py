"""What lies between a satellite's modulator and a station's samples.

Carrier offset and drift, Doppler along a tuning plan, amplitude profiles, complex noise. Every
random number comes from a generator that the caller seeds.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from gsctl.model import Track

Samples = NDArray[np.complex64]
Times = NDArray[np.float64]


def generator(*seed: int) -> np.random.Generator:
    """The simulator's random numbers: SFC64, the fastest of numpy's for normal float32."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed)))


def noise(count: int, variance: float, random: np.random.Generator) -> Samples:
    """White complex Gaussian noise; ``variance`` is E|x|^2, that is N0 fs."""
    pairs = random.standard_normal(2 * count, dtype=np.float32)
    pairs *= np.float32(sqrt(variance / 2))
    return pairs.view(np.complex64)


def noise_variance(
    ebn0_db: float, symbol_rate_bd: float, sample_rate_hz: float, signal_power: float = 1.0
) -> float:
    """E|x|^2 of noise for a given Eb/N0 = S Tb / N0, variance N0 fs (CONTRACT, "Numbers").

    Args:
        ebn0_db: decibels.
        symbol_rate_bd: channel bits a second, 1 / Tb.
        sample_rate_hz: fs.
        signal_power: S, mean |x|^2 while the burst lasts.
    """
    return float(signal_power / symbol_rate_bd * sample_rate_hz / 10 ** (ebn0_db / 10))


def turned(samples: Samples, cycles: Times) -> Samples:
    """Each sample turned by ``cycles`` whole turns, (n,) float64."""
    # Whole turns go first: float32 holds the rest well enough.
    angle = ((cycles - np.floor(cycles)) * (2 * pi)).astype(np.float32)
    rotor = np.empty(len(samples), np.complex64)
    rotor.real = np.cos(angle)
    rotor.imag = np.sin(angle)
    rotor *= samples
    return rotor


def offset(
    samples: Samples,
    sample_rate_hz: float,
    offset_hz: float,
    *,
    drift_hz_s: float = 0.0,
    phase_cycles: float = 0.0,
) -> Samples:
    """Move the carrier: by ``offset_hz`` at sample 0, growing by ``drift_hz_s``."""
    time_s = np.arange(len(samples)) / sample_rate_hz
    return turned(samples, phase_cycles + offset_hz * time_s + 0.5 * drift_hz_s * time_s**2)


def stepped(
    samples: Samples, sample_rate_hz: float, drift_hz_s: float, step_hz: float, random: np.random.Generator
) -> Samples:
    """A radio that follows the Doppler shift by retuning in steps, its phase not continuous.

    The carrier drifts by ``drift_hz_s``; each time it is ``step_hz`` / 2 off it jumps to the other
    side and begins at a random phase. The first jump comes at a random time.
    """
    time_s = np.arange(len(samples)) / sample_rate_hz
    slid_hz = abs(drift_hz_s) * time_s + random.uniform(0.0, step_hz)
    tuning = np.floor(slid_hz / step_hz).astype(np.int64)
    offset_hz = np.sign(drift_hz_s) * (slid_hz - (tuning + 0.5) * step_hz)
    jumps = random.random(int(tuning[-1]) + 1 if len(tuning) else 0)
    return turned(samples, np.cumsum(offset_hz) / sample_rate_hz + jumps[tuning])


def range_gain(track: Track, time_s: Times) -> Times:
    """Amplitude at times since ``track.start``, relative to that at the smallest range: 1 / range."""
    nearest = float(np.min(track.range_m))
    return np.asarray(nearest / np.interp(time_s, track.time_s, track.range_m), np.float64)


def spin_gain(time_s: Times, period_s: float, null_depth_db: float, *, phase_s: float = 0.0) -> Times:
    """A spinning linear antenna: two nulls a turn, where the phase flips by 180 degrees.

    The amplitude is cos(pi t / period), so the nulls are ``period_s`` apart; a floor in quadrature
    of ``null_depth_db`` below the maximum keeps them finite. The result is signed float64: a
    negative value is the flipped phase.
    """
    wave = np.cos(pi * (time_s - phase_s) / period_s)
    floor = 10 ** (-null_depth_db / 20)
    return np.asarray(np.where(wave < 0, -1.0, 1.0) * np.maximum(np.abs(wave), floor), np.float64)


def polarisation_null(
    time_s: Times, middle_s: float, *, depth_db: float = 25.0, duration_s: float = 0.05
) -> Times:
    """One null: ``depth_db`` down for ``duration_s``; the phase is flipped after its middle."""
    gain = np.ones(len(time_s))
    gain[np.abs(time_s - middle_s) <= duration_s / 2] = 10 ** (-depth_db / 20)
    gain[time_s > middle_s] *= -1.0
    return gain


def fading_gain(time_s: Times, depth_db: float, period_s: float, *, phase_s: float = 0.0) -> Times:
    """Slow fading: the level in decibels swings by ``depth_db`` below its maximum as a sine."""
    level_db = -0.5 * depth_db * (1 - np.cos(2 * pi * (time_s - phase_s) / period_s))
    return np.asarray(10 ** (level_db / 20), np.float64)
