"""The configuration: ``config.toml`` of the system and of the user, and ``GSCTL_*`` variables.

Precedence: option > environment > ``~/.config/gsctl/config.toml`` > ``/etc/gsctl/config.toml``.
``GSCTL_CONFIG`` names a file to read instead of the user's. Every plain key ``some_key`` of the file
has the variable ``GSCTL_SOME_KEY``. Example::

    station = "hoalac"                  # the default of --station
    log_dir = "~/gsctl-logs"
    elements = "~/elements.json"
    protocols = ["~/my-satellites"]
    device = "dongle"                   # the default of --device

    [stations.hoalac]
    latitude_deg = 21.0                 # or: locator = "OL21sa"
    longitude_deg = 105.5
    height_m = 20
    horizon = [[0, 5], [90, 12], [180, 3]]   # azimuth, elevation

    [devices.dongle]
    device = "driver=rtlsdr,serial=00000001"

Paths in a file count from the file's folder, in a variable from the working directory.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from gsctl.cli.device_config import DEVICE_KEYS, DeviceConfig, read_device
from gsctl.cli.places import SYSTEM_CONFIG_DIR, config_dir
from gsctl.cli.quantities import checked_station, locator_center
from gsctl.cli.usage import nearest
from gsctl.errors import ConfigError, UsageError
from gsctl.model import Station

_LARGEST_BYTES = 1_000_000
_STATION_KEYS = ("latitude_deg", "longitude_deg", "height_m", "locator", "horizon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the user has settled for all commands.

    Attributes:
        station: name of the default station; empty where none is named.
        at: position of the default station as ``--at`` takes it (environment only).
        device: the radio that is meant where none is named; empty is the only one there.
        devices: radios by name.
        files: the files that were read, the strongest last.
    """

    station: str = ""
    at: str = ""
    log_dir: Path | None = None
    elements: Path | None = None
    protocols: tuple[Path, ...] = ()
    device: str = ""
    devices: Mapping[str, DeviceConfig] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def load_config(environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration files and variables that exist.

    Args:
        environment: None takes that of the process.

    Raises:
        ConfigError: a file that cannot be read, an unknown key, a value of the wrong kind.
    """
    environment = os.environ if environment is None else environment
    config = Config()
    named = environment.get("GSCTL_CONFIG")
    user = Path(named).expanduser() if named else config_dir() / "config.toml"
    if named and not user.is_file():
        raise ConfigError(
            "no such file", where=f"GSCTL_CONFIG={named}", advice="unset it or name a config.toml"
        )
    for path in (SYSTEM_CONFIG_DIR / "config.toml", user):
        if path.is_file():
            config = _merge_file(config, path)
    return _merge_environment(config, environment)


def _merge_file(config: Config, path: Path) -> Config:
    table = _read_toml(path)
    known = (*_READERS, "stations", "devices")
    changes: dict[str, Any] = {"files": (*config.files, path)}
    for key, value in table.items():
        _refuse_unknown(key, known, str(path))
        if key == "stations":
            changes[key] = {**config.stations, **_read_stations(value, path)}
        elif key == "devices":
            changes[key] = {**config.devices, **_read_devices(value, path)}
        else:
            changes[key] = _READERS[key](value, f"{path}: {key}", path.parent)
    return replace(config, **changes)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise ConfigError(
                "the file is larger than 1 MB", where=str(path), advice="it should be a short TOML file"
            )
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise ConfigError(error.strerror or "cannot be read", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", where=str(path)) from None


def _merge_environment(config: Config, environment: Mapping[str, str]) -> Config:
    changes: dict[str, Any] = {}
    for key, reader in _READERS.items():
        variable = f"GSCTL_{key.upper()}"
        text = environment.get(variable)
        if text:
            value: Any = text.split(os.pathsep) if key == "protocols" else text
            changes[key] = reader(value, variable, Path())
    if environment.get("GSCTL_AT"):
        changes["at"] = environment["GSCTL_AT"]
        # A place in the environment outranks a name in a file, but not a name beside it.
        changes.setdefault("station", "")
    return replace(config, **changes)


def _read_text(value: Any, where: str, _folder: Path) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{value!r} is not text", where=where, advice='write it in quotes, as "hoalac"')
    return value


def _read_path(value: Any, where: str, folder: Path) -> Path:
    return folder / Path(_read_text(value, where, folder)).expanduser()


def _read_paths(value: Any, where: str, folder: Path) -> tuple[Path, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(_read_path(entry, where, folder) for entry in entries)


_READERS = {
    "station": _read_text,
    "log_dir": _read_path,
    "elements": _read_path,
    "protocols": _read_paths,
    "device": _read_text,
}


def _tables(value: Any, key: str, path: Path) -> dict[str, dict[str, Any]]:
    """The tables ``[key.NAME]`` by name."""
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ConfigError(f"{key} must be tables", where=str(path), advice=f"begin each with [{key}.NAME]")
    return value


def _read_devices(value: Any, path: Path) -> dict[str, DeviceConfig]:
    devices = {}
    for name, table in _tables(value, "devices", path).items():
        where = f"{path}: [devices.{name}]"
        for key in table:
            _refuse_unknown(key, DEVICE_KEYS, where)
        devices[name] = read_device(table, where)
    return devices


def _read_stations(value: Any, path: Path) -> dict[str, Station]:
    return {
        name: _read_station(name, table, f"{path}: [stations.{name}]")
        for name, table in _tables(value, "stations", path).items()
    }


def _read_station(name: str, table: dict[str, Any], where: str) -> Station:
    for key in table:
        _refuse_unknown(key, _STATION_KEYS, where)
    try:
        if "locator" in table:
            latitude_deg, longitude_deg = locator_center(_read_text(table["locator"], where, Path()))
        else:
            latitude_deg = _read_number(table, "latitude_deg", where)
            longitude_deg = _read_number(table, "longitude_deg", where)
        height_m = _read_number(table, "height_m", where) if "height_m" in table else 0.0
        return checked_station(name, latitude_deg, longitude_deg, height_m, _read_horizon(table, where))
    except UsageError as error:
        raise ConfigError(error.what, where=where) from None


def _read_number(table: dict[str, Any], key: str, where: str) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = f"{key} is missing" if value is None else f"{key} = {value!r} is not a number"
        raise ConfigError(
            what, where=where, advice=f'write {key} = 21.0, or locator = "OL21sa" for the place'
        )
    return float(value)


def _read_horizon(table: dict[str, Any], where: str) -> tuple[tuple[float, float], ...]:
    pairs = table.get("horizon", [])
    advice = "write pairs of azimuth and elevation in degrees as [[0, 5], [90, 12]]"
    if not isinstance(pairs, list):
        raise ConfigError("horizon is not a list", where=where, advice=advice)
    mask = []
    for pair in pairs:
        numbers = (
            [n for n in pair if isinstance(n, int | float) and not isinstance(n, bool)]
            if isinstance(pair, list)
            else []
        )
        if len(numbers) != 2 or len(pair) != 2 or not (0 <= numbers[0] <= 360 and -90 <= numbers[1] <= 90):
            raise ConfigError(f"horizon holds {pair!r}", where=where, advice=advice)
        mask.append((float(numbers[0]) % 360.0, float(numbers[1])))
    closed = sorted(set(mask))  # a list that goes round from 0 to 360 says north twice, alike
    if any(earlier[0] == later[0] for earlier, later in pairwise(closed)):
        raise ConfigError("horizon names an azimuth twice, unlike", where=where, advice=advice)
    return tuple(closed)


def _refuse_unknown(key: str, known: tuple[str, ...], where: str) -> None:
    if key not in known:
        close = nearest(key, known)
        advice = f"did you mean {close}?" if close else f"there are {', '.join(known)}"
        raise ConfigError(f"unknown key {key!r}", where=where, advice=advice)
