"""``gsctl simulate``: the IQ that a station would receive, with its truth."""

from __future__ import annotations

import dataclasses
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import loudness, safe, tell
from gsctl.cli.options import (
    AtOption,
    DryRunOption,
    DurationOption,
    ElementsOption,
    ProtocolsOption,
    SampleRateOption,
    StationOption,
    choice,
    parse_duration_s,
    parse_frequency_hz,
    parse_offset_hz,
    parse_time_from_now,
    protocol_dirs,
    require_station,
)
from gsctl.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from gsctl.cli.orbits import Target
    from gsctl.model import Pass, Station, Transmitter
    from gsctl.synth.passes import Burst, PassScene, SimulatedPass

simulate = typer.Typer(help="The IQ that a station would receive, with its truth.")

DEFAULT_RATE_HZ = 48_000.0
SEARCH_DAYS = 10
_FORMATS = ("cf32", "ci16", "ci8", "cu8")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the options ask of the scene."""

    sample_rate_hz: float
    center_hz: float | None
    duration_s: float | None
    ebn0_db: float
    offset_hz: float
    ppm: float
    spin_s: float | None
    null_depth_db: float
    every_s: float
    per_burst: int
    frames: Path | None
    bursts_only_s: float | None
    seed: int


@simulate.command("pass")
def simulate_one_pass(
    satellite: Annotated[str, typer.Argument(metavar="SAT", help="Satellite by any name.")],
    station: StationOption = None,
    at: AtOption = None,
    elements: ElementsOption = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="TIME",
            parser=parse_time_from_now,
            help="The first pass after this time.  [default: now]",
        ),
    ] = None,
    min_elevation: Annotated[
        float, typer.Option("--min-elevation", metavar="DEG", help="The pass must rise so high.")
    ] = 10.0,
    transmitter: Annotated[
        str | None,
        typer.Option("--transmitter", metavar="LABEL", help="Which downlink; part of its label will do."),
    ] = None,
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
    sample_format: Annotated[
        str,
        typer.Option(
            "--sample-format", metavar="|".join(_FORMATS), parser=choice(*_FORMATS), help="Of the recording."
        ),
    ] = "ci16",
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
            "--every", metavar="TIME", parser=parse_duration_s, help="Time between bursts.  [default: 5s]"
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
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the noise.")] = 1,
    protocols: ProtocolsOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Simulate a pass: Doppler shift, rise and fall with range, noise, clock and carrier error.

    Writes a SigMF recording, and beside it BASE.truth.json with every frame, its time and its sample.
    With --duration only so much around the culmination is made.
    """
    wishes = Wishes(
        sample_rate_hz=sample_rate or DEFAULT_RATE_HZ,
        center_hz=center,
        duration_s=duration,
        ebn0_db=ebn0,
        offset_hz=offset or 0.0,
        ppm=ppm,
        spin_s=spin,
        null_depth_db=null_depth,
        every_s=every or 5.0,
        per_burst=per_burst,
        frames=frames,
        bursts_only_s=bursts_only,
        seed=seed,
    )
    from gsctl.cli.orbits import find_targets, warn_of_age

    place = require_station(station, at)
    begin = start or datetime.now(UTC)
    target = find_targets([satellite], elements, protocol_dirs(protocols), begin)[0]
    downlink = _sendable(target, transmitter, framing)
    one = _next_pass(target, place, begin, min_elevation)
    simulated = _simulated(target, place, downlink, one, wishes)
    warn_of_age([target.elements], begin)
    _describe(target, downlink, one, simulated)
    base = write or Path(f"{_file_name(target.name)}-{simulated.scene.start:%Y%m%dT%H%M%SZ}")
    if not dry_run:
        _write(simulated, base, sample_format, _facts(target, place, downlink, one, simulated))


def _sendable(target: Target, label: str | None, framing: str | None) -> Transmitter:
    """The downlink to simulate, with waveform and framing filled in where the catalogue leaves them open."""
    from gsctl.framing import Ax25, framing_name, parse_framing
    from gsctl.model import Direction
    from gsctl.synth.framers import FRAMERS
    from gsctl.synth.modulators import MODULATORS
    from gsctl.waveform import Fsk

    if target.satellite is None:
        raise CatalogError(
            "the catalogue knows no downlink of it",
            where=target.name,
            advice="describe it in a protocol file (gsctl protocols new)",
        )
    downlinks = [t for t in target.satellite.transmitters if t.direction is Direction.DOWNLINK]
    told = parse_framing(framing) if framing else None
    if told is not None and type(told) not in FRAMERS:
        raise UsageError(f"gsctl cannot send {framing_name(told)}", where="--framing")
    for one in downlinks:
        waveform = one.waveform
        wanted = label is None or label.casefold() in one.label.casefold()
        if not wanted or one.frequency_hz is None or type(waveform) not in MODULATORS:
            continue
        assert waveform is not None
        if waveform.symbol_rate_bd is None:
            continue
        if isinstance(waveform, Fsk):
            waveform = dataclasses.replace(waveform, bt=waveform.bt or 0.5)
        scrambled = isinstance(waveform, Fsk) and (waveform.symbol_rate_bd or 0.0) >= 4800
        chosen = told or one.framing or Ax25(g3ruh=scrambled)
        if type(chosen) in FRAMERS:
            return dataclasses.replace(one, waveform=waveform, framing=chosen)
    have = ", ".join(one.label for one in downlinks) or "none is known"
    what = (
        "no downlink of it can be simulated" if label is None else f"no downlink {label!r} can be simulated"
    )
    raise CatalogError(what, where=target.name, advice=f"its downlinks: {have}")


