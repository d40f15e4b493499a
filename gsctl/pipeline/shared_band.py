"""A part of a wide stream that is cut out once for many chains, so that each costs little more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gsctl.dsp.channel import Channel, OffsetAt
from gsctl.model import SampleBlock

# Fewer chains than this cut out their own channels at no greater cost.
_LEAST_CHAINS = 3
# Room for the Doppler shift of a low orbit at 437 MHz on either side.
_DOPPLER_HZ = 12_000.0


class SharedBand:
    """The part about a place of the stream that stays where it is.

    Args:
        sample_rate_hz: of the stream.
        offset_hz: from the stream's centre to the middle of the part.
        width_hz: two-sided; passed without loss.
        clear_of_dc: as for ``Channel``.
    """

    def __init__(
        self, sample_rate_hz: float, offset_hz: float, width_hz: float, *, clear_of_dc: bool = False
    ) -> None:
        self._offset_hz = offset_hz
        self._channel = Channel(
            sample_rate_hz,
            width_hz,
            0.0,
            lambda _sample: offset_hz,
            clear_of_dc=clear_of_dc,
            clear_of_impulses=True,
        )
        self.sample_rate_hz = self._channel.sample_rate_hz

    def push(self, block: SampleBlock) -> Iterator[SampleBlock]:
        """Take IQ of the stream and give that of the part."""
        return self._channel.push(block)

    def finish(self) -> Iterator[SampleBlock]:
        """Give what was held back."""
        return self._channel.finish()

    def input_position(self, position: float) -> float:
        """The place in the stream that a place in the part comes from."""
        return self._channel.input_position(position)

    def within(self, offset_at: OffsetAt) -> OffsetAt:
        """Where a channel of the stream lies in the part."""
        return lambda position: offset_at(self.input_position(position)) - self._offset_hz


def shared_band(
    places: Sequence[tuple[float, float]], sample_rate_hz: float, *, clear_of_dc: bool = False
) -> SharedBand | None:
    """The band that holds all channels; None where they are few, or fill half of the stream.

    Args:
        places: middle of each channel from the stream's centre, and half its width, in Hz.
        clear_of_dc: as for ``Channel``.
    """
    if len(places) < _LEAST_CHAINS:
        return None
    low_hz = min(middle - half for middle, half in places) - _DOPPLER_HZ
    high_hz = max(middle + half for middle, half in places) + _DOPPLER_HZ
    width_hz = high_hz - low_hz
    if 1.25 * width_hz > sample_rate_hz / 2:
        return None
    middle_hz = (low_hz + high_hz) / 2
    return SharedBand(sample_rate_hz, middle_hz, width_hz, clear_of_dc=clear_of_dc)
