"""Compiled inner loops of the coherent FSK receiver (numba, cached, GIL released).

Every kernel writes into arrays that the caller made. Plain models of the same
steps are in the tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.interpolation_kernels import lagrange_weights

Complex = NDArray[np.complex64]
Float = NDArray[np.float32]
Bits = NDArray[np.uint8]

_S = 4  # cpm_waveform.SAMPLES_PER_SYMBOL
_F = np.float32


@njit(cache=True, nogil=True, fastmath=True)
def interpolate(samples: Complex, start: float, step: float, out: Complex) -> None:
    """Values of ``samples`` at ``start + k * step``: six-point Lagrange, zero beyond the ends.

    A ``step`` near one goes through long runs in which each output has the next input at its side;
    the compiler makes vector instructions of these.
    """
    count = len(out)
    k = 0
    while k < count and start + k * step < 2:
        out[k] = 0
        k += 1
    given = samples.view(np.float32)
    taken = out.view(np.float32)
    while k < count:
        time = start + k * step
        i = int(np.floor(time))
        if i > len(samples) - 4:
            break
        fraction = time - i
        run = min(count - k, len(samples) - 3 - i)
        if step > 1 + 1e-12:
            run = min(run, int((1 - fraction) / (step - 1)) + 1)
        elif step < 1 - 1e-12:
            run = min(run, int(fraction / (1 - step)) + 1)
        near = given[2 * i - 4 : 2 * (i + run) + 6]
        _interpolate_run(near, _F(fraction), _F(step - 1), taken[2 * k :], run)
        k += run
    while k < count:
        out[k] = 0
        k += 1


@njit(cache=True, nogil=True, fastmath=True)
def _interpolate_run(x: Float, fraction: float, excess: float, y: Float, run: int) -> None:
    """Complex values, real and imaginary parts in turn, a ``fraction`` behind the third and so on."""
    for k in range(run):
        w0, w1, w2, w3, w4, w5 = lagrange_weights(fraction + excess * _F(k))
        q = 2 * k
        y[q] = (x[q] * w0 + x[q + 2] * w1 + x[q + 4] * w2) + (x[q + 6] * w3 + x[q + 8] * w4 + x[q + 10] * w5)
        y[q + 1] = (x[q + 1] * w0 + x[q + 3] * w1 + x[q + 5] * w2) + (
            x[q + 7] * w3 + x[q + 9] * w4 + x[q + 11] * w5
        )


@njit(cache=True, nogil=True, fastmath=True)
def correlate_symbols(samples: Complex, templates: Complex, out: Complex) -> None:
    """Correlate each symbol's samples with each template: ``out`` is (symbols, patterns)."""
    for k in range(out.shape[0]):
        for p in range(templates.shape[0]):
            re = _F(0)
            im = _F(0)
            for i in range(_S):
                x = samples[k * _S + i]
                t = templates[p, i]
                re += x.real * t.real + x.imag * t.imag
                im += x.imag * t.real - x.real * t.imag
            out[k, p] = complex(re, im)


