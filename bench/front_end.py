"""CPU seconds that a second of signal costs from a radio to one channel: ``make bench``.

2.4 MS/s from the tests' virtual radio, thinned out to one channel of 48 kS/s that follows a Doppler
shift, by gsctl's own engine and by GNU Radio's. What the virtual radio takes to make its samples,
measured beside it, is taken off; reading, conversion, oscillator and filter stay. Nothing is asserted.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from gsctl.dsp.channel import Channel
from gsctl.errors import GsctlError, RadioError
from gsctl.model import Domain, SampleBlock
from gsctl.radio import soapy_capi as capi
from gsctl.radio.formats import FORMATS
from gsctl.radio.soapy import SoapyDevice
from gsctl.radio.tuning import RadioSettings

SOURCE = Path(__file__).resolve().parent.parent / "tests" / "radio" / "virtual_sdr" / "virtual_sdr.cpp"
RATE_HZ = 2.4e6
LEAST_RATE_HZ = 47.9e3  # which makes it 48 kS/s
BANDWIDTH_HZ = 20e3
SECONDS = 3.0
TARGET = 0.07
_CHUNK = 48_000


def moving(sample: float) -> float:
    """Where the channel lies: as far from the middle as gsctl tunes, with 150 Hz/s of Doppler."""
    return -0.25 * RATE_HZ + 150.0 * sample / RATE_HZ


def channel_of(rate_hz: float, offset_at: Callable[[float], float] = moving) -> Channel:
    """The channel, its kernels loaded."""
    zeros = np.zeros(round(0.2 * rate_hz), np.complex64)
    block = SampleBlock(samples=zeros, domain=Domain.IQ, sample_rate_hz=rate_hz)
    for _ in Channel(rate_hz, BANDWIDTH_HZ, LEAST_RATE_HZ, offset_at).push(block):
        pass
    return Channel(rate_hz, BANDWIDTH_HZ, LEAST_RATE_HZ, offset_at)


def filter_alone() -> float:
    """CPU seconds a second, of what follows the conversion."""
    random = np.random.default_rng(1)
    noise = random.standard_normal(2 * _CHUNK).astype(np.float32).view(np.complex64)
    channel = channel_of(RATE_HZ)
    begun_s = time.process_time()
    for start in range(0, round(SECONDS * RATE_HZ), _CHUNK):
        block = SampleBlock(samples=noise, domain=Domain.IQ, sample_rate_hz=RATE_HZ, start_sample=start)
        for _ in channel.push(block):
            pass
    return (time.process_time() - begun_s) / SECONDS


def radio_alone(settings: RadioSettings) -> float:
    """CPU seconds a second that the virtual radio itself takes, in the format it is read in."""
    device = SoapyDevice(settings.device)
    try:
        form = FORMATS[device.configure(settings).sample_format]
        room = ctypes.create_string_buffer(_CHUNK * form.sample_bytes)
        pointers = (ctypes.c_void_p * 1)(ctypes.addressof(room))
        flags, time_ns = ctypes.c_int(), ctypes.c_longlong()
        device.activate()
        time.sleep(1.2)  # its queue fills, for nothing
        begun_s, got = time.process_time(), 0
        while got < RATE_HZ:
            got += capi.library().SoapySDRDevice_readStream(
                device.handle, device.stream, pointers, _CHUNK, ctypes.byref(flags), ctypes.byref(time_ns), 0
            )
        return time.process_time() - begun_s
    finally:
        device.close()


def of_process(pid: int) -> float:
    """CPU seconds that another process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def from_blocks(blocks: Iterable[SampleBlock], channel: Channel, spent_s: Callable[[], float]) -> float:
    """CPU seconds a second, after half a second for things to settle."""
    begun_s, heard_s = 0.0, -0.5
    for block in blocks:
        for _ in channel.push(block):
            pass
        before_s, heard_s = heard_s, heard_s + block.samples.size / block.sample_rate_hz
        if before_s < 0.0 <= heard_s:
            begun_s, heard_s = spent_s(), 0.0
        if heard_s >= SECONDS:
            return (spent_s() - begun_s) / heard_s
    raise RadioError("the radio ended before its time")


