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
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from gsctl.demod import Effort
from gsctl.demod.levels import check_samples_per_symbol
from gsctl.dsp import afsk_fm_kernels as kernels
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, ErrorEvent, SampleBlock, SoftBits
from gsctl.waveform import Afsk

POINTS = 10  # samples of a symbol that are compared
FINE = 8  # audio phases tried between two states
STRETCH, BEFORE, BEHIND = 96, 24, 24  # symbols given, and looked at before and behind
TIMINGS = 10  # begin of symbol tried, a symbol
PHASE_GAIN, FREQUENCY_GAIN = 0.15, 0.006
SPECTRUM = 256
# Peak deviations tried where none is told: narrow, usual, wide.
DEVIATIONS_HZ = {
    Effort.FAST: (3000.0,),
    Effort.NORMAL: (3000.0, 2000.0, 4500.0),
    Effort.DEEP: (3000.0, 2000.0, 2500.0, 3500.0, 4500.0),
}
# Carriers are looked for this far from the middle of the channel.
REACH_HZ = 2500.0
# Share of the power that must look like a signal before a stretch is worked on.
LEAST_SHARE = 0.12
# Share of the amplitude that a sequence explains when timing and phases are right; chance gives 0.35.
GOOD_FIT = 0.5
EVENTS = 32
EVENT_REACH = 12


@dataclass(frozen=True, slots=True)
class _Model:
    """Waveforms for one deviation: ``templates`` (p, 2, k), ``ends`` (p, 2) and its spectrum."""

    deviation_hz: float
    templates: NDArray[np.complex128]
    ends: NDArray[np.float64]
    spectrum: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Lock:
    """What was found in a stretch."""

    metric: float
    timing: float  # begin of the first symbol, in symbols from the expected place
    offset: int  # audio phase on the fine grid
    model: _Model
    carrier: float  # radians a sample


