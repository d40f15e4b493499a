"""``gsctl sdr calibrate``: how fast a radio's clock is, by this machine's clock or by the ships' carriers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import detail, tell, warn
from gsctl.cli.learned_offsets import SHARED_SERIAL, by_what, describe, learned_offsets
from gsctl.cli.options import DurationOption, FrequencyOption, SampleRateOption, choice
from gsctl.cli.radio_options import (
    AntennaOption,
    DeviceOption,
    GainOption,
    LoOffsetOption,
    SettingOption,
    choose_radio,
    settings_of,
)
from gsctl.cli.signal_options import CenterOption
from gsctl.errors import RadioError, RecordingError, UsageError

if TYPE_CHECKING:
    from gsctl.pipeline.ais_calibration import ClockError
    from gsctl.radio.source import SampleSource
    from gsctl.radio.tuning import RadioSettings, RadioState

_CLOCK_S = 120.0
_CLOCK_FREQUENCY_HZ = 437e6
_CLOCK_GAIN = "30"
_AIS_S = 300.0
_AIS_FREQUENCY_HZ = 162e6
_AIS_BAND_HZ = (156e6, 163e6)
# With so many ships the middle one is known to a third of a ppm, less than a warm receiver drifts.
_ENOUGH_SHIPS = 30
_RATE_HZ = 250e3
_SAY_EVERY_S = 30.0
# What is less certain would hardly be better than nothing as a first guess.
_WORTH_KEEPING_PPM = 3.0

InputArgument = Annotated[
    str | None,
    typer.Argument(metavar="INPUT", help="A recording of AIS instead of a radio.", show_default=False),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="clock|ais",
        parser=choice("clock", "ais"),
        help="Against what: this machine's clock, or the carriers of ships.  [default: clock; ais for a "
        "recording, about 162 MHz, and where the clock is not synchronised]",
    ),
]
SampleFormatOption = Annotated[
    str | None, typer.Option("--sample-format", metavar="NAME", help="Of raw samples: cu8 ci8 ci16 cf32.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", show_default=False, help="Measure, but keep nothing.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A clock error, whose it is, and why it should not be kept."""

    ppm: float
    uncertainty_ppm: float
    method: str
    device_key: str
    ships: int = 0
    doubt: str = ""


