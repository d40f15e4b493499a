"""Finds where in time and frequency a channel holds signals of a known symbol rate.

Energy against a noise floor that is learned for each frequency. What passes here may still be
noise or something else: the receiver behind it judges by coherence and reports back with
``Burst.verified``, so that a floor is never learned from a signal nor a signal seen in a floor.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.dsp.burst_kernels import box_powers
from gsctl.dsp.noise_floor import NoiseFloor

_FRAME_SYMBOLS = 8  # one spectrum; the resolution is an eighth of the symbol rate
_SMOOTH_FRAMES = 4
_BOX_BINS = 9  # one symbol rate wide: nine tenths of the power of GMSK
_ON = 2.2  # times the floor, signal included: a false start in about a minute of white noise
_OFF = 1.8
_HANG_FRAMES = 8  # fades and chance dips shorter than this do not end a burst
# A burst this weak on the whole (4.6 dB Es/N0) dips below _OFF by chance for longer; it lasts while the
# mean over so many frames is above a level that noise does not reach.
_WEAK = 3.6
_WEAK_OFF = 1.5
_WEAK_FRAMES = 24
WEAK_SYMBOLS = _WEAK_FRAMES * _FRAME_SYMBOLS
_NARROW = 2.45  # symbol rates
# A spectrum's skirt, beside a stronger carrier: up to a distance in symbol rates, its power ratio.
_SKIRT_DISTANCE = np.array([1.1, 1.5, 1.8, 2.2, 1e9])
_SKIRT_POWER = np.array([1e30, 0.06, 3e-3, 1e-4, 1e-5], np.float32)
# What was looked at in vain may be a spur as well: the boxes that hold one line reach so far.
_LINE_DISTANCE = 0.8


@dataclass(slots=True, eq=False)
class Burst:
    """A stretch of energy around one frequency.

    Attributes:
        frequency_hz: to about a tenth of the symbol rate.
        begin, end: input samples; ``end`` is None while it lasts.
        verified: set by the receiver: True once it was coherent, False if it was looked at in vain.
        risen: it began above what was there before, so it is no noise of a colour.
    """

    frequency_hz: float
    begin: float
    end: float | None = None
    verified: bool | None = None
    risen: bool = True
    was_verified: bool = field(default=False, repr=False)
    is_new: bool = field(default=False, repr=False)
    last_seen: float = field(default=0.0, repr=False)
    # Times the floor, frame by frame: the latest, and the sum and count of all.
    recent: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32), repr=False)
    strength_sum: float = field(default=0.0, repr=False)
    frames: int = field(default=0, repr=False)

    @property
    def is_weak(self) -> bool:
        """Its end is then known to ``WEAK_SYMBOLS`` only, and comes that much late."""
        return self.verified is not False and self.strength_sum < _WEAK * self.frames

    @property
    def stands_out(self) -> bool:
        """It is no noise of a colour, and stronger than chance makes of noise."""
        return self.risen and self.strength_sum >= _WEAK * self.frames

    def lasts(self, strength: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Take the strength of the next frames, (n,); gives in which of them the burst still shows."""
        self.frames += len(strength)
        self.strength_sum += float(strength.sum())
        before = len(self.recent)
        line = np.concatenate((self.recent, strength))
        self.recent = line[-_WEAK_FRAMES:]
        shows: NDArray[np.bool_] = strength > _OFF
        if self.is_weak:
            total = np.concatenate(([0.0], np.cumsum(line, dtype=np.float64)))
            last = np.arange(before, len(line)) + 1
            span = np.minimum(last, _WEAK_FRAMES)
            shows |= total[last] - total[last - span] > _WEAK_OFF * span
        return shows