@njit(cache=True, nogil=True, fastmath=True)
def detect_sequence(
    correlations: Complex,
    derotation: Complex,
    modulation_index: float,
    forgetting: float,
    memory: int,
    choice: Bits,
    margin: Float,
) -> tuple[float, int]:
    """Viterbi algorithm over the last ``memory`` bits; each survivor keeps its own phase.

    Per-survivor processing (Raheli, Polydoros and Tzou, IEEE Trans. Commun. 43, 1995): the
    phase reference of a path is the sum of its own correlations with the modulation taken
    off, ``forgetting`` per symbol, so no phase need be known and any ``modulation_index`` will do.

    Args:
        correlations: (n, 8) from ``correlate_symbols``.
        derotation: (n,) unit phasors that take off what is known of the carrier.
        choice: (n, 2**memory) out: 1 where the path with the older bit set won;
            (0, 0) keeps no record.
        margin: (n, 2**memory) out: the metric by which it won.

    Returns:
        metric of the best path (a correlation summed over the symbols) and its last state.
    """
    n = correlations.shape[0]
    states = 1 << memory
    half = states >> 1
    keep = choice.shape[0] == n
    metric = np.zeros(states, _F)
    metric_new = np.zeros(states, _F)
    # What each survivor expects of the next symbol's phasor, real and imaginary part; the sum of its
    # own correlations without modulation, times the modulation that it has come to.
    pr = np.zeros(states, _F)
    pi = np.zeros(states, _F)
    pr_new = np.zeros(states, _F)
    pi_new = np.zeros(states, _F)
    gr = np.zeros(states, _F)
    gi = np.zeros(states, _F)
    zr = np.zeros(8, _F)
    zi = np.zeros(8, _F)
    cos_h = _F(np.cos(np.pi * modulation_index))
    sin_h = _F(np.sin(np.pi * modulation_index))
    lam = _F(forgetting)
    total = 0.0
    for k in range(n):
        for p in range(8):
            z = correlations[k, p] * derotation[k]
            zr[p] = z.real
            zi[p] = z.imag
        for s in range(states):
            scale = _F(1) / np.sqrt(pr[s] * pr[s] + pi[s] * pi[s] + _F(1e-20))
            gr[s] = pr[s] * scale
            gi[s] = pi[s] * scale
        best: Any = _F(-1e30)
        for t in range(states):
            s = t >> 1
            s1 = s + half
            p = ((s & 3) << 1) | (t & 1)
            p1 = ((s1 & 3) << 1) | (t & 1)
            m = metric[s] + gr[s] * zr[p] + gi[s] * zi[p]
            m1 = metric[s1] + gr[s1] * zr[p1] + gi[s1] * zi[p1]
            if keep:
                choice[k, t] = m1 > m
                margin[k, t] = abs(m1 - m)
            if m1 > m:
                s = s1
                p = p1
                m = m1
            metric_new[t] = m
            best = max(best, m)
            re = lam * pr[s] + zr[p]
            im = lam * pi[s] + zi[p]
            sign = sin_h if (s >> 1) & 1 else -sin_h
            pr_new[t] = re * cos_h - im * sign
            pi_new[t] = im * cos_h + re * sign
        total += best
        for t in range(states):
            metric_new[t] -= best
        metric, metric_new = metric_new, metric
        pr, pr_new = pr_new, pr
        pi, pi_new = pi_new, pi
    last = 0
    for s in range(states):
        if metric[s] > metric[last]:
            last = s
    return total, last


@njit(cache=True, nogil=True)
def trace_back(choice: Bits, last: int, memory: int, bits: Bits, path: NDArray[np.int32]) -> None:
    """Bits and states (after each step) of the winning path; ``bits`` (n,), ``path`` (n,)."""
    n = choice.shape[0]
    state = last
    for k in range(n - 1, -1, -1):
        path[k] = state
        if k + 1 < n:
            bits[k + 1] = state & 1
        state = (state >> 1) | (choice[k, state] << (memory - 1))
    bits[0] = state & 1


