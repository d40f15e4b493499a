"""Frames that begin with a sync word: the part that all such framings share.

A line (one for each stream of soft bits) looks for the sync word, in either polarity, and hands the
symbols after it to the framing's ``Body`` once enough are there. It keeps the symbols that a frame
under way needs and no more. What comes out does not depend on how the input was cut.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits, bits_to_bytes, bytes_to_bits
from gsctl.coding.reed_solomon import ReedSolomon
from gsctl.deframe import DeframeOptions
from gsctl.deframe.carrier_readings import CarrierReadings
from gsctl.deframe.sync_kernels import find_sync_words
from gsctl.framing import Framing, Integrity
from gsctl.model import Frame, SoftBits, StageCounters

Soft = NDArray[np.float32]

# Share of wrong symbols, as the soft values let expect it, above which a frame with nothing but a
# 16-bit check is taken for noise. Noise gives 0.2 and more; frames without a wrong bit below 0.01.
NOISE = 0.05


class LineCode(Enum):
    """What is undone on the line before the sync word is looked for: lags that are XORed, inverted or not."""

    NRZ = ((), False)
    NRZ_I = ((1,), True)  # a zero toggles the level
    NRZ_M = ((1,), False)  # a one toggles the level (CCSDS 131.0-B 3.3.3)
    G3RUH = ((12, 17), False)
    NRZ_I_G3RUH = ((1, 12, 13, 17, 18), True)  # the product of both


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncWord:
    """What marks the start of a frame.

    Attributes:
        bits: (n,) uint8, the first sent leading.
        tolerance: wrong bits allowed.
        spacing: symbols from one bit to the next; above 1 the frame's symbols stand between them.
        either_polarity: the line may be upside down.
        in_body: the body is handed the sync word too, because it says which kind of frame follows.
    """

    bits: Bits
    tolerance: int
    spacing: int = 1
    either_polarity: bool = True
    in_body: bool = False

    @property
    def symbols(self) -> int:
        """From the first bit to the first symbol of the body; 0 where the two are interleaved."""
        return 0 if self.in_body or self.spacing > 1 else len(self.bits)


def sync_word(value: int, bit_count: int, tolerance: int) -> SyncWord:
    """A sync word of up to 64 bits, written as the number that it makes with the first bit highest."""
    bits = bytes_to_bits(value.to_bytes(8, "big"))[64 - bit_count :]
    return SyncWord(bits=bits, tolerance=tolerance)


class Refused(Enum):
    """Why symbols after a sync word are no frame."""

    CHECK = "fcs_bad"
    UNCORRECTABLE = "uncorrectable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One frame that a body found.

    Attributes:
        symbols: how many symbols after the sync word the frame takes, check included.
        first: where it begins, counted from the first symbol after the sync word.
        weak_check: nothing but a 16-bit CRC after a short sync word vouches for it.
        may_be_late: the sync word may be bits of a frame by chance, and this that frame shifted.
    """

    payload: bytes
    integrity: Integrity
    symbols: int
    corrected_errors: int = 0
    first: int = 0
    weak_check: bool = False
    may_be_late: bool = False


def corrected_block(
    code: ReedSolomon, codeword: bytes, symbols: int, *, wrong_bits: int = 0
) -> Refused | tuple[Block]:
    """The frame that a Reed-Solomon codeword is, and that nothing else vouches for.

    Args:
        codeword: message and parity; shorter than the code's is shortened.
        symbols: how many symbols after the sync word the frame takes.
        wrong_bits: errors that another code corrected before.
    """
    decoded = code.decode(codeword)
    if decoded is None:
        return Refused.UNCORRECTABLE
    block = Block(
        payload=decoded.message,
        integrity=Integrity.FEC,
        symbols=symbols,
        corrected_errors=decoded.corrected_symbols + wrong_bits,
    )
    return (block,)


