"""Loads and compiles what receivers need, by listening to noise, before a radio is started."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from gsctl.model import Domain, SampleBlock
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen

_RATE_HZ = 96_000.0
_LENGTH_S = 0.5


def warm_up(chains: Sequence[Chain]) -> None:
    """Run receivers of these chains over half a second of noise with a tone burst in it."""
    random = np.random.default_rng(1)
    count = round(_RATE_HZ * _LENGTH_S)
    noise = random.standard_normal(2 * count).astype(np.float32).view(np.complex64) * np.float32(0.01)
    # An offset makes the mixer run as well.
    settings = Settings(frequency_hz=1e6, center_frequency_hz=1e6 - 1e3)
    still = [
        chain
        if chain.transmitter is None
        else dataclasses.replace(chain, transmitter=dataclasses.replace(chain.transmitter, frequency_hz=1e6))
        for chain in chains
    ]
    block = SampleBlock(samples=noise, domain=Domain.IQ, sample_rate_hz=_RATE_HZ)
    for _ in listen(Receiver(still, settings), [block]):
        pass