def direct(settings: RadioSettings) -> float:
    """gsctl's own engine."""
    from gsctl.radio.live import SoapySource

    channel = channel_of(RATE_HZ)
    with SoapySource(settings) as source:
        return from_blocks(source, channel, time.process_time)


def by_gnuradio(settings: RadioSettings) -> float:
    """GNU Radio's engine, both processes; the fine shift is gsctl's."""
    from gsctl.pipeline.gnuradio_source import GnuRadioSource

    with GnuRadioSource(settings) as source:
        channel = channel_of(source.sample_rate_hz, lambda sample: 150.0 * sample / source.sample_rate_hz)
        assert source._process is not None
        pid = source._process._process.pid
        return from_blocks(source, channel, lambda: time.process_time() + of_process(pid))


def build_radio(folder: Path) -> str:
    """Make the virtual radio and have SoapySDR find it; what is missing for that, or nothing."""
    if shutil.which("g++") is None or not Path("/usr/include/SoapySDR/Device.hpp").exists():
        return "needs: sudo apt-get install g++ libsoapysdr-dev"
    command = ["g++", "-std=c++17", "-O2", "-shared", "-fPIC", str(SOURCE), "-lSoapySDR", "-o"]
    subprocess.run([*command, str(folder / "libvirtualSupport.so")], check=True, timeout=120)
    os.environ["SOAPY_SDR_PLUGIN_PATH"] = str(folder)
    os.environ["VIRTUAL_SDR_CONFIG"] = str(folder / "virtual_sdr.cfg")
    formats = {"CS16": "pattern=count", "CU8": "noise=0.1", "CF32": "noise=0.1"}
    lines = [
        f"serial={name},rates={RATE_HZ:.0f},native={name},{pattern},buffer=16384,queue=1000"
        for name, pattern in formats.items()
    ]
    (folder / "virtual_sdr.cfg").write_text("\n".join(lines) + "\n")
    return ""


def measure(
    name: str,
    engine: Callable[[RadioSettings], float],
    serial: str,
    made_in: str,
    target: float | None = None,
) -> str:
    """One line of the table; ``made_in`` is the format in which the engine has the radio give samples."""
    asked = [
        RadioSettings(
            device=f"driver=virtual,serial={one}", frequency_hz=437e6, sample_rate_hz=RATE_HZ, gain="30"
        )
        for one in (serial, made_in)
    ]
    try:
        # Whatever else the machine does makes it dearer, never cheaper.
        cost = min(engine(asked[0]) for _ in range(2)) - min(radio_alone(asked[1]) for _ in range(2))
    except GsctlError as error:
        return f"{name:42} {error}"
    limit = f"{target:8.2f}" if target is not None else f"{'-':>8}"
    return f"{name:42} {cost:12.3f} {limit}"


def main() -> None:
    """Print the table."""
    print(f"\n{'2.4 MS/s to one channel of 48 kS/s (warm)':42} {'CPU s per s':>12} {'target':>8}")
    print(f"{'oscillator and filter alone':42} {filter_alone():12.3f} {'-':>8}", flush=True)
    with tempfile.TemporaryDirectory(prefix="gsctl-bench-") as folder:
        if missing := build_radio(Path(folder)):
            print(f"{'from a virtual radio':42} {missing}")
            return
        print(measure("direct engine, ci16", direct, "CS16", "CS16", TARGET), flush=True)
        print(measure("direct engine, cu8", direct, "CU8", "CU8", TARGET), flush=True)
        print(measure("GNU Radio's engine", by_gnuradio, "CS16", "CF32"), flush=True)


if __name__ == "__main__":
    main()
