"""Deciding the symbols of one FSK carrier whose parameters are roughly known, in rounds.

A sequence detector decides the bits; the decided bits take the modulation off; what is left is
the bare carrier in noise, from which phase, frequency, timing and the pulse's shape follow by
averaging; then the bits are decided anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp import cpm_estimate_kernels as estimate
from gsctl.dsp import cpm_kernels as kernels
from gsctl.dsp.carrier_extraction import ExtractedCarrier
from gsctl.dsp.cpm_waveform import BT_CHOICES, SAMPLES_PER_SYMBOL, symbol_templates

Phase = NDArray[np.float64]
Bare = NDArray[np.complex128]

# Kept on both sides of a stretch for filters, phase averages and the sequence detector.
GUARD_SYMBOLS = 48

_PHASE_SPAN = 49  # symbols averaged for one phase: loses 0.02 dB at 7 dB, follows 100 Hz/s at 1200 Bd
_FREQUENCY_SPAN = 97
_FREQUENCY_LAG = 8
_EDGE_SYMBOLS = 2 * GUARD_SYMBOLS  # where a burst ends, noise changes from round to round
_SHAPE_SPAN = 16
PROFILE_SPAN = 129
_TIMING_STEP = 0.08  # symbols; early and late
_TIMING_GROUP = 128
_LARGEST_INDEX_CHANGE = 0.03  # a round
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


def moving_average(values: NDArray[Any], span: int) -> NDArray[Any]:
    """Average over ``span`` (odd) values around each, over fewer at the ends; float64 or complex128."""
    values = np.ascontiguousarray(values, np.complex128 if np.iscomplexobj(values) else np.float64)
    averaged = np.zeros_like(values)
    if len(values):
        kernels.sliding_mean(values, span, averaged)
    return averaged


def _phasors(phase: Phase) -> NDArray[np.complex64]:
    """Unit phasors that take ``phase`` off."""
    rotor = np.empty(len(phase), np.complex64)
    estimate.phasors(phase, rotor)
    return rotor


class Rounds:
    """The symbols of one stretch, guards included, and the estimates that go with them.

    Args:
        phase: (n,) radians, first guess of the carrier's phase at each symbol, but for a constant.
        memory: bits in a state of the sequence detector.

    Attributes:
        bits: (n,) as decided.
        changes: how many of them, away from the ends, the last decision changed.
        metric: of the best sequence.
    """

    def __init__(self, carrier: ExtractedCarrier, model: SymbolModel, phase: Phase, memory: int) -> None:
        count = len(phase)
        self.model = model
        self._slow = phase
        self._slow_rotor = np.empty(0, np.complex64)
        self._set_phase(phase)
        self.metric = 0.0
        self.bits = np.zeros(count, np.uint8)
        self.changes = 0
        self._carrier = carrier
        self._memory = memory
        self._choice, self._margin = kernels.empty_record(count, memory)
        self._path = np.zeros(count, np.int32)
        # The four samples of each symbol, as of the last decision, and beside them.
        self._samples = np.empty(count * SAMPLES_PER_SYMBOL, np.complex64)
        self._shifted = np.empty_like(self._samples)

    def choose_phase(self, phases: list[Phase], forgetting: float) -> None:
        """Of several guesses at the carrier's phase keep that with the best sequence."""
        correlations = self._correlate()
        nothing = kernels.empty_record(0, 0)

        def metric(phase: Phase) -> float:
            self._set_phase(phase)
            best, _ = kernels.detect_sequence(
                correlations, self._rotor, self.model.index, forgetting, 2, *nothing
            )
            return float(best)

        self._set_phase(max(phases, key=metric))

    def decide(self, forgetting: float) -> None:
        """Decide all bits with the model and phase as they stand."""
        model = self.model
        correlations = self._correlate()
        self.metric, last = kernels.detect_sequence(
            correlations, self._rotor, model.index, forgetting, self._memory, self._choice, self._margin
        )
        before = self.bits.copy()
        kernels.trace_back(self._choice, last, self._memory, self.bits, self._path)
        inside = slice(_EDGE_SYMBOLS, -_EDGE_SYMBOLS)
        self.changes = int(np.count_nonzero(before[inside] != self.bits[inside]))

    def follow(self, *, tune_index: bool, tune_bt: bool) -> None:
        """Estimate phase, timing and, where asked for, the shape of the pulse from the bits."""
        carrier = self._carrier_alone()
        self._slow = estimate.follow_frequency(
            carrier, self._slow, self._slow_rotor, _FREQUENCY_LAG, _FREQUENCY_SPAN
        )
        self._slow_rotor = _phasors(self._slow)
        self.settle(carrier)
        if tune_index:
            bare = (carrier * self._rotor).real.astype(np.float64)
            change = estimate.index_change(self.bits, self.phase, bare, _PHASE_SPAN)
            self.model.index += float(np.clip(change, -_LARGEST_INDEX_CHANGE, _LARGEST_INDEX_CHANGE))
        if tune_bt:
            self.model.bt = max(BT_CHOICES, key=lambda bt: self._coherence(self.model.index, bt))
        if tune_index or tune_bt:
            # The phase that is left depends on what is taken for modulation.
            self.settle(self._carrier_alone())
        self._tune_timing()

    def _set_phase(self, slow: Phase) -> None:
        self._slow = self.phase = slow
        self._slow_rotor = self._rotor = _phasors(slow)

    def settle(self, carrier: NDArray[Any] | None = None) -> None:
        """Measure the carrier's phase anew, by averages around each symbol."""
        if carrier is None:
            carrier = self._carrier_alone()
        self.phase = np.empty(len(self.bits))
        self._rotor = np.empty(len(self.bits), np.complex64)
        estimate.settle(carrier, self._slow, self._slow_rotor, _PHASE_SPAN, self.phase, self._rotor)

    def _carrier_alone(self) -> NDArray[Any]:
        return self._bare(self._samples, self.model.index, self.model.bt)

    def bare(self) -> Bare:
        """(n,) the carrier without its modulation and known phase: real, positive, and noise."""
        bare: Bare = (self._carrier_alone() * self._rotor).astype(np.complex128)
        return bare

    def rms(self) -> float:
        """Of the samples, guards included."""
        return float(np.sqrt(np.mean(self._samples.real**2 + self._samples.imag**2)))

    def quality(self, bare: Bare) -> Quality:
        """How well decisions and samples agree around each symbol."""
        power = (self._samples.real**2 + self._samples.imag**2).reshape(-1, SAMPLES_PER_SYMBOL)
        amplitude = moving_average(bare.real, PROFILE_SPAN)
        return Quality(
            amplitude=amplitude,
            noise=np.maximum(moving_average(bare.imag**2, PROFILE_SPAN), 1e-30),
            power=moving_average(power.mean(axis=1, dtype=np.float64), PROFILE_SPAN),
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

    def _correlate(self) -> NDArray[np.complex64]:
        self._resample(self._samples)
        correlations = np.empty((len(self.bits), 8), np.complex64)
        templates = symbol_templates(self.model.index, self.model.bt)
        kernels.correlate_symbols(self._samples, templates, correlations)
        return correlations

    def _bare(self, samples: NDArray[np.complex64], index: float, bt: float | None) -> NDArray[np.complex64]:
        out = np.empty(len(self.bits), np.complex64)
        kernels.remove_modulation(samples, symbol_templates(index, bt), index, self.bits, out)
        return out

    def _coherence(self, index: float, bt: float | None) -> float:
        bare = self._bare(self._samples, index, bt)
        return float(kernels.block_coherence(bare, self._rotor, _SHAPE_SPAN))

    def _tune_timing(self) -> None:
        """Symbol timing and clock error: the maximum of the likelihood, from early and late correlations.

        The log-likelihood of each group of symbols is a parabola in that group's timing error;
        their sum over groups, with errors on a line and its slope known beforehand to
        ``_CLOCK_SPREAD``, has its maximum where two linear equations say.
        """
        model = self.model
        count = len(self.bits)
        edges = np.arange(0, count, _TIMING_GROUP)
        sums = np.empty((3, len(edges)))
        for shift, row in zip((0.0, -_TIMING_STEP, _TIMING_STEP), sums, strict=True):
            samples = self._samples
            if shift:
                samples = self._shifted
                self._resample(samples, shift)
            mean, noise = estimate.group_sums(
                self._bare(samples, model.index, model.bt), self._rotor, _TIMING_GROUP, row
            )
            if not shift:
                likelihood = max(mean, 0.0) / (noise + 1e-30)
        middle, early, late = sums
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
