"""``gsctl station``: the places one observes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gsctl.cli.console import detail, tell
from gsctl.cli.options import configuration
from gsctl.cli.tables import TableFormatOption, print_rows
from gsctl.errors import CatalogError, ConfigError, UsageError
from gsctl.model import Station

station = typer.Typer(help="Stations: import, show.")

_COLUMNS = {
    "name": "STATION",
    "latitude_deg": "LATITUDE",
    "longitude_deg": "LONGITUDE",
    "height_m": "HEIGHT (M)",
    "horizon": "HORIZON",
    "default": "DEFAULT",
}


@station.command("import")
def import_places(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="GPredict's or predict's .qth, or satnogs-client's variables."
        ),
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Another name than the file's.", show_default=False)
    ] = "",
    west_positive: Annotated[
        bool,
        typer.Option("--west-positive", show_default=False, help="Longitudes of predict's files: west is +."),
    ] = False,
    east_positive: Annotated[
        bool,
        typer.Option("--east-positive", show_default=False, help="Longitudes of predict's files: east is +."),
    ] = False,
    replaces: Annotated[
        bool,
        typer.Option("--replace", show_default=False, help="Replace a station of that name."),
    ] = False,
) -> None:
    """Write places of GPredict, predict or satnogs-client into the configuration as stations.

    GPredict's longitudes are east positive, and its file says all that is needed. Predict's four lines
    do not say which way they count: west positive, unless you told predict otherwise. Of satnogs-client's
    variables (.env) those that begin with SATNOGS_STATION_ are read; the station is called satnogs-ID.
    """
    from gsctl.cli.config_edit import user_config_path, write_station
    from gsctl.cli.quantities import checked_station

    if west_positive and east_positive:
        raise UsageError("--west-positive and --east-positive exclude each other", advice="give one of them")
    if name and len(files) > 1:
        raise UsageError("--name is for one file", advice="import them one by one")
    westward = west_positive if west_positive or east_positive else None
    for path in files:
        try:
            place = _read_place(path, westward)
            place = replace(place, name=name.strip() or place.name)
            checked_station(place.name, place.latitude_deg, place.longitude_deg, place.height_m)
        except UsageError as error:
            raise CatalogError(error.what, where=str(path)) from None
        config = user_config_path()
        written = write_station(config, place, replace=replaces)
        side = "E" if place.longitude_deg >= 0 else "W"
        hemisphere = "N" if place.latitude_deg >= 0 else "S"
        tell(
            f"{place.name}: {abs(place.latitude_deg):g} {hemisphere} {abs(place.longitude_deg):g} {side} "
            f"{place.height_m:g} m {'written to' if written else 'stands already in'} {config}"
        )


def _read_place(path: Path, west_positive: bool | None) -> Station:
    """The place of a file, whichever of the known kinds it is of."""
    from gsctl.catalog.gpredict import read_place
    from gsctl.catalog.satnogs_client import is_client_file, read_client_place

    if not is_client_file(path):
        return read_place(path, west_positive=west_positive)
    found = read_client_place(path)
    if found.other_names:
        detail(f"{path}: not of the place and left out: {', '.join(found.other_names)}")
    return found.station


@station.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Only this station.", show_default=False)] = "",
    form: TableFormatOption = "table",
) -> None:
    """List the stations of the configuration."""
    config = configuration()
    rows = [
        {
            "name": place.name,
            "latitude_deg": place.latitude_deg,
            "longitude_deg": place.longitude_deg,
            "height_m": place.height_m,
            "horizon": " ".join(f"{azimuth:g}:{elevation:g}" for azimuth, elevation in place.horizon),
            "default": key.casefold() == config.station.casefold() or len(config.stations) == 1,
        }
        for key, place in config.stations.items()
        if not name or key.casefold() == name.casefold()
    ]
    if name and not rows:
        known = ", ".join(config.stations)
        raise ConfigError(
            f"no station {name!r}", advice=f"there are {known}" if known else "none is configured"
        )
    print_rows(rows, _COLUMNS, form)