@njit(cache=True, nogil=True)
def competing_paths(
    choice: Bits,
    margin: Float,
    path: NDArray[np.int32],
    memory: int,
    reliability: Float,
    event_first: NDArray[np.int32],
    event_flips: NDArray[np.uint64],
) -> None:
    """Soft output Viterbi (Hagenauer and Hoeher, GLOBECOM 1989), with the error events kept.

    At each step the path that lost against the winner is followed back to where the two part.

    Args:
        reliability: (n,) in and out: smallest metric loss of any path that flips the bit.
        event_first: (n,) out: newest bit that the path lost at step k would flip, -1 if none.
        event_flips: (n,) out: bit i set means that bit ``event_first - i`` flips.
    """
    n = choice.shape[0]
    for k in range(n):
        event_first[k] = -1
        event_flips[k] = 0
        if k + 1 >= n:
            continue
        loss = margin[k, path[k]]
        winner = (path[k] >> 1) | (choice[k, path[k]] << (memory - 1))
        loser = (path[k] >> 1) | ((1 - choice[k, path[k]]) << (memory - 1))
        newest = k - memory + 1
        flips = np.uint64(1)
        bit = newest
        step = k - 1
        while True:
            if bit >= 0:
                reliability[bit] = min(reliability[bit], loss)
            # Step back until the two paths are one.
            while winner != loser and step >= 0:
                winner = (winner >> 1) | (choice[step, winner] << (memory - 1))
                loser = (loser >> 1) | (choice[step, loser] << (memory - 1))
                step -= 1
                if ((winner ^ loser) >> (memory - 1)) & 1:
                    break
            if winner == loser or step < 0:
                break
            bit = step - memory + 2
            if newest - bit > 62:
                break
            flips |= np.uint64(1) << np.uint64(newest - bit)
        if newest >= 0 and winner == loser:
            event_first[k] = newest
            event_flips[k] = flips


@njit(cache=True, nogil=True, fastmath=True)
def remove_modulation(
    samples: Complex, templates: Complex, modulation_index: float, bits: Bits, out: Complex
) -> None:
    """Correlate with what ``bits`` say was sent: ``out`` (n,) is the carrier, a value a symbol."""
    n = len(out)
    step = np.exp(-1j * np.pi * modulation_index)
    phase = complex(1.0, 0.0)
    for k in range(n):
        before = bits[k - 1] if k > 0 else bits[0]
        after = bits[k + 1] if k + 1 < n else bits[k]
        p = before << 2 | bits[k] << 1 | after
        re = _F(0)
        im = _F(0)
        for i in range(_S):
            x = samples[k * _S + i]
            t = templates[p, i]
            re += x.real * t.real + x.imag * t.imag
            im += x.imag * t.real - x.real * t.imag
        out[k] = complex(re, im) * phase
        phase = phase * (step if before else np.conj(step))


@njit(cache=True, nogil=True)
def sliding_mean(values: NDArray[Any], span: int, out: NDArray[Any]) -> None:
    """Mean over ``span`` (odd) values around each, over fewer at the ends."""
    n = len(values)
    half = span // 2
    total = out[0] * 0
    for k in range(min(half, n)):
        total += values[k]
    for k in range(n):
        if k + half < n:
            total += values[k + half]
        if k - half - 1 >= 0:
            total -= values[k - half - 1]
        out[k] = total / (min(k + half + 1, n) - max(k - half, 0))


@njit(cache=True, nogil=True)
def unwrapped_angle(values: NDArray[Any], out: NDArray[np.float64]) -> None:
    """Angle of each complex value, without steps of more than half a turn."""
    turns = 0.0
    before = 0.0
    for k in range(len(values)):
        angle = np.arctan2(values[k].imag, values[k].real)
        if k > 0:
            if angle - before > np.pi:
                turns -= 2 * np.pi
            elif angle - before < -np.pi:
                turns += 2 * np.pi
        before = angle
        out[k] = angle + turns


@njit(cache=True, nogil=True, fastmath=True)
def block_coherence(carrier: Complex, rotation: Complex, block: int) -> float:
    """Sum over blocks of ``block`` symbols of the magnitude of ``carrier`` times ``rotation`` summed."""
    total = 0.0
    n = len(carrier)
    for first in range(0, n, block):
        re = _F(0)
        im = _F(0)
        for k in range(first, min(first + block, n)):
            z = carrier[k] * rotation[k]
            re += z.real
            im += z.imag
        total += np.sqrt(re * re + im * im)
    return total


def empty_record(symbols: int, memory: int) -> tuple[Any, Any]:
    """Arrays for ``choice`` and ``margin`` of ``detect_sequence``."""
    return np.empty((symbols, 1 << memory), np.uint8), np.empty((symbols, 1 << memory), np.float32)
