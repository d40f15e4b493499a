"""Compiled inner loops of the coherent FSK receiver (numba, cached, GIL released).

Every kernel writes into arrays that the caller made. Plain models of the same
steps are in the tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Complex = NDArray[np.complex64]
Float = NDArray[np.float32]
Bits = NDArray[np.uint8]

_S = 4  # cpm_waveform.SAMPLES_PER_SYMBOL
_F = np.float32


@njit(cache=True, nogil=True, fastmath=True)
def interpolate(samples: Complex, start: float, step: float, out: Complex) -> None:
    """Values of ``samples`` at ``start + k * step``: six-point Lagrange, zero beyond the ends."""
    size = len(samples)
    for k in range(len(out)):
        time = start + k * step
        i = int(np.floor(time))
        u = _F(time - i)
        if i < 2 or i > size - 4:
            out[k] = 0
            continue
        a = u + _F(2)
        b = u + _F(1)
        c = u - _F(1)
        d = u - _F(2)
        e = u - _F(3)
        cde = c * d * e
        ab = a * b
        out[k] = (
            samples[i - 2] * (-b * u * cde / _F(120))
            + samples[i - 1] * (a * u * cde / _F(24))
            - samples[i] * (ab * cde / _F(12))
            + samples[i + 1] * (ab * u * d * e / _F(12))
            - samples[i + 2] * (ab * u * c * e / _F(24))
            + samples[i + 3] * (ab * u * c * d / _F(120))
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
    keep = choice.shape[0] == n
    metric = np.zeros(states, _F)
    metric_new = np.zeros(states, _F)
    # e^(-j data phase) and phase reference of each survivor, real and imaginary parts.
    cr = np.ones(states, _F)
    ci = np.zeros(states, _F)
    rr = np.zeros(states, _F)
    ri = np.zeros(states, _F)
    cr_new = np.ones(states, _F)
    ci_new = np.zeros(states, _F)
    rr_new = np.zeros(states, _F)
    ri_new = np.zeros(states, _F)
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
            scale = _F(1) / np.sqrt(rr[s] * rr[s] + ri[s] * ri[s] + _F(1e-20))
            gr[s] = (rr[s] * cr[s] + ri[s] * ci[s]) * scale
            gi[s] = (rr[s] * ci[s] - ri[s] * cr[s]) * scale
        best: Any = _F(-1e30)
        for t in range(states):
            s = t >> 1
            s1 = s | (states >> 1)
            p = ((s & 3) << 1) | (t & 1)
            p1 = ((s1 & 3) << 1) | (t & 1)
            m = metric[s] + gr[s] * zr[p] - gi[s] * zi[p]
            m1 = metric[s1] + gr[s1] * zr[p1] - gi[s1] * zi[p1]
            if keep:
                choice[k, t] = m1 > m
                margin[k, t] = abs(m1 - m)
            if m1 > m:
                s = s1
                p = p1
                m = m1
            metric_new[t] = m
            if m > best:
                best = m
            rr_new[t] = lam * rr[s] + zr[p] * cr[s] - zi[p] * ci[s]
            ri_new[t] = lam * ri[s] + zr[p] * ci[s] + zi[p] * cr[s]
            sign = sin_h if (s >> 1) & 1 else -sin_h
            cr_new[t] = cr[s] * cos_h + ci[s] * sign
            ci_new[t] = ci[s] * cos_h - cr[s] * sign
        total += best
        for t in range(states):
            metric[t] = metric_new[t] - best
            cr[t] = cr_new[t]
            ci[t] = ci_new[t]
            rr[t] = rr_new[t]
            ri[t] = ri_new[t]
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


@njit(cache=True, nogil=True, fastmath=True)
def search_parameters(
    samples: Complex,
    starts: NDArray[np.float64],
    step: float,
    templates: Complex,
    indices: NDArray[np.float64],
    derotations: Complex,
    forgetting: float,
    out: NDArray[np.float64],
) -> None:
    """Metric of the best path for each timing, modulation index and carrier frequency.

    Args:
        starts: (a,) where the first sample of the first symbol may lie.
        step: input samples per template sample.
        templates: (b, 8, 4), for ``indices`` (b,).
        derotations: (c, symbols) unit phasors that undo each frequency.
        out: (a, b, c) out.
    """
    symbols = derotations.shape[1]
    resampled = np.zeros(symbols * _S, np.complex64)
    correlations = np.zeros((symbols, 8), np.complex64)
    no_choice = np.zeros((0, 0), np.uint8)
    no_margin = np.zeros((0, 0), np.float32)
    for a in range(len(starts)):
        interpolate(samples, starts[a], step, resampled)
        for b in range(len(indices)):
            correlate_symbols(resampled, templates[b], correlations)
            for c in range(len(derotations)):
                out[a, b, c] = detect_sequence(
                    correlations, derotations[c], indices[b], forgetting, 2, no_choice, no_margin
                )[0]


def empty_record(symbols: int, memory: int) -> tuple[Any, Any]:
    """Arrays for ``choice`` and ``margin`` of ``detect_sequence``."""
    return np.empty((symbols, 1 << memory), np.uint8), np.empty((symbols, 1 << memory), np.float32)
