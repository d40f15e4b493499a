"""One SoapySDR device: found, opened, and put back as it was."""

from __future__ import annotations

import atexit
from dataclasses import dataclass, field
from typing import Any, Self

from gsctl.errors import RadioError
from gsctl.radio import soapy_capi as capi
from gsctl.radio.formats import FORMATS, SampleFormat
from gsctl.radio.tuning import parse_device

CHANNEL = (capi.RX, 0)
_UDEV_ADVICE = "give your user access to USB radios: install its udev rules (apt install rtl-sdr), replug"


def find_devices(wanted: str = "") -> list[dict[str, str]]:
    """Devices that are there and match, as SoapySDR's arguments.

    Raises:
        RadioError: the library is missing.
        UsageError: ``wanted`` is malformed.
    """
    return capi.enumerate_devices(parse_device(wanted))


def in_words(found: dict[str, str]) -> str:
    """What to write after ``--device`` for a device that was found."""
    keys = [key for key in ("driver", "remote", "remote:driver", "serial") if found.get(key)]
    return ",".join(f"{key}={found[key]}" for key in keys)


def device_key(found: dict[str, str]) -> str:
    """Driver and serial number of a device that was found, by which it is known again."""
    driver = found.get("remote:driver") or found.get("driver", "")
    return f"{driver}/{found.get('serial', '')}"


def radio_error(error: RadioError, device: str) -> RadioError:
    """The same failure in words that help."""
    reason = error.what.lower()
    where = device or "SoapySDR"
    if any(word in reason for word in ("usb_open error -3", "permission", "access denied", "insufficient")):
        return RadioError("no permission to open the radio", where=where, advice=_UDEV_ADVICE)
    if any(word in reason for word in ("busy", "claim", "in use", "already open")):
        return RadioError(
            "the radio is in use by another program", where=where, advice="end that program first"
        )
    said = "; ".join(capi.log_lines()[-2:])
    return RadioError(f"{error.what}{f' ({said})' if said else ''}", where=where, advice=error.advice)


@dataclass(slots=True)
class _Before:
    """How the device was when it was opened."""

    automatic: bool | None = None
    gains: dict[str, float] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


class OpenDevice:
    """An open device; a context manager that puts gain and settings back and closes it.

    Attributes:
        arguments: of SoapySDR, those found and those asked for.
        ambiguous: another device that is there has the same :attr:`key`.

    Raises:
        RadioError: the library or the device is missing, busy, or not to be opened.
        UsageError: the device arguments are malformed.
    """

    def __init__(self, device: str = "") -> None:
        wanted = parse_device(device)
        found = capi.enumerate_devices(wanted)
        if not found:
            others = [entry.get("label") or entry.get("driver", "?") for entry in capi.enumerate_devices({})]
            there = f"there are: {', '.join(others)}" if others else "is it plugged in? see gsctl sdr list"
            raise RadioError("no such radio", where=device or "SoapySDR", advice=there)
        if len(found) > 1 and not wanted:
            serials = [in_words(entry) for entry in found]
            raise RadioError(
                "several radios are there", where="--device", advice=f"one of {'; '.join(serials)}"
            )
        self.arguments = found[0] | wanted
        self.ambiguous = [device_key(entry) for entry in found].count(device_key(found[0])) > 1
        self.name = device or ",".join(
            f"{key}={self.arguments[key]}" for key in ("driver", "serial") if key in found[0]
        )
        try:
            with capi.Arguments(self.arguments) as arguments:
                self._handle: int | None = capi.call("make", arguments)
        except RadioError as error:
            raise radio_error(error, self.name) from error
        self._stream: int | None = None
        self._before = _Before()
        self._remember()
        self._form = FORMATS["cf32"]
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def handle(self) -> int:
        """The C pointer.

        Raises:
            RadioError: it was closed.
        """
        if self._handle is None:
            raise RadioError("the radio was closed", where=self.name)
        return self._handle

    @property
    def key(self) -> str:
        """See :func:`device_key`."""
        return device_key(self.arguments)

    @property
    def stream(self) -> int:
        """The C pointer of the stream.

        Raises:
            RadioError: it was not set up.
        """
        if self._stream is None:
            raise RadioError("no stream was set up", where=self.name)
        return self._stream

    @property
    def sample_format(self) -> SampleFormat:
        """Of the stream."""
        return self._form

    def reopening_name(self) -> str:
        """Arguments that find this very device again: by its serial number where it has one."""
        keys = [key for key in ("driver", "serial", "remote", "remote:driver") if self.arguments.get(key)]
        return ",".join(f"{key}={self.arguments[key]}" for key in keys) if "serial" in keys else self.name

    def get(self, name: str, *arguments: Any) -> Any:
        """``SoapySDRDevice_get<name>`` of the receive channel."""
        return capi.call(f"get{name}", self.handle, *CHANNEL, *arguments)

    def put(self, name: str, *arguments: Any) -> None:
        """``SoapySDRDevice_set<name>`` of the receive channel.

        Raises:
            RadioError: the device refused.
        """
        try:
            capi.call(f"set{name}", self.handle, *CHANNEL, *arguments)
        except RadioError as error:
            raise radio_error(error, self.name) from error

    def close(self) -> None:
        """Put gain and settings back as they were, and close; may be called twice."""
        if self._handle is None:
            return
        atexit.unregister(self.close)
        try:
            self.close_stream()
            self._restore()
        finally:
            handle, self._handle = self._handle, None
            capi.library().SoapySDRDevice_unmake(handle)

    def _remember(self) -> None:
        """Keep what has to be put back."""
        before = self._before
        if capi.call("hasGainMode", self.handle, *CHANNEL):
            before.automatic = bool(self.get("GainMode"))
        for name in self.gain_elements():
            before.gains[name] = float(self.get("GainElement", name.encode()))
        for setting in capi.settings("getSettingInfo", self.handle):
            before.settings[setting.key] = self.read_setting(setting.key)

    def _restore(self) -> None:
        """Put back what differs; a device that has gone cannot be put back."""
        before = self._before
        try:
            for key, value in before.settings.items():
                if self.read_setting(key) != value:
                    capi.call("writeSetting", self.handle, key.encode(), value.encode())
            for name, gain_db in before.gains.items():
                if self.get("GainElement", name.encode()) != gain_db:
                    self.put("GainElement", name.encode(), gain_db)
            if before.automatic is not None and bool(self.get("GainMode")) != before.automatic:
                self.put("GainMode", before.automatic)
        except RadioError:
            return

    def gain_elements(self) -> list[str]:
        """Names of the gain elements."""
        return capi.listed("listGains", self.handle, *CHANNEL)

    def read_setting(self, key: str) -> str:
        """A driver setting as the device has it."""
        return capi.text(capi.call("readSetting", self.handle, key.encode()))

    def activate(self) -> None:
        """Start the samples."""
        capi.call("activateStream", self.handle, self.stream, 0, 0, 0)

    def deactivate(self) -> None:
        """Stop the samples."""
        if self._stream is not None:
            capi.library().SoapySDRDevice_deactivateStream(self.handle, self._stream, 0, 0)

    def close_stream(self) -> None:
        """Let the stream go."""
        if self._stream is not None and self._handle is not None:
            self.deactivate()
            stream, self._stream = self._stream, None
            capi.library().SoapySDRDevice_closeStream(self._handle, stream)
