"""What a burst's decided symbols tell of it: its extent, its strength, and what may be wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsctl.demod.fsk_coherent_rounds import Rounds, moving_average
from gsctl.model import ErrorEvent

LEAD_SYMBOLS = 12  # the rest of the training sequence, and eight bits of rising power
TAIL_SYMBOLS = 12
_AVERAGE_SPAN = 49
_RAMP_SPAN = 5
_EDGE_SPAN = 9
_ON_SHARE = 0.6  # where decisions fit nothing but noise, 0.4 at Eb/N0 of 5.6 dB


def competing_events(
    newest: NDArray[np.int32], flips: NDArray[np.uint64], cost: NDArray[np.float64], wanted: int
) -> tuple[ErrorEvent, ...]:
    """The cheapest competing paths, the cheapest first."""
    if not wanted:
        return ()
    known = np.flatnonzero(newest >= 0)
    cheapest = known[np.argsort(cost[known], kind="stable")[:wanted]]
    events = []
    for step in cheapest.tolist():
        mask, last = int(flips[step]), int(newest[step])
        oldest = mask.bit_length() - 1
        if last >= oldest:
            symbols = tuple(last - i for i in range(oldest, -1, -1) if mask >> i & 1)
            events.append(ErrorEvent(cost=float(cost[step]), symbols=symbols))
    return tuple(events)


def es_n0_of(rounds: Rounds) -> float:
    """Energy of a symbol over noise density where the decisions are right; less where they are not."""
    bare = rounds.bare()[LEAD_SYMBOLS : -2 * TAIL_SYMBOLS]
    return float(np.mean(bare.real) ** 2 / (2 * np.mean(bare.imag**2) + 1e-30))


def extent(amplitude: NDArray[np.float64]) -> slice:
    """The symbols between which the transmitter was on, from the bare carrier (n,)."""
    profile = moving_average(amplitude, _EDGE_SPAN)
    on = np.flatnonzero(profile > _ON_SHARE * np.mean(amplitude[8:104]))
    return slice(int(on[0]), int(on[-1]) + 1) if on.size else slice(0, 0)


def amplitude_of(bare: NDArray[np.float64], inside: slice) -> tuple[NDArray[np.float64], slice]:
    """(n,) amplitude of the bare carrier at each symbol, and the symbols sent, the ramps with them."""
    amplitude = moving_average(bare, _RAMP_SPAN).clip(min=0.0)
    steady = slice(inside.start + _RAMP_SPAN, inside.stop - _RAMP_SPAN)
    amplitude[steady] = moving_average(bare[steady], _AVERAGE_SPAN).clip(min=0.0)
    # Beyond the edges another burst may be all there is: power rises within eight symbols and falls faster.
    place, mean = np.arange(len(bare)), float(np.mean(bare[steady]))
    rising = 0.7 - 0.1 * (inside.start - place)
    falling = 0.7 - 0.15 * (place - inside.stop + 1)
    most = np.where(place < inside.start, rising, np.where(place < inside.stop, 2.0, falling))
    amplitude = np.minimum(amplitude, mean * most.clip(min=0.0))
    return amplitude, slice(max(0, inside.start - 7), min(len(bare), inside.stop + 4))
