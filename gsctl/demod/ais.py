"""AIS bursts of one channel from IQ: found by their training sequence, the strongest first.

A stretch of the channel that holds energy is searched for its strongest transmission; that is
received (``demod.ais_burst``), handed on and subtracted, and what remains is searched again. So a
weak burst under a strong one is heard too, which is the rule in what a satellite receives.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.ais_burst import NOISE_BANDWIDTH_HZ, BurstReceiver, ReceivedBurst
from gsctl.demod.ais_plain import Complex, PlainBurst, PlainReceiver
from gsctl.dsp.windows import FixedWindows
from gsctl.errors import UsageError
from gsctl.model import SampleBlock, SoftBits

SYMBOL_RATE_BD = 9600.0
LEAST_SAMPLE_RATE_HZ = 3.5 * SYMBOL_RATE_BD
SLOT_SYMBOLS = 256
LONGEST_SYMBOLS = 5 * SLOT_SYMBOLS

_BLOCK_SYMBOLS = 8  # power is measured so
_SMOOTH_BLOCKS = 4
_HANG_BLOCKS = 4
_STEP_BLOCKS = 128  # 0.1 s
# Times the floor, of 32 symbols in 3 symbol rates of noise: chance passes 1.5 once in minutes; a
# burst at Eb/N0 of 3 dB has 1.6.
_ON = 1.45
_FLOOR_QUANTILE = 0.1
_FLOOR_BIAS = 0.87
_GAP_QUANTILE = 0.02
_GAP_BIAS = 0.62
_FLOOR_STEPS = 30
_STRETCH_BLOCKS = 10 * SLOT_SYMBOLS // _BLOCK_SYMBOLS
_MARGIN_BLOCKS = 6
# What subtraction leaves of a burst, and what its edges do, is not taken for another burst.
_LEFT_OVER = 0.015
_EDGE_BLOCKS = 1
_EDGE_SYMBOLS = 5
_NOTICED = 0.12  # amplitude ratio, -18 dB
_STRONGEST_BLOCKS = 16  # searched for a carrier


class AisBurstDemodulator:
    """Demodulates GMSK bursts of 9600 Bd that begin as AIS transmissions do (M.1371-5, annex 2).

    The soft bits of each burst begin with ``restart``; ``frequency_offset_hz`` counts from the
    middle of the channel. A burst may be off by 5.2 kHz.
    """

    def __init__(self, effort: Effort = Effort.NORMAL) -> None:
        self._effort = effort
        self._windows: FixedWindows | None = None

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take complex64 samples, 3.5 to 8 a symbol, and give the soft bits they complete.

        Raises:
            UsageError: the sample rate is too low.
        """
        if self._windows is None:
            self._set_up(block.sample_rate_hz)
        assert self._windows is not None
        for window in self._windows.push(block):
            yield from self._step(window.samples, window.start_sample, window.restart, window.valid)

    def finish(self) -> Iterator[SoftBits]:
        """Give what was still held back; the demodulator is then as new."""
        if self._windows is None:
            return
        for window in self._windows.finish():
            yield from self._step(window.samples, window.start_sample, window.restart, window.valid)
        yield from self._close()
        self._windows = None

    def _set_up(self, sample_rate_hz: float) -> None:
        if sample_rate_hz < LEAST_SAMPLE_RATE_HZ:
            raise UsageError(
                f"{sample_rate_hz:g} samples/s are too few for an AIS channel",
                advice=f"use at least {LEAST_SAMPLE_RATE_HZ:g}",
            )
        self._receiver = BurstReceiver(sample_rate_hz, self._effort)
        self._plain = PlainReceiver(sample_rate_hz, self._effort, NOISE_BANDWIDTH_HZ)
        self._block = round(_BLOCK_SYMBOLS * sample_rate_hz / SYMBOL_RATE_BD)
        self._windows = FixedWindows(_STEP_BLOCKS * self._block)
        self._history: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        self._floor = 0.0
        # Where bursts lie that were handed on and not subtracted, samples of the channel.
        self._taken: list[tuple[float, float]] = []
        self._forget(0)

    def _forget(self, start: int) -> None:
        """Begin anew at sample ``start``: nothing before is connected to it."""
        self._samples = np.zeros(0, np.complex64)
        self._power = np.zeros(0, np.float32)
        self._start = start

    def _step(
        self, samples: NDArray[np.complex64], start: int, restart: bool, valid: int
    ) -> Iterator[SoftBits]:
        if restart:
            yield from self._close()
            self._forget(start)
        self._samples = np.concatenate((self._samples, samples[:valid]))
        power = block_power(samples[: valid // self._block * self._block], self._block)
        self._power = np.concatenate((self._power, power))
        self._learn(power)
        yield from self._search(final=False)

    def _close(self) -> Iterator[SoftBits]:
        yield from self._search(final=True)
        self._forget(self._start + self._samples.size)

    def _learn(self, power: NDArray[np.float32]) -> None:
        """The noise floor: low quantiles of the last three seconds, since channels are busy.

        Where every slot is used only the sixteen symbols between bursts tell it: single blocks do, of
        which a lower quantile is taken.
        """
        if power.size < _SMOOTH_BLOCKS:
            return
        self._history.append((power, smooth(power)))
        del self._history[:-_FLOOR_STEPS]
        single = np.concatenate([one for one, _ in self._history])
        level = np.concatenate([one for _, one in self._history])
        lowest = min(
            _quantile(level, _FLOOR_QUANTILE) / _FLOOR_BIAS, _quantile(single, _GAP_QUANTILE) / _GAP_BIAS
        )
        # Digital silence has no floor.
        self._floor = max(lowest, 1e-9 * float(level.max()), 1e-30)

    def _search(self, *, final: bool) -> Iterator[SoftBits]:
        """Receive the stretches that are complete, and drop what nobody needs any more."""
        done = 0
        if self._power.size >= _SMOOTH_BLOCKS:
            on = np.flatnonzero(smooth(self._power) > _ON * self._floor)
            # ``on`` tells the first of the blocks averaged.
            count = self._power.size
            for first, last in _runs(on, _HANG_BLOCKS + _SMOOTH_BLOCKS):
                end = last + _SMOOTH_BLOCKS + _MARGIN_BLOCKS
                complete = final or end + _HANG_BLOCKS < count
                begin = max(first - _MARGIN_BLOCKS, 0)
                while min(end, count) - begin >= _STRETCH_BLOCKS and not (
                    complete and end - begin < 2 * _STRETCH_BLOCKS
                ):
                    # Too long to wait for its end: what begins in its first half is complete.
                    yield from self._receive(begin, begin + _STRETCH_BLOCKS, _STRETCH_BLOCKS // 2)
                    begin += _STRETCH_BLOCKS // 2
                if not complete:
                    done = begin
                    break
                yield from self._receive(begin, min(end, count), None)
            else:
                done = max(count - _MARGIN_BLOCKS - _SMOOTH_BLOCKS, 0)
        if done > 0:
            self._samples = self._samples[done * self._block :]
            self._power = self._power[done:]
            self._start += done * self._block

    def _receive(self, begin: int, end: int, sure: int | None) -> Iterator[SoftBits]:
        """Receive what lies in a stretch of blocks, the strongest first.

        Args:
            sure: blocks of it in which a burst may begin; None where the stretch is complete.
        """
        size = self._block
        first = begin * size
        # The last block may not be whole.
        piece = self._samples[first : end * size if end < self._power.size else None]
        origin = self._start + first
        plain = self._take_plain(piece, origin, None if sure is None else sure * size)
        for one in plain:
            yield one.soft_bits(origin)
        done = np.zeros(end - begin, bool)
        for low, high in self._taken:
            done[max(int((low - origin) / size) - 1, 0) : max(int((high - origin) / size) + 2, 0)] = True
        level = smooth(np.where(done, 0.0, block_power(piece[: (end - begin) * size], size)))
        if level.size and float(level[:sure].max()) > _ON * self._floor:
            yield from self._receive_rest(piece, origin, sure, plain)

    def _take_plain(self, piece: Complex, origin: int, sure: int | None) -> list[PlainBurst]:
        self._taken = [(low, high) for low, high in self._taken if high > origin]
        taken = [(low - origin, high - origin) for low, high in self._taken]
        plain = self._plain.receive(piece, piece.size if sure is None else sure, self._floor, taken)
        self._taken += [(one.begin + origin, one.end + origin) for one in plain if one.alone]
        return plain

    def _receive_rest(
        self, piece: Complex, origin: int, sure: int | None, plain: list[PlainBurst]
    ) -> Iterator[SoftBits]:
        """Receive what is left in a piece beside its plain bursts, the strongest first."""
        size = self._block
        count = piece.size // size
        # What subtraction may have left inside of bursts, and what their edges have left, by block.
        left, edges = np.zeros((2, count), np.float32)
        searched = np.zeros(count, bool)
        found: list[ReceivedBurst] = []
        for one in plain:
            burst = one.received()
            power = block_power(piece, size)
            self._receiver.take_off(piece, burst)
            _leave(left, edges, power, burst, size)
            found.append(burst)
        attempts = 3 + 3 * count * _BLOCK_SYMBOLS // SLOT_SYMBOLS
        for _ in range(attempts):
            power = block_power(piece, size)
            level = smooth(np.where(searched, 0.0, np.maximum(power - left - edges, 0.0)))[:sure]
            if level.size == 0 or float(level.max()) < _ON * self._floor:
                break
            strongest = _strongest(level)
            burden = np.zeros(piece.size, np.float32)
            burden[: left.size * size] = np.repeat(left, size)
            heard = self._receiver.receive(
                piece, burden, strongest * size, (strongest + _STRONGEST_BLOCKS) * size, self._floor
            )
            if heard is None:
                searched[strongest : strongest + _STRONGEST_BLOCKS] = True
                continue
            _leave(left, edges, power, heard, size)
            found.append(heard)
            if self._effort is not Effort.FAST:
                self._part(piece, found)
        for burst in _doubting(found, size)[len(plain) :]:
            if sure is None or burst.begin <= sure * size or burst.end < piece.size - 2 * size:
                yield burst.soft_bits(origin)
            else:
                # It goes on behind the piece, and the next one holds all of it.
                self._receiver.restore(piece, burst)

    def _part(self, piece: NDArray[np.complex64], found: list[ReceivedBurst]) -> None:
        """Receive the bursts anew that overlap the last one: each was decided with others in its way."""
        last = found[-1]
        overlapping = [i for i, burst in enumerate(found[:-1]) if _disturb(burst, last)]
        for i in 2 * [*overlapping, len(found) - 1] if overlapping else ():
            self._receiver.restore(piece, found[i])
            found[i] = self._receiver.again(piece, found[i]) or found[i]


def block_power(samples: NDArray[np.complex64], size: int) -> NDArray[np.float32]:
    """Mean power of blocks of ``size`` samples; a rest is left out."""
    whole = samples[: samples.size // size * size].view(np.float32).reshape(-1, 2 * size)
    mean: NDArray[np.float32] = np.einsum("ij,ij->i", whole, whole) / np.float32(size)
    return mean


def smooth(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of each value and the three after it; three fewer values."""
    total = power[: 1 - _SMOOTH_BLOCKS].copy()
    for shift in range(1, _SMOOTH_BLOCKS):
        total += power[shift : power.size - _SMOOTH_BLOCKS + 1 + shift]
    total *= np.float32(1.0 / _SMOOTH_BLOCKS)
    return total


def _quantile(values: NDArray[np.float32], share: float) -> float:
    rank = int(share * values.size)
    return float(np.partition(values, rank)[rank])


def _runs(places: NDArray[np.intp], gap: int) -> list[tuple[int, int]]:
    """First and last of each run of places that are less than ``gap`` apart."""
    if not places.size:
        return []
    breaks = np.flatnonzero(np.diff(places) >= gap)
    firsts = np.concatenate((places[:1], places[breaks + 1]))
    lasts = np.concatenate((places[breaks], places[-1:]))
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def _strongest(level: NDArray[np.float32]) -> int:
    """Where the ``_STRONGEST_BLOCKS`` blocks of most power begin, around the strongest of all."""
    span = min(_STRONGEST_BLOCKS - _SMOOTH_BLOCKS + 1, level.size)
    total = np.concatenate((np.zeros(1), np.cumsum(level, dtype=np.float64)))
    return int(np.argmax(total[span:] - total[:-span]))


def _doubting(found: list[ReceivedBurst], size: int) -> list[ReceivedBurst]:
    """The same bursts, uncertain where a stronger one rose or fell: no model of a ramp is exact."""
    reach = _EDGE_SYMBOLS * size / _BLOCK_SYMBOLS
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


def _leave(
    left: NDArray[np.float32],
    edges: NDArray[np.float32],
    power: NDArray[np.float32],
    burst: ReceivedBurst,
    size: int,
) -> None:
    """Note what a burst that was subtracted may have left of the power in each block."""
    first, last = int(burst.begin / size), int(burst.end / size) + 1
    inside = slice(max(first, 0), last)
    left[inside] = np.maximum(left[inside], _LEFT_OVER * power[inside])
    for edge in (first, last):
        near = slice(max(edge - _EDGE_BLOCKS, 0), max(edge + _EDGE_BLOCKS, 0))
        edges[near] = np.maximum(edges[near], power[near])