class FmAfskDemodulator:
    """IQ, or raw FM audio, with AFSK to soft bits; see ``gsctl.demod.Demodulator``.

    Args:
        waveform: tones, symbol rate, and the deviation if it is known.
        effort: how many deviations are tried.
        stream: number of its only stream.

    Raises:
        RecordingError: (on the first block) too low a sample rate.
    """

    def __init__(self, waveform: Afsk, effort: Effort = Effort.NORMAL, stream: int = 0) -> None:
        self._waveform = waveform
        self._rate_bd = waveform.symbol_rate_bd or 1200.0
        self._stream = stream
        told = waveform.fm_deviation_hz
        self._deviations_hz = DEVIATIONS_HZ[effort] if told is None else (told,)
        self._windows: FixedWindows | None = None
        self._low_pass: OverlapSave | None = None
        self._states, steps = _audio_states(waveform)
        self._steps = np.array(steps, np.int64)
        self._period = 0.0
        self._rate_hz = 0.0
        self._input_rate_hz = 0.0
        self._step = 1
        self._phase = 0.0
        self._clear(0)

    def _clear(self, start_sample: int) -> None:
        self._origin = start_sample
        self._held = np.zeros(0, np.complex64)
        self._held_at = 0
        self._next = (BEFORE + 1) * self._period
        self._lock: _Lock | None = None
        self._fresh = True
        self._phase = 0.0
        if self._low_pass is not None:
            self._low_pass.reset()

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
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
        silence = np.zeros(int((BEHIND + 2) * self._period), np.complex64)
        yield from self._take(silence)

    def _set_up(self, sample_rate_hz: float) -> None:
        check_samples_per_symbol(sample_rate_hz, self._rate_bd, 8.0)
        self._input_rate_hz = sample_rate_hz
        self._step = max(1, int(sample_rate_hz / (POINTS * self._rate_bd)))
        length = max(1, round(0.1 * sample_rate_hz / self._step)) * self._step
        self._windows = FixedWindows(length)
        self._rate_hz = sample_rate_hz / self._step
        self._period = self._rate_hz / self._rate_bd
        cutoff_hz = min(0.45 * self._rate_hz, 0.48 * sample_rate_hz)
        taps = lowpass_taps(cutoff_hz, 0.15 * self._rate_hz, sample_rate_hz, 45.0)
        self._low_pass = OverlapSave(taps, length)

    def _process(self, window: Window, domain: Domain) -> Iterator[SoftBits]:
        assert self._low_pass is not None
        if window.restart:
            self._clear(window.start_sample - self._low_pass.delay)
        samples = window.samples
        if domain is not Domain.IQ:
            samples = self._carrier_of(samples)
        yield from self._take(np.asarray(self._low_pass(samples)[:: self._step], np.complex64))

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
        count = int((BEFORE + STRETCH + BEHIND) * self._period)
        piece = self._held[int(start) : int(start) + count]
        power = float(np.mean(np.abs(piece) ** 2))
        if power <= 1e-20:
            return None
        spectrum = _spectrum(piece)
        best: _Lock | None = None
        if self._lock is not None:
            seen = _carrier(spectrum, self._lock.model, self._rate_hz)
            best = self._search(start, self._lock.model, seen[0], near=self._lock)
            # A signal that goes on well is not searched for anew.
            everything = (BEFORE + STRETCH + BEHIND) * POINTS * np.sqrt(power)
            if best.metric > GOOD_FIT * everything and best.metric > 0.8 * self._lock.metric:
                return best
        for deviation_hz in self._deviations_hz:
            model = _model(self._waveform, deviation_hz, self._rate_hz, self._states)
            carrier, share = _carrier(spectrum, model, self._rate_hz)
            if share < LEAST_SHARE:
                continue
            lock = self._search(start, model, carrier, near=None)
            if best is None or lock.metric > best.metric:
                best = lock
        return best

    def _search(self, start: float, model: _Model, carrier: float, near: _Lock | None) -> _Lock:
        if near is None:
            timings = [k / TIMINGS - 0.5 for k in range(0, TIMINGS, 2)]
            offsets: list[int] = list(range(0, FINE, 2))
        else:
            timings, offsets = (
                [-1 / TIMINGS, 0.0, 1 / TIMINGS],
                [near.offset + k for k in (-1, 0, 1)],
            )
        best = self._best(start, model, carrier, timings, offsets)
        if near is None:
            timings = [best.timing + k / TIMINGS for k in (-1, 0, 1)]
            best = self._best(start, model, carrier, timings, [best.offset + k for k in (-1, 0, 1)])
        return best

    def _best(
        self, start: float, model: _Model, carrier: float, timings: list[float], offsets: list[int]
    ) -> _Lock:
        found: _Lock | None = None
        for timing in timings:
            for offset in offsets:
                metric, _ = self._run(start + timing * self._period, model, carrier, offset, None)
                if found is None or metric > found.metric:
                    found = _Lock(metric, timing, offset, model, carrier)
        assert found is not None
        return found

    def _run(
        self, begin: float, model: _Model, carrier: float, offset: int, work: _Work | None
    ) -> tuple[float, float]:
        count = BEFORE + STRETCH + BEHIND
        work = work or _Work(count, self._states)
        total = self._states * FINE
        phases = (offset + FINE * np.arange(self._states)) % total
        # The audio phases are a circle: an offset beyond the grid names the states in turn.
        kernels.correlate(
            self._held, begin, self._period, carrier, model.templates, phases, work.correlations
        )
        metric, frequency = kernels.decide(
            work.correlations,
            self._steps,
            model.ends[phases],
            PHASE_GAIN,
            FREQUENCY_GAIN,
            work.bits,
            work.margins,
            work.losers,
            work.winners,
        )
        return float(metric), float(frequency)

    def _decide(self, begin: float, lock: _Lock) -> SoftBits:
        count = BEFORE + STRETCH + BEHIND
        work = _Work(count, self._states)
        metric, frequency = self._run(begin, lock.model, lock.carrier, lock.offset, work)
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
        amplitude = metric / (count * POINTS)
        piece = self._held[int(begin) : int(begin + count * self._period)]
        noise = max(float(np.mean(np.abs(piece) ** 2)) - amplitude**2, 0.02 * amplitude**2)
        scale = 2 * amplitude / noise
        given = slice(BEFORE, BEFORE + STRETCH)
        llr = np.minimum(scale * work.costs[given], 50.0)
        values = np.where(work.bits[given] > 0, llr, -llr).astype(np.float32)
        middle = begin + (BEFORE + 0.5 + np.arange(STRETCH)) * self._period
        carrier_hz = (lock.carrier + frequency / self._period) * self._rate_hz / (2 * np.pi)
        snr = amplitude**2 / noise * self._period
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
        self.correlations = np.empty((count, states, 2), np.complex128)
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
    chosen = np.argsort(work.event_costs)[: 2 * EVENTS]
    events = []
    for n in chosen:
        flips = work.event_bits[n, : work.event_lengths[n]] - BEFORE
        inside = sorted(int(i) for i in flips if 0 <= i < STRETCH)
        if inside and len(inside) == flips.size and np.isfinite(work.event_costs[n]):
            events.append(ErrorEvent(cost=float(scale * work.event_costs[n]), symbols=tuple(inside)))
    return tuple(events[:EVENTS])


