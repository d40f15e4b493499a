"""The HDLC receiver: soft line bits in, checked and where possible repaired frames out.

Each stream of soft bits (a branch of the receiver, a burst) has a line of its own. A line keeps
what came since the last flag, so the cut of the input does not matter and memory is bounded by
the longest frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from gsctl.deframe import hdlc_kernels as kernels
from gsctl.framing import Framing, Integrity
from gsctl.model import ErrorEvent, Frame, SoftBits, StageCounters

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
        most_doubt: greatest chance that a repaired frame is a chance match of its FCS; None does not
            ask. See ``most_repair_cost``.
    """

    nrzi_passes: int = 1
    g3ruh: bool = False
    min_bytes: int = 17
    max_bytes: int = 2048
    repair: tuple[int, int, int] = (0, 0, 0)
    need_addresses: bool = True
    most_doubt: float | None = None


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
        framed: two flags in a row came before it, and no abort since; chance makes few of these.
        snr_db: of the symbols, from the spread of their soft values.
    """

    payload: bytes
    start: float
    end: float
    expected_errors: float
    corrected: int
    plausible: bool
    framed: bool
    snr_db: float

    def as_frame(self, framing: Framing, soft: SoftBits) -> Frame:
        """The frame with what is known of the soft bits in which it ended."""
        return Frame(
            payload=self.payload,
            framing=framing,
            integrity=Integrity.CRC_CORRECTED if self.corrected else Integrity.CRC,
            sample_index=self.start,
            end_sample_index=self.end,
            symbol_rate_bd=soft.symbol_rate_bd,
            frequency_offset_hz=soft.frequency_offset_hz,
            snr_db=self.snr_db if soft.snr_db is None else soft.snr_db,
            level_dbfs=soft.level_dbfs,
            corrected_errors=self.corrected,
        )


def most_repair_cost(most_doubt: float, costs: NDArray[np.float64]) -> float:
    """The greatest cost (loss of log-likelihood) at which a combination of errors is believed.

    Each doubtful decision i, of cost c_i, is wrong with probability 1 / (1 + exp(c_i)). So nothing
    but a combination S is wrong with probability P(S) = exp(-cost(S) - L), where
    L = sum log(1 + exp(-c_i)) is about the number of errors to be expected. If the truth is not
    among the combinations tried, each passes a 16-bit check with probability 2^-16. By Bayes' rule
    a combination that passed is a chance match with probability d, at most, where

        cost(S) + L <= 16 log 2 + log(d / (1 - d)).

    As the P(S) add up to one at most, fewer than 65536 d / (1 - d) combinations lie below this
    cost, however many were tried: a frame beyond repair becomes a false one with probability below
    d. Noise has more than 14 errors to expect in the shortest frame, and is never repaired.

    Args:
        most_doubt: d, 0 < d < 1.
        costs: (n,) of all doubtful decisions in the frame, tried or not.
    """
    expected = float(np.sum(np.log1p(np.exp(-costs))))
    return 16 * log(2) + log(most_doubt / (1 - most_doubt)) - expected


class HdlcLine:
    """One stream of soft bits being searched for frames."""

    def __init__(self, parameters: HdlcParameters, counters: StageCounters) -> None:
        self._parameters = parameters
        self._counters = counters
        self._payload = np.empty(parameters.max_bytes, np.uint8)
        # Stuffing lengthens a frame by a fifth at most.
        self._max_bits = parameters.max_bytes * 10
        self._response = _error_response(parameters, inverts=False)
        self._step_response = _error_response(parameters, inverts=True)
        self._clear()

    def _clear(self) -> None:
        self._state = np.zeros(2 + 17, np.uint8)
        self._register = 0
        self._flag_seen = False
        self._framed = False
        self._bits = np.empty(0, np.uint8)
        self._values = np.empty(0, np.float32)
        self._position = np.empty(0, np.float64)
        # Events as they came, with where their symbol 0 lies in ``_bits`` and how many they cover.
        self._events: list[tuple[int, int, tuple[ErrorEvent, ...]]] = []
        self._begin = 0  # of the segment under way

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
        if soft.events:
            self._events.append((kept, new.size, soft.events))
        self._bits = np.concatenate([self._bits, new])
        self._values = np.concatenate([self._values, soft.values])
        self._position = np.concatenate([self._position, soft.position])
        self._counters.sync_found += ends.size
        least_bits = self._parameters.min_bytes * 8
        begin = self._begin
        for end in (ends + kept).tolist():
            if self._flag_seen:
                # Two flags in a row may share a zero.
                self._framed |= end - begin < 8
                if least_bits <= end - 7 - begin <= self._max_bits:
                    frame = self._segment(begin, end - 7)
                    if frame is not None:
                        yield frame
            self._flag_seen = True
            begin = end + 1
        self._forget(begin)

    def _forget(self, begin: int) -> None:
        """Keep what follows the last flag, and what was before it as far as a repair reaches."""
        if not self._flag_seen or self._bits.size - begin > self._max_bits:
            self._flag_seen = self._framed = False
            begin = self._bits.size
        keep_from = max(0, begin - kernels.HISTORY_BITS)
        self._begin = begin - keep_from
        if keep_from:
            self._bits = self._bits[keep_from:].copy()
            self._values = self._values[keep_from:].copy()
            self._position = self._position[keep_from:].copy()
            self._events = [
                (place - keep_from, count, events)
                for place, count, events in self._events
                if place + count > keep_from
            ]

    def _segment(self, begin: int, end: int) -> HdlcFrame | None:
        bits = self._bits[begin:end]
        outcome, count = kernels.decode_segment(bits, self._payload, self._parameters.min_bytes)
        framed, corrected = self._framed, 0
        self._framed &= count > 0  # an abort ends it
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
            framed=framed,
            snr_db=_snr_db(magnitude),
        )

    def _is_worth_repair(self, bits: NDArray[np.uint8]) -> bool:
        """Whether a segment may be a frame with few wrong bits; random bits hardly ever look so."""
        if not self._parameters.repair[0]:
            return False
        return not self._parameters.need_addresses or kernels.address_faults(bits) <= MOST_ADDRESS_FAULTS

    def _repair(self, begin: int, end: int) -> tuple[int, int, int]:
        """Outcome, bytes and flipped line bits of the likeliest combination that passes."""
        most_cost = inf
        events = self._events_in(begin, end)
        if self._parameters.most_doubt is not None:
            most_cost = most_repair_cost(self._parameters.most_doubt, self._doubts(events, begin, end))
            if most_cost <= 0:
                return kernels.BAD_FCS, 0, 0
        events = self._cheapest(events, begin, end)
        outcome, count, flips = kernels.repair_segment(
            self._bits[begin:end],
            np.array([index for event in events for index in event.symbols], np.int64),
            np.cumsum([0] + [len(event.symbols) for event in events], dtype=np.int64),
            np.array([event.cost for event in events], np.float64),
            np.array([event.inverts for event in events], np.bool_),
            self._response,
            self._step_response,
            np.array(self._parameters.repair, np.int64),
            self._parameters.need_addresses,
            self._payload,
            self._parameters.min_bytes,
            most_cost,
        )
        return outcome, count, flips

    def _events_in(self, begin: int, end: int) -> list[ErrorEvent]:
        """The events that reach into a segment, their symbols relative to ``begin``."""
        first = max(0, begin - kernels.HISTORY_BITS)
        return [
            replace(event, symbols=tuple(place + index - begin for index in event.symbols))
            for place, _, events in self._events
            for event in events
            if place + event.symbols[0] >= first and place + event.symbols[-1] < end
        ]

    def _doubts(self, events: list[ErrorEvent], begin: int, end: int) -> NDArray[np.float64]:
        """Costs of the doubtful decisions of a segment: the events', or each symbol's own."""
        costs = np.array([event.cost for event in events], np.float64)
        if not all(event.inverts for event in events):
            return costs
        return np.concatenate([np.abs(self._values[begin:end].astype(np.float64)), costs])

    def _cheapest(self, events: list[ErrorEvent], begin: int, end: int) -> list[ErrorEvent]:
        """The events to try, cheapest first."""
        limit = max(self._parameters.repair)
        if all(event.inverts for event in events):
            events = [*events, *self._doubtful_symbols(begin, end, limit)]
        return sorted(events, key=lambda event: event.cost)[:limit]

    def _doubtful_symbols(self, begin: int, end: int, limit: int) -> list[ErrorEvent]:
        """Where a detector names no events symbols err alone: those of the least magnitude."""
        first = max(0, begin - kernels.HISTORY_BITS)
        magnitude = np.abs(self._values[first:end])
        count = min(limit, magnitude.size)
        chosen = np.argpartition(magnitude, count - 1)[:count]
        return [ErrorEvent(cost=float(magnitude[i]), symbols=(int(i) + first - begin,)) for i in chosen]


def _snr_db(magnitude: NDArray[np.float64]) -> float:
    """Signal to noise ratio of two-level symbols; noise counts in both dimensions.

    A log-likelihood ratio is 4 times the ratio on average. A detector that bounds its ratios hides
    a strong signal so; then the spread of the values tells, which suffers while their scale settles.
    """
    mean, variance = float(np.mean(magnitude)), float(np.var(magnitude))
    by_spread = mean**2 / (2 * variance) if variance > 0 else 10**9.9
    return float(10 * np.log10(max(mean / 4, by_spread, 1e-9)))


def _error_response(parameters: HdlcParameters, *, inverts: bool) -> NDArray[np.int64]:
    """Which data bits one wrong line bit flips, as offsets from it; ``inverts``: with all behind it."""
    line = np.zeros(32, np.uint8)
    clean = kernels.decode_line(line, np.zeros(19, np.uint8), parameters.nrzi_passes, parameters.g3ruh)
    line[: line.size if inverts else 1] = 1
    flipped = kernels.decode_line(line, np.zeros(19, np.uint8), parameters.nrzi_passes, parameters.g3ruh)
    return np.flatnonzero(clean != flipped).astype(np.int64)
