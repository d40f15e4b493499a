"""Writes stations into the user's ``config.toml`` and leaves every other line of it as it is."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from gsctl.cli.places import config_dir
from gsctl.errors import ConfigError
from gsctl.model import Station

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def user_config_path() -> Path:
    """The file that ``GSCTL_CONFIG`` names, else ``~/.config/gsctl/config.toml``."""
    named = os.environ.get("GSCTL_CONFIG")
    return Path(named).expanduser() if named else config_dir() / "config.toml"


def write_station(path: Path, station: Station, *, replace: bool = False) -> bool:
    """Add ``[stations.NAME]`` to a configuration file; False where it stands there alike.

    Args:
        replace: put it in place of a station of that name that differs; its horizon stays.

    Raises:
        ConfigError: another station has the name (without ``replace``), or the file cannot be read,
            is no TOML, or writes its stations in another manner than as ``[stations.NAME]``.
    """
    text = _read(path)
    before = _parsed(text, path)
    wanted = _table(station)
    stations = before.get("stations", {})
    held = stations.get(station.name) if isinstance(stations, dict) else None
    if isinstance(held, dict):
        if {key: held.get(key) for key in wanted} == wanted:
            return False
        if not replace:
            raise ConfigError(
                f"station {station.name!r} is there already and differs",
                where=str(path),
                advice="give it another name with --name, or add --replace",
            )
        text = _without_values(text, station.name, path)
        fresh = _with_values(text, station)
    else:
        fresh = f"{text.rstrip()}\n\n" if text.strip() else ""
        fresh += f"[stations.{_key(station.name)}]\n{_lines(station)}"
    expected = {**before, "stations": {**(stations or {}), station.name: {**_kept(held), **wanted}}}
    if _parsed(fresh, path) != expected:
        raise ConfigError(
            "the stations are not written as [stations.NAME]",
            where=str(path),
            advice=f"write it yourself: {' '.join(_lines(station).split())}",
        )
    _write(path, fresh)
    return True


def _kept(held: Any) -> dict[str, Any]:
    """What of a replaced station stays: all but its place."""
    place = ("latitude_deg", "longitude_deg", "height_m", "locator")
    return {key: value for key, value in held.items() if key not in place} if isinstance(held, dict) else {}


def _table(station: Station) -> dict[str, float]:
    return {
        "latitude_deg": station.latitude_deg,
        "longitude_deg": station.longitude_deg,
        "height_m": station.height_m,
    }


def _lines(station: Station) -> str:
    return "".join(f"{key} = {value!r}\n" for key, value in _table(station).items())


def _key(name: str) -> str:
    # A basic string of TOML is written like one of JSON.
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _heading(name: str) -> re.Pattern[str]:
    words = {re.escape(_key(name)), re.escape(json.dumps(name, ensure_ascii=False)), re.escape(f"'{name}'")}
    return re.compile(rf"^[ \t]*\[\s*stations\s*\.\s*({'|'.join(sorted(words))})\s*\][^\n]*\n?", re.MULTILINE)


def _without_values(text: str, name: str, path: Path) -> str:
    """The text without the lines that tell the place of a station."""
    match = _heading(name).search(text)
    if match is None:
        raise ConfigError(
            f"station {name!r} is not written as [stations.{_key(name)}]",
            where=str(path),
            advice="change it there by hand",
        )
    end = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, match.end())
    stop = end.start() if end else len(text)
    place = re.compile(r"^[ \t]*(latitude_deg|longitude_deg|height_m|locator)\s*=[^\n]*\n?", re.MULTILINE)
    return text[: match.end()] + place.sub("", text[match.end() : stop]) + text[stop:]


def _with_values(text: str, station: Station) -> str:
    match = _heading(station.name).search(text)
    assert match is not None  # _without_values found it
    head = text[: match.end()]
    return f"{head if head.endswith(chr(10)) else head + chr(10)}{_lines(station)}{text[match.end() :]}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read ({error})", where=str(path)) from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=str(path)) from None


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, so that no reader ever finds half of it."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path.resolve() if path.is_symlink() else path)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error