class BurstDetector:
    """Follows all carriers of one symbol rate in a channel.

    Args:
        sample_rate_hz: of the windows.
        symbol_rate_bd: nominal.
        most: bursts followed at once.
        is_constant: the envelope never changes, so noise is weaker where a signal is not: what was looked
            at in vain then tells nothing of the noise to come.
    """

    def __init__(
        self, sample_rate_hz: float, symbol_rate_bd: float, *, most: int = 8, is_constant: bool = False
    ) -> None:
        self._frame = max(16, round(_FRAME_SYMBOLS * sample_rate_hz / symbol_rate_bd))
        resolution_hz = sample_rate_hz / self._frame
        self._frequency_hz = (np.arange(self._frame) - self._frame // 2) * resolution_hz
        self._symbol_rate_bd = symbol_rate_bd
        self._box = min(_BOX_BINS, max(3, round(symbol_rate_bd / resolution_hz) + 1))
        self._centers = self._frequency_hz[self._box // 2 : self._frame - (self._box - 1) // 2]
        self._taper = np.hanning(self._frame + 1)[:-1].astype(np.float32)
        self._most = most
        self._is_constant = is_constant
        self._sample_rate_hz = sample_rate_hz
        self._is_narrow = sample_rate_hz < _NARROW * symbol_rate_bd
        self._open: list[Burst] = []
        self._past: NDArray[np.float32] | None = None
        self._unjudged: list[Burst] = []
        self._floor = NoiseFloor(self._centers, symbol_rate_bd, self._frame / sample_rate_hz)

    @property
    def frame_samples(self) -> int:
        """Windows are a multiple of this long."""
        return self._frame

    @property
    def lookback_samples(self) -> int:
        """A burst may begin this long before the window in which it is noticed."""
        return 2 * _SMOOTH_FRAMES * self._frame

    def restart(self) -> None:
        """Forget the bursts under way: samples were lost. The floor stays."""
        self._open = []
        self._unjudged = []
        self._past = None

    def push(self, samples: NDArray[np.complex64], first_sample: int) -> list[Burst]:
        """Look at a window; gives the bursts that begin in it. Those that end in it get their end.

        Args:
            samples: (n,), a multiple of ``frame_samples``.
            first_sample: place of the first one in the input.
        """
        if self._is_narrow:
            # The signal fills the band: no frequency shows the noise. Let the receiver judge.
            if self._open:
                return []
            self._open = [Burst(frequency_hz=0.0, begin=float(first_sample))]
            return list(self._open)
        level = self._levels(samples)
        self._take_verdicts()
        self._floor.learn(level, [one.frequency_hz for one in self._open if one.verified is not False])
        # Digital silence has no floor.
        least = np.float32(1e-9) * level.max() + np.float32(1e-30)
        ratio = level / np.maximum(self._floor.expected, least)
        rise = level / np.maximum(self._floor.learned, least)
        # The end of each frame.
        time = first_sample + self._frame * np.arange(1, len(level) + 1, dtype=np.float64)
        free = np.ones_like(ratio, dtype=bool)
        for burst in list(self._open):
            if burst.is_new:
                self._settle(burst, level, ratio)
            self._extend(burst, rise if burst.risen else ratio, time, 0)
            self._cover(burst, free, level, rise, time)
        return self._begin(ratio, rise, level, free, time)

    def finish(self, end: float) -> None:
        """The stream ends at input sample ``end``: close every burst."""
        for burst in self._open:
            burst.end = end
        self._open = []

    # -- levels and floor ----------------------------------------------------------------------

    def _levels(self, samples: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Power in a box around each centre, smoothed over time: (frames, centres)."""
        frames = samples.reshape(-1, self._frame) * self._taper
        spectrum = scipy.fft.fft(frames, axis=1, overwrite_x=True)
        boxes = np.empty((len(frames), len(self._centers)), np.float32)
        box_powers(spectrum, self._box, boxes)
        if self._past is None:
            self._past = np.repeat(boxes[:1], _SMOOTH_FRAMES - 1, axis=0)
        joined = np.concatenate((self._past, boxes))
        self._past = joined[-(_SMOOTH_FRAMES - 1) :]
        smooth: NDArray[np.float32] = joined[: len(boxes)].copy()
        for i in range(1, _SMOOTH_FRAMES):
            smooth += joined[i : i + len(boxes)]
        np.divide(smooth, np.float32(_SMOOTH_FRAMES), out=smooth)
        return smooth

    # -- bursts --------------------------------------------------------------------------------

    def _extend(
        self, burst: Burst, ratio: NDArray[np.float32], time: NDArray[np.float64], first: int
    ) -> None:
        """Follow a burst through the window from frame ``first``; close it where it ends."""
        near = int(np.argmin(np.abs(self._centers - burst.frequency_hz)))
        strength = ratio[first:, max(0, near - 1) : near + 2].max(axis=1)
        seen = time[first:][burst.lasts(strength)]
        hang = _HANG_FRAMES * self._frame
        ends = np.flatnonzero(np.diff(seen, prepend=burst.last_seen, append=time[-1]) > hang)
        if len(ends):
            # The level is smoothed: its last frame may hold nothing but older signal.
            last = burst.last_seen if ends[0] == 0 else float(seen[ends[0] - 1])
            burst.end = last
            self._open.remove(burst)
        elif len(seen):
            burst.last_seen = float(seen[-1])

    def _take_verdicts(self) -> None:
        """Tell the floor what became of the bursts that were looked at since."""
        waiting = []
        for burst in self._unjudged:
            if burst.verified is False and burst.was_verified:
                # A fade, or noise that had a signal in it: the next look decides.
                burst.verified, burst.was_verified = None, False
            elif burst.verified is False:
                if not self._is_constant:
                    self._floor.nothing_at(burst.frequency_hz)
            elif burst.verified and not burst.risen:
                burst.was_verified = True
                self._floor.signal_at(burst.frequency_hz)
            # One that never rose may turn out to be noise later on.
            if burst.verified is None or (burst.was_verified and burst.end is None):
                waiting.append(burst)
        self._unjudged = waiting[-4 * self._most :]

    def _cover(
        self,
        burst: Burst,
        free: NDArray[np.bool_],
        level: NDArray[np.float32],
        rise: NDArray[np.float32],
        time: NDArray[np.float64],
    ) -> None:
        """Mark where a burst and its skirts explain the energy."""
        end = burst.end if burst.end is not None else np.inf
        frames = np.flatnonzero((time > burst.begin) & (time <= end + 2 * self._frame))
        if not len(frames):
            return
        near = int(np.argmin(np.abs(self._centers - burst.frequency_hz)))
        strength = level[frames, max(0, near - 1) : near + 2].max(axis=1)
        distance = np.abs(self._centers - burst.frequency_hz) / self._symbol_rate_bd
        if burst.verified is False:
            distance = np.where(distance < _LINE_DISTANCE, 0.0, np.maximum(distance, _SKIRT_DISTANCE[0]))
        skirt = _SKIRT_POWER[np.searchsorted(_SKIRT_DISTANCE, distance, side="right")]
        beyond = level[frames] > strength[:, None] * skirt
        if not (burst.risen or burst.verified):
            beyond |= (rise[frames] > _ON) & self._floor.coloured
        free[frames] &= beyond

    def _begin(
        self,
        ratio: NDArray[np.float32],
        rise: NDArray[np.float32],
        level: NDArray[np.float32],
        free: NDArray[np.bool_],
        time: NDArray[np.float64],
    ) -> list[Burst]:
        """Open bursts where something unexplained stands above the floor."""
        begun: list[Burst] = []
        strong = (ratio > _ON) & free
        while len(self._open) < self._most and len(begun) < 4 * self._most:
            frames = np.flatnonzero(strong.any(axis=1))
            if not len(frames):
                break
            frame = int(frames[0])
            few = slice(frame, frame + _SMOOTH_FRAMES)
            energy = np.where(strong[few], level[few], 0.0).sum(axis=0)
            peak = int(np.argmax(energy))
            near = np.abs(self._centers - self._centers[peak]) < 0.55 * self._symbol_rate_bd
            risen = np.max(rise[few], axis=0) > _ON
            if risen[peak]:
                # Noise that was there before is no edge of something new.
                near &= risen | ~self._floor.coloured
            if level[few][:, near].sum(axis=0).max() > 1.5 * energy[peak]:
                # The edge of something stronger, which is followed already, or no more than a moment.
                strong[few, near] = False
                continue
            begin = float(time[frame]) - (_SMOOTH_FRAMES + 2) * self._frame
            burst = Burst(frequency_hz=self._middle(energy), begin=begin, risen=bool(risen[peak]))
            burst.is_new = frame + _SMOOTH_FRAMES > len(level)
            burst.last_seen = float(time[frame])
            self._open.append(burst)
            self._unjudged.append(burst)
            begun.append(burst)
            self._floor.freeze(burst.frequency_hz)
            self._extend(burst, rise if burst.risen else ratio, time, frame)
            self._cover(burst, free, level, rise, time)
            strong &= free
            strong[frame] = False
        return begun

    def _settle(self, burst: Burst, level: NDArray[np.float32], ratio: NDArray[np.float32]) -> None:
        """Look again at the frequency of a burst that began in the last moments of the window before."""
        burst.is_new = False
        if burst.verified is None:
            near = np.abs(self._centers - burst.frequency_hz) < self._symbol_rate_bd
            few = slice(0, _SMOOTH_FRAMES)
            energy = np.where(near & (ratio[few] > _ON), level[few], 0.0).sum(axis=0)
            if energy.any():
                burst.frequency_hz = self._middle(energy)

    def _middle(self, level: NDArray[np.float32]) -> float:
        """Where the energy around the strongest box has its middle."""
        peak = self._centers[np.argmax(level)]
        near = np.abs(self._centers - peak) < 0.6 * self._symbol_rate_bd
        weight = level[near] - 0.5 * level[near].max()
        weight = np.maximum(weight, 0.0)
        return float(np.average(self._centers[near], weights=weight)) if weight.any() else float(peak)
