"""CPU seconds per second of one channel at 48 kS/s, warm, from samples to frames: part of ``make bench``.

Dense bursts of AX.25 frames with gaps of 0.05 to 0.2 s, a little above the threshold, and noise
alone. The least of several runs counts: what else the machine does only adds.

    python -m bench.costs [--runs 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import signals
from gsctl.demod import Effort
from gsctl.framing import Ax25
from gsctl.model import SampleBlock
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.waveform import Afsk, Bpsk, Fsk

# What is wanted, CPU s per s.
LIMITS = {Effort.FAST: 0.006, Effort.NORMAL: 0.02, Effort.DEEP: 0.2}
NOISE_S = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what is heard, and what the receiver is told."""

    name: str
    chain: Chain
    blocks: Callable[[], list[SampleBlock]]


def lines() -> list[Line]:
    """FSK, AFSK and BPSK, from IQ and, where that is heard, from discriminator audio; and noise."""
    fsk = Chain(waveform=Fsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))
    afsk = Chain(waveform=Afsk(), framings=(Ax25(),))
    bpsk = Chain(waveform=Bpsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
    fast_bpsk = Chain(waveform=Bpsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))

    def noise() -> list[SampleBlock]:
        return list(signals.noise_blocks(NOISE_S, 5))

    return [
        Line("fsk-9600, 9 dB", fsk, lambda: list(signals.g3ruh_bursts(9.0, 30, 77).blocks())),
        Line("fsk-9600 audio, 14 dB", fsk, lambda: list(signals.g3ruh_bursts(14.0, 30, 77).audio_blocks())),
        Line("afsk-1200, 9 dB", afsk, lambda: list(signals.afsk_bursts(9.0, 6, 77).blocks())),
        Line("afsk-1200 audio, 10 dB", afsk, lambda: list(signals.afsk_bursts(10.0, 6, 77).audio_blocks())),
        Line("bpsk-1200, 9 dB", bpsk, lambda: list(signals.bpsk_bursts(9.0, 6, 77).blocks())),
        Line(
            "bpsk-9600, 9 dB",
            fast_bpsk,
            lambda: list(signals.bpsk_bursts(9.0, 30, 77, symbol_rate_bd=9600.0, g3ruh=True).blocks()),
        ),
        Line("noise, fsk-9600", fsk, noise),
        Line("noise, afsk-1200", afsk, noise),
        Line("noise, bpsk-1200", bpsk, noise),
    ]


def cost(chain: Chain, blocks: Sequence[SampleBlock], effort: Effort, runs: int) -> float:
    """CPU seconds per second of signal: the least of some runs, after one that compiles."""
    duration_s = sum(block.samples.size / block.sample_rate_hz for block in blocks)
    spent_s = []
    for _ in range(runs + 1):
        started_s = time.process_time()
        for _ in listen(Receiver([chain], Settings(effort=effort)), blocks):
            pass
        spent_s.append(time.process_time() - started_s)
    return min(spent_s[1:]) / duration_s


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="CPU seconds per second of a 48 kS/s channel, warm.")
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args(arguments).runs
    print(f"{'channel of 48 kS/s (warm)':26}" + "".join(f"{effort:>10}" for effort in Effort))
    for line in lines():
        blocks = line.blocks()
        costs = [cost(line.chain, blocks, effort, runs) for effort in Effort]
        print(f"{line.name:26}" + "".join(f"{value:10.4f}" for value in costs), flush=True)
    print(f"{'wanted':26}" + "".join(f"{LIMITS[effort]:10.4f}" for effort in Effort))


if __name__ == "__main__":
    main()
