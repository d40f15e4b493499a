"""What no framing may do: make frames of noise, or fall over whatever comes."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.framing import FRAMINGS, Integrity
from gsctl.model import Frame, SoftBits, StageCounters

Deframe = Callable[..., list[Frame]]
NAMES = [name for name, framing in FRAMINGS.items() if type(framing) in DEFRAMERS]
# One minute and three quarters of a 9600 Bd channel.
SYMBOLS = 1_000_000


def test_all_framings_but_text_have_a_deframer() -> None:
    assert set(FRAMINGS) - set(NAMES) == {"text"}


@pytest.mark.parametrize("name", NAMES)
def test_noise_gives_no_checked_frame(name: str, deframe: Deframe) -> None:
    bits = np.random.default_rng(11).integers(0, 2, SYMBOLS, np.uint8)
    assert [
        f for f in deframe(name, bits, noise=1.0, cut=4800) if f.integrity is not Integrity.UNCHECKED
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_lines_at_rest_and_hostile_values_do_no_harm(name: str) -> None:
    framing = FRAMINGS[name]
    deframer = DEFRAMERS[type(framing)](framing, DeframeOptions(unchecked=True), StageCounters())
    rng = np.random.default_rng(4)
    wild = rng.standard_normal(9000).astype(np.float32)
    wild[::7] = np.inf
    wild[3::11] = -np.inf
    wild[5::13] = np.nan
    for values in (np.zeros(9000, np.float32), np.ones(9000, np.float32), np.empty(0, np.float32), wild):
        position = np.arange(len(values), dtype=np.float64)
        list(deframer.push(SoftBits(values=values, position=position, symbol_rate_bd=9600.0)))
