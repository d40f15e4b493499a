"""Compiled parts of the BPSK receiver: what is reported of a carrier; see ``demod.bpsk_burst``."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.bpsk_burst_kernels import presence


@njit(cache=True, nogil=True)
def carrier_track(
    y: NDArray[np.complex128],
    level: NDArray[np.float64],
    phases: NDArray[np.float64],
    times: NDArray[np.float64],
    turned_by: NDArray[np.float64],
    zero_hz: float,
    hz_per_turn: float,
    track: NDArray[np.float64],
) -> None:
    """What is reported of symbols: power, quadrature, and how far the carrier turned since the one before.

    Args:
        y, level, phases, times: (n,) symbols, power around them, radians taken out of them, their samples.
        turned_by: (samples,) phase taken out before, radians.
        zero_hz: frequency from which that is counted.
        hz_per_turn: for one radian a sample.
        track: (3, n) becomes the power, the squared imaginary part, and the frequency in Hz.
    """
    last_phase, last_time = 0.0, 0.0
    for k in range(times.size):
        place = min(max(times[k], 0.0), turned_by.size - 1.001)
        n = int(place)
        phase = phases[k] + turned_by[n] + (place - n) * (turned_by[n + 1] - turned_by[n])
        turn = (phase - last_phase) / max(times[k] - last_time, 1e-3) if k else 0.0
        last_phase, last_time = phase, times[k]
        track[0, k], track[1, k] = level[k], y[k].imag * y[k].imag
        track[2, k] = zero_hz + turn * hz_per_turn


@njit(cache=True, nogil=True)
def track_edges(
    level: NDArray[np.float64], frequency: NDArray[np.float64], edge: int
) -> tuple[float, float, float, float]:
    """A carrier's frequency at the beginning, at the end and in the middle of symbols, and its power.

    Args:
        level: (n,) power of the signal around each symbol.
        frequency: (n,) of the carrier between the symbol before and this one.
        edge: symbols at each end.

    Returns:
        The three means, weighed by level, by level and by its square; and the power where it is strong.
    """
    first, last = min(edge, level.size), max(level.size - edge, 0)
    sums, squares = np.zeros(4), np.zeros(3)
    for k in range(level.size):
        weight = level[k] + 1e-30
        sums[3] += weight
        squares[2] += weight * weight
        sums[2] += weight * weight * frequency[k]
        if k < first:
            squares[0] += weight
            sums[0] += weight * frequency[k]
        if k >= last:
            squares[1] += weight
            sums[1] += weight * frequency[k]
    return sums[0] / squares[0], sums[1] / squares[1], sums[2] / squares[2], squares[2] / sums[3]


@njit(cache=True, nogil=True)
def summarize(
    level: NDArray[np.float64], quadrature: NDArray[np.float64], frequency: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Signal, noise and frequency of symbols, where there is a signal.

    Args:
        level: (n,) power of the signal around each symbol.
        quadrature: (n,) squared imaginary parts.
        frequency: (n,) of the carrier between the symbol before and this one.

    Returns:
        Mean power, mean noise density N0, mean frequency.
    """
    squares, sums = 1e-30, 1e-30
    for k in range(level.size):
        squares += level[k] * level[k]
        sums += level[k]
    strong = squares / sums
    weight, signal, noise, hz = 1e-30, 0.0, 0.0, 0.0
    for k in range(level.size):
        share = presence(level[k], strong)
        weight += share
        signal += share * level[k]
        noise += share * 2.0 * quadrature[k]
        hz += share * frequency[k]
    return signal / weight, noise / weight, hz / weight
