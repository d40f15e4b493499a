"""The options of every command that uses a radio, and the settings made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli.options import configuration
from gsctl.cli.quantities import parse_offset_hz
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from gsctl.radio.tuning import RadioSettings

DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        "-d",
        metavar="DEVICE",
        show_default=False,
        help="Radio: driver=rtlsdr,serial=00000001, rtl_tcp://HOST:PORT, or a configured name.  "
        "[default: the only one there]",
    ),
]
GainOption = Annotated[
    str | None,
    typer.Option(
        "--gain",
        "-g",
        metavar="DB|auto|NAME=DB,...",
        help="Gain in dB, of elements (LNA=40,VGA=20), or the radio's AGC.  [default: the highest that does "
        "not clip]",
    ),
]
AntennaOption = Annotated[str | None, typer.Option("--antenna", metavar="NAME", help="Antenna connector.")]
SettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        "-t",
        metavar="KEY=VALUE",
        help="Driver setting, such as biastee=true; may be given again.",
    ),
]
PpmOption = Annotated[
    float | None,
    typer.Option(
        "--ppm",
        "-p",
        metavar="PPM",
        help="How fast the radio's clock is, in millionths; taken out in software.  [default: what sdr "
        "calibrate found]",
    ),
]
LoOffsetOption = Annotated[
    float | None,
    typer.Option(
        "--lo-offset",
        metavar="HZ",
        parser=parse_offset_hz,
        help="How far above the signal the oscillator is put.  [default: a quarter of the sample rate]",
    ),
]
RetryOption = Annotated[
    float,
    typer.Option(
        "--retry-for", metavar="SECONDS", min=0.0, help="How long a radio that vanished is looked for."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioChoice:
    """Which radio is meant and how it is set, options and configuration put together.

    Attributes:
        device: as SoapySDR or a network source takes it.
        ppm: None where neither tells it.
    """

    device: str
    gain: str | None = None
    antenna: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    ppm: float | None = None


def choose_radio(
    device: str,
    *,
    gain: str | None = None,
    antenna: str | None = None,
    setting: Sequence[str] | None = None,
    ppm: float | None = None,
) -> RadioChoice:
    """The radio that ``--device`` names, which may be a name of the configuration; options outrank that.

    Raises:
        UsageError: a setting that cannot be meant.
        ConfigError: see :func:`gsctl.cli.config.load_config`.
    """
    config = configuration()
    words = device or config.device
    by_name = {name.casefold(): found for name, found in config.devices.items()}
    known = by_name.get(words.casefold())
    settings = parse_settings(setting)
    if known is None:
        return RadioChoice(device=words, gain=gain, antenna=antenna, settings=settings, ppm=ppm)
    return RadioChoice(
        device=known.device,
        gain=known.gain if gain is None else gain,
        antenna=known.antenna if antenna is None else antenna,
        settings={**known.settings, **settings},
        ppm=known.ppm if ppm is None else ppm,
    )


def parse_settings(words: Sequence[str] | None) -> dict[str, str]:
    """Settings out of ``KEY=VALUE`` words.

    Raises:
        UsageError: a word without ``=``.
    """
    settings: dict[str, str] = {}
    for word in words or ():
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{word!r} is no setting", where="--setting", advice="write biastee=true")
        settings[key.strip()] = value.strip()
    return settings


def settings_of(
    chosen: RadioChoice, frequency_hz: float, sample_rate_hz: float, lo_offset_hz: float | None = None
) -> RadioSettings:
    """What is asked of a radio that was chosen; a clock error that is not told is the one learned.

    Raises:
        UsageError: a value that cannot be meant.
    """
    from gsctl.cli.learned_offsets import learned_ppm
    from gsctl.radio.tuning import RadioSettings, parse_gain

    parse_gain(chosen.gain)
    ppm = chosen.ppm or 0.0
    if not -1000.0 <= ppm <= 1000.0:
        raise UsageError(f"{ppm:g} ppm is no clock error", where="--ppm", advice="a crystal is within 100")
    if not 0 < frequency_hz < 100e9 or not 1e3 <= sample_rate_hz <= 1e9:
        raise UsageError("no radio has such a frequency or rate", advice="such as -f 437.365M -s 250k")
    return RadioSettings(
        device=chosen.device,
        frequency_hz=frequency_hz,
        sample_rate_hz=sample_rate_hz,
        gain=chosen.gain,
        antenna=chosen.antenna,
        settings=chosen.settings,
        ppm=ppm,
        lo_offset_hz=lo_offset_hz,
        learned_ppm=learned_ppm() if chosen.ppm is None else {},
    )
