"""``gsctl sdr``: the radios on this machine, what they offer, and how well they work."""

from __future__ import annotations

import itertools
import json
import shutil
from typing import TYPE_CHECKING, Any

import typer

from gsctl.cli.console import safe, tell, warn
from gsctl.cli.learned_offsets import age_of, describe, learned_offsets, tell_clock_error
from gsctl.cli.options import DurationOption, FrequencyOption, SampleRateOption
from gsctl.cli.radio_options import (
    AntennaOption,
    DeviceOption,
    GainOption,
    LoOffsetOption,
    PpmOption,
    SettingOption,
    choose_radio,
    settings_of,
)
from gsctl.cli.sdr_calibrate import calibrate
from gsctl.cli.tables import ReportFormatOption, TableFormatOption, print_rows

if TYPE_CHECKING:
    from gsctl.radio.probe import Measurement

sdr = typer.Typer(help="Radios on this machine: list, probe, test, calibrate.")

_COLUMNS = {
    "driver": "DRIVER",
    "serial": "SERIAL",
    "label": "WHAT IT IS",
    "ppm": "CLOCK PPM",
    "device": "FOR --device",
}
_BARS = " ▁▂▃▄▅▆▇█"
_TEST_S = 2.0
_TEST_RATE_HZ = 250e3
_TEST_FREQUENCY_HZ = 437e6


@sdr.command("list")
def list_radios(device: DeviceOption = "", form: TableFormatOption = "table") -> None:
    """List the radios that are there."""
    from gsctl.radio.soapy_device import device_key, find_devices, in_words

    found = find_devices(choose_radio(device).device if device else "")
    known = learned_offsets().devices
    keys = [device_key(entry) for entry in found]
    rows = [
        {
            **entry,
            # Of two with one serial number nobody knows which one it was.
            "ppm": f"{known[key].ppm:+.2f}" if key in known and keys.count(key) == 1 else "",
            "device": in_words(entry),
        }
        for entry, key in zip(found, keys, strict=True)
        if entry.get("driver") != "audio"
    ]
    if not rows:
        tell(
            "no radio is there; a module for yours: apt-cache search soapysdr-module; gsctl doctor tells more"
        )
    print_rows(rows, _COLUMNS, form)


@sdr.command()
def probe(device: DeviceOption = "", form: ReportFormatOption = "text") -> None:
    """Tell all that a radio offers: antennas, gains, rates, settings, sensors."""
    from gsctl.radio.probe import describe_device

    report = describe_device(choose_radio(device).device)
    known = None if report["ambiguous"] else learned_offsets().devices.get(report["key"])
    report["clock_error_ppm"] = None if known is None else round(known.ppm, 3)
    if form == "json":
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return
    if known is not None:
        age = age_of(known.measured_at)
        report["clock_error_ppm"] = f"{describe(known.ppm, known.uncertainty_ppm)}, {age} old"
    for key, value in report.items():
        print(safe(f"{key.replace('_', ' '):18} {_words(key, value)}"))


@sdr.command("test")
def try_radio(
    device: DeviceOption = "",
    frequency: FrequencyOption = None,
    sample_rate: SampleRateOption = None,
    gain: GainOption = None,
    antenna: AntennaOption = None,
    setting: SettingOption = None,
    ppm: PpmOption = None,
    lo_offset: LoOffsetOption = None,
    duration: DurationOption = None,
    form: ReportFormatOption = "text",
) -> None:
    """Take samples for two seconds and tell rate, losses, clipping, DC and noise, with the spectrum."""
    from gsctl.radio.probe import measure
    from gsctl.radio.radios import open_radio

    chosen = choose_radio(device, gain=gain, antenna=antenna, setting=setting, ppm=ppm)
    settings = settings_of(chosen, frequency or _TEST_FREQUENCY_HZ, sample_rate or _TEST_RATE_HZ, lo_offset)
    source = open_radio(settings, retry_for_s=0.0, listener=tell)
    state = source.state
    tell(str(state))
    for note in state.notes:
        warn(note)
    tell_clock_error(state, chosen.ppm)
    result = measure(source, duration or _TEST_S)
    if form == "json":
        print(json.dumps(_report(result, state.center_frequency_hz), indent=2))
        return
    for name, value in _report(result, state.center_frequency_hz).items():
        if name != "spectrum_dbfs_hz":
            print(f"{name:22} {value}")
    for line in _draw(result, state.center_frequency_hz, source.sample_rate_hz):
        print(line)


sdr.command()(calibrate)


def _words(key: str, value: Any) -> str:
    """A value of the probe's report for people."""
    if value is None:
        return "not known; gsctl sdr calibrate finds it"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "settings":
        return (
            "; ".join(f"{s['key']}={s['value']} ({s['description'] or s['name']})" for s in value) or "none"
        )
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words('', item)}" for name, item in value.items()) or "none"
    if isinstance(value, list) and value and isinstance(value[0], list):
        return ", ".join(_words("", item) for item in value)
    if isinstance(value, list) and value and isinstance(value[0], float):
        low, high, *step = value
        text = f"{low:.12g}" if low == high else f"{low:.12g} to {high:.12g}"
        return f"{text} in steps of {step[0]:g}" if step else text
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _report(result: Measurement, center_hz: float) -> dict[str, Any]:
    """The measurement as plain values."""
    return {
        "center_frequency_hz": center_hz,
        "seconds": round(result.seconds, 3),
        "samples": result.samples,
        "dropped_samples": result.dropped,
        "measured_rate_hz": round(result.measured_rate_hz),
        "overflows": result.counters.overflows,
        "timeouts": result.counters.timeouts,
        "clipped_percent": round(100 * result.clipped, 3),
        "peak_dbfs": round(result.peak_dbfs, 1),
        "level_dbfs": round(result.level_dbfs, 1),
        "dc_dbfs": round(result.dc_dbfs, 1),
        "noise_dbfs_hz": round(result.noise_dbfs_hz, 1),
        "spectrum_dbfs_hz": [round(float(value), 1) for value in result.spectrum_dbfs_hz],
    }


def _draw(result: Measurement, center_hz: float, rate_hz: float) -> list[str]:
    """The spectrum as one line of bars with the frequencies of its ends below."""
    columns = max(16, min(shutil.get_terminal_size().columns, 128))
    spectrum = result.spectrum_dbfs_hz
    edges = [round(index * len(spectrum) / columns) for index in range(columns + 1)]
    heights = [float(spectrum[low:high].max()) for low, high in itertools.pairwise(edges)]
    floor, top = min(heights), max(max(heights), min(heights) + 10.0)
    bars = "".join(_BARS[min(8, int((height - floor) / (top - floor) * 8.999))] for height in heights)
    left, right = f"{(center_hz - rate_hz / 2) / 1e6:.4f}", f"{(center_hz + rate_hz / 2) / 1e6:.4f} MHz"
    return [f"{floor:.0f} to {top:.0f} dBFS/Hz", bars, left + right.rjust(columns - len(left))]
