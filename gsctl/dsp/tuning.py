"""The Doppler shift of a tuning plan at any time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsctl.model import TuningPlan


def shift_at(plan: TuningPlan, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift in Hz, received minus nominal: a cubic Hermite curve between the nodes of the plan.

    Args:
        plan: one node is a constant shift.
        time_s: (n,) seconds after ``plan.start``; outside the plan its first or last value holds.
    """
    nodes = plan.time_s
    if len(nodes) < 2:
        return np.full(len(time_s), float(plan.shift_hz[0]))
    time = np.clip(np.asarray(time_s, dtype=np.float64), nodes[0], nodes[-1])
    index = np.clip(np.searchsorted(nodes, time, side="right") - 1, 0, len(nodes) - 2)
    width = nodes[index + 1] - nodes[index]
    x = (time - nodes[index]) / width
    left, right = plan.shift_hz[index], plan.shift_hz[index + 1]
    left_slope, right_slope = plan.slope_hz_s[index] * width, plan.slope_hz_s[index + 1] * width
    rise = right - left
    cubic = left_slope + right_slope - 2.0 * rise
    square = 3.0 * rise - 2.0 * left_slope - right_slope
    return np.asarray(left + x * (left_slope + x * (square + x * cubic)), dtype=np.float64)
