"""The IQ that a station receives during a pass, in blocks, with the truth about every frame.

A ``PassScene`` says what is on the air and how it is received; ``simulate_pass`` turns it and a
schedule of bursts into sample blocks. Memory holds one block and the bursts it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from math import floor, log10, sqrt

import numpy as np

from gsctl.dsp.tuning import shift_at
from gsctl.errors import ConfigError
from gsctl.framing import Framing
from gsctl.model import Domain, SampleBlock, TimeSource, Track, TuningPlan
from gsctl.synth import channel
from gsctl.synth.channel import Samples, Times
from gsctl.synth.framers import LineSymbols, line_symbols
from gsctl.synth.modulators import Baseband, Shaping, modulate, sent_rate_bd
from gsctl.waveform import Waveform

# Peaks of signal and noise stay below this part of full scale.
PEAK_LEVEL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One transmission.

    Attributes:
        start_s: when the middle of its first symbol is received, seconds since the scene's start.
        payloads: frames without FCS, sent one after another.
    """

    start_s: float
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassScene:
    """A transmitter in the sky and a receiver under it.

    Attributes:
        start: UTC time of sample 0 by the receiver's clock.
        duration_s: of the whole recording.
        plan: Doppler shift of the downlink; its nominal frequency is the transmitter's.
        ebn0_db: at the smallest range and without fading, as CONTRACT.md defines Eb/N0.
        center_frequency_hz: of the IQ; None is the nominal frequency.
        track: gives the rise and fall with range; None is a constant level.
        carrier_offset_hz: of the transmitter from nominal; positive is high.
        clock_error_ppm: of the receiver, for tuning and samples alike; positive is fast.
        fading: amplitude factor at times since the start, (n,) -> (n,); negative flips the phase.
        opening: flags or training before each burst; None is usual for the framing.
        only_bursts_margin_s: make only the bursts with this much around them, and leave the rest
            out (``dropped_before`` tells); None makes everything.
    """

    start: datetime
    duration_s: float
    sample_rate_hz: float
    plan: TuningPlan
    waveform: Waveform
    framing: Framing
    ebn0_db: float
    center_frequency_hz: float | None = None
    track: Track | None = None
    carrier_offset_hz: float = 0.0
    clock_error_ppm: float = 0.0
    fading: Callable[[Times], Times] | None = None
    shaping: Shaping = field(default_factory=Shaping)
    opening: int | None = None
    only_bursts_margin_s: float | None = None
    block_samples: int = 65536
    seed: int = 1

    @property
    def true_rate_hz(self) -> float:
        """Samples per true second."""
        return self.sample_rate_hz * (1 + self.clock_error_ppm * 1e-6)

    @property
    def center_hz(self) -> float:
        """Where the receiver believes to be tuned."""
        return self.plan.nominal_hz if self.center_frequency_hz is None else self.center_frequency_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFrame:
    """One frame as it was sent.

    Attributes:
        received_at: true time of the middle of the first symbol after flag or sync word.
        sample_index: of that symbol in the stream; ``end_sample_index`` of the frame's last symbol.
        shift_hz: Doppler shift then; ``frequency_hz`` the carrier then, seen from the centre of the IQ.
        ebn0_db: then.
    """

    payload: bytes
    received_at: datetime
    sample_index: float
    end_sample_index: float
    shift_hz: float
    frequency_hz: float
    ebn0_db: float


@dataclass(frozen=True, slots=True)
class _PlacedBurst:
    burst: Burst
    symbols: LineSymbols
    first_symbol: float  # sample index
    rate_bd: float  # as received

    def sample_of(self, symbol: int, true_rate_hz: float) -> float:
        return self.first_symbol + symbol * true_rate_hz / self.rate_bd

    def span(self, true_rate_hz: float) -> tuple[float, float]:
        return self.first_symbol, self.sample_of(len(self.symbols.values), true_rate_hz)


