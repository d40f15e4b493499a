"""Compiled parts of the BPSK receiver: where a carrier jumps; see ``demod.bpsk_symbols``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, inline="always")
def _size(z: Any) -> Any:
    """|z| without the care for overflow that makes the library's slow."""
    return np.sqrt(z.real * z.real + z.imag * z.imag)


@njit(cache=True, nogil=True)
def _one_sided_sums(
    x: NDArray[np.complex128],
    begin: int,
    end: int,
    knee: float,
    turn: float,
    keep: float,
    sizes: NDArray[np.float64],
) -> None:
    """|sum of the values before each|, weighed by keep^distance, behind ``knee`` turned back.

    Args:
        x: (n,) phasors.
        begin, end: the first one, and the one behind the last; falling if ``end`` < ``begin``.
        knee: index beyond which, seen from ``begin``, x[k] is turned by ``turn`` * (k - knee).
        turn: radians.
        keep: weight of a value at a distance of one.
        sizes: (|end - begin| + 1,) becomes the magnitudes, the first 0.
    """
    way = 1 if end >= begin else -1
    total = complex(0.0, 0.0)
    sizes[0] = 0.0
    for i in range(abs(end - begin)):
        k = begin + way * i if way > 0 else begin - 1 - i
        value = x[k]
        if way * (k - knee) > 0:
            angle = turn * (k - knee)
            value *= complex(np.cos(angle), np.sin(angle))
        total = keep * total + value
        sizes[i + 1] = np.sqrt(total.real * total.real + total.imag * total.imag)


@njit(cache=True, nogil=True)
def place_breaks(
    x: NDArray[np.complex128],
    knees: NDArray[np.float64],
    turns: NDArray[np.float64],
    reach: int,
    memory: float,
    breaks: NDArray[np.int64],
) -> None:
    """Where, near the places at which a frequency was changed over, the carrier itself jumped.

    The likeliest place is that up to which the values before it, and from which those behind it, add
    up best; each side with its own frequency and unknown phase.

    Args:
        x: (n,) squared symbols, all with the carrier taken out.
        knees: (b,) rising indices at which one frequency was taken for another.
        turns: (b,) by how much more the carrier that was taken out turns behind the knee, radians a value.
        reach: values to each side of a knee to look at.
        memory: decay of the sums, in values.
        breaks: (b,) become the indices of the first values behind the jumps.
    """
    keep = np.exp(-1.0 / memory)
    far = reach + int(2 * memory)
    before, behind = np.empty(2 * far + 2), np.empty(2 * far + 2)
    floor = 0
    for b in range(knees.size):
        knee = int(knees[b])
        ceiling = x.size if b + 1 == knees.size else max(int(knees[b + 1]), knee)
        first, last = max(floor, knee - far), min(ceiling, knee + far)
        _one_sided_sums(x, first, last, knees[b], turns[b], keep, before)
        _one_sided_sums(x, last, first, knees[b], -turns[b], keep, behind)
        best, place = -1.0, max(first, min(knee, last))
        for k in range(max(first, knee - reach), min(last, knee + reach) + 1):
            score = before[k - first] + behind[last - k]
            if score > best:
                best, place = score, k
        breaks[b] = place
        floor = place


