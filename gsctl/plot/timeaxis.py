"""Axes of UTC time: ticks at round times, labels as short as the step allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_DAY_S = 86400.0
_STEPS_S = (
    *(1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200, _DAY_S, 2 * _DAY_S, 7 * _DAY_S, 14 * _DAY_S, 30 * _DAY_S, 91 * _DAY_S),
)


def time_ticks(
    start: datetime | None, low_s: float, high_s: float, *, most: int = 8
) -> tuple[list[float], float]:
    """Ticks between two times in seconds after ``start``, at most ``most`` and one more.

    Returns:
        The ticks in seconds after ``start``, at round times of day in UTC (at round seconds where
        ``start`` is None), and the step between them.
    """
    span_s = max(high_s - low_s, 1e-9)
    step_s = next((float(step) for step in _STEPS_S if span_s / step <= most), 365 * _DAY_S)
    if span_s / step_s > most:
        step_s *= np.ceil(span_s / step_s / most)
    origin_s = 0.0
    if start is not None:
        midnight = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        origin_s = (start - midnight).total_seconds()
    first = int(np.ceil((low_s + origin_s) / step_s - 1e-6))
    last = int(np.floor((high_s + origin_s) / step_s + 1e-6))
    return [number * step_s - origin_s for number in range(first, last + 1)], float(step_s)


def time_label(start: datetime | None, at_s: float, step_s: float, span_s: float) -> str:
    """The label of a tick: UTC time of day or date; seconds or minutes where ``start`` is None."""
    if start is None:
        if span_s < 60.0:
            return f"{at_s:g}" if step_s >= 1.0 else f"{at_s:.{_places(step_s)}f}"
        minutes, seconds = divmod(round(at_s), 60)
        return f"{minutes}:{seconds:02d}"
    # A little up: a tick at 12:00:00 must not read 11:59:59.
    moment = start.astimezone(UTC) + timedelta(seconds=at_s + min(step_s, 1.0) * 1e-3)
    if step_s >= _DAY_S:
        return f"{moment:%Y-%m-%d}"
    if span_s > _DAY_S:
        return f"{moment:%m-%d %H:%M}"
    if step_s >= 60.0:
        return f"{moment:%H:%M}"
    fraction = "" if step_s >= 1.0 else f".{moment.microsecond:06d}"[: _places(step_s) + 1]
    return f"{moment:%H:%M:%S}{fraction}"


def _places(step_s: float) -> int:
    return 1 if step_s >= 0.1 else 2 if step_s >= 0.01 else 3


def set_time_axis(
    axis: Any, start: datetime | None, low_s: float, high_s: float, *, most: int = 8, name: bool = True
) -> None:
    """Put time ticks, and the axis's name, on an axis whose data are seconds after ``start``."""
    ticks, step_s = time_ticks(start, low_s, high_s, most=most)
    axis.set_major_locator(FixedLocator(ticks))
    span_s = high_s - low_s
    axis.set_major_formatter(FuncFormatter(lambda at_s, _: time_label(start, at_s, step_s, span_s)))
    if name:
        unit = "s" if span_s < 60.0 else "min:s"
        axis.set_label_text("Time (UTC)" if start else f"Time since the start ({unit})")


def seconds_after(start: datetime, moments: Sequence[datetime]) -> NDArray[np.float64]:
    """Moments as seconds after ``start``, (n,) float64."""
    return np.array([(moment - start).total_seconds() for moment in moments], dtype=np.float64)
