"""Whole pictures: a pass, and what was heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gsctl.model import Pass, TuningPlan
from gsctl.plot.sky import draw_elevation, draw_sky, need_track
from gsctl.plot.spectrogram import Spectrogram
from gsctl.plot.style import BLUE, SOFT_INK, VERMILION, clock, day, drawing, save
from gsctl.plot.timeaxis import seconds_after, set_time_axis
from gsctl.plot.waterfall import add_power_bar, draw_waterfall


def pass_picture(path: Path | str, passing: Pass) -> Path:
    """Save a pass: the sky, elevation, and range with range rate over time.

    Raises:
        ValueError: the pass has no track.
        LogbookError: the picture cannot be written.
    """
    track = need_track(passing)
    with drawing(11.0, 5.6) as figure:
        draw_sky(figure.add_axes((0.03, 0.1, 0.42, 0.68), projection="polar"), passing)
        elevation = figure.add_axes((0.525, 0.5, 0.4, 0.33))
        draw_elevation(elevation, passing)
        elevation.set_xlabel("")
        elevation.tick_params(labelbottom=False)
        distance = figure.add_axes((0.525, 0.1, 0.4, 0.33), sharex=elevation)
        _draw_range(distance, passing)
        low_s, high_s = seconds_after(track.start, [passing.aos, passing.los])
        set_time_axis(distance.xaxis, track.start, low_s, high_s, most=7)
        _head(figure, f"{passing.satellite} over {passing.station.name}", _pass_line(passing))
        return save(figure, path)


def _draw_range(axes: Any, passing: Pass) -> None:
    track = need_track(passing)
    axes.plot(track.time_s, track.range_m / 1e3, color=BLUE, linewidth=1.6)
    axes.set_ylabel("Range (km)", color=BLUE)
    axes.grid(True, axis="y")
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.plot(
        track.time_s, track.range_rate_m_s / 1e3, color=VERMILION, linewidth=1.6, linestyle=(0, (5, 2))
    )
    right.set_ylabel("Range rate (km/s, + receding)", color=VERMILION)


def demo_picture(
    path: Path | str,
    *,
    passing: Pass,
    spectrogram: Spectrogram,
    plan: TuningPlan,
    frame_times: Sequence[datetime],
    title: str,
    subtitle: str = "",
    note: str = "",
    offset_hz: float = 0.0,
) -> Path:
    """Save a received pass: the sky beside the waterfall, frames marked in both.

    Args:
        path: png, svg or pdf.
        passing: with its track.
        spectrogram: of what was received, before the Doppler shift was taken out.
        plan: the predicted Doppler shift, drawn into the waterfall.
        frame_times: when frames were received.
        title, subtitle, note: text above the picture and below it.
        offset_hz: of the nominal frequency from the middle of the spectrogram.

    Raises:
        ValueError: the pass has no track.
        LogbookError: the picture cannot be written.
    """
    need_track(passing)
    with drawing(12.8, 7.2) as figure:
        draw_sky(figure.add_axes((0.03, 0.4, 0.36, 0.41), projection="polar"), passing, frame_times)
        draw_elevation(figure.add_axes((0.05, 0.105, 0.325, 0.195)), passing, frame_times)
        axes = figure.add_axes((0.455, 0.105, 0.465, 0.74))
        frames = [(moment, None) for moment in frame_times]
        image = draw_waterfall(
            axes, spectrogram, plan=plan, offset_hz=offset_hz, frames=frames, span=(passing.aos, passing.los)
        )
        add_power_bar(figure, image, figure.add_axes((0.93, 0.105, 0.012, 0.74)))
        _legend(axes)
        _head(figure, title, subtitle or _pass_line(passing))
        figure.text(0.985, 0.014, note, ha="right", fontsize=7.5, color=SOFT_INK)
        return save(figure, path)


def _legend(axes: Any) -> None:
    """Above the waterfall, on a dark ground, because the curve is white."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles, labels, loc="lower right", bbox_to_anchor=(1.0, 1.005), ncols=len(handles),
            fontsize=8, frameon=True, facecolor="#3b4a6b", edgecolor="none", labelcolor="white",
        )  # fmt: skip


def _head(figure: Any, title: str, subtitle: str) -> None:
    figure.text(0.03, 0.955, title, fontsize=15, fontweight="bold", va="center")
    figure.text(0.03, 0.912, subtitle, fontsize=9.5, color=SOFT_INK, va="center")


def _pass_line(passing: Pass) -> str:
    cut = "   (cut off by the time window)" if passing.clipped else ""
    return (
        f"{day(passing.aos)}   AOS {clock(passing.aos)}   TCA {clock(passing.tca)}"
        f"   LOS {clock(passing.los)} UTC   highest {passing.max_elevation_deg:.1f}°"
        f"   {_length((passing.los - passing.aos).total_seconds())}{cut}"
    )


def _length(seconds: float) -> str:
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 120:
        return f"{minutes} min {rest_s:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
