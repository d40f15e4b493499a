"""AFSK over FM from the radio signal itself: sequence detection, no discriminator.

A discriminator loses a weak FM signal to clicks long before the signal is lost. Where there is
IQ (or raw discriminator audio, whose running sum is the carrier's phase) the receiver compares
the signal with what each sequence of tones would make of the carrier; see
``dsp.afsk_fm_kernels``. The stream is worked on in stretches of 96 symbols, each with the
symbols around it, so a stretch depends on fixed samples only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.afsk_aim import CarrierAim
from gsctl.dsp import afsk_fm_kernels as kernels
from gsctl.dsp.afsk_fm_model import (
    FINE,
    POINTS,
    AfskFmModel,
    afsk_fm_model,
    audio_states,
    carrier_in,
    middle_of,
    spectrum_of,
)
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, ErrorEvent, SampleBlock, SoftBits
from gsctl.waveform import Afsk

STRETCH, BEFORE, BEHIND = 96, 24, 24  # symbols given, and looked at before and behind
SYMBOLS = BEFORE + STRETCH + BEHIND
LEAST_SAMPLES_PER_SYMBOL = 8.0
TIMINGS = 10  # begin of symbol tried, a symbol
PHASE_GAIN, FREQUENCY_GAIN = 0.15, 0.006
# Peak deviations tried where none is told: narrow, usual, wide.
DEVIATIONS_HZ = {
    Effort.FAST: (3000.0,),
    Effort.NORMAL: (3000.0, 2000.0, 4500.0),
    Effort.DEEP: (3000.0, 2000.0, 2500.0, 3500.0, 4500.0),
}
# Share of the power that must look like a signal before a stretch is worked on.
LEAST_SHARE = 0.1
# Share of the amplitude that a sequence explains when timing and phases are right: chance gives 0.3 of white
# noise and more of what a discriminator made of it, and of the signal's own amplitude a true sequence
# explains nearly all.
LEAST_FIT = {Domain.IQ: 0.4, Domain.FM_AUDIO: 0.5}
GOOD_FIT = 0.85
# Guesses of the carrier that are worth trying both.
APART_HZ = 150.0
# In audio: after so many searches in vain one after the other it is hardly a discriminator's own, and
# one deviation at a time is tried.
SEARCHES_IN_VAIN = 12
EVENTS = 16
# What is less likely than exp(-14) no deframer tries: see ``deframe.hdlc.most_repair_cost``.
MOST_EVENT_COST = 14.0
EVENT_REACH = 12


@dataclass(frozen=True, slots=True)
class _Lock:
    """What was found in a stretch."""

    metric: float
    timing: float  # begin of the first symbol, in symbols from the expected place
    offset: int  # audio phase on the fine grid
    model: AfskFmModel
    carrier: float  # radians a sample


class FmAfskDemodulator:
    """IQ, or raw FM audio, with AFSK to soft bits; see ``gsctl.demod.Demodulator``.

    Args:
        waveform: tones, symbol rate, and the deviation if it is known.
        effort: how many deviations are tried.
        stream: number of its only stream.
        search_hz: in IQ, how far from the middle of the channel carriers are looked for.

    At fewer than eight samples a symbol it stays silent: the carrier would not fit.
    """

    def __init__(
        self, waveform: Afsk, effort: Effort = Effort.NORMAL, stream: int = 0, search_hz: float = 0.0
    ) -> None:
        self._waveform = waveform
        self._search_hz = search_hz
        self._aim: CarrierAim | None = None
        self._rate_bd = waveform.symbol_rate_bd or 1200.0
        self._stream = stream
        told = waveform.fm_deviation_hz
        self._deviations_hz = DEVIATIONS_HZ[effort] if told is None else (told,)
        self._windows: FixedWindows | None = None
        self._low_pass: OverlapSave | None = None
        self._states, steps = audio_states(waveform)
        self._steps = np.array(steps, np.int64)
        self._trial = _Work(SYMBOLS, self._states)
        self._period = 0.0
        self._rate_hz = 0.0
        self._input_rate_hz = 0.0
        self._step = 1
        self._is_audio = False
        self._phase = 0.0
        self._least_fit = LEAST_FIT[Domain.IQ]
        self._clear(0)

    def _clear(self, start_sample: int) -> None:
        self._origin = start_sample
        self._held = np.zeros(0, np.complex64)
        self._held_at = 0
        self._next = (BEFORE + 1) * self._period
        self._lock: _Lock | None = None
        self._fresh = True
        self._in_vain = 0
        self._phase = 0.0
        if self._low_pass is not None:
            self._low_pass.reset()

    @property
    def heard_until(self) -> float:
        """Sample index up to which all soft bits have been given; see ``MeasuringDemodulator``."""
        return inf if self._windows is None else self._next * self._step + self._origin

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        if block.sample_rate_hz < LEAST_SAMPLES_PER_SYMBOL * self._rate_bd:
            return
        if self._windows is None:
            self._set_up(block.sample_rate_hz)
        assert self._windows is not None
        for window in self._windows.push(block):
            yield from self._process(window, block.domain)

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is None:
            return
        for window in self._windows.finish():
            yield from self._process(
                window, Domain.IQ if window.samples.dtype == np.complex64 else Domain.FM_AUDIO
            )
        yield from self._last_symbols()

    def _last_symbols(self) -> Iterator[SoftBits]:
        """Give what waits for symbols behind it that do not come."""
        yield from self._take(np.zeros(int((STRETCH + BEHIND + 4) * self._period), np.complex64))

    def _set_up(self, sample_rate_hz: float) -> None:
        self._input_rate_hz = sample_rate_hz
        self._step = max(1, int(sample_rate_hz / (POINTS * self._rate_bd)))
        length = max(1, round(0.1 * sample_rate_hz / self._step)) * self._step
        self._rate_hz = sample_rate_hz / self._step
        self._period = self._rate_hz / self._rate_bd
        cutoff_hz = min(0.45 * self._rate_hz, 0.48 * sample_rate_hz)
        taps = lowpass_taps(cutoff_hz, 0.15 * self._rate_hz, sample_rate_hz, 45.0)
        self._low_pass = OverlapSave(taps, length, self._step)
        self._windows = FixedWindows(length, behind=self._low_pass.delay)
        self._aim = CarrierAim(self._waveform, sample_rate_hz, self._states, self._search_hz)

    def _process(self, window: Window, domain: Domain) -> Iterator[SoftBits]:
        assert self._low_pass is not None
        if window.restart:
            yield from self._last_symbols()
            self._clear(window.start_sample - self._low_pass.delay)
        samples = window.samples
        self._is_audio = domain is not Domain.IQ
        if self._is_audio:
            self._least_fit = LEAST_FIT[Domain.FM_AUDIO]
            samples = self._carrier_of(samples)
        elif self._aim is not None:
            if self._aim.look(samples):
                # What follows is another signal, as behind a gap.
                yield from self._last_symbols()
                self._clear(window.start_sample - self._low_pass.delay)
            samples = self._aim.move(samples)
        yield from self._take(np.asarray(self._low_pass(samples), np.complex64))

    def _carrier_of(self, audio: NDArray[np.float32]) -> NDArray[np.complex64]:
        """The carrier whose discriminator gave this audio at a full scale of half the sample rate."""
        phase = self._phase + np.pi * np.cumsum(audio, dtype=np.float64)
        self._phase = float(np.remainder(phase[-1], 2 * np.pi))
        return np.exp(1j * np.remainder(phase, 2 * np.pi)).astype(np.complex64)

    def _take(self, samples: NDArray[np.complex64]) -> Iterator[SoftBits]:
        self._held = np.concatenate([self._held, samples])
        reach = (STRETCH + BEHIND + 2) * self._period
        while self._next + reach < self._held_at + self._held.size:
            yield from self._stretch()
            keep_from = int(self._next - (BEFORE + 2) * self._period)
            if keep_from > self._held_at:
                self._held = self._held[keep_from - self._held_at :].copy()
                self._held_at = keep_from

    def _stretch(self) -> Iterator[SoftBits]:
        """Work on the symbols from ``self._next`` on."""
        start = self._next - BEFORE * self._period - self._held_at
        lock = self._find(start)
        if lock is None:
            self._lock = None
            self._fresh = True
            self._next += STRETCH * self._period
            return
        begin = start + lock.timing * self._period
        yield self._decide(begin, lock)
        self._lock = lock
        self._fresh = False
        self._next = self._held_at + begin + (BEFORE + STRETCH) * self._period

    def _find(self, start: float) -> _Lock | None:
        """The best timing, audio phase, deviation and carrier for the symbols around a stretch."""
        count = int(SYMBOLS * self._period)
        piece = self._held[int(start) : int(start) + count]
        power = float(np.mean(np.abs(piece) ** 2))
        if power <= 1e-20:
            return None
        spectrum = spectrum_of(piece)
        if not np.sum(spectrum) > 0.0:
            return None  # all of the power lies at the very end, where no spectrum reaches
        everything = SYMBOLS * POINTS * float(np.sqrt(power))
        best: _Lock | None = None
        if self._lock is not None:
            carrier, share = carrier_in(spectrum, self._lock.model, self._rate_hz)
            best = self._search(start, self._lock.model, carrier, near=self._lock)
            # A signal that goes on well is not searched for anew.
            if best.metric > self._expected(share) * everything and best.metric > 0.8 * self._lock.metric:
                self._in_vain = 0
                return best
        for deviation_hz in self._worth_trying():
            model = afsk_fm_model(self._waveform, deviation_hz, self._rate_hz, self._states)
            carrier, share = carrier_in(spectrum, model, self._rate_hz)
            if share < LEAST_SHARE:
                continue
            wanted = self._expected(share) * everything
            lock = self._search(start, model, carrier, near=None)
            self._in_vain += 1
            if lock.metric <= wanted and not self._is_vain:
                middle = middle_of(spectrum, self._rate_hz)
                if abs(middle - carrier) > APART_HZ * 2 * np.pi / self._rate_hz:
                    lock = max(
                        lock, self._search(start, model, middle, near=None), key=lambda one: one.metric
                    )
            if best is None or lock.metric > best.metric:
                best = lock
            if lock.metric > wanted:
                # The deviation of this signal is known now, and is tried first from here on.
                others = (one for one in self._deviations_hz if one != deviation_hz)
                self._deviations_hz = (deviation_hz, *others)
                self._in_vain = 0
                break
        return best

    @property
    def _is_vain(self) -> bool:
        return self._is_audio and self._in_vain >= SEARCHES_IN_VAIN * len(self._deviations_hz)

    def _worth_trying(self) -> tuple[float, ...]:
        """Deviations for the next search."""
        if not self._is_vain:
            return self._deviations_hz
        return (self._deviations_hz[self._in_vain % len(self._deviations_hz)],)

    def _expected(self, share: float) -> float:
        """The share of the amplitude that the right sequence explains, of a signal of this strength."""
        return max(self._least_fit, GOOD_FIT * float(np.sqrt(np.clip(share, 0.0, 1.0))))

    def _search(self, start: float, model: AfskFmModel, carrier: float, near: _Lock | None) -> _Lock:
        """Coarse then fine, or only beside what held before."""
        if near is not None:
            here = near.offset
            beside = [(-1, (here,)), (0, (here - 1, here, here + 1)), (1, (here,))]
            return self._best(start, model, carrier, [(k / TIMINGS, offsets) for k, offsets in beside])
        everywhere = tuple(range(0, FINE, 2))
        found = self._best(
            start, model, carrier, [(k / TIMINGS - 0.5, everywhere) for k in range(0, TIMINGS, 2)]
        )
        near_it = (found.offset - 1, found.offset, found.offset + 1)
        return self._best(start, model, carrier, [(found.timing + k / TIMINGS, near_it) for k in (-1, 0, 1)])

    def _best(
        self, start: float, model: AfskFmModel, carrier: float, tries: list[tuple[float, tuple[int, ...]]]
    ) -> _Lock:
        """The best of some timings, in symbols from ``start``, and of the audio phases told with each."""
        offsets = np.zeros((len(tries), max(len(tried) for _, tried in tries)), np.int64)
        for row, (_, tried) in zip(offsets, tries, strict=True):
            row[: len(tried)] = tried
        metric, timing, offset = kernels.search(
            self._held,
            start,
            self._period,
            carrier,
            model.templates,
            model.ends,
            self._steps,
            self._states,
            SYMBOLS,
            (PHASE_GAIN, FREQUENCY_GAIN),
            np.array([timing for timing, _ in tries]),
            np.array([len(tried) for _, tried in tries]),
            offsets,
        )
        return _Lock(metric, timing, offset, model, carrier)

    def _phases(self, offset: int) -> NDArray[np.int64]:
        """The audio phases at the edges of symbols; they are a circle, so any offset will do."""
        return (offset + FINE * np.arange(self._states, dtype=np.int64)) % (self._states * FINE)

    def _decide(self, begin: float, lock: _Lock) -> SoftBits:
        work, phases = self._trial, self._phases(lock.offset)
        correlations = np.empty((SYMBOLS, phases.size, 2), np.complex64)
        kernels.correlate(
            self._held, begin, self._period, lock.carrier, lock.model.templates, phases, correlations
        )
        metric, frequency = kernels.decide(
            correlations,
            0,
            self._steps,
            lock.model.ends[phases],
            PHASE_GAIN,
            FREQUENCY_GAIN,
            work.bits,
            work.margins,
            work.losers,
            work.winners,
        )
        kernels.weigh(
            self._steps,
            work.bits,
            work.margins,
            work.losers,
            work.winners,
            EVENT_REACH,
            work.costs,
            work.event_costs,
            work.event_lengths,
            work.event_bits,
        )
        amplitude = metric / (SYMBOLS * POINTS)
        piece = self._held[int(begin) : int(begin + SYMBOLS * self._period)]
        noise = max(float(np.mean(np.abs(piece) ** 2)) - amplitude**2, 0.02 * amplitude**2, 1e-30)
        scale = 2 * amplitude / noise
        given = slice(BEFORE, BEFORE + STRETCH)
        llr = np.minimum(scale * work.costs[given], 50.0)
        values = np.where(work.bits[given] > 0, llr, -llr).astype(np.float32)
        middle = begin + (BEFORE + 0.5 + np.arange(STRETCH)) * self._period
        carrier_hz = (lock.carrier + frequency / self._period) * self._rate_hz / (2 * np.pi)
        carrier_hz += 0.0 if self._aim is None else self._aim.shift_hz
        snr = max(amplitude**2 / noise * self._period, 1e-9)
        return SoftBits(
            values=values,
            position=np.asarray((self._held_at + middle) * self._step + self._origin, np.float64),
            symbol_rate_bd=self._rate_bd,
            stream=self._stream,
            restart=self._fresh,
            frequency_offset_hz=carrier_hz,
            snr_db=float(10 * np.log10(snr)),
            events=_events(work, scale),
        )


class _Work:
    """Buffers of one run; sizes never change."""

    def __init__(self, count: int, states: int) -> None:
        self.bits = np.empty(count, np.uint8)
        self.margins = np.empty((count, states), np.float64)
        self.losers = np.empty((count, states), np.int8)
        self.winners = np.empty((count, states), np.int8)
        self.costs = np.empty(count, np.float64)
        self.event_costs = np.empty(count, np.float64)
        self.event_lengths = np.empty(count, np.int64)
        self.event_bits = np.empty((count, EVENT_REACH), np.int64)


def _events(work: _Work, scale: float) -> tuple[ErrorEvent, ...]:
    """The likeliest competing paths that flip symbols of the stretch."""
    costs = scale * work.event_costs
    likely = np.flatnonzero(costs < MOST_EVENT_COST)
    chosen = likely[np.argsort(costs[likely], kind="stable")[: 2 * EVENTS]]
    events = []
    for n in chosen.tolist():
        flips = sorted((work.event_bits[n, : work.event_lengths[n]] - BEFORE).tolist())
        if flips and flips[0] >= 0 and flips[-1] < STRETCH:
            events.append(ErrorEvent(cost=float(costs[n]), symbols=tuple(flips)))
    return tuple(events[:EVENTS])
