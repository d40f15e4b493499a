"""``gsctl record``: IQ from a radio to SigMF, without decoding."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import is_watched, tell, warn
from gsctl.cli.learned_offsets import tell_clock_error
from gsctl.cli.machine import clock_is_synchronised
from gsctl.cli.options import (
    AtOption,
    DryRunOption,
    DurationOption,
    ElementsOption,
    FrequencyOption,
    ProtocolsOption,
    SampleRateOption,
    StationOption,
    protocol_dirs,
    resolve_station,
)
from gsctl.cli.radio_options import (
    AntennaOption,
    DeviceOption,
    GainOption,
    LoOffsetOption,
    PpmOption,
    RetryOption,
    SettingOption,
    choose_radio,
    settings_of,
)
from gsctl.cli.receive_facts import facts_of_elements, facts_of_radio, hardware_of
from gsctl.cli.receive_search import UNKNOWN_CLOCK
from gsctl.cli.receive_tape import base_of, native_format, told_format
from gsctl.cli.signal_options import MinFreeOption, TransmitterOption
from gsctl.errors import ElementsError, RecordingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gsctl.model import SampleBlock, Satellite, Station
    from gsctl.radio.live import RadioSource
    from gsctl.radio.recorder import RecordingFacts, SigmfWriter
    from gsctl.radio.tuning import RadioSettings

_DEFAULT_RATE_HZ = 250e3
_REPORT_EVERY_S = 1.0

SatelliteArgument = Annotated[
    str | None,
    typer.Argument(metavar="SAT", help="Satellite whose downlink is recorded.", show_default=False),
]
WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write", "-w", metavar="FILE", help="Name of the recording.  [default: by time and frequency]"
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--sample-format", metavar="cu8|ci8|ci16|cf32", help="How samples are stored.  [default: the radio's]"
    ),
]
NarrowOption = Annotated[
    float | None,
    typer.Option(
        "--narrow", metavar="HZ", help="Record only a channel of this bandwidth about the frequency."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signal:
    """What is to be recorded."""

    frequency_hz: float
    satellite: Satellite | None = None
    transmitter: str = ""


def record(
    satellite: SatelliteArgument = None,
    frequency: FrequencyOption = None,
    transmitter: TransmitterOption = None,
    device: DeviceOption = "",
    sample_rate: SampleRateOption = None,
    gain: GainOption = None,
    antenna: AntennaOption = None,
    setting: SettingOption = None,
    ppm: PpmOption = None,
    lo_offset: LoOffsetOption = None,
    write: WriteOption = None,
    sample_format: FormatOption = None,
    narrow: NarrowOption = None,
    duration: DurationOption = None,
    min_free: MinFreeOption = 500.0,
    retry_for: RetryOption = 60.0,
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    protocols: ProtocolsOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Record the IQ of a satellite's downlink, or of a frequency, until interrupted or for --duration.

    Nothing is corrected for Doppler: `gsctl decode` of the recording does that.
    """
    signal = _choose_signal(satellite, frequency, transmitter, protocol_dirs(protocols))
    chosen = choose_radio(device, gain=gain, antenna=antenna, setting=setting, ppm=ppm)
    settings = settings_of(
        chosen,
        frequency_hz=signal.frequency_hz,
        sample_rate_hz=sample_rate or _DEFAULT_RATE_HZ,
        lo_offset_hz=lo_offset,
    )
    base = _base_name(write, signal)
    if dry_run:
        tell(
            f"would record {signal.frequency_hz / 1e6:.6f} MHz at {settings.sample_rate_hz:g} S/s "
            f"to {base}.sigmf-*"
        )
        return
    extra = _facts_of(signal, elements)
    place = resolve_station(station, at)
    storage = _Storage(sample_format, narrow, min_free, duration)
    _run(settings, chosen.ppm, base, storage, extra, place, retry_for)


@dataclass(frozen=True, slots=True)
class _Storage:
    """How the samples are kept."""

    sample_format: str | None
    narrow_hz: float | None
    min_free_mb: float
    duration_s: float | None


def _run(
    settings: RadioSettings,
    told_ppm: float | None,
    base: Path,
    storage: _Storage,
    extra: dict[str, Any],
    place: Station | None,
    retry_for_s: float,
) -> None:
    """Open radio and file, and copy from one to the other."""
    from gsctl.radio.radios import open_radio

    form = None if storage.sample_format is None else told_format(storage.sample_format)
    with ExitStack() as stack:
        source = stack.enter_context(open_radio(settings, retry_for_s=retry_for_s, listener=warn))
        tell(str(source.state))
        for note in source.state.notes:
            warn(note)
        if not tell_clock_error(source.state, told_ppm):
            # So that gsctl decode looks as far off as this radio may be.
            extra["gsctl:searched_hz"] = round(UNKNOWN_CLOCK * settings.frequency_hz, 1)
        if clock_is_synchronised() is False:
            warn("this machine's clock is not synchronised: the recording's times are as wrong as it is")
        blocks = _channel(source, settings.frequency_hz, storage.narrow_hz)
        writer: SigmfWriter | None = None
        try:
            for block in blocks:
                if writer is None:
                    chosen = form or native_format(
                        source.state.sample_format, filtered=bool(storage.narrow_hz)
                    )
                    writer = _open_writer(
                        base, chosen, block.sample_rate_hz, _facts(source, extra, place), storage
                    )
                    stack.enter_context(writer)
                if not writer.write(block):
                    raise RecordingError(
                        writer.ended, where=str(writer.data_path), advice="what was recorded is valid"
                    )
                if _done(block, storage.duration_s):
                    break
                _show(block)
        finally:
            _summarise(source, writer)


