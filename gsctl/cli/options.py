"""The options that several commands share, and the readers of what they carry.

A command declares ``at: AtOption = None`` and gets checked values; what needs the configuration is
asked for in the body, with :func:`resolve_station`, :func:`elements_path`, :func:`protocol_dirs` and
:func:`log_directory`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from gsctl.cli.config import Config, load_config
from gsctl.cli.quantities import (
    locator_center,
    parse_duration_s,
    parse_frequency_hz,
    parse_offset_hz,
    parse_position,
    parse_time,
)
from gsctl.cli.usage import nearest
from gsctl.errors import ConfigError, UsageError
from gsctl.model import Station

__all__ = [
    "AtOption",
    "DryRunOption",
    "DurationOption",
    "ElementsOption",
    "FrequencyOption",
    "HorizonOption",
    "LogDirOption",
    "NextPassOption",
    "NoLogOption",
    "ProtocolsOption",
    "RequireOption",
    "SampleRateOption",
    "StartTimeOption",
    "StationOption",
    "choice",
    "configuration",
    "elements_path",
    "locator_center",
    "log_directory",
    "parse_duration_s",
    "parse_frequency_hz",
    "parse_offset_hz",
    "parse_position",
    "parse_time",
    "parse_time_from_now",
    "protocol_dirs",
    "require_station",
    "resolve_station",
]


def choice(*values: str) -> Callable[[str], str]:
    """A parser for an option with a few possible words, case ignored.

    ``Annotated[str, typer.Option("--format", "-F", parser=choice("table", "json"), metavar="table|json")]``
    """

    def parse(text: str) -> str:
        if text.casefold() in values:
            return text.casefold()
        close = nearest(text, values)
        advice = f"did you mean {close}?" if close else f"choose from {', '.join(values)}"
        raise UsageError(
            f"{text!r} is none of {', '.join(values)}" if close else f"{text!r} is no choice", advice=advice
        )

    return parse


def parse_time_from_now(text: str) -> datetime:
    """:func:`parse_time` at the clock's time; the parser of time options."""
    return parse_time(text, now=datetime.now(UTC))


StationOption = Annotated[
    str | None, typer.Option("--station", metavar="NAME", help="Station named in the configuration.")
]
AtOption = Annotated[
    Station | None,
    typer.Option(
        "--at",
        metavar="POSITION",
        parser=parse_position,
        help="Place of the station: LAT,LON[,HEIGHT], north and east positive, or a Maidenhead locator.",
    ),
]
ElementsOption = Annotated[
    Path | None,
    typer.Option("--elements", metavar="FILE", help="Element sets to use instead of the store: OMM or TLE."),
]
ProtocolsOption = Annotated[
    list[Path] | None,
    typer.Option("--protocols", metavar="DIR", help="Folder of more protocol files; may be given again."),
]
FrequencyOption = Annotated[
    float | None,
    typer.Option(
        "--frequency", "-f", metavar="HZ", parser=parse_frequency_hz, help="Frequency: 437.365M, 437365k."
    ),
]
SampleRateOption = Annotated[
    float | None,
    typer.Option(
        "--sample-rate", "-s", metavar="HZ", parser=parse_frequency_hz, help="Sample rate: 48k, 2.4M."
    ),
]
DurationOption = Annotated[
    float | None,
    typer.Option(
        "--duration", "-T", metavar="TIME", parser=parse_duration_s, help="How long: 90s, 10m, 1h30m."
    ),
]
StartTimeOption = Annotated[
    datetime | None,
    typer.Option(
        "--start-time",
        metavar="TIME",
        parser=parse_time_from_now,
        help="UTC time of the first sample: 2026-06-17T02:30:00Z.",
    ),
]
NextPassOption = Annotated[
    datetime | None,
    typer.Option(
        "--start",
        metavar="TIME",
        parser=parse_time_from_now,
        help="The first pass after this time.  [default: now]",
    ),
]
HorizonOption = Annotated[
    float | None,
    typer.Option(
        "--horizon", metavar="DEG", help="Elevation of AOS and LOS.  [default: the station's mask, or 0]"
    ),
]
LogDirOption = Annotated[
    Path | None, typer.Option("--log-dir", metavar="DIR", help="Folder of the logs.  [default: gsctl-logs]")
]
NoLogOption = Annotated[bool, typer.Option("--no-log", show_default=False, help="Write no logs.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", show_default=False, help="Say what would be done, and stop.")
]
RequireOption = Annotated[
    bool, typer.Option("--require", show_default=False, help="Exit with 5 where nothing was found.")
]


@cache
def configuration() -> Config:
    """The configuration of this run, read once.

    Raises:
        ConfigError: see :func:`gsctl.cli.config.load_config`.
    """
    return load_config()


def resolve_station(station: str | None = None, at: Station | None = None) -> Station | None:
    """The place that options, environment or configuration name; None where none does.

    Args:
        station: value of ``--station``.
        at: value of ``--at``.

    Raises:
        UsageError: both are given.
        ConfigError: no station of that name is configured.
    """
    if station is not None and at is not None:
        raise UsageError("--station and --at exclude each other", advice="give one of them")
    if at is not None:
        return at
    config = configuration()
    if station is None and config.at and not config.station:
        try:
            return parse_position(config.at)
        except UsageError as error:
            raise ConfigError(error.what, where="GSCTL_AT", advice=error.advice) from None
    name = config.station if station is None else station
    if name:
        return _configured_station(name, config)
    # Whoever configures one station only means that one.
    return next(iter(config.stations.values())) if len(config.stations) == 1 else None


def require_station(station: str | None = None, at: Station | None = None) -> Station:
    """As :func:`resolve_station`, for commands that cannot do without a place."""
    place = resolve_station(station, at)
    if place is None:
        names = ", ".join(configuration().stations)
        advice = (
            f"name one with --station ({names})" if names else "give one as --at 21.0,105.5 or --at OL21sa"
        )
        raise UsageError("no place given", advice=advice)
    return place


def _configured_station(name: str, config: Config) -> Station:
    for known, place in config.stations.items():
        if known.casefold() == name.casefold():
            return place
    close = nearest(name, config.stations)
    if close:
        advice = f"did you mean {close}?"
    elif config.stations:
        advice = f"there are {', '.join(config.stations)}"
    else:
        advice = "none is configured; give a place as --at 21.0,105.5 or --at OL21sa"
    raise ConfigError(f"no station {name!r}", advice=advice)


def elements_path(elements: Path | None) -> Path | None:
    """The file of element sets that option, environment or configuration name; None is the store."""
    return elements if elements is not None else configuration().elements


def protocol_dirs(protocols: Sequence[Path] | None) -> tuple[Path, ...]:
    """Folders of protocol files: those of the options, then those configured."""
    return (*(protocols or ()), *configuration().protocols)


def log_directory(log_dir: Path | None, *, no_log: bool = False) -> Path | None:
    """Where to log; None with ``--no-log``; ``gsctl-logs`` where nothing is said."""
    if no_log:
        if log_dir is not None:
            raise UsageError("--log-dir and --no-log exclude each other", advice="give one of them")
        return None
    return log_dir if log_dir is not None else configuration().log_dir or Path("gsctl-logs")
