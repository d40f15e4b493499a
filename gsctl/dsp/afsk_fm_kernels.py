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


@njit(cache=True, nogil=True, fastmath=True)
def correlate(
    y: NDArray[np.complex64],
    start: float,
    period: float,
    turn: float,
    templates: NDArray[np.complex64],
    phases: NDArray[np.int64],
    out: NDArray[np.complex64],
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
    columns = 2 * phases.size
    # Waveforms side by side: the innermost loop goes over them.
    tr = np.empty((points, columns), np.float32)
    ti = np.empty((points, columns), np.float32)
    for k in range(points):
        for j in range(columns):
            value = templates[phases[j >> 1], j & 1, k]
            tr[k, j] = value.real
            ti[k, j] = value.imag
    re = np.empty(columns, np.float32)
    im = np.empty(columns, np.float32)
    step = np.complex64(complex(np.cos(turn * period / points), -np.sin(turn * period / points)))
    for symbol in range(out.shape[0]):
        begin = (symbol + 0.5 / points) * period
        rotor = np.complex64(complex(np.cos(turn * begin), -np.sin(turn * begin)))
        for j in range(columns):
            re[j] = 0
            im[j] = 0
        for k in range(points):
            t = start + begin + k * period / points
            if 1.0 <= t < y.size - 2:
                i = int(t)
                f = np.float32(t - i)
                a, b, c, d = y[i - 1], y[i], y[i + 1], y[i + 2]
                # Catmull-Rom, as ``interpolation_kernels.cubic``, in single precision.
                w0 = f * (np.float32(-0.5) + f * (np.float32(1) - np.float32(0.5) * f))
                w1 = np.float32(1) + f * f * (np.float32(1.5) * f - np.float32(2.5))
                w2 = f * (np.float32(0.5) + f * (np.float32(2) - np.float32(1.5) * f))
                w3 = f * f * np.float32(0.5) * (f - np.float32(1))
                z = (a * w0 + b * w1 + c * w2 + d * w3) * rotor
                zr = z.real
                zi = z.imag
                for j in range(columns):
                    re[j] += zr * tr[k, j] - zi * ti[k, j]
                    im[j] += zr * ti[k, j] + zi * tr[k, j]
            rotor = rotor * step
        for j in range(columns):
            out[symbol, j >> 1, j & 1] = complex(re[j], im[j])


@njit(cache=True, nogil=True)
def decide(
    correlations: NDArray[np.complex64],
    first: int,
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
        correlations: (n, m, 2), of which the s audio phases of one grid begin at ``first``.
        steps: (2,) by how many of them a symbol of each bit moves on.
        ends: (m, 2) carrier phase gained over a symbol, radians.
        phase_gain, frequency_gain: of each survivor's carrier loop, a symbol.
        bits: (n,) becomes the decisions; (0,) keeps no record, and the rest stays as it is.
        margins: (n, s) becomes the metric by which the winner into each state won.
        losers: (n, s) becomes 2 * state + bit of the beaten path into each state.
        winners: (n, s) the same of the winner.

    Returns:
        The metric of the best path and its carrier frequency, radians a symbol.
    """
    count, states = correlations.shape[0], margins.shape[1]
    keep = bits.size == count
    # Metric, phase (a unit phasor) and frequency of each survivor, now and after the symbol.
    now = np.zeros((4, states))
    new = np.zeros((4, states))
    now[1] = 1.0
    cos_end = np.empty((states, 2))
    sin_end = np.empty((states, 2))
    for state in range(states):
        for bit in range(2):
            cos_end[state, bit] = np.cos(ends[first + state, bit])
            sin_end[state, bit] = np.sin(ends[first + state, bit])
    for n in range(count):
        for to in range(states):
            # One state for each bit leads here.
            zero = (to - steps[0]) % states
            one = (to - steps[1]) % states
            v0 = correlations[n, first + zero, 0]
            v1 = correlations[n, first + one, 1]
            if n == 0:
                m0 = np.sqrt(v0.real * v0.real + v0.imag * v0.imag)
                m1 = np.sqrt(v1.real * v1.real + v1.imag * v1.imag)
            else:
                m0 = now[0, zero] + v0.real * now[1, zero] + v0.imag * now[2, zero]
                m1 = now[0, one] + v1.real * now[1, one] + v1.imag * now[2, one]
            bit = 1 if m1 > m0 else 0
            state = one if bit else zero
            v = v1 if bit else v0
            new[0, to] = m1 if bit else m0
            if keep:
                winners[n, to] = 2 * state + bit
                losers[n, to] = 2 * (zero if bit else one) + 1 - bit
                margins[n, to] = abs(m1 - m0)
            c = now[1, state]
            s = now[2, state]
            error = 0.0
            if n == 0:
                size = np.sqrt(v.real * v.real + v.imag * v.imag) + 1e-30
                c = v.real / size
                s = v.imag / size
            else:
                gain = v.real * c + v.imag * s
                across = v.imag * c - v.real * s
                # Near the sine of the angle where it is small, and bounded everywhere.
                error = across / (abs(gain) + abs(across) + 1e-30)
                if gain <= 0:
                    error = 1.0 if across > 0 else -1.0
            drift = now[3, state] + frequency_gain * error
            new[3, to] = drift
            # A small angle, by its series, and what the symbol adds.
            d = phase_gain * error + drift
            cos_d = 1 - d * d * (1 / 2 - d * d * (1 / 24 - d * d / 720))
            sin_d = d * (1 - d * d * (1 / 6 - d * d * (1 / 120 - d * d / 5040)))
            ce = cos_end[state, bit] * cos_d - sin_end[state, bit] * sin_d
            se = sin_end[state, bit] * cos_d + cos_end[state, bit] * sin_d
            new[1, to] = c * ce - s * se
            new[2, to] = s * ce + c * se
        now, new = new, now
    best = int(np.argmax(now[0]))
    if keep:
        state = best
        for n in range(count - 1, -1, -1):
            code = winners[n, state]
            bits[n] = code & 1
            state = code >> 1
    return now[0, best], now[3, best]


@njit(cache=True, nogil=True)
def search(
    y: NDArray[np.complex64],
    start: float,
    period: float,
    turn: float,
    templates: NDArray[np.complex64],
    ends: NDArray[np.float64],
    steps: NDArray[np.int64],
    states: int,
    symbols: int,
    gains: tuple[float, float],
    timings: NDArray[np.float64],
    counts: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> tuple[float, float, int]:
    """The best of some timings and audio phases.

    Args:
        templates, ends: of all audio phases, (p, 2, k) and (p, 2), p a multiple of ``states``.
        symbols: how many are looked at.
        gains: ``phase_gain`` and ``frequency_gain`` of ``decide``.
        timings: (t,) in symbols from ``start``.
        counts: (t,) how many audio phases are tried with each timing.
        offsets: (t, most) which.

    Returns:
        Metric, timing and audio phase.
    """
    phases_in_all = templates.shape[0]
    fine = phases_in_all // states
    bits = np.empty(0, np.uint8)
    margins = np.empty((0, states), np.float64)
    none = np.empty((0, states), np.int8)
    best_metric = -np.inf
    best_timing = timings[0]
    best_offset = offsets[0, 0]
    for i in range(timings.size):
        phases = np.empty(counts[i] * states, np.int64)
        for j in range(phases.size):
            phases[j] = (offsets[i, j // states] + fine * (j % states)) % phases_in_all
        own_ends = np.empty((phases.size, 2))
        for j in range(phases.size):
            own_ends[j, 0] = ends[phases[j], 0]
            own_ends[j, 1] = ends[phases[j], 1]
        correlations = np.empty((symbols, phases.size, 2), np.complex64)
        correlate(y, start + timings[i] * period, period, turn, templates, phases, correlations)
        for j in range(counts[i]):
            metric, _ = decide(
                correlations, j * states, steps, own_ends, gains[0], gains[1], bits, margins, none, none
            )
            if metric > best_metric:
                best_metric, best_timing, best_offset = metric, timings[i], offsets[i, j]
    return best_metric, best_timing, best_offset


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
