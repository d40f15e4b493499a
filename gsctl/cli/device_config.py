"""``[devices.NAME]`` of the configuration: a radio with its settings, under a name of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gsctl.errors import ConfigError, UsageError

DEVICE_KEYS = ("device", "antenna", "gain", "ppm", "settings")
_ADVICE = {
    "device": 'write device = "driver=rtlsdr,serial=00000001"',
    "antenna": 'write antenna = "RX"',
    "gain": 'write gain = 30, "auto", or {LNA = 40, VGA = 20}',
    "ppm": "write ppm = 1.7, positive where the clock is fast",
    "settings": "write settings = {biastee = true}",
}
_LARGEST_PPM = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """A radio as the configuration describes it; None is what the command line's default is.

    Attributes:
        device: as ``--device`` takes it.
        gain: as ``--gain`` takes it.
        ppm: how fast its clock is.
        settings: driver settings.
    """

    device: str
    antenna: str | None = None
    gain: str | None = None
    ppm: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def read_device(table: Mapping[str, Any], where: str) -> DeviceConfig:
    """The radio that a table of the configuration describes; its keys are known ones.

    Raises:
        ConfigError: a value of the wrong kind, or no ``device``.
    """
    device = _text(table, "device", where)
    if not device:
        raise ConfigError("device is missing", where=where, advice=_ADVICE["device"])
    return DeviceConfig(
        device=device,
        antenna=_text(table, "antenna", where),
        gain=_gain(table.get("gain"), where),
        ppm=_ppm(table.get("ppm"), where),
        settings=_settings(table.get("settings", {}), where),
    )


def _wrong(key: str, value: object, where: str) -> ConfigError:
    return ConfigError(f"{key} = {value!r} makes no sense", where=where, advice=_ADVICE[key])


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise _wrong(key, value, where)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _gain(value: Any, where: str) -> str | None:
    """In the words of ``--gain``."""
    from gsctl.radio.tuning import parse_gain

    if value is None:
        return None
    if isinstance(value, dict):
        if not value or not all(_is_number(number) for number in value.values()):
            raise _wrong("gain", value, where)
        return ",".join(f"{name}={number:g}" for name, number in value.items())
    if not isinstance(value, str) and not _is_number(value):
        raise _wrong("gain", value, where)
    try:
        parse_gain(str(value))
    except UsageError:
        raise _wrong("gain", value, where) from None
    return str(value)


def _ppm(value: Any, where: str) -> float | None:
    if value is not None and not (_is_number(value) and abs(value) <= _LARGEST_PPM):
        raise _wrong("ppm", value, where)
    return None if value is None else float(value)


def _settings(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong("settings", value, where)
    settings = {}
    for key, one in value.items():
        if not isinstance(one, str | bool | int | float):
            raise _wrong("settings", value, where)
        settings[key] = str(one).lower() if isinstance(one, bool) else str(one)
    return settings
