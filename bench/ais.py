"""The AIS receiver beyond its thresholds: cost of busy bands, bursts that collide, radios in trouble.

``python -m bench.ais`` prints all tables, ``python -m bench.ais cost`` one. CPU seconds are warm, of this
process, a second of signal, the median of three runs.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.signals import ais_payloads
from gsctl.demod import Effort
from gsctl.model import SampleBlock
from gsctl.pipeline.ais_reception import AisReceiver, HeardAis, warm_up
from gsctl.synth.ais_scene import AisBurst, ais_blocks

START = datetime(2026, 6, 17, tzinfo=UTC)
CENTER_HZ = 162.0e6
CHANNELS_HZ = (161.975e6, 162.025e6)
SLOT_S = 60.0 / 2250
Samples = NDArray[np.complex64]


def hear(blocks: Sequence[SampleBlock], effort: Effort) -> list[HeardAis]:
    """What a new receiver makes of these blocks."""
    receiver = AisReceiver(effort)
    heard = [one for block in blocks for one in receiver.push(block)]
    return heard + list(receiver.finish())


def blocks_of(bursts: Sequence[AisBurst], duration_s: float, rate_hz: float = 96e3) -> list[SampleBlock]:
    """The IQ of a scene about 162 MHz."""
    return list(
        ais_blocks(
            bursts,
            start=START,
            duration_s=duration_s,
            sample_rate_hz=rate_hz,
            center_frequency_hz=CENTER_HZ,
            seed=3,
        )
    )


def traffic(duration_s: float, share: float, levels_db: tuple[float, float], seed: int = 1) -> list[AisBurst]:
    """One-slot messages on both channels: a ``share`` of all slots, Eb/N0 even between two bounds."""
    random = np.random.default_rng([seed, 0xA15])
    slots = int(duration_s / SLOT_S) - 3
    payloads = iter(ais_payloads(2 * slots, seed))
    return [
        AisBurst(
            time_s=0.02 + slot * SLOT_S + float(random.uniform(-1e-4, 1e-4)),
            frequency_hz=channel_hz + float(random.uniform(-500, 500)),
            ebn0_db=float(random.uniform(*levels_db)),
            payload=next(payloads),
        )
        for channel_hz in CHANNELS_HZ
        for slot in range(slots)
        if random.random() < share
    ]


def pairs(count: int, strong_db: float, weak_db: float, overlap: float, seed: int = 1) -> list[AisBurst]:
    """Two bursts at a time on one channel; ``overlap`` is the share of a burst that the other covers."""
    random = np.random.default_rng([seed, 0xC011])
    payloads = ais_payloads(2 * count, seed)
    burst_s = 230 / 9600
    bursts = []
    for n in range(count):
        when = 0.1 + 0.08 * n
        late_s = (1 - overlap) * burst_s * (1 if n % 2 else -1) + float(random.uniform(-3e-4, 3e-4))
        for level_db, start_s, payload in (
            (strong_db, when, payloads[2 * n]),
            (weak_db, when + late_s, payloads[2 * n + 1]),
        ):
            off_hz = float(random.uniform(-1000, 1000))
            bursts.append(
                AisBurst(
                    time_s=start_s, frequency_hz=CHANNELS_HZ[0] + off_hz, ebn0_db=level_db, payload=payload
                )
            )
    return bursts


def share_heard(bursts: Sequence[AisBurst], heard: Sequence[HeardAis]) -> float:
    """Of the messages sent, how many came out."""
    return len({one.payload for one in bursts} & {one.frame.payload for one in heard}) / len(bursts)


# -- radios in trouble ---------------------------------------------------------------------------


def clipped(blocks: Sequence[SampleBlock], over_db: float, bits: int = 8) -> list[SampleBlock]:
    """The same through a converter of ``bits``, the strongest sample ``over_db`` above its full scale."""
    peak = max(float(np.abs(block.samples).max()) for block in blocks)
    gain, steps = 10 ** (over_db / 20) / peak, 2 ** (bits - 1)

    def convert(samples: NDArray[Any]) -> Samples:
        parts = np.round(samples.view(np.float32) * np.float32(gain * steps))
        return (np.clip(parts, -steps, steps - 1) / np.float32(steps)).astype(np.float32).view(np.complex64)

    return [replace(block, samples=convert(block.samples)) for block in blocks]


def with_pager(
    blocks: Sequence[SampleBlock], offset_hz: float, over_db: float, ebn0_db: float, keyed: bool = True
) -> list[SampleBlock]:
    """A pager (1200 Bd FSK, +-4.5 kHz) ``over_db`` above a burst of ``ebn0_db``, so far from the centre."""
    rate_hz = blocks[0].sample_rate_hz
    count = sum(block.samples.size for block in blocks)
    random = np.random.default_rng(0xFA6E)
    symbols = (
        random.choice([-1.0, 1.0], int(count / rate_hz * 1200) + 2)
        if keyed
        else np.zeros(int(count / rate_hz * 1200) + 2)
    )
    # Levels change over a quarter of a symbol, as a transmitter's filter makes them.
    edges = np.linspace(0, 1, max(int(rate_hz / 4800), 2))
    sent = np.interp(
        np.arange(count) * 1200 / rate_hz,
        np.repeat(np.arange(symbols.size), 2) + np.tile([0.0, 0.75], symbols.size),
        np.repeat(symbols, 2),
    )
    sent = np.convolve(sent, np.hanning(edges.size) / np.hanning(edges.size).sum(), "same")
    phase = 2 * np.pi * np.cumsum(offset_hz + 4500.0 * sent) / rate_hz
    # Before the first burst there is noise alone.
    quiet = blocks[0].samples[: int(0.015 * rate_hz)]
    noise = float(np.mean(np.abs(quiet) ** 2))
    level = np.sqrt(noise * 10 ** ((ebn0_db + over_db) / 10) * 9600 / rate_hz)
    carrier = (level * np.exp(1j * phase)).astype(np.complex64)
    spoilt, first = [], 0
    for block in blocks:
        own = carrier[first : first + block.samples.size]
        spoilt.append(replace(block, samples=block.samples + own))
        first += block.samples.size
    return spoilt


# -- tables --------------------------------------------------------------------------------------

BANDS: dict[str, tuple[float, tuple[float, float]]] = {
    "noise": (0.0, (8.0, 8.0)),
    "half of the slots, 8 to 40 dB": (0.5, (8.0, 40.0)),
    "half of the slots, 20 dB": (0.5, (20.0, 20.0)),
    "half of the slots, 7 dB": (0.5, (7.0, 7.0)),
    "every slot, 8 to 40 dB": (1.0, (8.0, 40.0)),
}


def cost() -> None:
    """CPU seconds a second of two channels."""
    duration_s = 10.0
    print(f"{'96 kS/s, two channels':32} {'effort':8} {'sent':>5} {'heard':>6} {'CPU s/s':>8}")
    for name, (share, levels_db) in BANDS.items():
        bursts = traffic(duration_s, share, levels_db)
        blocks = blocks_of(bursts, duration_s)
        for effort in (Effort.FAST, Effort.NORMAL):
            hear(blocks, effort)
            runs = []
            for _ in range(3):
                began = time.process_time()
                heard = hear(blocks, effort)
                runs.append((time.process_time() - began) / duration_s)
            share_out = share_heard(bursts, heard) if bursts else 1.0
            print(f"{name:32} {effort:8} {len(bursts):5} {share_out:6.1%} {statistics.median(runs):8.4f}")


def wide() -> None:
    """CPU seconds a second of 2.4 MS/s."""
    duration_s = 3.0
    bursts = traffic(duration_s, 0.5, (8.0, 40.0))
    blocks = [
        replace(block, samples=block.samples[first : first + 65_536], start_sample=block.start_sample + first)
        for block in blocks_of(bursts, duration_s, 2.4e6)
        for first in range(0, block.samples.size, 65_536)
    ]
    for effort in (Effort.FAST, Effort.NORMAL):
        hear(blocks[:40], effort)
        began = time.process_time()
        heard = hear(blocks, effort)
        cpu = (time.process_time() - began) / duration_s
        share = share_heard(bursts, heard)
        print(f"{'2.4 MS/s, half of the slots':32} {effort:8} {len(bursts):5} {share:6.1%} {cpu:8.4f}")


def collisions() -> None:
    """How often both of two bursts come out."""
    count = 60
    print("both of two bursts, the weaker at 15 dB Eb/N0; overlap of the burst across")
    overlaps = (0.25, 0.5, 0.75, 1.0)
    print(f"{'stronger by':12} {'effort':8}" + "".join(f"{overlap:8.0%}" for overlap in overlaps))
    for apart_db in (0.0, 3.0, 6.0, 10.0, 15.0, 20.0, 30.0):
        for effort in (Effort.FAST, Effort.NORMAL):
            cells = []
            for overlap in overlaps:
                bursts = pairs(count, 15.0 + apart_db, 15.0, overlap)
                heard = {one.frame.payload for one in hear(blocks_of(bursts, 0.3 + 0.08 * count), effort)}
                both = sum(
                    bursts[2 * n].payload in heard and bursts[2 * n + 1].payload in heard
                    for n in range(count)
                )
                cells.append(f"{both / count:8.0%}")
            print(f"{apart_db:9.0f} dB {effort:8}" + "".join(cells))


def trouble() -> None:
    """What clipping and a pager beside the band cost."""
    duration_s = 8.0
    print(f"{'':44} {'weak, 8 to 20 dB':>18} {'strong, 45 dB':>14} false CPU s/s")

    def line(name: str, blocks: Sequence[SampleBlock]) -> None:
        began = time.process_time()
        heard = {one.frame.payload for one in hear(blocks, Effort.NORMAL)}
        cpu = (time.process_time() - began) / duration_s
        shares = [len({b.payload for b in some} & heard) / len(some) for some in (weak, strong)]
        false = len(heard - {b.payload for b in (*weak, *strong)})
        print(f"{name:44} {shares[0]:18.1%} {shares[1]:14.1%} {false:5d} {cpu:7.3f}")

    weak = traffic(duration_s, 0.5, (8.0, 20.0), seed=5)
    strong = [replace(burst, ebn0_db=45.0) for burst in traffic(duration_s, 0.1, (45.0, 45.0), seed=6)]
    # Not two of them in one slot of a channel.
    busy = {(burst.frequency_hz > CENTER_HZ, round(burst.time_s / SLOT_S)) for burst in strong}
    weak = [b for b in weak if (b.frequency_hz > CENTER_HZ, round(b.time_s / SLOT_S)) not in busy]
    own = {b.payload for b in strong}
    weak = [b for b in weak if b.payload not in own]
    for rate_hz in (96e3, 300e3):
        plain = blocks_of([*weak, *strong], duration_s, rate_hz)
        line(f"{rate_hz / 1e3:g} kS/s as it is", plain)
        for over_db in (-3.0, 10.0, 20.0):
            line(f"{rate_hz / 1e3:g} kS/s, 8 bit, strongest {over_db:+.0f} dB", clipped(plain, over_db))
    plain = blocks_of([*weak, *strong], duration_s, 600e3)
    line("600 kS/s as it is", plain)
    for away_hz in (25e3, 50e3, 100e3):
        beside = with_pager(plain, 25e3 + 12.5e3 + away_hz, 60.0, 12.0)
        line(f"pager 60 dB stronger, {away_hz / 1e3:.0f} kHz beside", beside)
        line("the same, 8 bit, 1 dB below full scale", clipped(beside, -1.0))


TABLES: dict[str, Callable[[], None]] = {
    "cost": cost,
    "wide": wide,
    "collisions": collisions,
    "trouble": trouble,
}


def main(names: Sequence[str]) -> None:
    """Print the tables that are named, or all."""
    for effort in Effort:
        warm_up(effort)
    for name in names or TABLES:
        TABLES[name]()
        print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
