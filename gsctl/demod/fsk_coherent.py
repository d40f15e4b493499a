"""FSK and GMSK from IQ, coherently: bursts found, carriers followed, likelihoods out.

The FM discriminator that most receivers use throws the phase away and with it about 5 dB. Here
``dsp.burst_detection`` finds where signals are and ``demod.fsk_coherent_burst`` receives them in
stretches of up to 2048 symbols; this module cuts the stream and keeps the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, inf, log10
from typing import TYPE_CHECKING

import numpy as np

from gsctl.demod import Effort
from gsctl.demod.fsk_coherent_burst import DECENT_ES_N0, StretchReceiver
from gsctl.demod.fsk_coherent_effort import EFFORTS, Search, search_of_audio
from gsctl.demod.fsk_coherent_heard import HeardCarriers, same_carrier_hz
from gsctl.demod.fsk_coherent_rounds import GUARD_SYMBOLS
from gsctl.demod.fsk_coherent_stretch import GAP_SYMBOLS, CarrierTrack, Stretch
from gsctl.demod.patience import Patience
from gsctl.dsp.burst_detection import WEAK_SYMBOLS, Burst, BurstDetector
from gsctl.dsp.cpm_waveform import modulation_index
from gsctl.dsp.windows import FixedWindows, within_reason
from gsctl.errors import UsageError
from gsctl.model import ErrorEvent, SampleBlock, SoftBits
from gsctl.waveform import COMMON_SYMBOL_RATES_BD, Fsk

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SAMPLES_PER_SYMBOL = 2.2

_LONGEST_STRETCH_SYMBOLS = 2048
_LONGEST_STRETCH_S = 0.4  # bounds the latency of slow signals
_MARGIN_SYMBOLS = 8
_WINDOW_S = 0.1
_FIRST_ATTEMPTS = 3
_PATIENCE = 3  # thorough searches in vain at once; at normal one takes 7 ms of processor time
_STANDING_OUT = 3.0  # so many times the patience
_EDGE_SYMBOLS = 48  # coherence is averaged, so its edges are late and early


@dataclass(slots=True, eq=False)
class _Reception:
    """A burst under way: what is received of it and where the next stretch begins."""

    burst: Burst
    stream: int
    begin: float
    track: CarrierTrack | None = None


class _SingleRate:
    """The receiver for one symbol rate and sample rate; windows in, soft bits out."""

    def __init__(
        self,
        waveform: Fsk,
        symbol_rate_bd: float,
        sample_rate_hz: float,
        search: Search,
        first_stream: int,
    ) -> None:
        index = None
        if waveform.deviation_hz is not None:
            index = modulation_index(waveform.deviation_hz, symbol_rate_bd)
        self._inverted = waveform.deviation_hz is not None and waveform.deviation_hz < 0
        self._symbol_samples = sample_rate_hz / symbol_rate_bd
        self._sample_rate_hz = sample_rate_hz
        self._symbol_rate_bd = symbol_rate_bd
        self._detector = BurstDetector(sample_rate_hz, symbol_rate_bd, is_constant=search.is_constant)
        self._receiver = StretchReceiver(sample_rate_hz, symbol_rate_bd, index, waveform.bt, search)
        longest = min(_LONGEST_STRETCH_SYMBOLS, max(256.0, _LONGEST_STRETCH_S * symbol_rate_bd))
        self._longest = longest * self._symbol_samples
        self._late = (WEAK_SYMBOLS + 2 * _MARGIN_SYMBOLS) * self._symbol_samples
        self._guard = ceil((GUARD_SYMBOLS + 8) * self._symbol_samples)
        frames = max(4, round(_WINDOW_S * sample_rate_hz / self._detector.frame_samples))
        self.window_samples = frames * self._detector.frame_samples
        self._windows = FixedWindows(self.window_samples, behind=self._guard)
        self._buffer = np.zeros(0, np.complex64)
        self._buffer_start = 0
        self._receptions: list[_Reception] = []
        self._heard = HeardCarriers(symbol_rate_bd, self._symbol_samples)
        # With what may be noise of a colour, and with what stands out of it.
        self._patience = [Patience(_PATIENCE, n * search.vain_per_s) for n in (1.0, _STANDING_OUT)]
        self._first_stream = first_stream

    @property
    def heard_until(self) -> float:
        """Nothing before this sample is asked for again."""
        margin = self._detector.lookback_samples + _MARGIN_SYMBOLS * self._symbol_samples
        needed = self._buffer_start + len(self._buffer) - margin
        return min([needed, *(reception.begin for reception in self._receptions)])

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        for window in self._windows.push(block):
            yield from self._window(window.samples, window.start_sample, window.restart)

    def finish(self) -> Iterator[SoftBits]:
        end = self._buffer_start + len(self._buffer)
        for window in self._windows.finish():
            end = window.start_sample + window.valid if window.valid else end
            yield from self._window(window.samples, window.start_sample, window.restart)
        yield from self._close(end)

    def _window(self, samples: NDArray[np.complex64], start: int, restart: bool) -> Iterator[SoftBits]:
        if restart:
            yield from self._close(self._buffer_start + len(self._buffer))
            self._buffer = np.zeros(0, np.complex64)
            self._buffer_start = start
            self._detector.restart()
        samples = within_reason(samples)
        self._buffer = np.concatenate((self._buffer, samples))
        for patience in self._patience:
            patience.rest(len(samples) / self._sample_rate_hz)
        for burst in self._detector.push(samples, start):
            begin = max(burst.begin - _MARGIN_SYMBOLS * self._symbol_samples, float(self._buffer_start))
            self._receptions.append(_Reception(burst, self._free_stream(), begin))
        yield from self._receive(final=False)
        self._trim()

    def _close(self, end: float) -> Iterator[SoftBits]:
        """Receive what is left before a gap or the end of the stream."""
        self._detector.finish(end)
        yield from self._receive(final=True)
        self._receptions = []

    def _free_stream(self) -> int:
        taken = {reception.stream for reception in self._receptions}
        return next(n for n in range(self._first_stream, self._first_stream + 1000) if n not in taken)

    def _trim(self) -> None:
        """Drop samples that nobody will ask for again."""
        drop = int(self.heard_until) - 2 * self._guard - self._buffer_start
        if drop > 0:
            self._buffer = self._buffer[drop:]
            self._buffer_start += drop
            self._heard.forget(self._buffer_start)

    def _receive(self, *, final: bool) -> Iterator[SoftBits]:
        end = self._buffer_start + len(self._buffer)
        for reception in list(self._receptions):
            limit = float(end if final else end - self._guard)
            while True:
                burst_end = reception.burst.end
                until = np.inf if burst_end is None else burst_end + _MARGIN_SYMBOLS * self._symbol_samples
                stretch_end = reception.begin + self._longest
                if until < reception.begin + 1.5 * self._longest:
                    stretch_end = until
                if final:
                    stretch_end = min(stretch_end, limit)
                if stretch_end > limit:
                    break
                yield from self._stretch(reception, stretch_end)
                if stretch_end >= min(until, limit if final else np.inf):
                    self._receptions.remove(reception)
                    break

    def _stretch(self, reception: _Reception, end: float) -> Iterator[SoftBits]:
        """Receive up to input sample ``end``: what is followed already, then what may come after it."""
        if reception.track is not None:
            stretch = self._resume(reception, end)
            if stretch is not None:
                yield from self._hand_on(reception, stretch, restart=False)
                if reception.track is not None:
                    return
            if self._is_tail(reception, end):
                reception.track, reception.begin = None, end
                return
        reception.track = None
        attempts = int(_FIRST_ATTEMPTS + (end - reception.begin) / (GAP_SYMBOLS * self._symbol_samples))
        yield from self._look(reception, reception.begin, end, iter(range(attempts)))
        if reception.track is None:
            reception.begin = end
            reception.burst.verified = bool(reception.burst.verified) and reception.burst.risen

    def _look(
        self, reception: _Reception, begin: float, end: float, attempts: Iterator[int]
    ) -> Iterator[SoftBits]:
        """Find the strongest transmission between two input samples, those before it and those after it.

        Energy alone does not part transmissions that follow each other closely, as in AIS.
        """
        reception.track = None
        if end - begin <= GAP_SYMBOLS * self._symbol_samples or next(attempts, None) is None:
            return
        stretch = self._acquire(reception, begin, end)
        if stretch is None:
            return
        first, last = stretch.coherent
        if first > GAP_SYMBOLS:
            middle = float(stretch.position[min(first + _EDGE_SYMBOLS, (first + last) // 2)])
            yield from self._look(reception, begin, middle, attempts)
        yield from self._hand_on(reception, stretch, restart=True)
        if reception.track is None and not self._is_tail(reception, end):
            yield from self._look(reception, reception.begin, end, attempts)

    def _is_tail(self, reception: _Reception, end: float) -> bool:
        """Whether what is left is but the noise for which the end of a weak burst comes late."""
        burst = reception.burst
        return burst.is_weak and burst.end is not None and end - reception.begin < self._late

    def _hand_on(self, reception: _Reception, stretch: Stretch, *, restart: bool) -> Iterator[SoftBits]:
        """Give the sound part of a stretch; the reception goes on after it."""
        first, last = stretch.coherent
        count = len(stretch.values)
        first = max(0, first - _EDGE_SYMBOLS) if restart else 0
        reception.track = stretch.track
        reception.begin = stretch.track.next_symbol
        reception.burst.verified = True
        reception.burst.frequency_hz = stretch.frequency_hz
        self._heard.add(stretch)
        if count - last >= GAP_SYMBOLS:
            reception.track = None
            reception.begin = float(stretch.position[max(last - _EDGE_SYMBOLS, min(last, GAP_SYMBOLS))])
            count = min(count, last + _EDGE_SYMBOLS)
        yield self._soft_bits(stretch.part(first, count), reception.stream, restart=restart)

    def _resume(self, reception: _Reception, end: float) -> Stretch | None:
        """Follow a carrier; where it is lost half-way, take the sound part and look again from there."""
        assert reception.track is not None
        samples, first = self._samples(reception.begin, end)
        stretch = self._receiver.resume(samples, first, end, reception.track)
        if stretch is None or not GAP_SYMBOLS < stretch.coherent[1] <= len(stretch.values) - GAP_SYMBOLS:
            return stretch
        sound_end = float(stretch.position[stretch.coherent[1] - _EDGE_SYMBOLS])
        samples, first = self._samples(reception.begin, sound_end)
        sound = self._receiver.resume(samples, first, sound_end, reception.track)
        if sound is None:
            return stretch
        samples, first = self._samples(sound.track.next_symbol, end)
        rest = self._receiver.resume(samples, first, end, sound.track)
        if (
            rest is None
            or rest.coherent[0] > GAP_SYMBOLS
            or rest.coherent[1] < min(2 * GAP_SYMBOLS, len(rest.values))
        ):
            return stretch
        return sound.followed_by(rest)

    def _acquire(self, reception: _Reception, begin: float, end: float) -> Stretch | None:
        samples, first = self._samples(begin, end)
        near_hz = self._receiver.locate(samples, first, begin, end, reception.burst.frequency_hz)
        if self._is_heard(reception, begin, end, near_hz):
            reception.burst.verified = True
            return None
        stands_out = reception.burst.stands_out
        thorough = self._patience[stands_out].lasts
        doubtful = not (thorough or stands_out)
        stretch = self._receiver.acquire(
            samples, first, begin, end, near_hz, thorough=thorough, doubtful=doubtful
        )
        if thorough and (stretch is None or stretch.es_n0 < DECENT_ES_N0):
            self._patience[stands_out].fail()
        if stretch is None or self._is_followed(reception, float(stretch.position[0]), stretch.frequency_hz):
            return None
        return stretch

    def _is_heard(self, reception: _Reception, begin: float, end: float, frequency_hz: float) -> bool:
        """Whether another reception follows what is there, or has been through it."""
        if reception.burst.is_weak and reception.burst.end is not None:
            end = max(begin, end - self._late)
        return any(
            self._heard.covers(begin, end, near_hz) or self._is_followed(reception, begin, near_hz)
            for near_hz in (frequency_hz, reception.burst.frequency_hz)
        )

    def _samples(self, begin: float, end: float) -> tuple[NDArray[np.complex64], int]:
        """What is needed to receive between two input samples, and the place of its first."""
        first = max(self._buffer_start, int(begin) - self._guard)
        last = min(self._buffer_start + len(self._buffer), ceil(end) + self._guard)
        return self._buffer[first - self._buffer_start : last - self._buffer_start], first

    def _is_followed(self, reception: _Reception, begin: float, frequency_hz: float) -> bool:
        """Whether another reception follows this carrier: the skirts of a strong one look like more."""
        return any(
            other is not reception
            and other.track is not None
            and (other.burst.end is None or other.burst.end > begin)
            and abs(other.track.frequency_hz - frequency_hz)
            < same_carrier_hz(other.track.modulation_index, self._symbol_rate_bd)
            for other in self._receptions
        )

    def _soft_bits(self, stretch: Stretch, stream: int, *, restart: bool) -> SoftBits:
        return SoftBits(
            values=-stretch.values if self._inverted else stretch.values,
            position=stretch.position,
            symbol_rate_bd=self._sample_rate_hz / stretch.track.symbol_samples,
            stream=stream,
            restart=restart,
            frequency_offset_hz=stretch.frequency_hz,
            snr_db=10 * log10(max(stretch.es_n0, 1e-9)),
            events=tuple(ErrorEvent(cost=cost, symbols=symbols) for cost, symbols in stretch.events),
        )


class CoherentFskDemodulator:
    """Demodulates binary FSK, GFSK and GMSK of modulation index 0.33 to 1.2 from IQ.

    Carriers, bursts, deviation and filter are found; several carriers at once are received
    side by side. The soft bits of each burst carry a ``stream`` of their own and begin with
    ``restart``; ``frequency_offset_hz`` counts from the middle of the channel.

    Args:
        waveform: a symbol rate of None stands for each rate in common use that fits.
        effort: how much processor time to spend.
        of_audio: the samples are the carrier of FM audio; see ``fsk_coherent_effort.search_of_audio``.
    """

    def __init__(self, waveform: Fsk, effort: Effort = Effort.NORMAL, *, of_audio: bool = False) -> None:
        self._waveform = waveform
        self._search = search_of_audio(EFFORTS[effort]) if of_audio else EFFORTS[effort]
        self._receivers: list[_SingleRate] = []

    @property
    def heard_until(self) -> float:
        """Sample index up to which all soft bits have been given; see ``MeasuringDemodulator``."""
        return min((receiver.heard_until for receiver in self._receivers), default=inf)

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take complex64 samples, at least 2.2 a symbol, and give the soft bits they complete.

        Raises:
            UsageError: the sample rate is too low for the symbol rate.
        """
        if not self._receivers:
            self._receivers = self._build(block.sample_rate_hz)
        for receiver in self._receivers:
            yield from receiver.push(block)

    def finish(self) -> Iterator[SoftBits]:
        """Give what was still held back; the demodulator is then as new."""
        for receiver in self._receivers:
            yield from receiver.finish()
        self._receivers = []

    def _build(self, sample_rate_hz: float) -> list[_SingleRate]:
        told = self._waveform.symbol_rate_bd
        rates = (told,) if told is not None else COMMON_SYMBOL_RATES_BD
        fitting = [rate for rate in rates if sample_rate_hz >= LEAST_SAMPLES_PER_SYMBOL * rate]
        if not fitting:
            raise UsageError(
                f"{sample_rate_hz:g} samples/s are too few for {min(rates):g} Bd",
                advice=f"use at least {LEAST_SAMPLES_PER_SYMBOL * min(rates):g}",
            )
        return [
            _SingleRate(self._waveform, rate, sample_rate_hz, self._search, 1000 * number)
            for number, rate in enumerate(fitting)
        ]
