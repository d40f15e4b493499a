"""The course of one steady line: amplitude, phase and frequency, window by window.

What a window holds at the line's frequency is the line and, beside it, a hundredth or so of whatever
signal there is around: a notch as wide as a window is short. A line that keeps its phase is known
better from many windows, most of all from those without a signal. So phase and frequency are followed
by a Kalman filter whose state is trusted as long as it foretells what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.steady_line_kernels import part_values

# A window is cut in so many parts to see whether the line is there in all of them.
_PARTS = 8
# And finer to see where it ends or begins.
_PIECES = 32
# Fewer samples cannot be cut so.
LEAST_SAMPLES = _PIECES
# What a line does by itself in a window: turns of phase a window, squared, and share of amplitude, squared.
_FREQUENCY_WALK = 0.002**2
_LEVEL_WALK = 0.01**2
# Logarithm of the ratio at which a line is not in some pieces.
_ABSENT = 7.0
# Times its standard deviation that a forecast may be off.
_MOST_OFF = 4.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A line in one stretch of samples.

    Attributes:
        amplitude: complex, in the middle.
        turns: of phase, a sample.
        variance: of the amplitude.
        size: samples.
        against: turns a sample of the oscillator that ``pieces`` are measured against.
        pieces: (32,) what stands there, piece by piece.
    """

    amplitude: complex
    turns: float
    variance: float
    size: int
    against: float
    pieces: NDArray[np.complex128]

    @property
    def at_first(self) -> complex:
        """The amplitude at the first sample."""
        return self.amplitude * complex(np.exp(-2j * np.pi * self.turns * _middle(self.size)))

    def absent(self, at_first: complex, turns: float) -> NDArray[np.bool_]:
        """In which of the pieces, from the first or up to the last, a line is not that should be there.

        Where it is a thousand times likelier that it is not. What is beside it is taken to be the
        same in all of the window.
        """
        middles = self.size // _PIECES * (np.arange(_PIECES) + 0.5) - 0.5
        line = at_first * np.exp(2j * np.pi * (turns - self.against) * middles)
        left = np.abs(self.pieces - line) ** 2
        beside = float(np.median(left)) / np.log(2.0)
        doubt = left - np.abs(self.pieces) ** 2
        absent = np.zeros(_PIECES, np.bool_)
        from_first, to_last = np.cumsum(doubt), np.cumsum(doubt[::-1])
        if from_first.max() > _ABSENT * beside:
            absent[: int(np.argmax(from_first)) + 1] = True
        if to_last.max() > _ABSENT * beside:
            absent[_PIECES - 1 - int(np.argmax(to_last)) :] = True
        return absent


def _middle(size: int) -> float:
    return 0.5 * (size // _PIECES * _PIECES - 1)


def read_line(samples: NDArray[np.complex64], turns: float) -> Reading:
    """The line near a frequency, ``turns`` a sample: a straight line through the phases of eight parts.

    Args:
        samples: (n,), n at least ``LEAST_SAMPLES``.
        turns: within 4 / n of the line's own.
    """
    pieces = np.empty(_PIECES, np.complex128)
    part_values(samples, turns, pieces)
    values = pieces.reshape(_PARTS, -1).mean(axis=1)
    # Phases as they are against an oscillator of ``turns``; places from the middle, in parts.
    place = np.arange(_PARTS) - (_PARTS - 1) / 2
    step = complex(np.vdot(values[:-1], values[1:]))
    more = np.angle(step) / (2 * np.pi)
    rough = values * np.exp(-2j * np.pi * more * place)
    # Once more, now that the phases do not go around.
    phase = np.angle(rough * np.conj(rough.mean()))
    more += float(phase @ place / (place @ place)) / (2 * np.pi)
    straight = values * np.exp(-2j * np.pi * more * place)
    mean = complex(straight.mean())
    variance = float(np.mean(np.abs(straight - mean) ** 2)) / (_PARTS - 2)
    # At the middle, against which ``more`` turns, the oscillator of ``turns`` itself has come so far.
    turn = np.exp(2j * np.pi * turns * _middle(samples.size))
    more_turns = float(more) / (samples.size // _PIECES * _PIECES // _PARTS)
    return Reading(complex(mean * turn), turns + more_turns, variance, samples.size, turns, pieces)


class Course:
    """Follows one line.

    Args:
        first: where it was read first.
        place: of that reading's first sample in the stream.
    """

    def __init__(self, first: Reading, place: float) -> None:
        self._begin(first, place + _middle(first.size))

    def _begin(self, reading: Reading, middle: float) -> None:
        """Know no more than one reading tells."""
        self._middle = middle
        self._phase = float(np.angle(reading.amplitude)) / (2 * np.pi)
        self._turns = reading.turns
        self._level = abs(reading.amplitude)
        self._level_variance = reading.variance / 2
        phase, turns = _variances(reading)
        self._covariance = np.diag([phase, turns])

    def followed(self, reading: Reading, place: float) -> tuple[complex, float]:
        """Take the next reading; gives the amplitude at its first sample and the turns a sample."""
        middle = place + _middle(reading.size)
        if middle != self._middle:
            self._advance(middle, reading.size)
            self._take(reading, middle)
        at_first = self._phase - self._turns * _middle(reading.size)
        return self._level * complex(np.exp(2j * np.pi * at_first)), self._turns

    def _advance(self, middle: float, size: int) -> None:
        since = middle - self._middle
        self._middle = middle
        self._phase += self._turns * since
        forward = np.array([[1.0, since], [0.0, 1.0]])
        self._covariance = forward @ self._covariance @ forward.T
        walk = _FREQUENCY_WALK * max(abs(since) / size, 1.0)
        self._covariance += walk * np.array([[1.0, 1.0 / size], [1.0 / size, 2.0 / size**2]])
        self._level_variance += _LEVEL_WALK * self._level**2

    def _take(self, reading: Reading, middle: float) -> None:
        phase = float(np.angle(reading.amplitude)) / (2 * np.pi)
        off = np.array([(phase - self._phase + 0.5) % 1.0 - 0.5, reading.turns - self._turns])
        measured = self._covariance + np.diag(_variances(reading))
        gain = self._covariance @ np.linalg.inv(measured)
        if abs(off[0]) > _MOST_OFF * np.sqrt(measured[0, 0]) or abs(off[1]) > _MOST_OFF * np.sqrt(
            measured[1, 1]
        ):
            self._begin(reading, middle)
            return
        self._phase = float(self._phase + gain[0] @ off) % 1.0
        self._turns += float(gain[1] @ off)
        self._covariance = self._covariance - gain @ self._covariance
        # Of the amplitude only what has the phase that is now known.
        level = float((reading.amplitude * np.exp(-2j * np.pi * self._phase)).real)
        share = self._level_variance / (self._level_variance + reading.variance / 2)
        self._level += share * (level - self._level)
        self._level_variance *= 1 - share


def _variances(reading: Reading) -> tuple[float, float]:
    """Of the phase in the middle, turns, and of the turns a sample."""
    phase = reading.variance / (2 * max(abs(reading.amplitude) ** 2, 1e-30)) / (2 * np.pi) ** 2
    return phase, 12 * phase / reading.size**2
