"""Compiled loops that receive AFSK from the FM signal itself, without a discriminator.

The phase of an FM carrier that carries audio tones of continuous phase is known but for a few
numbers: where the symbols begin, the audio phase there, the deviation, and the carrier's own phase
and frequency. A symbol is one of two short waveforms for each audio phase, and the audio phase
moves by a fixed angle with each symbol, so the sequence is found by the Viterbi algorithm over
the audio phases, each survivor with its own carrier loop (per-survivor processing: Raheli,
Polydoros and Tzou, IEEE Trans. Commun. 43 (1995) 354-364).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.interpolation_kernels import cubic


@njit(cache=True, nogil=True)
def correlate(
    y: NDArray[np.complex64],
    start: float,
    period: float,
    turn: float,
    templates: NDArray[np.complex128],
    phases: NDArray[np.int64],
    out: NDArray[np.complex128],
) -> None:
    """Correlate every symbol with the waveforms of some audio phases.

    Args:
        y: (n,) samples.
        start: time of the first symbol's beginning, in samples.
        period: samples a symbol.
        turn: carrier frequency to take out, radians a sample.
        templates: (p, 2, k) conjugate waveforms: audio phase, bit, sample within the symbol.
        phases: (m,) which audio phases are wanted.
        out: (symbols, m, 2), filled in.
    """
    points = templates.shape[2]
    piece = np.empty(points, np.complex128)
    for symbol in range(out.shape[0]):
        for k in range(points):
            t = start + (symbol + (k + 0.5) / points) * period
            angle = -turn * (t - start)
            inside = 1.0 <= t < y.size - 2
            piece[k] = cubic(y, t) * complex(np.cos(angle), np.sin(angle)) if inside else 0j
        for j in range(phases.size):
            for bit in range(2):
                total = 0j
                for k in range(points):
                    total += piece[k] * templates[phases[j], bit, k]
                out[symbol, j, bit] = total


@njit(cache=True, nogil=True)
def decide(
    correlations: NDArray[np.complex128],
    steps: NDArray[np.int64],
    ends: NDArray[np.float64],
    phase_gain: float,
    frequency_gain: float,
    bits: NDArray[np.uint8],
    margins: NDArray[np.float64],
    losers: NDArray[np.int8],
    winners: NDArray[np.int8],
) -> tuple[float, float]:
    """The likeliest bits of a stretch.

    Args:
        correlations: (n, s, 2) for the s audio phases of one grid.
        steps: (2,) by how many of them a symbol of each bit moves on.
        ends: (s, 2) carrier phase gained over a symbol, radians.
        phase_gain, frequency_gain: of each survivor's carrier loop, a symbol.
        bits: (n,) becomes the decisions.
        margins: (n, s) becomes the metric by which the winner into each state won.
        losers: (n, s) becomes 2 * state + bit of the beaten path into each state; -1 is none.
        winners: (n, s) the same of the winner.

    Returns:
        The metric of the best path and its carrier frequency, radians a symbol.
    """
    count, states = correlations.shape[0], correlations.shape[1]
    metric = np.zeros(states)
    phase = np.zeros(states)
    frequency = np.zeros(states)
    next_metric = np.empty(states)
    next_phase = np.empty(states)
    next_frequency = np.empty(states)
    for n in range(count):
        next_metric[:] = -np.inf
        for state in range(states):
            cosine, sine = np.cos(phase[state]), np.sin(phase[state])
            for bit in range(2):
                v = correlations[n, state, bit]
                if n == 0:
                    gain = abs(v)
                    error = 0.0
                    here = np.arctan2(v.imag, v.real)
                else:
                    gain = v.real * cosine + v.imag * sine
                    across = v.imag * cosine - v.real * sine
                    size = abs(gain) + abs(across) + 1e-30
                    # Near the sine of the angle where it is small, and bounded everywhere.
                    error = across / size if gain > 0 else (1.0 if across > 0 else -1.0)
                    here = phase[state] + phase_gain * error
                to = (state + steps[bit]) % states
                value = metric[state] + gain
                code = np.int8(2 * state + bit)
                if value > next_metric[to]:
                    if next_metric[to] == -np.inf:
                        losers[n, to] = -1
                        margins[n, to] = np.inf
                    else:
                        losers[n, to] = winners[n, to]
                        margins[n, to] = value - next_metric[to]
                    winners[n, to] = code
                    next_metric[to] = value
                    drift = frequency[state] + frequency_gain * error
                    next_frequency[to] = drift
                    next_phase[to] = here + drift + ends[state, bit]
                else:
                    losers[n, to] = code
                    margins[n, to] = next_metric[to] - value
        metric[:] = next_metric
        phase[:] = next_phase
        frequency[:] = next_frequency
    best = int(np.argmax(metric))
    top, turned = metric[best], frequency[best]
    state = best
    for n in range(count - 1, -1, -1):
        code = winners[n, state]
        bits[n] = code & 1
        state = code >> 1
    return top, turned


@njit(cache=True, nogil=True)
def weigh(
    steps: NDArray[np.int64],
    bits: NDArray[np.uint8],
    margins: NDArray[np.float64],
    losers: NDArray[np.int8],
    winners: NDArray[np.int8],
    reach: int,
    costs: NDArray[np.float64],
    event_costs: NDArray[np.float64],
    event_lengths: NDArray[np.int64],
    event_bits: NDArray[np.int64],
) -> None:
    """How sure each decision is, and which competing paths would flip what.

    Args:
        steps: as for ``decide``.
        bits, margins, losers, winners: as ``decide`` left them.
        reach: how far back a competing path is followed.
        costs: (n,) becomes the least metric loss of a path that has this bit otherwise.
        event_costs: (n,) loss of the path that joins at each symbol.
        event_lengths: (n,) how many bits it flips.
        event_bits: (n, reach) which.
    """
    count, states = margins.shape
    costs[:] = np.inf
    path = np.empty(count + 1, np.int64)
    # The best path forwards: it is known by its bits once one state of it is.
    state = 0
    for first in range(states):
        state = first
        good = True
        for n in range(count):
            to = (state + steps[bits[n]]) % states
            if winners[n, to] != 2 * state + bits[n]:
                good = False
                break
            state = to
        if good:
            path[0] = first
            break
    for n in range(count):
        path[n + 1] = (path[n] + steps[bits[n]]) % states
    for n in range(count):
        to = path[n + 1]
        event_lengths[n] = 0
        event_costs[n] = margins[n, to]
        code = losers[n, to]
        if code < 0:
            event_costs[n] = np.inf
            continue
        back = n
        while True:
            bit = code & 1
            if bit != bits[back] and event_lengths[n] < reach:
                event_bits[n, event_lengths[n]] = back
                event_lengths[n] += 1
                costs[back] = min(costs[back], event_costs[n])
            other = code >> 1
            if other == path[back] or back == 0 or n - back >= reach - 1:
                break
            back -= 1
            code = winners[back, other]
