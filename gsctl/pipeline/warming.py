"""Loads and compiles what receivers need, by listening to a burst in noise, before a radio is started."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.errors import ConfigError
from gsctl.model import Domain, SampleBlock
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.synth.modulators import modulate
from gsctl.waveform import Waveform

_RATE_HZ = 96_000.0
_LENGTH_S = 0.6
_BURST_S = 0.3
_LEVEL = 0.2
_NOISE = 0.01
# Far below the noise, but a steady line: for what looks for these.
_LINE, _LINE_HZ = 0.004, -8e3


def warm_up(chains: Sequence[Chain]) -> None:
    """Run receivers of these chains over half a second of noise with a burst of random bits in it.

    What nothing can be modulated for hears the noise only.
    """
    # An offset makes the oscillator run as well.
    settings = Settings(frequency_hz=1e6, center_frequency_hz=1e6 - 1e3)
    alike: dict[Waveform, list[Chain]] = {}
    for chain in chains:
        still = chain
        if chain.transmitter is not None:
            moved = dataclasses.replace(chain.transmitter, frequency_hz=1e6)
            still = dataclasses.replace(chain, transmitter=moved)
        alike.setdefault(chain.waveform, []).append(still)
    for waveform, same in alike.items():
        block = SampleBlock(samples=_burst(waveform), domain=Domain.IQ, sample_rate_hz=_RATE_HZ)
        for _ in listen(Receiver(same, settings), [block]):
            pass


def _burst(waveform: Waveform) -> NDArray[np.complex64]:
    """Random bits in noise, 1 kHz above the middle."""
    random = np.random.default_rng(1)
    count = round(_RATE_HZ * _LENGTH_S)
    out = random.standard_normal(2 * count).astype(np.float32).view(np.complex64) * np.float32(_NOISE)
    turns = np.exp(2j * np.pi * _LINE_HZ / _RATE_HZ * np.arange(count))
    out += (_LINE * turns).astype(np.complex64)
    rate_bd = waveform.symbol_rate_bd or 1200.0
    bits = random.integers(0, 2, max(8, round(_BURST_S * rate_bd))).astype(np.uint8)
    try:
        sent = modulate(waveform, bits, _RATE_HZ).samples
    except (ConfigError, KeyError):
        return out
    begin = round(_RATE_HZ * (_LENGTH_S - _BURST_S) / 2)
    sent = sent[: count - begin]
    turns = np.exp(2j * np.pi * 1e3 / _RATE_HZ * np.arange(sent.size))
    out[begin : begin + sent.size] += (_LEVEL * sent * turns).astype(np.complex64)
    return out