def _open_writer(
    base: Path, form: Any, rate_hz: float, facts: RecordingFacts, storage: _Storage
) -> SigmfWriter:
    """The recording's files, made."""
    from gsctl.radio.recorder import SigmfWriter

    return SigmfWriter(base, form, rate_hz, facts, min_free_bytes=round(storage.min_free_mb * 1e6))


def _channel(source: RadioSource, frequency_hz: float, narrow_hz: float | None) -> Iterator[SampleBlock]:
    """The radio's blocks, or those of the channel about ``frequency_hz``."""
    if narrow_hz is None:
        yield from source
        return
    from gsctl.pipeline.narrowing import Narrowing

    narrowing = Narrowing(source.sample_rate_hz, source.state.center_frequency_hz, frequency_hz, narrow_hz)
    for block in source:
        yield from narrowing.push(block)
    yield from narrowing.finish()


def _done(block: SampleBlock, duration_s: float | None) -> bool:
    """Whether enough was recorded."""
    return (
        duration_s is not None
        and block.start_sample + block.samples.size >= duration_s * block.sample_rate_hz
    )


def _show(block: SampleBlock) -> None:
    """A running count on a terminal."""
    seconds = block.start_sample / block.sample_rate_hz
    if not is_watched():
        return
    if int(seconds / _REPORT_EVERY_S) != int(
        (block.start_sample - block.samples.size) / block.sample_rate_hz
    ):
        print(f"\r{seconds:.0f} s", end="", file=sys.stderr, flush=True)


def _summarise(source: RadioSource, writer: SigmfWriter | None) -> None:
    """The last line."""
    counters = source.counters
    samples = writer.written_samples if writer else 0
    seconds = samples / source.sample_rate_hz if writer is None else samples / writer.sample_rate_hz
    if is_watched():
        print(file=sys.stderr)
    tell(
        f"samples={samples} seconds={seconds:.3f} dropped_samples={source.dropped} "
        f"overflows={counters.overflows} lagged_samples={counters.lagged_samples} "
        f"reopened={counters.reopened} file={writer.meta_path if writer else 'none'}"
    )


def _base_name(write: Path | None, signal: _Signal) -> Path:
    """Where to record, without SigMF's endings."""
    if write is not None:
        return base_of(write)
    name = signal.satellite.name.replace(" ", "-").replace("/", "-") if signal.satellite else "iq"
    return Path(f"{name}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}_{signal.frequency_hz:.0f}Hz")


def _choose_signal(
    satellite: str | None, frequency_hz: float | None, transmitter: str | None, protocols: Sequence[Path]
) -> _Signal:
    """The frequency, and what is known of it.

    Raises:
        UsageError: neither is told, or there are several downlinks to choose from.
        CatalogError: the satellite is unknown.
    """
    if satellite is None:
        if frequency_hz is None:
            raise UsageError("nothing says what to record", advice="name a satellite, or -f 437.365M")
        return _Signal(frequency_hz=frequency_hz)
    from gsctl.cli.known_satellites import known_satellites
    from gsctl.model import Direction

    found = known_satellites(protocols).find(satellite)
    downlinks = [t for t in found.transmitters if t.direction is Direction.DOWNLINK and t.frequency_hz]
    if transmitter is not None:
        downlinks = [t for t in downlinks if transmitter.casefold() in t.label.casefold()]
    if frequency_hz is not None:
        return _Signal(frequency_hz=frequency_hz, satellite=found, transmitter=transmitter or "")
    frequencies = {t.frequency_hz for t in downlinks}
    if len(frequencies) != 1:
        labels = "; ".join(t.label for t in downlinks)
        what = f"{found.name} has {'several downlinks' if downlinks else 'no such downlink'}"
        raise UsageError(what, where="--transmitter", advice=f"one of {labels}" if labels else "give -f")
    chosen = downlinks[0]
    return _Signal(frequency_hz=float(chosen.frequency_hz or 0.0), satellite=found, transmitter=chosen.label)


def _facts_of(signal: _Signal, elements: Path | None) -> dict[str, Any]:
    """What is written of satellite and elements."""
    extra: dict[str, Any] = {"gsctl:frequency_hz": signal.frequency_hz, "gsctl:doppler": "none"}
    if signal.satellite is None:
        return extra
    extra |= {"gsctl:satellite": signal.satellite.name, "gsctl:norad_id": signal.satellite.norad_id}
    if signal.transmitter:
        extra["gsctl:transmitter"] = signal.transmitter
    from gsctl.cli.orbits import elements_of

    try:
        found = elements_of(signal.satellite, elements, datetime.now(UTC))
    except ElementsError as error:
        warn(f"{error}; recording without them")
        return extra
    extra["gsctl:elements"] = facts_of_elements(found)
    return extra


def _facts(source: RadioSource, extra: dict[str, Any], place: Station | None) -> RecordingFacts:
    """What the metadata say of radio and place."""
    from gsctl.radio.recorder import RecordingFacts

    return RecordingFacts(
        hardware=hardware_of(source.state),
        position=None if place is None else (place.latitude_deg, place.longitude_deg, place.height_m),
        extra={**extra, **facts_of_radio(source.state)},
    )
