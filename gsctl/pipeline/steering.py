"""A sky whose Doppler shift another program tells, by steering the frequency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gsctl.errors import ElementsError
from gsctl.model import Station
from gsctl.pipeline.sky import Place, Sky


class SteeredSky(Sky):
    """Takes the shift from what ``frequency_hz`` gives at the moment.

    Args:
        base: tells where the satellite stands; None where that is not known.
        nominal_hz: the frequency without any shift.
        frequency_hz: where the receiver is to listen now.
    """

    def __init__(self, base: Sky | None, nominal_hz: float, frequency_hz: Callable[[], float]) -> None:
        self._base = base
        self._nominal_hz = nominal_hz
        self._frequency_hz = frequency_hz
        if base is not None:
            self.elements = base.elements
        self.station = base.station if base else Station(name="", latitude_deg=0.0, longitude_deg=0.0)

    def place(self, time: datetime) -> Place:
        """See :class:`Sky`."""
        if self._base is None:
            raise ElementsError("where the satellite stands is not known")
        return self._base.place(time)

    def shift_hz(self, time: datetime, nominal_hz: float) -> float:
        """What the other program says, in proportion to the frequency."""
        return (self._frequency_hz() - self._nominal_hz) * nominal_hz / self._nominal_hz
