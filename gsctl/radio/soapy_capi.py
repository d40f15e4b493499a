"""The C API of libSoapySDR 0.8 through ctypes: no CPython or numpy tie, and calls release the GIL.

Declarations follow ``SoapySDR/Device.h`` and ``Types.h`` of version 0.8. The library is looked for when it is
first needed; everything else of gsctl works without it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Callable, Mapping
from ctypes import POINTER, c_bool, c_char_p, c_double, c_int, c_longlong, c_size_t, c_void_p
from dataclasses import dataclass
from typing import Any

from gsctl.errors import RadioError

RX = 1
HAS_TIME = 1 << 2
_LIBRARY_NAMES = ("libSoapySDR.so.0.8", "libSoapySDR.so.0.8-3", "libSoapySDR.0.8.dylib")
_INSTALL = "apt install libsoapysdr0.8 and a module such as soapysdr-module-rtlsdr"


class _Range(ctypes.Structure):
    _fields_ = (("minimum", c_double), ("maximum", c_double), ("step", c_double))


class _Kwargs(ctypes.Structure):
    _fields_ = (("size", c_size_t), ("keys", POINTER(c_char_p)), ("vals", POINTER(c_char_p)))


class _ArgInfo(ctypes.Structure):
    _fields_ = (
        ("key", c_char_p),
        ("value", c_char_p),
        ("name", c_char_p),
        ("description", c_char_p),
        ("units", c_char_p),
        ("type", c_int),
        ("range", _Range),
        ("numOptions", c_size_t),
        ("options", POINTER(c_char_p)),
        ("optionNames", POINTER(c_char_p)),
    )


_LogHandler = ctypes.CFUNCTYPE(None, c_int, c_char_p)

# name: (result, arguments after the device, with direction and channel spelled out)
_D, _S, _C = c_void_p, c_char_p, [c_int, c_size_t]
_SIZE = POINTER(c_size_t)
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "SoapySDR_getLibVersion": (_S, []),
    "SoapySDR_free": (None, [c_void_p]),
    "SoapySDR_loadModule": (c_void_p, [_S]),
    "SoapySDR_setLogLevel": (None, [c_int]),
    "SoapySDR_registerLogHandler": (None, [_LogHandler]),
    "SoapySDRKwargs_set": (c_int, [POINTER(_Kwargs), _S, _S]),
    "SoapySDRKwargs_clear": (None, [POINTER(_Kwargs)]),
    "SoapySDRKwargsList_clear": (None, [POINTER(_Kwargs), c_size_t]),
    "SoapySDRStrings_clear": (None, [POINTER(POINTER(c_char_p)), c_size_t]),
    "SoapySDRArgInfoList_clear": (None, [POINTER(_ArgInfo), c_size_t]),
    "SoapySDRDevice_lastStatus": (c_int, []),
    "SoapySDRDevice_lastError": (_S, []),
    "SoapySDRDevice_enumerate": (POINTER(_Kwargs), [POINTER(_Kwargs), _SIZE]),
    "SoapySDRDevice_make": (_D, [POINTER(_Kwargs)]),
    "SoapySDRDevice_unmake": (c_int, [_D]),
    "SoapySDRDevice_getDriverKey": (c_void_p, [_D]),
    "SoapySDRDevice_getHardwareKey": (c_void_p, [_D]),
    "SoapySDRDevice_getHardwareInfo": (_Kwargs, [_D]),
    "SoapySDRDevice_getNumChannels": (c_size_t, [_D, c_int]),
    "SoapySDRDevice_getStreamFormats": (POINTER(c_char_p), [_D, *_C, _SIZE]),
    "SoapySDRDevice_getNativeStreamFormat": (c_void_p, [_D, *_C, POINTER(c_double)]),
    "SoapySDRDevice_getStreamArgsInfo": (POINTER(_ArgInfo), [_D, *_C, _SIZE]),
    "SoapySDRDevice_setupStream": (_D, [_D, c_int, _S, POINTER(c_size_t), c_size_t, POINTER(_Kwargs)]),
    "SoapySDRDevice_closeStream": (c_int, [_D, _D]),
    "SoapySDRDevice_getStreamMTU": (c_size_t, [_D, _D]),
    "SoapySDRDevice_activateStream": (c_int, [_D, _D, c_int, c_longlong, c_size_t]),
    "SoapySDRDevice_deactivateStream": (c_int, [_D, _D, c_int, c_longlong]),
    "SoapySDRDevice_readStream": (
        c_int,
        [_D, _D, POINTER(c_void_p), c_size_t, POINTER(c_int), POINTER(c_longlong), ctypes.c_long],
    ),
    "SoapySDRDevice_listAntennas": (POINTER(c_char_p), [_D, *_C, _SIZE]),
    "SoapySDRDevice_setAntenna": (c_int, [_D, *_C, _S]),
    "SoapySDRDevice_getAntenna": (c_void_p, [_D, *_C]),
    "SoapySDRDevice_listGains": (POINTER(c_char_p), [_D, *_C, _SIZE]),
    "SoapySDRDevice_hasGainMode": (c_bool, [_D, *_C]),
    "SoapySDRDevice_setGainMode": (c_int, [_D, *_C, c_bool]),
    "SoapySDRDevice_getGainMode": (c_bool, [_D, *_C]),
    "SoapySDRDevice_setGain": (c_int, [_D, *_C, c_double]),
    "SoapySDRDevice_setGainElement": (c_int, [_D, *_C, _S, c_double]),
    "SoapySDRDevice_getGain": (c_double, [_D, *_C]),
    "SoapySDRDevice_getGainElement": (c_double, [_D, *_C, _S]),
    "SoapySDRDevice_getGainRange": (_Range, [_D, *_C]),
    "SoapySDRDevice_getGainElementRange": (_Range, [_D, *_C, _S]),
    "SoapySDRDevice_setFrequency": (c_int, [_D, *_C, c_double, POINTER(_Kwargs)]),
    "SoapySDRDevice_getFrequency": (c_double, [_D, *_C]),
    "SoapySDRDevice_getFrequencyRange": (POINTER(_Range), [_D, *_C, _SIZE]),
    "SoapySDRDevice_setSampleRate": (c_int, [_D, *_C, c_double]),
    "SoapySDRDevice_getSampleRate": (c_double, [_D, *_C]),
    "SoapySDRDevice_getSampleRateRange": (POINTER(_Range), [_D, *_C, _SIZE]),
    "SoapySDRDevice_setBandwidth": (c_int, [_D, *_C, c_double]),
    "SoapySDRDevice_getBandwidth": (c_double, [_D, *_C]),
    "SoapySDRDevice_getBandwidthRange": (POINTER(_Range), [_D, *_C, _SIZE]),
    "SoapySDRDevice_hasHardwareTime": (c_bool, [_D, _S]),
    "SoapySDRDevice_getHardwareTime": (c_longlong, [_D, _S]),
    "SoapySDRDevice_listSensors": (POINTER(c_char_p), [_D, _SIZE]),
    "SoapySDRDevice_readSensor": (c_void_p, [_D, _S]),
    "SoapySDRDevice_getSettingInfo": (POINTER(_ArgInfo), [_D, _SIZE]),
    "SoapySDRDevice_writeSetting": (c_int, [_D, _S, _S]),
    "SoapySDRDevice_readSetting": (c_void_p, [_D, _S]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Values a device takes, in the unit of what they set; ``step`` 0 is continuous or unknown."""

    minimum: float
    maximum: float
    step: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting or stream argument that a driver offers; ``options`` is empty where any value goes."""

    key: str
    value: str
    name: str
    description: str
    options: tuple[str, ...]


@functools.cache
def library() -> ctypes.CDLL:
    """The library with its signatures; its log goes to :func:`log_lines` instead of stderr.

    Raises:
        RadioError: it is not installed.
    """
    loaded = None
    for name in (*_LIBRARY_NAMES, ctypes.util.find_library("SoapySDR")):
        try:
            loaded = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if loaded is not None:
            break
    if loaded is None:
        raise RadioError("libSoapySDR 0.8 is not installed", where="SoapySDR", advice=_INSTALL)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    loaded.SoapySDR_registerLogHandler(_keep_log)
    loaded.SoapySDR_setLogLevel(_LEVEL_OF_NOTICE)  # each line kept costs the driver's thread the GIL
    return loaded


_log: list[str] = []
_MAX_LOG_LINES = 200
_LEVEL_OF_NOTICE = 5


@_LogHandler
def _keep_log(level: int, text: bytes) -> None:
    """Keep what drivers say, notices and worse; called from any thread."""
    if level <= _LEVEL_OF_NOTICE and len(_log) < _MAX_LOG_LINES:
        _log.append(text.decode("utf-8", "replace").strip())


def log_lines() -> list[str]:
    """Take what the drivers said since the last call."""
    lines = _log.copy()
    del _log[: len(lines)]
    return lines


def call(name: str, *arguments: Any) -> Any:
    """Call ``SoapySDRDevice_<name>``; bytes for text go in, and failures come out as an exception.

    Raises:
        RadioError: the driver threw, or returned an error status.
    """
    function = getattr(library(), f"SoapySDRDevice_{name}")
    result = function(*arguments)
    lib = library()
    if lib.SoapySDRDevice_lastStatus() != 0:
        reason = (lib.SoapySDRDevice_lastError() or b"").decode("utf-8", "replace").strip()
        raise RadioError(f"{name}: {reason or 'the driver failed'}", where="SoapySDR")
    if _SIGNATURES[f"SoapySDRDevice_{name}"][0] is c_int and name != "lastStatus" and result != 0:
        raise RadioError(f"{name}: the driver answered {result}", where="SoapySDR")
    return result


def text(pointer: int | None) -> str:
    """A C string that the caller owns, freed."""
    if not pointer:
        return ""
    value = ctypes.cast(pointer, c_char_p).value or b""
    library().SoapySDR_free(pointer)
    return value.decode("utf-8", "replace")


def listed(name: str, *arguments: Any) -> list[str]:
    """A list of strings from ``SoapySDRDevice_<name>``, freed."""
    count = c_size_t()
    pointer = call(name, *arguments, ctypes.byref(count))
    values = [(pointer[index] or b"").decode("utf-8", "replace") for index in range(count.value)]
    if pointer:
        library().SoapySDRStrings_clear(ctypes.byref(pointer), count)
    return values


def ranges(name: str, *arguments: Any) -> list[Range]:
    """A list of ranges, freed."""
    count = c_size_t()
    pointer = call(name, *arguments, ctypes.byref(count))
    values = [one_range(pointer[index]) for index in range(count.value)]
    if pointer:
        library().SoapySDR_free(ctypes.cast(pointer, c_void_p))
    return values


def one_range(found: _Range) -> Range:
    """A range out of its C form."""
    return Range(minimum=found.minimum, maximum=found.maximum, step=found.step)


def settings(name: str, *arguments: Any) -> list[Setting]:
    """Settings or stream arguments, freed."""
    count = c_size_t()
    pointer = call(name, *arguments, ctypes.byref(count))
    values = []
    for index in range(count.value):
        info = pointer[index]
        options = tuple((info.options[at] or b"").decode() for at in range(info.numOptions))
        words = [
            (word or b"").decode("utf-8", "replace")
            for word in (info.key, info.value, info.name, info.description)
        ]
        key, value, title, description = words
        values.append(
            Setting(key=key, value=value, name=title or key, description=description, options=options)
        )
    if pointer:
        library().SoapySDRArgInfoList_clear(pointer, count)
    return values


class Arguments:
    """A ``SoapySDRKwargs`` made from a mapping, freed when the block ends."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._kwargs = _Kwargs()
        for key, value in values.items():
            library().SoapySDRKwargs_set(ctypes.byref(self._kwargs), key.encode(), value.encode())

    def __enter__(self) -> Any:
        return ctypes.byref(self._kwargs)

    def __exit__(self, *_: object) -> None:
        library().SoapySDRKwargs_clear(ctypes.byref(self._kwargs))


