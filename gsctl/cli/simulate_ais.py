"""``gsctl simulate ais``: ships and their AIS traffic as a shore station or a satellite hears it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import safe, tell
from gsctl.cli.options import (
    AtOption,
    DurationOption,
    ElementsOption,
    ProtocolsOption,
    SampleRateOption,
    StationOption,
    parse_frequency_hz,
    parse_time_from_now,
    protocol_dirs,
    require_station,
)
from gsctl.cli.signal_options import SeedOption, SimulatedFormatOption
from gsctl.errors import RecordingError, UsageError

if TYPE_CHECKING:
    from numpy.random import Generator

    from gsctl.ais.bits import AisBits
    from gsctl.model import Station
    from gsctl.synth.ais_scene import AisBurst
    from gsctl.synth.ais_traffic import Transmission, Vessel
    from gsctl.synth.ais_view import Arrival, View

_MAX_SHIPS = 50_000
_MAX_DURATION_S = 6 * 3600.0
_GROUND_RADIUS_KM = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One transmission as it arrives."""

    transmission: Transmission
    vessel: Vessel
    bits: AisBits
    arrival: Arrival
    burst: AisBurst


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What is written, and the receiver's settings."""

    base: Path
    begin: datetime
    length_s: float
    rate_hz: float
    center_hz: float
    seed: int

    def file(self, suffix: str) -> Path:
        """BASE with a suffix."""
        return self.base.with_name(self.base.name + suffix)


def simulate_ais(
    station: StationOption = None,
    at: AtOption = None,
    satellite: Annotated[
        str | None,
        typer.Option("--satellite", metavar="SAT", help="Hear it from this satellite instead of a station."),
    ] = None,
    elements: ElementsOption = None,
    ships: Annotated[
        int, typer.Option("--ships", metavar="N", min=1, max=_MAX_SHIPS, help="How many ships there are.")
    ] = 100,
    radius: Annotated[
        float | None,
        typer.Option(
            "--radius",
            metavar="KM",
            help="Where they are: so far around the station, or the point below the satellite.  "
            "[default: 60, or the footprint]",
        ),
    ] = None,
    class_b: Annotated[
        float, typer.Option("--class-b", metavar="SHARE", min=0.0, max=1.0, help="Share of class B.")
    ] = 0.3,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="TIME",
            parser=parse_time_from_now,
            help="Begin with the minute of this time.  [default: now]",
        ),
    ] = None,
    duration: DurationOption = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", "-w", metavar="BASE", help="Files to write.  [default: ais-TIME]"),
    ] = None,
    no_iq: Annotated[
        bool, typer.Option("--no-iq", show_default=False, help="Write the truth and the NMEA text only.")
    ] = False,
    sample_rate: SampleRateOption = None,
    sample_format: SimulatedFormatOption = "cf32",
    center: Annotated[
        float | None,
        typer.Option(
            "--center",
            metavar="HZ",
            parser=parse_frequency_hz,
            help="Centre of the IQ: 162M has channels A and B, 156.8M the long-range ones.  [default: 162M]",
        ),
    ] = None,
    seed: SeedOption = 1,
    protocols: ProtocolsOption = None,
) -> None:
    """Simulate AIS traffic: ships on tracks, slots by self-organised access, one receiver.

    Writes BASE.sigmf-*, BASE.truth.jsonl with every transmission that arrives, its time, strength, Doppler
    shift and the bursts that overlap it, and BASE.nmea: what a receiver without fault would print.
    """
    import numpy as np

    from gsctl.synth.ais_traffic import make_fleet
    from gsctl.synth.channel import generator

    begin = (start or datetime.now(UTC)).replace(second=0, microsecond=0)
    length_s = 60.0 if duration is None else duration
    if not 0.1 <= length_s <= _MAX_DURATION_S:
        raise UsageError(
            f"{length_s:g} s cannot be simulated", where="--duration", advice="0.1 s to 6 h will do"
        )
    rate_hz, center_hz = sample_rate or 96_000.0, center or 162e6
    channels = _channels(center_hz, rate_hz)
    view, middle, reach_km = _receiver(
        station, at, satellite, elements, protocol_dirs(protocols), begin, length_s
    )
    base = write or Path(f"ais-{begin:%Y%m%dT%H%MZ}")
    scene = _Scene(base=base, begin=begin, length_s=length_s, rate_hz=rate_hz, center_hz=center_hz, seed=seed)
    random = np.random.Generator(generator(seed, 0).bit_generator)
    fleet = make_fleet(ships, *middle, radius or reach_km, random, class_b_share=class_b)
    sent = _arrivals(scene, fleet, channels, view, random)
    if no_iq and scene.file(".sigmf-meta").exists():
        raise RecordingError(
            "there is a recording of that name", where=str(scene.file(".sigmf-meta")), advice="name another"
        )
    written = _write_texts if no_iq else functools.partial(_write_all, sample_format)
    for name in written(scene, sent, satellite or ""):
        print(safe(name), flush=True)
    heard = len({one.vessel.mmsi for one in sent})
    alone = sum(not overlaps for overlaps in _overlaps(sent))
    tell(f"{len(sent)} messages of {heard} of {ships} ships arrive on {', '.join(channels)}; {alone} alone")