def _next_pass(target: Target, place: Station, begin: datetime, min_elevation_deg: float) -> Pass:
    from gsctl.orbit.passes import find_passes

    found = find_passes(
        target.elements,
        place,
        begin,
        begin + timedelta(days=SEARCH_DAYS),
        min_elevation_deg=min_elevation_deg,
    )
    whole = [one for one in found if not one.clipped]
    if not whole:
        raise UsageError(
            f"no pass of {target.name} above {min_elevation_deg:g} degrees within {SEARCH_DAYS} days "
            f"of {begin:%Y-%m-%dT%H:%M:%SZ}",
            advice="try a lower --min-elevation or another --start",
        )
    return whole[0]


def _simulated(
    target: Target, place: Station, downlink: Transmitter, one: Pass, wishes: Wishes
) -> SimulatedPass:
    import numpy as np

    from gsctl.orbit.doppler import plan_from_track
    from gsctl.orbit.passes import look
    from gsctl.synth.channel import spin_gain
    from gsctl.synth.passes import PassScene, simulate_pass

    assert downlink.frequency_hz is not None
    assert downlink.waveform is not None
    assert downlink.framing is not None
    begin, length_s = one.aos, (one.los - one.aos).total_seconds()
    if wishes.duration_s is not None and wishes.duration_s < length_s:
        length_s = wishes.duration_s
        begin = min(
            max(one.tca - timedelta(seconds=length_s / 2), one.aos), one.los - timedelta(seconds=length_s)
        )
    track = look(target.elements, place, begin, np.arange(-2.0, length_s + 3.0))
    spin_s = wishes.spin_s
    scene = PassScene(
        start=begin,
        duration_s=length_s,
        sample_rate_hz=wishes.sample_rate_hz,
        plan=plan_from_track(track, downlink.frequency_hz),
        waveform=downlink.waveform,
        framing=downlink.framing,
        ebn0_db=wishes.ebn0_db,
        center_frequency_hz=wishes.center_hz,
        track=track,
        carrier_offset_hz=wishes.offset_hz,
        clock_error_ppm=wishes.ppm,
        fading=None if spin_s is None else lambda time_s: spin_gain(time_s, spin_s, wishes.null_depth_db),
        only_bursts_margin_s=wishes.bursts_only_s,
        seed=wishes.seed,
    )
    return simulate_pass(scene, _schedule(target, scene, wishes))


def _schedule(target: Target, scene: PassScene, wishes: Wishes) -> list[Burst]:
    """Bursts at even times; frames from the file, in turn, or numbered texts."""
    from gsctl.synth.passes import Burst

    if wishes.every_s < 0.01:
        raise UsageError(f"bursts every {wishes.every_s:g} s", where="--every", advice="at least 10 ms")
    count = int((scene.duration_s - 0.5) / wishes.every_s + 1) if scene.duration_s > 0.5 else 0
    total = count * wishes.per_burst
    given = _frames_from(wishes.frames) if wishes.frames else _numbered(target, scene, total)
    bursts = []
    for number in range(count):
        first = number * wishes.per_burst
        payloads = tuple(given[(first + k) % len(given)] for k in range(wishes.per_burst))
        bursts.append(Burst(start_s=0.5 + number * wishes.every_s, payloads=payloads))
    return bursts


def _frames_from(path: Path) -> list[bytes]:
    from gsctl.errors import RecordingError
    from gsctl.logbook.hextext import read_hex

    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            payloads = [item.payload for item in read_hex(lines, where=str(path))]
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if not payloads:
        raise RecordingError("it holds no frame", where=str(path), advice="write one line of hex for each")
    return payloads


def _numbered(target: Target, scene: PassScene, count: int) -> list[bytes]:
    from gsctl.framing import Ais
    from gsctl.synth.ax25_frames import ui_frame

    if isinstance(scene.framing, Ais):
        raise UsageError("AIS messages must be given", advice="name a file of hex lines with --frames")
    calls = target.satellite.callsigns if target.satellite else ()
    source = next((call for call in calls if call.isalnum() and len(call) <= 6), "GSCTL")
    texts = (f"simulated by gsctl, frame {n} of {count}: {target.name}" for n in range(1, count + 1))
    return [ui_frame("CQ", source, text.encode()) for text in texts]


