"""The sky over a station: a polar chart of azimuth and elevation, and elevation over time.

North is up and east is right, as on a map and in other tracking programs; the rim is the
horizon and the middle the zenith.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsctl.model import Pass, Track
from gsctl.plot.style import BLUE, INK, RULE, SOFT_INK, VERMILION, clock
from gsctl.plot.timeaxis import seconds_after, set_time_axis

_LABEL_BOX = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}


def track_at(track: Track, moments: Sequence[datetime]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Azimuth and elevation in degrees at some moments, (n,) each, interpolated linearly."""
    at_s = seconds_after(track.start, moments)
    turns = np.unwrap(track.azimuth_deg, period=360.0)
    azimuth_deg = np.interp(at_s, track.time_s, turns) % 360.0
    return azimuth_deg, np.interp(at_s, track.time_s, track.elevation_deg)


def draw_sky(axes: Any, passing: Pass, frame_times: Sequence[datetime] = ()) -> None:
    """Draw a pass on polar axes.

    Args:
        axes: a matplotlib polar axes.
        passing: with its track.
        frame_times: where frames were received, marked on the track.

    Raises:
        ValueError: the pass has no track.
    """
    track = need_track(passing)
    _prepare_sky(axes, passing)
    up = track.elevation_deg >= -0.5
    theta = np.radians(np.unwrap(track.azimuth_deg, period=360.0))
    radius = 90.0 - track.elevation_deg
    axes.plot(theta[up], radius[up], color=BLUE, linewidth=2.2, solid_capstyle="round", zorder=3)
    _draw_direction(axes, theta[up], radius[up])
    if frame_times:
        azimuth_deg, elevation_deg = track_at(track, frame_times)
        axes.scatter(
            np.radians(azimuth_deg),
            90.0 - elevation_deg,
            s=22,
            zorder=4,
            facecolor="white",
            edgecolor=VERMILION,
            linewidth=1.0,
            label="frame received",
        )
    crowded = _near_an_end(track, passing)
    for name, moment in (("AOS", passing.aos), ("TCA", passing.tca), ("LOS", passing.los)):
        _label_point(axes, track, name, moment, inwards=crowded and name == "TCA")


def _prepare_sky(axes: Any, passing: Pass) -> None:
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_rlim(0.0, 90.0)
    axes.set_rgrids([30.0, 60.0], ["60°", "30°"], angle=157.5, fontsize=7.5, color=SOFT_INK)
    axes.set_thetagrids(range(0, 360, 45), [""] * 8)
    # The compass stands inside the rim; outside is the room of AOS and LOS.
    for quarter, letter in enumerate("NESW"):
        axes.text(
            np.radians(90.0 * quarter), 82.0, letter, ha="center", va="center", fontweight="bold",
            color=SOFT_INK, bbox={**_LABEL_BOX, "alpha": 1.0}, zorder=2,
        )  # fmt: skip
    axes.grid(True, color=RULE, linewidth=0.6)
    axes.spines["polar"].set_color(SOFT_INK)
    mask = passing.station.horizon
    if mask:
        around_deg = np.arange(0.0, 361.0)
        angles_deg = [azimuth for azimuth, _ in mask]
        heights_deg = [elevation for _, elevation in mask]
        elevation_deg = np.interp(around_deg, angles_deg, heights_deg, period=360.0)
        axes.fill_between(
            np.radians(around_deg), 90.0 - elevation_deg, 90.0, color=RULE, alpha=0.6, linewidth=0, zorder=1
        )


def _draw_direction(axes: Any, theta: NDArray[np.float64], radius: NDArray[np.float64]) -> None:
    """An arrowhead a third of the way, so that the eye sees which way it flies."""
    if len(theta) < 4:
        return
    place = len(theta) // 3
    axes.annotate(
        "", xy=(theta[place + 1], radius[place + 1]), xytext=(theta[place], radius[place]),
        arrowprops={"arrowstyle": "-|>", "mutation_scale": 20, "color": BLUE, "linewidth": 0},
        zorder=5,
    )  # fmt: skip


def _near_an_end(track: Track, passing: Pass) -> bool:
    """Whether TCA is so near AOS or LOS that labels on the same side would meet."""
    azimuth_deg, elevation_deg = track_at(track, [passing.tca, passing.aos, passing.los])
    places = (90.0 - elevation_deg) * np.exp(1j * np.radians(azimuth_deg))
    return bool(np.abs(places[1:] - places[0]).min() < 18.0)


def _label_point(axes: Any, track: Track, name: str, moment: datetime, *, inwards: bool) -> None:
    """Mark a moment on the track; its label stands away from the middle, where the track is not."""
    azimuth_deg, elevation_deg = track_at(track, [moment])
    theta, radius = float(np.radians(azimuth_deg[0])), float(np.clip(90.0 - elevation_deg[0], 0.0, 90.0))
    axes.plot([theta], [radius], marker="o", markersize=5, color=INK, zorder=6, clip_on=False)
    side = -1.0 if inwards else 1.0
    east, north = side * np.sin(theta), side * np.cos(theta)
    # Beyond the rim in two lines, which need less room beside the chart.
    text = f"{name}\n{clock(moment)}" if radius > 75.0 and not inwards else f"{name} {clock(moment)}"
    axes.annotate(
        text, xy=(theta, radius), xytext=(9 * east, 9 * north), textcoords="offset points",
        ha="center" if abs(east) < 0.38 else "left" if east > 0 else "right",
        va="center" if abs(north) < 0.38 else "bottom" if north > 0 else "top",
        fontsize=8, linespacing=1.05, color=INK, bbox=_LABEL_BOX, zorder=7, annotation_clip=False,
    )  # fmt: skip


def draw_elevation(axes: Any, passing: Pass, frame_times: Sequence[datetime] = ()) -> None:
    """Draw elevation over UTC time on rectangular axes; frames are marked on the curve.

    Raises:
        ValueError: the pass has no track.
    """
    track = need_track(passing)
    low_s, high_s = seconds_after(track.start, [passing.aos, passing.los])
    axes.fill_between(track.time_s, 0.0, track.elevation_deg, color=BLUE, alpha=0.12, linewidth=0)
    axes.plot(track.time_s, track.elevation_deg, color=BLUE, linewidth=1.6)
    if frame_times:
        _, elevation_deg = track_at(track, frame_times)
        axes.scatter(
            seconds_after(track.start, frame_times), elevation_deg, s=16, zorder=4,
            facecolor="white", edgecolor=VERMILION, linewidth=1.0,
        )  # fmt: skip
    axes.set_xlim(low_s, high_s)
    axes.set_ylim(0.0, 90.0)
    axes.set_yticks([0, 30, 60, 90])
    axes.grid(True, axis="y")
    axes.set_ylabel("Elevation (°)")
    set_time_axis(axes.xaxis, track.start, low_s, high_s, most=6)


def need_track(passing: Pass) -> Track:
    """The track of a pass.

    Raises:
        ValueError: it has none, or fewer than two points.
    """
    track = passing.track
    if track is None or len(track.time_s) < 2:
        raise ValueError(f"the pass of {passing.satellite} has no track to draw")
    return track
