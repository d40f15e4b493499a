"""Carriers that stand in a channel all the time: birdies of the radio, spurs, other people's beacons.

They are told from a signal's own lines by four things. A birdie is there in nearly every window, always
as strong; it has been seen with nothing but noise around it; and it has no kin: flags, idle patterns
and FSK of index 1 have lines a multiple of a fraction of the symbol rate apart. What is taken off is
the line as ``dsp.line_course`` knows it from many windows, and only from windows in which it is as it
always was: where it was the signal's after all, it is gone when data begin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.dsp.line_course import LEAST_SAMPLES, Course, Reading, read_line
from gsctl.dsp.quantiles import quantile
from gsctl.dsp.steady_line_kernels import narrow_peaks, without_line

Samples = NDArray[np.complex64]

# New lines are looked for in one window of so many, and in the first ones.
_SCAN_WINDOWS = 16
_FIRST_WINDOWS = (1, 3, 5)
# Windows after which a line is believed: at the beginning, while windows are held back, and later.
_FIRST_BELIEVED = 4
_BELIEVED = 10
_MEMORY = 20
_MOST_LINES = 8
# Times the median around it: noise reaches that once in a thousand windows, a signal in a hundred.
_PEAK = 36.0
_NEAR_BINS = 3.0
# Times its own variance that the power of a line is, to be seen at all.
_SEEN = 8.0
_SURELY = 64.0
# Amplitude, as a share of the usual, by which a line may differ and still be the same.
_SAME = 0.25
_AGREEING = 0.85
_FOLLOW = 0.3
# Windows without it for each window with it.
_REMEMBERED = 5
# Times the quarter quantile of a spectrum that is the median of noise: 2.4, and as much again.
_ALONE = 5.5
# Times the median, that is 0.7 of the mean of noise: the mean where a signal's other lines would be.
_OWN_POWER = 3.0
# Every how manieth bin tells of the noise.
_ONE_IN = 8
# Times the median around it that another line is; as a share of the line, what is its own skirt.
_OTHER = 12.0
_SKIRT_BINS = 4
# What is so near and so much weaker is on the line itself: hum, for one.
_HUM_BINS = 12
_HUM = 0.03
_OWN_SKIRT = 1e-4
# Kin: nearer than this to a multiple of the spacing, and not weaker by more.
_KIN_HZ = 1.5
_KIN_POWER = 0.01
# Of a window that is one part: the line is in all of it.
_NOWHERE_ABSENT = np.zeros(1, np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLines:
    """Where a signal may have lines of its own.

    Attributes:
        spacing_hz: they are multiples of this apart.
        reach_hz: so far around a line of a signal the rest of it shows.
    """

    spacing_hz: float
    reach_hz: float


@dataclass(slots=True, eq=False)
class _Line:
    """One line that is followed.

    Attributes:
        turns: a sample.
        least: windows after which it may be believed.
        level: amplitude in the windows where it was seen and agreed.
        agreed: whether it did, in the last windows that could tell.
        hidden: windows since it was seen.
        was_alone: it was there with noise around it.
        has_kin: another line is where one of the same signal would be.
    """

    turns: float
    least: int
    level: deque[float] = field(default_factory=lambda: deque(maxlen=_MEMORY))
    agreed: deque[bool] = field(default_factory=lambda: deque(maxlen=_MEMORY))
    hidden: int = 0
    was_alone: bool = False
    has_kin: bool = False
    course: Course | None = None

    @property
    def is_unproven(self) -> bool:
        """Whether to look at what is around it."""
        return not (self.was_alone or self.has_kin) and len(self.agreed) > 1 and self.agreed[-1]

    @property
    def usual(self) -> float:
        """Amplitude, full scale 1; 0 before it was measured."""
        return sorted(self.level)[len(self.level) // 2] if self.level else 0.0


class SteadyLines:
    """Learns the steady lines of a stream from windows of equal length, and takes them off.

    Windows that are given the same in the same order give the same.

    Args:
        sample_rate_hz: of the windows.
        own: of the signals that are listened for.
    """

    def __init__(self, sample_rate_hz: float, own: OwnLines) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._own = own
        self._lines: list[_Line] = []
        # Those that went away: it was an idle signal's, or may be the next time.
        self._left: deque[float] = deque(maxlen=_MOST_LINES)
        self._windows = 0
        self._taper = np.zeros(0, np.float32)

    @property
    def has_any(self) -> bool:
        """Whether there may be anything to take off."""
        return bool(self._lines)

    @property
    def lines_hz(self) -> list[float]:
        """Frequencies of the lines that are taken off, as they stand in the windows; in no order."""
        steady = [line.turns for line in self._lines if self._is_steady(line)]
        return [(turns + 0.5) % 1.0 * self._sample_rate_hz - self._sample_rate_hz / 2 for turns in steady]

    def learn(self, samples: Samples) -> None:
        """Look at a window, (n,) complex64, n at least 512; one with what is no number tells nothing."""
        self._windows += 1
        is_first = self._windows in _FIRST_WINDOWS
        is_scan = is_first or self._windows % _SCAN_WINDOWS == 0
        half = samples.size // 2
        if not (self._lines or is_scan) or half < 256 or not np.isfinite(complex(samples.sum())):
            return
        lines = sorted(self._lines, key=lambda line: -line.usual)
        rest = samples
        for line in lines:
            reading = self._follow(line, rest)
            if is_scan or line is not lines[-1]:
                rest = _without(rest, reading)
        halves = samples[:half], samples[half : 2 * half]
        if is_scan:
            self._take_up(halves, rest, _FIRST_BELIEVED if is_first else _BELIEVED)
        unproven = [line for line in self._lines if line.is_unproven]
        for part in halves if unproven else ():
            self._see_alone(unproven, self._power(part))
        self._lines = [line for line in self._lines if _is_hopeful(line) and line.turns not in self._left]
        self._look_for_kin()

    def taken_off(self, samples: Samples, place: float) -> Samples:
        """The samples without the steady lines, in a new array; themselves where there are none.

        Args:
            samples: of a window, or the part of it that holds any; of too few to cut nothing is taken off.
            place: of the first one in the stream, in samples.
        """
        if samples.size < LEAST_SAMPLES:
            return samples
        for line in sorted(self._lines, key=lambda line: -line.usual):
            if not self._is_steady(line):
                continue
            reading = read_line(samples, line.turns)
            if not _is_gone(line, reading):
                line.course = line.course or Course(reading, place)
                at_first, turns = line.course.followed(reading, place)
                absent = reading.absent(at_first, turns)
                samples = np.asarray(without_line(samples, turns, at_first, absent))
        return samples

    def _is_steady(self, line: _Line) -> bool:
        return (
            not line.has_kin
            and line.was_alone
            and len(line.agreed) >= line.least
            and sum(line.agreed) >= _AGREEING * len(line.agreed)
        )

    def _follow(self, line: _Line, samples: Samples) -> Reading:
        """See whether the line is in this window as it was before."""
        reading = read_line(samples, line.turns)
        line.hidden += 1
        if _is_seen(reading):
            line.hidden = 0
            agrees = not line.level or _is_usual(line, reading)
            line.agreed.append(agrees)
            if agrees or len(line.level) < _FIRST_BELIEVED:
                line.turns += (_FOLLOW if line.level else 1.0) * (reading.turns - line.turns)
                line.level.append(abs(reading.amplitude))
        elif not line.level or _is_gone(line, reading):
            line.agreed.append(False)
        if len(line.agreed) >= line.least and _has_left(line, reading):
            self._left.append(line.turns)
        return reading

    def _power(self, samples: Samples) -> NDArray[np.float32]:
        if self._taper.size != samples.size:
            self._taper = np.hanning(samples.size + 1)[:-1].astype(np.float32)
        spectrum = scipy.fft.fft(samples * self._taper, overwrite_x=True)
        return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)

    def _take_up(self, halves: tuple[Samples, Samples], rest: Samples, least: int) -> None:
        """Follow the lines that stand in both halves and that nobody follows yet, the strongest first.

        Args:
            halves: of a window.
            rest: the window without the lines that are followed.
            least: windows after which they may be believed.
        """
        power = self._power(halves[0])
        size = power.size
        known = [turns * size for turns in (*(line.turns for line in self._lines), *self._left)]
        peaks = [peak for peak in narrow_peaks(power, _PEAK).tolist() if _is_away(peak, known, size)]
        if not peaks:
            return
        again = narrow_peaks(self._power(halves[1]), _PEAK).tolist()
        for peak in sorted(peaks, key=lambda peak: -float(power[peak])):
            if len(self._lines) >= _MOST_LINES:
                break
            if not _is_away(peak, again, size, 1) and _is_away(peak, known, size):
                line = _Line(turns=peak / size, least=least)
                rest = _without(rest, self._follow(line, rest))
                self._lines.append(line)
                known.append(line.turns * size)

    def _see_alone(self, lines: list[_Line], power: NDArray[np.float32]) -> None:
        """Note which lines have nothing but noise around them, and other lines that are followed."""
        size = power.size
        noise = quantile(power[::_ONE_IN], 0.25)
        reach = max(_HUM_BINS, round(self._own.reach_hz / self._sample_rate_hz * size))
        followed = [round(line.turns * size) for line in self._lines if line.agreed and line.agreed[-1]]
        for line in lines:
            middle = round(line.turns * size)
            around = power.take(np.arange(middle - reach, middle + reach + 1), mode="wrap")
            # Both sides apart: at a signal's edge one of them is quiet.
            usual = max(quantile(around[:reach], 0.5), quantile(around[reach + 1 :], 0.5))
            if usual > _ALONE * noise:
                continue
            strongest = float(around[reach - 1 : reach + 2].max())
            for other in followed:
                place = (other - middle + reach) % size
                around[max(place - _SKIRT_BINS, 0) : place + _SKIRT_BINS + 1] = 0.0
            # Flags make many weak lines.
            if float(around[reach + self._own_bins(reach, size)].mean()) > _OWN_POWER * usual:
                continue
            hum = around[reach - _HUM_BINS : reach + _HUM_BINS + 1]
            hum[hum < _HUM * strongest] = 0.0
            line.was_alone |= float(around.max()) < max(_OTHER * usual, _OWN_SKIRT * strongest)

    def _own_bins(self, reach: int, size: int) -> NDArray[np.int64]:
        """Where a line's kin would be in a spectrum, in bins from the line, beyond its skirt."""
        spacing = self._own.spacing_hz / self._sample_rate_hz * size
        bins = np.round(spacing * np.arange(-int(reach / spacing), int(reach / spacing) + 1)).astype(np.int64)
        return bins[np.abs(bins) > _SKIRT_BINS]

    def _look_for_kin(self) -> None:
        """Mark the lines that may be two of one signal."""
        known = [line for line in self._lines if sum(line.agreed) >= _FIRST_BELIEVED]
        for line in self._lines:
            for other in known:
                if other is line or other.usual**2 < _KIN_POWER * line.usual**2:
                    continue
                apart = (other.turns - line.turns) * self._sample_rate_hz
                beside = abs(apart - self._own.spacing_hz * round(apart / self._own.spacing_hz))
                line.has_kin = line.has_kin or beside < _KIN_HZ


