"""AIS out of the samples of a source: every channel that lies in the band, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from gsctl.deframe import DEFRAMERS, DeframeOptions, Deframer
from gsctl.demod import Demodulator, Effort
from gsctl.errors import UsageError
from gsctl.framing import Ais, Integrity
from gsctl.model import Domain, Frame, SampleBlock, SoftBits, StageCounters
from gsctl.pipeline.timeline import Timeline

# NMEA's letters: AIS 1 and 2, and the two that satellites listen to (ITU-R M.1371-5, annex 4).
CHANNELS_HZ = {"A": 161.975e6, "B": 162.025e6, "C": 156.775e6, "D": 156.825e6}
USUAL_CENTER_HZ = 162.0e6
# A channel counts as inside the band where a signal 1 kHz off is whole.
CHANNEL_HALF_WIDTH_HZ = 8_000.0
# Below this rate there is no room for both of a pair: the one channel is in the middle.
LEAST_PAIR_RATE_HZ = 2 * (25_000.0 + CHANNEL_HALF_WIDTH_HZ)
LEAST_RATE_HZ = 24_000.0
# Likeliest error events tried alone, in pairs and in threes. A repaired frame must be plausible,
# and a burst begins at a known place, so more can be tried than of a stream of noise.
REPAIR = {Effort.FAST: (24, 8, 0), Effort.NORMAL: (60, 16, 8), Effort.DEEP: (160, 48, 20)}
SLOT_S = 60.0 / 2250


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAis:
    """A message and its channel; the frame's time and sample index are those of its first bit.

    Attributes:
        channel: ``A`` to ``D``; empty where it is not known.
    """

    frame: Frame
    channel: str


def channels_in_band(center_frequency_hz: float | None, sample_rate_hz: float) -> dict[str, float]:
    """The channels of an IQ stream by letter, with their offset from its middle in Hz.

    Args:
        center_frequency_hz: None is unknown: then 162 MHz where the stream is wide enough for a
            pair, else one channel without a letter in the middle.

    Raises:
        UsageError: the rate is too low, or no AIS channel is in the band.
    """
    if sample_rate_hz < LEAST_RATE_HZ:
        raise UsageError(
            f"{sample_rate_hz:g} samples/s do not hold an AIS channel", advice="use 48k for one, 96k for both"
        )
    if center_frequency_hz is None and sample_rate_hz < LEAST_PAIR_RATE_HZ:
        return {"": 0.0}
    center_hz = USUAL_CENTER_HZ if center_frequency_hz is None else center_frequency_hz
    edge_hz = sample_rate_hz / 2 - CHANNEL_HALF_WIDTH_HZ
    inside = {name: hz - center_hz for name, hz in CHANNELS_HZ.items() if abs(hz - center_hz) <= edge_hz}
    if not inside:
        raise UsageError(
            f"no AIS channel is within {sample_rate_hz / 2e3:g} kHz of {center_hz / 1e6:g} MHz",
            where="--center",
            advice="162M for the usual pair, 156.8M for the long-range pair",
        )
    return inside


@dataclass(slots=True)
class _Ear:
    """One channel at work."""

    channel: str
    demodulator: Demodulator
    deframer: Deframer
    offset_error_hz: float = 0.0

    def frames(self, soft_bits: Iterator[SoftBits]) -> Iterator[tuple[_Ear, Frame]]:
        for soft in soft_bits:
            for frame in self.deframer.push(soft):
                yield self, frame


class AisReceiver:
    """All AIS channels of one stream of samples.

    Args:
        effort: how much processor time may be spent.
        center_frequency_hz: of IQ, where the blocks do not say.

    Attributes:
        counters: what the stages met.
    """

    def __init__(self, effort: Effort = Effort.NORMAL, center_frequency_hz: float | None = None) -> None:
        from gsctl.demod.ais_channels import ChannelSplitter

        self.counters = StageCounters()
        self._effort = effort
        self._center_hz = center_frequency_hz
        self._timeline = Timeline()
        self._ears: list[_Ear] = []
        self._splitter: ChannelSplitter | None = None
        self._sample_rate_hz = 0.0

    @property
    def channels(self) -> tuple[str, ...]:
        """Letters of the channels listened to, after the first block."""
        return tuple(ear.channel for ear in self._ears)

    def push(self, block: SampleBlock) -> Iterator[HeardAis]:
        """Take the next block and give the messages that it completes.

        Raises:
            UsageError: the stream holds no AIS channel.
        """
        self._timeline.add(block)
        self.counters.samples += block.samples.size
        self.counters.dropped += block.dropped_before
        if not self._ears:
            self._set_up(block)
        if self._splitter is None:
            yield from self._sort_out(list(self._listen((block,))))
            return
        for parts in self._splitter.push(block):
            yield from self._sort_out(list(self._listen(parts)))

    def finish(self) -> Iterator[HeardAis]:
        """Give what was still under way when the stream ended."""
        found: list[tuple[_Ear, Frame]] = []
        for parts in () if self._splitter is None else self._splitter.finish():
            found.extend(self._listen(parts))
        for ear in self._ears:
            found.extend(ear.frames(ear.demodulator.finish()))
        yield from self._sort_out(found)

    def _listen(self, parts: tuple[SampleBlock, ...]) -> Iterator[tuple[_Ear, Frame]]:
        for ear, part in zip(self._ears, parts, strict=True):
            yield from ear.frames(ear.demodulator.push(part))

    def _set_up(self, block: SampleBlock) -> None:
        from gsctl.demod.ais import AisBurstDemodulator
        from gsctl.demod.ais_channels import ChannelSplitter

        self._sample_rate_hz = block.sample_rate_hz
        if block.domain is not Domain.IQ:
            self._ears = [self._ear("", self._audio(block))]
            return
        center_hz = block.center_frequency_hz or self._center_hz
        places = channels_in_band(center_hz, block.sample_rate_hz)
        self._splitter = ChannelSplitter(block.sample_rate_hz, list(places.values()))
        self._ears = [self._ear(name, AisBurstDemodulator(self._effort)) for name in places]
        for ear, wanted_hz, given_hz in zip(
            self._ears, places.values(), self._splitter.offsets_hz, strict=True
        ):
            ear.offset_error_hz = given_hz - wanted_hz

    def _audio(self, block: SampleBlock) -> Demodulator:
        from gsctl.demod.fsk_audio import FskAudioDemodulator

        if block.domain is not Domain.FM_AUDIO or block.sample_rate_hz < LEAST_RATE_HZ:
            raise UsageError(
                f"{block.domain} at {block.sample_rate_hz:g} samples/s does not hold AIS",
                advice="use IQ, or the discriminator's output at 48k",
            )
        return FskAudioDemodulator(9600.0, self._effort)

    def _ear(self, channel: str, demodulator: Demodulator) -> _Ear:
        options = DeframeOptions(repair=REPAIR[self._effort])
        return _Ear(channel, demodulator, DEFRAMERS[Ais](Ais(), options, self.counters))

    def _sort_out(self, found: list[tuple[_Ear, Frame]]) -> Iterator[HeardAis]:
        """Of several sightings in one channel keep the best; order by time, of twins the stronger first."""
        heard = [HeardAis(frame=self._placed(ear, frame), channel=ear.channel) for ear, frame in found]
        heard.sort(key=lambda one: (one.frame.integrity is not Integrity.CRC, one.frame.corrected_errors))
        kept: list[HeardAis] = []
        for one in heard:
            if not any(one.channel == other.channel and self._twins(one, other) for other in kept):
                kept.append(one)
        kept.sort(key=lambda one: one.frame.sample_index)
        for i, one in enumerate(kept):
            for j in range(i + 1, len(kept)):
                if self._twins(one, kept[j]) and (kept[j].frame.level_dbfs or 0.0) > (
                    one.frame.level_dbfs or 0.0
                ):
                    kept[i], kept[j] = kept[j], kept[i]
                    break
        yield from kept

    def _twins(self, one: HeardAis, other: HeardAis) -> bool:
        apart = abs(one.frame.sample_index - other.frame.sample_index)
        return one.frame.payload == other.frame.payload and apart < SLOT_S * self._sample_rate_hz / 2

    def _placed(self, ear: _Ear, frame: Frame) -> Frame:
        """The frame with its place in the stream and its time."""
        first, last, offset_hz = frame.sample_index, frame.end_sample_index, frame.frequency_offset_hz
        if self._splitter is not None:
            first, last = self._splitter.input_position(first), self._splitter.input_position(last)
        when = self._timeline.at(first)
        return dataclasses.replace(
            frame,
            sample_index=first,
            end_sample_index=last,
            received_at=when.time,
            time_source=when.source,
            time_uncertainty_s=when.uncertainty_s,
            frequency_offset_hz=None if offset_hz is None else offset_hz + ear.offset_error_hz,
        )


def warm_up(effort: Effort | str = Effort.NORMAL) -> None:
    """Load and compile what the receiver needs, by three bursts, two of which overlap."""
    from datetime import UTC, datetime

    from gsctl.synth.ais_scene import AisBurst, ais_blocks

    position = (1 << 162 | 211_000_000 << 130).to_bytes(21, "big")
    bursts = [
        AisBurst(time_s=0.05, frequency_hz=CHANNELS_HZ["A"], ebn0_db=25.0, payload=position),
        AisBurst(time_s=0.15, frequency_hz=CHANNELS_HZ["A"] + 300.0, ebn0_db=25.0, payload=position),
        AisBurst(time_s=0.155, frequency_hz=CHANNELS_HZ["A"] - 300.0, ebn0_db=18.0, payload=position),
    ]
    receiver = AisReceiver(Effort(effort))
    start = datetime(2000, 1, 1, tzinfo=UTC)
    for block in ais_blocks(
        bursts, start=start, duration_s=0.3, sample_rate_hz=96e3, center_frequency_hz=USUAL_CENTER_HZ
    ):
        for _ in receiver.push(block):
            pass
    for _ in receiver.finish():
        pass
