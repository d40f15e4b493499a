"""AIS bursts that overlap, or are too weak for one pass: the strongest first, each subtracted.

What remains when a burst is taken off is searched again; bursts that overlap are received anew when
both are known, since each was decided with the other in its way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.coding import hdlc_burst_kernels
from gsctl.demod import Effort
from gsctl.demod.ais_burst import BurstReceiver, ReceivedBurst
from gsctl.demod.ais_estimates import LEAD_SYMBOLS
from gsctl.demod.ais_plain import MAX_BYTES, MIN_BYTES, PlainBurst, PlainReceiver
from gsctl.demod.ais_power import BLOCK_SYMBOLS, ON, SMOOTH_BLOCKS, block_power, smooth

Complex = NDArray[np.complex64]

SLOT_SYMBOLS = 256
# What subtraction leaves of a burst, and what its edges do, is not taken for another burst.
_LEFT_OVER = 0.015
_EDGE_BLOCKS = 1
_EDGE_SYMBOLS = 5
_NOTICED = 0.12  # amplitude ratio, -18 dB
_STRONGEST_BLOCKS = 16  # searched for a carrier
_SAME_SYMBOLS = 6  # what begins so near to a burst is what was left of it
_PASSES = 4
_CLOSED = 30.0  # no coherence is left under so many times the power


class OverlapReceiver:
    """Receives what is left of a piece of a channel beside the bursts that lie alone.

    Args:
        block: samples of a block of power.
        failures_s: attempts a second of signal that may give no message at once, so that whatever
            else is on the channel costs a bounded time; None does not bound them.
    """

    def __init__(
        self,
        receiver: BurstReceiver,
        plain: PlainReceiver,
        effort: Effort,
        block: int,
        failures_s: float | None,
        samples_per_symbol: float,
    ) -> None:
        self._receiver = receiver
        self._plain = plain
        self._fast = effort is Effort.FAST
        self._block = block
        self._failures_s = failures_s
        self._sps = samples_per_symbol
        self._patience = failures_s or 0.0
        self._payload = np.empty(MAX_BYTES, np.uint8)

    def wait(self, seconds: float) -> None:
        """So much more signal has come."""
        if self._failures_s is not None:
            self._patience = min(self._patience + seconds * self._failures_s, self._failures_s)

    def receive(
        self,
        piece: Complex,
        alone: Sequence[PlainBurst],
        floor: float,
        sure: int | None,
        taken: Sequence[tuple[float, float]] = (),
    ) -> list[ReceivedBurst]:
        """Receive the rest of a piece; everything received is subtracted from it.

        Args:
            piece: (n,) changed in place.
            alone: bursts received from it and not yet subtracted.
            floor: noise power.
            sure: samples in which a burst may begin; None is all.
            taken: where other bursts lie that were received before and not subtracted.

        Returns:
            All bursts, those given first, in the order in which they were received.
        """
        left = _LeftOver(piece.size // self._block, self._block)
        for begin, end in taken:
            left.close(block_power(piece, self._block), begin, end)
        found: list[ReceivedBurst] = []
        for one in alone:
            self._take_off(piece, one, found, left)
        for _ in range(_PASSES):
            places = [burst.made.start + LEAD_SYMBOLS * self._sps for burst in found]
            reach = _SAME_SYMBOLS * self._sps
            around = [*taken, *((place - reach, place + reach) for place in places)]
            more = self._plain.receive(piece, piece.size if sure is None else sure, floor, around)
            busy = 0.0
            for one in more:
                # Of two that overlap the second is better received when the first is off.
                if one.begin >= busy:
                    self._take_off(piece, one, found, left)
                    self._part(piece, found)
                    busy = one.end
            if not more:
                break
        self._strongest_first(piece, found, left, floor, sure)
        return _doubting(found, self._block)

    def restore(self, piece: Complex, burst: ReceivedBurst) -> None:
        """Put a burst back that was subtracted from this piece."""
        self._receiver.restore(piece, burst)

    def _take_off(self, piece: Complex, one: PlainBurst, found: list[ReceivedBurst], left: _LeftOver) -> None:
        power = block_power(piece, self._block)
        burst = one.received()
        self._receiver.take_off(piece, burst)
        if not one.alone and not self._fast:
            # How well it is taken off decides about what is under it.
            self._receiver.restore(piece, burst)
            burst = self._receiver.again(piece, burst) or burst
        left.note(power, burst)
        found.append(burst)

    def _strongest_first(
        self, piece: Complex, found: list[ReceivedBurst], left: _LeftOver, floor: float, sure: int | None
    ) -> None:
        size = self._block
        blocks = None if sure is None else sure // size
        attempts = 3 + 3 * (piece.size // size) * BLOCK_SYMBOLS // SLOT_SYMBOLS
        for _ in range(attempts):
            power = block_power(piece, size)
            level = left.beyond(power)[:blocks]
            if level.size == 0 or float(level.max()) < ON * floor:
                break
            if self._failures_s is not None and self._patience < 1.0:
                break
            strongest = _strongest(level)
            low, high = strongest * size, (strongest + _STRONGEST_BLOCKS) * size
            heard = self._receiver.receive(piece, left.burden(piece.size), low, high, floor)
            if heard is None or not self._is_read(heard):
                self._patience -= 1.0
            if heard is None:
                left.searched[strongest : strongest + _STRONGEST_BLOCKS] = True
                continue
            left.note(power, heard)
            found.append(heard)
            self._part(piece, found)

    def _is_read(self, burst: ReceivedBurst) -> bool:
        """Whether it holds a frame that needs no repair."""
        line = (burst.values > 0).view(np.uint8)
        return bool(hdlc_burst_kernels.find_frame(line, self._payload, MIN_BYTES)[2])

    def _part(self, piece: Complex, found: list[ReceivedBurst]) -> None:
        """Receive the bursts anew that overlap the last one: each was decided with others in its way."""
        if self._fast:
            return
        last = found[-1]
        overlapping = [i for i, burst in enumerate(found[:-1]) if _disturb(burst, last)]
        for i in 2 * [*overlapping, len(found) - 1] if overlapping else ():
            self._receiver.restore(piece, found[i])
            found[i] = self._receiver.again(piece, found[i]) or found[i]


class _LeftOver:
    """What bursts that were subtracted may have left of the power, block by block."""

    def __init__(self, count: int, size: int) -> None:
        self._size = size
        self._inside, self._edges = np.zeros((2, count), np.float32)
        self.searched = np.zeros(count, bool)

    def note(self, power: NDArray[np.float32], burst: ReceivedBurst) -> None:
        """Take notice of a burst; ``power`` is that of the blocks before it was subtracted."""
        first, last = int(burst.begin / self._size), int(burst.end / self._size) + 1
        inside = slice(max(first, 0), last)
        self._inside[inside] = np.maximum(self._inside[inside], _LEFT_OVER * power[inside])
        for edge in (first, last):
            near = slice(max(edge - _EDGE_BLOCKS, 0), max(edge + _EDGE_BLOCKS, 0))
            self._edges[near] = np.maximum(self._edges[near], power[near])

    def close(self, power: NDArray[np.float32], begin: float, end: float) -> None:
        """Leave out what lies between two samples: a burst that was handed on and not subtracted."""
        blocks = slice(max(int(begin / self._size) - 1, 0), max(int(end / self._size) + 2, 0))
        self.searched[blocks] = True
        self._inside[blocks] = _CLOSED * power[blocks]

    def beyond(self, power: NDArray[np.float32]) -> NDArray[np.float32]:
        """Smoothed power that none of them explains, where nothing was searched in vain."""
        rest = np.maximum(power - self._inside - self._edges, 0.0)
        return smooth(np.where(self.searched, np.float32(0.0), rest))

    def burden(self, count: int) -> NDArray[np.float32]:
        """(count,) power of each sample that is not to be believed."""
        burden = np.zeros(count, np.float32)
        burden[: self._inside.size * self._size] = np.repeat(self._inside, self._size)
        return burden


def _strongest(level: NDArray[np.float32]) -> int:
    """Where the ``_STRONGEST_BLOCKS`` blocks of most power begin, around the strongest of all."""
    span = min(_STRONGEST_BLOCKS - SMOOTH_BLOCKS + 1, level.size)
    total = np.concatenate((np.zeros(1), np.cumsum(level, dtype=np.float64)))
    return int(np.argmax(total[span:] - total[:-span]))


def _doubting(found: list[ReceivedBurst], size: int) -> list[ReceivedBurst]:
    """The same bursts, uncertain where a stronger one rose or fell: no model of a ramp is exact."""
    reach = _EDGE_SYMBOLS * size / BLOCK_SYMBOLS
    doubting = []
    for one in found:
        burst = one
        for other in found:
            if other is not one and other.level > one.level:
                burst = burst.doubting(other.begin - 2 * reach, other.begin + reach)
                burst = burst.doubting(other.end - reach, other.end + reach)
        doubting.append(burst)
    return doubting


def _disturb(one: ReceivedBurst, other: ReceivedBurst) -> bool:
    """Whether two bursts overlap and neither is so weak that the other does not notice."""
    overlap = min(one.end, other.end) - max(one.begin, other.begin)
    ratio = min(one.level, other.level) / max(one.level, other.level)
    return overlap > 0 and ratio > _NOTICED
