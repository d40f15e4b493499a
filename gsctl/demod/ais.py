"""AIS bursts of one channel from IQ: found by their training sequence, the strongest first.

In a stretch of the channel that holds energy the bursts that lie alone are received first
(``demod.ais_plain``). Where energy is left they are subtracted, and the rest is searched for its
strongest transmission, which is received and subtracted, and so on (``demod.ais_overlaps``). So a weak
burst under a strong one is heard too, which is the rule in what a satellite receives.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.ais_burst import NOISE_BANDWIDTH_HZ, BurstReceiver
from gsctl.demod.ais_overlaps import SLOT_SYMBOLS, OverlapReceiver
from gsctl.demod.ais_plain import Complex, PlainBurst, PlainReceiver
from gsctl.demod.ais_power import BLOCK_SYMBOLS, ON, SMOOTH_BLOCKS, PowerFloor, block_power, smooth
from gsctl.dsp.windows import FixedWindows, within_reason
from gsctl.errors import UsageError
from gsctl.model import SampleBlock, SoftBits

SYMBOL_RATE_BD = 9600.0
LEAST_SAMPLE_RATE_HZ = 3.5 * SYMBOL_RATE_BD
_HANG_BLOCKS = 4
_STEP_BLOCKS = 128  # 0.1 s
_STRETCH_BLOCKS = 10 * SLOT_SYMBOLS // BLOCK_SYMBOLS
_MARGIN_BLOCKS = 6
# Attempts a second at what gives no message at once: no burst, or one that needs repair.
_FAILURES_S = {Effort.FAST: 20.0, Effort.NORMAL: 60.0, Effort.DEEP: None}


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
        self._rate_hz = sample_rate_hz
        receiver = BurstReceiver(sample_rate_hz, self._effort)
        self._plain = PlainReceiver(sample_rate_hz, self._effort, NOISE_BANDWIDTH_HZ)
        self._block = round(BLOCK_SYMBOLS * sample_rate_hz / SYMBOL_RATE_BD)
        self._windows = FixedWindows(_STEP_BLOCKS * self._block)
        self._overlaps = OverlapReceiver(
            receiver,
            self._plain,
            self._effort,
            self._block,
            _FAILURES_S[self._effort],
            sample_rate_hz / SYMBOL_RATE_BD,
        )
        self._floor = PowerFloor()
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
        samples = within_reason(samples)
        self._samples = np.concatenate((self._samples, samples[:valid]))
        power = block_power(samples[: valid // self._block * self._block], self._block)
        self._power = np.concatenate((self._power, power))
        self._floor.learn(power)
        self._overlaps.wait(valid / self._rate_hz)
        yield from self._search(final=False)

    def _close(self) -> Iterator[SoftBits]:
        yield from self._search(final=True)
        self._forget(self._start + self._samples.size)

    def _search(self, *, final: bool) -> Iterator[SoftBits]:
        """Receive the stretches that are complete, and drop what nobody needs any more."""
        done = 0
        if self._power.size >= SMOOTH_BLOCKS:
            on = np.flatnonzero(smooth(self._power) > ON * self._floor.level)
            # ``on`` tells the first of the blocks averaged.
            count = self._power.size
            for first, last in _runs(on, _HANG_BLOCKS + SMOOTH_BLOCKS):
                end = last + SMOOTH_BLOCKS + _MARGIN_BLOCKS
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
                done = max(count - _MARGIN_BLOCKS - SMOOTH_BLOCKS, 0)
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
        self._taken = [(low, high) for low, high in self._taken if high > origin]
        taken = [(low - origin, high - origin) for low, high in self._taken]
        limit = None if sure is None else sure * size
        plain = self._plain.receive(piece, limit or piece.size, self._floor.level, taken)
        self._taken += [(one.begin + origin, one.end + origin) for one in plain if one.alone]
        for one in plain:
            yield one.soft_bits(origin)
        done = np.zeros(end - begin, bool)
        for low, high in self._taken:
            done[max(int((low - origin) / size) - 1, 0) : max(int((high - origin) / size) + 2, 0)] = True
        level = smooth(np.where(done, np.float32(0.0), block_power(piece[: (end - begin) * size], size)))
        if level.size and float(level[:sure].max()) > ON * self._floor.level:
            yield from self._receive_rest(piece, origin, limit, plain, taken)

    def _receive_rest(
        self,
        piece: Complex,
        origin: int,
        limit: int | None,
        plain: list[PlainBurst],
        taken: list[tuple[float, float]],
    ) -> Iterator[SoftBits]:
        """Receive what is left in a piece beside its plain bursts."""
        bursts = self._overlaps.receive(piece, plain, self._floor.level, limit, taken)
        for burst in bursts[len(plain) :]:
            if limit is None or burst.begin <= limit or burst.end < piece.size - 2 * self._block:
                yield burst.soft_bits(origin)
            else:
                # It goes on behind the piece, and the next one holds all of it.
                self._overlaps.restore(piece, burst)


def _runs(places: NDArray[np.intp], gap: int) -> list[tuple[int, int]]:
    """First and last of each run of places that are less than ``gap`` apart."""
    if not places.size:
        return []
    breaks = np.flatnonzero(np.diff(places) >= gap)
    firsts = np.concatenate((places[:1], places[breaks + 1]))
    lasts = np.concatenate((places[breaks], places[-1:]))
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]