class SimulatedPass:
    """Blocks and truth of one scene; iterate over ``blocks()`` as often as needed."""

    def __init__(self, scene: PassScene, bursts: Sequence[Burst]) -> None:
        """Place ``bursts``; nothing is rendered yet.

        Raises:
            ConfigError: a burst begins outside the scene, the signal does not fit the band, or a
                number is out of range.
        """
        _check_numbers(scene)
        self.scene = scene
        self.sample_count = int(scene.duration_s * scene.sample_rate_hz)
        self._placed = [_place(scene, burst) for burst in sorted(bursts, key=lambda burst: burst.start_s)]
        self._check_band()
        variance = channel.noise_variance(scene.ebn0_db, sent_rate_bd(scene.waveform), scene.true_rate_hz)
        self._scale = PEAK_LEVEL / (1.0 + 4.0 * sqrt(variance))
        self._noise_variance = variance * self._scale**2

    @property
    def truth(self) -> tuple[TrueFrame, ...]:
        """Every frame that ends within the scene, in order of time."""
        frames = (frame for placed in self._placed for frame in _truth(self.scene, placed))
        return tuple(frame for frame in frames if frame.end_sample_index < self.sample_count)

    @property
    def overlaps(self) -> bool:
        """Whether a burst begins before the one before it has ended."""
        spans = [placed.span(self.scene.true_rate_hz) for placed in self._placed]
        return any(later[0] < earlier[1] for earlier, later in pairwise(spans))

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples, complex64; the same at every call."""
        scene = self.scene
        random = channel.generator(scene.seed)
        waiting = list(reversed(self._placed))
        active: list[tuple[int, Samples]] = []
        previous_end = None
        for begin, end in self._segments():
            for start in range(begin, end, scene.block_samples):
                count = min(scene.block_samples, end - start)
                samples = channel.noise(count, self._noise_variance, random)
                while (
                    waiting
                    and waiting[-1].first_symbol - _LEAD_SYMBOLS * self._symbol_samples() < start + count
                ):
                    active.append(self._render(waiting.pop()))
                active = [(at, burst) for at, burst in active if at + len(burst) > start]
                for at, burst in active:
                    _add(samples, start, at, burst)
                yield self._block(samples, start, 0 if previous_end is None else start - previous_end)
                previous_end = start + count

    def _symbol_samples(self) -> float:
        return self.scene.true_rate_hz / sent_rate_bd(self.scene.waveform)

    def _block(self, samples: Samples, start: int, dropped: int) -> SampleBlock:
        scene = self.scene
        return SampleBlock(
            samples=samples,
            domain=Domain.IQ,
            sample_rate_hz=scene.sample_rate_hz,
            center_frequency_hz=scene.center_hz,
            start_time=scene.start + timedelta(seconds=start / scene.sample_rate_hz),
            start_sample=start,
            dropped_before=dropped,
            time_source=TimeSource.GIVEN,
            time_uncertainty_s=0.0,
        )

    def _segments(self) -> list[tuple[int, int]]:
        margin_s = self.scene.only_bursts_margin_s
        if margin_s is None:
            return [(0, self.sample_count)]
        margin = margin_s * self.scene.sample_rate_hz
        segments: list[tuple[int, int]] = []
        for placed in self._placed:
            first, last = placed.span(self.scene.true_rate_hz)
            begin, end = max(int(first - margin), 0), min(int(last + margin), self.sample_count)
            if segments and begin <= segments[-1][1]:
                segments[-1] = (segments[-1][0], max(segments[-1][1], end))
            else:
                segments.append((begin, end))
        return segments

    def _render(self, placed: _PlacedBurst) -> tuple[int, Samples]:
        """The burst as received, and the sample index where it begins."""
        scene = self.scene
        base = _baseband(scene, placed)
        at = floor(placed.first_symbol) - floor(base.first_symbol)
        time_s = (at + np.arange(len(base.samples))) / scene.true_rate_hz
        coarse_s = np.linspace(time_s[0], time_s[-1], max(int((time_s[-1] - time_s[0]) / 1e-3), 1) + 1)
        # Level and frequency change slowly: every millisecond is enough, straight lines between.
        gain = np.interp(time_s, coarse_s, _amplitude(scene, coarse_s)) * self._scale
        frequency_hz = np.interp(time_s, coarse_s, _frequency_hz(scene, coarse_s))
        phase = channel.generator(scene.seed, int(placed.first_symbol)).random()
        cycles = phase + np.cumsum(frequency_hz) / scene.true_rate_hz
        samples = channel.turned(base.samples, cycles)
        samples *= gain.astype(np.float32)
        return at, samples

    def _check_band(self) -> None:
        scene = self.scene
        edges = _frequency_hz(scene, np.linspace(0.0, scene.duration_s, 200))
        if np.abs(edges).max() + sent_rate_bd(scene.waveform) / 2 > scene.sample_rate_hz / 2:
            raise ConfigError(
                f"the signal reaches {np.abs(edges).max():.0f} Hz from the centre, beyond "
                f"{scene.sample_rate_hz / 2:.0f} Hz",
                advice="use a higher sample rate or a nearer centre frequency",
            )


# A burst's samples begin this many symbols before its first symbol at most.
_LEAD_SYMBOLS = 9


def simulate_pass(scene: PassScene, bursts: Sequence[Burst]) -> SimulatedPass:
    """Put ``bursts`` into ``scene``; ``.blocks()`` are the samples, ``.truth`` the frames.

    Raises:
        ConfigError: a burst begins outside the scene, or the signal does not fit the band.
    """
    return SimulatedPass(scene, bursts)


def _check_numbers(scene: PassScene) -> None:
    ranges = {
        "Eb/N0 in dB": (scene.ebn0_db, -60.0, 120.0),
        "clock error in ppm": (scene.clock_error_ppm, -1000.0, 1000.0),
        "duration in s": (scene.duration_s, 1e-3, 1e6),
    }
    for what, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise ConfigError(f"{what} is {value:g}", advice=f"from {low:g} to {high:g}")


def _place(scene: PassScene, burst: Burst) -> _PlacedBurst:
    if not 0 <= burst.start_s < scene.duration_s:
        raise ConfigError(
            f"a burst at {burst.start_s:g} s is outside the scene", advice=f"it lasts {scene.duration_s:g} s"
        )
    shift_hz = float(_shift_hz(scene, np.array([burst.start_s]))[0])
    return _PlacedBurst(
        burst=burst,
        symbols=line_symbols(scene.framing, burst.payloads, opening=scene.opening),
        first_symbol=burst.start_s * scene.true_rate_hz,
        # The symbols are squeezed as the carrier is; the change within a burst is below 1 ppm.
        rate_bd=sent_rate_bd(scene.waveform) * (1 + shift_hz / scene.plan.nominal_hz),
    )


def _baseband(scene: PassScene, placed: _PlacedBurst) -> Baseband:
    # Squeezed symbols at one rate are plain symbols at another.
    rate_hz = scene.true_rate_hz * sent_rate_bd(scene.waveform) / placed.rate_bd
    return modulate(
        scene.waveform,
        placed.symbols.values,
        rate_hz,
        delay=placed.first_symbol - floor(placed.first_symbol),
        shaping=scene.shaping,
    )


def _shift_hz(scene: PassScene, time_s: Times) -> Times:
    since_plan_s = (scene.start - scene.plan.start).total_seconds()
    return shift_at(scene.plan, time_s + since_plan_s)


def _frequency_hz(scene: PassScene, time_s: Times) -> Times:
    """The carrier in the receiver's baseband; a fast clock tunes it too high."""
    tuned_hz = scene.center_hz * (1 + scene.clock_error_ppm * 1e-6)
    return scene.plan.nominal_hz + scene.carrier_offset_hz + _shift_hz(scene, time_s) - tuned_hz


