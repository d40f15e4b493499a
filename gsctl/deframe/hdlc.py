"""The HDLC receiver: soft line bits in, checked and where possible repaired frames out.

Each stream of soft bits (a branch of the receiver, a burst) has a line of its own. A line keeps
what came since the last flag, so the cut of the input does not matter and memory is bounded by
the longest frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.deframe import hdlc_kernels as kernels
from gsctl.model import ErrorEvent, SoftBits, StageCounters

# Of twelve bits that no AX.25 address has set, so many may be wrong in a frame worth repairing.
MOST_ADDRESS_FAULTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HdlcParameters:
    """What the receiver is told.

    Attributes:
        nrzi_passes: 0, 1 or 2.
        g3ruh: the line is scrambled with x^17 + x^12 + 1.
        min_bytes, max_bytes: of a frame, FCS included.
        repair: how many of the likeliest error events are tried alone, in pairs, in threes.
        need_addresses: repaired frames must begin with plausible AX.25 addresses.
    """

    nrzi_passes: int = 1
    g3ruh: bool = False
    min_bytes: int = 17
    max_bytes: int = 2048
    repair: tuple[int, int, int] = (0, 0, 0)
    need_addresses: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HdlcFrame:
    """A frame whose FCS holds.

    Attributes:
        payload: without FCS.
        start, end: sample index of the first and the last symbol between the flags.
        expected_errors: wrong line bits that the soft values would let one expect, as a share
            of all; near 0 for a frame that was heard well, above 0.1 for noise.
        corrected: line bits that were flipped to make the FCS hold.
        plausible: it begins with well-formed AX.25 addresses.
        snr_db: of the symbols, from the spread of their soft values.
    """

    payload: bytes
    start: float
    end: float
    expected_errors: float
    corrected: int
    plausible: bool
    snr_db: float


class HdlcLine:
    """One stream of soft bits being searched for frames."""

    def __init__(self, parameters: HdlcParameters, counters: StageCounters) -> None:
        self._parameters = parameters
        self._counters = counters
        self._payload = np.empty(parameters.max_bytes, np.uint8)
        # Stuffing lengthens a frame by a fifth at most.
        self._max_bits = parameters.max_bytes * 10
        self._response = _error_response(parameters)
        self._clear()

    def _clear(self) -> None:
        self._state = np.zeros(2 + 17, np.uint8)
        self._register = 0
        self._flag_seen = False
        self._bits = np.empty(0, np.uint8)
        self._values = np.empty(0, np.float32)
        self._position = np.empty(0, np.float64)
        self._events: list[ErrorEvent] = []

    def push(self, soft: SoftBits) -> Iterator[HdlcFrame]:
        """Take soft bits and give the frames that they complete."""
        if soft.restart:
            self._clear()
        new = kernels.decode_line(
            (soft.values > 0).astype(np.uint8),
            self._state,
            self._parameters.nrzi_passes,
            self._parameters.g3ruh,
        )
        ends, self._register = kernels.find_flags(new, self._register)
        kept = self._bits.size
        self._events.extend(
            ErrorEvent(cost=event.cost, symbols=tuple(index + kept for index in event.symbols))
            for event in soft.events
        )
        self._bits = np.concatenate([self._bits, new])
        self._values = np.concatenate([self._values, soft.values])
        self._position = np.concatenate([self._position, soft.position])
        begin = 0
        for end in ends + kept:
            self._counters.sync_found += 1
            if self._flag_seen:
                frame = self._segment(begin, int(end) - 7)
                if frame is not None:
                    yield frame
            self._flag_seen = True
            begin = int(end) + 1
        self._forget(begin if ends.size else 0)

    def _forget(self, begin: int) -> None:
        """Keep what follows the last flag, or enough of the end to meet the next one."""
        keep_from = begin
        if self._bits.size - begin > self._max_bits:
            keep_from = self._bits.size
            self._flag_seen = False
        if not self._flag_seen:
            keep_from = self._bits.size
        if keep_from:
            self._bits = self._bits[keep_from:].copy()
            self._values = self._values[keep_from:].copy()
            self._position = self._position[keep_from:].copy()
            self._events = [
                ErrorEvent(cost=event.cost, symbols=tuple(index - keep_from for index in event.symbols))
                for event in self._events
                if event.symbols[-1] >= keep_from
            ]

    def _segment(self, begin: int, end: int) -> HdlcFrame | None:
        if end - begin < self._parameters.min_bytes * 8 or end - begin > self._max_bits:
            return None
        bits = self._bits[begin:end]
        outcome, count = kernels.decode_segment(bits, self._payload, self._parameters.min_bytes)
        corrected = 0
        if outcome != kernels.GOOD and self._is_worth_repair(bits):
            outcome, count, corrected = self._repair(begin, end)
        if outcome != kernels.GOOD:
            self._counters.fcs_bad += outcome == kernels.BAD_FCS
            return None
        magnitude = np.abs(self._values[begin:end].astype(np.float64))
        return HdlcFrame(
            payload=self._payload[: count - 2].tobytes(),
            start=float(self._position[begin]),
            end=float(self._position[end - 1]),
            expected_errors=float(np.mean(1.0 / (1.0 + np.exp(np.minimum(magnitude, 80.0))))),
            corrected=corrected,
            plausible=bool(kernels.has_plausible_addresses(self._payload, count - 2)),
            snr_db=_snr_db(magnitude),
        )

    def _is_worth_repair(self, bits: NDArray[np.uint8]) -> bool:
        """Whether a segment may be a frame with few wrong bits; random bits hardly ever look so."""
        if not self._parameters.repair[0]:
            return False
        return not self._parameters.need_addresses or kernels.address_faults(bits) <= MOST_ADDRESS_FAULTS

    def _repair(self, begin: int, end: int) -> tuple[int, int, int]:
        symbols, starts, costs = self._cheapest_events(begin, end)
        bits = self._bits[begin:end]
        outcome, count, flips = kernels.repair_segment(
            bits,
            symbols,
            starts,
            costs,
            self._response,
            np.array(self._parameters.repair, np.int64),
            self._parameters.need_addresses,
            self._payload,
            self._parameters.min_bytes,
        )
        return outcome, count, flips

    def _cheapest_events(
        self, begin: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Symbols relative to ``begin``, where each event starts, and costs, cheapest first."""
        limit = max(self._parameters.repair)
        first = max(0, begin - kernels.HISTORY_BITS)
        events = [e for e in self._events if e.symbols[0] >= first and e.symbols[-1] < end]
        if not events:
            # Symbols err alone: those of the least magnitude are the events.
            magnitude = np.abs(self._values[first:end])
            count = min(limit, magnitude.size)
            chosen = np.argpartition(magnitude, count - 1)[:count]
            chosen = chosen[np.argsort(magnitude[chosen])]
            starts = np.arange(count + 1, dtype=np.int64)
            return chosen + (first - begin), starts, magnitude[chosen].astype(np.float64)
        events = sorted(events, key=lambda event: event.cost)[:limit]
        symbols = np.array([i - begin for e in events for i in e.symbols], np.int64)
        starts = np.cumsum([0] + [len(e.symbols) for e in events], dtype=np.int64)
        return symbols, starts, np.array([e.cost for e in events], np.float64)


def _snr_db(magnitude: NDArray[np.float64]) -> float:
    """Signal to noise ratio of two-level symbols; noise counts in both dimensions."""
    variance = float(np.var(magnitude))
    return float(10 * np.log10(np.mean(magnitude) ** 2 / (2 * variance))) if variance > 0 else 99.0


def _error_response(parameters: HdlcParameters) -> NDArray[np.int64]:
    """Which data bits one wrong line bit flips, as offsets from it."""
    impulse = np.zeros(32, np.uint8)
    clean = kernels.decode_line(impulse, np.zeros(19, np.uint8), parameters.nrzi_passes, parameters.g3ruh)
    impulse[0] = 1
    flipped = kernels.decode_line(impulse, np.zeros(19, np.uint8), parameters.nrzi_passes, parameters.g3ruh)
    return np.flatnonzero(clean != flipped).astype(np.int64)