@njit(cache=True, nogil=True, error_model="numpy")
def _phase_jumps(x: NDArray[np.complex128], keep: float, lag: int, gain: NDArray[np.float64]) -> None:
    """The ratios of ``find_breaks`` in front of each value, into ``gain``."""
    count = x.size
    # Sums of values, of products of two ``lag`` apart, of squares, of weights: before, and from there on.
    before, behind = np.empty(count, np.complex128), np.empty(count, np.complex128)
    turns = np.zeros(count, np.complex128)
    energy, weight = np.zeros(count), np.zeros(count)
    total, other = complex(0.0, 0.0), complex(0.0, 0.0)
    turn, other_turn = complex(0.0, 0.0), complex(0.0, 0.0)
    power, other_power, here, other_here = 0.0, 0.0, 0.0, 0.0
    keep_turn = np.exp(-1.0 / 64.0)
    # Both directions at once: each of the sums alone would wait for itself.
    for k in range(count):
        j = count - 1 - k
        before[k] = total
        turns[k] += turn
        energy[k] += power
        weight[k] += here
        total = keep * (total + x[k])
        turn *= keep_turn
        if k >= lag:
            turn += x[k] * x[k - lag].conjugate()
        power = keep * (power + x[k].real * x[k].real + x[k].imag * x[k].imag)
        here = keep * (here + 1.0)
        other = keep * other + x[j]
        other_turn *= keep_turn
        if k >= lag:
            other_turn += x[j + lag] * x[j].conjugate()
        other_power = keep * other_power + x[j].real * x[j].real + x[j].imag * x[j].imag
        other_here = keep * other_here + 1.0
        behind[j] = other
        turns[j] += other_turn
        energy[j] += other_power
        weight[j] += other_here
    for k in range(count):
        # A carrier that turns steadily comes round by twice what it turns in ``lag`` values from the
        # middle of one sum to the other's.
        real, imag = turns[k].real, turns[k].imag
        square = real * real + imag * imag + 1e-60
        back = complex((real * real - imag * imag) / square, -2.0 * real * imag / square)
        whole = before[k] + behind[k] * back
        apart = _size(before[k]) + _size(behind[k])
        one = whole.real * whole.real + whole.imag * whole.imag
        noise = energy[k] - apart * apart / weight[k]
        # noise / weights is 2 S, which is no less than a fiftieth of the power.
        gain[k] = (apart * apart - one) / max(noise, 0.02 * energy[k] + 1e-30)


@njit(cache=True, nogil=True)
def find_breaks(
    x: NDArray[np.complex128],
    known: NDArray[np.int64],
    memory: float,
    clear: float,
    breaks: NDArray[np.int64],
    is_sharp: NDArray[np.bool_],
) -> int:
    """Where the phase jumps: log-likelihood ratio of two phases on both sides against one.

    With sums F before and G behind a place, weighed by keep^distance, W the sum of all weights and
    S the noise in one dimension, it is ((|F| + |G|)^2 - |F + G|^2) / (2 S W) for one amplitude on
    both sides, so that a burst's edge is no jump; a steady turn is taken out before (Kay,
    Fundamentals of Statistical Signal Processing II (1998), 6.4).

    Args:
        x: (n,) squared symbols, the carrier taken out.
        known: (k,) rising indices where jumps are known; no sum reaches across.
        memory: decay of the sums, in values; two jumps are farther than that from each other.
        clear: least log-likelihood ratio.
        breaks: buffer; becomes the indices of the first values behind jumps, the known ones too, rising.
        is_sharp: buffer; becomes whether the phase tells the place, which of those known it may not.

    Returns:
        How many there are.
    """
    keep = np.exp(-1.0 / memory)
    gain = np.empty(x.size)
    for part in range(known.size + 1):
        begin = known[part - 1] if part > 0 else 0
        end = known[part] if part < known.size else x.size
        _phase_jumps(x[begin:end], keep, int(memory), gain[begin:end])
    count_found, next_known, apart_by = 0, 0, int(memory)
    for k in range(x.size):
        if next_known < known.size and k == known[next_known]:
            breaks[count_found], is_sharp[count_found] = k, False
            count_found += 1
            next_known += 1
        elif gain[k] > clear and count_found + known.size - next_known < breaks.size:
            highest = True
            for i in range(max(0, k - apart_by), min(x.size, k + apart_by + 1)):
                if gain[i] > gain[k] or (gain[i] == gain[k] and i < k):
                    highest = False
            if highest:
                breaks[count_found], is_sharp[count_found] = k, True
                count_found += 1
    return count_found


@njit(cache=True, nogil=True)
def change_over(
    y: NDArray[np.complex128],
    knees: NDArray[np.float64],
    turns: NDArray[np.float64],
    breaks: NDArray[np.int64],
    phases: NDArray[np.float64],
) -> None:
    """Take out the other frequency between each knee and the break that belongs to it, in place.

    Args:
        y: (n,) symbols.
        knees: (b,) where one frequency was taken for another.
        turns: (b,) by how much more the carrier that was taken out turns behind the knee, radians a symbol.
        breaks: (b,) where that should have been.
        phases: (n,) the phase taken out is added to it, radians.
    """
    for b in range(knees.size):
        knee = int(np.ceil(knees[b]))
        for k in range(max(0, min(knee, breaks[b])), min(y.size, max(knee, breaks[b]))):
            phase = turns[b] * (k - knees[b])
            if k >= knees[b]:
                phase = -phase
            phases[k] += phase
            y[k] *= complex(np.cos(phase), -np.sin(phase))
