"""Where to put the band of a radio so that several channels lie in it, clear of the spike at its centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gsctl.demod import channel_bandwidth_hz
from gsctl.errors import CatalogError, UsageError
from gsctl.pipeline.chains import Chain

# Rates that common receivers have, tried in this order where none is told.
USUAL_RATES_HZ = (250e3, 1.024e6, 2.4e6)
# A low orbit moves at 7.8 km/s; its Doppler shift is at most this share of the frequency.
_MOST_DOPPLER = 2.7e-5
# Filters of receivers fall off towards the edges of the band.
_USABLE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The band that a radio is asked for.

    Attributes:
        chains: those whose channels lie in it.
        left_out: those that are too far away.
        frequency_hz: of the first channel.
        sample_rate_hz: to ask for.
        lo_offset_hz: from the first channel to the middle of the band; None leaves it to the radio,
            which knows its true rate.
        width_hz: of what is needed of it, two-sided about the first channel; all of it for several.
    """

    chains: tuple[Chain, ...]
    left_out: tuple[Chain, ...]
    frequency_hz: float
    sample_rate_hz: float
    lo_offset_hz: float | None
    width_hz: float


def nominal_hz(chain: Chain, told_hz: float | None) -> float | None:
    """The frequency of a chain: its transmitter's, else the one told."""
    known = chain.transmitter.frequency_hz if chain.transmitter else None
    return known or told_hz


def plan_band(chains: Sequence[Chain], told_hz: float | None, sample_rate_hz: float | None) -> Band:
    """Choose rate and middle of the band; a chain too far from the first one is left out.

    Args:
        chains: what to listen for.
        told_hz: frequency of the chains whose transmitter tells none.
        sample_rate_hz: None takes the lowest usual rate that holds as many as any.

    Raises:
        CatalogError: no frequency is known.
        UsageError: not even the first channel fits in the rate.
    """
    placed = [(chain, hz) for chain in chains if (hz := nominal_hz(chain, told_hz)) is not None]
    if not placed:
        raise CatalogError("its frequency is not known", advice="give it as -f 437.365M")
    rates = USUAL_RATES_HZ if sample_rate_hz is None else (sample_rate_hz,)
    # A downlink in another band than the first is in none of them, and no reason for a higher rate.
    rate_hz = max(rates, key=lambda rate: (len(_fitting(placed, rate)), -rate))
    inside = _fitting(placed, rate_hz)
    if not inside:
        width_hz = 2 * half_width_hz(placed[0][0], placed[0][1])
        raise UsageError(
            f"{rate_hz:g} S/s is too little",
            where="--sample-rate",
            advice=f"the channel with its Doppler shift takes {width_hz / 1e3:.0f} kHz",
        )
    chosen = tuple(chain for chain, _ in inside)
    first_hz = inside[0][1]
    several = len({hz for _, hz in inside}) > 1
    return Band(
        chains=chosen,
        left_out=tuple(chain for chain in chains if chain not in chosen),
        frequency_hz=first_hz,
        sample_rate_hz=rate_hz,
        lo_offset_hz=_best_middle_hz(inside, rate_hz) - first_hz if several else None,
        width_hz=rate_hz if several else 2 * max(half_width_hz(chain, hz) for chain, hz in inside),
    )


def half_width_hz(chain: Chain, frequency_hz: float) -> float:
    """From the middle of a channel to its edge, the Doppler shift of a low orbit included.

    The carrier search of the demodulator may reach over the edge of the band; the signal may not.
    """
    rate_bd = chain.waveform.symbol_rate_bd or 1200.0
    return min(channel_bandwidth_hz(chain.waveform), 2.5 * rate_bd + 6e3) / 2 + _MOST_DOPPLER * frequency_hz


def span_hz(chains: Sequence[Chain], told_hz: float | None) -> tuple[float, float]:
    """Lowest and highest frequency that chains listen to, Doppler shift and search included."""
    edges = []
    for chain in chains:
        hertz = nominal_hz(chain, told_hz) or 0.0
        half_hz = channel_bandwidth_hz(chain.waveform) / 2 + _MOST_DOPPLER * hertz
        edges += [hertz + chain.expected_offset_hz - half_hz, hertz + chain.expected_offset_hz + half_hz]
    return min(edges), max(edges)


def chains_in_stream(
    chains: tuple[Chain, ...], told_hz: float | None, center_hz: float | None, sample_rate_hz: float
) -> tuple[Chain, ...]:
    """The chains whose signal a stream can hold: its rate is enough, and the middle lies in its band.

    Args:
        told_hz: frequency of the chains whose transmitter tells none.
        center_hz: of IQ; None where it is not known or the stream is audio.

    Returns:
        All of them where none can be held: then an error says why, or the user knows better.
    """

    def is_held(chain: Chain) -> bool:
        hertz = nominal_hz(chain, told_hz)
        if hertz and center_hz and abs(hertz - center_hz) > sample_rate_hz / 2:
            return False
        return sample_rate_hz >= 2 * (chain.waveform.symbol_rate_bd or 0.0)

    return tuple(chain for chain in chains if is_held(chain)) or chains


def inside_band(chain: Chain, frequency_hz: float, center_hz: float, sample_rate_hz: float) -> bool:
    """Whether a chain's channel lies wholly in a band."""
    return abs(frequency_hz - center_hz) + half_width_hz(chain, frequency_hz) <= sample_rate_hz / 2


def _fitting(placed: Sequence[tuple[Chain, float]], rate_hz: float) -> list[tuple[Chain, float]]:
    """The first channel and all that fit in a band with it, taken in order."""
    chosen: list[tuple[Chain, float]] = []
    for chain, hz in placed:
        low_hz = min(h - half_width_hz(c, h) for c, h in [*chosen, (chain, hz)])
        high_hz = max(h + half_width_hz(c, h) for c, h in [*chosen, (chain, hz)])
        usable_hz = rate_hz if not chosen else _USABLE * rate_hz
        if high_hz - low_hz <= usable_hz:
            chosen.append((chain, hz))
    return chosen


def _best_middle_hz(placed: Sequence[tuple[Chain, float]], rate_hz: float) -> float:
    """The middle from which the nearest channel and the band's edges are farthest."""
    low_hz = max(hz + half_width_hz(chain, hz) for chain, hz in placed) - rate_hz / 2
    high_hz = min(hz - half_width_hz(chain, hz) for chain, hz in placed) + rate_hz / 2

    def clearance_hz(middle_hz: float) -> float:
        distances = [(abs(hz - middle_hz), half_width_hz(chain, hz)) for chain, hz in placed]
        return min(min(d - half, rate_hz / 2 - d - half) for d, half in distances)

    steps = 256
    candidates = [low_hz + (high_hz - low_hz) * step / steps for step in range(steps, -1, -1)]
    return max(candidates, key=clearance_hz)
