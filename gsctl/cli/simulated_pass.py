"""What ``gsctl simulate pass`` does: the downlink, the pass, the scene, the files."""

from __future__ import annotations

import dataclasses
import json
import math
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsctl.cli.console import is_watched, safe, tell, warn
from gsctl.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from gsctl.cli.orbits import Target
    from gsctl.framing import Framing
    from gsctl.model import Pass, Station, Transmitter
    from gsctl.synth.passes import Burst, PassScene, SimulatedPass
    from gsctl.waveform import Waveform

DEFAULT_SPEED_WPM = 20.0
SEARCH_DAYS = 10


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
    every_s: float | None
    per_burst: int
    frames: Path | None
    bursts_only_s: float | None
    seed: int


def sendable(target: Target, label: str | None, framing: str | None) -> Transmitter:
    """The downlink to simulate, with waveform and framing filled in where the catalogue leaves them open."""
    from gsctl.framing import Text, framing_name, parse_framing
    from gsctl.model import Direction
    from gsctl.synth.framers import FRAMERS
    from gsctl.waveform import Morse

    if target.satellite is None:
        raise CatalogError(
            "the catalogue knows no downlink of it",
            where=target.name,
            advice="describe it in a protocol file (gsctl protocols new)",
        )
    downlinks = [t for t in target.satellite.transmitters if t.direction is Direction.DOWNLINK]
    told = parse_framing(framing) if framing else None
    wanted = [one for one in downlinks if label is None or label.casefold() in one.label.casefold()]
    # A Morse beacon only where nothing else can be sent, or where it is asked for.
    for one in sorted(wanted, key=lambda one: isinstance(one.waveform, Morse)):
        waveform = _whole(one.waveform)
        if one.frequency_hz is None or waveform is None:
            continue
        chosen = told or one.framing or _usual_framing(waveform)
        if type(chosen) in FRAMERS and isinstance(chosen, Text) == isinstance(waveform, Morse):
            return dataclasses.replace(one, waveform=waveform, framing=chosen)
    have = ", ".join(one.label for one in downlinks) or "none is known"
    if told is not None:
        raise UsageError(
            f"no downlink of {target.name} can be simulated with {framing_name(told)}",
            where="--framing",
            advice=f"its downlinks: {have}",
        )
    what = (
        "no downlink of it can be simulated" if label is None else f"no downlink {label!r} can be simulated"
    )
    raise CatalogError(what, where=target.name, advice=f"its downlinks: {have}")


def _whole(waveform: Waveform | None) -> Waveform | None:
    """The waveform with what is not public filled in; None where it cannot be sent."""
    from gsctl.synth.modulators import MODULATORS
    from gsctl.waveform import Fsk, Morse

    if type(waveform) not in MODULATORS:
        return None
    if isinstance(waveform, Morse):
        told = waveform.speed_wpm or waveform.symbol_rate_bd
        return waveform if told else dataclasses.replace(waveform, speed_wpm=DEFAULT_SPEED_WPM)
    if isinstance(waveform, Fsk):
        waveform = dataclasses.replace(waveform, bt=waveform.bt or 0.5)
    return waveform if waveform is not None and waveform.symbol_rate_bd else None


def _usual_framing(waveform: Waveform) -> Framing:
    """What is assumed where no framing is public."""
    from gsctl.framing import Ax25, Text
    from gsctl.waveform import Fsk, Morse

    if isinstance(waveform, Morse):
        return Text()
    return Ax25(g3ruh=isinstance(waveform, Fsk) and (waveform.symbol_rate_bd or 0.0) >= 4800)


def next_pass(target: Target, place: Station, begin: datetime, min_elevation_deg: float) -> Pass:
    """The first whole pass that rises high enough.

    Raises:
        UsageError: there is none within ten days.
    """
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


def _span(one: Pass, duration_s: float | None) -> tuple[datetime, float]:
    """Begin and length in seconds of what is simulated: the pass, or so much of it about its culmination."""
    length_s = (one.los - one.aos).total_seconds()
    if duration_s is None or duration_s >= length_s:
        return one.aos, length_s
    span = timedelta(seconds=duration_s)
    return min(max(one.tca - span / 2, one.aos), one.los - span), duration_s


