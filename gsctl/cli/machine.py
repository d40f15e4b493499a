"""What can be learnt about this machine without changing it: clock, radios, GNU Radio.

Everything here answers in a bounded time and never raises for what is merely absent.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_ADJTIMEX_BYTES = 512  # struct timex has 208; the rest is room for other architectures
_GNURADIO_PYTHON = "/usr/bin/python3"

# Vendor and product of common receivers' USB descriptors.
_USB_RADIOS = {
    ("0bda", "2832"): "RTL-SDR",
    ("0bda", "2838"): "RTL-SDR",
    ("1d50", "6089"): "HackRF One",
    ("1d50", "60a1"): "Airspy",
    ("03eb", "800c"): "Airspy HF+",
    ("1d50", "6108"): "LimeSDR",
    ("0403", "601f"): "LimeSDR Mini",
    ("0456", "b673"): "ADALM-PLUTO",
    ("2500", "0020"): "USRP B200",
    ("1df7", "2500"): "SDRplay RSP1",
    ("1df7", "3000"): "SDRplay RSP1A",
    ("1df7", "3010"): "SDRplay RSPduo",
    ("1df7", "3020"): "SDRplay RSPdx",
}


@dataclass(frozen=True, slots=True)
class UsbRadio:
    """One receiver on the USB; ``trouble`` is empty where it can be opened."""

    name: str
    trouble: str = ""
    mend: str = ""


def clock_is_synchronised() -> bool | None:
    """Whether the kernel calls its clock synchronised (adjtimex(2), only read); None is unknown."""
    status = _adjtimex(ctypes.create_string_buffer(_ADJTIMEX_BYTES))
    return None if status is None or status < 0 else status != _TIME_ERROR


def clock_error_s() -> float:
    """The kernel's bound on the error of its clock in seconds (``maxerror`` of adjtimex(2)).

    The field is the fourth long of the structure, in microseconds.
    """
    buffer = ctypes.create_string_buffer(_ADJTIMEX_BYTES)
    if _adjtimex(buffer) is None:
        return float("nan")
    return ctypes.c_long.from_buffer(buffer, 3 * ctypes.sizeof(ctypes.c_long)).value / 1e6


def _adjtimex(buffer: ctypes.Array[ctypes.c_char]) -> int | None:
    try:
        return int(ctypes.CDLL(None).adjtimex(buffer))
    except (OSError, AttributeError):
        return None


def soapy_modules() -> list[str] | None:
    """Names of SoapySDR's driver modules; None where the library is not installed."""
    from gsctl.errors import RadioError
    from gsctl.radio.soapy_capi import library

    try:
        soapy = library()
    except RadioError:
        return None
    count = ctypes.c_size_t()
    soapy.SoapySDR_listModules.restype = ctypes.POINTER(ctypes.c_char_p)
    paths = soapy.SoapySDR_listModules(ctypes.byref(count))
    names = [Path(os.fsdecode(paths[index])).stem for index in range(min(count.value, 100))]
    return sorted(name.removeprefix("lib").removesuffix("Support") for name in names)


def gnuradio_version() -> str | None:
    """Version of the GNU Radio that the system's Python has; None where it has none."""
    if not Path(_GNURADIO_PYTHON).is_file():
        return None
    try:
        done = subprocess.run(
            [_GNURADIO_PYTHON, "-c", "from gnuradio import gr, soapy; print(gr.version())"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env={"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def usb_radios(root: Path = Path("/")) -> Iterator[UsbRadio]:
    """Known receivers on the USB, and what keeps this user from them.

    Args:
        root: where ``sys`` and ``dev`` are; tests give a folder.
    """
    for vendor in sorted((root / "sys/bus/usb/devices").glob("*/idVendor")):
        device = vendor.parent
        try:
            ids = (vendor.read_text().strip(), (device / "idProduct").read_text().strip())
            bus, number = (int((device / part).read_text()) for part in ("busnum", "devnum"))
        except (OSError, ValueError):
            continue
        if ids in _USB_RADIOS:
            yield _examine(_USB_RADIOS[ids], root / f"dev/bus/usb/{bus:03}/{number:03}", root)


def _examine(name: str, node: Path, root: Path) -> UsbRadio:
    if not os.access(node, os.R_OK | os.W_OK):
        package = {"RTL-SDR": "librtlsdr0", "HackRF One": "libhackrf0", "Airspy": "libairspy0"}.get(name)
        install = f"sudo apt-get install {package} && " if package else ""
        mend = f"{install}sudo udevadm control --reload && sudo udevadm trigger    (then plug it in again)"
        return UsbRadio(name, f"is there, but {node} may not be opened by this user", mend)
    if name == "RTL-SDR" and (root / "sys/module/dvb_usb_rtl28xxu").exists():
        return UsbRadio(name, "is held by the television driver", "sudo modprobe -r dvb_usb_rtl28xxu")
    return UsbRadio(name)
