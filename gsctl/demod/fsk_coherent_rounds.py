"""Deciding the symbols of one FSK carrier whose parameters are roughly known, in rounds.

A sequence detector decides the bits; the decided bits take the modulation off; what is left is
the bare carrier in noise, from which phase, frequency, timing and the pulse's shape follow by
averaging; then the bits are decided anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp import cpm_kernels as kernels
from gsctl.dsp.carrier_extraction import ExtractedCarrier
from gsctl.dsp.cpm_waveform import BT_CHOICES, SAMPLES_PER_SYMBOL, symbol_templates

Phase = NDArray[np.float64]
Bare = NDArray[np.complex128]

# Kept on both sides of a stretch for filters, phase averages and the sequence detector.
GUARD_SYMBOLS = 48

_PHASE_SPAN = 49  # symbols averaged for one phase: loses 0.02 dB at 7 dB, follows 100 Hz/s at 1200 Bd
_FREQUENCY_SPAN = 129
_FREQUENCY_LAG = 8
_SHAPE_SPAN = 16
PROFILE_SPAN = 129
_TIMING_STEP = 0.08  # symbols; early and late
_TIMING_GROUP = 128
_CLOCK_SPREAD = 60e-6  # what clocks are off by, one sigma
_LARGEST_CLOCK_ERROR = 300e-6


@dataclass(slots=True)
class SymbolModel:
    """Where symbols lie in the extracted samples, and what they look like.

    Attributes:
        start: middle of symbol 0, in samples of the extracted carrier.
        step: samples a symbol.
        index, bt: of the waveform.
    """

    start: float
    step: float
    index: float
    bt: float | None

    def first_sample(self, shift: float = 0.0) -> float:
        """Place of the first of a symbol's four samples; ``shift`` is in symbols."""
        return self.start + self.step * (shift + 0.5 / SAMPLES_PER_SYMBOL - 0.5)


@dataclass(frozen=True, slots=True)
class Quality:
    """Averages around each symbol, (n,) each.

    Attributes:
        amplitude: of the bare carrier; ``SAMPLES_PER_SYMBOL`` times that of the samples.
        noise: variance of one component of the bare carrier.
        power: of the samples.
    """

    amplitude: NDArray[np.float64]
    noise: NDArray[np.float64]
    power: NDArray[np.float64]

    def es_n0(self) -> NDArray[np.float64]:
        """Energy of a symbol over the noise density, from the bare carrier.

        Decisions fit noise a little: without a signal it is about 0.65, rarely 1.2. On a carrier
        that is mistuned it is about 0.9, on one that is mistimed less than it should be.
        """
        ratio: NDArray[np.float64] = self.amplitude * np.abs(self.amplitude) / (2 * self.noise)
        return ratio

    def expected_es_n0(self, noise: float) -> NDArray[np.float64]:
        """The same from power alone, if the variance ``noise`` is right.

        The samples hold the noise of 1.8 symbol rates, a decision that of one.
        """
        ratio: NDArray[np.float64] = 0.5 * SAMPLES_PER_SYMBOL**2 * self.power / noise - 1.8
        return ratio


def moving_average(values: Bare | NDArray[np.float64], span: int) -> Bare:
    """Average over ``span`` (odd) values around each, over fewer at the ends."""
    half = span // 2
    total = np.concatenate((np.zeros(1), np.cumsum(values, dtype=np.result_type(values, np.float64))))
    place = np.arange(len(values))
    low = np.maximum(place - half, 0)
    high = np.minimum(place + half + 1, len(values))
    averaged: Bare = (total[high] - total[low]) / (high - low)
    return averaged


