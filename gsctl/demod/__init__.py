"""Demodulators: samples to soft bits, one file per waveform.

A demodulator is built from a waveform and an effort and called with an
iterable of sample blocks of one domain; it yields soft bits. It keeps its
state between blocks and gives the same output for any cut of the input.
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

    def __call__(self, blocks: Iterable[SampleBlock]) -> Iterator[SoftBits]:
        """Demodulate ``blocks``, which are consecutive and of one domain and rate."""
        ...
