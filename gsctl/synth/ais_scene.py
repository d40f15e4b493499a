"""AIS bursts as the IQ of one receiver: both channels, slot by slot, with Doppler, delay and noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from gsctl.errors import ConfigError
from gsctl.framing import Ais
from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.synth.channel import generator, noise, offset
from gsctl.synth.framers import AIS_TRAINING_BITS, line_symbols
from gsctl.synth.modulators import modulate
from gsctl.waveform import Fsk

# M.1371-5, annex 2: 8 bits of ramp up go before the training sequence, power falls within a few behind.
RAMP_BITS = 8
_TAIL_BITS = 4
_WAVEFORM = Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.4)
_BURST_S = 0.15  # longer than five slots
_LARGEST = 0.5  # amplitude of the strongest burst, where it would be larger
_NOISE = 0.02  # RMS of the noise otherwise
CHANNELS_HZ = {"A": 161.975e6, "B": 162.025e6, "C": 156.775e6, "D": 156.825e6}
CHANNEL_WIDTH_HZ = 25_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AisBurst:
    """One burst as it arrives.

    Attributes:
        time_s: when its ramp begins at the receiver, in seconds since the start.
        frequency_hz: carrier as received, Doppler shift included.
        ebn0_db: S Tb / N0 while it lasts.
        payload: message bytes without FCS, in field order.
    """

    time_s: float
    frequency_hz: float
    ebn0_db: float
    payload: bytes


def channels_within(center_frequency_hz: float, sample_rate_hz: float) -> tuple[str, ...]:
    """The AIS channels that lie wholly inside a band."""
    edge_hz = (sample_rate_hz - CHANNEL_WIDTH_HZ) / 2
    return tuple(name for name, hz in CHANNELS_HZ.items() if abs(hz - center_frequency_hz) <= edge_hz)


def first_bit_s(burst: AisBurst) -> float:
    """When the middle of a burst's first message bit arrives, in seconds since the start."""
    return burst.time_s + (RAMP_BITS + AIS_TRAINING_BITS + 8 + 0.5) / 9600.0


def ais_blocks(
    bursts: Sequence[AisBurst],
    *,
    start: datetime,
    duration_s: float,
    sample_rate_hz: float,
    center_frequency_hz: float,
    seed: int = 1,
) -> Iterator[SampleBlock]:
    """The IQ of a scene in blocks of a second; memory does not grow with its length.

    Args:
        bursts: in any order; those whose carrier lies outside the band are left out.
        start: UTC time of the first sample.
        duration_s: of the recording.
        sample_rate_hz: complex samples a second.
        center_frequency_hz: where zero frequency is.
        seed: of the noise and of the bursts' phases.

    Raises:
        ConfigError: the rate is too low for a single channel.
    """
    if sample_rate_hz < CHANNEL_WIDTH_HZ:
        raise ConfigError(
            f"{sample_rate_hz:g} samples/s do not hold an AIS channel", advice="use 96k or more"
        )
    ordered = sorted(bursts, key=lambda burst: burst.time_s)
    strongest = max((burst.ebn0_db for burst in ordered), default=0.0)
    # S = Eb/N0 variance / (fs Tb): the strongest burst keeps below full scale.
    largest = np.sqrt(10 ** (strongest / 10) * 9600.0 / sample_rate_hz)
    sigma = min(_NOISE, _LARGEST / float(largest))
    count, size = round(duration_s * sample_rate_hz), round(sample_rate_hz)
    random = generator(seed, 1)
    carried = np.zeros(0, np.complex64)
    coming = 0
    for first in range(0, count, size):
        length = min(size, count - first)
        samples = np.zeros(length + round(_BURST_S * sample_rate_hz), np.complex64)
        samples[: len(carried)] += carried[: len(samples)]
        while coming < len(ordered) and ordered[coming].time_s * sample_rate_hz < first + length:
            _add(samples, first, ordered[coming], coming, sample_rate_hz, center_frequency_hz, sigma, seed)
            coming += 1
        carried = samples[length:].copy()
        block = samples[:length] + noise(length, sigma**2, random)
        yield SampleBlock(
            samples=block,
            domain=Domain.IQ,
            sample_rate_hz=sample_rate_hz,
            center_frequency_hz=center_frequency_hz,
            start_time=start + timedelta(seconds=first / sample_rate_hz),
            start_sample=first,
            time_source=TimeSource.GIVEN,
        )


def _add(
    samples: NDArray[np.complex64],
    first: int,
    burst: AisBurst,
    number: int,
    rate_hz: float,
    center_hz: float,
    sigma: float,
    seed: int,
) -> None:
    offset_hz = burst.frequency_hz - center_hz
    if abs(offset_hz) > (rate_hz - CHANNEL_WIDTH_HZ / 2) / 2:
        return
    place = burst.time_s * rate_hz - first + 0.5 * rate_hz / 9600.0
    wave, middle = _burst(burst.payload, rate_hz, place % 1.0)
    phase = float(generator(seed, 2, number).random())
    wave = offset(wave, rate_hz, offset_hz, phase_cycles=phase)
    wave *= np.float32(sigma * np.sqrt(10 ** (burst.ebn0_db / 10) * 9600.0 / rate_hz))
    at = round(place - middle)
    cut = max(-at, 0)
    wave = wave[cut : len(samples) - at]
    samples[at + cut : at + cut + len(wave)] += wave


def _burst(payload: bytes, rate_hz: float, delay: float) -> tuple[NDArray[np.complex64], float]:
    """Samples of amplitude 1 with ramps, and the index of the middle of the first ramp bit."""
    line = line_symbols(Ais(), [payload], opening=RAMP_BITS + AIS_TRAINING_BITS).values
    line = np.concatenate([line, np.repeat(line[-1:], _TAIL_BITS)])
    baseband = modulate(_WAVEFORM, line, rate_hz, delay=delay)
    position = (np.arange(len(baseband.samples)) - baseband.first_symbol) / baseband.samples_per_symbol
    rise = np.clip((position + 0.5) / (RAMP_BITS - 2), 0.0, 1.0)
    fall = np.clip((len(line) - 0.5 - position) / _TAIL_BITS, 0.0, 1.0)
    envelope = (np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2)).astype(np.float32)
    return baseband.samples * envelope, baseband.first_symbol