def _describe(target: Target, downlink: Transmitter, one: Pass, simulated: SimulatedPass) -> None:
    from gsctl.framing import framing_name

    scene = simulated.scene
    assert downlink.framing is not None
    assert downlink.frequency_hz is not None
    truth = simulated.truth
    tell(
        f"{target.name} over {one.station.name}: {one.aos:%Y-%m-%d %H:%M:%S} to {one.los:%H:%M:%S}, "
        f"up to {one.max_elevation_deg:.1f} degrees"
    )
    tell(f"{downlink.label}, {framing_name(downlink.framing)}, {scene.sample_rate_hz:g} samples/s")
    if truth:
        tell(
            f"{len(truth)} frames in {scene.duration_s:.1f} s, Doppler shift {truth[0].shift_hz:+.0f} to "
            f"{truth[-1].shift_hz:+.0f} Hz, Eb/N0 {min(frame.ebn0_db for frame in truth):.1f} to "
            f"{max(frame.ebn0_db for frame in truth):.1f} dB"
        )


def _facts(
    target: Target, place: Station, downlink: Transmitter, one: Pass, simulated: SimulatedPass
) -> dict[str, Any]:
    from gsctl.framing import framing_name
    from gsctl.waveform import waveform_name

    scene = simulated.scene
    assert downlink.waveform is not None
    assert downlink.framing is not None
    return {
        "simulated": True,
        "satellite": target.name,
        "norad_id": target.norad_id,
        "station": {
            "name": place.name,
            "latitude_deg": place.latitude_deg,
            "longitude_deg": place.longitude_deg,
            "height_m": place.height_m,
        },
        "elements_epoch": _iso(target.elements.epoch),
        "aos": _iso(one.aos),
        "tca": _iso(one.tca),
        "los": _iso(one.los),
        "transmitter": downlink.label,
        "frequency_hz": downlink.frequency_hz,
        "waveform": waveform_name(downlink.waveform),
        "symbol_rate_bd": downlink.waveform.symbol_rate_bd,
        "framing": framing_name(downlink.framing),
        "start_time": _iso(scene.start),
        "sample_rate_hz": scene.sample_rate_hz,
        "center_frequency_hz": scene.center_hz,
        "ebn0_db": scene.ebn0_db,
        "carrier_offset_hz": scene.carrier_offset_hz,
        "clock_error_ppm": scene.clock_error_ppm,
        "seed": scene.seed,
    }


def _write(simulated: SimulatedPass, base: Path, sample_format: str, facts: dict[str, Any]) -> None:
    from gsctl.cli.progress import progress_bar
    from gsctl.errors import RecordingError
    from gsctl.radio.formats import FORMATS
    from gsctl.radio.recorder import RecordingFacts, SigmfWriter

    place = facts["station"]
    about = RecordingFacts(
        description=f"simulated pass of {facts['satellite']}",
        hardware="gsctl simulate",
        position=(place["latitude_deg"], place["longitude_deg"], place["height_m"]),
        extra={"gsctl:simulated": True, "gsctl:satellite": facts["norad_id"]},
    )
    scene = simulated.scene
    truth_path = base.with_name(base.name + ".truth.json")
    shown = not loudness.quiet and _stderr_is_terminal()
    with (
        SigmfWriter(base, FORMATS[sample_format], scene.sample_rate_hz, about) as writer,
        progress_bar("simulating") if shown else nullcontext() as report,
    ):
        _write_truth(truth_path, facts, simulated)
        for block in simulated.blocks():
            if not writer.write(block):
                raise RecordingError(writer.ended, where=str(writer.data_path))
            if report is not None:
                report(block.start_sample / scene.sample_rate_hz, scene.duration_s)
    print(safe(writer.meta_path))
    print(safe(truth_path))


def _write_truth(path: Path, facts: dict[str, Any], simulated: SimulatedPass) -> None:
    from gsctl.errors import RecordingError

    frames = [
        {
            "payload": frame.payload.hex(),
            "received_at": _iso(frame.received_at),
            "sample_index": round(frame.sample_index, 3),
            "end_sample_index": round(frame.end_sample_index, 3),
            "shift_hz": round(frame.shift_hz, 3),
            "frequency_hz": round(frame.frequency_hz, 3),
            "ebn0_db": round(frame.ebn0_db, 3),
        }
        for frame in simulated.truth
    ]
    try:
        path.write_text(json.dumps({**facts, "frames": frames}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _stderr_is_terminal() -> bool:
    import sys

    return sys.stderr is not None and sys.stderr.isatty()


def _file_name(name: str) -> str:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.casefold())
    return "-".join(part for part in plain.split("-") if part) or "pass"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
