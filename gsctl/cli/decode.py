"""``gsctl decode``: recordings, streams and files of frames to frames, telemetry and logs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gsctl.cli.decode_options import SignalWords, describe_waveforms_and_framings
from gsctl.cli.decode_run import DecodeRequest, DecodeRun
from gsctl.cli.exits import NOTHING_FOUND
from gsctl.cli.frame_output import frame_output
from gsctl.cli.options import (
    AtOption,
    ElementsOption,
    LogDirOption,
    NoLogOption,
    ProtocolsOption,
    RequireOption,
    SampleRateOption,
    StartTimeOption,
    StationOption,
    choice,
    elements_path,
    log_directory,
    parse_frequency_hz,
    parse_offset_hz,
    protocol_dirs,
    resolve_station,
)
from gsctl.cli.signal_options import (
    CenterOption,
    DeviationOption,
    EffortOption,
    FrameFormatOption,
    FramingOption,
    InputKindOption,
    RawFormatOption,
    SymbolRateOption,
    TransmitterOption,
    UncheckedOption,
    WaveformOption,
)
from gsctl.errors import UsageError

InputArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="SigMF, WAV, FLAC, OGG, raw samples; KISS, hex, CSV or JSON with frames; - is standard input; "
        "udp:// or tcp://HOST:PORT.",
        show_default=False,
    ),
]
SatelliteOption = Annotated[
    str | None, typer.Option("--satellite", metavar="SAT", help="Whose signal it is, by any name.")
]


def _hertz(option: str, text: str) -> Any:
    return Annotated[float | None, typer.Option(option, metavar="HZ", parser=parse_offset_hz, help=text)]


def decode(
    inputs: InputArgument = None,
    satellite: SatelliteOption = None,
    transmitter: TransmitterOption = None,
    protocols: ProtocolsOption = None,
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    waveform: WaveformOption = None,
    symbol_rate: SymbolRateOption = None,
    framing: FramingOption = None,
    deviation: DeviationOption = None,
    mark: _hertz("--mark", "Audio tone of a one (AFSK).") = None,  # type: ignore[valid-type]
    space: _hertz("--space", "Audio tone of a zero (AFSK).") = None,  # type: ignore[valid-type]
    input_kind: InputKindOption = "auto",
    sample_rate: SampleRateOption = None,
    sample_format: RawFormatOption = None,
    start_time: StartTimeOption = None,
    center: CenterOption = None,
    frequency: Annotated[
        float | None,
        typer.Option(
            "--frequency", "-f", metavar="HZ", parser=parse_frequency_hz, help="Frequency of the signal."
        ),
    ] = None,
    carrier: _hertz("--carrier", "Audio frequency of the carrier in SSB audio.") = None,  # type: ignore[valid-type]
    doppler: Annotated[
        str | None,
        typer.Option(
            "--doppler",
            metavar="none|elements|corrected",
            parser=choice("none", "elements", "corrected"),
            help="Doppler shift: left alone, taken out here, or taken out before.",
        ),
    ] = None,
    log_dir: LogDirOption = None,
    no_log: NoLogOption = False,
    form: FrameFormatOption = None,
    effort: EffortOption = "normal",
    unchecked: UncheckedOption = False,
    require: RequireOption = False,
    list_all: Annotated[
        bool, typer.Option("--list", show_default=False, help="List waveforms and framings, and stop.")
    ] = False,
) -> None:
    """Decode recordings, streams and files of frames, and log what they hold."""
    if list_all:
        print("\n".join(describe_waveforms_and_framings()))
        return
    if not inputs:
        raise UsageError("no INPUT given", advice="name a recording, or - for standard input")
    words = SignalWords(
        satellite=satellite,
        transmitter=transmitter,
        waveform=waveform,
        symbol_rates_bd=symbol_rate or (),
        framings=tuple(framing or ()),
        deviation_hz=deviation,
        mark_hz=mark,
        space_hz=space,
        carrier_hz=carrier,
    )
    request = DecodeRequest(
        words=words,
        input_kind=input_kind,
        sample_rate_hz=sample_rate,
        sample_format=sample_format,
        start_time=start_time,
        center_hz=center,
        frequency_hz=frequency,
        doppler=doppler,
        effort=effort,
        unchecked=unchecked,
        station=resolve_station(station, at),
        elements=elements_path(elements),
        log_dir=log_directory(log_dir, no_log=no_log),
    )
    from gsctl.cli.known_satellites import known_satellites

    catalog = known_satellites(protocol_dirs(protocols))
    output = frame_output(form)
    found = 0
    for one in inputs:
        found += DecodeRun(one, request, catalog, output).go()
    if require and not found:
        raise typer.Exit(NOTHING_FOUND)