def as_dict(kwargs: _Kwargs) -> dict[str, str]:
    """A mapping out of its C form."""
    return {
        (kwargs.keys[index] or b"").decode("utf-8", "replace"): (kwargs.vals[index] or b"").decode(
            "utf-8", "replace"
        )
        for index in range(kwargs.size)
    }


def hardware_info(device: int) -> dict[str, str]:
    """What the device tells of itself."""
    kwargs = call("getHardwareInfo", device)
    values = as_dict(kwargs)
    library().SoapySDRKwargs_clear(ctypes.byref(kwargs))
    return values


def enumerate_devices(wanted: Mapping[str, str]) -> list[dict[str, str]]:
    """Devices that are there and match ``wanted`` (keys such as driver, serial)."""
    count = c_size_t()
    with Arguments(wanted) as arguments:
        pointer = call("enumerate", arguments, ctypes.byref(count))
    found = [as_dict(pointer[index]) for index in range(count.value)]
    if pointer:
        library().SoapySDRKwargsList_clear(pointer, count)
    return found


def load_module(path: str) -> str:
    """Load a driver module from anywhere; returns what went wrong, empty when all is well."""
    return text(library().SoapySDR_loadModule(path.encode()))


def read_function_address() -> int:
    """Address of ``SoapySDRDevice_readStream``, for the kernel."""
    return address_of(library().SoapySDRDevice_readStream)


def address_of(function: Callable[..., Any]) -> int:
    """Address of a C function."""
    return ctypes.cast(function, c_void_p).value or 0  # type: ignore[arg-type]
