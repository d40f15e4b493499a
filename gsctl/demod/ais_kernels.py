"""Compiled loops of the AIS burst receiver (numba, cached, GIL released)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Complex = NDArray[np.complex64]
_F = np.float32
_BLOCK = 256  # places whose sums are built together, so that they stay in the cache
_NO_TAP = np.complex64(0)


@njit(cache=True, nogil=True, fastmath=True)
def add_taps(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    tap: complex,
    after: complex,
    sums: NDArray[np.float32],
    count: int,
) -> None:
    """Add two taps of a correlation at ``count`` places.

    Args:
        re, im: parts of the samples under ``tap``, a value a place; ``after`` is on the next values.
        sums: (4, count or more) of re re, im im, im re and re im, which serve a template and its conjugate.
    """
    c, s = _F(tap.real), _F(tap.imag)
    d, t = _F(after.real), _F(after.imag)
    # Slices from zero on, so that the compiler makes vector instructions of the loop.
    rr, ii, ir, ri = sums[0], sums[1], sums[2], sums[3]
    for k in range(count):
        rr[k] += re[k] * c + re[k + 1] * d
        ii[k] += im[k] * s + im[k + 1] * t
        ir[k] += im[k] * c + im[k + 1] * d
        ri[k] += re[k] * s + re[k + 1] * t


@njit(cache=True, nogil=True, fastmath=True)
def search_training(
    samples: Complex, burden: NDArray[np.float32], template: Complex, last: int
) -> tuple[int, float, bool]:
    """Where the training sequence and its flag fit best, in either polarity, at every second sample.

    Args:
        samples: (n,).
        burden: (n,) power that is not to be believed, added to that of the samples.
        template: (2, m) what the sequence looks like in each polarity, magnitude 1; conjugates.
        last: places tried, ``last`` not included; ``last + m`` is at most n.

    Returns:
        best place, magnitude of the correlation there over that of a clean signal of the same
        power (0 to 1), and whether it is the second template. (-1, 0, False) where nothing was tried.
    """
    size = template.shape[1]
    place, best, second = -1, 0.0, False
    half = samples.size // 2 + 3
    parts = np.zeros((4, half), _F)
    for k in range(samples.size // 2):
        parts[0, k] = samples[2 * k].real
        parts[1, k] = samples[2 * k].imag
        parts[2, k] = samples[2 * k + 1].real
        parts[3, k] = samples[2 * k + 1].imag
    power = 0.0
    for i in range(min(size, samples.size)):
        x = samples[i]
        power += x.real * x.real + x.imag * x.imag + burden[i]
    sums = np.empty((4, _BLOCK), _F)
    places = (last + 1) // 2
    for begin in range(0, places, _BLOCK):
        count = min(_BLOCK, places - begin)
        sums[:] = _F(0)
        for i in range(0, size, 4):
            for odd in range(2):
                # Of taps two apart both lie on samples of one parity, one behind the other.
                one = template[0, i + odd] if i + odd < size else _NO_TAP
                two = template[0, i + odd + 2] if i + odd + 2 < size else _NO_TAP
                at = begin + i // 2
                add_taps(parts[2 * odd, at:], parts[2 * odd + 1, at:], one, two, sums, count)
        for k in range(count):
            rr, ii, ir, ri = sums[0, k], sums[1, k], sums[2, k], sums[3, k]
            one_way = (rr + ii) * (rr + ii) + (ir - ri) * (ir - ri)
            other_way = (rr - ii) * (rr - ii) + (ir + ri) * (ir + ri)
            share = max(one_way, other_way) / (power * size + 1e-30)
            at = 2 * (begin + k)
            if share > best:
                best = float(share)
                place = at
                second = bool(other_way > one_way)
            for i in range(at, min(at + 2, last)):
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
