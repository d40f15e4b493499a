"""One AIS burst: carrier, training sequence, symbols; and its subtraction.

The carrier shows in the square of the signal: GMSK of index 1/2 squared has two lines, half a symbol
rate to each side of twice the carrier (de Buda, IEEE Trans. Commun. 20, 1972). At that carrier the known
training sequence and flag give time and polarity; the decisions are those of ``fsk_coherent_rounds``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log10, pi

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod import ais_kernels as kernels
from gsctl.demod.ais_estimates import (
    LEAD_SYMBOLS,
    TAIL_SYMBOLS,
    amplitude_of,
    competing_events,
    es_n0_of,
    extent,
)
from gsctl.demod.ais_training import BT, MODULATION_INDEX, phase_pulse_table, training_template
from gsctl.demod.fsk_coherent_rounds import Rounds, SymbolModel, moving_average
from gsctl.dsp.carrier_extraction import ExtractedCarrier
from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL
from gsctl.dsp.mixer_kernels import mix
from gsctl.model import ErrorEvent, SoftBits

Complex = NDArray[np.complex64]

SYMBOL_RATE_BD = 9600.0
LARGEST_OFFSET_HZ = 5200.0
_INDICES = (0.5, 0.46, 0.54)  # of transmitters whose deviation is off

_NOISE_SPAN = 7
_DOUBT = 0.05
_MEASURED_SYMBOLS = 96
NOISE_BANDWIDTH_HZ = 29_500.0  # of ``demod.ais_channels``
# Below this share of what power promises, and of what any signal has that is modelled well, more is tried.
_FAIR_SHARE = 0.55
_FAIR_ES_N0 = 30.0
_PLAIN_ES_N0 = 20.0
_LONGEST_SYMBOLS = 5 * 256 + 48
_CARRIERS = 3  # peaks of the squared spectrum that are tried
# Coherence with the training sequence: noise stays below 0.33, a burst at Eb/N0 3 dB has 0.55.
_LEAST_COHERENCE = 0.38
_GOOD_COHERENCE = 0.6
_LEAST_ES_N0 = 1.2
_SHORTEST_SYMBOLS = 96
_MOST_EVENTS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How hard a burst is tried: bits in a state of the detector, rounds, competing decisions kept."""

    memory: int
    rounds: int
    tune: bool
    events: int


