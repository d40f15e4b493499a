"""BPSK, coherent: carriers found by squaring, each followed by a receiver of its own.

The search looks one window ahead, so a receiver knows the carrier at both ends of the window it
works on and takes out offset and drift before its loops see them. The sign of the symbols is not
known; line codes do not mind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gsctl.demod import Effort
from gsctl.demod.bpsk_receiver import BpskReceiver
from gsctl.demod.levels import check_samples_per_symbol
from gsctl.dsp.carrier_search import Carrier, CarrierSearch
from gsctl.dsp.windows import FixedWindows, Window
from gsctl.model import Domain, SampleBlock, SoftBits
from gsctl.waveform import Bpsk

# A window long enough for a clear line, short enough that a drifting carrier does not smear it.
WINDOW_SYMBOLS = 480
MIN_WINDOW_S = 0.1
# Windows without a sign of its carrier after which a receiver is given up.
PATIENCE = 3
# Offsets from nominal at which carriers are looked for in IQ, Hz.
IQ_SEARCH_HZ = 10_000.0
AUDIO_LOW_HZ = 300.0
# A low orbit's Doppler changes by up to 170 Hz/s at 437 MHz.
DRIFTS_HZ_S = {
    Effort.FAST: (0.0,),
    Effort.NORMAL: (0.0, -120.0, 120.0),
    Effort.DEEP: (0.0, -90.0, 90.0, -180.0, 180.0),
}
CARRIERS = {Effort.FAST: 1, Effort.NORMAL: 2, Effort.DEEP: 3}
# Receivers alive at once; the one that was not seen for longest goes first.
MOST_RECEIVERS = {Effort.FAST: 2, Effort.NORMAL: 4, Effort.DEEP: 8}
# Drift beyond which two sightings are not of one carrier.
MAX_DRIFT_HZ_S = 250.0
# A carrier that goes on is found this near, in symbol rates, to where it is foretold.
STEADY = 0.02


@dataclass(slots=True, eq=False)
class _Track:
    """A carrier seen over several windows; frequencies are those in the middle of each."""

    receiver: BpskReceiver
    before_hz: float
    now_hz: float
    ahead_hz: float
    drift_hz: float  # a window
    unseen: int = 0
    fresh: bool = field(default=True)

    def advance(self) -> None:
        """Step by one window and foretell the next frequency."""
        self.before_hz, self.now_hz = self.now_hz, self.ahead_hz
        self.ahead_hz = self.now_hz + self.drift_hz
        self.unseen += 1

    def see(self, carrier: Carrier) -> None:
        """Put what was seen in place of what was foretold."""
        self.drift_hz += 0.5 * (carrier.frequency_hz - self.now_hz - self.drift_hz)
        self.ahead_hz = carrier.frequency_hz
        self.unseen = 0


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
        self._effort = effort
        self._search_hz = search_hz
        self._sample_rate_hz = 0.0
        self._window_s = 0.0
        self._nominal_hz: float | None = None
        self._windows: FixedWindows | None = None
        self._search: CarrierSearch | None = None
        self._tracks: list[_Track] = []
        self._before: Window | None = None
        self._now: Window | None = None

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
            # A drift that moves the carrier by less than a line's width need not be tried.
            drifts_hz_s=DRIFTS_HZ_S[self._effort] if self._window_s > 0.2 else (0.0,),
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
        for track in self._tracks:
            track.advance()
        # The tracks now stand at self._now; the search tells where they are in ``window``.
        self._look(window)
        yield from self._receive()
        self._before, self._now = self._now, window
        self._tracks = [track for track in self._tracks if track.unseen <= PATIENCE]

    def _close(self) -> Iterator[SoftBits]:
        """Work on the window that waited for its successor, and forget all."""
        for track in self._tracks:
            track.advance()
        yield from self._receive()
        self._tracks = []
        self._before = self._now = None

    def _receive(self) -> Iterator[SoftBits]:
        if self._now is None:
            for track in self._tracks:
                track.fresh = True
            return
        for track in self._tracks:
            from_hz = (track.before_hz + track.now_hz) / 2
            to_hz = (track.now_hz + track.ahead_hz) / 2
            # A burst may have begun before its line was clear.
            if track.fresh and self._before is not None:
                earlier_hz = from_hz - track.drift_hz
                yield from track.receiver(
                    self._before.samples, self._before.start_sample, earlier_hz, from_hz
                )
            track.fresh = False
            yield from track.receiver(self._now.samples, self._now.start_sample, from_hz, to_hz)

    def _look(self, window: Window) -> None:
        """Match the carriers of this window to tracks, and begin tracks for the others."""
        assert self._search is not None
        samples = np.asarray(window.samples, np.complex64)
        tolerance_hz = 0.03 * self._rate_bd + MAX_DRIFT_HZ_S * self._window_s
        for carrier in self._search(samples, CARRIERS[self._effort]):
            near = [t for t in self._tracks if abs(t.ahead_hz - carrier.frequency_hz) < tolerance_hz]
            track = min(near, key=lambda t: abs(t.ahead_hz - carrier.frequency_hz), default=None)
            # A jump, or a carrier that comes back, may be a new burst beside the place of the last one:
            # loops that went on into the noise are late for it, so a new receiver listens as well. A
            # far jump would draw the old one away from the end of its own burst.
            off_bd = abs(track.ahead_hz - carrier.frequency_hz) / self._rate_bd if track else 1.0
            steady = track is not None and track.unseen <= 1 and off_bd < STEADY
            if track is not None and off_bd < 2 * STEADY:
                track.see(carrier)
            if not steady:
                self._tracks.append(self._new_track(carrier, window.samples.size))
        most = MOST_RECEIVERS[self._effort]
        if len(self._tracks) > most:
            keep = sorted(self._tracks, key=lambda t: t.unseen)[:most]
            self._tracks = [t for t in self._tracks if t in keep]

    def _new_track(self, carrier: Carrier, window_samples: int) -> _Track:
        taken = {t.receiver.slot for t in self._tracks}
        slot = next(i for i in range(len(taken) + 1) if i not in taken)
        receiver = BpskReceiver(
            self._rate_bd, self._sample_rate_hz, window_samples, self._effort, slot, self._nominal_hz
        )
        drift_hz = carrier.drift_hz_s * self._window_s
        here = carrier.frequency_hz
        return _Track(
            receiver=receiver,
            before_hz=here - 2 * drift_hz,
            now_hz=here - drift_hz,
            ahead_hz=here,
            drift_hz=drift_hz,
        )