class Body(Protocol):
    """What follows the sync word of a framing; see ``SyncDeframer``."""

    @property
    def syncs(self) -> Sequence[SyncWord]:
        """The sync words in use."""
        ...

    @property
    def line_code(self) -> LineCode:
        """Undone before the sync word is looked for."""
        ...

    @property
    def first_symbols(self) -> int:
        """How many symbols after the sync word the first look needs."""
        ...

    @property
    def max_symbols(self) -> int:
        """The longest frame; what asks for more is no frame."""
        ...

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """Judge the symbols after a sync word, in their right polarity.

        Args:
            soft: (n,) as many as were asked for.

        Returns:
            How many symbols are needed to say more; or why there is no frame; or the frames.
        """
        ...


class SyncDeframer:
    """Soft line bits to the frames of one framing; see ``gsctl.deframe.Deframer``."""

    def __init__(
        self, framing: Framing, body: Body, options: DeframeOptions, counters: StageCounters
    ) -> None:
        self._framing = framing
        self._body = body
        self._unchecked = options.unchecked
        self._counters = counters
        self._lines: dict[int, tuple[SyncLine, CarrierReadings]] = {}

    def push(self, soft: SoftBits) -> Iterator[Frame]:
        """Yield the frames that are complete, in the order in which they end."""
        if soft.stream not in self._lines:
            self._lines[soft.stream] = SyncLine(self._body, self._counters), CarrierReadings()
        line, readings = self._lines[soft.stream]
        readings.add(soft)
        for found in line.push(soft):
            if found.block.integrity is Integrity.UNCHECKED and not self._unchecked:
                continue
            offset_hz, snr_db = readings.between(found.start, found.end)
            yield Frame(
                payload=found.block.payload,
                framing=self._framing,
                integrity=found.block.integrity,
                sample_index=found.start,
                end_sample_index=found.end,
                symbol_rate_bd=soft.symbol_rate_bd,
                frequency_offset_hz=offset_hz,
                snr_db=found.snr_db if snr_db is None else snr_db,
                corrected_errors=found.block.corrected_errors,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A frame with its place: sample index of its first and last symbol."""

    block: Block
    start: float
    end: float
    snr_db: float


@dataclass(order=True, slots=True)
class _Candidate:
    """A sync word whose frame is not settled; they are looked at in the order in which they are complete."""

    complete: int  # index on the line after the last symbol needed
    start: int  # of the first symbol after the sync word
    upside_down: bool = field(compare=False)


class SyncLine:
    """One stream of soft bits being searched; indices count the line's symbols since its start."""

    def __init__(self, body: Body, counters: StageCounters) -> None:
        self._body = body
        self._counters = counters
        self._history = max((*body.line_code.value[0], 0))
        self._clear()

    def _clear(self) -> None:
        self._before = np.zeros(self._history, np.float32)
        self._values = np.empty(0, np.float32)
        self._position = np.empty(0, np.float64)
        self._origin = 0  # index of the first symbol kept
        self._waiting: list[_Candidate] = []
        self._given_until = 0  # end of the last frame given

    def push(self, soft: SoftBits) -> Iterator[Found]:
        """Take soft bits and give the frames that they complete."""
        if soft.restart:
            self._clear()
        new = self._decode_line(soft.values)
        looked_at = len(self._values)
        self._values = np.concatenate([self._values, new])
        self._position = np.concatenate([self._position, soft.position])
        self._search(looked_at)
        end = self._origin + len(self._values)
        while self._waiting and self._waiting[0].complete <= end:
            yield from self._look(heapq.heappop(self._waiting))
        self._forget()

    def _decode_line(self, values: Soft) -> Soft:
        lags, invert = self._body.line_code.value
        if not lags:
            return np.asarray(values, np.float32)
        line = np.concatenate([self._before, values])
        count = len(values)
        negative = np.signbit(values)
        magnitude = np.abs(values)
        for lag in lags:
            other = line[self._history - lag : self._history - lag + count]
            # An XOR of bits is as certain as the least certain of them.
            magnitude = np.minimum(magnitude, np.abs(other))
            negative = negative == np.signbit(other)
        self._before = line[count:]
        return np.where(negative != invert, -magnitude, magnitude).astype(np.float32)

    def _search(self, looked_at: int) -> None:
        bits = (self._values > 0).astype(np.uint8)
        for sync in self._body.syncs:
            starts, upside_down = find_sync_words(
                bits, looked_at, sync.bits, sync.spacing, sync.tolerance, sync.either_polarity
            )
            self._counters.sync_found += len(starts)
            for start, inverted in zip(starts.tolist(), upside_down.tolist(), strict=True):
                first = self._origin + start + sync.symbols
                complete = first + self._body.first_symbols
                heapq.heappush(self._waiting, _Candidate(complete, first, inverted))

    def _look(self, candidate: _Candidate) -> Iterator[Found]:
        begin, end = candidate.start - self._origin, candidate.complete - self._origin
        values = self._values[begin:end]
        outcome = self._body.read(-values if candidate.upside_down else values)
        if isinstance(outcome, int):
            if len(values) < outcome <= self._body.max_symbols:
                candidate.complete = candidate.start + outcome
                heapq.heappush(self._waiting, candidate)
        elif isinstance(outcome, Refused):
            self._refuse(outcome)
        else:
            for block in outcome:
                yield from self._give(block, candidate.start)

    def _refuse(self, reason: Refused) -> None:
        if reason is Refused.CHECK:
            self._counters.fcs_bad += 1
        else:
            self._counters.uncorrectable += 1

    def _give(self, block: Block, start: int) -> Iterator[Found]:
        first = start + block.first
        last = start + block.symbols - 1
        # A sync word by chance inside a frame is no second frame, if what follows would always pass.
        passes = block.integrity is Integrity.UNCHECKED or block.may_be_late
        if passes and first < self._given_until:
            return
        magnitude = np.abs(self._values[first - self._origin : last + 1 - self._origin].astype(np.float64))
        if block.weak_check and expected_errors(magnitude) > NOISE:
            self._refuse(Refused.CHECK)
            return
        self._counters.fcs_ok += block.integrity is not Integrity.UNCHECKED
        self._given_until = last + 1
        yield Found(
            block=block,
            start=float(self._position[first - self._origin]),
            end=float(self._position[last - self._origin]),
            snr_db=_snr_db(magnitude),
        )

    def _forget(self) -> None:
        """Keep what candidates need, and enough of the end to complete a sync word."""
        span = max((len(sync.bits) - 1) * sync.spacing for sync in self._body.syncs)
        keep_from = max(self._origin + len(self._values) - span, self._origin)
        keep_from = min([keep_from, *(candidate.start for candidate in self._waiting)])
        drop = keep_from - self._origin
        # Moving the rest down costs as much as it has symbols; once for many is enough.
        if drop > max(span, 1024):
            self._values = self._values[drop:].copy()
            self._position = self._position[drop:].copy()
            self._origin = keep_from


def expected_errors(magnitude: NDArray[np.float64]) -> float:
    """Share of wrong symbols that the log-likelihood ratios let expect."""
    return float(np.mean(1.0 / (1.0 + np.exp(np.minimum(magnitude, 80.0)))))


def _snr_db(magnitude: NDArray[np.float64]) -> float:
    """Signal to noise ratio of two-level symbols; noise counts in both dimensions."""
    variance = float(np.var(magnitude))
    mean = float(np.mean(magnitude))
    return 10 * float(np.log10(mean * mean / (2 * variance))) if variance > 0 and mean > 0 else 99.0


def hard_bytes(soft: Soft, first: int = 0, count: int | None = None, *, lsb_first: bool = False) -> bytes:
    """Whole bytes of hard decisions, from symbol ``first`` on; ``count`` bytes or all."""
    end = len(soft) if count is None else first + 8 * count
    return bits_to_bytes((soft[first:end] > 0).astype(np.uint8), lsb_first=lsb_first)
