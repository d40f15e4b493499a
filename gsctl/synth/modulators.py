"""Line symbols to complex baseband, one modulator for each waveform.

``MODULATORS`` maps a waveform's class to its modulator; ``modulate`` looks it up. Signals have
unit mean power while the burst lasts, carrier at zero frequency, and any sample rate.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits
from gsctl.coding.line_codes import manchester_encode, nrzi_encode
from gsctl.coding.morse import dots_per_second
from gsctl.errors import ConfigError
from gsctl.synth.pulses import STEPS, gaussian_phase_table, root_raised_cosine_table, shape
from gsctl.waveform import Afsk, Bpsk, Fsk, Morse, Waveform

BPSK_SPAN = 8
FSK_SPAN = 3
DEFAULT_AFSK_DEVIATION_HZ = 3000.0
MORSE_EDGE_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaping:
    """What a waveform's parameters leave open.

    Attributes:
        excess_bandwidth: of BPSK's root-raised-cosine pulse; None is rectangular.
        modulation_index: of FSK, 2 deviation / symbol rate; used where the waveform names no deviation.
    """

    excess_bandwidth: float | None = 0.35
    modulation_index: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseband:
    """One burst as complex samples.

    Attributes:
        samples: (n,) complex64.
        first_symbol: sample index of the middle of symbol 0; its fraction is the delay asked for.
        samples_per_symbol: so symbol k has its middle at ``first_symbol + k samples_per_symbol``.
    """

    samples: NDArray[np.complex64]
    first_symbol: float
    samples_per_symbol: float


Modulator = Callable[[Any, Bits, float, float, Shaping], Baseband]


def modulate(
    waveform: Waveform,
    symbols: Bits,
    sample_rate_hz: float,
    *,
    delay: float = 0.0,
    shaping: Shaping | None = None,
) -> Baseband:
    """Make a burst of ``symbols``.

    Args:
        waveform: needs a symbol rate; its class must stand in ``MODULATORS``.
        symbols: (n,) line symbols, zeros and ones.
        sample_rate_hz: of the result; a clock error of the receiver is a change of this rate.
        delay: part of a sample (0 to 1) by which the burst comes later.
        shaping: pulse parameters that the waveform leaves open.

    Raises:
        ConfigError: no symbol rate, or a sample rate below two samples a symbol.
        KeyError: gsctl cannot send this waveform.
    """
    rate_bd = sent_rate_bd(waveform)
    if sample_rate_hz < 2 * rate_bd:
        raise ConfigError(
            f"{sample_rate_hz:g} samples/s are too few for {rate_bd:g} Bd",
            advice=f"use at least {2 * rate_bd:g}",
        )
    if waveform.symbol_rate_bd is None:
        waveform = dataclasses.replace(waveform, symbol_rate_bd=rate_bd)
    return MODULATORS[type(waveform)](waveform, symbols, sample_rate_hz, delay, shaping or Shaping())


def sent_rate_bd(waveform: Waveform) -> float:
    """The symbol rate that is sent; that of Morse's dots may be told as a speed.

    Raises:
        ConfigError: the waveform tells none.
    """
    rate_bd = waveform.symbol_rate_bd
    if rate_bd is None and isinstance(waveform, Morse) and waveform.speed_wpm:
        rate_bd = dots_per_second(waveform.speed_wpm)
    if not rate_bd or rate_bd <= 0:
        raise ConfigError("a waveform without a symbol rate cannot be sent", advice="give symbol_rate_bd")
    return rate_bd


def _antipodal(symbols: Bits) -> NDArray[np.float64]:
    return np.where(symbols, 1.0, -1.0)


def _grid(symbol_count: int, samples_per_symbol: float, delay: float, margin: float) -> tuple[float, int]:
    """Index of symbol 0's middle and number of samples, for ``margin`` symbols around the middles."""
    first = ceil(margin * samples_per_symbol) + delay
    return first, ceil(first + (symbol_count - 1 + margin) * samples_per_symbol) + 1


def _at_samples(
    fine: NDArray[np.float64], span: int, first: float, count: int, sps: float
) -> NDArray[np.float64]:
    """A waveform from ``shape`` at ``count`` samples."""
    place = ((np.arange(count) - first) / sps + span) * STEPS
    return np.asarray(np.interp(place, np.arange(len(fine)), fine), np.float64)


def bpsk(waveform: Bpsk, symbols: Bits, sample_rate_hz: float, delay: float, shaping: Shaping) -> Baseband:
    """BPSK: a one is +1. Rectangular pulses are averaged over each sample interval."""
    assert waveform.symbol_rate_bd
    sent = nrzi_encode(symbols) if waveform.differential else symbols
    sps = sample_rate_hz / waveform.symbol_rate_bd
    if not waveform.manchester:
        return _bpsk_levels(_antipodal(sent), sps, delay, shaping.excess_bandwidth)
    # The middle of a bit lies half a chip after the middle of its first chip.
    late = delay + ceil(sps / 2) - sps / 4
    chips = _bpsk_levels(_antipodal(manchester_encode(sent)), sps / 2, late, shaping.excess_bandwidth)
    return Baseband(samples=chips.samples, first_symbol=chips.first_symbol + sps / 4, samples_per_symbol=sps)


