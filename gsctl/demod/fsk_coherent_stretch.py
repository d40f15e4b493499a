"""What is handed from one stretch of a carrier to the next, and on to the deframer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Around one symbol: by itself (2 dB), beyond doubt (9 dB), and as a share of what power promises;
# and in a stretch that is weak but, as a whole, beyond doubt.
LEAST_ES_N0 = 1.6
GOOD_ES_N0 = 8.0
LEAST_SHARE = 0.4
LEAST_MEAN_ES_N0 = 1.25
WEAK_ES_N0 = 0.6
# A stretch that fits so well was looked for at the right place and with the right modulation index: a strong
# signal of index 0.33, taken for one of 0.5, looks like 2.3, rarely 3.2.
SURE_ES_N0 = 3.5
GAP_SYMBOLS = 96  # without a signal for so long, what follows is another transmission


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierTrack:
    """What is known of a carrier where the next stretch begins.

    Attributes:
        next_symbol: input sample at which the next symbol has its middle.
        symbol_samples: input samples a symbol lasts.
        frequency_hz: there.
        drift_hz_s: of the frequency.
        modulation_index, bt: of the waveform.
        noise: variance of one component of the bare carrier.
        settled: frequency and drift come from a long stretch.
    """

    next_symbol: float
    symbol_samples: float
    frequency_hz: float
    drift_hz_s: float
    modulation_index: float
    bt: float | None
    noise: float
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Decided symbols of one stretch.

    Attributes:
        values: (n,) log-likelihood ratios, > 0 is the higher frequency.
        position: (n,) input samples.
        events: (cost, symbols) of the likeliest competing paths, the likeliest first.
        es_n0: energy of a symbol over noise density, a ratio.
        coherence: metric over that of a clean signal of the same power; below 0.52 in noise.
        coherent: first and last symbol (exclusive) of the part that hangs together.
        frequency_hz: mean over the stretch.
        track: for the next stretch.
    """

    values: NDArray[np.float32]
    position: NDArray[np.float64]
    events: list[tuple[float, tuple[int, ...]]]
    es_n0: float
    coherence: float
    coherent: tuple[int, int]
    frequency_hz: float
    track: CarrierTrack

    def part(self, first: int, last: int) -> Stretch:
        """Symbols ``first`` to ``last`` (exclusive) alone; the track stays."""
        if first == 0 and last == len(self.values):
            return self
        kept = [
            (cost, tuple(symbol - first for symbol in symbols))
            for cost, symbols in self.events
            if symbols[0] >= first and symbols[-1] < last
        ]
        return replace(self, values=self.values[first:last], position=self.position[first:last], events=kept)

    def followed_by(self, other: Stretch) -> Stretch:
        """Both as one; the second begins with the symbol after the last of the first."""
        count = len(self.values)
        later = [(cost, tuple(symbol + count for symbol in symbols)) for cost, symbols in other.events]
        return replace(
            other,
            values=np.concatenate((self.values, other.values)),
            position=np.concatenate((self.position, other.position)),
            events=sorted(self.events + later),
            coherent=(0, other.coherent[1] + count),
        )


def coherent_part(es_n0: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[int, int]:
    """From the first symbol around which there is a signal up to where it is gone for good.

    Gone is also where there is power, but not of the carrier that is followed.
    """
    if np.mean(es_n0) > LEAST_MEAN_ES_N0 and np.max(es_n0) < 3 * LEAST_MEAN_ES_N0:
        good = np.flatnonzero(es_n0 > WEAK_ES_N0)
    else:
        good = np.flatnonzero(es_n0 > np.clip(LEAST_SHARE * expected, LEAST_ES_N0, GOOD_ES_N0))
    if not len(good):
        return 0, 0
    gaps = np.flatnonzero(np.diff(good) > GAP_SYMBOLS)
    return int(good[0]), int(good[gaps[0]] if len(gaps) else good[-1]) + 1
