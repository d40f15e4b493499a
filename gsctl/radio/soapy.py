"""A SoapySDR device with its settings: set, read back, and its gain found."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping

from gsctl.errors import RadioError, UsageError
from gsctl.radio import soapy_capi as capi
from gsctl.radio.formats import FORMATS, SampleFormat, components
from gsctl.radio.soapy_device import CHANNEL, OpenDevice, radio_error
from gsctl.radio.tuning import (
    RadioSettings,
    RadioState,
    check_choice,
    check_in_range,
    choose_rate,
    default_lo_offset_hz,
    parse_gain,
)

_STREAM_FORMATS = {"CU8": "cu8", "CS8": "ci8", "CS16": "ci16", "CF32": "cf32"}
# What drivers call the number of their buffers, and the length of one.
_COUNT_KEYS = ("buffers", "num_buffs")
_LENGTH_KEYS = ("buflen", "bufflen", "bufferLength")
_WANTED_BUFFERS = 64
_WANTED_BUFFER_S = 0.5
_MOST_BUFFER_BYTES = 1 << 20
_MOST_BUFFERS_BYTES = 64 << 20

_YES_OR_NO = ("true", "false")
_CLIP_FRACTION = 1e-3
_CLIP_LEVEL = 0.985
_GAIN_STEP_DB = 3.0
_SETTLE_S = 0.06
_LISTEN_S = 0.03


class SoapyDevice(OpenDevice):
    """An open device that can be set and streamed from."""

    def configure(self, settings: RadioSettings) -> RadioState:
        """Set everything, then read everything back.

        Raises:
            UsageError: an antenna, gain or setting that the device does not have.
            RadioError: the device refused.
        """
        notes: list[str] = []
        self._set_antenna(settings.antenna)
        nominal_hz = self._set_rate(settings.sample_rate_hz, notes)
        self._set_settings(settings)
        offset_hz = settings.lo_offset_hz
        offset_hz = default_lo_offset_hz(nominal_hz) if offset_hz is None else offset_hz
        scale = 1.0 + settings.ppm_of(self.key) * 1e-6  # a fast clock tunes too high
        self._check_frequency(settings.frequency_hz)
        with capi.Arguments({}) as nothing:
            self.put("Frequency", (settings.frequency_hz + offset_hz) / scale, nothing)
        self._set_up_stream()
        self._set_gain(settings.gain, notes)
        return self._read_back(settings, scale, notes)

    def retune(self, frequency_hz: float, *, ppm: float = 0.0) -> float:
        """Move the oscillator; returns where it really is."""
        scale = 1.0 + ppm * 1e-6
        with capi.Arguments({}) as nothing:
            self.put("Frequency", frequency_hz / scale, nothing)
        return float(self.get("Frequency")) * scale

    def _read_back(self, settings: RadioSettings, scale: float, notes: list[str]) -> RadioState:
        """What the device really took."""
        info = capi.hardware_info(self.handle)
        gains = {name: float(self.get("GainElement", name.encode())) for name in self.gain_elements()}
        automatic = self._before.automatic is not None and bool(self.get("GainMode"))
        nominal_hz = float(self.get("SampleRate"))
        keys = [setting.key for setting in capi.settings("getSettingInfo", self.handle)]
        taken = {key: self.read_setting(key) for key in keys}
        asked = {key.lower(): value for key, value in settings.settings.items()}
        taken = {key: value for key, value in taken.items() if key.lower() in asked}
        for key, value in taken.items():
            if value.lower() != asked[key.lower()].lower():
                notes.append(f"setting {key}: asked for {asked[key.lower()]}, the device has {value}")
        return RadioState(
            hardware=capi.text(capi.call("getHardwareKey", self.handle)),
            serial=info.get("serial", self.arguments.get("serial", "")),
            center_frequency_hz=float(self.get("Frequency")) * scale,
            sample_rate_hz=nominal_hz * scale,
            nominal_rate_hz=nominal_hz,
            antenna=capi.text(self.get("Antenna")),
            automatic_gain=automatic,
            gain_db=float(self.get("Gain")),
            gains=gains,
            settings=taken,
            sample_format=self._form.name,
            timestamps=bool(capi.call("hasHardwareTime", self.handle, b"")),
            ppm=settings.ppm if self.ambiguous else settings.ppm_of(self.key),
            notes=tuple(notes),
            device_key=self.key,
            ambiguous=self.ambiguous,
        )

    def _set_antenna(self, antenna: str | None) -> None:
        """Choose the antenna."""
        if antenna is not None:
            offered = capi.listed("listAntennas", self.handle, *CHANNEL)
            name = check_choice(antenna, offered, what="antenna", where="--antenna")
            self.put("Antenna", name.encode())

    def _check_frequency(self, frequency_hz: float) -> None:
        """See that the device reaches a frequency; asked after the settings, which may change its range."""
        ranges = capi.ranges("getFrequencyRange", self.handle, *CHANNEL)
        if ranges and not any(one.minimum <= frequency_hz <= one.maximum for one in ranges):
            spans = " or ".join(f"{one.minimum / 1e6:g} to {one.maximum / 1e6:g} MHz" for one in ranges)
            raise UsageError(
                f"the radio does not reach {frequency_hz / 1e6:g} MHz", where="--frequency", advice=spans
            )

    def _set_rate(self, wanted_hz: float, notes: list[str]) -> float:
        """Set the nearest legal rate; returns the device's own figure."""
        rate_hz = choose_rate(wanted_hz, capi.ranges("getSampleRateRange", self.handle, *CHANNEL))
        self.put("SampleRate", rate_hz)
        taken_hz = float(self.get("SampleRate"))
        if abs(taken_hz - wanted_hz) > 1e-6 * wanted_hz:
            notes.append(f"sample rate: asked for {wanted_hz:g}, the device takes {taken_hz:g} S/s")
        return taken_hz

    def _set_settings(self, settings: RadioSettings) -> None:
        """Write driver settings."""
        offered = capi.settings("getSettingInfo", self.handle)
        for key, value in settings.settings.items():
            name = check_choice(key, [setting.key for setting in offered], what="setting", where="--setting")
            found = next(setting for setting in offered if setting.key == name)
            options = found.options
            if not options and found.value.lower() in _YES_OR_NO:
                options = _YES_OR_NO
            if options:
                value = check_choice(value, options, what=f"value for {name}", where="--setting")
            capi.call("writeSetting", self.handle, name.encode(), value.encode())

    def _set_gain(self, text: str | None, notes: list[str]) -> None:
        """Set the gain as asked, or find it."""
        gain = parse_gain(text)
        if self._before.automatic is not None:
            self.put("GainMode", gain == "auto")
        if gain == "auto":
            if self._before.automatic is None:
                notes.append("gain: the device has no AGC; it is left as it was")
            return
        if isinstance(gain, dict):
            for name, value in gain.items():
                element = check_choice(
                    name, self.gain_elements(), what="gain element", where="--gain"
                ).encode()
                allowed = capi.one_range(self.get("GainElementRange", element))
                self.put("GainElement", element, check_in_range(value, allowed, what=name, where="--gain"))
            return
        allowed = capi.one_range(self.get("GainRange"))
        if isinstance(gain, float):
            self.put("Gain", check_in_range(gain, allowed, what="gain", where="--gain"))
        else:
            self._find_gain(allowed, notes)

    def _find_gain(self, allowed: capi.Range, notes: list[str]) -> None:
        """Set the highest gain at which the samples do not clip, found by halving the range."""
        self.activate()
        try:
            low_db, high_db = allowed.minimum, allowed.maximum
            if not self._clips_at(high_db):
                return
            while high_db - low_db > _GAIN_STEP_DB:
                middle_db = round((low_db + high_db) / 2)
                if self._clips_at(middle_db):
                    high_db = middle_db
                else:
                    low_db = middle_db
            self.put("Gain", low_db)
            if low_db == allowed.minimum and self._clips_at(low_db):
                notes.append("gain: the samples clip even at the lowest; is a strong transmitter near?")
        finally:
            self.deactivate()

    def _clips_at(self, gain_db: float) -> bool:
        """Whether samples at this gain stand at full scale."""
        self.put("Gain", gain_db)
        self.read_for(_SETTLE_S)
        return clipped_fraction(self.read_for(_LISTEN_S), self._form) > _CLIP_FRACTION

    def _set_up_stream(self) -> None:
        """Make the stream, in the native format where gsctl reads it, with many buffers."""
        self.close_stream()
        native = capi.text(self.get("NativeStreamFormat", ctypes.byref(ctypes.c_double())))
        offered = capi.listed("getStreamFormats", self.handle, *CHANNEL)
        form = next(
            (
                name
                for name in (native, "CS16", "CS8", "CU8", "CF32")
                if name in _STREAM_FORMATS and name in offered
            ),
            "CF32",
        )
        options = {
            setting.key: setting.value
            for setting in capi.settings("getStreamArgsInfo", self.handle, *CHANNEL)
        }
        byte_rate = float(self.get("SampleRate")) * FORMATS[_STREAM_FORMATS[form]].sample_bytes
        wanted = buffer_arguments(options, self.arguments, byte_rate)
        if self.arguments.get("driver") == "remote" and "prot" not in self.arguments:
            wanted["remote:prot"] = "tcp"
        channels = (ctypes.c_size_t * 1)(0)
        try:
            with capi.Arguments(wanted) as arguments:
                self._stream = capi.call(
                    "setupStream", self.handle, capi.RX, form.encode(), channels, 1, arguments
                )
        except RadioError as error:
            raise radio_error(error, self.name) from error
        self._form = FORMATS[_STREAM_FORMATS[form]]

    def read_for(self, seconds: float) -> bytes:
        """Samples of so long a time, read here and now; for tests of level before the reader starts.

        Raises:
            RadioError: the device gives none.
        """
        wanted = max(1024, round(float(self.get("SampleRate")) * seconds)) * self._form.sample_bytes
        data = bytearray()
        room = ctypes.create_string_buffer(wanted)
        pointers = (ctypes.c_void_p * 1)(ctypes.addressof(room))
        flags, time_ns = ctypes.c_int(), ctypes.c_longlong()
        deadline = time.monotonic() + 2.0 + 2 * seconds
        while len(data) < wanted:
            got = capi.library().SoapySDRDevice_readStream(
                self.handle, self.stream, pointers, (wanted - len(data)) // self._form.sample_bytes,
                ctypes.byref(flags), ctypes.byref(time_ns), 100_000,
            )  # fmt: skip
            if got > 0:
                data += ctypes.string_at(room, got * self._form.sample_bytes)
            if time.monotonic() > deadline:
                raise RadioError(
                    "the radio gives no samples", where=self.name, advice="unplug it and try again"
                )
        return bytes(data)

    def clock_offset_s(self) -> float | None:
        """What turns the device's time into the monotonic clock's; None where it has no time.

        The tightest of some bracketed readings.
        """
        if not capi.call("hasHardwareTime", self.handle, b""):
            return None
        readings = []
        for _ in range(10):
            before = time.monotonic()
            device_s = capi.call("getHardwareTime", self.handle, b"") * 1e-9
            after = time.monotonic()
            readings.append((after - before, (before + after) / 2 - device_s))
        return float(min(readings)[1])