def _bpsk_levels(levels: NDArray[np.float64], sps: float, delay: float, excess: float | None) -> Baseband:
    if excess is None:
        first, count = _grid(len(levels), sps, delay, 0.5)
        ramp = np.concatenate([[0.0], np.cumsum(levels)])
        edges = (np.arange(count + 1) - 0.5 - first) / sps + 0.5
        samples = np.diff(np.interp(edges, np.arange(len(ramp)), ramp)) * sps
    else:
        first, count = _grid(len(levels), sps, delay, BPSK_SPAN - 1)
        fine = shape(levels, root_raised_cosine_table(excess, BPSK_SPAN))
        samples = _at_samples(fine, BPSK_SPAN, first, count, sps)
    return Baseband(samples=samples.astype(np.complex64), first_symbol=first, samples_per_symbol=sps)


def fsk(waveform: Fsk, symbols: Bits, sample_rate_hz: float, delay: float, shaping: Shaping) -> Baseband:
    """Continuous-phase FSK, Gaussian where ``bt`` is given; a negative deviation sends a one below."""
    assert waveform.symbol_rate_bd
    sps = sample_rate_hz / waveform.symbol_rate_bd
    index = shaping.modulation_index
    if waveform.deviation_hz is not None:
        index = 2 * waveform.deviation_hz / waveform.symbol_rate_bd
    levels = _antipodal(symbols)
    first, count = _grid(len(levels), sps, delay, 0.5)
    fine = shape(levels, gaussian_phase_table(waveform.bt, FSK_SPAN))
    # A window of 2 span + 1 symbols sees the turns in progress; those it has left are whole.
    whole = np.concatenate([np.zeros(2 * FSK_SPAN + 1), np.cumsum(levels)])[: len(fine) // STEPS]
    turns = fine + np.repeat(whole, STEPS)
    phase = pi * index * _at_samples(turns, FSK_SPAN, first, count, sps)
    return Baseband(samples=_phasor(phase), first_symbol=first, samples_per_symbol=sps)


def afsk(waveform: Afsk, symbols: Bits, sample_rate_hz: float, delay: float, shaping: Shaping) -> Baseband:
    """Audio tones of continuous phase that frequency-modulate a carrier, without pre-emphasis."""
    del shaping
    assert waveform.symbol_rate_bd
    sps = sample_rate_hz / waveform.symbol_rate_bd
    deviation_hz = waveform.fm_deviation_hz or DEFAULT_AFSK_DEVIATION_HZ
    first, count = _grid(len(symbols), sps, delay, 0.5)
    tones = np.where(symbols, waveform.mark_hz, waveform.space_hz)
    duration_s = 1.0 / waveform.symbol_rate_bd
    # The carrier's phase is the integral of the audio sine, exact within each symbol.
    start = np.concatenate([[0.0], np.cumsum(2 * pi * tones * duration_s)])
    swing = (np.cos(start[:-1]) - np.cos(start[1:])) / (2 * pi * tones)
    base = np.concatenate([[0.0], np.cumsum(swing)])
    place = np.clip((np.arange(count) - first) / sps + 0.5, 0.0, len(symbols))
    symbol = np.minimum(place.astype(np.int64), len(symbols) - 1)
    angle = start[symbol] + 2 * pi * tones[symbol] * (place - symbol) * duration_s
    area = base[symbol] + (np.cos(start[symbol]) - np.cos(angle)) / (2 * pi * tones[symbol])
    return Baseband(samples=_phasor(2 * pi * deviation_hz * area), first_symbol=first, samples_per_symbol=sps)


def morse(waveform: Morse, symbols: Bits, sample_rate_hz: float, delay: float, shaping: Shaping) -> Baseband:
    """A keyed carrier of unit power while the key is down, its edges rounded over 5 ms against clicks."""
    del shaping
    assert waveform.symbol_rate_bd
    sps = sample_rate_hz / waveform.symbol_rate_bd
    edge = min(MORSE_EDGE_S * waveform.symbol_rate_bd, 0.5)
    first, count = _grid(len(symbols), sps, delay, 1.0)
    keyed = np.concatenate([[0.0], symbols, [0.0]])
    place = (np.arange(count) - first) / sps + 0.5
    # The level moves from one unit to the next around their border, over ``edge`` of a unit.
    border = np.clip(np.round(place).astype(np.int64), 0, len(symbols))
    part = np.clip((place - border) / edge + 0.5, 0.0, 1.0)
    rise = 0.5 - 0.5 * np.cos(pi * part)
    level = keyed[border] * (1 - rise) + keyed[border + 1] * rise
    return Baseband(samples=level.astype(np.complex64), first_symbol=first, samples_per_symbol=sps)


def _phasor(phase: NDArray[np.float64]) -> NDArray[np.complex64]:
    """exp(j phase); wrapped first, because float32 sines of large angles are coarse."""
    wrapped = (phase - 2 * pi * np.floor(phase / (2 * pi) + 0.5)).astype(np.float32)
    result = np.empty(len(phase), np.complex64)
    result.real = np.cos(wrapped)
    result.imag = np.sin(wrapped)
    return result


MODULATORS: dict[type[Waveform], Modulator] = {Afsk: afsk, Bpsk: bpsk, Fsk: fsk, Morse: morse}
