"""The demo: a pass of NanoDragon as a station would receive it, with made-up frames in it.

The orbit, the frequency, the waveform and the receiver are real; the frames are gsctl's own
("gsctl demo profile"), because NanoDragon's are not public and it was never heard.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from gsctl.ais.encoding import name_report, position_report
from gsctl.framing import Ax25
from gsctl.model import ElementSet, Pass, Satellite, Station, Track, Transmitter, TuningPlan
from gsctl.orbit.doppler import plan_from_track
from gsctl.orbit.passes import find_passes, look
from gsctl.synth.channel import spin_gain
from gsctl.synth.passes import Burst, PassScene, SimulatedPass, simulate_pass
from gsctl.telemetry import ais_fcs
from gsctl.waveform import Bpsk

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.telemetry import ConstructSchema

SATELLITE = "NanoDragon"
HOA_LAC = Station(name="Hoa Lac (VNSC)", latitude_deg=21.0, longitude_deg=105.5)
LEAST_ELEVATION_DEG = 30.0
# Wide enough for the Doppler shift of a low orbit at 437 MHz, +-10.5 kHz, and the signal on it.
SAMPLE_RATE_HZ = 25_000.0
# At the nearest point of the pass; at the horizon it is some 12 dB less.
EBN0_DB = 23.0
# What no prediction knows: the transmitter's crystal, the receiver's clock, the tumbling.
CARRIER_OFFSET_HZ = 430.0
CLOCK_ERROR_PPM = 1.3
SPIN_PERIOD_S = 47.0
FIRST_BURST_S = 20.0
BURST_INTERVAL_S = 14.0
# Every third burst relays AIS.
AIS_EVERY = 3
# No country has the maritime identification digits 200, so no ship has these numbers.
FIRST_MMSI = 200_000_001
SHIPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPass:
    """Everything the demo shows: the pass, the plan, the signal and its truth."""

    satellite: Satellite
    transmitter: Transmitter
    elements: ElementSet
    passing: Pass
    plan: TuningPlan
    simulated: SimulatedPass
    bursts: int


def demo_pass(catalog: Catalog) -> DemoPass:
    """Predict the first pass over Hoa Lac above 30 degrees after the elements' epoch, and simulate it.

    Raises:
        CatalogError: NanoDragon or the demo profile is not in the catalogue.
        ElementsError: its element set is of no use.
    """
    satellite = catalog.find(SATELLITE)
    elements = max(satellite.elements, key=lambda one: one.epoch)
    transmitter = next(t for t in satellite.transmitters if isinstance(t.waveform, Bpsk))
    passing = predicted_pass(elements)
    assert passing.track is not None
    assert transmitter.frequency_hz is not None
    plan = plan_from_track(passing.track, transmitter.frequency_hz)
    duration_s = (passing.los - passing.aos).total_seconds()
    bursts = list(_bursts(catalog, passing, duration_s))
    scene = PassScene(
        start=passing.aos,
        duration_s=duration_s,
        sample_rate_hz=SAMPLE_RATE_HZ,
        plan=plan,
        waveform=transmitter.waveform or Bpsk(symbol_rate_bd=1200.0),
        framing=Ax25(),
        ebn0_db=EBN0_DB,
        track=passing.track,
        carrier_offset_hz=CARRIER_OFFSET_HZ,
        clock_error_ppm=CLOCK_ERROR_PPM,
        fading=lambda time_s: spin_gain(time_s, SPIN_PERIOD_S, 25.0),
        seed=20_260_617,
    )
    return DemoPass(
        satellite=satellite,
        transmitter=transmitter,
        elements=elements,
        passing=passing,
        plan=plan,
        simulated=simulate_pass(scene, bursts),
        bursts=len(bursts),
    )


def predicted_pass(elements: ElementSet, station: Station = HOA_LAC) -> Pass:
    """The first pass above 30 degrees after the epoch of the elements, with its track."""
    end = elements.epoch + timedelta(days=10)
    passes = find_passes(elements, station, elements.epoch, end, min_elevation_deg=LEAST_ELEVATION_DEG)
    passing = next(one for one in passes if not one.clipped)
    duration_s = (passing.los - passing.aos).total_seconds()
    track = look(elements, station, passing.aos, np.linspace(0.0, duration_s, math.ceil(duration_s) + 1))
    return replace(passing, track=track)


def _bursts(catalog: Catalog, passing: Pass, duration_s: float) -> Iterator[Burst]:
    telemetry, relay = (_schema(catalog, name) for name in ("gsctl-demo-telemetry", "gsctl-demo-ais"))
    assert passing.track is not None
    count = int((duration_s - FIRST_BURST_S - 3.0) // BURST_INTERVAL_S) + 1
    for number in range(count):
        start_s = FIRST_BURST_S + number * BURST_INTERVAL_S
        at = passing.aos + timedelta(seconds=start_s)
        if number % AIS_EVERY == AIS_EVERY - 1:
            payload = relay.build(_relay_values(number, at))
        else:
            payload = telemetry.build(_telemetry_values(number, at, start_s, passing.track))
        yield Burst(start_s=start_s, payloads=(payload,))


def _schema(catalog: Catalog, name: str) -> ConstructSchema:
    from gsctl.telemetry import ConstructSchema

    schema = catalog.schema(name)
    assert isinstance(schema, ConstructSchema)
    return schema


def _telemetry_values(number: int, at: datetime, start_s: float, track: Track) -> dict[str, Any]:
    """Values as a small satellite's might be: in sunlight, slowly turning, batteries near full."""
    turn = 2 * math.pi * start_s / SPIN_PERIOD_S
    solar = [max(0.0, 0.34 * math.cos(turn + shift)) for shift in (0.0, 2.1, 4.2)]
    charge_a = sum(solar) - 0.32
    return {
        "frame_number": number,
        "boot_count": 3,
        "uptime_s": 86_400 + int(start_s),
        "on_board_time": _iso(at),
        "mode": "mission",
        "status": {"in_sunlight": True, "payload_on": True, "heater_on": False},
        "battery_voltage_v": round(7.9 + 0.15 * charge_a, 3),
        "battery_current_a": round(charge_a, 3),
        "bus_3v3_voltage_v": 3.301,
        "bus_3v3_current_a": 0.412,
        "bus_5v_voltage_v": 5.012,
        "bus_5v_current_a": 0.167,
        "solar_x_current_a": round(solar[0], 3),
        "solar_y_current_a": round(solar[1], 3),
        "solar_z_current_a": round(solar[2], 3),
        "battery_temperature_degc": round(12.0 + 0.004 * start_s, 1),
        "solar_panel_temperature_degc": round(-22.0 + 0.06 * start_s, 1),
        "board_temperature_degc": round(18.5 + 0.002 * start_s, 1),
        "radio_temperature_degc": round(29.0 + 0.01 * start_s, 1),
        "frames_sent_count": 70_000 + number,
        "commands_received_count": 42,
        "ais_messages_count": 123_000 + 7 * number,
        "ais_vessels_count": 800 + number,
        "roll_deg": round(math.degrees(math.remainder(turn, 2 * math.pi)), 2),
        "pitch_deg": 0.5,
        "yaw_deg": -1.25,
        "body_rate_x_deg_s": round(360.0 / SPIN_PERIOD_S, 2),
        "body_rate_y_deg_s": -0.11,
        "body_rate_z_deg_s": 0.35,
        "magnetic_field_x_t": 2.413e-05,
        "magnetic_field_y_t": round(1.1e-05 * math.cos(turn), 8),
        "magnetic_field_z_t": round(1.1e-05 * math.sin(turn), 8),
    }