class Rounds:
    """The symbols of one stretch, guards included, and the estimates that go with them.

    Args:
        phase: (n,) radians, first guess of the carrier's phase at each symbol, but for a constant.
        memory: bits in a state of the sequence detector.
    """

    def __init__(self, carrier: ExtractedCarrier, model: SymbolModel, phase: Phase, memory: int) -> None:
        count = len(phase)
        self.model = model
        self._set_phase(phase)
        self.metric = 0.0
        self.bits = np.zeros(count, np.uint8)
        self._carrier = carrier
        self._memory = memory
        self._choice, self._margin = kernels.empty_record(count, memory)
        self._path = np.zeros(count, np.int32)
        self._samples = np.empty(count * SAMPLES_PER_SYMBOL, np.complex64)

    def decide(self, forgetting: float) -> None:
        """Decide all bits with the model and phase as they stand."""
        model = self.model
        self._resample(self._samples)
        correlations = np.empty((len(self.bits), 8), np.complex64)
        kernels.correlate_symbols(self._samples, symbol_templates(model.index, model.bt), correlations)
        self.metric, last = kernels.detect_sequence(
            correlations, self._rotation(), model.index, forgetting, self._memory, self._choice, self._margin
        )
        kernels.trace_back(self._choice, last, self._memory, self.bits, self._path)

    def follow(self, *, tune_index: bool, tune_bt: bool) -> None:
        """Estimate phase, timing and, where asked for, the shape of the pulse from the bits."""
        bare = self.bare()
        lag = _FREQUENCY_LAG
        product = np.zeros(len(bare), np.complex128)
        product[lag // 2 : -lag // 2] = bare[lag:] * np.conj(bare[:-lag])
        slow = np.cumsum(np.angle(moving_average(product, _FREQUENCY_SPAN))) / lag
        self._set_phase(self.phase + slow)
        self.settle(bare * np.exp(-1j * slow))
        if tune_index:
            self._tune_index()
        if tune_bt:
            self.model.bt = max(BT_CHOICES, key=lambda bt: self._coherence(self.model.index, bt))
        if tune_index or tune_bt:
            # The phase that is left depends on what is taken for modulation.
            self.settle(self.bare())
        self._tune_timing()

    def _set_phase(self, phase: Phase) -> None:
        self.phase = phase
        self._rotor: NDArray[np.complex64] | None = None

    def _rotation(self) -> NDArray[np.complex64]:
        """Unit phasors that take ``phase`` off."""
        if self._rotor is None:
            turns = self.phase.astype(np.float64) / (2 * np.pi)
            angle = ((turns - np.rint(turns)) * (-2 * np.pi)).astype(np.float32)
            self._rotor = np.empty(len(angle), np.complex64)
            self._rotor.real = np.cos(angle)
            self._rotor.imag = np.sin(angle)
        return self._rotor

    def settle(self, bare: Bare) -> None:
        """Take the averaged phase of the bare carrier off."""
        self._set_phase(self.phase + np.unwrap(np.angle(moving_average(bare, _PHASE_SPAN))))

    def bare(self) -> Bare:
        """(n,) the carrier without its modulation and known phase: real, positive, and noise."""
        return (self._bare(self._samples, self.model.index, self.model.bt) * self._rotation()).astype(
            np.complex128
        )

    def rms(self) -> float:
        """Of the samples, guards included."""
        return float(np.sqrt(np.mean(self._samples.real**2 + self._samples.imag**2)))

    def quality(self, bare: Bare) -> Quality:
        """How well decisions and samples agree around each symbol."""
        power = (self._samples.real**2 + self._samples.imag**2).reshape(-1, SAMPLES_PER_SYMBOL)
        amplitude = moving_average(bare.real, PROFILE_SPAN).real
        return Quality(
            amplitude=amplitude,
            noise=np.maximum(moving_average(bare.imag**2, PROFILE_SPAN).real, 1e-30),
            power=moving_average(power.mean(axis=1, dtype=np.float64), PROFILE_SPAN).real,
        )

    def reliability(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.uint64], NDArray[np.float32]]:
        """Metric lost by the best path against each bit, and the competing path at each step.

        Returns:
            loss for each bit; then for each step the newest bit flipped by the path that lost,
            the mask of bits flipped before it (see ``kernels.competing_paths``) and its loss.
        """
        count = len(self.bits)
        loss = np.full(count, 1e6, np.float32)
        first = np.empty(count, np.int32)
        flips = np.empty(count, np.uint64)
        kernels.competing_paths(self._choice, self._margin, self._path, self._memory, loss, first, flips)
        return loss, first, flips, self._margin[np.arange(count), self._path]

    # -- estimators ----------------------------------------------------------------------------

    def _resample(self, out: NDArray[np.complex64], shift: float = 0.0) -> None:
        kernels.interpolate(
            self._carrier.samples, self.model.first_sample(shift), self.model.step / SAMPLES_PER_SYMBOL, out
        )

    def _bare(self, samples: NDArray[np.complex64], index: float, bt: float | None) -> NDArray[np.complex64]:
        out = np.empty(len(self.bits), np.complex64)
        kernels.remove_modulation(samples, symbol_templates(index, bt), index, self.bits, out)
        return out

    def _coherence(self, index: float, bt: float | None) -> float:
        bare = self._bare(self._samples, index, bt)
        return float(kernels.block_coherence(bare, self._rotation(), _SHAPE_SPAN))

    def _tune_index(self) -> None:
        """Modulation index by a parabola through three values."""
        width = 0.02
        model = self.model
        low, middle, high = (self._coherence(model.index + d, model.bt) for d in (-width, 0.0, width))
        bend = low - 2 * middle + high
        if bend < 0:
            model.index += float(np.clip(0.5 * width * (low - high) / bend, -0.03, 0.03))

    def _tune_timing(self) -> None:
        """Symbol timing and clock error: the maximum of the likelihood, from early and late correlations.

        The log-likelihood of each group of symbols is a parabola in that group's timing error;
        their sum over groups, with errors on a line and its slope known beforehand to
        ``_CLOCK_SPREAD``, has its maximum where two linear equations say.
        """
        model = self.model
        count = len(self.bits)
        edges = np.arange(0, count, _TIMING_GROUP)
        rotation = self._rotation()
        sums = []
        shifted = np.empty_like(self._samples)
        for shift in (-_TIMING_STEP, 0.0, _TIMING_STEP):
            self._resample(shifted, shift)
            bare = self._bare(shifted, model.index, model.bt) * rotation
            sums.append(np.add.reduceat(bare.real, edges))
            if shift == 0.0:
                likelihood = max(float(np.mean(bare.real)), 0.0) / (float(np.mean(bare.imag**2)) + 1e-30)
        early, middle, late = sums
        bend = np.minimum(early - 2 * middle + late, 0.0) * (likelihood / _TIMING_STEP**2)
        slope = (late - early) * (likelihood / (2 * _TIMING_STEP))
        place = np.minimum(edges + _TIMING_GROUP / 2, count) - count / 2
        matrix = np.array(
            [
                [np.sum(bend), np.sum(bend * place)],
                [np.sum(bend * place), np.sum(bend * place**2) - _CLOCK_SPREAD**-2],
            ]
        )
        if abs(np.linalg.det(matrix)) < 1e-9:
            return
        start, drift = np.linalg.solve(matrix, -np.array([np.sum(slope), np.sum(slope * place)]))
        start = float(np.clip(start, -0.25, 0.25))
        drift = float(np.clip(drift, -_LARGEST_CLOCK_ERROR, _LARGEST_CLOCK_ERROR))
        model.start += model.step * (start - drift * count / 2)
        model.step *= 1.0 + drift