def _is_away(peak: int, others: Sequence[float], size: int, bins: float = _NEAR_BINS) -> bool:
    """Whether a bin of a spectrum is more than ``bins`` from all others."""
    return all(abs((peak - other + size / 2) % size - size / 2) > bins for other in others)


def _without(samples: Samples, reading: Reading) -> Samples:
    if not _is_seen(reading):
        return samples
    return np.asarray(without_line(samples, reading.turns, reading.at_first, _NOWHERE_ABSENT))


def _is_seen(reading: Reading) -> bool:
    return abs(reading.amplitude) ** 2 > _SEEN * reading.variance


def _is_usual(line: _Line, reading: Reading) -> bool:
    """Whether it is as strong as ever; not where a sample is no number."""
    return abs(abs(reading.amplitude) - line.usual) < _SAME * line.usual


def _is_gone(line: _Line, reading: Reading) -> bool:
    """Whether it is not what it was, as far as a window can tell."""
    if not isfinite(reading.variance) or _is_seen(reading):
        return not _is_usual(line, reading)
    return line.usual**2 > 2 * _SEEN * reading.variance


def _has_left(line: _Line, reading: Reading) -> bool:
    """Whether it is beyond doubt that a line that was there no longer is."""
    return abs(reading.amplitude) < 0.5 * line.usual and line.usual**2 > _SURELY * reading.variance


def _is_hopeful(line: _Line) -> bool:
    """Whether it may yet turn out to be steady; behind a signal it is remembered the longer it was seen."""
    known = len(line.agreed)
    missed = known - sum(line.agreed)
    return missed <= (1 - _AGREEING) * known and line.hidden <= _REMEMBERED * (known - 1)
