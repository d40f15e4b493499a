"""CPU seconds per second of one channel at 48 kS/s, warm, from samples to frames: part of ``make bench``.

Dense bursts of AX.25 frames with gaps of 0.05 to 0.2 s, a little above the threshold, and noise alone,
white and as a filter of 15 kHz leaves it. The least of several runs counts: what else the machine
does only adds.

    python -m bench.costs [--runs 3]
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench import signals
from bench.cases import AUDIO_PATHS
from gsctl.demod import Effort
from gsctl.framing import Ax25
from gsctl.model import SampleBlock
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.waveform import Afsk, Bpsk, Fsk

# What is wanted, CPU s per s.
LIMITS = {Effort.FAST: 0.006, Effort.NORMAL: 0.02, Effort.DEEP: 0.2}
NOISE_S = 5.0
NOISE_WIDTH_HZ = 15_000.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what is heard, and what the receiver is told."""

    name: str
    chain: Chain
    blocks: Callable[[], list[SampleBlock]]


def lines() -> list[Line]:
    """FSK, AFSK and BPSK, from IQ and, where that is heard, from discriminator audio; and noise."""
    fsk = Chain(waveform=Fsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))
    slow_fsk = Chain(waveform=Fsk(symbol_rate_bd=1200.0), framings=(Ax25(g3ruh=True),))
    afsk = Chain(waveform=Afsk(), framings=(Ax25(),))
    bpsk = Chain(waveform=Bpsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
    fast_bpsk = Chain(waveform=Bpsk(symbol_rate_bd=9600.0), framings=(Ax25(g3ruh=True),))

    def heard_through(path: str, ebn0_db: float) -> list[SampleBlock]:
        plain = signals.afsk_bursts(ebn0_db, 6, 77)
        return list(dataclasses.replace(plain, audio_path=AUDIO_PATHS[path]).audio_blocks())

    return [
        Line("fsk-9600, 9 dB", fsk, lambda: list(signals.g3ruh_bursts(9.0, 30, 77).blocks())),
        Line(
            "fsk-9600, h 1.0, 9 dB", fsk, lambda: list(signals.g3ruh_bursts(9.0, 30, 77, index=1.0).blocks())
        ),
        Line(
            "fsk-1200, h 1.0, 9 dB",
            slow_fsk,
            lambda: list(signals.g3ruh_bursts(9.0, 6, 77, symbol_rate_bd=1200.0, index=1.0).blocks()),
        ),
        Line("fsk-9600 audio, 14 dB", fsk, lambda: list(signals.g3ruh_bursts(14.0, 30, 77).audio_blocks())),
        Line("afsk-1200, 9 dB", afsk, lambda: list(signals.afsk_bursts(9.0, 6, 77).blocks())),
        Line("afsk-1200 audio, 10 dB", afsk, lambda: list(signals.afsk_bursts(10.0, 6, 77).audio_blocks())),
        Line("the same, de-emphasis, 20 dB", afsk, lambda: heard_through("de-emphasis", 20.0)),
        Line("the same, AGC, 20 dB", afsk, lambda: heard_through("agc", 20.0)),
        Line("bpsk-1200, 9 dB", bpsk, lambda: list(signals.bpsk_bursts(9.0, 6, 77).blocks())),
        Line(
            "bpsk-9600, 9 dB",
            fast_bpsk,
            lambda: list(signals.bpsk_bursts(9.0, 30, 77, symbol_rate_bd=9600.0, g3ruh=True).blocks()),
        ),
        Line("noise, fsk-9600", fsk, noise),
        Line("noise, afsk-1200", afsk, noise),
        Line("noise, bpsk-1200", bpsk, noise),
        Line("noise of 15 kHz, fsk-9600", fsk, narrow_noise),
        Line("noise of 15 kHz, fsk-1200", slow_fsk, narrow_noise),
        Line("noise of 15 kHz, afsk-1200", afsk, narrow_noise),
    ]


def noise() -> list[SampleBlock]:
    """White noise."""
    return list(signals.noise_blocks(NOISE_S, 5))


def narrow_noise() -> list[SampleBlock]:
    """The same behind a filter with steep edges, 60 dB down beyond them."""
    white = noise()
    samples = np.concatenate([block.samples for block in white])
    rate_hz = white[0].sample_rate_hz
    spectrum = np.fft.fft(samples)
    spectrum[np.abs(np.fft.fftfreq(len(samples), 1 / rate_hz)) > NOISE_WIDTH_HZ / 2] *= 1e-3
    return list(signals.as_blocks(np.fft.ifft(spectrum).astype(np.complex64), rate_hz, white[0].domain))


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
    print(f"{'channel of 48 kS/s (warm)':30}" + "".join(f"{effort:>10}" for effort in Effort))
    for line in lines():
        blocks = line.blocks()
        costs = [cost(line.chain, blocks, effort, runs) for effort in Effort]
        print(f"{line.name:30}" + "".join(f"{value:10.4f}" for value in costs), flush=True)
    print(f"{'wanted':30}" + "".join(f"{LIMITS[effort]:10.4f}" for effort in Effort))


if __name__ == "__main__":
    main()
