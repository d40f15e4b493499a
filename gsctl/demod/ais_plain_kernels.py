"""Compiled receiver of plain AIS bursts: one that lies alone and is heard well needs one pass.

All bursts of a stretch are found at once by the turn from sample to sample that their training
sequence makes, whatever their carrier; each is then received by one call.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gsctl.coding.hdlc_burst_kernels import GOOD, UNFINISHED, read_frame
from gsctl.demod.ais_kernels import add_taps
from gsctl.dsp.cpm_kernels import (
    competing_paths,
    correlate_symbols,
    detect_sequence,
    remove_modulation,
    sliding_mean,
    trace_back,
    unwrapped_angle,
)
from gsctl.dsp.interpolation_kernels import lagrange_weights

Complex = NDArray[np.complex64]
Float = NDArray[np.float32]
Bits = NDArray[np.uint8]

_F = np.float32
_S = 4  # cpm_waveform.SAMPLES_PER_SYMBOL
_BLOCK = 256  # places whose sums are built together, so that they stay in the cache
_APART = 24  # places, two samples each: the sequence repeats itself every four symbols
_REACH = 3  # samples to each side of the rough place that are tried
_TONES = 15  # carriers that are tried around the rough one
_PHASE_SPAN = 49
_WINDOW = 32  # symbols over which a disturbance must show
_MAX_BYTES = 136
_NO_TAP = np.complex64(0)


@njit(cache=True, nogil=True, fastmath=True)
def find_training(
    samples: Complex,
    lag: int,
    taps: Complex,
    least: float,
    places: NDArray[np.int64],
    turns: NDArray[np.float64],
    second: NDArray[np.bool_],
) -> int:
    """Where training sequences may begin, by the turn over ``lag`` samples at every second sample.

    Only the direction of each turn counts, so neither a strong burst beside nor the carrier does.

    Args:
        samples: (n,).
        taps: (m,) unit phasors, the turns of the first polarity; those of the second are conjugates.
        least: coherence, 0 to 1, from which on a place is noted.
        places, turns, second: out, as many as fit: sample, carrier in turns a sample, polarity.

    Returns:
        How many were found.
    """
    size = taps.size
    steps = (samples.size - lag + 1) // 2
    if steps < size:
        return 0
    # One more than is used: taps come in pairs.
    re = np.zeros(steps + 1, _F)
    im = np.zeros(steps + 1, _F)
    for k in range(steps):
        x = samples[2 * k]
        y = samples[2 * k + lag]
        a = y.real * x.real + y.imag * x.imag
        b = y.imag * x.real - y.real * x.imag
        scale = _F(1) / np.sqrt(a * a + b * b + _F(1e-30))
        re[k] = a * scale
        im[k] = b * scale
    found = 0
    best_here = _F(0)
    floor = _F(least * least * size * size)
    sums = np.empty((4, _BLOCK), _F)
    for first in range(0, steps - size + 1, _BLOCK):
        count = min(_BLOCK, steps - size + 1 - first)
        sums[:] = _F(0)
        for i in range(0, size - 1, 2):
            add_taps(re[first + i :], im[first + i :], taps[i], taps[i + 1], sums, count)
        if size % 2:
            add_taps(re[first + size - 1 :], im[first + size - 1 :], taps[size - 1], _NO_TAP, sums, count)
        for k in range(count):
            rr, ii, ir, ri = sums[0, k], sums[1, k], sums[2, k], sums[3, k]
            one = (rr + ii) * (rr + ii) + (ir - ri) * (ir - ri)
            two = (rr - ii) * (rr - ii) + (ir + ri) * (ir + ri)
            share = max(one, two)
            if share < floor:
                continue
            place = 2 * (first + k)
            if found and place - places[found - 1] <= 2 * _APART:
                if share <= best_here:
                    continue
                found -= 1
            elif found == places.size:
                return found
            best_here = share
            places[found] = place
            second[found] = two > one
            angle = np.arctan2(ir + ri, rr - ii) if two > one else np.arctan2(ir - ri, rr + ii)
            turns[found] = angle / (2.0 * np.pi * lag)
            found += 1
    return found


@njit(cache=True, nogil=True, fastmath=True)
def refine(
    samples: Complex, place: int, turns: float, template: Complex, symbols: int, spacing: float
) -> tuple[float, float, float, float]:
    """Place and carrier of a training sequence, by its correlation around rough values.

    Args:
        template: (m,) of magnitude 1, ``symbols`` long.
        spacing: of the carriers tried, turns a sample.

    Returns:
        coherence (0 to 1); sample of the template's beginning; carrier in turns a sample; mean power.
        Coherence 0 where there is no room.
    """
    size = template.size
    first = place - _REACH
    if first < 0 or place + _REACH + size > samples.size:
        return 0.0, 0.0, 0.0, 0.0
    width = size + 2 * _REACH
    mixed = np.empty(width, np.complex64)
    rotor = complex(1.0, 0.0)
    turn = complex(np.cos(2.0 * np.pi * turns), -np.sin(2.0 * np.pi * turns))
    for i in range(width):
        mixed[i] = np.complex64(samples[first + i] * rotor)
        rotor *= turn
    tones = np.empty((_TONES, symbols), np.complex64)
    for t in range(_TONES):
        step = -2.0 * np.pi * spacing * (t - _TONES // 2) * size / symbols
        for j in range(symbols):
            tones[t, j] = complex(np.cos(step * (j + 0.5)), np.sin(step * (j + 0.5)))
    score = np.empty((2 * _REACH + 1, _TONES), np.float64)
    parts = np.empty(symbols, np.complex64)
    power = 0.0
    for i in range(_REACH, _REACH + size):
        power += mixed[i].real * mixed[i].real + mixed[i].imag * mixed[i].imag
    bp, bt = 0, 0
    for p in range(2 * _REACH + 1):
        for j in range(symbols):
            re = _F(0)
            im = _F(0)
            for i in range(j * size // symbols, (j + 1) * size // symbols):
                x = mixed[p + i]
                y = template[i]
                re += x.real * y.real + x.imag * y.imag
                im += x.imag * y.real - x.real * y.imag
            parts[j] = complex(re, im)
        for t in range(_TONES):
            re = _F(0)
            im = _F(0)
            for j in range(symbols):
                x = parts[j]
                y = tones[t, j]
                re += x.real * y.real - x.imag * y.imag
                im += x.real * y.imag + x.imag * y.real
            score[p, t] = np.sqrt(float(re * re + im * im))
            if score[p, t] > score[bp, bt]:
                bp, bt = p, t
    coherence = score[bp, bt] / np.sqrt(power * size + 1e-30)
    late = _summit(score[bp - 1, bt], score[bp, bt], score[bp + 1, bt]) if 0 < bp < 2 * _REACH else 0.0
    off = _summit(score[bp, bt - 1], score[bp, bt], score[bp, bt + 1]) if 0 < bt < _TONES - 1 else 0.0
    own = turns + spacing * (bt - _TONES // 2 + off)
    return min(coherence, 1.0), first + bp + late, own, power / size


@njit(cache=True, nogil=True, inline="always")
def _summit(left: float, middle: float, right: float) -> float:
    """Where a parabola through three equally spaced values has its summit, from the middle one."""
    bend = left - 2 * middle + right
    return min(max(0.5 * (left - right) / bend, -0.5), 0.5) if bend < 0 else 0.0


@njit(cache=True, nogil=True, fastmath=True)
def _resample(samples: Complex, start: float, step: float, turns: float, out: Complex) -> None:
    """Values at ``start + k step`` with a carrier of ``turns`` a sample taken off; six-point Lagrange."""
    size = samples.size
    angle = -2.0 * np.pi * turns * start
    rotor = complex(np.cos(angle), np.sin(angle))
    angle = -2.0 * np.pi * turns * step
    turn = complex(np.cos(angle), np.sin(angle))
    for k in range(out.size):
        time = start + k * step
        i = int(np.floor(time))
        if i < 2 or i > size - 4:
            out[k] = 0
            rotor *= turn
            continue
        w0, w1, w2, w3, w4, w5 = lagrange_weights(_F(time - i))
        s0, s1, s2 = samples[i - 2], samples[i - 1], samples[i]
        s3, s4, s5 = samples[i + 1], samples[i + 2], samples[i + 3]
        re = s0.real * w0 + s1.real * w1 + s2.real * w2 + s3.real * w3 + s4.real * w4 + s5.real * w5
        im = s0.imag * w0 + s1.imag * w1 + s2.imag * w2 + s3.imag * w3 + s4.imag * w4 + s5.imag * w5
        rr = _F(rotor.real)
        ri = _F(rotor.imag)
        out[k] = complex(re * rr - im * ri, re * ri + im * rr)
        rotor *= turn


@njit(cache=True, nogil=True, fastmath=True)
def _settle(carrier: NDArray[np.complex128], phase: NDArray[np.float64], rotor: Complex) -> None:
    """Phase of the carrier at each symbol, by averages around it, and the phasors that take it off."""
    mean = np.zeros(carrier.size, np.complex128)
    sliding_mean(carrier, _PHASE_SPAN, mean)
    unwrapped_angle(mean, phase)
    for k in range(carrier.size):
        rotor[k] = complex(np.cos(phase[k]), -np.sin(phase[k]))


@njit(cache=True, nogil=True, fastmath=True)
def _lasts(carrier: Complex, rotor: Complex, opening: int) -> bool:
    """Whether the burst is still there at the last symbols, by what it was behind its opening flag."""
    at_first, at_last = 0.0, 0.0
    for k in range(_WINDOW):
        one = carrier[opening + k] * rotor[opening + k]
        at_first += one.real
        one = carrier[carrier.size - 1 - k] * rotor[carrier.size - 1 - k]
        at_last += one.real
    return at_last > 0.6 * at_first


@njit(cache=True, nogil=True, fastmath=True)
def _weigh(
    choice: NDArray[np.uint8],
    margin: Float,
    path: NDArray[np.int32],
    memory: int,
    bits: Bits,
    averages: NDArray[np.float64],
    values: Float,
) -> None:
    """Log-likelihood ratios of the decided bits into ``values``; other paths count where they are near."""
    amplitude, noise = averages[0], averages[1]
    scale = _F(amplitude / noise)
    if amplitude * amplitude > 40.0 * noise:
        for k in range(bits.size):
            values[k] = scale * _F(2.0 * amplitude) * (_F(1) if bits[k] else _F(-1))
        return
    loss = np.full(bits.size, _F(1e6), _F)
    newest = np.empty(bits.size, np.int32)
    flips = np.empty(bits.size, np.uint64)
    competing_paths(choice, margin, path, memory, loss, newest, flips)
    for k in range(bits.size):
        values[k] = loss[k] * scale * (_F(1) if bits[k] else _F(-1))


@njit(cache=True, nogil=True, fastmath=True)
def receive_plain(
    samples: Complex,
    start: float,
    step: float,
    turns: float,
    templates: Complex,
    memory: int,
    opening: int,
    lengths: NDArray[np.int64],
    min_bytes: int,
) -> tuple[int, int, Bits, NDArray[np.complex64], NDArray[np.float64], Float, NDArray[np.float64]]:
    """Decide the symbols of a burst of modulation index 1/2 and read the frame they hold.

    Args:
        samples: (n,).
        start: middle of symbol 0; ``step`` samples a symbol.
        turns: of the carrier a sample.
        templates: (8, 4) from ``cpm_waveform.symbol_templates``.
        memory: bits in a state of the sequence detector.
        opening: the symbol behind the opening flag.
        lengths: numbers of symbols that are tried, rising, while the burst goes on.
        min_bytes: shortest frame, FCS included.

    Returns:
        outcome of ``read_frame``; last symbol of the closing flag; (m,) symbols; (m,) the bare carrier,
        real and positive but for noise, 4 times the amplitude; (m,) its phase in radians beside
        ``turns``; (m,) log-likelihood ratios, zeros where the frame is not good; and averages: the
        amplitude of the bare carrier, variance of its noise in one component, the same in the worst
        ``_WINDOW`` symbols, and what the carrier is off from ``turns``, in turns a symbol.
    """
    payload = np.empty(_MAX_BYTES, np.uint8)
    count = 0
    outcome, end = UNFINISHED, 0
    for length in lengths:
        count = length
        resampled = np.empty(count * _S, np.complex64)
        _resample(samples, start + step * (0.5 / _S - 0.5), step / _S, turns, resampled)
        correlations = np.empty((count, 8), np.complex64)
        correlate_symbols(resampled, templates, correlations)
        choice = np.empty((count, 1 << memory), np.uint8)
        margin = np.empty((count, 1 << memory), _F)
        path = np.empty(count, np.int32)
        bits = np.zeros(count, np.uint8)
        rotor = np.ones(count, np.complex64)
        carrier = np.empty(count, np.complex64)
        wide = np.empty(count, np.complex128)
        phase = np.zeros(count, np.float64)
        goes_on = False
        for attempt in range(2):
            _, last = detect_sequence(
                correlations, rotor, 0.5, 0.96 if attempt else 0.9, memory, choice, margin
            )
            trace_back(choice, last, memory, bits, path)
            remove_modulation(resampled, templates, 0.5, bits, carrier)
            for k in range(count):
                wide[k] = carrier[k]
            _settle(wide, phase, rotor)
            outcome, end, _ = read_frame(bits, opening, payload, min_bytes)
            if outcome == GOOD:
                break
            if outcome == UNFINISHED:
                goes_on = _lasts(carrier, rotor, opening)
                if goes_on and length < lengths[-1]:
                    break
        if outcome != UNFINISHED or not goes_on:
            break
    bare = np.empty(count, np.complex64)
    for k in range(count):
        bare[k] = carrier[k] * rotor[k]
    averages = np.zeros(4, np.float64)
    values = np.zeros(count, _F)
    if outcome == GOOD:
        _appraise(bare, phase, opening - 20, end + 1, averages)
        _weigh(choice, margin, path, memory, bits, averages, values)
    return outcome, end, bits, bare, phase, values, averages


@njit(cache=True, nogil=True, fastmath=True)
def _appraise(
    bare: Complex, phase: NDArray[np.float64], begin: int, end: int, averages: NDArray[np.float64]
) -> None:
    """The averages of ``receive_plain`` over the symbols ``begin`` to ``end``, which is not included."""
    count = end - begin
    mean, noise, worst, window = 0.0, 0.0, 0.0, 0.0
    for k in range(begin, end):
        mean += bare[k].real
        noise += bare[k].imag * bare[k].imag
        window += bare[k].imag * bare[k].imag
        if k - begin >= _WINDOW:
            window -= bare[k - _WINDOW].imag * bare[k - _WINDOW].imag
        if k - begin >= _WINDOW - 1:
            worst = max(worst, window)
    averages[0] = mean / count
    averages[1] = noise / count + 1e-30
    averages[2] = worst / _WINDOW
    # Least squares: the slope of the phase over the symbols.
    middle = 0.5 * (begin + end - 1)
    slope, square = 0.0, 0.0
    for k in range(begin, end):
        slope += (k - middle) * phase[k]
        square += (k - middle) * (k - middle)
    averages[3] = slope / square / (2.0 * np.pi)
