"""``gsctl demo``: the main job with no hardware and no network."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import is_watched, tell
from gsctl.cli.session_line import SessionLine

if TYPE_CHECKING:
    from gsctl.model import SampleBlock
    from gsctl.pipeline.decoding import Decoding
    from gsctl.pipeline.demo_pass import DemoPass
    from gsctl.pipeline.sky import Sky
    from gsctl.pipeline.writing import Writer
    from gsctl.plot.spectrogram import SpectrogramBuilder

FOLDER = Path("gsctl-demo")


def demo(
    log_dir: Annotated[
        Path, typer.Option("--log-dir", metavar="DIR", help="Folder for the logs and the picture.")
    ] = FOLDER,
) -> None:
    """Predict, receive, decode and log a simulated pass of NanoDragon."""
    line = SessionLine()
    from gsctl.cli.known_satellites import known_satellites
    from gsctl.pipeline.demo_pass import demo_pass

    catalog = known_satellites()
    shown = demo_pass(catalog)
    _print_pass(shown)
    result = _receive(shown, catalog, log_dir, line.started_at)
    picture = _draw(shown, result, log_dir)
    result.writer.close(
        line.values(
            tally=result.writer.tally,
            counters=result.run.counters,
            signal_s=result.run.signal_s,
            sky=result.sky,
            input="simulated pass, gsctl demo profile",
            input_sha256=result.identity,
        )
    )
    _print_result(shown, result, log_dir, picture)


def _print_pass(shown: DemoPass) -> None:
    passing, station = shown.passing, shown.passing.station
    elements, transmitter = shown.elements, shown.transmitter
    age_days = (passing.aos - elements.epoch).total_seconds() / 86400
    print(f"{shown.satellite.name} ({shown.satellite.norad_id}) over {station.name}", end="")
    print(f", {station.latitude_deg:.1f} N {station.longitude_deg:.1f} E, {transmitter.label}")
    print(f"  elements  epoch {elements.epoch:%Y-%m-%d %H:%M:%S}Z, {age_days:.2f} days before the pass")
    for name, moment, azimuth_deg in (
        ("AOS", passing.aos, passing.aos_azimuth_deg),
        ("TCA", passing.tca, passing.tca_azimuth_deg),
        ("LOS", passing.los, passing.los_azimuth_deg),
    ):
        high = f", elevation {passing.max_elevation_deg:.1f} deg" if name == "TCA" else ""
        print(f"  {name}       {moment:%Y-%m-%d %H:%M:%S}Z, azimuth {azimuth_deg:5.1f} deg{high}")
    print("  frames    gsctl demo profile: made up by gsctl, NanoDragon's own are not public")
    sys.stdout.flush()


@dataclass(slots=True, kw_only=True)
class _Result:
    run: Decoding
    writer: Writer
    spectrogram: SpectrogramBuilder
    session: str
    identity: str
    sky: Sky
    frame_times: list[datetime] = field(default_factory=list)
    schemas: dict[str, int] = field(default_factory=dict)
    matched: int = 0


def _receive(shown: DemoPass, catalog: Any, log_dir: Path, started_at: datetime) -> _Result:
    """Run the simulated IQ through the receiver that recordings and radios use."""
    from gsctl.logbook.book import Logbook
    from gsctl.logbook.frames import new_session_id
    from gsctl.model import DopplerState
    from gsctl.pipeline.chains import chains_for_satellite
    from gsctl.pipeline.decoding import Decoding
    from gsctl.pipeline.listening import Settings
    from gsctl.pipeline.sky import Sky
    from gsctl.pipeline.writing import Writer
    from gsctl.plot.spectrogram import SpectrogramBuilder

    session = new_session_id(started_at)
    writer = Writer(Logbook(log_dir, session=session, on_message=tell), session)
    chains = chains_for_satellite(shown.satellite, shown.transmitter.label)
    sky = Sky([shown.elements], shown.passing.station, shown.passing.aos)
    settings = Settings(doppler=DopplerState.ELEMENTS, sky=sky)
    identity = hashlib.sha256(repr(shown.simulated.scene.start).encode() + b"gsctl demo").hexdigest()
    result = _Result(
        run=Decoding(chains, settings, catalog, identity, writer),
        writer=writer,
        spectrogram=SpectrogramBuilder(bins=512),
        session=session,
        identity=identity,
        sky=sky,
    )
    sent = {frame.payload for frame in shown.simulated.truth}
    with _progress() as progress:
        blocks = _watched(shown.simulated.blocks(), result.spectrogram)
        for reception, _ in result.run.samples(blocks, progress, shown.simulated.scene.duration_s):
            if reception.frame.received_at is not None:
                result.frame_times.append(reception.frame.received_at)
            result.matched += reception.frame.payload in sent
            for record in reception.records:
                result.schemas[record.schema] = result.schemas.get(record.schema, 0) + 1
    return result


def _watched(blocks: Iterable[SampleBlock], spectrogram: SpectrogramBuilder) -> Iterator[SampleBlock]:
    for block in blocks:
        spectrogram.add(block)
        yield block


def _progress() -> Any:
    if not is_watched():
        return nullcontext(None)
    from gsctl.cli.progress import progress_bar

    return progress_bar("receiving")


def _draw(shown: DemoPass, result: _Result, log_dir: Path) -> Path:
    from gsctl.plot.pictures import demo_picture

    passing = shown.passing
    return demo_picture(
        log_dir / "pass.png",
        passing=passing,
        spectrogram=result.spectrogram.finish(),
        plan=shown.plan,
        frame_times=result.frame_times,
        title=f"{shown.satellite.name} over {passing.station.name}, simulated",
        note="frames: gsctl demo profile (made up; the satellite's own are not public)",
    )


def _print_result(shown: DemoPass, result: _Result, log_dir: Path, picture: Path) -> None:
    tally = result.writer.tally
    sent = len(shown.simulated.truth)
    print(f"received {tally.frames} of {sent} frames, {result.matched} of them byte for byte as sent")
    for schema, count in sorted(result.schemas.items()):
        print(f"  {schema:22} {count:4} records")
    print(f"  {'relayed AIS':22} {tally.ais_messages:4} messages")
    print(f"logs in {log_dir}/")
    for path in sorted(log_dir.glob("*.csv")) + sorted(log_dir.glob("*.jsonl")):
        print(f"  {path.name}")
    print(f"picture {picture}")
