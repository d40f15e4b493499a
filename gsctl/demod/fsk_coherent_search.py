"""An unknown FSK carrier: timings, modulation indices and frequencies tried on its strongest part.

A small sequence detector for each; the coherence of what is left says whether it is a signal at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.demod.fsk_coherent_effort import Search
from gsctl.demod.fsk_coherent_rounds import SymbolModel
from gsctl.dsp.carrier_extraction import ExtractedCarrier
from gsctl.dsp.cpm_search_kernels import search_parameters
from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL, symbol_templates

Complex = NDArray[np.complex64]

# Noise gives up to 0.51, a signal at 2 dB Es/N0 0.65.
_LEAST_COHERENCE = 0.55
COARSE_FORGETTING = 0.75  # follows 0.01 turns a symbol, half the step of the search
_SHORTEST_SYMBOLS = 32
_SWINGING = 1.9
_COARSE_TURNS = 0.02
_FINE_FORGETTING = 0.9


@dataclass(frozen=True, slots=True)
class Found:
    """A carrier's model, its frequency in turns a symbol, and how well both fit (1 without noise)."""

    model: SymbolModel
    turns: float
    coherence: float


class CarrierFinder:
    """Finds carriers of one symbol rate.

    Args:
        sample_rate_hz: of the samples that carriers are cut out of.
        symbol_rate_bd: nominal.
        bt: what is taken for the filter's.
        search: how hard to try.
    """

    def __init__(self, sample_rate_hz: float, symbol_rate_bd: float, bt: float, search: Search) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._symbol_rate_bd = symbol_rate_bd
        self._bt = bt
        self._search = search

    def center_of_power(self, samples: Complex, near_hz: float, width_symbol_rates: float) -> float:
        """Middle of the spectrum around a frequency, to a few hundredths of the symbol rate."""
        width = width_symbol_rates * self._symbol_rate_bd
        samples = samples[: int(512 * self._sample_rate_hz / self._symbol_rate_bd)]
        size = scipy.fft.next_fast_len(max(len(samples), 64))
        power = scipy.fft.fftshift(np.abs(scipy.fft.fft(samples, size)) ** 2).astype(np.float64)
        frequency = (np.arange(size) - size // 2) * (self._sample_rate_hz / size)
        zeroth = np.concatenate(([0.0], np.cumsum(power)))
        first = np.concatenate(([0.0], np.cumsum(power * frequency)))
        center = near_hz
        # Noise pulls the mean towards the middle of the window: go there until it stays.
        for _ in range(8):
            low, high = np.searchsorted(frequency, (center - width / 2, center + width / 2))
            total = zeroth[high] - zeroth[low]
            if total <= 0.0:
                return near_hz
            center = float((first[high] - first[low]) / total)
        return center if abs(center - near_hz) < self._symbol_rate_bd else near_hz

    def swings(self, carrier: ExtractedCarrier, begin: float, end: float) -> bool:
        """Whether the envelope of the strongest part swings like noise, whatever its colour.

        The mean of |x|^4 over that of |x|^2 squared is 2 for noise, to 0.1, and 1.6 for a signal at 5 dB.
        """
        step = self._sample_rate_hz / self._symbol_rate_bd / carrier.input_per_sample
        length = int(min(self._search.symbols * step, end - begin))
        first = int(_strongest_part(carrier.samples, begin, end, length))
        part = carrier.samples[first : first + length]
        power = part.real**2 + part.imag**2
        mean = float(np.mean(power)) if len(power) else 0.0
        return float(np.mean(power * power)) > _SWINGING * mean**2 if mean > 0.0 else True

    def find(
        self,
        carrier: ExtractedCarrier,
        begin: float,
        end: float,
        span: float,
        indices: tuple[float, ...],
        *,
        in_middle: bool,
    ) -> Found | None:
        """Timing, modulation index and frequency (turns a symbol).

        From the strongest part or, since flags alone fit more than one frequency, the middle.
        """
        step = self._sample_rate_hz / self._symbol_rate_bd / carrier.input_per_sample
        symbols = int(min(self._search.symbols, (end - begin) / step))
        if symbols < _SHORTEST_SYMBOLS:
            return None
        origin = _strongest_part(carrier.samples, begin, end, int(symbols * step))
        if in_middle:
            origin = max(begin, (begin + end - symbols * step) / 2)
        coherence, model, turns = self._best(
            carrier,
            origin,
            step,
            symbols,
            np.arange(self._search.timings) / self._search.timings,
            np.array(indices),
            np.arange(-span, span + 0.001, _COARSE_TURNS),
            COARSE_FORGETTING,
        )
        if coherence < _LEAST_COHERENCE:
            return None
        near = np.array([-0.035, 0.0, 0.035])
        coherence, model, turns = self._best(
            carrier,
            model.start,
            step,
            symbols,
            np.array([-0.09, 0.0, 0.09]),
            model.index + near,
            turns + np.array([-0.01, -0.005, 0.0, 0.005, 0.01]),
            _FINE_FORGETTING,
        )
        return Found(model, turns, coherence)

    def _best(
        self,
        carrier: ExtractedCarrier,
        origin: float,
        step: float,
        symbols: int,
        shifts: NDArray[np.float64],
        indices: NDArray[np.float64],
        frequencies: NDArray[np.float64],
        forgetting: float,
    ) -> tuple[float, SymbolModel, float]:
        """Try all combinations; gives coherence, model and frequency of the best."""
        metric = np.zeros((len(shifts), len(indices), len(frequencies)))
        templates = np.stack([symbol_templates(h, self._bt) for h in indices])
        search_parameters(
            carrier.samples,
            origin + step * (shifts + 0.5 / SAMPLES_PER_SYMBOL - 0.5),
            step / SAMPLES_PER_SYMBOL,
            templates,
            indices,
            frequencies,
            symbols,
            forgetting,
            metric,
        )
        a, b, c = np.unravel_index(int(np.argmax(metric)), metric.shape)
        model = SymbolModel(origin + step * float(shifts[a]), step, float(indices[b]), self._bt)
        part = carrier.samples[max(0, int(origin)) : int(origin + symbols * step)]
        rms = float(np.sqrt(np.mean(np.abs(part) ** 2))) if len(part) else 0.0
        coherence = float(metric[a, b, c]) / (symbols * SAMPLES_PER_SYMBOL * max(rms, 1e-30))
        return coherence, model, float(frequencies[c])


def _strongest_part(samples: Complex, begin: float, end: float, length: int) -> float:
    """Where the ``length`` samples of most energy begin, between two places."""
    low = max(0, int(begin))
    power = samples[low : max(low + 1, min(len(samples), int(end)))]
    energy = np.concatenate(([0.0], np.cumsum(power.real**2 + power.imag**2, dtype=np.float64)))
    starts = np.arange(0, max(1, len(power) - length), 8 * SAMPLES_PER_SYMBOL)
    stops = np.minimum(starts + length, len(power))
    return float(low + starts[np.argmax(energy[stops] - energy[starts])])
