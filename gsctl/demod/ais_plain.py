"""AIS bursts that lie alone and are heard well: found all at once, each received in one pass.

What is received here needs neither the strongest-first search nor the subtraction of ``demod.ais``;
whatever is left in a stretch afterwards is for these.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.hdlc_burst_kernels import GOOD
from gsctl.demod import Effort
from gsctl.demod import ais_plain_kernels as kernels
from gsctl.demod.ais_burst import ReceivedBurst, Transmission
from gsctl.demod.ais_estimates import LEAD_SYMBOLS, amplitude_of
from gsctl.demod.ais_training import (
    BT,
    MODULATION_INDEX,
    TEMPLATE_SYMBOLS,
    TRAINING_SYMBOLS,
    training_template,
)
from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL, symbol_templates
from gsctl.model import SoftBits

Complex = NDArray[np.complex64]

SYMBOL_RATE_BD = 9600.0
_LAG = 3  # samples of a turn: carriers up to a sixth of the sample rate are told apart
# Noise makes 0.36 some ten times a second, which costs next to nothing.
_LEAST_TURNS = 0.36
_LEAST_COHERENCE = 0.4
# Of the coherence that the power promises: data that look like the sequence reach 0.6 of it.
_FAIR_COHERENCE = 0.8
_TONE_HZ = 100.0
_MEMORY = {Effort.FAST: 2, Effort.NORMAL: 2, Effort.DEEP: 3}
_LENGTHS = (256, 504, 1328)
MIN_BYTES, MAX_BYTES = 7, 136  # FCS included
_MOST_CANDIDATES = 512
_RAMP_SYMBOLS, _FALL_SYMBOLS = 8, 4
# A burst is alone where its noise is what the floor, or what any model leaves of a signal, lets expect.
_DISTURBED = 2.7
_MODEL_ES_N0 = {Effort.FAST: 120.0, Effort.NORMAL: 1000.0, Effort.DEEP: 1000.0}
_LEAST_ES_N0 = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainBurst:
    """A burst whose check holds.

    Attributes:
        begin, end: samples of the piece between which its transmitter sends, ramps included.
        alone: nothing else can be heard while it lasts.
        start: sample of the piece at which symbol 0 has its middle; ``step`` samples a symbol.
        bits, values: (n,) symbols, and their log-likelihood ratios.
        bare, phase: (n,) the bare carrier and its phase in radians, as of ``kernels.receive_plain``.
        turns: of the carrier a sample, beside ``phase``.
        es_n0, level: ratio; amplitude.
    """

    begin: float
    end: float
    alone: bool
    start: float
    step: float
    first_symbol: int
    last_symbol: int
    bits: NDArray[np.uint8]
    values: NDArray[np.float32]
    bare: Complex
    phase: NDArray[np.float64]
    turns: float
    frequency_hz: float
    es_n0: float
    level: float

    def soft_bits(self, origin: int) -> SoftBits:
        """For the deframer; the piece begins at sample ``origin`` of the channel."""
        return SoftBits(
            values=self.values,
            position=self.start + origin + self.step * np.arange(self.values.size, dtype=np.float64),
            symbol_rate_bd=SYMBOL_RATE_BD,
            restart=True,
            frequency_offset_hz=self.frequency_hz,
            snr_db=10 * log10(self.es_n0),
            level_dbfs=20 * log10(self.level),
        )

    def received(self) -> ReceivedBurst:
        """The same with what is to be subtracted, as ``demod.ais_burst`` has it."""
        inside = slice(self.first_symbol, self.last_symbol)
        amplitude, sent = amplitude_of(self.bare.real.astype(np.float64), inside)
        position = self.start + self.step * np.arange(self.values.size, dtype=np.float64)
        return ReceivedBurst(
            begin=float(position[inside.start]),
            end=float(position[inside.stop - 1]),
            values=self.values,
            position=position,
            events=(),
            symbol_rate_bd=SYMBOL_RATE_BD,
            frequency_hz=self.frequency_hz,
            es_n0=self.es_n0,
            level=self.level,
            made=Transmission(
                bits=self.bits,
                inside=sent,
                start=self.start,
                step=self.step,
                modulation_index=MODULATION_INDEX,
                amplitude=amplitude / SAMPLES_PER_SYMBOL,
                phase=self.phase,
                turns=self.turns,
                origin=0,
            ),
        )


class PlainReceiver:
    """Receives the plain bursts of a piece of a channel.

    Args:
        sample_rate_hz: of the channel, 3.5 to 8 samples a symbol.
        noise_bandwidth_hz: of the channel's filter.
    """

    def __init__(self, sample_rate_hz: float, effort: Effort, noise_bandwidth_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        self._sps = sample_rate_hz / SYMBOL_RATE_BD
        self._memory = _MEMORY[effort]
        self._model_es_n0 = _MODEL_ES_N0[effort]
        self._template = training_template(self._sps)
        one = self._template[0]
        self._taps = np.ascontiguousarray((one[_LAG:] * one[:-_LAG].conj())[::2])
        self._symbols = symbol_templates(MODULATION_INDEX, BT)
        # Variance of one component of the bare carrier, for a floor of 1.
        self._noise = 0.5 * SAMPLES_PER_SYMBOL * sample_rate_hz / min(noise_bandwidth_hz, sample_rate_hz)
        self._places = np.empty(_MOST_CANDIDATES, np.int64)
        self._turns = np.empty(_MOST_CANDIDATES, np.float64)
        self._second = np.empty(_MOST_CANDIDATES, np.bool_)

    def receive(
        self, piece: Complex, searched: int, floor: float, taken: list[tuple[float, float]]
    ) -> list[PlainBurst]:
        """The plain bursts that begin in the first ``searched`` samples, in the order of time.

        Args:
            floor: noise power.
            taken: where bursts lie that were received before, samples of the piece.
        """
        count = kernels.find_training(
            piece[: searched + self._template.shape[1]],
            _LAG, self._taps, _LEAST_TURNS, self._places, self._turns, self._second,
        )  # fmt: skip
        found: list[PlainBurst] = []
        busy = 0.0
        for i in range(count):
            place = float(self._places[i])
            if place < busy or any(begin < place < end for begin, end in taken):
                continue
            burst = self._try(piece, int(place), float(self._turns[i]), bool(self._second[i]), floor)
            if burst is not None:
                found.append(burst)
                if burst.alone:
                    busy = burst.end - _FALL_SYMBOLS * self._sps
        return found

    def _try(self, piece: Complex, place: int, turns: float, second: bool, floor: float) -> PlainBurst | None:
        coherence, begin, turns, power = kernels.refine(
            piece, place, turns, self._template[int(second)], TEMPLATE_SYMBOLS, _TONE_HZ / self._rate_hz
        )
        promised = max(1.0 - floor / max(power, 1e-30), 0.0)
        if coherence < max(_LEAST_COHERENCE, _FAIR_COHERENCE * promised**0.5):
            return None
        start = begin + (0.5 - LEAD_SYMBOLS) * self._sps
        room = int((piece.size - start) / self._sps)
        lengths = np.array([min(length, room) for length in _LENGTHS], np.int64)
        opening = LEAD_SYMBOLS + TEMPLATE_SYMBOLS
        if lengths[0] < opening + 64:
            return None
        outcome, last, bits, bare, phase, values, averages = kernels.receive_plain(
            piece, start, self._sps, turns, self._symbols, self._memory, opening, lengths, MIN_BYTES
        )
        if outcome != GOOD:
            return None
        amplitude, noise, worst, slope = averages.tolist()
        es_n0 = amplitude * abs(amplitude) / (2 * noise)
        if es_n0 < _LEAST_ES_N0:
            return None
        expected = max(self._noise * floor, amplitude**2 / (2 * self._model_es_n0))
        first = opening - TRAINING_SYMBOLS - 8 - 4
        return PlainBurst(
            begin=start + (first - _RAMP_SYMBOLS) * self._sps,
            end=start + (last + _FALL_SYMBOLS + 1) * self._sps,
            alone=worst < _DISTURBED * expected,
            start=start,
            step=self._sps,
            first_symbol=first,
            last_symbol=last + 1,
            bits=bits,
            values=values,
            bare=bare,
            phase=phase,
            turns=turns,
            frequency_hz=turns * self._rate_hz + slope * SYMBOL_RATE_BD,
            es_n0=es_n0,
            level=amplitude / SAMPLES_PER_SYMBOL,
        )