def simulated_pass(
    target: Target, place: Station, downlink: Transmitter, one: Pass, wishes: Wishes
) -> SimulatedPass:
    """The scene and its schedule, nothing rendered yet.

    Raises:
        ConfigError: the signal does not fit the band, or a number is out of range.
    """
    import numpy as np

    from gsctl.framing import framing_name
    from gsctl.orbit.doppler import plan_from_track
    from gsctl.orbit.passes import look
    from gsctl.synth.channel import spin_gain
    from gsctl.synth.passes import PassScene, simulate_pass

    assert downlink.frequency_hz is not None
    assert downlink.waveform is not None
    assert downlink.framing is not None
    begin, length_s = _span(one, wishes.duration_s)
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
    bursts = _schedule(target, scene, wishes)
    try:
        simulated = simulate_pass(scene, bursts)
    except ValueError as error:
        name = framing_name(downlink.framing)
        raise UsageError(f"the frames do not fit {name}: {error}", where="--frames") from error
    if simulated.overlaps:
        warn("the bursts overlap; give them more time with --every")
    return simulated


def _schedule(target: Target, scene: PassScene, wishes: Wishes) -> list[Burst]:
    """Bursts at even times; frames from the file, in turn, or numbered texts."""
    from gsctl.framing import Text
    from gsctl.synth.passes import Burst

    every_s = wishes.every_s or (40.0 if isinstance(scene.framing, Text) else 5.0)
    if every_s < 0.01:
        raise UsageError(f"bursts every {every_s:g} s", where="--every", advice="at least 10 ms")
    # Those that begin within the scene; a burst that would begin as it ends is none.
    count = max(0, math.ceil((scene.duration_s - 0.5) / every_s - 1e-9))
    total = count * wishes.per_burst
    given = _frames_from(wishes.frames) if wishes.frames else _numbered(target, scene, total)
    bursts = []
    for number in range(count):
        first = number * wishes.per_burst
        payloads = tuple(given[(first + k) % len(given)] for k in range(wishes.per_burst))
        bursts.append(Burst(start_s=0.5 + number * every_s, payloads=payloads))
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
    from gsctl.framing import Ais, Ccsds, Text
    from gsctl.synth.ax25_frames import ui_frame

    if isinstance(scene.framing, Ais):
        raise UsageError("AIS messages must be given", advice="name a file of hex lines with --frames")
    calls = target.satellite.callsigns if target.satellite else ()
    source = next((call for call in calls if call.isalnum() and len(call) <= 6), "GSCTL")
    if isinstance(scene.framing, Text):
        return [f"DE {source} SIMULATION {n}".encode() for n in range(1, count + 1)]
    if isinstance(scene.framing, Ccsds):
        size = scene.framing.size_bytes - (2 if scene.framing.fecf else 0)
        return [f"simulated by gsctl, frame {n}".encode().ljust(size)[:size] for n in range(1, count + 1)]
    texts = (f"simulated by gsctl, frame {n} of {count}: {target.name}" for n in range(1, count + 1))
    return [ui_frame("CQ", source, text.encode()) for text in texts]


def describe(target: Target, downlink: Transmitter, one: Pass, simulated: SimulatedPass) -> None:
    """Say on stderr what will be simulated."""
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


def facts_of(
    target: Target, place: Station, downlink: Transmitter, one: Pass, simulated: SimulatedPass
) -> dict[str, Any]:
    """What the truth file says beside the frames."""
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


def write_recording(simulated: SimulatedPass, base: Path, sample_format: str, facts: dict[str, Any]) -> None:
    """Write BASE.sigmf-meta, BASE.sigmf-data and BASE.truth.json, and print their names; or leave nothing.

    Raises:
        RecordingError: a file exists already or cannot be written.
    """
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
    with (
        SigmfWriter(base, FORMATS[sample_format], scene.sample_rate_hz, about) as writer,
        progress_bar("simulating") if is_watched() else nullcontext() as report,
    ):
        try:
            _write_truth(truth_path, facts, simulated)
            for block in simulated.blocks():
                if not writer.write(block):
                    raise RecordingError(writer.ended, where=str(writer.data_path))
                if report is not None:
                    report(block.start_sample / scene.sample_rate_hz, scene.duration_s)
        except BaseException:  # half a simulation is worth nothing, and would keep the name
            writer.discard()
            truth_path.unlink(missing_ok=True)
            raise
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


def file_name(name: str) -> str:
    """A satellite's name as a part of a file name."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.casefold())
    return "-".join(part for part in plain.split("-") if part) or "pass"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
