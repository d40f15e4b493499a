"""How fast a receiver's clock is, from the carriers of the ships that it hears.

A ship's carrier may be 500 Hz off (ITU-R M.1371-5, annex 2, required transmitter characteristics), 3 ppm of
162 MHz, each ship its own; the middle of many is far better. A clock that is fast by p tunes too high and
takes too many samples a second, so everything seems to be at f / (1 + p).
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from dataclasses import dataclass, field

from gsctl.demod import Effort
from gsctl.errors import UsageError
from gsctl.framing import Integrity
from gsctl.model import Frame, SampleBlock
from gsctl.pipeline.ais_reception import CHANNELS_HZ, USUAL_CENTER_HZ, AisReceiver, HeardAis

# Strong messages are plenty, and seven receivers side by side are to be cheap.
EFFORT = Effort.FAST
# A receiver hears carriers 4 kHz off; these reach 21 kHz, 130 ppm, in steps that overlap.
_SHIFTS_HZ = (0.0, -6e3, 6e3, -12e3, 12e3, -18e3, 18e3)
# So many messages show well enough where the carriers are to stop looking elsewhere.
_ENOUGH_TO_SETTLE = 12
_NEAR_HZ = 4.5e3
# What one ship is thought to be off before any was heard: 500 Hz either way, all alike likely.
_SHIP_SIGMA_PPM = 500.0 / math.sqrt(3.0) / 162.0
_SHIP_WEIGHT = 2.0
# One ship that is far worse than the rule spoils the spread no more than this.
_FARTHEST_PPM = 1000.0 / 162.0
# Efficiency of the median of normal values: pi / 2 of the mean's variance.
_MEDIAN_LOSS = math.sqrt(math.pi / 2)
_MMSI_BITS, _REPEAT_BITS = (8, 38), (6, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockError:
    """A receiver's clock error.

    Attributes:
        ppm: millionths; positive is fast.
        uncertainty_ppm: one sigma.
        ships: different senders.
        messages: of theirs.
    """

    ppm: float
    uncertainty_ppm: float
    ships: int
    messages: int


@dataclass(slots=True)
class AisCalibration:
    """Hears AIS at several places of the band until it is clear where the carriers are.

    Args:
        center_frequency_hz: of IQ, where the blocks do not say.
        effort: of the receivers.
    """

    center_frequency_hz: float | None = None
    effort: Effort = EFFORT
    _receivers: dict[float, AisReceiver] = field(default_factory=dict)
    _heard: dict[int, dict[bytes, tuple[float, float]]] = field(default_factory=dict)
    _settled: bool = False

    def push(self, block: SampleBlock) -> None:
        """Take the next block of IQ.

        Raises:
            UsageError: no AIS channel lies in the band.
        """
        if not self._receivers:
            self._receivers = {shift: AisReceiver(self.effort) for shift in _SHIFTS_HZ}
        center_hz = block.center_frequency_hz or self.center_frequency_hz or USUAL_CENTER_HZ
        for shift_hz, receiver in list(self._receivers.items()):
            shifted = dataclasses.replace(block, center_frequency_hz=center_hz - shift_hz)
            try:
                for one in receiver.push(shifted):
                    self._note(one, shift_hz)
            except UsageError:
                if shift_hz == 0.0:
                    raise
                del self._receivers[shift_hz]  # the band ends there
        self._settle()

    def finish(self) -> None:
        """Take what was under way when the samples ended."""
        for shift_hz, receiver in self._receivers.items():
            for one in receiver.finish():
                self._note(one, shift_hz)

    @property
    def messages(self) -> int:
        """How many messages were heard."""
        return sum(len(messages) for messages in self._heard.values())

    def result(self) -> ClockError | None:
        """The estimate so far; None where no ship was heard."""
        if not self._heard:
            return None
        each = [statistics.median(ppm for _, ppm in messages.values()) for messages in self._heard.values()]
        middle = statistics.median(each)
        squares = [min(abs(ppm - middle), _FARTHEST_PPM) ** 2 for ppm in each]
        variance = (_SHIP_WEIGHT * _SHIP_SIGMA_PPM**2 + sum(squares)) / (_SHIP_WEIGHT + len(each) - 1)
        return ClockError(
            ppm=middle,
            uncertainty_ppm=_MEDIAN_LOSS * math.sqrt(variance / len(each)),
            ships=len(each),
            messages=self.messages,
        )

    def _note(self, one: HeardAis, shift_hz: float) -> None:
        """Keep a message's carrier under its sender, from the receiver that it lay nearest to."""
        frame = one.frame
        if frame.integrity is not Integrity.CRC or frame.frequency_offset_hz is None or not one.channel:
            return
        sender = _sender(frame)
        if sender is None:
            return
        messages = self._heard.setdefault(sender, {})
        from_middle_hz = abs(frame.frequency_offset_hz)
        known = messages.get(frame.payload)
        if known is None or from_middle_hz < known[0]:
            offset_hz = frame.frequency_offset_hz + shift_hz
            messages[frame.payload] = (
                from_middle_hz,
                -1e6 * offset_hz / (CHANNELS_HZ[one.channel] + offset_hz),
            )

    def _settle(self) -> None:
        """Once it is clear where the carriers are, listen only there."""
        if self._settled or self.messages < _ENOUGH_TO_SETTLE:
            return
        self._settled = True
        found = self.result()
        assert found is not None
        offset_hz = -found.ppm * USUAL_CENTER_HZ / 1e6
        near = {s: r for s, r in self._receivers.items() if abs(s - offset_hz) < _NEAR_HZ}
        self._receivers = near or self._receivers


def _sender(frame: Frame) -> int | None:
    """Number of the ship whose own transmitter sent a message; None for one that another repeated."""
    count = len(frame.payload) * 8
    if count < _MMSI_BITS[1]:
        return None
    value = int.from_bytes(frame.payload, "big")
    if _bits(value, count, *_REPEAT_BITS):
        return None
    return _bits(value, count, *_MMSI_BITS)


def _bits(value: int, count: int, first: int, end: int) -> int:
    return (value >> (count - end)) & ((1 << (end - first)) - 1)
