"""Test signals with known frames: what the sensitivity benchmark and the receivers' tests hear.

``from bench.signals import g3ruh_bursts; signal = g3ruh_bursts(8.0, 100, seed=1)`` gives
``signal.samples`` (complex64), ``signal.payloads`` and where each frame lies. The noise follows
CONTRACT.md ("Numbers"): variance N0 fs with Eb/N0 = S Tb / N0. Payloads are numbered and random,
so that each is unique.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor

import numpy as np

from bench.impairments import CONTRACT_AUDIO, AudioPath, Impairments
from gsctl.framing import Ais, Ax25, Ccsds, Framing
from gsctl.model import Domain, SampleBlock
from gsctl.synth import channel
from gsctl.synth.audio import Audio
from gsctl.synth.channel import Samples
from gsctl.synth.framers import line_symbols
from gsctl.synth.modulators import Shaping, modulate
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

# UI frame CQ <- XV9NDG, by AX.25 2.2, section 3.
AX25_HEADER = bytes.fromhex("86A240404040E0B0AC729C888E6103F0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A stream of bursts in noise.

    Attributes:
        samples: (n,) complex64.
        payloads: frames sent, without FCS, in order.
        first_samples: index of the first symbol after the flag, one for each payload.
        offsets_hz: carrier offset at the start of each burst.
        bursts_s: start and end of each burst.
    """

    samples: Samples
    sample_rate_hz: float
    symbol_rate_bd: float
    payloads: tuple[bytes, ...]
    first_samples: tuple[float, ...]
    offsets_hz: tuple[float, ...]
    waveform: Waveform
    framing: Framing
    audio_path: AudioPath = CONTRACT_AUDIO
    bursts_s: tuple[tuple[float, float], ...] = ()
    duration_s: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duration_s", len(self.samples) / self.sample_rate_hz)

    def blocks(self, block_samples: int = 65536) -> Iterator[SampleBlock]:
        """The samples as IQ blocks."""
        yield from as_blocks(self.samples, self.sample_rate_hz, Domain.IQ, block_samples)

    def audio(self) -> Audio:
        """FM-discriminator audio, 16 bits; by the contract's definition unless the path says otherwise."""
        return self.audio_path.heard(self.samples, self.sample_rate_hz, self.bursts_s)

    def audio_blocks(self, block_samples: int = 65536) -> Iterator[SampleBlock]:
        """``audio()`` as blocks."""
        yield from as_blocks(self.audio(), self.sample_rate_hz, Domain.FM_AUDIO, block_samples)


def as_blocks(
    samples: Samples | Audio, sample_rate_hz: float, domain: Domain, block_samples: int = 65536
) -> Iterator[SampleBlock]:
    """Cut samples into consecutive blocks."""
    for start in range(0, len(samples), block_samples):
        yield SampleBlock(
            samples=samples[start : start + block_samples],
            domain=domain,
            sample_rate_hz=sample_rate_hz,
            start_sample=start,
        )


def ax25_payloads(count: int, seed: int, info_bytes: int = 200) -> list[bytes]:
    """UI frames whose info field is a number and random bytes."""
    random = np.random.default_rng([seed, 0xA25])
    return [AX25_HEADER + n.to_bytes(3, "big") + random.bytes(max(info_bytes - 3, 0)) for n in range(count)]


def ais_payloads(count: int, seed: int) -> list[bytes]:
    """One-slot messages of 168 bits: type 1 to 3, a ship's MMSI, a random rest in range."""
    random = np.random.default_rng([seed, 0xA15])
    messages = []
    for n in range(count):
        kind, mmsi = int(random.integers(1, 4)), 201_000_000 + n * 1009 % 574_000_000
        latitude = int(random.integers(-80 * 600_000, 80 * 600_000)) & (1 << 27) - 1
        longitude = int(random.integers(-180 * 600_000, 180 * 600_000)) & (1 << 28) - 1
        speed, course = int(random.integers(0, 400)), int(random.integers(0, 3600))
        value = kind << 162 | mmsi << 130 | speed << 108 | 1 << 107
        value |= (
            longitude << 79 | latitude << 52 | course << 40 | 511 << 31 | int(random.integers(0, 60)) << 25
        )
        messages.append((value | int(random.integers(0, 1 << 19))).to_bytes(21, "big"))
    return messages


