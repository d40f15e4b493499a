"""The options that say what a signal or a recording is, and how it is received, decoded and kept.

The commands that share one declare it by these names. An option of which a command offers less, or
means something else, stays with that command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gsctl.cli.decode_options import parse_symbol_rates
from gsctl.cli.frame_output import FORMATS as FRAME_FORMATS
from gsctl.cli.options import choice
from gsctl.cli.quantities import parse_frequency_hz, parse_offset_hz

__all__ = [
    "CenterOption",
    "DeviationOption",
    "EffortOption",
    "FrameFormatOption",
    "FramingOption",
    "InputKindOption",
    "MinFreeOption",
    "RawFormatOption",
    "RecordToOption",
    "SeedOption",
    "SimulatedFormatOption",
    "SymbolRateOption",
    "TransmitterOption",
    "UncheckedOption",
    "WaveformOption",
]

_SIMULATED_FORMATS = ("cf32", "ci16", "ci8", "cu8")

# What the signal is.
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
DeviationOption = Annotated[
    float | None,
    typer.Option(
        "--deviation",
        metavar="HZ",
        parser=parse_offset_hz,
        help="Distance of each FSK tone, or peak FM deviation of AFSK.",
    ),
]

# What the samples are.
InputKindOption = Annotated[
    str,
    typer.Option(
        "--input",
        metavar="auto|fm-audio|ssb-audio|iq",
        parser=choice("auto", "fm-audio", "ssb-audio", "iq"),
        help="What the samples are.",
    ),
]
RawFormatOption = Annotated[
    str | None,
    typer.Option("--sample-format", metavar="NAME", help="Of raw samples: u8 i16 f32 cu8 ci8 ci16 cf32."),
]
CenterOption = Annotated[
    float | None,
    typer.Option(
        "--center",
        metavar="HZ",
        parser=parse_frequency_hz,
        help="Centre frequency of IQ that does not tell it.",
    ),
]

# How it is received and what is given of it.
EffortOption = Annotated[
    str,
    typer.Option(
        "--effort",
        metavar="fast|normal|deep",
        parser=choice("fast", "normal", "deep"),
        help="How much processor time to spend to hear more.",
    ),
]
UncheckedOption = Annotated[
    bool, typer.Option("--unchecked", show_default=False, help="Frames that no check vouches for, too.")
]
FrameFormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-F",
        metavar="|".join(FRAME_FORMATS),
        parser=choice(*FRAME_FORMATS),
        help="How frames are printed.  [default: table on a terminal, jsonl in a pipe]",
    ),
]

# What is recorded of it, or simulated.
RecordToOption = Annotated[
    Path | None,
    typer.Option("--write", "-w", metavar="FILE", help="Record the radio's IQ to this SigMF recording, too."),
]
MinFreeOption = Annotated[
    float,
    typer.Option(
        "--min-free", metavar="MB", min=0.0, help="End the recording while so much of the disk is free."
    ),
]
SimulatedFormatOption = Annotated[
    str,
    typer.Option(
        "--sample-format",
        metavar="|".join(_SIMULATED_FORMATS),
        parser=choice(*_SIMULATED_FORMATS),
        help="Of the recording.",
    ),
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, help="Of the noise, and whatever else is random.")
]
