"""Pass prediction: accuracy and CPU time against other libraries, on the same passes, in one run.

``python -m bench.passes`` (part of ``make bench``). Truth is the same SGP4 and Earth rotation on a
dense grid with bisection. pyorbital, orbit-predictor and PyEphem are compared where installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from gsctl.model import ElementSet, Station
from gsctl.orbit.earth import site_of, view
from gsctl.orbit.elements import read_elements
from gsctl.orbit.passes import find_passes, predict
from gsctl.orbit.propagation import Propagator, satrec_of, usable
from gsctl.orbit.tle import format_tle

DATA = Path(
    os.environ.get("GSCTL_TEST_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data")
)
STATION = Station(name="Hoa Lac", latitude_deg=21.0, longitude_deg=105.5, height_m=20.0)
START = datetime(2026, 8, 23, tzinfo=UTC)
DAYS = 2.0
HORIZON_DEG = 10.0
SATELLITES = 100
SEED = 1

Passes = list[tuple[float, float]]  # AOS and LOS, seconds after START
Contestant = Callable[[ElementSet], Passes]


def truth_of(elements: ElementSet) -> Passes | None:
    """Passes by brute force; None for what decays in the window."""
    span_s = DAYS * 86_400.0
    record, site = satrec_of(elements), site_of(STATION)
    propagator = Propagator(START, (0.0, span_s))

    def height(time_s: Any) -> Any:
        states = propagator.one(record, np.atleast_1d(time_s))
        return view(site, states.position_km, states.velocity_km_s).elevation_deg - HORIZON_DEG

    time_s = np.arange(0.0, span_s + 0.5, 1.0)
    if not usable(propagator.one(record, time_s)).all():
        return None
    above = height(time_s) > 0.0
    edges = np.flatnonzero(np.diff(above.astype(int)))
    low, high, rising = time_s[edges], time_s[edges] + 1.0, ~above[edges]
    for _ in range(22):
        middle = 0.5 * (low + high)
        early = (height(middle) < 0.0) == rising
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    crossings = 0.5 * (low + high)
    rises, sets = crossings[rising], crossings[~rising]
    if above[0]:
        sets = sets[1:]
    return list(zip(rises[: len(sets)].tolist(), sets.tolist(), strict=True))


def ours(elements: ElementSet) -> Passes:
    """gsctl, one satellite at a time."""
    found = find_passes(elements, STATION, START, START + timedelta(days=DAYS), horizon_deg=HORIZON_DEG)
    return [(_s(p.aos), _s(p.los)) for p in found if not p.clipped]


def _s(moment: datetime) -> float:
    return (moment - START).total_seconds()


def skyfield() -> Contestant:
    """Skyfield's find_events."""
    from skyfield.api import EarthSatellite, load, wgs84

    timescale = load.timescale(builtin=True)
    place = wgs84.latlon(STATION.latitude_deg, STATION.longitude_deg, STATION.height_m)
    t0, t1 = (timescale.from_datetime(t) for t in (START, START + timedelta(days=DAYS)))

    def run(elements: ElementSet) -> Passes:
        satellite = EarthSatellite.from_satrec(satrec_of(elements), timescale)
        times, kinds = satellite.find_events(place, t0, t1, altitude_degrees=HORIZON_DEG)
        moments = [_s(t) for t in times.utc_datetime()] if len(kinds) else []
        return _paired([(t, k) for t, k in zip(moments, kinds, strict=True) if k != 1], rise=0)

    return run


def _paired(events: Sequence[tuple[float, int]], rise: int) -> Passes:
    """AOS and LOS events in order, paired; halves of passes at the window's ends are left out."""
    passes: Passes = []
    aos: float | None = None
    for moment, kind in events:
        if kind == rise:
            aos = moment
        elif aos is not None:
            passes.append((aos, moment))
            aos = None
    return passes