EFFORTS = {
    Effort.FAST: Search(memory=2, rounds=0, tune=False, events=40),
    Effort.NORMAL: Search(memory=3, rounds=1, tune=False, events=60),
    Effort.DEEP: Search(memory=4, rounds=3, tune=True, events=160),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """What a burst is made of, as it was decided; arguments of ``kernels.subtract``.

    Attributes:
        inside: the symbols that are sent.
        start: sample of the piece at which symbol 0 has its middle; ``step`` samples a symbol.
        amplitude, phase: at each symbol.
        turns: of the carrier a sample, from sample ``origin`` on, beside ``phase``.
    """

    bits: NDArray[np.uint8]
    inside: slice
    start: float
    step: float
    modulation_index: float
    amplitude: NDArray[np.float64]
    phase: NDArray[np.float64]
    turns: float
    origin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedBurst:
    """One burst in a piece of the channel.

    Attributes:
        begin, end: samples of the piece.
        values, position: as in ``SoftBits``, position in samples of the piece.
        level: amplitude.
        made: what was subtracted.
    """

    begin: float
    end: float
    values: NDArray[np.float32]
    position: NDArray[np.float64]
    events: tuple[ErrorEvent, ...]
    symbol_rate_bd: float
    frequency_hz: float
    es_n0: float
    level: float
    made: Transmission

    def doubting(self, first: float, last: float) -> ReceivedBurst:
        """The same, its symbols between two samples of the piece held for uncertain."""
        low, high = np.searchsorted(self.position, (first, last))
        if low >= high:
            return self
        values = self.values.copy()
        values[low:high] *= np.float32(_DOUBT)
        events = tuple(
            replace(event, cost=event.cost * _DOUBT)
            if any(low <= symbol < high for symbol in event.symbols)
            else event
            for event in self.events
        )
        return replace(self, values=values, events=events)

    def soft_bits(self, origin: int) -> SoftBits:
        """For the deframer; the piece begins at sample ``origin`` of the channel."""
        return SoftBits(
            values=self.values,
            position=self.position + origin,
            symbol_rate_bd=self.symbol_rate_bd,
            restart=True,
            frequency_offset_hz=self.frequency_hz,
            snr_db=10 * log10(max(self.es_n0, 1e-9)),
            level_dbfs=20 * log10(max(self.level, 1e-15)),
            events=self.events,
        )


class BurstReceiver:
    """Receives the strongest burst of a piece of a channel and takes it off.

    Args:
        sample_rate_hz: of the channel, 3.5 to 8 samples a symbol.
    """

    def __init__(self, sample_rate_hz: float, effort: Effort) -> None:
        self._rate_hz = sample_rate_hz
        self._sps = sample_rate_hz / SYMBOL_RATE_BD
        self._search = EFFORTS[effort]
        self._noise_bandwidth = min(NOISE_BANDWIDTH_HZ, sample_rate_hz) / SYMBOL_RATE_BD
        self._template = training_template(self._sps)
        self._pulse = phase_pulse_table(BT)

    def receive(
        self, piece: Complex, burden: NDArray[np.float32], low: int, high: int, floor: float
    ) -> ReceivedBurst | None:
        """Find the burst that is strong between two samples, decide its symbols and subtract it.

        Args:
            piece: (n,) changed in place where a burst is found.
            burden: (n,) power that bursts already subtracted may have left.
            low, high: part of the piece, one burst's at best, on which the carrier is looked for.
            floor: noise power.

        Returns:
            None where no burst of AIS is found.
        """
        found = self._find(piece, burden, low, high)
        if found is None:
            return None
        place, frequency_hz = found
        start = place + (0.5 - LEAD_SYMBOLS) * self._sps
        count = self._length(piece, place, floor)
        part = piece[max(0, int(place)) : int(place + _MEASURED_SYMBOLS * self._sps)]
        power = float(np.mean(part.real**2 + part.imag**2))
        promised = (power / floor - 1.0) * self._noise_bandwidth
        return self._decide(piece, start, count, frequency_hz, promised)

    def again(self, piece: Complex, burst: ReceivedBurst) -> ReceivedBurst | None:
        """Receive a burst anew after something that overlapped it was taken off, and subtract it.

        Args:
            piece: in which ``burst`` was put back by ``restore``.
        """
        made = burst.made
        return self._decide(piece, made.start, made.bits.size, burst.frequency_hz, 0.0, every_event=True)

    def take_off(self, piece: Complex, burst: ReceivedBurst) -> None:
        """Subtract a burst that was received elsewhere from the piece that holds it."""
        self._take_off(piece, burst.made, 1.0)

    def restore(self, piece: Complex, burst: ReceivedBurst) -> None:
        """Put a burst back that was subtracted from this piece."""
        self._take_off(piece, burst.made, -1.0)

    def _decide(
        self,
        piece: Complex,
        start: float,
        count: int,
        frequency_hz: float,
        promised: float,
        *,
        every_event: bool = False,
    ) -> ReceivedBurst | None:
        """Decide ``count`` symbols, of which the first has its middle at ``start``, and subtract them."""
        first = max(0, int(start) - 8)
        last = min(piece.size, ceil(start + (count + 2) * self._sps) + 8)
        mixed = mix(piece[first:last], 0.0, -2 * pi * frequency_hz / self._rate_hz, 0.0)
        carrier = ExtractedCarrier(samples=mixed, input_per_sample=1.0, frequency_hz=frequency_hz)
        model = SymbolModel(start - first, self._sps, MODULATION_INDEX, BT)
        rounds = Rounds(carrier, model, np.zeros(count), self._search.memory)
        rounds.decide(0.9)
        if not self._search.rounds:
            rounds.settle()
        for turn in range(self._search.rounds):
            if turn:
                rounds.decide(0.96)
            rounds.follow(tune_index=self._search.tune, tune_bt=False)
        rounds.decide(0.96)
        # What overlaps another is worth more: how well it is taken off decides about the other.
        # And a transmitter whose deviation is off is heard worse than its power promises.
        poor = es_n0_of(rounds) < _FAIR_SHARE * min(promised, _FAIR_ES_N0)
        if poor and not every_event:
            _choose_index(rounds)
        if every_event or poor:
            for _ in range(2):
                rounds.follow(tune_index=True, tune_bt=False)
                rounds.decide(0.96)
        wanted = min(count, _MOST_EVENTS) if every_event else max(8, count * self._search.events // 256)
        return self._finish(rounds, piece, first, frequency_hz, wanted)

    # -- where it is ---------------------------------------------------------------------------

    def _find(
        self, piece: Complex, burden: NDArray[np.float32], low: int, high: int
    ) -> tuple[float, float] | None:
        """Place of the training sequence's first symbol (its beginning), and the carrier."""
        template_size = self._template.shape[1]
        begin = max(0, high - int(_LONGEST_SYMBOLS * self._sps))
        end = min(high, piece.size - template_size)
        best, place, frequency_hz, second = 0.0, -1, 0.0, False
        # Mixed down from each carrier, so that the template is the same and its polarities conjugates.
        for candidate_hz in self._carriers(piece[low:high]):
            mixed = mix(piece[begin : end + template_size], 0.0, -2 * pi * candidate_hz / self._rate_hz, 0.0)
            at, coherence, other = kernels.search_training(mixed, burden[begin:], self._template, end - begin)
            if coherence > best:
                best, place, frequency_hz, second = coherence, at, candidate_hz, other
                chosen = mixed
            if best > _GOOD_COHERENCE:
                break
        if best < _LEAST_COHERENCE:
            return None
        near = kernels.correlation(chosen, self._template[int(second)], place - 2, 5)
        peak = 1 + int(np.argmax(near[1:4]))
        left, middle, right = (float(v) for v in near[peak - 1 : peak + 2])
        bend = left - 2 * middle + right
        fraction = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return begin + place - 2 + peak + min(max(fraction, -0.5), 0.5), frequency_hz

    def _carriers(self, samples: Complex) -> list[float]:
        """The likeliest carriers, by the two lines of the squared signal."""
        size = 2048 if samples.size <= 1024 else 4096
        squared = scipy.fft.fft(samples * samples, size)
        power = squared.real**2 + squared.imag**2
        resolution_hz = self._rate_hz / size
        apart = round(SYMBOL_RATE_BD / 2 / resolution_hz)
        reach = int(2 * LARGEST_OFFSET_HZ / resolution_hz)
        bins = np.arange(-reach, reach + 1)
        metric = power[(bins - apart) % size] + power[(bins + apart) % size]
        carriers = []
        for _ in range(_CARRIERS):
            peak = int(np.argmax(metric))
            carriers.append(float(bins[peak]) * resolution_hz / 2)
            metric[max(0, peak - 8) : peak + 9] = 0.0
        return carriers

    def _length(self, piece: Complex, place: float, floor: float) -> int:
        """Symbols from before the training sequence to behind the end, judged by the power."""
        begin = max(0, int(place))
        samples = piece[begin : begin + int(_LONGEST_SYMBOLS * self._sps)]
        size = round(8 * self._sps)
        whole = samples[: samples.size // size * size].view(np.float32).reshape(-1, 2 * size)
        power = np.einsum("ij,ij->i", whole, whole) / size
        level = np.convolve(power, np.full(3, 1 / 3), "valid")
        own = float(np.mean(power[:4]))
        off = np.flatnonzero(level[8:] < floor + 0.3 * (own - floor))
        blocks = int(off[0]) + 8 + 1 if off.size else power.size
        count = LEAD_SYMBOLS + 8 * blocks + TAIL_SYMBOLS
        most = int((piece.size - place) / self._sps) + LEAD_SYMBOLS
        return max(min(count, most, _LONGEST_SYMBOLS), 64)

    # -- what is handed on ---------------------------------------------------------------------

    def _finish(
        self, rounds: Rounds, piece: Complex, first: int, frequency_hz: float, wanted: int
    ) -> ReceivedBurst | None:
        rounds.settle()
        bare = rounds.bare()
        inside = extent(bare.real)
        noise = float(np.mean(bare.imag[inside] ** 2)) + 1e-30
        mean = float(np.mean(bare.real[inside]))
        es_n0 = mean * abs(mean) / (2 * noise)
        if es_n0 < _LEAST_ES_N0 or inside.stop - inside.start < _SHORTEST_SYMBOLS:
            return None
        amplitude, sent = amplitude_of(bare.real, inside)
        # Where the edges of another burst disturb a few symbols, these are the ones to be repaired.
        scale = amplitude / np.maximum(moving_average(bare.imag**2, _NOISE_SPAN), noise)
        if es_n0 > _PLAIN_ES_N0 and wanted < len(bare):
            wanted = 0  # there will be nothing to repair
        loss, newest, flips, event_loss = rounds.reliability()
        values = np.where(rounds.bits == 1, loss, -loss) * scale
        model = rounds.model
        made = Transmission(
            bits=rounds.bits,
            inside=sent,
            start=first + model.start,
            step=model.step,
            modulation_index=model.index,
            amplitude=amplitude / SAMPLES_PER_SYMBOL,
            phase=rounds.phase,
            turns=frequency_hz / self._rate_hz,
            origin=first,
        )
        self._take_off(piece, made, 1.0)
        slope = (rounds.phase[inside][-1] - rounds.phase[inside][0]) / (len(rounds.phase[inside]) - 1)
        position = first + model.start + model.step * np.arange(len(bare), dtype=np.float64)
        return ReceivedBurst(
            begin=float(position[inside.start]),
            end=float(position[inside.stop - 1]),
            values=values.astype(np.float32),
            position=position,
            events=competing_events(newest, flips, event_loss * scale[np.maximum(newest, 0)], wanted),
            symbol_rate_bd=self._rate_hz / model.step,
            frequency_hz=frequency_hz + float(slope) * SYMBOL_RATE_BD / (2 * pi),
            es_n0=es_n0,
            level=mean / SAMPLES_PER_SYMBOL,
            made=made,
        )

    def _take_off(self, piece: Complex, made: Transmission, sign: float) -> None:
        kernels.subtract(
            piece[made.origin :],
            made.bits,
            made.inside.start,
            made.inside.stop,
            made.start - made.origin,
            made.step,
            made.modulation_index,
            self._pulse,
            sign * made.amplitude,
            made.phase,
            made.turns,
        )


def _choose_index(rounds: Rounds) -> None:
    """Take the modulation index with the best sequence; the coarse step before it is measured."""
    metrics = []
    for index in _INDICES:
        rounds.model.index = index
        rounds.decide(0.85)
        metrics.append(rounds.metric)
    rounds.model.index = _INDICES[int(np.argmax(metrics))]
    rounds.decide(0.85)
