"""``gsctl ais``: AIS messages from radios, IQ, audio or NMEA text, logged, printed and sent on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli import console, exits
from gsctl.cli.ais_device import AisDeviceOption, RadioWords
from gsctl.cli.ais_radio import SampleWords
from gsctl.cli.ais_sources import Ports, open_sources
from gsctl.cli.options import (
    AtOption,
    DurationOption,
    LogDirOption,
    NoLogOption,
    RequireOption,
    SampleRateOption,
    StartTimeOption,
    StationOption,
    choice,
    log_directory,
    parse_duration_s,
    parse_frequency_hz,
    resolve_station,
)
from gsctl.cli.radio_options import AntennaOption, GainOption, PpmOption, SettingOption
from gsctl.cli.signal_options import EffortOption, RawFormatOption, RecordToOption
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from gsctl.ais.filters import Area, DuplicateFilter, MessageFilter
    from gsctl.ais.forwarding import TcpSender, UdpSender
    from gsctl.logbook.csvlog import CsvLog

_FORMATS = ("table", "nmea", "jsonl", "json", "csv", "ais-catcher", "none")


def _numbers(text: str) -> frozenset[int]:
    """Whole numbers with commas between them."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"{text!r} is no list of whole numbers", advice="write it as 1,2,3")
    return frozenset(int(part) for part in parts)


def _area(text: str) -> Area:
    """South, west, north and east of an area, in degrees."""
    from gsctl.ais.filters import Area

    advice = "write SOUTH,WEST,NORTH,EAST in degrees, as 8,104,22,112"
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{text!r} is no area", advice=advice) from None
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise UsageError(f"{text!r} is no area on the globe", advice=advice)
    return Area(south_deg=south, west_deg=west, north_deg=north, east_deg=east)


