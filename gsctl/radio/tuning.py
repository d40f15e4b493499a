"""What a user asks of a radio, and what the radio really took."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gsctl.errors import UsageError
from gsctl.radio.soapy_capi import Range

# Keeps a channel's Doppler and the dongle's error clear of the DC spike and of the filter's edges.
_OFFSET_OF_RATE = 0.25
_LEAST_RATE_FOR_OFFSET_HZ = 150e3


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioSettings:
    """What the user asks for.

    Attributes:
        device: SoapySDR arguments, such as ``driver=rtlsdr,serial=00000001``; empty is the only one there.
        frequency_hz: where the wanted channel is.
        sample_rate_hz: wanted; the nearest legal one is taken.
        gain: ``None`` finds the highest that does not clip; ``auto`` is the device's AGC; a number of dB is
            the overall gain; ``LNA=40,VGA=20`` sets elements.
        antenna: None is the driver's default.
        settings: driver settings, such as ``biastee``: ``true``.
        ppm: how fast the device's clock is; applied in software to tuning and sample rate.
        learned_ppm: the same by device key, of devices that were measured before; it outranks ``ppm``.
        lo_offset_hz: the oscillator is put this far above the channel; None chooses it.
    """

    frequency_hz: float
    sample_rate_hz: float
    device: str = ""
    gain: str | None = None
    antenna: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    ppm: float = 0.0
    lo_offset_hz: float | None = None
    learned_ppm: Mapping[str, float] = field(default_factory=dict)

    def ppm_of(self, device_key: str) -> float:
        """The clock error to take out of a device."""
        return self.learned_ppm.get(device_key, self.ppm)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioState:
    """What the device really took, read back.

    Attributes:
        center_frequency_hz: true centre of the band, the clock's error taken into account.
        sample_rate_hz: true rate, likewise; ``nominal_rate_hz`` is what the device calls it.
        gains: of each element, in dB.
        sample_format: command-line name of the native format in use.
        notes: one line for each thing that is not as asked.
        device_key: driver and serial number, by which the device is known again: ``rtlsdr/00000001``.
        ambiguous: another device that is there has the same, so nothing can be learned of either.
    """

    hardware: str
    serial: str
    center_frequency_hz: float
    sample_rate_hz: float
    nominal_rate_hz: float
    antenna: str
    automatic_gain: bool
    gain_db: float
    gains: Mapping[str, float]
    settings: Mapping[str, str]
    sample_format: str
    timestamps: bool
    ppm: float
    notes: tuple[str, ...] = ()
    device_key: str = ""
    ambiguous: bool = False

    def __str__(self) -> str:
        gain = "AGC" if self.automatic_gain else f"{self.gain_db:g} dB"
        elements = ", ".join(f"{name} {value:g}" for name, value in self.gains.items())
        extra = "".join(f", {key} {value}" for key, value in self.settings.items())
        serial = f" ({self.serial})" if self.serial else ""
        error = f", clock {self.ppm:+g} ppm" if self.ppm else ""
        stamps = "hardware timestamps" if self.timestamps else "time by the host's clock"
        return (
            f"{self.hardware}{serial}: {self.center_frequency_hz / 1e6:.6f} MHz, "
            f"{self.nominal_rate_hz / 1e6:g} MS/s {self.sample_format}, antenna {self.antenna or 'default'}, "
            f"gain {gain} [{elements}]{extra}{error}, {stamps}"
        )


def parse_gain(text: str | None) -> float | dict[str, float] | str | None:
    """Read ``--gain``: None, ``auto``, a number of dB, or ``LNA=40,VGA=20``.

    Raises:
        UsageError: none of these.
    """
    if text is None or text.strip().lower() == "auto":
        return None if text is None else "auto"
    try:
        if "=" not in text:
            return float(text)
        pairs = (part.split("=", 1) for part in text.split(","))
        return {name.strip(): float(value) for name, value in pairs}
    except ValueError:
        raise UsageError(
            f"{text!r} is no gain", where="--gain", advice="a number of dB, auto, or LNA=40,VGA=20"
        ) from None


def parse_device(text: str) -> dict[str, str]:
    """Read ``--device``: ``key=value`` pairs; a lone word is a driver.

    Raises:
        UsageError: a part has no key.
    """
    values: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key, equals, value = part.partition("=")
        if not equals:
            key, value = "driver", part
        if not key or key in values:
            raise UsageError(
                f"{text!r} is no device", where="--device", advice="such as driver=rtlsdr,serial=00000001"
            )
        values[key.strip()] = value.strip()
    return values


def choose_rate(wanted_hz: float, legal: Sequence[Range]) -> float:
    """The legal rate nearest to the wanted one; of two as near the higher."""
    if not legal:
        return wanted_hz
    return min((_nearest(wanted_hz, part) for part in legal), key=lambda rate: (abs(rate - wanted_hz), -rate))


def _nearest(wanted: float, part: Range) -> float:
    """The value of a range nearest to the wanted one."""
    value = min(max(wanted, part.minimum), part.maximum)
    if part.step > 0:
        value = min(part.minimum + round((value - part.minimum) / part.step) * part.step, part.maximum)
    return value


def default_lo_offset_hz(sample_rate_hz: float) -> float:
    """How far above the channel the oscillator goes: a quarter of the band, 0 for narrow ones."""
    return _OFFSET_OF_RATE * sample_rate_hz if sample_rate_hz >= _LEAST_RATE_FOR_OFFSET_HZ else 0.0


def check_choice(value: str, offered: Sequence[str], *, what: str, where: str) -> str:
    """The offered name that is meant, whatever its case.

    Raises:
        UsageError: there is none; names the nearest.
    """
    by_lower = {name.lower(): name for name in offered}
    if value.lower() in by_lower:
        return by_lower[value.lower()]
    near = difflib.get_close_matches(value.lower(), by_lower, 1, 0.5)
    advice = f"did you mean {by_lower[near[0]]}" if near else f"there are {', '.join(offered) or 'none'}"
    raise UsageError(f"the device has no {what} {value!r}", where=where, advice=advice)


def check_in_range(value: float, allowed: Range, *, what: str, where: str) -> float:
    """The value itself.

    Raises:
        UsageError: it is outside; names the range.
    """
    if not allowed.minimum <= value <= allowed.maximum:
        raise UsageError(
            f"{what} {value:g} dB is out of range",
            where=where,
            advice=f"{allowed.minimum:g} to {allowed.maximum:g} dB",
        )
    return value
