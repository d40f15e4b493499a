"""The Doppler shift of a downlink over time, as a plan that an oscillator follows.

Shift = received minus nominal frequency: ``-nominal * range_rate / c``, so it is positive while the
satellite approaches and negative while it recedes (first order; the v^2/c^2 term is 0.14 Hz at
437 MHz and the same for the whole pass). Between nodes the plan is a cubic Hermite curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from gsctl.errors import UsageError
from gsctl.model import ElementSet, Station, Track, TuningPlan
from gsctl.orbit.passes import look

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEED_OF_LIGHT_M_S = 299_792_458.0
NODE_SPACING_S = 1.0  # a low pass overhead: under 0.002 Hz of error at 437 MHz between nodes
MAX_NODES = 1_000_000


def doppler_shift_hz(range_rate_m_s: NDArray[np.float64], nominal_hz: float) -> NDArray[np.float64]:
    """Received minus nominal frequency of a downlink, (n,); negative when receding.

    For an uplink the satellite receives the same shift: transmit at nominal minus this.
    """
    return np.asarray(-nominal_hz * range_rate_m_s / SPEED_OF_LIGHT_M_S, dtype=np.float64)


def tuning_plan(
    sets: ElementSet | Sequence[ElementSet],
    station: Station,
    nominal_hz: float,
    start: datetime,
    duration_s: float,
    *,
    spacing_s: float = NODE_SPACING_S,
) -> TuningPlan:
    """Plan the Doppler shift over a span of time, with half a minute to spare at both ends.

    Args:
        sets: of one satellite.
        station: where it is received.
        nominal_hz: of the transmitter.
        start: time zero of the plan.
        duration_s: length of the span.
        spacing_s: of the nodes.

    Raises:
        UsageError: the frequency or the span makes no sense.
        ElementsError: the elements do not hold for the span.
    """
    margin_s = 30.0
    count = int(np.ceil((duration_s + 2.0 * margin_s) / spacing_s)) + 1 if duration_s >= 0.0 else 0
    if not 1 < count <= MAX_NODES:
        raise UsageError(
            f"a tuning plan of {duration_s:g} s in steps of {spacing_s:g} s",
            advice=f"at most {MAX_NODES} steps",
        )
    time_s = np.linspace(-margin_s, duration_s + margin_s, count)
    return plan_from_track(look(sets, station, start, time_s), nominal_hz)


def plan_from_track(track: Track, nominal_hz: float) -> TuningPlan:
    """The plan whose nodes are those of a track (evenly spaced or not, at least two).

    Raises:
        UsageError: the frequency is not positive, or the track is too short.
    """
    if not (np.isfinite(nominal_hz) and nominal_hz > 0.0):
        raise UsageError(
            f"frequency {nominal_hz:g} Hz", advice="give the downlink's frequency, such as 437.365M"
        )
    if track.time_s.size < 2:
        raise UsageError("a track of fewer than two points holds no plan")
    shift_hz = doppler_shift_hz(track.range_rate_m_s, nominal_hz)
    if track.time_s.size == 2:
        slope_hz_s = np.gradient(shift_hz, track.time_s)
    else:
        slope_hz_s = np.gradient(shift_hz, track.time_s, edge_order=2)
    return TuningPlan(
        start=track.start,
        nominal_hz=nominal_hz,
        time_s=track.time_s,
        shift_hz=shift_hz,
        slope_hz_s=np.asarray(slope_hz_s, dtype=np.float64),
    )