def _amplitude(scene: PassScene, time_s: Times) -> Times:
    gain = np.ones(len(time_s))
    if scene.track is not None:
        since_track_s = (scene.start - scene.track.start).total_seconds()
        gain = channel.range_gain(scene.track, time_s + since_track_s)
    return gain if scene.fading is None else gain * scene.fading(time_s)


def _truth(scene: PassScene, placed: _PlacedBurst) -> Iterator[TrueFrame]:
    for payload, first, last in zip(
        placed.burst.payloads, placed.symbols.first, placed.symbols.last, strict=True
    ):
        sample = placed.sample_of(first, scene.true_rate_hz)
        time_s = np.array([sample / scene.true_rate_hz])
        level = abs(float(_amplitude(scene, time_s)[0]))
        yield TrueFrame(
            payload=payload,
            received_at=scene.start + timedelta(seconds=float(time_s[0])),
            sample_index=sample,
            end_sample_index=placed.sample_of(last, scene.true_rate_hz),
            shift_hz=float(_shift_hz(scene, time_s)[0]),
            frequency_hz=float(_frequency_hz(scene, time_s)[0]),
            ebn0_db=scene.ebn0_db + 20 * log10(max(level, 1e-9)),
        )


def _add(samples: Samples, start: int, at: int, burst: Samples) -> None:
    """Add the part of ``burst`` (which begins at ``at``) that lies in the block from ``start``."""
    low, high = max(at, start), min(at + len(burst), start + len(samples))
    if low < high:
        samples[low - start : high - start] += burst[low - at : high - at]
