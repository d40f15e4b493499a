"""``gsctl plot``: pictures of recordings, passes and telemetry logs."""

from __future__ import annotations

import csv
import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli import console
from gsctl.cli.options import (
    AtOption,
    ElementsOption,
    HorizonOption,
    NextPassOption,
    ProtocolsOption,
    SampleRateOption,
    StartTimeOption,
    StationOption,
    parse_frequency_hz,
    protocol_dirs,
    require_station,
)
from gsctl.cli.plot_map import plot_map
from gsctl.cli.signal_options import CenterOption, InputKindOption, RawFormatOption
from gsctl.errors import CatalogError, LogbookError, UsageError

if TYPE_CHECKING:
    from gsctl.model import Station, TuningPlan
    from gsctl.plot.spectrogram import Spectrogram
    from gsctl.radio.source import SampleSource

plot = typer.Typer(no_args_is_help=True, help="Pictures: waterfall, pass, telemetry, map.")
plot.command("map")(plot_map)

_SEARCH_DAYS = 10.0
_MOST_TRACK_POINTS = 4000
_MOST_MARKS = 5000

OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Picture to write: png, svg or pdf.  [default: named after it]"
    ),
]


@plot.command("waterfall")
def plot_waterfall(
    recording: Annotated[str, typer.Argument(metavar="RECORDING", help="SigMF, WAV, FLAC, OGG, raw, or -.")],
    output: OutputOption = None,
    input_kind: InputKindOption = "auto",
    sample_rate: SampleRateOption = None,
    sample_format: RawFormatOption = None,
    start_time: StartTimeOption = None,
    center: CenterOption = None,
    frequency: Annotated[
        float | None,
        typer.Option(
            "--frequency",
            "-f",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Middle of what is shown, and the nominal frequency.  [default: the centre]",
        ),
    ] = None,
    span: Annotated[
        float | None,
        typer.Option(
            "--span",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Width of the band that is shown.  [default: all]",
        ),
    ] = None,
    satellite: Annotated[
        str | None, typer.Option("--satellite", metavar="SAT", help="Draw its predicted Doppler curve.")
    ] = None,
    frames: Annotated[
        Path | None, typer.Option("--frames", metavar="FILE", help="Mark the frames of this frames.csv.")
    ] = None,
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    protocols: ProtocolsOption = None,
) -> None:
    """Draw power over frequency and time; with a satellite, its predicted Doppler curve."""
    from gsctl.plot.style import picture_kind
    from gsctl.plot.waterfall import waterfall_picture
    from gsctl.radio.recording import open_recording

    target = output or Path(f"{_stem(recording)}-waterfall.png")
    picture_kind(target)  # before an hour of samples is read
    place = require_station(station, at) if satellite else None
    with open_recording(
        recording,
        input=input_kind,
        sample_rate_hz=sample_rate,
        sample_format=sample_format,
        start_time=start_time,
        center_hz=center,
    ) as source:
        found = _spectrogram(source, span)
        for warning in source.warnings:
            console.warn(warning)
    nominal_hz = frequency or found.center_frequency_hz
    offset_hz = (nominal_hz or 0.0) - (found.center_frequency_hz or 0.0)
    if span:
        found = found.band(offset_hz - span / 2, offset_hz + span / 2)
    plan = None
    if satellite is not None and place is not None:
        plan = _plan(satellite, place, found, nominal_hz, elements, protocol_dirs(protocols))
    marks = [(moment, None) for moment in _frame_times(frames)] if frames else []
    picture = waterfall_picture(
        target, found, title=_stem(recording), plan=plan, offset_hz=offset_hz, frames=marks
    )
    print(console.safe(picture))


def _spectrogram(source: SampleSource, span_hz: float | None) -> Spectrogram:
    """Of the whole source; so fine that a narrow band shows some 700 points."""
    from gsctl.cli.progress import progress_bar
    from gsctl.errors import RecordingError
    from gsctl.model import Domain
    from gsctl.plot.spectrogram import SpectrogramBuilder

    bins = 1024
    if source.duration_s is not None:  # a short recording: as fine in time as in frequency
        while bins > 64 and bins * bins > source.duration_s * source.sample_rate_hz:
            bins //= 2
    while span_hz and bins < 1 << 18 and span_hz / source.sample_rate_hz * bins < 700:
        bins *= 2
    builder = SpectrogramBuilder(bins=bins)
    with progress_bar(source.description) if console.is_watched() else nullcontext() as report:
        done = 0
        for block in source:
            builder.add(block)
            done = block.start_sample + len(block.samples)
            if report:
                report(done / source.sample_rate_hz, source.duration_s)
    try:
        found = builder.finish()
    except ValueError:
        raise RecordingError(
            f"{done} samples are too few for a waterfall", where=source.description
        ) from None
    return found.band(0.0, source.sample_rate_hz) if source.domain is Domain.SSB_AUDIO else found


