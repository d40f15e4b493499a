"""``gsctl simulate``: the IQ that a station would receive, with its truth."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gsctl.cli.options import (
    AtOption,
    DryRunOption,
    DurationOption,
    ElementsOption,
    NextPassOption,
    ProtocolsOption,
    SampleRateOption,
    StationOption,
    parse_duration_s,
    parse_frequency_hz,
    parse_offset_hz,
    protocol_dirs,
    require_station,
)
from gsctl.cli.signal_options import SeedOption, SimulatedFormatOption, TransmitterOption
from gsctl.cli.simulate_ais import simulate_ais
from gsctl.errors import ConfigError, UsageError

simulate = typer.Typer(help="The IQ that a station would receive, with its truth.")
simulate.command("ais")(simulate_ais)

DEFAULT_RATE_HZ = 48_000.0
MOST_RATE_HZ = 20e6


@simulate.command("pass")
def simulate_one_pass(
    satellite: Annotated[str, typer.Argument(metavar="SAT", help="Satellite by any name.")],
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    start: NextPassOption = None,
    min_elevation: Annotated[
        float, typer.Option("--min-elevation", metavar="DEG", help="The pass must rise so high.")
    ] = 10.0,
    transmitter: TransmitterOption = None,
    framing: Annotated[
        str | None,
        typer.Option("--framing", metavar="NAME", help="Framing, where the catalogue's is not wanted."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            "-w",
            metavar="BASE",
            help="SigMF recording to write.  [default: SATELLITE-TIME in this folder]",
        ),
    ] = None,
    sample_rate: SampleRateOption = None,
    sample_format: SimulatedFormatOption = "ci16",
    center: Annotated[
        float | None,
        typer.Option(
            "--center",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Centre frequency of the IQ.  [default: the downlink]",
        ),
    ] = None,
    duration: DurationOption = None,
    ebn0: Annotated[
        float, typer.Option("--ebn0", metavar="DB", help="Eb/N0 at the smallest range, in dB.")
    ] = 20.0,
    offset: Annotated[
        float | None,
        typer.Option(
            "--offset", metavar="HZ", parser=parse_offset_hz, help="Error of the transmitter's carrier."
        ),
    ] = None,
    ppm: Annotated[
        float,
        typer.Option("--ppm", "-p", metavar="PPM", help="Error of the receiver's clock; fast is positive."),
    ] = 0.0,
    spin: Annotated[
        float | None,
        typer.Option(
            "--spin",
            metavar="TIME",
            parser=parse_duration_s,
            help="Time between two nulls of a tumbling antenna.",
        ),
    ] = None,
    null_depth: Annotated[
        float, typer.Option("--null-depth", metavar="DB", help="Depth of such a null.")
    ] = 25.0,
    every: Annotated[
        float | None,
        typer.Option(
            "--every",
            metavar="TIME",
            parser=parse_duration_s,
            help="Time between bursts.  [default: 5s, Morse 40s]",
        ),
    ] = None,
    per_burst: Annotated[
        int, typer.Option("--per-burst", metavar="N", min=1, max=100, help="Frames in a burst.")
    ] = 1,
    frames: Annotated[
        Path | None,
        typer.Option(
            "--frames",
            metavar="FILE",
            help="Frames to send, one line of hex each.  [default: numbered texts]",
        ),
    ] = None,
    bursts_only: Annotated[
        float | None,
        typer.Option(
            "--bursts-only",
            metavar="TIME",
            parser=parse_duration_s,
            help="Leave out the silence that is farther from a burst than this.",
        ),
    ] = None,
    seed: SeedOption = 1,
    protocols: ProtocolsOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Simulate a pass: Doppler shift, rise and fall with range, noise, clock and carrier error.

    Writes a SigMF recording, and beside it BASE.truth.json with every frame, its time and its sample.
    With --duration only so much around the culmination is made.
    """
    from gsctl.cli.orbits import find_targets, warn_of_age
    from gsctl.cli.simulated_pass import (
        Wishes,
        describe,
        facts_of,
        file_name,
        next_pass,
        sendable,
        simulated_pass,
        write_recording,
    )

    _check(sample_rate, null_depth)
    wishes = Wishes(
        sample_rate_hz=sample_rate or DEFAULT_RATE_HZ,
        center_hz=center,
        duration_s=duration,
        ebn0_db=ebn0,
        offset_hz=offset or 0.0,
        ppm=ppm,
        spin_s=spin,
        null_depth_db=null_depth,
        every_s=every,
        per_burst=per_burst,
        frames=frames,
        bursts_only_s=bursts_only,
        seed=seed,
    )

    place = require_station(station, at)
    begin = start or datetime.now(UTC)
    target = find_targets([satellite], elements, protocol_dirs(protocols), begin)[0]
    downlink = sendable(target, transmitter, framing)
    one = next_pass(target, place, begin, min_elevation)
    try:
        simulated = simulated_pass(target, place, downlink, one, wishes)
    except ConfigError as error:  # a scene that cannot be is what the options asked for
        raise UsageError(error.what, where=error.where, advice=error.advice) from error
    warn_of_age([target.elements], begin)
    describe(target, downlink, one, simulated)
    base = write or Path(f"{file_name(target.name)}-{simulated.scene.start:%Y%m%dT%H%M%SZ}")
    if not dry_run:
        write_recording(simulated, base, sample_format, facts_of(target, place, downlink, one, simulated))


def _check(sample_rate_hz: float | None, null_depth_db: float) -> None:
    """Refuse what no simulation can mean."""
    if sample_rate_hz is not None and sample_rate_hz > MOST_RATE_HZ:
        raise UsageError(
            f"{sample_rate_hz:g} samples/s would fill any disk", where="--sample-rate", advice="at most 20M"
        )
    if not 0.0 <= null_depth_db <= 120.0:
        raise UsageError(f"{null_depth_db:g} dB is no depth", where="--null-depth", advice="from 0 to 120")