def pyorbital() -> Contestant:
    """pyorbital's get_next_passes."""
    orbital_module: Any = importlib.import_module("pyorbital.orbital")

    def run(elements: ElementSet) -> Passes:
        _, line1, line2 = format_tle(elements, alpha5=True).splitlines()
        orbital = orbital_module.Orbital(elements.name, line1=line1, line2=line2)
        found = orbital.get_next_passes(
            START.replace(tzinfo=None), int(24 * DAYS), STATION.longitude_deg, STATION.latitude_deg,
            STATION.height_m * 1e-3, tol=0.001, horizon=HORIZON_DEG,
        )  # fmt: skip
        return [(_s(rise.replace(tzinfo=UTC)), _s(fall.replace(tzinfo=UTC))) for rise, fall, _ in found]

    return run


def orbit_predictor() -> Contestant:
    """orbit-predictor with a tolerance of 0.01 s."""
    locations: Any = importlib.import_module("orbit_predictor.locations")
    sources: Any = importlib.import_module("orbit_predictor.sources")
    place = locations.Location(STATION.name, STATION.latitude_deg, STATION.longitude_deg, STATION.height_m)
    begin = START.replace(tzinfo=None)

    def run(elements: ElementSet) -> Passes:
        predictor = sources.get_predictor_from_tle_lines(format_tle(elements, alpha5=True).splitlines()[1:])
        found = predictor.passes_over(
            place, begin, begin + timedelta(days=DAYS), aos_at_dg=HORIZON_DEG, tolerance_s=0.01
        )
        return [(_s(p.aos.replace(tzinfo=UTC)), _s(p.los.replace(tzinfo=UTC))) for p in found]

    return run


def pyephem() -> Contestant:
    """PyEphem's next_pass, which knows no other horizon than 0, and bisection on its own altitudes."""
    ephem: Any = importlib.import_module("ephem")

    def run(elements: ElementSet) -> Passes:
        body = ephem.readtle(*format_tle(elements, alpha5=True).splitlines())
        observer = ephem.Observer()
        observer.lat, observer.lon = str(STATION.latitude_deg), str(STATION.longitude_deg)
        observer.elevation, observer.pressure = STATION.height_m, 0
        date = ephem.Date(START.replace(tzinfo=None))
        end = ephem.Date((START + timedelta(days=DAYS)).replace(tzinfo=None))

        def height_deg(moment: float) -> float:
            observer.date = moment
            body.compute(observer)
            return float(np.degrees(body.alt)) - HORIZON_DEG

        def crossing(low: float, high: float) -> float:
            rising = height_deg(low) < 0.0
            for _ in range(24):
                middle = 0.5 * (low + high)
                low, high = (middle, high) if (height_deg(middle) < 0.0) == rising else (low, middle)
            return _s(ephem.Date(0.5 * (low + high)).datetime().replace(tzinfo=UTC))

        passes: Passes = []
        while True:
            observer.date = date
            rise, _, top, _, fall, _ = observer.next_pass(body)
            if rise is None or fall is None or rise > end:
                return passes
            if rise < top < fall and height_deg(top) > 0.0:
                passes.append((crossing(rise, top), crossing(top, fall)))
            date = max(fall, rise) + ephem.second * 30

    return run


CONTESTANTS: dict[str, tuple[str, Callable[[], Contestant]]] = {
    "gsctl": ("gsctl", lambda: ours),
    "Skyfield find_events": ("skyfield", skyfield),
    "pyorbital": ("pyorbital", pyorbital),
    "orbit-predictor": ("orbit_predictor", orbit_predictor),
    "PyEphem, bisection": ("ephem", pyephem),
}


def compare(sets: Sequence[ElementSet], truth: Sequence[Passes], contestant: Contestant) -> str:
    """CPU seconds, passes missed and invented, and the error of AOS."""
    contestant(sets[0])  # warm
    missed = invented = failed = 0
    errors: list[float] = []
    cpu_s = 0.0
    for elements, expected in zip(sets, truth, strict=True):
        began = time.process_time()
        try:
            found = contestant(elements)
        except Exception:
            failed += 1
            found = []
        cpu_s += time.process_time() - began
        free = [one for one in found if one[1] <= DAYS * 86_400.0]
        for aos, los in expected:
            near = [one for one in free if one[0] < los and one[1] > aos]
            if not near:
                missed += 1
                continue
            errors.append(near[0][0] - aos)
            free.remove(near[0])
        invented += sum(1 for one in free if one[0] > 0.0)
    error = np.array(errors) if errors else np.array([np.nan])
    rms, worst = np.sqrt(np.mean(error**2)), np.abs(error).max()
    return f"{cpu_s:9.3f} {rms:12.6f} {worst:12.6f} {missed:7d} {invented:9d} {failed:7d}"


