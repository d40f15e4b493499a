"""A way to hand line bits to a deframer."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.framing import parse_framing
from gsctl.model import Frame, SoftBits, StageCounters

Deframe = Callable[..., list[Frame]]


def _deframe(
    name: str,
    bits: NDArray[np.uint8],
    *,
    cut: int | None = None,
    noise: float = 0.0,
    seed: int = 1,
    unchecked: bool = False,
    counters: StageCounters | None = None,
) -> list[Frame]:
    """Frames out of line bits, heard with Gaussian noise of this deviation, in pieces of ``cut``."""
    framing = parse_framing(name)
    deframer = DEFRAMERS[type(framing)](
        framing, DeframeOptions(unchecked=unchecked), counters or StageCounters()
    )
    rng = np.random.default_rng(seed)
    level = bits.astype(np.float32) * 2 - 1 + noise * rng.standard_normal(len(bits)).astype(np.float32)
    values = (level * (2 / max(noise, 0.4) ** 2)).astype(np.float32)
    step = cut or len(bits)
    frames: list[Frame] = []
    for begin in range(0, len(bits), step):
        piece = values[begin : begin + step]
        frames += deframer.push(
            SoftBits(
                values=piece,
                position=5 * np.arange(begin, begin + len(piece), dtype=np.float64),
                symbol_rate_bd=9600.0,
                restart=begin == 0,
            )
        )
    return frames


@pytest.fixture
def deframe() -> Deframe:
    """``deframe(name, bits, cut=, noise=, seed=, unchecked=, counters=)`` gives the frames.

    Symbol k is at sample 5 k.
    """
    return _deframe