def _channels(center_hz: float, rate_hz: float) -> tuple[str, ...]:
    """Names of the channels within the band; one at least."""
    from gsctl.synth.ais_scene import channels_within

    channels = channels_within(center_hz, rate_hz)
    if not channels:
        raise UsageError(
            f"no AIS channel lies within {rate_hz:g} Hz around {center_hz:g} Hz",
            advice="use --center 162M --sample-rate 96k",
        )
    return channels


def _receiver(
    station: str | None,
    at: Station | None,
    satellite: str | None,
    elements: Path | None,
    protocols: Sequence[Path],
    begin: datetime,
    length_s: float,
) -> tuple[View, tuple[float, float], float]:
    """The view, the middle of the ships (latitude, longitude) and the radius in km around it."""
    from gsctl.synth.ais_view import footprint_radius_km, ground_view, orbit_view

    if satellite is None:
        place = require_station(station, at)
        middle = (place.latitude_deg, place.longitude_deg)
        return ground_view(*middle, max(place.height_m, 10.0)), middle, _GROUND_RADIUS_KM
    import numpy as np

    from gsctl.cli.orbits import find_targets
    from gsctl.orbit.propagation import Propagator, satrec_of, usable

    target = find_targets([satellite], elements, protocols, begin)[0]
    time_s = np.arange(0.0, length_s + 2.0)
    states = Propagator(begin, (0.0, length_s + 2.0)).one(satrec_of(target.elements), time_s)
    if not bool(usable(states).all()):
        raise UsageError(
            f"{target.name} is not in orbit then", advice="give newer --elements, or another --start"
        )
    x, y, z = states.position_km[len(time_s) // 2]
    radius_km = math.sqrt(x * x + y * y + z * z)
    middle = (math.degrees(math.asin(z / radius_km)), math.degrees(math.atan2(y, x)))
    if station is not None or at is not None:
        place = require_station(station, at)
        middle = (place.latitude_deg, place.longitude_deg)
    view = orbit_view(time_s, states.position_km, states.velocity_km_s)
    return view, middle, footprint_radius_km(radius_km - 6371.0)


def _arrivals(
    scene: _Scene, fleet: Sequence[Vessel], channels: Sequence[str], view: View, random: Generator
) -> list[_Sent]:
    """What the receiver hears of the fleet's transmissions, in the order in which they are sent."""
    from gsctl.synth.ais_traffic import schedule

    minutes = math.ceil(scene.length_s / 60.0)
    arrivals = (
        _arrival(transmission, fleet[transmission.vessel], view, scene.begin)
        for transmission in schedule(fleet, minutes, random)
        if transmission.channel in channels and transmission.time_s < scene.length_s
    )
    return [one for one in arrivals if one is not None]


def _arrival(transmission: Transmission, vessel: Vessel, view: View, begin: datetime) -> _Sent | None:
    from gsctl.synth.ais_scene import CHANNELS_HZ, AisBurst

    position = vessel.position_at(transmission.time_s)
    frequency_hz = CHANNELS_HZ[transmission.channel]
    arrival = view(*position, transmission.time_s, vessel.power_w, frequency_hz)
    if arrival is None:
        return None
    bits = _message(transmission, vessel, position, begin + timedelta(seconds=transmission.time_s))
    # Carriers are off by up to 500 Hz, each ship's always by the same.
    error_hz = (vessel.mmsi * 2_654_435_761 % 1001) - 500.0
    burst = AisBurst(
        time_s=transmission.time_s + arrival.delay_s,
        frequency_hz=frequency_hz + error_hz + arrival.shift_hz,
        ebn0_db=arrival.ebn0_db,
        payload=bits.to_bytes(),
    )
    return _Sent(transmission=transmission, vessel=vessel, bits=bits, arrival=arrival, burst=burst)


def _message(sent: Transmission, vessel: Vessel, position: tuple[float, float], when: datetime) -> AisBits:
    from gsctl.ais import encoding
    from gsctl.synth.ais_traffic import Report

    mmsi, number = vessel.mmsi, vessel.mmsi % 100_000
    moving: dict[str, Any] = {"mmsi": mmsi, "latitude_deg": position[0], "longitude_deg": position[1]}
    moving |= {"speed_over_ground_kn": vessel.speed_kn, "course_over_ground_deg": vessel.course_deg}
    status = 0 if vessel.speed_kn else 1
    if sent.report is Report.LONG_RANGE:
        return encoding.long_range_report(**moving, navigation_status=status)
    if sent.report is Report.POSITION and vessel.class_b:
        return encoding.class_b_position_report(**moving, utc_second=when.second)
    if sent.report is Report.POSITION:
        state = encoding.sotdma_state(
            slot_timeout=sent.slot_timeout, slot=sent.slot, utc_hour=when.hour, utc_minute=when.minute
        )
        heading = round(vessel.course_deg) % 360
        return encoding.position_report(
            **moving,
            true_heading_deg=heading,
            utc_second=when.second,
            navigation_status=status,
            communication_state=state,
        )
    if sent.report is Report.STATIC_B:
        return encoding.class_b_static_report(
            mmsi=mmsi, callsign=f"SIM{number}"[:7], ship_type=vessel.ship_type
        )
    if vessel.class_b:
        return encoding.name_report(mmsi=mmsi, name=f"SIMULATED {number}")
    bow, beam = vessel.length_m // 3, max(vessel.length_m // 14, 2)
    return encoding.static_report(
        mmsi=mmsi,
        name=f"SIMULATED {number}",
        callsign=f"SIM{number}"[:7],
        ship_type=vessel.ship_type,
        destination="NOWHERE",
        dimensions_m=(bow, vessel.length_m - bow, beam, beam),
        draught_m=round(vessel.length_m / 25.0, 1),
    )


def _overlaps(sent: Sequence[_Sent]) -> list[list[float]]:
    """For each, the Eb/N0 of the bursts on its channel that are on the air while it arrives."""
    found: list[list[float]] = [[] for _ in sent]
    for channel in {one.transmission.channel for one in sent}:
        places = sorted(
            (k for k, one in enumerate(sent) if one.transmission.channel == channel),
            key=lambda k: sent[k].burst.time_s,
        )
        for rank, k in enumerate(places):
            for other in places[rank + 1 :]:
                if sent[other].burst.time_s >= sent[k].burst.time_s + _air_time_s(sent[k]):
                    break
                found[k].append(sent[other].burst.ebn0_db)
                found[other].append(sent[k].burst.ebn0_db)
    return found


def _air_time_s(one: _Sent) -> float:
    """Ramp, training, flags, message and FCS; stuffing left out."""
    return (8 + 24 + 8 + one.bits.count + 16 + 8) / 9600.0


def _write_texts(scene: _Scene, sent: Sequence[_Sent], satellite: str) -> list[Path]:
    """Truth and sentences; gives the files' names."""
    from gsctl.ais.sentences import build_sentences, with_tag_blocks
    from gsctl.logbook.jsonl import json_line
    from gsctl.synth.ais_scene import first_bit_s

    try:
        with (
            scene.file(".truth.jsonl").open("w", encoding="ascii") as truth,
            scene.file(".nmea").open("w", encoding="ascii", newline="") as text,
        ):
            for number, (one, overlaps) in enumerate(zip(sent, _overlaps(sent), strict=True)):
                arrives_s = first_bit_s(one.burst)
                received_at = scene.begin + timedelta(seconds=arrives_s)
                nmea = build_sentences(one.bits, channel=one.transmission.channel, sequence_number=number)
                facts = _facts(one, overlaps, received_at, arrives_s * scene.rate_hz)
                truth.write(json_line({**facts, "satellite": satellite or None, "nmea": list(nmea)}))
                lines = with_tag_blocks(
                    nmea, source="simulated", received_at=received_at, group_number=number
                )
                text.writelines(f"{line}\r\n" for line in lines)
    except OSError as error:
        raise RecordingError(
            f"cannot be written: {error.strerror}", where=str(error.filename or scene.base)
        ) from error
    return [scene.file(".truth.jsonl"), scene.file(".nmea")]


def _facts(
    one: _Sent, overlaps: Sequence[float], received_at: datetime, sample_index: float
) -> dict[str, Any]:
    latitude_deg, longitude_deg = one.vessel.position_at(one.transmission.time_s)
    return {
        "received_at": received_at,
        "sample_index": round(sample_index, 3),
        "channel": one.transmission.channel,
        "slot": one.transmission.slot,
        "mmsi": one.vessel.mmsi,
        "message_type": one.bits.unsigned(0, 6),
        "latitude_deg": round(latitude_deg, 6),
        "longitude_deg": round(longitude_deg, 6),
        "payload": one.burst.payload.hex(),
        "ebn0_db": round(one.arrival.ebn0_db, 2),
        "frequency_hz": round(one.burst.frequency_hz, 1),
        "shift_hz": round(one.arrival.shift_hz, 1),
        "range_km": round(one.arrival.range_km, 3),
        "overlaps": len(overlaps),
        "strongest_overlap_ebn0_db": round(max(overlaps), 2) if overlaps else None,
    }


def _write_all(sample_format: str, scene: _Scene, sent: Sequence[_Sent], satellite: str) -> list[Path]:
    """The recording and its texts, or nothing: half a simulation would only keep the name."""
    from gsctl.radio.formats import FORMATS
    from gsctl.radio.recorder import RecordingFacts, SigmfWriter
    from gsctl.synth.ais_scene import ais_blocks

    about = RecordingFacts(
        description="simulated AIS traffic", hardware="gsctl simulate", extra={"gsctl:simulated": True}
    )
    blocks = ais_blocks(
        [one.burst for one in sent],
        start=scene.begin,
        duration_s=scene.length_s,
        sample_rate_hz=scene.rate_hz,
        center_frequency_hz=scene.center_hz,
        seed=scene.seed,
    )
    with SigmfWriter(scene.base, FORMATS[sample_format], scene.rate_hz, about) as writer:
        try:
            names = _write_texts(scene, sent, satellite)
            for block in blocks:
                if not writer.write(block):
                    raise RecordingError(writer.ended, where=str(writer.data_path))
        except BaseException:
            writer.discard()
            for suffix in (".truth.jsonl", ".nmea"):
                scene.file(suffix).unlink(missing_ok=True)
            raise
    return [*names, writer.meta_path]
