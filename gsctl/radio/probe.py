"""What a radio offers, and how well it works: for ``gsctl sdr probe`` and ``gsctl sdr test``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gsctl.radio import soapy_capi as capi
from gsctl.radio.live import RadioSource, ReceptionCounters
from gsctl.radio.soapy import SoapyDevice
from gsctl.radio.soapy_device import CHANNEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SPECTRUM_BINS = 1024
_CLIP_LEVEL = 0.985
_LEAD_IN_S = 0.5


def describe_device(device: str) -> dict[str, Any]:
    """All that a SoapySDR device tells of itself, as plain values.

    Raises:
        RadioError: it is not there or does not open.
    """
    with SoapyDevice(device) as radio:
        handle = radio.handle
        elements = {}
        for name in radio.gain_elements():
            elements[name] = _spans([capi.one_range(radio.get("GainElementRange", name.encode()))])[0]
        sensors = {
            key: capi.text(capi.call("readSensor", handle, key.encode()))
            for key in capi.listed("listSensors", handle)
        }
        return {
            "driver": capi.text(capi.call("getDriverKey", handle)),
            "hardware": capi.text(capi.call("getHardwareKey", handle)),
            "key": radio.key,
            "ambiguous": radio.ambiguous,
            "arguments": radio.arguments,
            "information": capi.hardware_info(handle),
            "antennas": capi.listed("listAntennas", handle, *CHANNEL),
            "gain_db": _spans([capi.one_range(radio.get("GainRange"))])[0],
            "gain_elements_db": elements,
            "agc": bool(capi.call("hasGainMode", handle, *CHANNEL)),
            "frequencies_hz": _spans(capi.ranges("getFrequencyRange", handle, *CHANNEL)),
            "sample_rates_hz": _spans(capi.ranges("getSampleRateRange", handle, *CHANNEL)),
            "bandwidths_hz": _spans(capi.ranges("getBandwidthRange", handle, *CHANNEL)),
            "formats": capi.listed("getStreamFormats", handle, *CHANNEL),
            "timestamps": bool(capi.call("hasHardwareTime", handle, b"")),
            "settings": [_setting(radio, found) for found in capi.settings("getSettingInfo", handle)],
            "sensors": sensors,
        }


def _setting(radio: SoapyDevice, found: capi.Setting) -> dict[str, Any]:
    """A driver setting with its present value."""
    return {
        "key": found.key,
        "value": radio.read_setting(found.key),
        "name": found.name,
        "description": found.description,
        "options": list(found.options),
    }


def _spans(ranges: list[capi.Range]) -> list[list[float]]:
    """Ranges as pairs, or as three numbers where they have a step."""
    return [
        [found.minimum, found.maximum, found.step] if found.step > 0 else [found.minimum, found.maximum]
        for found in ranges
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How a radio did.

    Attributes:
        measured_rate_hz: samples a second of the host's clock, lost ones counted.
        clipped: part of the components at full scale, 0 to 1.
        peak_dbfs: of the components.
        dc_dbfs: level of the spike at the oscillator.
        level_dbfs: mean power.
        noise_dbfs_hz: noise floor: the median of the spectral density.
        spectrum_dbfs_hz: (1024,) density, lowest frequency first.
    """

    seconds: float
    samples: int
    dropped: int
    counters: ReceptionCounters
    measured_rate_hz: float
    clipped: float
    peak_dbfs: float
    dc_dbfs: float
    level_dbfs: float
    noise_dbfs_hz: float
    spectrum_dbfs_hz: NDArray[np.float64]


def measure(source: RadioSource, seconds: float) -> Measurement:
    """Take ``seconds`` of samples from a radio that is set, and judge them; closes the source.

    Raises:
        RadioError: the radio failed.
    """
    import numpy as np

    density = np.zeros(_SPECTRUM_BINS)
    window = np.hanning(_SPECTRUM_BINS)
    total, power, frames = 0j, 0.0, 0
    clipped = samples = 0
    peak = 0.0
    arrivals: list[tuple[float, int]] = []
    with source:
        for block in source:
            end = block.start_sample + block.samples.size
            if end > _LEAD_IN_S * source.sample_rate_hz:
                # The first blocks waited for the clock's fit and came at once; the time runs from here.
                arrivals.append((time.monotonic(), end))
            parts = np.abs(block.samples.view(np.float32))
            peak = max(peak, float(parts.max()))
            clipped += int(np.count_nonzero(parts >= _CLIP_LEVEL))
            samples += block.samples.size
            total += complex(block.samples.sum(dtype=np.complex128))
            power += float(np.sum(parts.astype(np.float64) ** 2))
            whole = block.samples.size - block.samples.size % _SPECTRUM_BINS
            for start in range(0, whole, _SPECTRUM_BINS):
                density += np.abs(np.fft.fft(block.samples[start : start + _SPECTRUM_BINS] * window)) ** 2
                frames += 1
            if end >= seconds * source.sample_rate_hz:
                break
        counters = source.counters
    scale = max(1, frames) * float(np.sum(window**2)) * source.sample_rate_hz
    spectrum = 10 * np.log10(np.fft.fftshift(density) / scale + 1e-30)
    return Measurement(
        seconds=samples / source.sample_rate_hz,
        samples=samples,
        dropped=source.dropped,
        counters=counters,
        measured_rate_hz=achieved_rate_hz(arrivals, source.sample_rate_hz),
        clipped=clipped / max(1, 2 * samples),
        peak_dbfs=_db(peak**2),
        dc_dbfs=_db(abs(total / max(1, samples)) ** 2),
        level_dbfs=_db(power / max(1, samples)),
        noise_dbfs_hz=float(np.median(spectrum)),
        spectrum_dbfs_hz=spectrum,
    )


def achieved_rate_hz(arrivals: Sequence[tuple[float, int]], nominal_hz: float) -> float:
    """Samples a second, from when blocks arrived and how many samples there were by then.

    A block comes late or later, never early: of the first and the last third the earliest, against the
    nominal rate, count.
    """
    late = [(moment_s - count / nominal_hz, moment_s) for moment_s, count in arrivals]
    third = (len(late) + 1) // 3
    if len(late) < 2:
        return nominal_hz
    (early_s, first_s), (late_s, last_s) = min(late[:third]), min(late[-third:])
    return nominal_hz * (1.0 - (late_s - early_s) / (last_s - first_s))


def _db(power: float) -> float:
    """Decibels of a power; a very low figure for none."""
    import math

    return 10 * math.log10(power) if power > 1e-20 else -200.0
