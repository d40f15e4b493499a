"""Cuts a stream of sample blocks into windows of a fixed length at fixed places.

Everything behind it works on the same windows whatever blocks the source gave, so the output of
a receiver does not depend on the cut of its input, not even in the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsctl.model import SampleBlock

Samples = NDArray[Any]  # complex64 or float32

# Full scale is 1.
_LARGEST_SAMPLE = 1e9


def within_reason(samples: Samples) -> Samples:
    """The samples, (n,), with 0 in place of what is no number or beyond all reason; themselves as a rule.

    One such would spoil a whole transform, and a loop that averages for ever.
    """
    # Of complex numbers both parts, for their magnitudes cost more.
    if np.max(np.abs(samples.view(samples.real.dtype))) < _LARGEST_SAMPLE:
        return samples
    return np.where(np.abs(samples) < _LARGEST_SAMPLE, samples, samples.dtype.type(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Consecutive samples at a fixed place of the stream.

    Attributes:
        samples: (n,), always the full length; zeros follow where the stream ended, and a window may
            hold nothing else.
        start_sample: index of the first one in the input stream.
        restart: nothing before is connected to this window.
        valid: how many samples are not filled in.
    """

    samples: Samples
    start_sample: int
    restart: bool
    valid: int


class FixedWindows:
    """Takes blocks of any length and gives windows of ``length`` samples, one after the other.

    Where samples were dropped the window under way is closed with zeros and the next one begins
    after the gap.

    Args:
        length: samples of a window.
        behind: so many zeros follow the last sample at least, before a gap and at the end, in windows
            of their own where need be: the delay of the filters that come after.
    """

    def __init__(self, length: int, behind: int = 0) -> None:
        self._length = length
        self._behind = behind
        self._parts: list[Samples] = []
        self._held = 0
        self._start = 0
        self._next: int | None = None
        self._restart = True
        self._dtype: np.dtype[Any] = np.dtype(np.complex64)

    def push(self, block: SampleBlock) -> Iterator[Window]:
        """Take a block and give the windows that it completes."""
        if self._next is not None and block.start_sample != self._next:
            yield from self.finish()
        if not self._held and self._restart:
            self._start = block.start_sample
        self._next = block.start_sample + block.samples.size
        self._dtype = block.samples.dtype
        self._parts.append(block.samples)
        self._held += block.samples.size
        if self._held < self._length:
            return
        samples = self._take()
        whole = samples.size // self._length * self._length
        for first in range(0, whole, self._length):
            yield self._window(samples[first : first + self._length], self._length)
        rest = samples[whole:]
        if rest.size:
            self._parts = [rest.copy()]
            self._held = rest.size

    def finish(self) -> Iterator[Window]:
        """Give what is held, filled with zeros; what comes next is a new beginning."""
        if self._held or (self._behind and not self._restart):
            samples = self._take() if self._held else np.zeros(0, self._dtype)
            count = -(-(samples.size + self._behind) // self._length)
            filled = np.zeros(count * self._length, self._dtype)
            filled[: samples.size] = samples
            for first in range(0, filled.size, self._length):
                valid = min(max(samples.size - first, 0), self._length)
                yield self._window(filled[first : first + self._length], valid)
        self._restart = True
        self._next = None

    def _take(self) -> Samples:
        samples = self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts)
        self._parts = []
        self._held = 0
        return samples

    def _window(self, samples: Samples, valid: int) -> Window:
        window = Window(samples=samples, start_sample=self._start, restart=self._restart, valid=valid)
        self._restart = False
        self._start += self._length
        return window
