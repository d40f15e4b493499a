"""What earlier runs found out: how fast each radio's clock is, and how far off each transmitter sends.

One small JSON file, replaced in one step and read with suspicion: what is not as it should be is left out
and told, never raised, because a run must not fail for want of a better first guess::

    {"devices": {"rtlsdr/00000001": {"ppm": 1.7, "uncertainty_ppm": 0.2, "method": "ais", "ships": 14,
                                     "measured_at": "2026-06-17T03:04:05Z"}},
     "transmitters": {"49398 437.365000 MHz bpsk 1200 Bd": {"offset_hz": -812.0, "frames": 31,
                      "device": "rtlsdr/00000001", "ppm": 1.7, "measured_at": "2026-06-17T03:14:05Z"}}}
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_LARGEST_BYTES = 1_000_000
_MOST_ENTRIES = 2_000
_LARGEST_PPM = 1_000.0
_LARGEST_OFFSET_HZ = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOffset:
    """How fast a device's clock was found to be.

    Attributes:
        ppm: millionths; positive is fast.
        uncertainty_ppm: one sigma.
        method: ``ais`` or ``clock``.
        ships: whose carriers were averaged; 0 for other methods.
    """

    ppm: float
    uncertainty_ppm: float
    method: str
    ships: int = 0
    measured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmitterOffset:
    """How far a transmitter was heard from its nominal frequency, the Doppler shift taken off.

    Attributes:
        offset_hz: median over the frames of a run; positive is above nominal.
        frames: how many.
        device: key of the radio that heard them.
        ppm: clock error that was taken out of that radio; None where it was not known.
    """

    offset_hz: float
    frames: int
    device: str
    ppm: float | None = None
    measured_at: datetime


class LearnedOffsets:
    """The file of learned offsets.

    Args:
        path: of the file; it need not exist.
        listener: told, one line, of a file that is of no use or cannot be written.
    """

    def __init__(self, path: Path, listener: Callable[[str], None] = lambda line: None) -> None:
        self._path = path
        self._listener = listener
        self.devices: dict[str, DeviceOffset] = {}
        self.transmitters: dict[str, TransmitterOffset] = {}
        self._read()

    def learn_device(self, key: str, found: DeviceOffset) -> bool:
        """Keep what was found of a device; returns whether the file could be written."""
        return self._keep("devices", key, found)

    def learn_transmitter(self, key: str, found: TransmitterOffset) -> bool:
        """Keep what was found of a transmitter; returns whether the file could be written."""
        return self._keep("transmitters", key, found)

    def _keep(self, part: str, key: str, found: DeviceOffset | TransmitterOffset) -> bool:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self._path.with_name(self._path.name + ".lock")):
                self._read()
                getattr(self, part)[key] = found
                self._write()
        except OSError as error:
            self._listener(f"{self._path}: what was learned cannot be kept: {error.strerror}")
            return False
        return True

    def _read(self) -> None:
        document = self._document()
        self.devices, self.transmitters = {}, {}
        for key, value in _entries(document, "devices"):
            device = _device(value)
            if device is None:
                self._doubt(key)
            else:
                self.devices[key] = device
        for key, value in _entries(document, "transmitters"):
            transmitter = _transmitter(value)
            if transmitter is None:
                self._doubt(key)
            else:
                self.transmitters[key] = transmitter

    def _document(self) -> Mapping[str, Any]:
        try:
            with self._path.open("rb") as file:
                data = file.read(_LARGEST_BYTES + 1)
            if len(data) > _LARGEST_BYTES:
                raise ValueError("too long")
            document = json.loads(data)
            if not isinstance(document, dict):
                raise ValueError("no object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            self._listener(f"{self._path} is not a file of learned offsets and is ignored")
            return {}
        return document

    def _doubt(self, key: str) -> None:
        self._listener(f"{self._path}: what it says of {key[:80]!r} makes no sense and is ignored")

    def _write(self) -> None:
        document = {
            "devices": {key: _plain(entry) for key, entry in self.devices.items()},
            "transmitters": {key: _plain(entry) for key, entry in self.transmitters.items()},
        }
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            part.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(part, self._path)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock, so that of two runs that end together neither undoes what the other wrote."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _entries(document: Mapping[str, Any], part: str) -> Iterator[tuple[str, Any]]:
    table = document.get(part)
    if isinstance(table, dict):
        yield from list(table.items())[:_MOST_ENTRIES]


def _device(value: Any) -> DeviceOffset | None:
    moment = _moment(value)
    if moment is None or not _is_number(value.get("ppm"), _LARGEST_PPM):
        return None
    if not _is_number(value.get("uncertainty_ppm"), _LARGEST_PPM):
        return None
    return DeviceOffset(
        ppm=float(value["ppm"]),
        uncertainty_ppm=abs(float(value["uncertainty_ppm"])),
        method=str(value.get("method", ""))[:20],
        ships=int(value["ships"]) if _is_number(value.get("ships"), 1e6) else 0,
        measured_at=moment,
    )


def _transmitter(value: Any) -> TransmitterOffset | None:
    moment = _moment(value)
    if moment is None or not _is_number(value.get("offset_hz"), _LARGEST_OFFSET_HZ):
        return None
    return TransmitterOffset(
        offset_hz=float(value["offset_hz"]),
        frames=int(value["frames"]) if _is_number(value.get("frames"), 1e9) else 0,
        device=str(value.get("device", ""))[:200],
        ppm=float(value["ppm"]) if _is_number(value.get("ppm"), _LARGEST_PPM) else None,
        measured_at=moment,
    )


def _moment(value: Any) -> datetime | None:
    """When an entry was measured; None for what is no entry."""
    try:
        found = datetime.fromisoformat(value["measured_at"])
    except (TypeError, KeyError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_number(value: Any, largest: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and abs(value) <= largest


def _plain(entry: DeviceOffset | TransmitterOffset) -> dict[str, Any]:
    values = {name.name: asdict(entry)[name.name] for name in fields(entry)}
    return values | {"measured_at": entry.measured_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