def buffer_arguments(offered: Mapping[str, str], told: Mapping[str, str], byte_rate: float) -> dict[str, str]:
    """Stream arguments for a driver's queue of half a second or more, under the names that it knows.

    Some count the length of a buffer in bytes, some in samples; taken for bytes it is never too short.

    Args:
        offered: the driver's stream arguments and their defaults.
        told: the user's device arguments, which go first.
        byte_rate: bytes a second.
    """
    wanted = {key: told[key] for key in (*_COUNT_KEYS, *_LENGTH_KEYS) if key in offered and key in told}
    count_key = next((key for key in _COUNT_KEYS if key in offered), None)
    if count_key is None:
        return wanted
    wanted.setdefault(count_key, str(max(_WANTED_BUFFERS, _whole(offered[count_key]))))
    count = max(1, _whole(wanted[count_key]))
    length_key = next((key for key in _LENGTH_KEYS if key in offered and key not in wanted), None)
    length = before = _whole(offered[length_key]) if length_key else 0
    most = min(_MOST_BUFFER_BYTES, _MOST_BUFFERS_BYTES // count)
    # Doubled, because drivers want multiples of what USB carries at a time.
    while 0 < length <= most // 2 and count * length < _WANTED_BUFFER_S * byte_rate:
        length *= 2
    if length_key and length != before:
        wanted[length_key] = str(length)
    return wanted


def _whole(text: str) -> int:
    """A driver's number; 0 where it is none."""
    return int(text) if text.isdecimal() else 0


def clipped_fraction(data: bytes, form: SampleFormat) -> float:
    """The part of the components of raw samples that stand at full scale."""
    import numpy as np

    values = np.abs(components(data, form))
    return float(np.count_nonzero(values >= _CLIP_LEVEL)) / max(1, values.size)
