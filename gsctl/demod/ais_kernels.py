"""Compiled loops of the AIS burst receiver (numba, cached, GIL released)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Complex = NDArray[np.complex64]
_F = np.float32


@njit(cache=True, nogil=True, fastmath=True)
def search_training(
    samples: Complex, burden: NDArray[np.float32], template: Complex, first: int, last: int, step: int
) -> tuple[int, float, bool]:
    """Where the training sequence and its flag fit best, in either polarity.

    Args:
        samples: (n,).
        burden: (n,) power that is not to be believed, added to that of the samples.
        template: (2, m) what the sequence looks like in each polarity, magnitude 1.
        first, last: places tried, ``last`` not included; ``last + m`` is at most n.
        step: distance of the places tried.

    Returns:
        best place, magnitude of the correlation there over that of a clean signal of the same
        power (0 to 1), and whether it is the second template. (-1, 0, False) where nothing was tried.
    """
    size = template.shape[1]
    place, best, second = -1, 0.0, False
    power = 0.0
    for i in range(first, min(first + size, samples.size)):
        x = samples[i]
        power += x.real * x.real + x.imag * x.imag + burden[i]
    for at in range(first, last, step):
        ar = _F(0)
        ai = _F(0)
        br = _F(0)
        bi = _F(0)
        for i in range(size):
            x = samples[at + i]
            t = template[0, i]
            # The polarities are conjugates of each other: two sums serve both.
            ar += x.real * t.real
            ai += x.imag * t.imag
            br += x.imag * t.real
            bi += x.real * t.imag
        one = (ar + ai) * (ar + ai) + (br - bi) * (br - bi)
        two = (ar - ai) * (ar - ai) + (br + bi) * (br + bi)
        share = max(one, two) / (power * size + 1e-30)
        if share > best:
            best = float(share)
            place = at
            second = bool(two > one)
        for i in range(at, min(at + step, last)):
            x = samples[i]
            y = samples[i + size]
            power += y.real * y.real + y.imag * y.imag + burden[i + size]
            power -= x.real * x.real + x.imag * x.imag + burden[i]
    return place, np.sqrt(best), second


@njit(cache=True, nogil=True, fastmath=True)
def correlation(samples: Complex, template: Complex, first: int, count: int) -> NDArray[np.float32]:
    """Squared magnitude of the correlation with one template (m,) at ``count`` places from ``first``."""
    out = np.zeros(count, np.float32)
    for k in range(count):
        if first + k < 0 or first + k + template.size > samples.size:
            continue
        re = _F(0)
        im = _F(0)
        for i in range(template.size):
            x = samples[first + k + i]
            t = template[i]
            re += x.real * t.real + x.imag * t.imag
            im += x.imag * t.real - x.real * t.imag
        out[k] = re * re + im * im
    return out


@njit(cache=True, nogil=True, fastmath=True)
def subtract(
    samples: Complex,
    bits: NDArray[np.uint8],
    begin: int,
    end: int,
    start: float,
    step: float,
    modulation_index: float,
    pulse: NDArray[np.float32],
    amplitude: NDArray[np.float64],
    phase: NDArray[np.float64],
    mixed_turns: float,
) -> None:
    """Take a transmission whose symbols are decided off ``samples``, in place.

    Args:
        samples: (n,).
        bits: (m,) symbols.
        begin, end: symbols between which it is taken off, ``end`` not included.
        start: place of the middle of symbol 0; ``step`` samples a symbol.
        pulse: phase pulse q from two symbols before the middle of a symbol to two after, in turns
            of h, ``len(pulse) - 1`` steps.
        amplitude: (m,) at each symbol.
        phase: (m,) radians: that of the carrier, data phase apart, at each symbol; data phase as
            ``cpm_kernels.remove_modulation`` counts it.
        mixed_turns: turns a sample that ``phase`` does not hold.
    """
    count = bits.size
    fine = (pulse.size - 1) / 4.0
    first = max(0, int(np.ceil(start + (begin - 0.5) * step)))
    last = min(samples.size, int(np.floor(start + (end - 0.5) * step)) + 1)
    older = 0.0  # half turns of h by symbols two and more before the current one
    current = 0
    for n in range(first, last):
        place = (n - start) / step
        k = int(np.floor(place + 0.5))
        if k < 0 or k >= count:
            continue
        while current < k:
            # What symbol ``current`` leaves older is symbol current - 1.
            before = bits[current - 1] if current > 0 else bits[0]
            older += 0.5 if before else -0.5
            current += 1
        turns = older
        for shift in range(-1, 2):
            other = min(max(k + shift, 0), count - 1)
            x = min(max((place - k - shift + 2.0) * fine, 0.0), pulse.size - 1.001)
            low = int(x)
            q = pulse[low] + (pulse[low + 1] - pulse[low]) * (x - low)
            turns += q if bits[other] else -q
        low = min(max(int(np.floor(place)), 0), count - 2)
        part = min(max(place - low, 0.0), 1.0)
        angle = (
            2.0 * np.pi * (modulation_index * turns + mixed_turns * n)
            + phase[low] * (1.0 - part)
            + phase[low + 1] * part
        )
        level = amplitude[low] * (1.0 - part) + amplitude[low + 1] * part
        samples[n] -= np.complex64(complex(level * np.cos(angle), level * np.sin(angle)))
