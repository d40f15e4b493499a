"""``gsctl decode``: recordings, streams and files of frames to frames, telemetry and logs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gsctl.cli.decode_options import SignalWords, describe_waveforms_and_framings, parse_symbol_rates
from gsctl.cli.decode_run import DecodeRequest, DecodeRun
from gsctl.cli.exits import NOTHING_FOUND
from gsctl.cli.frame_output import FORMATS, frame_output
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
from gsctl.errors import UsageError

InputArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="SigMF, WAV, FLAC, OGG, raw samples, KISS, hex text; - is standard input; udp:// or tcp://HOST:PORT.",
        show_default=False,
    ),
]
SatelliteOption = Annotated[
    str | None, typer.Option("--satellite", metavar="SAT", help="Whose signal it is, by any name.")
]
TransmitterOption = Annotated[
    str | None, typer.Option("--transmitter", metavar="LABEL", help="One of its downlinks; a part is enough.")
]
WaveformOption = Annotated[
    str | None,
    typer.Option(
        "--waveform",
        metavar="afsk|fsk|bpsk|morse",
        parser=choice("afsk", "fsk", "bpsk", "morse"),
        help="The waveform, where no catalogue knows it.",
    ),
]
SymbolRateOption = Annotated[
    Any,
    typer.Option(
        "--symbol-rate",
        metavar="BD",
        parser=parse_symbol_rates,
        help="Symbol rate, or several: 1200,9600; without it the usual ones are tried.",
    ),
]
FramingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--framing",
        metavar="NAME",
        help="Framing; may be given again; without it AX.25 in its forms is tried.",
    ),
]


def _hertz(option: str, text: str) -> Any:
    return Annotated[float | None, typer.Option(option, metavar="HZ", parser=parse_offset_hz, help=text)]


EffortOption = Annotated[
    str,
    typer.Option(
        "--effort",
        metavar="fast|normal|deep",
        parser=choice("fast", "normal", "deep"),
        help="How much processor time to spend for a frame more.",
    ),
]


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
    deviation: _hertz("--deviation", "Distance of each FSK tone, or peak FM deviation of AFSK.") = None,  # type: ignore[valid-type]
    mark: _hertz("--mark", "Audio tone of a one (AFSK).") = None,  # type: ignore[valid-type]
    space: _hertz("--space", "Audio tone of a zero (AFSK).") = None,  # type: ignore[valid-type]
    input_kind: Annotated[
        str,
        typer.Option(
            "--input",
            metavar="auto|fm-audio|ssb-audio|iq",
            parser=choice("auto", "fm-audio", "ssb-audio", "iq"),
            help="What the samples are.",
        ),
    ] = "auto",
    sample_rate: SampleRateOption = None,
    sample_format: Annotated[
        str | None,
        typer.Option("--sample-format", metavar="NAME", help="Of raw samples: u8 i16 f32 cu8 ci8 ci16 cf32."),
    ] = None,
    start_time: StartTimeOption = None,
    center: Annotated[
        float | None,
        typer.Option(
            "--center", metavar="HZ", parser=parse_frequency_hz, help="Centre frequency of an IQ stream."
        ),
    ] = None,
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
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-F",
            metavar="|".join(FORMATS),
            parser=choice(*FORMATS),
            help="How frames are printed.  [default: table on a terminal, jsonl in a pipe]",
        ),
    ] = None,
    effort: EffortOption = "normal",
    unchecked: Annotated[
        bool, typer.Option("--unchecked", show_default=False, help="Frames that no check vouches for, too.")
    ] = False,
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