def _plan(
    satellite: str,
    place: Station,
    found: Spectrogram,
    nominal_hz: float | None,
    elements: Path | None,
    protocols: tuple[Path, ...],
) -> TuningPlan:
    from gsctl.cli.orbits import find_targets, warn_of_age
    from gsctl.orbit.doppler import tuning_plan

    if found.start_time is None:
        raise UsageError("the Doppler curve needs the time of the recording", advice="give --start-time")
    if nominal_hz is None:
        raise UsageError("the Doppler curve needs the centre of the recording", advice="give --center")
    (target,) = find_targets([satellite], elements, protocols, found.start_time)
    warn_of_age([target.elements], found.start_time)
    length_s = float(found.time_s[-1]) + found.row_s
    return tuning_plan(target.elements, place, nominal_hz, found.start_time, length_s)


def _frame_times(path: Path) -> list[datetime]:
    """When the frames of a ``frames.csv`` came; those of unknown time are left out."""
    times: list[datetime] = []
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            reader = csv.DictReader(stream)
            if "received_at" not in (reader.fieldnames or ()):
                raise LogbookError("no column received_at", where=str(path), advice="give a frames.csv")
            for row in reader:
                try:
                    moment = datetime.fromisoformat(row["received_at"] or "")
                except ValueError:
                    continue
                times.append(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
                if len(times) >= _MOST_MARKS:
                    console.warn(f"{path}: only the first {_MOST_MARKS} frames are marked")
                    break
    except OSError as error:
        raise LogbookError(f"cannot read: {error.strerror}", where=str(path)) from error
    except csv.Error as error:
        raise LogbookError(f"no CSV: {error}", where=str(path)) from error
    return times


@plot.command("pass")
def plot_pass(
    satellite: Annotated[str, typer.Argument(metavar="SAT", help="The satellite, by any name.")],
    output: OutputOption = None,
    elements: ElementsOption = None,
    station: StationOption = None,
    at: AtOption = None,
    start: NextPassOption = None,
    horizon: HorizonOption = None,
    min_elevation: Annotated[
        float, typer.Option("--min-elevation", metavar="DEG", help="Pass over those that stay lower.")
    ] = 0.0,
    protocols: ProtocolsOption = None,
) -> None:
    """Draw the next pass: the way over the sky, elevation, range and range rate."""
    import dataclasses

    import numpy as np

    from gsctl.cli.orbits import find_targets, tell_skipped, warn_of_age
    from gsctl.orbit.passes import look, predict
    from gsctl.plot.pictures import pass_picture

    place = require_station(station, at)
    begin = start or datetime.now(UTC)
    (target,) = find_targets([satellite], elements, protocol_dirs(protocols), begin)
    prediction = predict(
        [target.elements],
        [place],
        begin,
        begin + timedelta(days=_SEARCH_DAYS),
        horizon_deg=horizon,
        min_elevation_deg=min_elevation,
    )
    tell_skipped(prediction.skipped)
    warn_of_age([target.elements], begin)
    if not prediction.passes:
        raise CatalogError(
            f"{target.name} does not pass over {place.name} within {_SEARCH_DAYS:g} days",
            advice="give another --start or a lower --min-elevation",
        )
    found = prediction.passes[0]
    length_s = (found.los - found.aos).total_seconds()
    count = min(max(int(length_s) + 1, 2), _MOST_TRACK_POINTS)
    track = look(target.elements, place, found.aos, np.linspace(0.0, length_s, count))
    drawn = dataclasses.replace(found, satellite=target.name, track=track)
    name = f"pass-{_word(target.name)}-{found.aos:%Y%m%dT%H%M%SZ}.png"
    print(console.safe(pass_picture(output or Path(name), drawn)))


@plot.command("telemetry")
def plot_telemetry(
    log: Annotated[Path, typer.Argument(metavar="CSV", help="A telemetry log that gsctl wrote.")],
    output: OutputOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            metavar="NAME,...",
            help="Only these columns; may be given again.  [default: all that change]",
        ),
    ] = None,
    satellite: Annotated[
        str, typer.Option("--satellite", metavar="SAT", help="Only rows of this name or number.")
    ] = "",
) -> None:
    """Draw the numbers of a telemetry log over time, one panel a unit."""
    from gsctl.plot.telemetry import read_telemetry, telemetry_picture

    chosen = [name.strip() for text in columns or [] for name in text.split(",") if name.strip()]
    table = read_telemetry(log, satellite=satellite)
    target = output or Path(f"{log.stem}.png")
    print(console.safe(telemetry_picture(target, table, title=log.stem, columns=chosen)))


def _stem(recording: str) -> str:
    """What a recording is called, without folders and ending."""
    if recording == "-":
        return "stdin"
    if "://" in recording:
        return _word(recording.partition("://")[2])
    return Path(recording).stem


def _word(text: str) -> str:
    """Text as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "satellite"
