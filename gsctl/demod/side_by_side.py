"""Several demodulators on one channel, each with streams of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from gsctl.demod import Demodulator
from gsctl.model import SampleBlock, SoftBits


class SideBySide:
    """Lets every demodulator hear the channel; see ``gsctl.demod.Demodulator``."""

    def __init__(self, demodulators: Sequence[Demodulator]) -> None:
        self._demodulators = demodulators

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
