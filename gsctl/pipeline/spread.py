"""Looking for a carrier farther off than one receiver reaches: several of the same, side by side."""

from __future__ import annotations

import dataclasses
import math

from gsctl.demod import SEARCH_HZ, Effort
from gsctl.pipeline.chains import Chain
from gsctl.waveform import Bpsk

# How far off a discriminator still hears a carrier at moderate strength (measured with simulated passes at
# 14 dB: AFSK to 2 kHz, 9600 Bd to 1.5 kHz). It is all that fast effort has; above it receivers search.
_FM_REACH_HZ = 1_500.0
# Neighbours overlap by so much of their reach.
SPACING = 1.8
_MOST_EACH_WAY = 5


def reach_hz(chain: Chain, effort: Effort) -> float:
    """How far from its middle a chain's receiver hears a carrier."""
    searches = isinstance(chain.waveform, Bpsk) or effort is not Effort.FAST
    return SEARCH_HZ if searches else _FM_REACH_HZ


def spread(chain: Chain, half_width_hz: float, effort: Effort) -> tuple[Chain, ...]:
    """The chain and as many beside it as are needed to hear carriers within ``half_width_hz``.

    There are never more than eleven, so a very wide search with a receiver of small reach is cut short.
    """
    reach = reach_hz(chain, effort)
    spacing_hz = SPACING * reach
    each_way = min(math.ceil(max(0.0, half_width_hz - reach) / spacing_hz), _MOST_EACH_WAY)
    steps = sorted(range(-each_way, each_way + 1), key=abs)
    return tuple(
        dataclasses.replace(chain, expected_offset_hz=chain.expected_offset_hz + step * spacing_hz)
        for step in steps
    )
