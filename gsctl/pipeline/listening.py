"""Runs chains over the blocks of a source: every one hears the same stream, frames come out in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from numpy.typing import NDArray

from gsctl.deframe import DEFRAMERS, DeframeOptions, Deframer
from gsctl.demod import DEMODULATORS, Demodulator, Effort, channel_bandwidth_hz, own_lines
from gsctl.demod.side_by_side import SideBySide
from gsctl.dsp.channel import Channel, OffsetAt
from gsctl.dsp.windows import FixedWindows
from gsctl.framing import Framing
from gsctl.model import Domain, DopplerState, Frame, SampleBlock, SoftBits, StageCounters
from gsctl.pipeline.band import nominal_hz
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.shared_band import SharedBand, shared_band
from gsctl.pipeline.sightings import Sighting, Sightings
from gsctl.pipeline.sky import Sky
from gsctl.pipeline.timeline import Timeline
from gsctl.waveform import Bpsk

# Chains are fed steps of this length, so that what they give does not depend on the source's blocks.
STEP_S = 0.1
# Lowest sample rate of a channel that is cut out of IQ.
LEAST_CHANNEL_RATE_HZ = 24_000.0
# Likeliest error events tried alone, in pairs and in threes where a check fails.
REPAIR = {Effort.FAST: (0, 0, 0), Effort.NORMAL: (40, 12, 6), Effort.DEEP: (120, 40, 16)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to listen.

    Attributes:
        effort: how much processor time may be spent.
        unchecked: give frames that no check vouches for as well.
        doppler: what was done or is to be done about the Doppler shift.
        center_frequency_hz: of IQ, where the source does not say.
        frequency_hz: of the signal, where the chain's transmitter does not say.
        sky: the satellite over the station, where both are known.
        source: names the station or the input, for messages that a satellite relays.
    """

    effort: Effort = Effort.NORMAL
    unchecked: bool = False
    doppler: DopplerState = DopplerState.NONE
    center_frequency_hz: float | None = None
    frequency_hz: float | None = None
    sky: Sky | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A frame and the chain that heard it; the frame's sample index counts the source's samples."""

    frame: Frame
    chain: Chain


@dataclass(slots=True)
class _Ear:
    """One chain at work on the stream, or on the part of it that several share."""

    chain: Chain
    demodulator: Demodulator
    deframers: list[Deframer]
    domain: Domain
    channel: Channel | None
    shared: SharedBand | None = None

    def push(self, block: SampleBlock) -> Iterator[Frame]:
        blocks = [block] if self.channel is None else self.channel.push(block)
        for part in blocks:
            yield from self._deframe(self.demodulator.push(part))

    def finish(self) -> Iterator[Frame]:
        if self.channel is not None:
            for part in self.channel.finish():
                yield from self._deframe(self.demodulator.push(part))
        yield from self._deframe(self.demodulator.finish())

    def heard_until(self) -> float:
        """Up to which sample of the stream frequencies have been measured where they are at all."""
        if self.channel is None or not isinstance(self.demodulator, SideBySide):
            return inf
        reached = self.demodulator.heard_until
        return reached if reached == inf else self._position(self.channel, reached)

    def _deframe(self, soft_bits: Iterator[SoftBits]) -> Iterator[Frame]:
        for soft in soft_bits:
            for deframer in self.deframers:
                for frame in deframer.push(soft):
                    yield self._in_input(frame)

    def _in_input(self, frame: Frame) -> Frame:
        if self.channel is None:
            return (
                frame
                if self.domain is not Domain.FM_AUDIO
                else dataclasses.replace(frame, frequency_offset_hz=None)
            )
        offset_hz = frame.frequency_offset_hz
        return dataclasses.replace(
            frame,
            sample_index=self._position(self.channel, frame.sample_index),
            end_sample_index=self._position(self.channel, frame.end_sample_index),
            frequency_offset_hz=None if offset_hz is None else offset_hz + self.chain.expected_offset_hz,
        )

    def _position(self, channel: Channel, index: float) -> float:
        """The place in the stream that a place in the channel comes from."""
        position = channel.input_position(index)
        return position if self.shared is None else self.shared.input_position(position)


class Receiver:
    """All chains on one stream.

    Args:
        chains: what to listen for.
        settings: how.

    Attributes:
        counters: what the stages met.
        timeline: the time of each sample.
    """

    def __init__(self, chains: Sequence[Chain], settings: Settings) -> None:
        self.counters = StageCounters()
        self.timeline = Timeline()
        self._chains = chains
        self._settings = settings
        self._ears: list[_Ear] = []
        self._steps: FixedWindows | None = None
        self._first: SampleBlock | None = None
        self._sightings: Sightings[_Ear] | None = None
        self._reached = 0
        self._shared: SharedBand | None = None

    def push(self, block: SampleBlock) -> Iterator[Heard]:
        """Take the next block and give the frames that it completes, in order of time."""
        self.timeline.add(block)
        self.counters.samples += block.samples.size
        self.counters.dropped += block.dropped_before
        if self._steps is None:
            self._set_up(block)
        assert self._steps is not None
        for window in self._steps.push(block):
            yield from self._step(block, window.samples, window.start_sample)

    def finish(self) -> Iterator[Heard]:
        """Give what was still under way when the stream ended."""
        if self._steps is None or self._first is None:
            return
        for window in self._steps.finish():
            yield from self._step(self._first, window.samples[: window.valid], window.start_sample)
        for part in self._shared.finish() if self._shared else ():
            yield from self._hear(part)
        last = [(ear, frame) for ear in self._ears for frame in ear.finish()]
        yield from self._sort_out(last, reached=inf)

    def _set_up(self, block: SampleBlock) -> None:
        self._first = block
        self._sightings = Sightings(block.sample_rate_hz, _Ear.heard_until)
        self._steps = FixedWindows(max(1, round(STEP_S * block.sample_rate_hz)))
        self._shared = self._share(block)
        self._ears = [self._ear(chain, block) for chain in self._chains]

    def _share(self, block: SampleBlock) -> SharedBand | None:
        """What is cut out once for many chains that lie close together in a wide stream."""
        if block.domain is not Domain.IQ:
            return None
        places = [
            (self._still_hz(chain, block), channel_bandwidth_hz(chain.waveform) / 2) for chain in self._chains
        ]
        return shared_band(places, block.sample_rate_hz, clear_of_dc=self._has_dc())

    def _ear(self, chain: Chain, block: SampleBlock) -> _Ear:
        settings = self._settings
        options = DeframeOptions(
            repair=REPAIR[settings.effort],
            unchecked=settings.unchecked,
            phase_slips=isinstance(chain.waveform, Bpsk),
        )
        return _Ear(
            chain=chain,
            demodulator=DEMODULATORS[type(chain.waveform)](chain.waveform, block.domain, settings.effort),
            deframers=[self._deframer(framing, options) for framing in chain.framings],
            domain=block.domain,
            channel=self._channel(chain, block) if block.domain is Domain.IQ else None,
            shared=self._shared,
        )

    def _deframer(self, framing: Framing, options: DeframeOptions) -> Deframer:
        return DEFRAMERS[type(framing)](framing, options, self.counters)

    def _channel(self, chain: Chain, block: SampleBlock) -> Channel:
        waveform = chain.waveform
        least_hz = max(LEAST_CHANNEL_RATE_HZ, 4.8 * (waveform.symbol_rate_bd or 0.0))
        offset_at = self._offset_at(chain, block)
        rate_hz = block.sample_rate_hz
        if self._shared is not None:
            rate_hz, offset_at = self._shared.sample_rate_hz, self._shared.within(offset_at)
        return Channel(
            rate_hz,
            channel_bandwidth_hz(waveform),
            least_hz,
            offset_at,
            clear_of_dc=self._shared is None and self._has_dc(),
            own_lines=own_lines(waveform),
            clear_of_impulses=True,
        )

    def _has_dc(self) -> bool:
        """Whether 0 Hz of the stream is a radio's own; where the Doppler shift was taken out it is not."""
        return self._settings.doppler is not DopplerState.CORRECTED

    def _offset_at(self, chain: Chain, block: SampleBlock) -> OffsetAt:
        """Where the channel lies in the stream: its place in the band, and the Doppler shift on it."""
        settings = self._settings
        nominal_hz = self.nominal_hz(chain)
        still_hz = self._still_hz(chain, block)
        sky = settings.sky
        if settings.doppler is not DopplerState.ELEMENTS or sky is None or nominal_hz is None:
            return lambda _sample: still_hz

        def moving(sample: float) -> float:
            time = self.timeline.at(sample).time
            return still_hz if time is None else still_hz + sky.shift_hz(time, nominal_hz)

        return moving

    def _still_hz(self, chain: Chain, block: SampleBlock) -> float:
        """Where the channel lies in the stream while the satellite is at its nearest."""
        nominal_hz = self.nominal_hz(chain)
        center_hz = block.center_frequency_hz or self._settings.center_frequency_hz
        place_hz = nominal_hz - center_hz if nominal_hz and center_hz else 0.0
        return place_hz + chain.expected_offset_hz

    def nominal_hz(self, chain: Chain) -> float | None:
        """The frequency that is listened to."""
        return nominal_hz(chain, self._settings.frequency_hz)

    def _step(self, like: SampleBlock, samples: NDArray[Any], start_sample: int) -> Iterator[Heard]:
        block = dataclasses.replace(like, samples=samples, start_sample=start_sample, dropped_before=0)
        self._reached = start_sample + samples.size
        for part in (block,) if self._shared is None else self._shared.push(block):
            yield from self._hear(part)

    def _hear(self, block: SampleBlock) -> Iterator[Heard]:
        found = [(ear, frame) for ear in self._ears for frame in ear.push(block)]
        yield from self._sort_out(found, self._reached)

    def _sort_out(self, found: list[tuple[_Ear, Frame]], reached: float) -> Iterator[Heard]:
        """Of several sightings of a frame keep the best; give the frames in order of time."""
        assert self._sightings is not None
        seen = [Sighting(frame, ear, self.nominal_hz(ear.chain)) for ear, frame in found]
        for new in self._sightings.sort_out(seen, reached):
            yield Heard(frame=new.frame, chain=new.by.chain)


def listen(receiver: Receiver, blocks: Iterable[SampleBlock]) -> Iterator[Heard]:
    """Run a receiver over blocks to the end."""
    for block in blocks:
        yield from receiver.push(block)
    yield from receiver.finish()
