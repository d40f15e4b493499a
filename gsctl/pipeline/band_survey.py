"""Where in the band of a recording there are signals, for one whose place nothing tells."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from gsctl.demod import SEARCH_HZ, Effort
from gsctl.model import SampleBlock
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.spread import SPACING, reach_hz

# A band little wider than what a receiver searches anyway needs no look.
LEAST_HALF_BAND_HZ = 1.2 * SEARCH_HZ
# Receivers set beside the one in the middle, at most.
MOST_PLACES = 10
# A spectrum of bins of some 750 Hz each hundredth of a second, ten of them and three bins averaged: noise is
# above three times its mean once in 1e9 values, a signal at its threshold in half of the time is there.
_BIN_HZ = 750.0
_EVERY_S = 0.01
_AVERAGED = 10
_ABOVE = 3.0
# More of the band is noise than this, so this quantile is noise as well; its outermost part is filtered.
_FLOOR_QUANTILE = 0.3
_USABLE = 0.96
# What is so far below the strongest is its spectrum's edge: bursts that are cut off, a filter's leak.
_WEAKEST = 0.003


class BandSurvey:
    """Looks at a stream of IQ for what is above its noise, at any time.

    Args:
        sample_rate_hz: of the stream.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        self._bins = 1 << max(5, round(np.log2(sample_rate_hz / _BIN_HZ)))
        self._every = max(self._bins, round(_EVERY_S * sample_rate_hz))
        self._window = np.hanning(self._bins).astype(np.float32)
        self._held = np.empty(0, np.complex64)
        self._skipped = 0  # samples still to be left out before the next spectrum
        self._rows: list[NDArray[np.float32]] = []
        frequencies = fft.fftshift(fft.fftfreq(self._bins, 1.0 / sample_rate_hz))
        inside = np.abs(frequencies) <= _USABLE * sample_rate_hz / 2
        self._inside = inside
        self.frequencies_hz = frequencies[inside]
        # Highest power over the floor of each frequency, as a ratio; 0 before anything was heard.
        self.most = np.zeros(self.frequencies_hz.size, np.float32)

    def push(self, samples: NDArray[np.complex64]) -> None:
        """Take the next samples, (n,)."""
        held = np.concatenate((self._held, samples)) if self._held.size else samples
        left_out = min(self._skipped, held.size)
        held, self._skipped = held[left_out:], self._skipped - left_out
        count = max(0, (held.size - self._bins) // self._every + 1)
        if count:
            starts = self._every * np.arange(count)
            pieces = held[starts[:, None] + np.arange(self._bins)] * self._window
            spectra = fft.fftshift(fft.fft(pieces, axis=1), axes=1)
            self._rows.extend(np.asarray(spectra.real**2 + spectra.imag**2, np.float32))
            self._skipped = max(0, self._every * count - held.size)
            held = held[self._every * count :]
        self._held = held.copy()
        while len(self._rows) >= _AVERAGED:
            self._weigh(self._rows[:_AVERAGED])
            del self._rows[:_AVERAGED]

    def finish(self) -> None:
        """Weigh what is left."""
        if self._rows:
            self._weigh(self._rows)
            self._rows = []

    def _weigh(self, rows: Sequence[NDArray[np.float32]]) -> None:
        mean = np.mean(rows, axis=0)
        smooth = np.convolve(mean, np.ones(3, np.float32) / 3, "same")[self._inside]
        floor = float(np.quantile(smooth, _FLOOR_QUANTILE))
        # Short averages of a recording's end are no safer than they are long.
        least = _ABOVE * (_AVERAGED / len(rows)) ** 0.5
        if floor > 0.0:
            self.most = np.maximum(self.most, np.where(smooth > least * floor, smooth / floor, 0.0))

    def places_hz(self, spacing_hz: float, most: int) -> list[float]:
        """Multiples of ``spacing_hz`` but 0, near which there was a signal: the strongest, at most ``most``.

        The flank of a signal that is nearer to the neighbour is none.
        """
        steps = np.round(self.frequencies_hz / spacing_hz).astype(int)
        least = _WEAKEST * float(self.most.max(initial=0.0))
        heard: dict[int, float] = {}
        for step in np.unique(steps):
            inside = np.flatnonzero(steps == step)
            peak = int(inside[np.argmax(self.most[inside])])
            beyond = self.most[[max(0, peak - 1), min(peak + 1, steps.size - 1)]]
            if self.most[peak] > least and self.most[peak] >= beyond.max():
                heard[int(step)] = float(self.most[peak])
        loud = [step for step in heard if step and abs(step * spacing_hz) < self._rate_hz / 2]
        return [step * spacing_hz for step in sorted(loud, key=lambda step: -heard[step])[:most]]


def survey(blocks: Iterable[SampleBlock], sample_rate_hz: float) -> BandSurvey:
    """Look at a whole recording."""
    found = BandSurvey(sample_rate_hz)
    for block in blocks:
        found.push(np.asarray(block.samples, np.complex64))
    found.finish()
    return found


def beside(chain: Chain, found: BandSurvey, effort: Effort) -> tuple[Chain, ...]:
    """The chain in the middle of the band, and the same wherever else there was a signal."""
    places = found.places_hz(SPACING * reach_hz(chain, effort), MOST_PLACES)
    return (chain, *(dataclasses.replace(chain, expected_offset_hz=place) for place in places))
