"""Compiled estimators of the coherent FSK receiver: phase, frequency, modulation index, timing.

All work on the bare carrier, a value a symbol, that ``cpm_kernels.remove_modulation`` leaves. Plain
models of these loops are in the tests.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.dsp.cpm_kernels import sliding_mean

Complex = NDArray[np.complex64]
Real = NDArray[np.float64]


@njit(cache=True, nogil=True, fastmath=True)
def phasors(phase: Real, out: Complex) -> None:
    """Unit phasors that take ``phase`` (n,) off."""
    for k in range(len(phase)):
        turns = phase[k] * (1 / (2 * np.pi))
        angle = np.float32((turns - np.rint(turns)) * (-2 * np.pi))
        out[k] = complex(np.cos(angle), np.sin(angle))


@njit(cache=True, nogil=True)
def settle(carrier: Complex, slow: Real, slow_rotor: Complex, span: int, phase: Real, rotor: Complex) -> None:
    """The carrier's phase by averages over ``span`` (odd) symbols.

    Args:
        carrier: (n,) without its modulation.
        slow: (n,) phase known before, radians; ``slow_rotor`` are the phasors that take it off.
        phase: (n,) out: continuous, within half a turn a symbol of ``slow``.
        rotor: (n,) out: phasors that take ``phase`` off.
    """
    n = len(carrier)
    bare = np.empty(n, np.complex128)
    for k in range(n):
        bare[k] = carrier[k] * slow_rotor[k]
    mean = np.zeros(n, np.complex128)
    sliding_mean(bare, span, mean)
    turns = 0.0
    before = 0.0
    for k in range(n):
        z = mean[k]
        angle = np.arctan2(z.imag, z.real)
        if k > 0:
            if angle - before > np.pi:
                turns -= 2 * np.pi
            elif angle - before < -np.pi:
                turns += 2 * np.pi
        before = angle
        phase[k] = slow[k] + angle + turns
        size = np.sqrt(z.real * z.real + z.imag * z.imag)
        rotor[k] = slow_rotor[k] * (z.conjugate() / size) if size > 0 else slow_rotor[k]


@njit(cache=True, nogil=True)
def follow_frequency(carrier: Complex, slow: Real, slow_rotor: Complex, lag: int, span: int) -> Real:
    """The phase ``slow`` (n,) made to follow the carrier's frequency, in radians.

    The frequency is that of products ``lag`` (even) symbols apart, averaged twice over ``span``: a
    single average passes some noise inverted, which rounds would build up.
    """
    n = len(carrier)
    bare = np.empty(n, np.complex128)
    for k in range(n):
        bare[k] = carrier[k] * slow_rotor[k]
    product = np.zeros(n, np.complex128)
    for k in range(n - lag):
        product[k + lag // 2] = bare[k + lag] * bare[k].conjugate()
    once = np.zeros(n, np.complex128)
    sliding_mean(product, span, once)
    sliding_mean(once, span, product)
    followed = np.empty(n)
    total = 0.0
    for k in range(n):
        total += np.arctan2(product[k].imag, product[k].real) / lag
        followed[k] = slow[k] + total
    return followed


@njit(cache=True, nogil=True)
def index_change(bits: NDArray[np.uint8], phase: Real, bare: Real, span: int) -> float:
    """What the modulation index is off by, from the phase's following the sum of the bits sent.

    Args:
        bits: (n,) decided.
        phase: (n,) of the carrier, radians, measured by averages over ``span`` symbols.
        bare: (n,) real part of the carrier without modulation and phase.
        span: odd.

    Returns:
        The change by least squares beside a frequency and its drift; 0 where the bits do not tell.
    """
    n = len(bits)
    lag = span // 2
    summed = np.empty(n)
    total = 0.0
    for k in range(n):
        sign = 2.0 * bits[k] - 1.0
        total += sign
        summed[k] = total - 0.5 * sign
    mean = np.zeros(n)
    sliding_mean(summed, span, mean)
    sliding_mean(bare, span, summed)
    # Neighbours among these averages say the same: every fourth is enough.
    count = (n - lag + 3) // 4
    if count < 4:
        return 0.0
    moved = np.empty(count)
    turned = np.empty(count)
    weight = np.empty(count)
    for i in range(count):
        k = 4 * i
        moved[i] = mean[k + lag] - mean[k]
        turned[i] = phase[k + lag] - phase[k]
        weight[i] = max(summed[min(k + lag // 2, n - 1)], 0.0) ** 2
    left = np.empty(count)
    for i in range(count):
        left[i] = turned[i]
    _take_line_off(left, weight)
    for i in range(count):
        if abs(left[i]) > 1.0:  # a slipped phase is no measure of anything
            weight[i] = 0.0
        left[i] = turned[i]
    _take_line_off(left, weight)
    _take_line_off(moved, weight)
    square = 0.0
    along = 0.0
    most = 0.0
    for i in range(count):
        square += weight[i] * moved[i] * moved[i]
        along += weight[i] * moved[i] * left[i]
        most += weight[i]
    return along / square / np.pi if square > 1e-3 * most and square > 0 else 0.0


@njit(cache=True, nogil=True)
def _take_line_off(values: Real, weight: Real) -> None:
    """Subtract the weighted least-squares line through ``values`` (n,), in place."""
    n = len(values)
    s0 = s1 = s2 = t0 = t1 = 0.0
    for i in range(n):
        x = 2.0 * i / (n - 1) - 1.0
        w = weight[i] + 1e-18
        s0 += w
        s1 += w * x
        s2 += w * x * x
        t0 += w * values[i]
        t1 += w * x * values[i]
    bend = s0 * s2 - s1 * s1
    slope = (s0 * t1 - s1 * t0) / bend if bend > 1e-12 * s0 * s0 else 0.0
    start = (t0 - slope * s1) / s0
    for i in range(n):
        values[i] -= start + slope * (2.0 * i / (n - 1) - 1.0)


@njit(cache=True, nogil=True)
def parabola(values: Real, weight: Real, origin: int, every: int) -> tuple[float, float]:
    """Least-squares parabola through every ``every``-th of ``values`` (n,), each ``weight`` times.

    Returns:
        Slope at the value ``origin``, and half the second derivative; the unit is a value's step.
    """
    n = len(values)
    m = np.zeros((3, 4))
    for k in range(0, n, every):
        x = (k - origin) / n
        w = weight[k] * weight[k] + 1e-18
        power = w
        for i in range(5):
            for row in range(max(0, i - 2), min(i, 2) + 1):
                m[row, i - row] += power
            if i < 3:
                m[i, 3] += power * values[k]
            power *= x
    for i in range(3):
        if abs(m[i, i]) < 1e-30:
            return 0.0, 0.0
        for row in range(3):
            if row != i:
                factor = m[row, i] / m[i, i]
                for column in range(i, 4):
                    m[row, column] -= factor * m[i, column]
    return m[1, 3] / m[1, 1] / n, m[2, 3] / m[2, 2] / n / n


@njit(cache=True, nogil=True, fastmath=True)
def group_sums(carrier: Complex, rotor: Complex, group: int, sums: Real) -> tuple[float, float]:
    """Real parts of ``carrier`` times ``rotor`` summed over groups of symbols.

    Args:
        sums: (ceil(n / group),) out.

    Returns:
        Mean real part and mean square of the imaginary part.
    """
    n = len(carrier)
    total = 0.0
    square = 0.0
    for first in range(0, n, group):
        part = 0.0
        for k in range(first, min(first + group, n)):
            z = carrier[k] * rotor[k]
            part += z.real
            square += z.imag * z.imag
        sums[first // group] = part
        total += part
    return total / n, square / n
