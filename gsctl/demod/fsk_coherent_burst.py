"""One stretch of one FSK or GMSK carrier: find it if it is not known yet, decide its symbols.

The signal model is that of ``gsctl.dsp.cpm_waveform``, the decisions are those of
``gsctl.demod.fsk_coherent_rounds``. An unknown carrier is looked for by trying timings, modulation
indices and frequencies on its strongest part with a small sequence detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.demod.fsk_coherent_rounds import GUARD_SYMBOLS, Rounds, SymbolModel, moving_average
from gsctl.demod.fsk_coherent_stretch import CarrierTrack, Stretch, coherent_part
from gsctl.dsp.carrier_extraction import ExtractedCarrier, extract_carrier
from gsctl.dsp.cpm_estimate_kernels import parabola
from gsctl.dsp.cpm_search_kernels import search_parameters
from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL, symbol_templates

Complex = NDArray[np.complex64]

# The signal of one carrier, in symbol rates from its middle: passed whole, and gone.
PASS_SYMBOL_RATES = 0.8
STOP_SYMBOL_RATES = 1.0
# Noise gives up to 0.51, a signal at 2 dB Es/N0 0.65.
LEAST_COHERENCE = 0.57
_SHORTEST_SYMBOLS = 32
_DECENT_ES_N0 = 2.0  # below it something else may fit better
_COARSE_FORGETTING = 0.75  # follows 0.01 turns a symbol, half the step of the search
_COARSE_TURNS = 0.02
_FINE_FORGETTING = 0.9
_SAME_INDEX = 0.06
_LARGEST_DRIFT_HZ_S = 200.0
_DRIFT_STEP_TURNS = 0.02
_SETTLED_SYMBOLS = 400
_AVERAGE_SPAN = 49
# What is less likely than exp(-14) no deframer tries: see ``deframe.hdlc.most_repair_cost``.
_MOST_EVENT_COST = 14.0
# Of the noise that counts, one symbol's correlation lets one see this part: the filter takes off a
# tenth of it, which consecutive symbols have in common, and the phase estimate follows a forty-ninth.
_NOISE_SEEN = 0.903 * 48 / 49


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How hard a receiver tries.

    Attributes:
        memory: bits in a state of the sequence detector.
        symbols: length of the part on which an unknown carrier is looked for.
        timings: offsets tried within one symbol.
        spans: carrier frequencies tried, plus and minus, in turns a symbol; the next one
            where the one before finds nothing that fits well.
        indices: modulation indices tried when it is not told.
        rounds: times that bits are decided and the carrier is estimated from them.
        shapes: whether the filter's BT is measured; else it is taken as 0.5 unless told.
        events: competing decisions handed on per thousand symbols.
    """

    memory: int
    symbols: int
    timings: int
    spans: tuple[float, ...]
    indices: tuple[float, ...]
    rounds: int
    shapes: bool
    events: int