def ais(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            show_default=False,
            help="A recording of IQ or of one channel's FM audio; or NMEA text: a file (also .gz), - for "
            "standard input, a serial port, udp://HOST:PORT or tcp-listen://HOST:PORT to listen, "
            "tcp://HOST:PORT to connect.",
        ),
    ] = None,
    device: AisDeviceOption = None,
    gain: GainOption = None,
    antenna: AntennaOption = None,
    setting: SettingOption = None,
    ppm: PpmOption = None,
    write: RecordToOption = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-F",
            parser=choice(*_FORMATS),
            metavar="|".join(_FORMATS),
            help="What to print.  [default: table on a terminal, jsonl in a pipe]",
        ),
    ] = None,
    log_dir: LogDirOption = None,
    no_log: NoLogOption = False,
    udp: Annotated[
        list[str] | None,
        typer.Option("--udp", metavar="HOST:PORT", help="Send the sentences on by UDP; may be given again."),
    ] = None,
    tcp: Annotated[
        list[str] | None,
        typer.Option("--tcp", metavar="HOST:PORT", help="Send the sentences on by TCP; may be given again."),
    ] = None,
    tag_block: Annotated[
        bool,
        typer.Option("--tag-block", show_default=False, help="Put source and time before each sentence."),
    ] = False,
    drop_duplicates: Annotated[
        float | None,
        typer.Option(
            "--drop-duplicates",
            metavar="TIME",
            parser=parse_duration_s,
            help="Drop a message that was heard within this time before, by whomever: 10s.",
        ),
    ] = None,
    mmsi: Annotated[
        frozenset[int] | None,
        typer.Option("--mmsi", metavar="N,N", parser=_numbers, help="Only these senders."),
    ] = None,
    message_type: Annotated[
        frozenset[int] | None,
        typer.Option("--type", metavar="N,N", parser=_numbers, help="Only these message types, 1 to 27."),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option("--area", metavar="S,W,N,E", help="Only ships in this area, in degrees: 8,104,22,112."),
    ] = None,
    input_kind: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="auto|fm-audio|iq",
            parser=choice("auto", "fm-audio", "iq"),
            help="What the samples of a recording are.  [default: auto]",
        ),
    ] = None,
    sample_rate: SampleRateOption = None,
    sample_format: RawFormatOption = None,
    start_time: StartTimeOption = None,
    center: Annotated[
        float | None,
        typer.Option(
            "--center",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Centre frequency of IQ, where it does not say.  [default: 162M, if there is room for both "
            "channels]",
        ),
    ] = None,
    effort: EffortOption = "normal",
    station: StationOption = None,
    at: AtOption = None,
    duration: DurationOption = None,
    clock: Annotated[
        bool | None,
        typer.Option(
            "--clock/--no-clock",
            show_default=False,
            help="Give this computer's time to lines that do not tell theirs.  [default: for live input]",
        ),
    ] = None,
    retry_for: Annotated[
        float | None,
        typer.Option(
            "--retry-for",
            metavar="SECONDS",
            min=0.0,
            help="How long a TCP server or a radio that is gone is looked for; 0 ends with it.  "
            "[default: without end; a radio 60]",
        ),
    ] = None,
    rate: Annotated[int, typer.Option("--baud", metavar="BD", help="Rate of a serial port.")] = 38_400,
    statistics: Annotated[
        bool,
        typer.Option(
            "--statistics", show_default=False, help="At the end, count messages by channel and type."
        ),
    ] = False,
    check_clock: Annotated[
        bool,
        typer.Option(
            "--check-clock",
            show_default=False,
            help="At the end, compare the times of reception with the slots that ships keep.",
        ),
    ] = False,
    require: RequireOption = False,
) -> None:
    """AIS messages from radios, recordings of IQ or FM audio, and NMEA text of files, ports and the network.

    Each message becomes a line of ais.csv in the log folder. The time of a message is that of its tag
    block, else the one the receiving station wrote beside it, else that of its samples in the recording,
    else this computer's where the input is live; the column time_source says which.
    """
    from gsctl.ais.clock_check import ClockCheck
    from gsctl.ais.ships import ShipTable
    from gsctl.cli.ais_output import choose_printer
    from gsctl.cli.ais_run import AisRun
    from gsctl.logbook.frames import new_session_id

    started_at = datetime.now(UTC)
    session = new_session_id(started_at)
    place = resolve_station(station, at)
    duplicates, wanted = _filters(drop_duplicates, mmsi, message_type, area)
    words = SampleWords(
        input_kind=input_kind,
        sample_rate_hz=sample_rate,
        sample_format=sample_format,
        center_hz=center,
        start_time=start_time,
        effort=effort,
    )
    radio = RadioWords(
        device=device,
        gain=gain,
        antenna=antenna,
        setting=setting or (),
        ppm=ppm,
        retry_for_s=60.0 if retry_for is None else retry_for,
        write=write,
    )
    radio.check(inputs or ())
    directory = log_directory(log_dir, no_log=no_log)
    chosen = output_format or ("table" if console.on_terminal() else "jsonl")
    with ExitStack() as opened:
        sources = open_sources(inputs or (), radio, Ports(rate, bool(clock), retry_for), words, opened)
        ships = ShipTable()
        run = AisRun(
            session=session,
            started_at=started_at,
            sources=sources,
            printer=choose_printer(
                chosen,
                ships,
                station=place,
                live=any(source.live for source in sources),
                session=session,
                tag_block=tag_block,
            ),
            log=_open_log(directory, opened),
            senders=_open_senders(udp or (), tcp or (), opened),
            tag_block=tag_block,
            duplicates=duplicates,
            wanted=wanted,
            ships=ships,
            until_s=None if duration is None else time.monotonic() + duration,
            clock=clock,
            clock_check=ClockCheck() if check_clock else None,
        )
        run.work()
        run.sum_up(directory, statistics=statistics)
        if require and not run.passed:
            console.complain("no AIS message found")
            raise typer.Exit(exits.NOTHING_FOUND)


def _open_senders(udp: Sequence[str], tcp: Sequence[str], opened: ExitStack) -> list[UdpSender | TcpSender]:
    from gsctl.ais.forwarding import TcpSender, UdpSender
    from gsctl.ais.network import parse_endpoint

    senders: list[UdpSender | TcpSender] = [UdpSender(*parse_endpoint(text)) for text in udp]
    senders += [TcpSender(*parse_endpoint(text)) for text in tcp]
    for sender in senders:
        opened.callback(sender.close)
    return senders


def _open_log(directory: Path | None, opened: ExitStack) -> CsvLog | None:
    if directory is None:
        return None
    from gsctl.ais.messages import AIS_COLUMNS
    from gsctl.logbook.csvlog import CsvLog

    log = CsvLog(directory / "ais.csv", AIS_COLUMNS, key=("frame_id", "nmea"), on_message=console.warn)
    return opened.enter_context(log)


def _filters(
    drop_duplicates: float | None,
    mmsi: frozenset[int] | None,
    message_type: frozenset[int] | None,
    area: str | None,
) -> tuple[DuplicateFilter | None, MessageFilter | None]:
    from gsctl.ais.filters import DuplicateFilter, MessageFilter

    duplicates = None if drop_duplicates is None else DuplicateFilter(drop_duplicates)
    if not (mmsi or message_type or area):
        return duplicates, None
    wanted = MessageFilter(
        mmsis=mmsi or (), message_types=message_type or (), area=_area(area) if area else None
    )
    return duplicates, wanted
