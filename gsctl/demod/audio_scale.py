"""What full scale of discriminator audio stands for, learned from the audio itself.

A discriminator's running sum is the carrier's phase only at its own scale: a click is one whole turn then.
At 9 dB there are so many clicks that an error of 5 % ends everything (2 % do no harm), so measuring the tones
does not do. But a discriminator gives angles between minus and plus half a turn, and noise gives all of them:
the extremes of a tenth of a second lie within 1 % of half a turn in noise and in bursts up to 10 dB, within
7 % at 16 dB, where an error does less harm.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.discriminator_kernels import integrate
from gsctl.dsp.filters import OverlapSave

# Windows that are remembered, and which of their extents is believed: a pop or two are no scale.
REMEMBERED = 100
BELIEVED = 3
# But what comes behind a squelch with nothing but rounding in it is so much larger at once.
LEAP = 2.0
# A measured scale this near to the audio's own, and above it, is its own.
OWN = 0.985
# Audio that was thinned out or compressed behind the discriminator has lost the peaks of its clicks but not
# their area, and a strong signal has no clicks, so its own scale may still be the true one.
LEAST_OWN = 0.1
# Noise shows the scale in window after window; the extents of audio that was filtered or levelled, or of a
# signal with few clicks, scatter. Share of the windows, and how near (measured: raw audio with gaps 0.3 to 1,
# de-emphasised, levelled or continuous at 8.5 dB at most 0.15).
SHOWN = 0.2
NEAR = 0.02


class AudioScale:
    """Learns what a discriminator's half turn a sample is in the audio.

    Attributes:
        half_turn: audio that stands for half a turn a sample (half the sample rate), above 0.
    """

    def __init__(self) -> None:
        self.half_turn = 1.0
        self._extents: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def own_may_be_true(self) -> bool:
        """Whether the audio's own full scale is worth a try beside what was measured."""
        return LEAST_OWN <= self.half_turn < OWN

    @property
    def is_shown(self) -> bool:
        """Whether so many windows reach half a turn that it must be one."""
        near = sum(abs(extent - self.half_turn) < NEAR * self.half_turn for extent in self._extents)
        return near >= max(BELIEVED, SHOWN * len(self._extents))

    def learn(self, audio: NDArray[np.float32]) -> None:
        """Look at the next samples, (n,) of any level and polarity and with any constant added.

        Samples in silence teach nothing.
        """
        extent = 0.5 * (float(np.max(audio)) - float(np.min(audio)))
        if not 0.0 < extent < np.inf:
            return
        self._extents.append(extent)
        measured = sorted(self._extents)[-BELIEVED:][0]
        newest = max(list(self._extents)[1 - BELIEVED :])
        if newest > LEAP * measured:
            measured = newest
        self.half_turn = 1.0 if OWN <= measured <= 1.0 else measured


class AudioCarrier:
    """The running sum of audio: the carrier whose discriminator gave it.

    Args:
        low_pass: filters, and thins out, what the sum gives; None leaves it as it is.
    """

    def __init__(self, low_pass: OverlapSave | None = None) -> None:
        self._low_pass = low_pass
        self._phase = 0.0

    def reset(self) -> None:
        """Forget the samples before."""
        self._phase = 0.0
        if self._low_pass is not None:
            self._low_pass.reset()

    def __call__(self, audio: NDArray[np.float32], half_turn: float) -> NDArray[np.complex64]:
        """The next window, (n,), in which ``half_turn`` stands for half a turn a sample."""
        carrier = np.empty(audio.size, np.complex64)
        self._phase = integrate(audio, np.pi / half_turn, self._phase, carrier)
        return carrier if self._low_pass is None else np.asarray(self._low_pass(carrier), np.complex64)
