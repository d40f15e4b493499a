"""The stream of a radio made narrower for a recording: a channel that stays where it is, with its times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from gsctl.dsp.channel import Channel
from gsctl.errors import UsageError
from gsctl.model import SampleBlock
from gsctl.radio.source import Anchor


class Narrowing:
    """Cuts a channel out of IQ; nothing follows the Doppler shift, so that it can be taken out later.

    The spike that the radio adds at 0 Hz is taken off where it lies in the channel: in the recording it would
    stand anywhere, and nobody who decodes that could tell it from a carrier.

    Args:
        sample_rate_hz: of the stream.
        center_frequency_hz: of the stream.
        frequency_hz: of the channel's middle.
        width_hz: two-sided; passed without loss.

    Attributes:
        sample_rate_hz: of the channel, the lowest whole fraction of the stream's that holds it.
        step: samples of the stream to one of the channel.

    Raises:
        UsageError: the channel does not lie in the band.
    """

    def __init__(
        self, sample_rate_hz: float, center_frequency_hz: float, frequency_hz: float, width_hz: float
    ) -> None:
        offset_hz = frequency_hz - center_frequency_hz
        if abs(offset_hz) + width_hz / 2 > sample_rate_hz / 2:
            raise UsageError(
                f"the channel, {width_hz / 1e3:.0f} kHz wide, is not within the band",
                where=f"{frequency_hz / 1e6:.6f} MHz",
                advice="a wider --sample-rate",
            )
        self._channel = Channel(sample_rate_hz, width_hz, 0.0, lambda _sample: offset_hz, clear_of_dc=True)
        self._input_rate_hz = sample_rate_hz
        self._frequency_hz = frequency_hz
        self._anchor = Anchor()
        self._last: SampleBlock | None = None
        self._lost = 0
        self.sample_rate_hz = self._channel.sample_rate_hz
        self.step = self._channel.step

    def push(self, block: SampleBlock) -> Iterator[SampleBlock]:
        """Take the next block and give what of the channel it completes, counted in the channel's samples."""
        self._lost += block.dropped_before
        self._last = block
        self._anchor = Anchor(
            sample=block.start_sample,
            time=block.start_time,
            source=block.time_source,
            uncertainty_s=block.time_uncertainty_s,
        )
        for part in self._channel.push(block):
            yield self._placed(block, part)

    def finish(self) -> Iterator[SampleBlock]:
        """Give what was held back."""
        for part in self._channel.finish() if self._last is not None else ():
            assert self._last is not None
            yield self._placed(self._last, part)

    def _placed(self, block: SampleBlock, part: SampleBlock) -> SampleBlock:
        """A block of the channel with the time of the stream's samples that it comes from."""
        position = self._channel.input_position(part.start_sample)
        dropped = 0
        if part.dropped_before:
            dropped, self._lost = round(self._lost / self.step), 0
        elapsed = round(position)
        return replace(
            part,
            start_sample=math.floor(position / self.step + 0.5),
            dropped_before=dropped,
            start_time=self._anchor.time_of(elapsed, self._input_rate_hz),
            time_source=self._anchor.source,
            time_uncertainty_s=block.time_uncertainty_s,
            center_frequency_hz=self._frequency_hz,
        )