def bursts(
    waveform: Waveform,
    framing: Framing,
    payloads: Sequence[bytes],
    ebn0_db: float | None,
    seed: int,
    *,
    sample_rate_hz: float = 48000.0,
    gap_s: float = 0.1,
    frames_per_burst: int = 1,
    opening: int | None = None,
    shaping: Shaping | None = None,
    impairments: Impairments | None = None,
) -> Signal:
    """One burst after another with gaps of ``gap_s`` to twice that; ``ebn0_db`` None is no noise."""
    assert waveform.symbol_rate_bd
    random = np.random.default_rng([seed, 0xB05])
    spoilt = impairments or Impairments()
    pieces: list[tuple[int, Samples]] = []
    first_samples: list[float] = []
    offsets_hz: list[float] = []
    place = gap_s * sample_rate_hz
    for start in range(0, len(payloads), frames_per_burst):
        place += random.uniform(0.0, gap_s) * sample_rate_hz
        line = line_symbols(framing, payloads[start : start + frames_per_burst], opening=opening)
        rate_hz = sample_rate_hz * (1 + random.uniform(-1, 1) * spoilt.clock_spread_ppm * 1e-6)
        base = modulate(waveform, line.values, rate_hz, delay=place - floor(place), shaping=shaping)
        moved, offset_hz = spoilt.on(base.samples, sample_rate_hz, random)
        pieces.append((floor(place), moved))
        begin = floor(place) + base.first_symbol
        first_samples += [begin + symbol * base.samples_per_symbol for symbol in line.first]
        offsets_hz += [offset_hz] * len(line.first)
        place += len(base.samples) + gap_s * sample_rate_hz
    stream = np.zeros(int(place + gap_s * sample_rate_hz), np.complex64)
    for at, piece in pieces:
        stream[at : at + len(piece)] += piece
    if ebn0_db is not None:
        variance = channel.noise_variance(ebn0_db, waveform.symbol_rate_bd, sample_rate_hz)
        stream += channel.noise(len(stream), variance, channel.generator(seed, 0x501))
    return Signal(
        samples=stream,
        sample_rate_hz=sample_rate_hz,
        symbol_rate_bd=waveform.symbol_rate_bd,
        payloads=tuple(payloads),
        first_samples=tuple(first_samples),
        offsets_hz=tuple(offsets_hz),
        waveform=waveform,
        framing=framing,
        bursts_s=tuple((at / sample_rate_hz, (at + len(piece)) / sample_rate_hz) for at, piece in pieces),
    )


def g3ruh_bursts(
    ebn0_db: float | None,
    count: int,
    seed: int,
    *,
    symbol_rate_bd: float = 9600.0,
    index: float = 0.5,
    bt: float | None = 0.5,
    sample_rate_hz: float = 48000.0,
    info_bytes: int = 200,
    g3ruh: bool = True,
    offset_spread_hz: float = 500.0,
    clock_spread_ppm: float = 50.0,
    drift_hz_s: float = 0.0,
    gap_s: float = 0.05,
) -> Signal:
    """FSK with AX.25 G3RUH frames; ``index`` is 2 deviation / symbol rate, ``bt`` None is rectangular."""
    return bursts(
        Fsk(symbol_rate_bd=symbol_rate_bd, deviation_hz=index * symbol_rate_bd / 2, bt=bt),
        Ax25(g3ruh=g3ruh),
        ax25_payloads(count, seed, info_bytes),
        ebn0_db,
        seed,
        sample_rate_hz=sample_rate_hz,
        gap_s=gap_s,
        impairments=Impairments(
            offset_spread_hz=offset_spread_hz, clock_spread_ppm=clock_spread_ppm, drift_hz_s=drift_hz_s
        ),
    )


def bpsk_bursts(
    ebn0_db: float | None,
    count: int,
    seed: int,
    *,
    symbol_rate_bd: float = 1200.0,
    excess_bandwidth: float | None = 0.5,
    g3ruh: bool = False,
    sample_rate_hz: float = 48000.0,
    info_bytes: int = 200,
    offset_spread_hz: float = 500.0,
    clock_spread_ppm: float = 20.0,
    drift_hz_s: float = 20.0,
    retune_step_hz: float | None = None,
    null_depth_db: float | None = None,
    fading_db: float = 0.0,
    frames_per_burst: int = 1,
    gap_s: float = 0.1,
) -> Signal:
    """BPSK with AX.25 frames: 1200 Bd is NanoDragon's waveform."""
    return bursts(
        Bpsk(symbol_rate_bd=symbol_rate_bd),
        Ax25(g3ruh=g3ruh),
        ax25_payloads(count, seed, info_bytes),
        ebn0_db,
        seed,
        sample_rate_hz=sample_rate_hz,
        gap_s=gap_s,
        frames_per_burst=frames_per_burst,
        shaping=Shaping(excess_bandwidth=excess_bandwidth),
        impairments=Impairments(
            offset_spread_hz=offset_spread_hz,
            clock_spread_ppm=clock_spread_ppm,
            drift_hz_s=drift_hz_s,
            retune_step_hz=retune_step_hz,
            null_depth_db=null_depth_db,
            fading_db=fading_db,
        ),
    )


def afsk_bursts(
    ebn0_db: float | None,
    count: int,
    seed: int,
    *,
    fm_deviation_hz: float = 3000.0,
    sample_rate_hz: float = 48000.0,
    info_bytes: int = 200,
    offset_spread_hz: float = 0.0,
    gap_s: float = 0.1,
) -> Signal:
    """AFSK 1200 over FM; Eb/N0 is that of the radio signal."""
    return bursts(
        Afsk(fm_deviation_hz=fm_deviation_hz),
        Ax25(),
        ax25_payloads(count, seed, info_bytes),
        ebn0_db,
        seed,
        sample_rate_hz=sample_rate_hz,
        gap_s=gap_s,
        impairments=Impairments(offset_spread_hz=offset_spread_hz),
    )


