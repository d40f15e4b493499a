"""What nobody sent does not come out: white noise and random bits through the whole receiver.

The aim is at most 0.01 false frames an hour at normal effort. Hours cannot be waited for here: five
minutes show a rate of ten an hour; the long tests show one an hour; the deframer alone, where
candidates arise, is fed a day of random bits.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from bench.signals import noise_blocks, random_bits
from gsctl.deframe import DeframeOptions
from gsctl.deframe.ax25 import Ax25Deframer
from gsctl.demod import Effort
from gsctl.framing import Ax25
from gsctl.model import SampleBlock, SoftBits, StageCounters
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import REPAIR, Receiver, Settings, listen
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

G3RUH, PLAIN = Ax25(g3ruh=True), Ax25()
GMSK = Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.5)


def false_frames(waveform: Waveform, framing: Ax25, blocks: Iterator[SampleBlock]) -> int:
    receiver = Receiver([Chain(waveform=waveform, framings=(framing,))], Settings())
    return sum(1 for _ in listen(receiver, blocks))


@pytest.mark.parametrize(
    ("waveform", "framing", "seconds", "rate_hz"),
    [
        (Fsk(symbol_rate_bd=9600.0), G3RUH, 300.0, 48_000.0),
        (Bpsk(symbol_rate_bd=1200.0), PLAIN, 60.0, 24_000.0),
        (Afsk(), PLAIN, 10.0, 24_000.0),
    ],
)
def test_minutes_of_noise(waveform: Waveform, framing: Ax25, seconds: float, rate_hz: float) -> None:
    assert false_frames(waveform, framing, noise_blocks(seconds, 1, sample_rate_hz=rate_hz)) == 0


def test_seconds_of_random_bits() -> None:
    assert false_frames(Fsk(symbol_rate_bd=9600.0), G3RUH, random_bits(GMSK, 10.0, 2)) == 0


@pytest.mark.long
def test_an_hour_of_noise() -> None:
    assert false_frames(Fsk(symbol_rate_bd=9600.0), G3RUH, noise_blocks(3600.0, 3)) == 0


@pytest.mark.long
@pytest.mark.parametrize("seconds", [300.0, 3600.0])
def test_long_random_bits(seconds: float) -> None:
    assert false_frames(Fsk(symbol_rate_bd=9600.0), G3RUH, random_bits(GMSK, seconds, 4)) == 0


def deframed(bit_count: int, magnitude: float | None, seed: int) -> tuple[int, StageCounters]:
    """Random line bits, as sure as ``magnitude`` says, or as unsure as noise; frames that come out."""
    random, counters = np.random.default_rng(seed), StageCounters()
    deframer = Ax25Deframer(G3RUH, DeframeOptions(repair=REPAIR[Effort.NORMAL]), counters)
    frames = 0
    for begin in range(0, bit_count, 48_000):
        values = random.standard_normal(48_000).astype(np.float32)
        if magnitude is not None:
            values = np.sign(values) * np.float32(magnitude)
        position = np.arange(begin, begin + 48_000, dtype=np.float64)
        frames += sum(
            1 for _ in deframer.push(SoftBits(values=values, position=position, symbol_rate_bd=9600.0))
        )
    return frames, counters


@pytest.mark.parametrize("magnitude", [None, 30.0])
def test_candidates_are_many_and_none_is_believed(magnitude: float | None) -> None:
    """Four minutes of 9600 Bd: candidates by the hundred, each with a chance of 1 in 65536."""
    frames, counters = deframed(2_400_000, magnitude, 5)
    assert frames == 0
    assert 100 < counters.fcs_bad < 400


@pytest.mark.long
def test_a_day_of_sure_random_bits_and_hours_of_noise() -> None:
    """At 9600 Bd the check alone would pass one frame in a day (0.04 an hour)."""
    assert deframed(24 * 3600 * 9600, 30.0, 6)[0] == 0
    assert deframed(6 * 3600 * 9600, None, 7)[0] == 0
