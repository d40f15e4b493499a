"""Compiled search for an unknown carrier: small sequence detectors side by side (numba, cached).

The detector is ``cpm_kernels.detect_sequence`` with two bits of memory. Eight frequencies stand side
by side in the innermost loops. All that these loops touch lies in one array at constant places, and
they have no branches: so the compiler knows that nothing overlaps and makes vector instructions.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.cpm_kernels import correlate_symbols, interpolate

Complex = NDArray[np.complex64]
Float = NDArray[np.float32]

LANES = 8
_S = 4  # cpm_waveform.SAMPLES_PER_SYMBOL
_F = np.float32
# Places in the work array, in lanes: real and imaginary parts of the eight correlations; metric,
# phase reference and its unit phasor of the four survivors; the same of the next symbol; the best.
_ZR, _ZI, _M, _PR, _PI, _GR, _GI, _NM, _NR, _NI, _BEST = 0, 8, 16, 20, 24, 28, 32, 36, 40, 44, 48
_PLACES = 49


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _turn(w: Float, p: int, re: float, im: float) -> None:
    """Take each lane's frequency off the correlation ``p``; the phasors lie behind all other places."""
    for n in range(LANES):
        a = w[_PLACES * LANES + n]
        b = w[(_PLACES + 1) * LANES + n]
        w[(_ZR + p) * LANES + n] = re * a - im * b
        w[(_ZI + p) * LANES + n] = re * b + im * a


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _reference(w: Float, s: int) -> None:
    """Unit phasor of what survivor ``s`` expects of the carrier."""
    for n in range(LANES):
        re = w[(_PR + s) * LANES + n]
        im = w[(_PI + s) * LANES + n]
        scale = _F(1) / np.sqrt(re * re + im * im + _F(1e-20))
        w[(_GR + s) * LANES + n] = re * scale
        w[(_GI + s) * LANES + n] = im * scale


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _step(w: Float, t: int, lam: float, cos_h: float, sin_h: float) -> None:
    """Into state ``t`` from the two that lead to it; their oldest bit turns the phase this way or that."""
    s = t >> 1
    s1 = s | 2
    p = (s << 1) | (t & 1)
    p1 = (s1 << 1) | (t & 1)
    for n in range(LANES):
        zr = w[(_ZR + p) * LANES + n]
        zi = w[(_ZI + p) * LANES + n]
        zr1 = w[(_ZR + p1) * LANES + n]
        zi1 = w[(_ZI + p1) * LANES + n]
        m = w[(_M + s) * LANES + n] + zr * w[(_GR + s) * LANES + n] + zi * w[(_GI + s) * LANES + n]
        m1 = w[(_M + s1) * LANES + n] + zr1 * w[(_GR + s1) * LANES + n] + zi1 * w[(_GI + s1) * LANES + n]
        re = lam * w[(_PR + s) * LANES + n] + zr
        im = lam * w[(_PI + s) * LANES + n] + zi
        re1 = lam * w[(_PR + s1) * LANES + n] + zr1
        im1 = lam * w[(_PI + s1) * LANES + n] + zi1
        wins = m1 > m
        w[(_NM + t) * LANES + n] = m1 if wins else m
        w[(_NR + t) * LANES + n] = re1 * cos_h - im1 * sin_h if wins else re * cos_h + im * sin_h
        w[(_NI + t) * LANES + n] = im1 * cos_h + re1 * sin_h if wins else im * cos_h - re * sin_h


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _advance(w: Float, t: int) -> None:
    """The next symbol's survivor ``t`` becomes this symbol's."""
    for n in range(LANES):
        w[(_M + t) * LANES + n] = w[(_NM + t) * LANES + n] - w[_BEST * LANES + n]
        w[(_PR + t) * LANES + n] = w[(_NR + t) * LANES + n]
        w[(_PI + t) * LANES + n] = w[(_NI + t) * LANES + n]


