"""Azimuth-dependent horizons: passes above a mask instead of a constant elevation.

Each stretch of sky above the mask is a pass of its own: a tower in the middle of a pass makes two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gsctl.orbit.earth import Site, SkyView, view
from gsctl.orbit.roots import bracketed_maxima, bracketed_roots
from gsctl.orbit.search import Chunk, Found, Sky, examine, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask = tuple[tuple[float, float], ...]

SAMPLE_S = 4.0  # spacing of the samples in a low pass
MAX_SAMPLES = 4000
PIECES = 8  # into which the spacing is cut where the mask has a corner
REFINE_DEG = 2.0  # an extremum this near to the mask may cross it between samples
TOLERANCE_S = 1e-4


def mask_elevation_deg(mask: Mask, azimuth_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elevation of a mask at azimuths (...), linear between its points and around north."""
    azimuth, elevation = zip(*sorted(mask), strict=True)
    return np.asarray(np.interp(azimuth_deg, azimuth, elevation, period=360.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Samples:
    """Moments of passes in order: owner (n,), pass number (n,), time_s (n,), height above the mask (n,)."""

    owner: NDArray[np.intp]
    number: NDArray[np.intp]
    time_s: NDArray[np.float64]
    height_deg: NDArray[np.float64]


class _MaskedSky:
    """Heights above a mask, interpolated or by SGP4 itself."""

    def __init__(self, chunk: Chunk, site: Site, mask: Mask) -> None:
        self.mask = mask
        self.sky = Sky(chunk, site, min(elevation for _, elevation in mask))

    def seen(self, owner: NDArray[np.intp], time_s: NDArray[np.float64]) -> SkyView:
        """The interpolated view of objects (n,) at their times (n,)."""
        segment, fraction = self.sky.locate(owner, time_s)
        return view(self.sky.site, *self.sky.segments.take(segment).states(fraction))

    def height_deg(self, seen: SkyView) -> NDArray[np.float64]:
        """Elevation over the mask (n,)."""
        return seen.elevation_deg - mask_elevation_deg(self.mask, seen.azimuth_deg)

    def exact_height_deg(self, owner: NDArray[np.intp], time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same by SGP4 itself."""
        chunk = self.sky.chunk
        states = chunk.propagator.scattered(chunk.records, owner, time_s)
        return self.height_deg(view(self.sky.site, states.position_km, states.velocity_km_s))


def mask_passes(chunk: Chunk, site: Site, mask: Mask, min_elevation_deg: float) -> Found:
    """All passes of a chunk above a mask, in order of object and time."""
    masked = _MaskedSky(chunk, site, mask)
    lowest = masked.sky.horizon_deg
    whole = search(chunk, site, lowest, max(min_elevation_deg, lowest))
    samples = _with_extrema(masked, _sample(masked, whole))
    above = samples.height_deg > 0.0
    first = np.diff(samples.number, prepend=-1) != 0
    last = np.diff(samples.number, append=-1) != 0
    rises = np.flatnonzero(above & (first | ~np.roll(above, 1)))
    sets = np.flatnonzero(above & (last | ~np.roll(above, -1)))
    aos_s, los_s = samples.time_s[rises].copy(), samples.time_s[sets].copy()
    inner = np.flatnonzero(~first[rises])
    aos_s[inner] = _crossings(masked, samples, rises[inner] - 1)
    inner = np.flatnonzero(~last[sets])
    los_s[inner] = _crossings(masked, samples, sets[inner])
    number = samples.number[rises]
    clipped = np.zeros((len(rises), 3), dtype=bool)
    clipped[:, 0] = first[rises] & whole.clipped[number, 0]
    clipped[:, 2] = last[sets] & whole.clipped[number, 2]
    # The elevation has one maximum in a pass; a part of it is highest there or at its nearer end.
    tca_s = np.clip(whole.event_s[number, 1], aos_s, los_s)
    owner = samples.owner[rises]
    return examine(masked.sky, owner, np.stack([aos_s, tca_s, los_s], axis=1), clipped, None)


def _sample(masked: _MaskedSky, whole: Found) -> _Samples:
    """Even samples of each pass, finer where its azimuth runs over a corner of the mask."""
    begin_s, length_s = whole.event_s[:, 0], whole.event_s[:, 2] - whole.event_s[:, 0]
    count = np.clip(np.ceil(length_s / SAMPLE_S).astype(np.intp), 2, MAX_SAMPLES) + 1
    number = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
    time_s = begin_s[number] + length_s[number] * rank / (count[number] - 1)
    azimuth = masked.seen(whole.owner[number], time_s).azimuth_deg
    corners = np.sort(np.array([a % 360.0 for a, _ in masked.mask]))
    sector = np.searchsorted(corners, azimuth)
    cut = np.flatnonzero((np.diff(sector) != 0) & (np.diff(number) == 0))
    steps = np.arange(1, PIECES) / PIECES
    extra_s = (time_s[cut, None] + (time_s[cut + 1] - time_s[cut])[:, None] * steps).ravel()
    number = np.concatenate([number, np.repeat(number[cut], PIECES - 1)])
    return _ordered(masked, whole.owner[number], number, np.concatenate([time_s, extra_s]))


def _ordered(
    masked: _MaskedSky, owner: NDArray[np.intp], number: NDArray[np.intp], time_s: NDArray[np.float64]
) -> _Samples:
    order = np.lexsort((time_s, number))
    owner, number, time_s = owner[order], number[order], time_s[order]
    height = masked.height_deg(masked.seen(owner, time_s))
    return _Samples(owner=owner, number=number, time_s=time_s, height_deg=height)


def _with_extrema(masked: _MaskedSky, samples: _Samples) -> _Samples:
    """Add the extrema that lie near the mask, so that no short gap or glimpse is lost."""
    height = samples.height_deg
    inside = (samples.number[2:] == samples.number[:-2]) & (np.abs(height[1:-1]) < REFINE_DEG)
    sign = np.where(height[1:-1] > 0.0, -1.0, 1.0)  # look for minima above the mask, maxima below it
    peak = (sign * height[1:-1] >= sign * height[:-2]) & (sign * height[1:-1] >= sign * height[2:])
    at = np.flatnonzero(inside & peak) + 1
    sign, owner = sign[at - 1], samples.owner[at]

    def signed_height(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        return sign * masked.height_deg(masked.seen(owner, time_s))

    extra_s = bracketed_maxima(signed_height, samples.time_s[at - 1], samples.time_s[at + 1], 1e-3)
    return _ordered(
        masked,
        np.concatenate([samples.owner, owner]),
        np.concatenate([samples.number, samples.number[at]]),
        np.concatenate([samples.time_s, extra_s]),
    )


def _crossings(masked: _MaskedSky, samples: _Samples, before: NDArray[np.intp]) -> NDArray[np.float64]:
    """Times (n,) at which the mask is crossed between sample ``before`` and the next, by SGP4 itself."""
    owner = samples.owner[before]
    low, high = samples.time_s[before], samples.time_s[before + 1]

    def height(time_s: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.float64]:
        return masked.exact_height_deg(owner[which], time_s)

    every = np.arange(len(before))
    at_low, at_high = height(low, every), height(high, every)
    return bracketed_roots(height, low, high, at_low, at_high, TOLERANCE_S)
