"""Waterfalls: power over frequency and time, with the predicted Doppler curve and the frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from gsctl.dsp.tuning import shift_at
from gsctl.model import Domain, TuningPlan
from gsctl.plot.spectrogram import Spectrogram
from gsctl.plot.style import ORANGE, POWER_MAP, day, drawing, save
from gsctl.plot.timeaxis import seconds_after, set_time_axis


def power_limits(power_db: NDArray[np.float32]) -> tuple[float, float]:
    """From the middle of the noise to the strongest signals; 12 to 45 dB apart."""
    finite = power_db[np.isfinite(power_db)]
    if not len(finite):
        return -1.0, 0.0
    low, high = np.percentile(finite, [35.0, 99.8])
    high = max(high, low + 12.0)
    # Below a filter's edge there may be 60 dB of nothing, in which the signal would drown.
    return float(max(low, high - 45.0)), float(high)


def draw_waterfall(
    axes: Any,
    found: Spectrogram,
    *,
    plan: TuningPlan | None = None,
    offset_hz: float = 0.0,
    frames: Sequence[tuple[datetime, float | None]] = (),
    span: tuple[datetime, datetime] | None = None,
) -> Any:
    """Draw a spectrogram on axes: frequency to the right, time upwards.

    Args:
        axes: rectangular axes of matplotlib.
        found: the spectrogram.
        plan: its shift is drawn as a curve; needs ``found.start_time``.
        offset_hz: of the nominal frequency from the middle of the stream; the axis counts from there.
        frames: when frames came and, where known, at which offset from nominal (Doppler shift
            included); without it they are marked beside the curve, or at the rim.
        span: what the time axis shows, such as AOS to LOS; None is the stream.

    Returns:
        The image, for a colour bar.
    """
    low_hz, high_hz = _outer(found.frequency_hz - offset_hz)
    high_s = float(found.time_s[-1] + found.row_s / 2)
    colours = mpl.colormaps[POWER_MAP]
    colours = colours.with_extremes(bad=colours(0.0))  # where nothing was received it is as dark as noise
    low_db, high_db = power_limits(found.power_db)
    image = axes.imshow(
        np.ma.masked_invalid(found.power_db), origin="lower", aspect="auto", cmap=colours,
        vmin=low_db, vmax=high_db, interpolation="nearest", interpolation_stage="data",
        extent=(low_hz / 1e3, high_hz / 1e3, 0.0, high_s),
    )  # fmt: skip
    axes.set_facecolor(colours(0.0))
    low_s = 0.0
    if span is not None and found.start_time is not None:
        low_s, high_s = seconds_after(found.start_time, span)
    if plan is not None and found.start_time is not None:
        _draw_curve(axes, found, plan, (low_s, high_s))
    if frames and found.start_time is not None:
        _draw_frames(axes, found, plan, (low_hz, high_hz), frames)
    axes.set_xlim(low_hz / 1e3, high_hz / 1e3)
    axes.set_ylim(low_s, high_s)
    axes.xaxis.set_major_locator(MaxNLocator(9))
    if found.domain is Domain.IQ:  # a difference shows its sign, an audio frequency has none
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
    axes.set_xlabel(_frequency_label(found, offset_hz))
    set_time_axis(axes.yaxis, found.start_time, low_s, high_s, most=10)
    return image


def _draw_curve(axes: Any, found: Spectrogram, plan: TuningPlan, shown_s: tuple[float, float]) -> None:
    assert found.start_time is not None
    ahead_s = (found.start_time - plan.start).total_seconds()
    low_s, last_s = max(shown_s[0], plan.time_s[0] - ahead_s), min(shown_s[1], plan.time_s[-1] - ahead_s)
    if last_s <= low_s:
        return
    at_s = np.linspace(low_s, last_s, 400)
    shift_hz = shift_at(plan, at_s + ahead_s)
    # Dashed and thin: the signal must show through.
    axes.plot(
        shift_hz / 1e3, at_s, color="white", linewidth=1.1, linestyle=(0, (5, 4)), alpha=0.9,
        label="predicted Doppler shift",
    )  # fmt: skip


def _draw_frames(
    axes: Any,
    found: Spectrogram,
    plan: TuningPlan | None,
    shown_hz: tuple[float, float],
    frames: Sequence[tuple[datetime, float | None]],
) -> None:
    assert found.start_time is not None
    at_s = seconds_after(found.start_time, [moment for moment, _ in frames])
    gap_hz = 0.035 * (shown_hz[1] - shown_hz[0])
    if plan is not None:
        predicted = shift_at(plan, at_s + (found.start_time - plan.start).total_seconds())
    else:
        predicted = np.full(len(at_s), shown_hz[1] - 2 * gap_hz)
    place_hz = np.array(
        [shift if known is None else known for (_, known), shift in zip(frames, predicted, strict=True)]
    )
    axes.scatter(
        (place_hz + gap_hz) / 1e3, at_s, marker="<", s=26, zorder=4,
        facecolor=ORANGE, edgecolor="black", linewidth=0.5, label="frame received",
    )  # fmt: skip


def _outer(frequency_hz: NDArray[np.float64]) -> tuple[float, float]:
    """Outer edges of the first and last bin."""
    half = (frequency_hz[1] - frequency_hz[0]) / 2 if len(frequency_hz) > 1 else 0.5
    return float(frequency_hz[0] - half), float(frequency_hz[-1] + half)


def _frequency_label(found: Spectrogram, offset_hz: float) -> str:
    if found.domain is not Domain.IQ:
        return "Audio frequency (kHz)"
    if found.center_frequency_hz is None:
        return "Frequency from the centre (kHz)"
    return f"Frequency from {(found.center_frequency_hz + offset_hz) / 1e6:.9g} MHz (kHz)"


def add_power_bar(figure: Any, image: Any, axes: Any) -> None:
    """The colour bar of a waterfall, with its unit, in axes of its own."""
    bar = figure.colorbar(image, cax=axes, extend="both", extendfrac=0.02)
    bar.set_label("Power spectral density (dBFS/Hz)")
    bar.outline.set_visible(False)


def waterfall_picture(
    path: Path | str,
    found: Spectrogram,
    *,
    title: str,
    plan: TuningPlan | None = None,
    offset_hz: float = 0.0,
    frames: Sequence[tuple[datetime, float | None]] = (),
) -> Path:
    """Save a waterfall as a picture; arguments as for ``draw_waterfall``.

    Raises:
        LogbookError: the picture cannot be written.
    """
    with drawing(8.0, 8.0) as figure:
        figure.set_layout_engine("constrained")
        axes, bar = figure.subplots(1, 2, width_ratios=(1.0, 0.025))
        image = draw_waterfall(axes, found, plan=plan, offset_hz=offset_hz, frames=frames)
        add_power_bar(figure, image, bar)
        axes.set_title(f"{title}  {day(found.start_time)}" if found.start_time else title)
        return save(figure, path)