def _audio_states(waveform: Afsk) -> tuple[int, tuple[int, int]]:
    """How many audio phases there are at the symbols' edges, and how far each bit moves among them.

    The tones of 1200 and 2200 Hz at 1200 Bd move by 0 and -60 degrees, so there are six phases.
    Other tones are taken to the nearest of 24 phases, and the tracking of phase makes up for it.
    """
    rate = waveform.symbol_rate_bd or 1200.0
    turns = (waveform.space_hz / rate % 1.0, waveform.mark_hz / rate % 1.0)
    for states in (2, 3, 4, 5, 6, 8, 10, 12, 16, 24):
        steps = tuple(round(turn * states) % states for turn in turns)
        if all(abs(turn * states - round(turn * states)) < 0.01 for turn in turns):
            return states, (steps[0], steps[1])
    return 24, (round(turns[0] * 24) % 24, round(turns[1] * 24) % 24)


@lru_cache(maxsize=16)
def _model(waveform: Afsk, deviation_hz: float, sample_rate_hz: float, states: int) -> _Model:
    rate = waveform.symbol_rate_bd or 1200.0
    audio = 2 * np.pi * np.arange(states * FINE)[:, None, None] / (states * FINE)
    tones = 2 * np.pi * np.array([waveform.space_hz, waveform.mark_hz])[None, :, None]
    time_s = ((np.arange(POINTS) + 0.5) / POINTS / rate)[None, None, :]
    swing = 2 * np.pi * deviation_hz / tones
    templates = np.exp(-1j * swing * (np.cos(audio) - np.cos(audio + tones * time_s)))
    ends = (swing * (np.cos(audio) - np.cos(audio + tones / rate)))[:, :, 0]
    return _Model(deviation_hz, templates, ends, _template_spectrum(waveform, deviation_hz, sample_rate_hz))


def _template_spectrum(waveform: Afsk, deviation_hz: float, sample_rate_hz: float) -> NDArray[np.float64]:
    """Mean power spectrum of random bits, by running a carrier through 4096 of them."""
    rate = waveform.symbol_rate_bd or 1200.0
    bits = np.random.default_rng(1).integers(0, 2, 4096)
    time_s = np.arange(int(4095 / rate * sample_rate_hz)) / sample_rate_hz
    tone = np.where(bits[(time_s * rate).astype(int)] > 0, waveform.mark_hz, waveform.space_hz)
    audio = np.cumsum(2 * np.pi * tone / sample_rate_hz)
    carrier = np.exp(1j * np.cumsum(2 * np.pi * deviation_hz * np.sin(audio) / sample_rate_hz))
    power = _spectrum(carrier.astype(np.complex64))
    return np.asarray(power / power.sum(), np.float64)


def _spectrum(samples: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Welch's averaged periodogram, (SPECTRUM,), frequencies as ``fft.fftfreq`` orders them."""
    window = np.hanning(SPECTRUM).astype(np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(samples, SPECTRUM)[:: SPECTRUM // 2]
    power = np.abs(fft.fft(pieces * window, axis=1)) ** 2
    return np.asarray(power.mean(axis=0), np.float64)


def _carrier(spectrum: NDArray[np.float64], model: _Model, sample_rate_hz: float) -> tuple[float, float]:
    """Where the model's spectrum fits best: radians a sample, and the share of power that it explains."""
    fit = np.real(fft.ifft(fft.fft(spectrum) * np.conj(fft.fft(model.spectrum))))
    bins = fft.fftfreq(SPECTRUM, 1.0 / SPECTRUM)
    fit[np.abs(bins) * sample_rate_hz / SPECTRUM > REACH_HZ] = -np.inf
    peak = int(np.argmax(fit))
    flat = float(np.sum(spectrum)) / SPECTRUM
    own = float(np.sum(model.spectrum**2))
    share = (float(fit[peak]) - flat) / (float(np.sum(spectrum)) * (own - 1.0 / SPECTRUM))
    left, here, right = fit[peak - 1], fit[peak], fit[(peak + 1) % SPECTRUM]
    bend = left - 2 * here + right
    nudge = 0.5 * (left - right) / bend if np.isfinite(bend) and bend < 0 else 0.0
    return 2 * np.pi * (float(bins[peak]) + float(nudge)) / SPECTRUM, share
