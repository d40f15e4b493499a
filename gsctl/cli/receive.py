"""``gsctl receive``: a satellite live from a radio, Doppler corrected, decoded and logged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gsctl.cli.decode_options import SignalWords
from gsctl.cli.exits import NOTHING_FOUND
from gsctl.cli.options import (
    AtOption,
    DryRunOption,
    DurationOption,
    ElementsOption,
    FrequencyOption,
    LogDirOption,
    NoLogOption,
    ProtocolsOption,
    RequireOption,
    SampleRateOption,
    StationOption,
    choice,
    elements_path,
    log_directory,
    parse_frequency_hz,
    protocol_dirs,
    resolve_station,
)
from gsctl.cli.radio_options import (
    AntennaOption,
    GainOption,
    LoOffsetOption,
    PpmOption,
    RetryOption,
    SettingOption,
    choose_radio,
)
from gsctl.cli.receive_plan import ReceiveRequest
from gsctl.cli.receive_run import ReceiveRun
from gsctl.cli.signal_options import (
    DeviationOption,
    EffortOption,
    FrameFormatOption,
    FramingOption,
    MinFreeOption,
    RecordToOption,
    SymbolRateOption,
    TransmitterOption,
    UncheckedOption,
    WaveformOption,
)
from gsctl.errors import UsageError

SatelliteArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="SAT", help="Satellite by any name; or give -f and --waveform.", show_default=False
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        "-d",
        metavar="DEVICE",
        show_default=False,
        help="Radio: driver=rtlsdr,serial=00000001, rtl_tcp://HOST:PORT, a configured name, raw samples by "
        "udp:// or tcp://HOST:PORT or - for standard input, or a recording, played in real time.  "
        "[default: the only radio there]",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="direct|gnuradio",
        parser=choice("direct", "gnuradio"),
        help="What drives the radio: gsctl itself, or a GNU Radio flowgraph in its own process.",
    ),
]
DopplerOption = Annotated[
    str | None,
    typer.Option(
        "--doppler",
        metavar="none|elements",
        parser=choice("none", "elements"),
        help="Doppler shift: left alone, or taken out.  [default: elements, for a satellite]",
    ),
]
RecordedOption = Annotated[
    str | None,
    typer.Option(
        "--record",
        metavar="device|channel",
        parser=choice("device", "channel"),
        help="What -w records: all that the radio gives, or only the channels that are listened to, with "
        "room for the Doppler shift.  [default: device]",
    ),
]
SampleFormatOption = Annotated[
    str | None,
    typer.Option(
        "--sample-format", metavar="cu8|ci8|ci16|cf32", help="Of the recording, and of udp://, tcp:// and -."
    ),
]


def receive(
    satellite: SatelliteArgument = None,
    device: DeviceOption = "",
    frequency: FrequencyOption = None,
    sample_rate: SampleRateOption = None,
    gain: GainOption = None,
    antenna: AntennaOption = None,
    setting: SettingOption = None,
    ppm: PpmOption = None,
    lo_offset: LoOffsetOption = None,
    engine: EngineOption = "direct",
    retry_for: RetryOption = 60.0,
    transmitter: TransmitterOption = None,
    waveform: WaveformOption = None,
    symbol_rate: SymbolRateOption = None,
    framing: FramingOption = None,
    deviation: DeviationOption = None,
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    protocols: ProtocolsOption = None,
    doppler: DopplerOption = None,
    center: Annotated[
        float | None,
        typer.Option(
            "--center", metavar="HZ", parser=parse_frequency_hz, help="Centre of what udp:// or tcp:// sends."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", show_default=False, help="Sleep until AOS first.")] = False,
    until_los: Annotated[
        bool, typer.Option("--until-los", show_default=False, help="End at LOS of this or the next pass.")
    ] = False,
    duration: DurationOption = None,
    write: RecordToOption = None,
    recorded: RecordedOption = None,
    sample_format: SampleFormatOption = None,
    min_free: MinFreeOption = 500.0,
    kiss_server: Annotated[
        str | None,
        typer.Option("--kiss-server", metavar="[HOST:]PORT", help="Serve frames as KISS over TCP."),
    ] = None,
    rigctld: Annotated[
        str | None,
        typer.Option(
            "--rigctld",
            metavar="[HOST:]PORT",
            help="Let GPredict or another steer the frequency, in place of our own elements.",
        ),
    ] = None,
    log_dir: LogDirOption = None,
    no_log: NoLogOption = False,
    form: FrameFormatOption = None,
    effort: EffortOption = "normal",
    unchecked: UncheckedOption = False,
    require: RequireOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Receive a satellite: tune, follow the Doppler shift, decode and log until interrupted.

    The oscillator stays still beside the signal; the shift is taken out behind it. All downlinks that
    fit in the sample rate are received at once.
    """
    if satellite is None and waveform is None:
        raise UsageError("nothing says what to receive", advice="name a satellite, or give -f and --waveform")
    radio = choose_radio(device, gain=gain, antenna=antenna, setting=setting, ppm=ppm)
    request = ReceiveRequest(
        words=SignalWords(
            satellite=satellite,
            transmitter=transmitter,
            waveform=waveform,
            symbol_rates_bd=symbol_rate or (),
            framings=tuple(framing or ()),
            deviation_hz=deviation,
        ),
        radio=radio,
        engine=engine,
        frequency_hz=frequency,
        sample_rate_hz=sample_rate,
        lo_offset_hz=lo_offset,
        center_hz=center,
        sample_format=sample_format,
        retry_for_s=retry_for,
        station=resolve_station(station, at),
        elements=elements_path(elements),
        doppler=doppler,
        wait=wait,
        until_los=until_los,
        duration_s=duration,
        write=write,
        narrow=_is_narrow(recorded, write),
        min_free_mb=min_free,
        kiss_server=kiss_server,
        rigctld=rigctld,
        log_dir=log_directory(log_dir, no_log=no_log),
        form=form,
        effort=effort,
        unchecked=unchecked,
    )
    from gsctl.cli.known_satellites import known_satellites

    run = ReceiveRun(request, known_satellites(protocol_dirs(protocols)))
    if dry_run:
        run.describe()
        return
    if not run.go() and require:
        raise typer.Exit(NOTHING_FOUND)


def _is_narrow(recorded: str | None, write: Path | None) -> bool:
    """Whether only the channels are to be recorded."""
    if recorded is not None and write is None:
        raise UsageError("there is nothing to record to", where="--record", advice="name a recording with -w")
    return recorded == "channel"
