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

# At least the audio phases of one search, 24 states and four of each between two of them.
PITCH = 128


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


@njit(cache=True, nogil=True, fastmath=True)
def best_metrics(
    correlations: NDArray[np.complex64],
    steps: NDArray[np.int64],
    ends: NDArray[np.float64],
    phase_gain: np.float32,
    frequency_gain: np.float32,
    metrics: NDArray[np.float32],
) -> None:
    """What ``decide`` gives as metric, for several sets of audio phases at once and in single precision.

    Survivors of all sets stand side by side, and what each needs of those before it is brought to its place
    first, so that the long loop has neither a branch nor an index in it.

    Args:
        correlations: (n, c * s, 2), the sets of s states one after the other.
        ends: (c * s, 2) of the same.
        metrics: (c,) filled in.
    """
    count, width = correlations.shape[0], correlations.shape[1]
    states = width // metrics.size
    before = np.empty((2, width), np.int64)
    # All in one array, at constant distances: only so does LLVM see that nothing overlaps, and use the vector
    # unit. A survivor is metric, phasor and frequency; what a zero and what a one begins with has its
    # correlation too; then what the carrier gains over the symbol.
    row = np.zeros(20 * PITCH, np.float32)
    for j in range(width):
        row[1 * PITCH + j] = 1
        for bit in range(2):
            k = j - j % states + (j % states - steps[bit]) % states
            before[bit, j] = k
            row[(16 + 2 * bit) * PITCH + j] = np.cos(ends[k, bit])
            row[(17 + 2 * bit) * PITCH + j] = np.sin(ends[k, bit])
    tiny, unit = np.float32(1e-30), np.float32(1)
    half, sixth = np.float32(1 / 2), np.float32(1 / 6)
    twentyfourth, part = np.float32(1 / 24), np.float32(1 / 120)
    for n in range(count):
        for bit in range(2):
            first = (4 + 6 * bit) * PITCH
            for j in range(width):
                k = before[bit, j]
                v = correlations[n, k, bit]
                row[first + j] = v.real
                row[first + PITCH + j] = v.imag
                if n == 0:
                    # The first symbol gives the phase.
                    size = np.sqrt(v.real * v.real + v.imag * v.imag) + tiny
                    row[PITCH + k], row[2 * PITCH + k] = v.real / size, v.imag / size
                row[first + 2 * PITCH + j] = row[k]
                row[first + 3 * PITCH + j] = row[PITCH + k]
                row[first + 4 * PITCH + j] = row[2 * PITCH + k]
                row[first + 5 * PITCH + j] = row[3 * PITCH + k]
        for j in range(width):
            m0 = row[6 * PITCH + j] + row[4 * PITCH + j] * row[7 * PITCH + j]
            m0 += row[5 * PITCH + j] * row[8 * PITCH + j]
            m1 = row[12 * PITCH + j] + row[10 * PITCH + j] * row[13 * PITCH + j]
            m1 += row[11 * PITCH + j] * row[14 * PITCH + j]
            is_one = m1 > m0
            re = row[10 * PITCH + j] if is_one else row[4 * PITCH + j]
            im = row[11 * PITCH + j] if is_one else row[5 * PITCH + j]
            co = row[13 * PITCH + j] if is_one else row[7 * PITCH + j]
            si = row[14 * PITCH + j] if is_one else row[8 * PITCH + j]
            f = row[15 * PITCH + j] if is_one else row[9 * PITCH + j]
            cos_e = row[18 * PITCH + j] if is_one else row[16 * PITCH + j]
            sin_e = row[19 * PITCH + j] if is_one else row[17 * PITCH + j]
            gain = re * co + im * si
            across = im * co - re * si
            error = across / (abs(gain) + abs(across) + tiny)
            sign = unit if across > 0 else -unit
            error = error if gain > 0 else sign
            f += frequency_gain * error
            d = phase_gain * error + f
            d2 = d * d
            cos_d = unit - d2 * (half - d2 * twentyfourth)
            sin_d = d * (unit - d2 * (sixth - d2 * part))
            ce = cos_e * cos_d - sin_e * sin_d
            se = sin_e * cos_d + cos_e * sin_d
            row[j] = m1 if is_one else m0
            row[PITCH + j] = co * ce - si * se
            row[2 * PITCH + j] = si * ce + co * se
            row[3 * PITCH + j] = f
    for k in range(metrics.size):
        metrics[k] = np.max(row[k * states : (k + 1) * states])


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
        metrics = np.empty(counts[i], np.float32)
        best_metrics(correlations, steps, own_ends, np.float32(gains[0]), np.float32(gains[1]), metrics)
        for j in range(counts[i]):
            if metrics[j] > best_metric:
                best_metric, best_timing, best_offset = metrics[j], timings[i], offsets[i, j]
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
