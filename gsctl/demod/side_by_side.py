"""Several demodulators on one channel, each with streams of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from math import inf

from gsctl.demod import Demodulator, MeasuringDemodulator
from gsctl.model import SampleBlock, SoftBits


class SideBySide:
    """Lets every demodulator hear the channel; see ``gsctl.demod.Demodulator``.

    Args:
        demodulators: all of them.
        measuring: the one of them that measures frequencies, if there is one.
    """

    def __init__(
        self, demodulators: Sequence[Demodulator], measuring: MeasuringDemodulator | None = None
    ) -> None:
        self._demodulators = demodulators
        self._measuring = measuring

    @property
    def heard_until(self) -> float:
        """Up to which sample index the one that measures has given all that it will."""
        return inf if self._measuring is None else self._measuring.heard_until

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes, of one after the other."""
        for number, demodulator in enumerate(self._demodulators):
            for soft in demodulator.push(block):
                yield self._numbered(soft, number)

    def finish(self) -> Iterator[SoftBits]:
        """Give what was still held back."""
        for number, demodulator in enumerate(self._demodulators):
            for soft in demodulator.finish():
                yield self._numbered(soft, number)

    def _numbered(self, soft: SoftBits, number: int) -> SoftBits:
        return dataclasses.replace(soft, stream=soft.stream * len(self._demodulators) + number)