def ais_bursts(
    ebn0_db: float | None,
    count: int,
    seed: int,
    *,
    bt: float = 0.4,
    sample_rate_hz: float = 48000.0,
    offset_hz: float = 0.0,
    offset_spread_hz: float = 1000.0,
    gap_s: float = 0.02,
) -> Signal:
    """One-slot AIS messages on one channel; ``offset_hz`` moves them to the channel's place in the band."""
    return bursts(
        Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=bt),
        Ais(),
        ais_payloads(count, seed),
        ebn0_db,
        seed,
        sample_rate_hz=sample_rate_hz,
        gap_s=gap_s,
        impairments=Impairments(
            offset_hz=offset_hz, offset_spread_hz=offset_spread_hz, clock_spread_ppm=20.0
        ),
    )


def ccsds_bursts(
    ebn0_db: float | None,
    count: int,
    seed: int,
    *,
    symbol_rate_bd: float = 9600.0,
    sample_rate_hz: float = 48000.0,
    framing: Ccsds | None = None,
    frames_per_burst: int = 5,
    offset_spread_hz: float = 500.0,
    gmsk: bool = False,
) -> Signal:
    """BPSK with the concatenated code of CCSDS 131.0-B, depth 1; Eb/N0 is that of a channel symbol.

    ``gmsk`` sends the same symbols as frequencies instead: h 0.5, BT 0.5, without a precoder.
    """
    random = np.random.default_rng([seed, 0xCC5])
    chosen = framing or Ccsds(convolutional="ccsds")
    waveform: Waveform = Bpsk(symbol_rate_bd=symbol_rate_bd)
    if gmsk:
        waveform = Fsk(symbol_rate_bd=symbol_rate_bd, deviation_hz=symbol_rate_bd / 4, bt=0.5)
    return bursts(
        waveform,
        chosen,
        [random.bytes(chosen.size_bytes) for _ in range(count)],
        ebn0_db,
        seed,
        sample_rate_hz=sample_rate_hz,
        opening=1024,
        frames_per_burst=frames_per_burst,
        shaping=None if gmsk else Shaping(excess_bandwidth=0.5),
        impairments=Impairments(offset_spread_hz=offset_spread_hz, clock_spread_ppm=20.0),
    )


def together(signals: Sequence[Signal], ebn0_db: float, seed: int) -> Signal:
    """Several noiseless signals of one sample rate and symbol rate at once, and noise for the first's level.

    Frames come in order of time. Move the signals apart by their ``offset_hz``, or scale their samples.
    """
    first = signals[0]
    stream = np.zeros(max(len(signal.samples) for signal in signals), np.complex64)
    for signal in signals:
        stream[: len(signal.samples)] += signal.samples
    variance = channel.noise_variance(ebn0_db, first.symbol_rate_bd, first.sample_rate_hz)
    stream += channel.noise(len(stream), variance, channel.generator(seed, 0x2E7))
    frames = sorted(
        (sample, payload, offset_hz)
        for signal in signals
        for sample, payload, offset_hz in zip(
            signal.first_samples, signal.payloads, signal.offsets_hz, strict=True
        )
    )
    return dataclasses.replace(
        first,
        samples=stream,
        payloads=tuple(payload for _, payload, _ in frames),
        first_samples=tuple(sample for sample, _, _ in frames),
        offsets_hz=tuple(offset_hz for _, _, offset_hz in frames),
        bursts_s=(),
    )


def noise_blocks(duration_s: float, seed: int, *, sample_rate_hz: float = 48000.0) -> Iterator[SampleBlock]:
    """White complex noise and nothing else, block by block; no frame in it is true."""
    random = channel.generator(seed, 0x0015E)
    total = int(duration_s * sample_rate_hz)
    for start in range(0, total, 65536):
        yield SampleBlock(
            samples=channel.noise(min(65536, total - start), 0.01, random),
            domain=Domain.IQ,
            sample_rate_hz=sample_rate_hz,
            start_sample=start,
        )


def random_bits(
    waveform: Waveform,
    duration_s: float,
    seed: int,
    *,
    ebn0_db: float = 20.0,
    sample_rate_hz: float = 48000.0,
) -> Iterator[SampleBlock]:
    """A strong carrier that sends random symbols: a good signal without any frame in it."""
    assert waveform.symbol_rate_bd
    random = np.random.default_rng([seed, 0xB175])
    noise = channel.generator(seed, 0xB175)
    variance = channel.noise_variance(ebn0_db, waveform.symbol_rate_bd, sample_rate_hz)
    start = 0
    while start < duration_s * sample_rate_hz:
        # Pieces of ten seconds, each a burst of its own.
        symbols = random.integers(0, 2, int(10 * waveform.symbol_rate_bd), dtype=np.uint8)
        samples = modulate(waveform, symbols, sample_rate_hz).samples * np.float32(0.2)
        samples += channel.noise(len(samples), 0.04 * variance, noise)
        yield SampleBlock(
            samples=samples, domain=Domain.IQ, sample_rate_hz=sample_rate_hz, start_sample=start
        )
        start += len(samples)