class StretchReceiver:
    """Receives stretches of carriers of one waveform.

    Args:
        sample_rate_hz: of the samples given to ``receive``.
        symbol_rate_bd: nominal.
        modulation_index: tried first; None if nothing is told. It is always measured, since
            what catalogues say is nominal.
        bt: None to find it out.
    """

    def __init__(
        self,
        sample_rate_hz: float,
        symbol_rate_bd: float,
        modulation_index: float | None,
        bt: float | None,
        search: Search,
    ) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._symbol_rate_bd = symbol_rate_bd
        self._indices = search.indices
        if modulation_index is not None:
            others = (h for h in search.indices if abs(h - modulation_index) > _SAME_INDEX)
            self._indices = (modulation_index, *others)
        self._bt = bt if bt is not None else 0.5
        self._tunes_bt = bt is None and search.shapes
        self._search = search

    def acquire(
        self, samples: Complex, first_sample: int, begin: float, end: float, frequency_hz: float
    ) -> Stretch | None:
        """Look for a carrier near ``frequency_hz`` and decide its symbols.

        Args:
            samples: (n,), with ``GUARD_SYMBOLS`` more on each side where there are any.
            first_sample: place of ``samples[0]`` in the input.
            begin, end: input samples between which symbols are wanted.

        Returns:
            None where no coherent signal is found.
        """
        part = samples[max(0, int(begin) - first_sample) : ceil(end) - first_sample]
        carrier = self._extract(samples, self._center_of_power(part, frequency_hz))
        best: Stretch | None = None
        for attempt, span in enumerate(self._search.spans):
            stretch = self._attempt(carrier, first_sample, begin, end, span, in_middle=attempt > 0)
            if stretch is not None and (best is None or stretch.es_n0 > best.es_n0):
                best = stretch
            if best is not None and best.es_n0 > _DECENT_ES_N0:
                break
        return best

    def _attempt(
        self,
        carrier: ExtractedCarrier,
        first_sample: int,
        begin: float,
        end: float,
        span: float,
        *,
        in_middle: bool,
    ) -> Stretch | None:
        """Look on one part of the stretch, within ``span`` turns a symbol, and decide all of it."""
        scale = carrier.input_per_sample
        begin = (begin - first_sample) / scale
        end = (end - first_sample) / scale
        found = self._find(carrier, begin, end, span, in_middle=in_middle)
        if found is None:
            return None
        model, turns = found
        anchor = model.start + 0.5 * self._search.symbols * model.step
        # The first symbol at or after ``begin``.
        model.start += ceil((begin - model.start) / model.step) * model.step
        count = round((end - model.start) / model.step)
        if count < 1:
            return None
        pivot = (anchor - model.start) / model.step
        rounds = self._prepare(carrier, model, count, turns, self._drifts(count), pivot)
        rounds.decide(0.8)
        for turn in range(self._search.rounds):
            rounds.follow(tune_index=True, tune_bt=self._tunes_bt and turn == 0)
            rounds.decide(0.96)
            if not rounds.changes:
                break
        stretch = self._finish(rounds, carrier, first_sample)
        return stretch if stretch.coherent[1] else None

    def resume(self, samples: Complex, first_sample: int, end: float, track: CarrierTrack) -> Stretch | None:
        """Decide the symbols that follow those of an earlier stretch, up to input sample ``end``.

        Returns:
            None where no symbol fits or the carrier is lost.
        """
        carrier = self._extract(samples, track.frequency_hz)
        scale = carrier.input_per_sample
        model = SymbolModel(
            (track.next_symbol - first_sample) / scale,
            track.symbol_samples / scale,
            track.modulation_index,
            track.bt,
        )
        count = round((end - track.next_symbol) / track.symbol_samples)
        if count < 1:
            return None
        turns = (track.frequency_hz - carrier.frequency_hz) / self._symbol_rate_bd
        drift = track.drift_hz_s / self._symbol_rate_bd**2
        rounds = self._prepare(carrier, model, count, turns, [drift], 0.0)
        # After a short stretch frequency and drift are less certain.
        first = 0.85 if track.settled else _COARSE_FORGETTING
        rounds.decide(first if self._search.rounds > 1 else 0.96)
        for _ in range(self._search.rounds - 1):
            rounds.follow(tune_index=False, tune_bt=False)
            rounds.decide(0.96)
            if not rounds.changes:
                break
        stretch = self._finish(rounds, carrier, first_sample, track.noise)
        return stretch if stretch.coherent[1] else None

    def _extract(self, samples: Complex, frequency_hz: float) -> ExtractedCarrier:
        return extract_carrier(
            samples,
            self._sample_rate_hz,
            frequency_hz,
            pass_hz=PASS_SYMBOL_RATES * self._symbol_rate_bd,
            stop_hz=STOP_SYMBOL_RATES * self._symbol_rate_bd,
            output_rate_hz=SAMPLES_PER_SYMBOL * self._symbol_rate_bd,
        )

    # -- an unknown carrier --------------------------------------------------------------------

    def _center_of_power(self, samples: Complex, near_hz: float) -> float:
        """Middle of the spectrum around a frequency, to a few hundredths of the symbol rate."""
        width = 1.6 * self._symbol_rate_bd
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

    def _find(
        self, carrier: ExtractedCarrier, begin: float, end: float, span: float, *, in_middle: bool
    ) -> tuple[SymbolModel, float] | None:
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
            np.array(self._indices),
            np.arange(-span, span + 0.001, _COARSE_TURNS),
            _COARSE_FORGETTING,
        )
        if coherence < LEAST_COHERENCE - 0.02:
            return None
        near = np.array([-0.035, 0.0, 0.035])
        _, model, turns = self._best(
            carrier,
            model.start,
            step,
            symbols,
            np.array([-0.09, 0.0, 0.09]),
            model.index + near,
            turns + np.array([-0.01, -0.005, 0.0, 0.005, 0.01]),
            _FINE_FORGETTING,
        )
        return model, turns

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

    # -- symbols and what is handed on ---------------------------------------------------------

    def _drifts(self, count: int) -> list[float]:
        """Drifts to try over so many symbols, in turns a symbol squared: a low orbit's, at slow rates."""
        step = _DRIFT_STEP_TURNS / (count + 2 * GUARD_SYMBOLS)
        most = int(_LARGEST_DRIFT_HZ_S / self._symbol_rate_bd**2 / step + 0.5)
        return [step * n for n in range(-most, most + 1)]

    def _prepare(
        self,
        carrier: ExtractedCarrier,
        model: SymbolModel,
        count: int,
        turns: float,
        drifts: list[float],
        pivot: float,
    ) -> Rounds:
        """Rounds over ``count`` symbols from the model's first, and a guard on each side.

        Args:
            turns: frequency at symbol ``pivot``, turns a symbol.
            drifts: of that frequency, of which the best is taken.
        """
        since = np.arange(-GUARD_SYMBOLS, count + GUARD_SYMBOLS, dtype=np.float64) - pivot
        model.start -= GUARD_SYMBOLS * model.step
        phases = [2 * np.pi * (turns * since + 0.5 * drift * since * since) for drift in drifts]
        rounds = Rounds(carrier, model, phases[0], self._search.memory)
        if len(phases) > 1:
            rounds.choose_phase(phases, _COARSE_FORGETTING)
        return rounds

    def _finish(
        self, rounds: Rounds, carrier: ExtractedCarrier, first_sample: int, known_noise: float = np.inf
    ) -> Stretch:
        rounds.settle()
        bare = rounds.bare()
        count = len(bare)
        inside = slice(GUARD_SYMBOLS, count - GUARD_SYMBOLS)
        noise = float(np.mean(bare.imag**2)) / _NOISE_SEEN + 1e-30
        amplitude = moving_average(bare.real, _AVERAGE_SPAN).clip(min=0.0)
        scale = amplitude / noise
        loss, newest, flips, event_loss = rounds.reliability()
        values = np.where(rounds.bits == 1, loss, -loss) * scale
        place = np.arange(count, dtype=np.float64)
        model = rounds.model
        position = first_sample + (model.start + model.step * place) * carrier.input_per_sample
        quality = rounds.quality(bare)
        rank = count // 5
        floor = min(float(np.partition(quality.noise, rank)[rank]), known_noise)
        coherent = coherent_part(quality.es_n0()[inside], quality.expected_es_n0(floor)[inside])
        mean = float(np.mean(bare.real[inside][slice(*coherent)])) if coherent[1] else 0.0
        slope, bend = parabola(rounds.phase, amplitude, count - GUARD_SYMBOLS, 4)
        hertz = self._symbol_rate_bd / (2 * np.pi)
        length = max(1, count - 2 * GUARD_SYMBOLS - 1)
        mean_slope = slope - bend * length
        track = CarrierTrack(
            next_symbol=float(position[count - GUARD_SYMBOLS]),
            symbol_samples=model.step * carrier.input_per_sample,
            frequency_hz=carrier.frequency_hz + float(slope) * hertz,
            drift_hz_s=float(2 * bend) * hertz * self._symbol_rate_bd if length > 150 else 0.0,
            modulation_index=model.index,
            bt=model.bt,
            noise=floor,
            settled=length > _SETTLED_SYMBOLS,
        )
        return Stretch(
            values=values[inside].astype(np.float32),
            position=position[inside],
            events=self._events(newest, flips, event_loss * scale[np.maximum(newest, 0)]),
            es_n0=mean * mean / (2 * noise),
            coherence=rounds.metric / (count * SAMPLES_PER_SYMBOL * max(rounds.rms(), 1e-30)),
            coherent=coherent,
            frequency_hz=carrier.frequency_hz + float(mean_slope) * hertz,
            track=track,
        )

    def _events(
        self, newest: NDArray[np.int32], flips: NDArray[np.uint64], cost: NDArray[np.float64]
    ) -> list[tuple[float, tuple[int, ...]]]:
        """The cheapest competing paths, their symbols counted from the end of the first guard."""
        last = len(newest) - GUARD_SYMBOLS
        known = np.flatnonzero((newest >= GUARD_SYMBOLS) & (newest < last) & (cost < _MOST_EVENT_COST))
        wanted = max(8, len(newest) * self._search.events // 1000)
        cheapest = known[np.argsort(cost[known], kind="stable")[:wanted]]
        events = []
        for step in cheapest.tolist():
            mask = int(flips[step])
            newest_symbol = int(newest[step]) - GUARD_SYMBOLS
            oldest = mask.bit_length() - 1
            if newest_symbol >= oldest:
                symbols = tuple(newest_symbol - i for i in range(oldest, -1, -1) if mask >> i & 1)
                events.append((float(cost[step]), symbols))
        return events


def _strongest_part(samples: Complex, begin: float, end: float, length: int) -> float:
    """Where the ``length`` samples of most energy begin, between two places."""
    low = max(0, int(begin))
    power = samples[low : max(low + 1, min(len(samples), int(end)))]
    energy = np.concatenate(([0.0], np.cumsum(power.real**2 + power.imag**2, dtype=np.float64)))
    starts = np.arange(0, max(1, len(power) - length), 8 * SAMPLES_PER_SYMBOL)
    stops = np.minimum(starts + length, len(power))
    return float(low + starts[np.argmax(energy[stops] - energy[starts])])