def _relay_values(number: int, at: datetime) -> dict[str, Any]:
    """Four AIS messages received in the seconds before, as Satlab's receiver stores them."""
    group = number // AIS_EVERY
    records = [_ais_record(4 * group + k, at - timedelta(seconds=9 - 2 * k)) for k in range(4)]
    return {"frame_number": number, "boot_count": 3, "_records": records}


def _ais_record(sequence: int, heard_at: datetime) -> dict[str, Any]:
    """One message of one of the demo's ships, which cross the Gulf of Tonkin on straight courses."""
    ship = sequence % SHIPS
    mmsi = FIRST_MMSI + ship
    course_deg = (37.0 * ship) % 360.0
    speed_kn = 8.0 + ship
    if sequence % 4 == 3:
        bits = name_report(mmsi=mmsi, name=f"GSCTL DEMO {ship + 1}")
    else:
        bits = position_report(
            mmsi=mmsi,
            latitude_deg=19.2 + 0.13 * ship,
            longitude_deg=107.0 + 0.21 * ((5 * ship) % SHIPS),
            speed_over_ground_kn=speed_kn,
            course_over_ground_deg=course_deg,
            true_heading_deg=round(course_deg),
            utc_second=heard_at.second,
        )
    message = bits.to_bytes()
    data = message + ais_fcs(message)
    channel = sequence % 2
    return {
        "sequence_number": sequence,
        "ais_received_at": _iso(heard_at),
        "rssi_raw": 0x8C + ship,
        "position_raw": [0, 0, 0],
        "_flags": 0x01 | channel << 1,
        "data_length_bytes": len(data),
        "ais_data": data.ljust(26, b"\0"),
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
