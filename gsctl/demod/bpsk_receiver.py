"""One BPSK carrier followed through time: mixer, matched filters, timing and Costas loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.levels import step_that_divides
from gsctl.dsp.filters import OverlapSave, lowpass_taps, root_raised_cosine_taps
from gsctl.dsp.symbol_loops import BpskLoop, CarrierGains
from gsctl.model import SoftBits

MAX_SAMPLES_PER_SYMBOL = 8.0
EXCESS_BANDWIDTHS = {Effort.FAST: (0.5,), Effort.NORMAL: (0.35, 1.0), Effort.DEEP: (0.25, 0.5, 1.0)}
SPEEDS = {
    Effort.FAST: (CarrierGains(0.03, 0.0003, 0.03),),
    Effort.NORMAL: (CarrierGains(0.01, 0.00005, 0.01), CarrierGains(0.04, 0.0005, 0.04)),
    Effort.DEEP: (
        CarrierGains(0.01, 0.00005, 0.005),
        CarrierGains(0.02, 0.0002, 0.02),
        CarrierGains(0.05, 0.0005, 0.05),
    ),
}
# How far the Costas loops may pull from the frequency that the search gave, in symbol rates.
PULL = 0.06


@dataclass(slots=True)
class _Branch:
    number: int
    loop: BpskLoop


class BpskReceiver:
    """Several matched filters and loops on one carrier.

    Args:
        symbol_rate_bd: nominal.
        sample_rate_hz: of the windows.
        window_samples: their length.
        effort: how many branches.
        slot: tells this receiver's streams from those of others.
        nominal_hz: frequency that offsets are counted from; None is unknown.
    """

    def __init__(
        self,
        symbol_rate_bd: float,
        sample_rate_hz: float,
        window_samples: int,
        effort: Effort,
        slot: int,
        nominal_hz: float | None,
    ) -> None:
        self.slot = slot
        self._symbol_rate_bd = symbol_rate_bd
        self._sample_rate_hz = sample_rate_hz
        self._nominal_hz = nominal_hz
        per_symbol = sample_rate_hz / symbol_rate_bd
        self._step = step_that_divides(window_samples, per_symbol / MAX_SAMPLES_PER_SYMBOL)
        self._low_pass: OverlapSave | None = None
        if self._step > 1:
            taps = lowpass_taps(1.5 * symbol_rate_bd, 2.0 * symbol_rate_bd, sample_rate_hz, 45.0)
            self._low_pass = OverlapSave(taps, window_samples)
        thinned_hz = sample_rate_hz / self._step
        self._filters = [
            OverlapSave(root_raised_cosine_taps(symbol_rate_bd, thinned_hz, a), window_samples // self._step)
            for a in EXCESS_BANDWIDTHS[effort]
        ]
        speeds = SPEEDS[effort]
        self._branches = [
            [
                _Branch(i * len(speeds) + k, BpskLoop(per_symbol / self._step, gains, 2 * np.pi * PULL))
                for k, gains in enumerate(speeds)
            ]
            for i in range(len(self._filters))
        ]
        self._branch_count = len(speeds) * len(self._filters)
        self._phase = 0.0
        self._start: int | None = None

    def __call__(
        self, samples: NDArray[np.complex64], start_sample: int, from_hz: float, to_hz: float
    ) -> Iterator[SoftBits]:
        """Take the next window, through which the carrier moves evenly, and give the symbols.

        Args:
            samples: (window_samples,) of the input.
            start_sample: index of the first one in the input stream.
            from_hz: carrier frequency at the beginning of the window.
            to_hz: at its end.
        """
        restart = self._start is None
        if self._start is None:
            self._start = start_sample
        baseband = self._mix(samples, from_hz, to_hz)
        delay = 0
        if self._low_pass is not None:
            baseband = np.ascontiguousarray(self._low_pass(baseband)[:: self._step])
            delay = self._low_pass.delay
        for fir, branches in zip(self._filters, self._branches, strict=True):
            matched = fir(baseband)
            total_delay = delay + fir.delay * self._step
            for branch in branches:
                symbols = branch.loop(matched)
                yield SoftBits(
                    values=symbols.values,
                    position=symbols.times * self._step - total_delay + self._start,
                    symbol_rate_bd=self._symbol_rate_bd,
                    stream=self.slot * self._branch_count + branch.number,
                    restart=restart,
                    frequency_offset_hz=self._offset_hz(branch.loop, (from_hz + to_hz) / 2),
                )

    def _offset_hz(self, loop: BpskLoop, carrier_hz: float) -> float | None:
        if self._nominal_hz is None:
            return None
        return carrier_hz + loop.frequency * self._symbol_rate_bd / (2 * np.pi) - self._nominal_hz

    def _mix(self, samples: NDArray[np.complex64], from_hz: float, to_hz: float) -> NDArray[np.complex64]:
        n = np.arange(samples.size + 1) / self._sample_rate_hz
        length_s = samples.size / self._sample_rate_hz
        cycles = from_hz * n + (to_hz - from_hz) * n * n / (2 * length_s)
        phase = self._phase - 2 * np.pi * cycles
        self._phase = float(np.remainder(phase[-1], 2 * np.pi))
        return np.asarray(samples * np.exp(1j * phase[:-1]).astype(np.complex64), np.complex64)
