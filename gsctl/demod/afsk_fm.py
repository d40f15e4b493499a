"""AFSK over FM from the radio signal itself: sequence detection, no discriminator.

A discriminator loses a weak FM signal to clicks long before the signal is lost. Where there is
IQ (or raw discriminator audio, whose running sum is the carrier's phase) the receiver compares
the signal with what each sequence of tones would make of the carrier; see
``dsp.afsk_fm_kernels``. The stream is worked on in stretches of 96 symbols, each with the
symbols around it, so a stretch depends on fixed samples only (and what was learned of the channel before).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.afsk_aim import CarrierAim
from gsctl.demod.afsk_search import (
    BEFORE,
    BEHIND,
    FREQUENCY_GAIN,
    PHASE_GAIN,
    STRETCH,
    SYMBOLS,
    Lock,
    StretchSearch,
)
from gsctl.demod.audio_scale import AudioCarrier, AudioScale
from gsctl.dsp import afsk_fm_kernels as kernels
from gsctl.dsp.afsk_fm_model import FINE, POINTS
from gsctl.dsp.filters import OverlapSave, lowpass_taps
from gsctl.dsp.windows import FixedWindows, Window, within_reason
from gsctl.model import Domain, ErrorEvent, SampleBlock, SoftBits
from gsctl.waveform import Afsk

LEAST_SAMPLES_PER_SYMBOL = 8.0
# Share of the amplitude that a sequence explains when timing and phases are right: chance gives 0.3 of white
# noise and more of what a discriminator made of it, and of the signal's own amplitude a true sequence
# explains nearly all.
LEAST_FIT = {Domain.IQ: 0.4, Domain.FM_AUDIO: 0.5}
EVENTS = 16
# What is less likely than exp(-14) no deframer tries: see ``deframe.hdlc.most_repair_cost``.
MOST_EVENT_COST = 14.0
EVENT_REACH = 12


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
        self._search = StretchSearch(waveform, effort)
        self._windows: FixedWindows | None = None
        self._low_pass: OverlapSave | None = None
        self._carriers: tuple[AudioCarrier, AudioCarrier] | None = None
        self._scale = AudioScale()
        self._trial = _Work(SYMBOLS, self._search.states)
        self._period = 0.0
        self._rate_hz = 0.0
        self._input_rate_hz = 0.0
        self._step = 1
        self._clear(0)

    def _clear(self, start_sample: int) -> None:
        self._origin = start_sample
        self._held: list[NDArray[np.complex64]] = []
        self._held_at = 0
        self._next = (BEFORE + 1) * self._period
        self._lock: Lock | None = None
        self._fresh = True
        for part in (self._low_pass, *(self._carriers or ())):
            if part is not None:
                part.reset()

    @property
    def heard_until(self) -> float:
        """Sample index up to which all soft bits have been given; see ``MeasuringDemodulator``."""
        return inf if self._windows is None else self._next * self._step + self._origin

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        if block.sample_rate_hz < LEAST_SAMPLES_PER_SYMBOL * self._rate_bd:
            return
        if self._windows is None:
            self._set_up(block.sample_rate_hz, block.domain)
        assert self._windows is not None
        for window in self._windows.push(block):
            yield from self._process(window)

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is None:
            return
        for window in self._windows.finish():
            yield from self._process(window)
        yield from self._last_symbols()

    def _last_symbols(self) -> Iterator[SoftBits]:
        """Give what waits for symbols behind it that do not come."""
        nothing = np.zeros(int((STRETCH + BEHIND + 4) * self._period), np.complex64)
        yield from self._take([nothing] * len(self._held))

    def _set_up(self, sample_rate_hz: float, domain: Domain) -> None:
        self._input_rate_hz = sample_rate_hz
        self._step = max(1, int(sample_rate_hz / (POINTS * self._rate_bd)))
        length = max(1, round(0.1 * sample_rate_hz / self._step)) * self._step
        self._rate_hz = sample_rate_hz / self._step
        self._period = self._rate_hz / self._rate_bd
        cutoff_hz = min(0.45 * self._rate_hz, 0.48 * sample_rate_hz)
        taps = lowpass_taps(cutoff_hz, 0.15 * self._rate_hz, sample_rate_hz, 45.0)
        self._low_pass = OverlapSave(taps, length, self._step)
        self._windows = FixedWindows(length, behind=self._low_pass.delay)
        self._search.set_up(self._rate_hz, LEAST_FIT[domain])
        if domain is Domain.IQ:
            self._aim = CarrierAim(self._waveform, sample_rate_hz, self._search.states, self._search_hz)
        else:
            first, second = (AudioCarrier(OverlapSave(taps, length, self._step)) for _ in range(2))
            self._carriers = (first, second)

    def _process(self, window: Window) -> Iterator[SoftBits]:
        assert self._low_pass is not None
        if window.restart:
            yield from self._last_symbols()
            self._clear(window.start_sample - self._low_pass.delay)
        samples = within_reason(window.samples)
        if self._carriers is not None:
            yield from self._take(self._carriers_of(samples, self._carriers))
            return
        if self._aim is not None:
            if self._aim.look(samples):
                # What follows is another signal, as behind a gap.
                yield from self._last_symbols()
                self._clear(window.start_sample - self._low_pass.delay)
            samples = self._aim.move(samples)
        yield from self._take([np.asarray(self._low_pass(samples), np.complex64)])

    def _carriers_of(
        self, audio: NDArray[np.float32], carriers: tuple[AudioCarrier, AudioCarrier]
    ) -> list[NDArray[np.complex64]]:
        """The carrier by the scale that was learned, and by the audio's own where that may be true."""
        self._scale.learn(audio)
        learned = carriers[0](audio, self._scale.half_turn)
        if self._scale.own_may_be_true:
            return [learned, carriers[1](audio, 1.0)]
        carriers[1].reset()
        return [learned, np.zeros_like(learned)]

    def _take(self, versions: list[NDArray[np.complex64]]) -> Iterator[SoftBits]:
        held = self._held or [version[:0] for version in versions]
        self._held = [np.concatenate(pair) for pair in zip(held, versions, strict=True)]
        reach = (STRETCH + BEHIND + 2) * self._period
        while self._held and self._next + reach < self._held_at + self._held[0].size:
            yield from self._stretch()
            keep_from = int(self._next - (BEFORE + 2) * self._period)
            if keep_from > self._held_at:
                self._held = [version[keep_from - self._held_at :].copy() for version in self._held]
                self._held_at = keep_from

    def _stretch(self) -> Iterator[SoftBits]:
        """Work on the symbols from ``self._next`` on."""
        start = self._next - BEFORE * self._period - self._held_at
        lock = self._search.find(self._held, start, self._lock)
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

    def _phases(self, offset: int) -> NDArray[np.int64]:
        """The audio phases at the edges of symbols; they are a circle, so any offset will do."""
        return (offset + FINE * np.arange(self._search.states, dtype=np.int64)) % (self._search.states * FINE)

    def _decide(self, begin: float, lock: Lock) -> SoftBits:
        work, phases, held = self._trial, self._phases(lock.offset), self._held[lock.version]
        correlations = np.empty((SYMBOLS, phases.size, 2), np.complex64)
        kernels.correlate(held, begin, self._period, lock.carrier, lock.model.templates, phases, correlations)
        metric, frequency = kernels.decide(
            correlations,
            0,
            self._search.steps,
            lock.model.ends[phases],
            PHASE_GAIN,
            FREQUENCY_GAIN,
            work.bits,
            work.margins,
            work.losers,
            work.winners,
        )
        kernels.weigh(
            self._search.steps,
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
        piece = held[int(begin) : int(begin + SYMBOLS * self._period)]
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
