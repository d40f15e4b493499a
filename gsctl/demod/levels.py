"""Two-level symbols from real signals: the part that FM audio and audio tones have in common.

Neither the height of the signal nor its middle is known, and they change at the start of a burst.
So a handful of branches with different filters and speeds listen at once; a frame that any of
them gets is a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.dsp.symbol_loops import LevelGains, LevelLoop, Symbols
from gsctl.dsp.windows import FixedWindows, Window, within_reason
from gsctl.errors import RecordingError
from gsctl.model import SampleBlock, SoftBits

WINDOW_S = 0.2
END_SYMBOLS = 4

SLOW = LevelGains(timing=0.02, rate=0.0002, level=0.01)
QUICK = LevelGains(timing=0.06, rate=0.001, level=0.04)
HASTY = LevelGains(timing=0.15, rate=0.004, level=0.04)
LAZY = LevelGains(timing=0.06, rate=0.001, level=0.005)
SPEEDS = {
    Effort.FAST: (QUICK,),
    Effort.NORMAL: (SLOW, QUICK, HASTY),
    Effort.DEEP: (SLOW, QUICK, HASTY, LAZY),
}


class FrontEnd(Protocol):
    """Turns windows of audio into a real signal that is high for ones and low for zeros.

    ``delay`` is how many input samples the output is late, ``step`` how many input samples
    an output sample stands for. Both hold for all windows. ``speeds`` are those of the loops behind it.
    """

    delay: float
    step: int
    speeds: Sequence[LevelGains]

    def reset(self) -> None:
        """Forget the samples before."""
        ...

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next window."""
        ...


@dataclass(slots=True)
class _Branch:
    stream: int
    loop: LevelLoop


class LevelDemodulator:
    """Real audio to soft bits through several front ends and loops; see ``gsctl.demod.Demodulator``.

    A subclass says which front ends listen.

    Args:
        symbol_rate_bd: nominal.
        effort: how many branches listen.
        invert: a one is the lower level.

    Raises:
        RecordingError: (on the first block) too few samples a symbol.
    """

    least_samples_per_symbol = 2.0

    def __init__(self, symbol_rate_bd: float, effort: Effort = Effort.NORMAL, invert: bool = False) -> None:
        self._symbol_rate_bd = symbol_rate_bd
        self._effort = effort
        self._sign = np.float32(-1.0 if invert else 1.0)
        self._sample_rate_hz = 0.0
        self._origin = 0
        self._windows: FixedWindows | None = None
        self._front_ends: Sequence[FrontEnd] = ()
        self._branches: list[list[_Branch]] = []

    def make_front_ends(self, sample_rate_hz: float, window_samples: int) -> Sequence[FrontEnd]:
        """The front ends for this effort; their step must divide ``window_samples``."""
        raise NotImplementedError

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        if self._windows is None:
            self._sample_rate_hz = block.sample_rate_hz
            per_symbol = block.sample_rate_hz / self._symbol_rate_bd
            check_samples_per_symbol(
                block.sample_rate_hz, self._symbol_rate_bd, self.least_samples_per_symbol
            )
            # A multiple of 240 can be thinned out by any step up to 6 and by most above.
            length = max(240, round(WINDOW_S * block.sample_rate_hz / 240) * 240)
            self._front_ends = self.make_front_ends(block.sample_rate_hz, length)
            # What filters hold back, and the last symbols, of which the loops want to see the end.
            delay = max(front_end.delay + END_SYMBOLS * per_symbol for front_end in self._front_ends)
            self._windows = FixedWindows(length, behind=int(np.ceil(delay)))
        for window in self._windows.push(block):
            yield from self._process(window)

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is not None:
            for window in self._windows.finish():
                yield from self._process(window)

    def _process(self, window: Window) -> Iterator[SoftBits]:
        if window.restart:
            self._restart(window.start_sample)
        samples = within_reason(np.asarray(window.samples, np.float32))
        for front_end, branches in zip(self._front_ends, self._branches, strict=True):
            signal = front_end(samples)
            for branch in branches:
                symbols = branch.loop(signal)
                yield self._soft_bits(branch, symbols, front_end, window.restart)

    def _restart(self, start_sample: int) -> None:
        self._origin = start_sample
        for front_end in self._front_ends:
            front_end.reset()
        per_symbol = self._sample_rate_hz / self._symbol_rate_bd
        stream = count()
        self._branches = [
            [
                _Branch(next(stream), LevelLoop(per_symbol / front_end.step, gains))
                for gains in front_end.speeds
            ]
            for front_end in self._front_ends
        ]

    def _soft_bits(self, branch: _Branch, symbols: Symbols, front_end: FrontEnd, restart: bool) -> SoftBits:
        return SoftBits(
            values=symbols.values * self._sign,
            position=symbols.times * front_end.step - front_end.delay + self._origin,
            symbol_rate_bd=self._sample_rate_hz / (branch.loop.period * front_end.step),
            stream=branch.stream,
            restart=restart,
        )


def check_samples_per_symbol(sample_rate_hz: float, symbol_rate_bd: float, least: float) -> None:
    """Refuse a sample rate too low for a symbol rate.

    Raises:
        RecordingError: fewer than ``least`` samples a symbol.
    """
    if sample_rate_hz < least * symbol_rate_bd:
        raise RecordingError(
            f"{sample_rate_hz:g} samples/s is too low for {symbol_rate_bd:g} Bd",
            advice=f"at least {least * symbol_rate_bd:g} samples/s would do",
        )


def step_that_divides(window_samples: int, at_most: float) -> int:
    """The largest step up to ``at_most`` that divides a window."""
    step = max(1, int(at_most))
    while window_samples % step:
        step -= 1
    return step
