"""One stretch of one FSK or GMSK carrier: find it if it is not known yet, decide its symbols.

The signal model is that of ``gsctl.dsp.cpm_waveform``, the decisions are those of
``gsctl.demod.fsk_coherent_rounds``; ``gsctl.demod.fsk_coherent_search`` finds an unknown carrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from gsctl.demod.fsk_coherent_effort import Search
from gsctl.demod.fsk_coherent_rounds import GUARD_SYMBOLS, Rounds, SymbolModel, moving_average
from gsctl.demod.fsk_coherent_search import COARSE_FORGETTING, CarrierFinder, Found
from gsctl.demod.fsk_coherent_stretch import (
    GAP_SYMBOLS,
    SURE_ES_N0,
    CarrierTrack,
    Stretch,
    coherent_part,
)
from gsctl.dsp.carrier_extraction import ExtractedCarrier, extract_carrier
from gsctl.dsp.cpm_estimate_kernels import parabola
from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL

Complex = NDArray[np.complex64]

# The signal of one carrier, in symbol rates from its middle: passed whole, and gone.
PASS_SYMBOL_RATES = 0.8
STOP_SYMBOL_RATES = 1.0
_USUAL_WIDTH = 1.6  # symbol rates around its middle that hold a signal of a usual index
DECENT_ES_N0 = 2.0  # below it something else may fit better
_SAME_INDEX = 0.06
# What is measured within the indices tried first is one of them; beyond, the rarer ones are tried.
_BEYOND = 0.02
_LARGEST_DRIFT_HZ_S = 200.0
_DRIFT_STEP_TURNS = 0.02
_SETTLED_SYMBOLS = 400
_AVERAGE_SPAN = 49
# What is less likely than exp(-14) no deframer tries: see ``deframe.hdlc.most_repair_cost``.
_MOST_EVENT_COST = 14.0
# Of the noise that counts, one symbol's correlation lets one see this part: the filter takes off a
# tenth of it, which consecutive symbols have in common, and the phase estimate follows a forty-ninth.
_NOISE_SEEN = 0.903 * 48 / 49


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
        self._told_index = modulation_index
        self._remembered_index: float | None = None
        told = () if modulation_index is None else (modulation_index,)
        self._indices = (*told, *self._others(search.indices))
        self._rare_indices = self._others(search.rare_indices)
        self._bt = bt if bt is not None else 0.5
        self._tunes_bt = bt is None and search.shapes
        self._search = search
        self._finder = CarrierFinder(sample_rate_hz, symbol_rate_bd, self._bt, search)

    def locate(self, samples: Complex, first_sample: int, begin: float, end: float, near_hz: float) -> float:
        """Where the power near a frequency has its middle, Hz; arguments as in ``acquire``."""
        part = samples[max(0, int(begin) - first_sample) : ceil(end) - first_sample]
        index = self._remembered_index or self._told_index or 0.0
        width = _USUAL_WIDTH + max(0.0, index - max(self._search.indices))
        return self._finder.center_of_power(part, near_hz, width)

    def acquire(
        self,
        samples: Complex,
        first_sample: int,
        begin: float,
        end: float,
        frequency_hz: float,
        *,
        thorough: bool = True,
        doubtful: bool = False,
    ) -> Stretch | None:
        """Look for a carrier about ``frequency_hz``, which ``locate`` gave, and decide its symbols.

        Args:
            samples: (n,), with ``GUARD_SYMBOLS`` more on each side where there are any.
            first_sample: place of ``samples[0]`` in the input.
            begin, end: input samples between which symbols are wanted.
            thorough: try the rare indices and the wider span of frequencies too.
            doubtful: do not search where the envelope swings as that of noise does.

        Returns:
            None where no coherent signal is found.
        """
        carrier = self._extract(samples, frequency_hz)
        scale = carrier.input_per_sample
        places = (begin - first_sample) / scale, (end - first_sample) / scale
        if doubtful and self._finder.swings(carrier, *places):
            return None
        best: Stretch | None = None
        for attempt, span in enumerate(self._search.spans if thorough else self._search.spans[:1]):
            indices = [self._first_indices(), *((self._rare_indices,) if thorough else ())]
            stretch = self._within(span, indices, carrier, first_sample, *places, in_middle=attempt > 0)
            if stretch is not None and (best is None or stretch.es_n0 > best.es_n0):
                best = stretch
            if best is not None and best.es_n0 > DECENT_ES_N0:
                break
        if best is not None:
            self._remember(best)
        return best

    def _first_indices(self) -> tuple[float, ...]:
        remembered = self._remembered_index
        return self._indices if remembered is None else (*self._indices, remembered)

    def _within(
        self,
        span: float,
        choices: Sequence[tuple[float, ...]],
        carrier: ExtractedCarrier,
        first_sample: int,
        begin: float,
        end: float,
        *,
        in_middle: bool,
    ) -> Stretch | None:
        """The best of several choices of indices, a carrier within ``span`` turns a symbol of the middle."""
        best: Stretch | None = None
        fit = 0.0
        for indices in choices:
            found = indices and self._finder.find(carrier, begin, end, span, indices, in_middle=in_middle)
            # What fits that part no better than the indices before will not fit the whole better.
            if not found or found.coherence <= fit:
                continue
            stretch = self._attempt(carrier, first_sample, begin, end, found)
            if stretch is None:
                continue
            fit = found.coherence
            if best is None or stretch.es_n0 > best.es_n0:
                best = stretch
            if self._is_expected(best):
                break
        return best

    def _remember(self, stretch: Stretch) -> None:
        """Try a rare index that was right with the usual ones from here on: who sent it sends again."""
        first, last = stretch.coherent
        is_sure = stretch.es_n0 >= SURE_ES_N0 and last - first > 2 * GAP_SYMBOLS
        if is_sure and self._rare_indices and not self._is_expected(stretch):
            self._remembered_index = round(stretch.track.modulation_index, 2)

    def _others(self, indices: tuple[float, ...]) -> tuple[float, ...]:
        """Those that are not nearly the one that is told."""
        told = self._told_index
        return tuple(h for h in indices if told is None or abs(h - told) > _SAME_INDEX)

    def _is_expected(self, stretch: Stretch) -> bool:
        """Whether a good fit has an index that is told or was right before, or one of the usual ones."""
        index = stretch.track.modulation_index
        if stretch.es_n0 < SURE_ES_N0:
            return False
        known = (one for one in (self._told_index, self._remembered_index) if one is not None)
        if any(abs(index - one) <= _SAME_INDEX for one in known):
            return True
        usual = self._search.indices
        return min(usual) - _BEYOND < index < max(usual) + _BEYOND

    def _attempt(
        self, carrier: ExtractedCarrier, first_sample: int, begin: float, end: float, found: Found
    ) -> Stretch | None:
        """Decide all symbols between two places of the extracted carrier by what was found in a part."""
        model, turns = found.model, found.turns
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
        first, last = stretch.coherent
        return stretch if last - first >= self._search.least_symbols else None

    def resume(self, samples: Complex, first_sample: int, end: float, track: CarrierTrack) -> Stretch | None:
        """Decide the symbols that follow those of an earlier stretch, up to input sample ``end``.

        Returns:
            None where no symbol fits or the carrier is lost.
        """
        count = round((end - track.next_symbol) / track.symbol_samples)
        if count < 1:
            return None  # and there may be no samples either
        carrier = self._extract(samples, track.frequency_hz)
        scale = carrier.input_per_sample
        model = SymbolModel(
            (track.next_symbol - first_sample) / scale,
            track.symbol_samples / scale,
            track.modulation_index,
            track.bt,
        )
        turns = (track.frequency_hz - carrier.frequency_hz) / self._symbol_rate_bd
        drift = track.drift_hz_s / self._symbol_rate_bd**2
        rounds = self._prepare(carrier, model, count, turns, [drift], 0.0)
        # After a short stretch frequency and drift are less certain.
        first = 0.85 if track.settled else COARSE_FORGETTING
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
            rounds.choose_phase(phases, COARSE_FORGETTING)
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
