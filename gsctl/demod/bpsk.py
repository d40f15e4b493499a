"""BPSK, coherent: carriers found by squaring, each followed by a receiver of its own.

The search looks one window ahead, so that a receiver has the samples on both sides of the window it
works on; see ``demod.bpsk_burst``. The sign of the symbols is not known; line codes do not mind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.bpsk_burst import BpskReceiver
from gsctl.demod.bpsk_effort import EFFORTS
from gsctl.demod.bpsk_symbols import FilterChoice
from gsctl.demod.levels import check_samples_per_symbol
from gsctl.dsp.carrier_search import Carrier, CarrierSearch
from gsctl.dsp.windows import FixedWindows, Window, within_reason
from gsctl.model import Domain, SampleBlock, SoftBits
from gsctl.waveform import Bpsk

# A window long enough for a clear line, short enough that a drifting carrier does not smear it.
WINDOW_SYMBOLS = 480
MIN_WINDOW_S = 0.1
# Windows without a sign of its carrier after which a receiver is given up.
PATIENCE = 2
# Offsets from nominal at which carriers are looked for in IQ, Hz.
IQ_SEARCH_HZ = 10_000.0
AUDIO_LOW_HZ = 300.0
# Drift beyond which two sightings are not of one carrier.
MAX_DRIFT_HZ_S = 250.0
# Two receivers this near one another, in symbol rates, hear the same.
SAME = 0.01
TOGETHER_SYMBOLS = 100
# Receivers this near overlap, and one that is weaker by so much hears the other's ghost.
OVERLAP, GHOST = 0.6, 0.25
# What the search says is nearer than this, in symbol rates, is one carrier.
TOLERANCE = 0.03


@dataclass(slots=True, eq=False)
class _Track:
    """A carrier seen in several windows; ``here_hz`` is in the middle of the next one to receive."""

    receiver: BpskReceiver
    here_hz: float
    drift_hz_s: float
    unseen: int = 0
    fresh: bool = field(default=True)

    def see(self, carrier: Carrier, window_s: float) -> None:
        """Put what was seen in place of what was foretold."""
        change_hz_s = (carrier.frequency_hz - self.here_hz) / window_s
        drift_hz_s = self.drift_hz_s + 0.5 * change_hz_s
        self.drift_hz_s = min(max(drift_hz_s, -MAX_DRIFT_HZ_S), MAX_DRIFT_HZ_S)
        self.here_hz = carrier.frequency_hz
        self.unseen = 0

    def foretell(self, window_s: float) -> None:
        """Step by one window."""
        if self.receiver.present:
            self.here_hz = self.receiver.end_hz + self.drift_hz_s * window_s / 2
            self.unseen = 0
        else:
            self.unseen += 1


class BpskDemodulator:
    """IQ or analytic SSB audio to soft bits; see ``gsctl.demod.Demodulator``.

    Args:
        waveform: symbol rate (must be told) and, for SSB audio, the carrier's frequency if known.
        effort: how many carriers and branches.
        search_hz: in IQ, how far from the middle of the channel carriers are looked for.

    Raises:
        RecordingError: (on the first block) too few samples a symbol.
    """

    def __init__(
        self, waveform: Bpsk, effort: Effort = Effort.NORMAL, search_hz: float = IQ_SEARCH_HZ
    ) -> None:
        if waveform.symbol_rate_bd is None:
            raise ValueError("a BPSK demodulator needs a symbol rate")
        self._rate_bd = waveform.symbol_rate_bd
        self._waveform = waveform
        self._effort = EFFORTS[effort]
        self._search_hz = search_hz
        self._sample_rate_hz = 0.0
        self._window_s = 0.0
        self._nominal_hz: float | None = None
        self._windows: FixedWindows | None = None
        self._search: CarrierSearch | None = None
        self._filters = FilterChoice(self._effort)
        self._tracks: list[_Track] = []
        self._held: list[Window] = []  # at most three: before, the one to receive, and behind

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        if self._windows is None:
            self._windows = self._set_up(block)
        for window in self._windows.push(block):
            yield from self._process(window)

    def finish(self) -> Iterator[SoftBits]:
        """Give the symbols still held back."""
        if self._windows is not None:
            for window in self._windows.finish():
                yield from self._process(window)
        yield from self._close()

    def _set_up(self, block: SampleBlock) -> FixedWindows:
        rate = block.sample_rate_hz
        check_samples_per_symbol(rate, self._rate_bd, 2.0)
        self._sample_rate_hz = rate
        wanted_s = max(MIN_WINDOW_S, WINDOW_SYMBOLS / self._rate_bd)
        length = max(240, round(wanted_s * rate / 240) * 240)
        self._window_s = length / rate
        low_hz, high_hz = self._search_range(block.domain, rate)
        self._search = CarrierSearch(
            rate,
            length,
            low_hz,
            high_hz,
            separation_hz=0.06 * self._rate_bd,
            ghost_hz=0.5 * self._rate_bd,
            padding=self._effort.search_padding,
            width_hz=1.5 * self._rate_bd if self._effort.carriers > 1 else 0.0,
            # A drift that moves the carrier by less than a line's width need not be tried.
            drifts_hz_s=self._effort.drifts_hz_s if self._window_s > 0.2 else (0.0,),
        )
        return FixedWindows(length)

    def _search_range(self, domain: Domain, sample_rate_hz: float) -> tuple[float, float]:
        if domain is Domain.IQ:
            self._nominal_hz = 0.0
            reach = min(self._search_hz, 0.25 * sample_rate_hz)
            return -reach, reach
        self._nominal_hz = self._waveform.carrier_hz
        if self._nominal_hz is not None:
            reach = min(self._search_hz, 0.5 * self._rate_bd + 500.0)
            return self._nominal_hz - reach, self._nominal_hz + reach
        return AUDIO_LOW_HZ, sample_rate_hz / 2 - AUDIO_LOW_HZ

    def _process(self, window: Window) -> Iterator[SoftBits]:
        if window.restart:
            yield from self._close()
        window = replace(window, samples=within_reason(window.samples))
        self._held = [*self._held[-2:], window]
        yield from self._receive(len(self._held) - 2, final=False)
        # What was received is known best; the search tells what is in the window behind it.
        for track in self._tracks:
            track.foretell(self._window_s)
        self._look(window)
        self._tracks = [track for track in self._tracks if track.unseen <= PATIENCE]

    def _close(self) -> Iterator[SoftBits]:
        """Work on the window that waited for its successor, and forget all."""
        yield from self._receive(len(self._held) - 1, final=True)
        self._tracks, self._held = [], []

    def _receive(self, place: int, *, final: bool) -> Iterator[SoftBits]:
        """Receive the window at ``place`` of those held."""
        if place < 0:
            return
        for track in list(self._tracks):
            if track not in self._tracks:
                continue  # dropped by one before it
            # A burst may have begun before its line was clear.
            if track.fresh and place > 0:
                yield from self._hear(track, place - 1, final=False)
            track.fresh = False
            yield from self._hear(track, place, final=final)
            self._drop_twins(track)

    def _hear(self, track: _Track, place: int, *, final: bool) -> Iterator[SoftBits]:
        window, context = self._held[place], track.receiver.context_samples
        begin, end = window.start_sample, window.start_sample + window.samples.size
        if final:
            end += round(3 * self._sample_rate_hz / self._rate_bd)
        yield from track.receiver(
            self._with_context(place, context), begin - context, begin, end, track.here_hz
        )

    def _with_context(self, place: int, context: int) -> NDArray[np.complex64]:
        """The samples of a window and those around it; zeros where there are none."""
        samples = self._held[place].samples
        whole = np.zeros(samples.size + 2 * context, np.complex64)
        whole[context : context + samples.size] = samples
        if place > 0:
            whole[:context] = self._held[place - 1].samples[-context:]
        if place + 1 < len(self._held):
            whole[context + samples.size :] = self._held[place + 1].samples[:context]
        return whole

    def _drop_twins(self, track: _Track) -> None:
        """Of two receivers that hear the same, the one that came late goes; so does one on a ghost.

        A strong signal has weaker lines within half a symbol rate of its own.
        """
        mine = track.receiver
        for other in list(self._tracks):
            theirs = other.receiver
            if other is track or other.fresh or not (mine.present and theirs.present):
                continue
            off_bd = abs(theirs.mean_hz - mine.mean_hz) / self._rate_bd
            if off_bd < SAME:
                late = self._latecomer(track, other)
            elif _is_ghost(off_bd, mine.strength, theirs.strength):
                late = track if mine.strength < theirs.strength else other
            else:
                continue
            self._tracks.remove(late)
            if late is track:
                return

    def _latecomer(self, one: _Track, other: _Track) -> _Track:
        """Which of two began to follow a signal later; if that is no matter the younger."""
        older, younger = sorted((one, other), key=self._tracks.index)
        margin = TOGETHER_SYMBOLS * self._sample_rate_hz / self._rate_bd
        return older if older.receiver.since > younger.receiver.since + margin else younger

    def _look(self, window: Window) -> None:
        """Match the carriers of this window to tracks, and begin tracks for the others."""
        assert self._search is not None
        samples = np.asarray(window.samples, np.complex64)
        tolerance_hz = TOLERANCE * self._rate_bd + MAX_DRIFT_HZ_S * self._window_s
        seen: list[_Track] = []
        for carrier in self._search(samples, self._effort.carriers):
            near = [t for t in self._tracks if abs(t.here_hz - carrier.frequency_hz) < tolerance_hz]
            track = min(near, key=lambda t: abs(t.here_hz - carrier.frequency_hz), default=None)
            if track is None:
                track = self._new_track(carrier)
                self._tracks.append(track)
            elif track not in seen:
                track.see(carrier, self._window_s)
            seen.append(track)
        most = self._effort.receivers
        if len(self._tracks) > most:
            # What the search sees comes before what a receiver believes it still hears.
            keep = sorted(self._tracks, key=lambda t: (t not in seen, t.unseen))[:most]
            self._tracks = [t for t in self._tracks if t in keep]

    def _new_track(self, carrier: Carrier) -> _Track:
        taken = {t.receiver.slot for t in self._tracks}
        slot = next(i for i in range(len(taken) + 1) if i not in taken)
        receiver = BpskReceiver(
            self._rate_bd, self._sample_rate_hz, self._effort, self._filters, slot, self._nominal_hz
        )
        return _Track(receiver=receiver, here_hz=carrier.frequency_hz, drift_hz_s=carrier.drift_hz_s)


def _is_ghost(off_bd: float, one: float, other: float) -> bool:
    """Whether one of two signals ``off_bd`` symbol rates apart is but a line of the other; powers given."""
    most = 0.8 if abs(off_bd - 0.5) < 2 * SAME else GHOST
    return off_bd < OVERLAP and min(one, other) < most * max(one, other)
