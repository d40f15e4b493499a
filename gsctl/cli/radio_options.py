"""The options of every command that uses a radio, and the settings made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
        help="Radio: driver=rtlsdr,serial=00000001, or rtl_tcp://HOST:PORT.  [default: the only one there]",
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
    float,
    typer.Option(
        "--ppm",
        "-p",
        metavar="PPM",
        help="How fast the radio's clock is, in millionths; taken out in software.",
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


def parse_settings(words: list[str] | None) -> dict[str, str]:
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


def radio_settings(
    *,
    device: str,
    frequency_hz: float,
    sample_rate_hz: float,
    gain: str | None,
    antenna: str | None,
    setting: list[str] | None,
    ppm: float,
    lo_offset_hz: float | None = None,
) -> RadioSettings:
    """What the options ask of a radio.

    Raises:
        UsageError: a value that cannot be meant.
    """
    from gsctl.radio.tuning import RadioSettings, parse_gain

    parse_gain(gain)
    if not -1000.0 <= ppm <= 1000.0:
        raise UsageError(f"{ppm:g} ppm is no clock error", where="--ppm", advice="a crystal is within 100")
    if not 0 < frequency_hz < 100e9 or not 1e3 <= sample_rate_hz <= 1e9:
        raise UsageError("no radio has such a frequency or rate", advice="such as -f 437.365M -s 250k")
    return RadioSettings(
        device=device,
        frequency_hz=frequency_hz,
        sample_rate_hz=sample_rate_hz,
        gain=gain,
        antenna=antenna,
        settings=parse_settings(setting),
        ppm=ppm,
        lo_offset_hz=lo_offset_hz,
    )
