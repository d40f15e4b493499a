"""Demodulators: samples to soft bits, one file per waveform.

A demodulator takes the sample blocks of one channel as they come (``push``) and says what was
still under way at the end (``finish``). It keeps its state between blocks and gives the same
output for any cut of the input. It is pushed rather than pulled so that many demodulators can
listen to one stream side by side, in bounded memory and without threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gsctl.model import SampleBlock, SoftBits


class Effort(StrEnum):
    """How much processor time a decoder may spend for a frame more."""

    FAST = "fast"
    NORMAL = "normal"
    DEEP = "deep"


class Demodulator(Protocol):
    """Turns the sample blocks of one channel into soft bits."""

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        ...

    def finish(self) -> Iterator[SoftBits]:
        """Give what was still held back; the demodulator is then as new."""
        ...


def demodulate(demodulator: Demodulator, blocks: Iterable[SampleBlock]) -> Iterator[SoftBits]:
    """Run ``blocks`` through a demodulator to the end."""
    for block in blocks:
        yield from demodulator.push(block)
    yield from demodulator.finish()