def calibrate(
    recording: InputArgument = None,
    by: ByOption = None,
    device: DeviceOption = "",
    frequency: FrequencyOption = None,
    sample_rate: SampleRateOption = None,
    gain: GainOption = None,
    antenna: AntennaOption = None,
    setting: SettingOption = None,
    lo_offset: LoOffsetOption = None,
    duration: DurationOption = None,
    center: CenterOption = None,
    sample_format: SampleFormatOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Measure how fast the radio's clock is, and keep it for later runs.

    By clock, the samples of two minutes are counted against this machine's clock, which must be
    synchronised. By ais, the carriers of the ships heard at 162 MHz are averaged, for up to five minutes.
    """
    if recording is not None:
        if by == "clock":
            raise UsageError("a recording has no clock to compare with", where="--by", advice="use --by ais")
        found = _from_recording(recording, sample_rate, sample_format, center, duration)
    else:
        chosen = choose_radio(device, gain=gain, antenna=antenna, setting=setting, ppm=0.0)
        with_ais = by == "ais" or (by is None and _ships_are_better(frequency))
        usual_hz = _AIS_FREQUENCY_HZ if with_ais else _CLOCK_FREQUENCY_HZ
        settings = settings_of(chosen, frequency or usual_hz, sample_rate or _RATE_HZ, lo_offset)
        found = _by_ais(settings, duration) if with_ais else _by_clock(settings, duration)
    print(f"--ppm {found.ppm:.2f}")
    tell(f"{describe(found.ppm, found.uncertainty_ppm)} {by_what(found.method, found.ships)}")
    if recording is None:
        tell("a cold receiver drifts: let it run for some minutes before")
    if not dry_run:
        _keep(found)


def _ships_are_better(frequency_hz: float | None) -> bool:
    """Whether to listen to ships where the user does not say: about 162 MHz, and without a good clock."""
    from gsctl.cli.machine import clock_is_synchronised

    if frequency_hz is not None:
        return _AIS_BAND_HZ[0] <= frequency_hz <= _AIS_BAND_HZ[1]
    if clock_is_synchronised() is False:
        tell("this machine's clock is not synchronised: listening to ships instead; --by clock insists")
        return True
    return False


def _by_clock(settings: RadioSettings, duration_s: float | None) -> _Found:
    """Count samples against this machine's clock."""
    from dataclasses import replace

    from gsctl.cli.machine import clock_is_synchronised
    from gsctl.radio.radios import open_radio

    doubt = ""
    if not clock_is_synchronised():
        doubt = "this machine's clock is not synchronised"
        warn(f"{doubt}, so the result is its own error too; see timedatectl")
    seconds = duration_s or _CLOCK_S
    asked = replace(settings, gain=settings.gain or _CLOCK_GAIN)
    source = open_radio(asked, retry_for_s=0.0, listener=tell)
    tell(f"{source.state}; listening for {seconds:g} s")
    with source:
        for block in source:
            detail(f"{block.start_sample / source.sample_rate_hz:.0f} s: {source.clock_error_ppm:+.2f} ppm")
            if block.start_sample >= seconds * source.sample_rate_hz:
                break
        error_ppm, spread_ppm = source.clock_error_ppm, source.clock_uncertainty_ppm
    if source.dropped and not source.state.timestamps:
        raise RadioError("samples were lost, so their count says nothing", advice="try a lower --sample-rate")
    return _Found(
        ppm=error_ppm,
        uncertainty_ppm=spread_ppm,
        method="clock",
        device_key=source.state.device_key,
        doubt=doubt or _doubt_of(source.state),
    )


def _by_ais(settings: RadioSettings, duration_s: float | None) -> _Found:
    """Average the carriers of the ships that the radio hears."""
    from gsctl.pipeline.ais_calibration import EFFORT
    from gsctl.pipeline.ais_reception import warm_up
    from gsctl.radio.radios import open_radio

    warm_up(EFFORT)
    source = open_radio(settings, retry_for_s=0.0, listener=tell)
    seconds = duration_s or _AIS_S
    tell(f"{source.state}; listening to ships for up to {seconds:g} s")
    found = _listen(source, None, seconds, _ENOUGH_SHIPS)
    if found is None:
        raise RadioError(
            f"no ship was heard in {seconds:g} s",
            where=source.state.hardware,
            advice="is the sea near, and the antenna good for 162 MHz? else --by clock",
        )
    return _found(found, 0.0, source.state.device_key, _doubt_of(source.state))


def _from_recording(
    name: str,
    sample_rate_hz: float | None,
    sample_format: str | None,
    center_hz: float | None,
    duration_s: float | None,
) -> _Found:
    """Average the carriers of the ships in a recording, on top of the clock error that it knows of."""
    from gsctl.radio.recording import open_recording

    source = open_recording(
        name, sample_rate_hz=sample_rate_hz, sample_format=sample_format, center_hz=center_hz
    )
    found = _listen(source, center_hz, duration_s, None)
    if found is None:
        raise RecordingError(
            "no ship is in it", where=name, advice="it must hold IQ about 162 MHz; see --center"
        )
    head: dict[str, Any] = (source.metadata or {}).get("global", {})
    taken_ppm = head.get("gsctl:ppm", 0.0)
    key = head.get("gsctl:device", "")
    return _found(
        found,
        float(taken_ppm) if isinstance(taken_ppm, int | float) else 0.0,
        key if isinstance(key, str) else "",
    )


def _doubt_of(state: RadioState) -> str:
    """Why what is found of a radio should not be kept; empty where nothing speaks against it."""
    return SHARED_SERIAL if state.ambiguous else ""


def _found(error: ClockError, taken_ppm: float, key: str, doubt: str = "") -> _Found:
    return _Found(
        ppm=error.ppm + taken_ppm,
        uncertainty_ppm=error.uncertainty_ppm,
        method="ais",
        ships=error.ships,
        device_key=key,
        doubt=doubt,
    )


def _listen(
    source: SampleSource, center_hz: float | None, seconds: float | None, enough_ships: int | None
) -> ClockError | None:
    """Hear ships until there are enough, or the time or the samples are over."""
    from gsctl.model import Domain
    from gsctl.pipeline.ais_calibration import AisCalibration

    hearing = AisCalibration(center_hz)
    told_s = 0.0
    with source:
        for block in source:
            if block.domain is not Domain.IQ:
                raise RecordingError(
                    "audio says nothing of the tuning",
                    where=source.description,
                    advice="use IQ about 162 MHz",
                )
            hearing.push(block)
            now_s = (block.start_sample + block.samples.size) / block.sample_rate_hz
            so_far = hearing.result()
            if source.live and now_s - told_s > _SAY_EVERY_S:
                told_s = now_s
                heard = (
                    "no ship yet"
                    if so_far is None
                    else (f"{describe(so_far.ppm, so_far.uncertainty_ppm)}, {so_far.ships} ships")
                )
                tell(f"{now_s:.0f} s: {heard}")
            if seconds is not None and now_s >= seconds:
                break
            if enough_ships is not None and so_far is not None and so_far.ships >= enough_ships:
                break
    hearing.finish()
    return hearing.result()


def _keep(found: _Found) -> None:
    """Write down what was found, and say so or why not."""
    from gsctl.radio.learned import DeviceOffset

    doubt = found.doubt
    if not doubt and not found.uncertainty_ppm <= _WORTH_KEEPING_PPM:
        doubt = f"+- {found.uncertainty_ppm:.1f} ppm is too uncertain"
    if not doubt and not found.device_key:
        doubt = "the recording does not tell which radio made it"
    if doubt:
        tell(f"not kept: {doubt}")
        return
    entry = DeviceOffset(
        ppm=round(found.ppm, 3),
        uncertainty_ppm=round(found.uncertainty_ppm, 3),
        method=found.method,
        ships=found.ships,
        measured_at=datetime.now(UTC),
    )
    if learned_offsets().learn_device(found.device_key, entry):
        tell(f"kept for {found.device_key}: later runs take it out where --ppm is not given")
