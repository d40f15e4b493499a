"""Axes of UTC time: ticks at round minutes and seconds, labels as short as the span allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200),
    *(86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 91 * 86400, 365 * 86400),
)


def time_ticks(
    start: datetime | None, low_s: float, high_s: float, *, most: int = 8
) -> tuple[list[float], str]:
    """Ticks between two times in seconds after ``start``.

    Returns:
        The ticks in seconds after ``start``, at round times of day, and the ``strftime`` format
        of their labels (of elapsed time where ``start`` is None).
    """
    span_s = max(high_s - low_s, 1e-6)
    step_s = next((step for step in _STEPS_S if span_s / step <= most), float(_STEPS_S[-1]))
    if span_s < 2.0:
        step_s = 10.0 ** np.floor(np.log10(span_s / 2.0))
    origin_s = 0.0
    if start is not None:
        midnight = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        origin_s = (start - midnight).total_seconds()
    first = np.ceil((low_s + origin_s) / step_s - 1e-9)
    ticks = [float(first * step_s - origin_s)]
    while ticks[-1] + step_s <= high_s + 1e-9:
        ticks.append(ticks[-1] + step_s)
    pattern = "%Y-%m-%d" if step_s >= 86400 else "%H:%M:%S" if step_s < 60 else "%H:%M"
    if step_s < 86400 < span_s:
        pattern = "%m-%d %H:%M"
    return [tick for tick in ticks if low_s - 1e-9 <= tick <= high_s + 1e-9], pattern


def set_time_axis(axis: Any, start: datetime | None, low_s: float, high_s: float, *, most: int = 8) -> None:
    """Put UTC ticks on an axis whose data are seconds after ``start``; elapsed time where that is None."""
    ticks, pattern = time_ticks(start, low_s, high_s, most=most)
    axis.set_major_locator(FixedLocator(ticks))

    def label(value: float, _position: int | None) -> str:
        if start is not None:
            # Half a millisecond up: a tick at 12:00:00 must not read 11:59:59.
            return (start.astimezone(UTC) + timedelta(seconds=value + 0.0005)).strftime(pattern)
        minutes, seconds = divmod(abs(value) + 1e-9, 60.0)
        return (
            f"{int(minutes)}:{seconds:04.1f}"
            if pattern == "%H:%M:%S" and value % 1
            else f"{int(minutes)}:{int(seconds):02d}"
        )

    axis.set_major_formatter(FuncFormatter(label))


def seconds_after(start: datetime, moments: list[datetime]) -> NDArray[np.float64]:
    """Moments as seconds after ``start``, (n,) float64."""
    return np.array([(moment - start).total_seconds() for moment in moments], dtype=np.float64)