@njit(cache=True, nogil=True, fastmath=True)
def detect_side_by_side(
    correlations: Complex, turns: Float, index: float, forgetting: float, total: NDArray[np.float64]
) -> None:
    """Metric of the best path at each of eight frequencies; see ``cpm_kernels.detect_sequence``.

    Args:
        correlations: (symbols, 8).
        turns: (symbols, 2, LANES) real and imaginary parts of phasors that undo each frequency.
        index: modulation index.
        total: (LANES,) out.
    """
    lam = _F(forgetting)
    cos_h = _F(np.cos(np.pi * index))
    sin_h = _F(np.sin(np.pi * index))
    w = np.zeros((_PLACES + 2) * LANES, _F)
    total[:] = 0.0
    for k in range(correlations.shape[0]):
        for n in range(LANES):
            w[_PLACES * LANES + n] = turns[k, 0, n]
            w[(_PLACES + 1) * LANES + n] = turns[k, 1, n]
        _turn(w, 0, correlations[k, 0].real, correlations[k, 0].imag)
        _turn(w, 1, correlations[k, 1].real, correlations[k, 1].imag)
        _turn(w, 2, correlations[k, 2].real, correlations[k, 2].imag)
        _turn(w, 3, correlations[k, 3].real, correlations[k, 3].imag)
        _turn(w, 4, correlations[k, 4].real, correlations[k, 4].imag)
        _turn(w, 5, correlations[k, 5].real, correlations[k, 5].imag)
        _turn(w, 6, correlations[k, 6].real, correlations[k, 6].imag)
        _turn(w, 7, correlations[k, 7].real, correlations[k, 7].imag)
        _reference(w, 0)
        _reference(w, 1)
        _reference(w, 2)
        _reference(w, 3)
        _step(w, 0, lam, cos_h, sin_h)
        _step(w, 1, lam, cos_h, sin_h)
        _step(w, 2, lam, cos_h, sin_h)
        _step(w, 3, lam, cos_h, sin_h)
        for n in range(LANES):
            low = max(w[_NM * LANES + n], w[(_NM + 1) * LANES + n])
            high = max(w[(_NM + 2) * LANES + n], w[(_NM + 3) * LANES + n])
            w[_BEST * LANES + n] = max(low, high)
        for n in range(LANES):
            total[n] += w[_BEST * LANES + n]
        _advance(w, 0)
        _advance(w, 1)
        _advance(w, 2)
        _advance(w, 3)


@njit(cache=True, nogil=True, fastmath=True)
def search_parameters(
    samples: Complex,
    starts: NDArray[np.float64],
    step: float,
    templates: Complex,
    indices: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    symbols: int,
    forgetting: float,
    out: NDArray[np.float64],
) -> None:
    """Metric of the best path for each timing, modulation index and carrier frequency.

    Args:
        starts: (a,) where the first sample of the first symbol may lie.
        step: input samples per template sample.
        templates: (b, 8, 4), for ``indices`` (b,).
        frequencies: (c,) turns a symbol.
        symbols: how many are looked at.
        out: (a, b, c) out.
    """
    groups = (len(frequencies) + LANES - 1) // LANES
    turns = np.zeros((groups, symbols, 2, LANES), _F)
    for c in range(len(frequencies)):
        for k in range(symbols):
            angle = -2 * np.pi * ((frequencies[c] * k) % 1.0)
            turns[c // LANES, k, 0, c % LANES] = np.cos(angle)
            turns[c // LANES, k, 1, c % LANES] = np.sin(angle)
    resampled = np.zeros(symbols * _S, np.complex64)
    correlations = np.zeros((symbols, 8), np.complex64)
    total = np.zeros(LANES)
    for a in range(len(starts)):
        interpolate(samples, starts[a], step, resampled)
        for b in range(len(indices)):
            correlate_symbols(resampled, templates[b], correlations)
            for group in range(groups):
                detect_side_by_side(correlations, turns[group], indices[b], forgetting, total)
                for c in range(group * LANES, min((group + 1) * LANES, len(frequencies))):
                    out[a, b, c] = total[c - group * LANES]