def main() -> None:
    """Print the three tables."""
    file = DATA / "orbit" / "active_omm_2026-08-22.csv"
    if not file.is_file():
        print(f"no element sets at {file}; set GSCTL_TEST_DATA")
        return
    catalogue = read_elements(file).sets
    rng = np.random.default_rng(SEED)
    low = [s for s in catalogue if s.mean_motion_rev_day > 11 and s.eccentricity < 0.1]
    chosen = [low[i] for i in rng.choice(len(low), SATELLITES, replace=False)]
    known = [(s, t) for s in chosen if (t := truth_of(s)) is not None]
    sets, truth = [s for s, _ in known], [t for _, t in known]
    count = sum(map(len, truth))
    print(f"{len(sets)} low satellites, {DAYS:g} days, horizon {HORIZON_DEG:g} deg: {count} whole passes")
    heads = ("CPU s", "AOS rms s", "AOS max s", "missed", "invented", "failed")
    widths = (9, 12, 12, 7, 9, 7)
    print(" " * 22, *(head.rjust(width) for head, width in zip(heads, widths, strict=True)))
    for name, (module, make) in CONTESTANTS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:22} not installed")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            print(f"{name:22} {compare(sets, truth, make())}", flush=True)
    catalogue_table(catalogue, sets[0])
    command_table(file, sets[0])


def catalogue_table(catalogue: Sequence[ElementSet], one: ElementSet) -> None:
    """CPU seconds of the functions, warm and with the sets loaded."""
    print(f"\nthe whole catalogue, {len(catalogue)} objects, 24 h, warm")
    for label, light in (("passes", False), ("passes with sunlight", True)):
        began, end = time.process_time(), START + timedelta(days=1)
        got = predict(catalogue, [STATION], START, end, horizon_deg=HORIZON_DEG, light=light)
        took = time.process_time() - began
        print(f"{label:22} {took:9.2f} CPU s, {len(got.passes)} passes, {len(got.skipped)} objects skipped")
    began = time.process_time()
    for _ in range(20):
        find_passes(one, STATION, START, START + timedelta(days=10), horizon_deg=HORIZON_DEG)
    print(f"{'one object, 10 days':22} {(time.process_time() - began) / 20 * 1e3:9.2f} CPU ms")


def command_table(file: Path, one: ElementSet) -> None:
    """CPU seconds and memory of whole commands, start-up included; medians of three."""
    place = (
        "--at",
        f"{STATION.latitude_deg},{STATION.longitude_deg},{STATION.height_m}",
        "--start",
        "2026-08-23",
    )
    everything = ("passes", "--all", "--elements", str(file), *place, "--horizon", f"{HORIZON_DEG:g}")
    one_object = ("passes", str(one.norad_id), *place, "--hours", "240", "--horizon", f"{HORIZON_DEG:g}")
    print("\nwhole commands, medians of three")
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        for label, arguments in (
            ("import of all sets", ("elements", "import", str(file))),
            ("passes --all, JSON", (*everything, "-F", "json")),
            ("passes --all, table", everything),
            ("one object, 10 days", one_object),
        ):
            runs = [_run(arguments, environment) for _ in range(3)]
            cpu_s, memory_mb = (float(np.median(column)) for column in zip(*runs, strict=True))
            print(f"{label:22} {cpu_s:9.2f} CPU s, {memory_mb:5.0f} MB", flush=True)


_MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0)
sys.exit(done.returncode)
"""


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """CPU seconds and peak memory (MB) of a command, started by a small process: forks count their parent."""
    command = [sys.executable, "-c", _MEASURE, sys.executable, "-m", "gsctl", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    cpu_s, memory_mb = map(float, done.stdout.split())
    return cpu_s, memory_mb


if __name__ == "__main__":
    main()
