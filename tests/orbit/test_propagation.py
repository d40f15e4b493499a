"""SGP4 and Earth rotation against outside authority."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gsctl.errors import ElementsError, UsageError
from gsctl.model import ElementSet, Station
from gsctl.orbit.earth import EarthRotation, altitude_km, site_of, to_earth_fixed, ut1_minus_utc_s, view
from gsctl.orbit.elements import parse_elements, read_elements
from gsctl.orbit.light import eclipse_depth_deg, sun_elevation_deg, sun_position_km
from gsctl.orbit.passes import look
from gsctl.orbit.propagation import Propagator, grid_step_s, satrec_of, usable
from gsctl.orbit.tle import checksum


def _verification_sets(folder: Path) -> list[tuple[ElementSet, str]]:
    """The sets of SGP4-VER.TLE with the text of their lines; three test lines carry wrong checksums."""
    lines = [line for line in (folder / "SGP4-VER.TLE").read_text().splitlines() if not line.startswith("#")]
    sets = []
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        mended = [line[:68] + str(checksum(line)) for line in (first, second)]
        sets.append((parse_elements("\n".join(mended)).sets[0], second))
    return sets


def _expected(folder: Path) -> list[tuple[int, np.ndarray[Any, Any]]]:
    """Number and rows (minutes, x y z km, vx vy vz km/s) of each block of tcppver.out, in its order."""
    blocks: list[tuple[int, list[list[float]]]] = []
    for line in (folder / "tcppver.out").read_text().splitlines():
        words = line.split()
        if words[-1] == "xx":
            blocks.append((int(words[0]), []))
        elif words:
            blocks[-1][1].append([float(word) for word in words[:7]])
    return [(number, np.array(rows)) for number, rows in blocks]


def test_every_satellite_and_time_of_the_verification_set(data_dir: Path) -> None:
    """Vallado et al., AIAA 2006-6753: tcppver.out, within 5 mm and 2 micrometres a second."""
    folder = data_dir / "orbit" / "vallado"
    sets, blocks = _verification_sets(folder), _expected(folder)
    assert len(sets) == len(blocks) == 33
    compared = 0
    for (elements, _), (number, rows) in zip(sets, blocks, strict=True):
        assert elements.norad_id == number
        if number == 33334:
            continue  # see test_elements_that_sgp4_cannot_begin_with
        propagator = Propagator(elements.epoch, (0.0, 1.0))
        error, position, velocity = propagator.teme(satrec_of(elements), rows[:, 0] * 60.0)
        assert not error.any()
        assert np.abs(position - rows[:, 1:4]).max() < 5e-6, elements.norad_id
        assert np.abs(velocity - rows[:, 4:7]).max() < 2e-9, elements.norad_id
        compared += len(rows)
    assert compared == sum(len(rows) for _, rows in blocks) - 1


@pytest.mark.parametrize(
    ("number", "minutes", "code"),
    [(33333, 20.0, 0), (33333, 25.0, 4), (28350, 1440.0, 0), (28350, 1560.0, 1), (22312, 494.2028672, 1),
     (29141, 440.0, 6), (28872, 50.0, 0), (28872, 55.0, 6)],
)  # fmt: skip
def test_error_codes(data_dir: Path, number: int, minutes: float, code: int) -> None:
    """Where tcppver.out stops short, SGP4 gives an error, and ``usable`` says no."""
    folder = data_dir / "orbit" / "vallado"
    elements = next(e for e, _ in _verification_sets(folder) if e.norad_id == number)
    states = Propagator(elements.epoch, (0.0, 1e6)).one(satrec_of(elements), np.array([minutes * 60.0]))
    assert states.error[0] == code
    if code:
        assert not usable(states)[0]


def test_elements_that_sgp4_cannot_begin_with(data_dir: Path) -> None:
    elements = next(e for e, _ in _verification_sets(data_dir / "orbit" / "vallado") if e.norad_id == 33334)
    with pytest.raises(ElementsError, match=r"33334\): SGP4 cannot use its elements"):
        satrec_of(elements)


@pytest.mark.parametrize("inclination_deg", [2.3e-308, 1e-300, 1e-12])
def test_an_inclination_next_to_nothing_is_nothing(data_dir: Path, inclination_deg: float) -> None:
    """Found by hypothesis: the deep-space terms divide by its sine, which overflowed into no position."""
    one = read_elements(data_dir / "orbit" / "vallado" / "SGP4-VER.TLE").sets[0]
    high = replace(one, mean_motion_rev_day=1.0, eccentricity=0.0, inclination_deg=inclination_deg)
    time_s = np.array([0.0, 86_400.0])
    propagator = Propagator(one.epoch, (0.0, 86_400.0))
    _, position, _ = propagator.teme(satrec_of(high), time_s)
    _, flat, _ = propagator.teme(satrec_of(replace(high, inclination_deg=0.0)), time_s)
    assert np.isfinite(position).all()
    assert position == pytest.approx(flat, abs=1e-6)


def test_teme_to_earth_fixed(data_dir: Path) -> None:
    """AIAA 2006-6753 appendix C; our UT1 is a table's, and polar motion (15 m here) is left out."""
    truth = json.loads((data_dir / "orbit" / "truth_small.json").read_text())[
        "TEME_to_ITRF_AIAA2006-6753_appendix_C"
    ]
    start = datetime.fromisoformat(truth["utc"]).replace(tzinfo=UTC)
    assert ut1_minus_utc_s(start, 0.0)[0] == pytest.approx(truth["dut1_s"], abs=2e-3)
    angle = EarthRotation(start, (0.0, 1.0)).angle_rad(np.array([0.0]))
    position, velocity = to_earth_fixed(
        np.array([truth["r_TEME_km"]]), np.array([truth["v_TEME_km_s"]]), angle
    )
    assert np.abs(position[0] - truth["r_ITRF_km"]).max() < 0.017
    assert np.abs(velocity[0] - truth["v_ITRF_km_s"]).max() < 2e-5


def test_the_iss_of_horizons(data_dir: Path) -> None:
    """JPL Horizons gives the ISS itself, so this is the error of the elements: a few kilometres."""
    from skyfield.api import load
    from skyfield.sgp4lib import TEME

    truth = json.loads((data_dir / "orbit" / "truth_small.json").read_text())["ISS_Horizons_2018"]
    elements = parse_elements("\n".join(truth["tle"])).sets[0]
    timescale = load.timescale(builtin=True)
    for day in ("2018-07-04", "2018-07-05"):
        moment = timescale.tdb(*(int(part) for part in day.split("-")))
        start = moment.utc_datetime()
        error, position, _ = Propagator(start, (0.0, 1.0)).teme(satrec_of(elements), np.array([0.0]))
        assert error[0] == 0
        celestial = TEME.rotation_at(moment).T @ position[0]
        offset_km = np.linalg.norm(celestial - np.array(truth[day]["r"]) * 149_597_870.7)
        assert offset_km < 3.0


def test_the_sky_agrees_with_skyfield(data_dir: Path) -> None:
    """Elevation and azimuth to a millionth of a degree, range to a decimetre, over three days."""
    from skyfield.api import EarthSatellite, load, wgs84

    timescale = load.timescale(builtin=True)
    place = wgs84.latlon(-33.4, -70.7, 560.0)
    station = Station(name="Santiago", latitude_deg=-33.4, longitude_deg=-70.7, height_m=560.0)
    sets = read_elements(data_dir / "orbit" / "omm_samples" / "stations.tle").sets
    lines = (data_dir / "orbit" / "omm_samples" / "stations.tle").read_text().splitlines()
    start = datetime(2024, 5, 9, 3, 4, 5, 250000, tzinfo=UTC)
    time_s = np.linspace(0.0, 3 * 86_400.0, 400)
    for index in (0, 1, 6):
        theirs = EarthSatellite(lines[3 * index + 1], lines[3 * index + 2], "", timescale)
        topocentric = (theirs - place).at(timescale.utc(2024, 5, 9, 3, 4, 5.25 + time_s))
        elevation, azimuth, distance, _, _, rate = topocentric.frame_latlon_and_rates(place)
        ours = look(sets[index], station, start, time_s)
        assert np.abs(ours.elevation_deg - elevation.degrees).max() < 1e-6
        assert np.abs((ours.azimuth_deg - azimuth.degrees + 180.0) % 360.0 - 180.0).max() < 1e-5
        assert np.abs(ours.range_m - distance.m).max() < 0.1
        # Their rate is that of SGP4's own velocity, which is not quite the derivative of its position.
        assert np.abs(ours.range_rate_m_s - rate.m_per_s).max() < 0.1


def test_range_rate_is_the_derivative_of_the_range(data_dir: Path) -> None:
    """Within 0.02 m/s of finite differences; positive when receding."""
    elements = read_elements(data_dir / "orbit" / "omm_samples" / "stations.tle").sets[0]
    station = Station(name="x", latitude_deg=51.0, longitude_deg=7.0)
    time_s = np.arange(0.0, 86_400.0, 60.0)
    step = 0.05
    after, before = (look(elements, station, elements.epoch, time_s + d).range_m for d in (step, -step))
    rate = look(elements, station, elements.epoch, time_s).range_rate_m_s
    assert np.abs(rate - (after - before) / (2 * step)).max() < 0.005
    assert np.all(rate[after > before + 1.0] > 0.0)


LIBPREDICT_PLACE = Station(name="libpredict", latitude_deg=63.9, longitude_deg=10.9)
LIBPREDICT_DEG = 0.05  # their Earth is a sphere in places and their sidereal time knows no UT1


@pytest.mark.parametrize(
    "name",
    ["ERS-1", "GPS_BIIA-10", "HINODE", "ISS", "MOLNIYA_1-29", "SIRIUS-1", "THOR_III", "VELA-1"],
)
def test_libpredicts_tables(data_dir: Path, name: str) -> None:
    file = data_dir / "orbit" / "libpredict" / f"sat_{name}_201509261800.test"
    tle, rest = _sections(file)
    elements = parse_elements(tle).sets[0]
    rows = np.array([[float(word) for word in line.split(",")] for line in rest.split()])
    start = datetime.fromtimestamp(rows[0, 0], UTC)
    track = look(elements, LIBPREDICT_PLACE, start, rows[:, 0] - rows[0, 0])
    azimuth_off = (track.azimuth_deg - rows[:, 4] + 180.0) % 360.0 - 180.0
    assert np.abs(azimuth_off * np.cos(np.radians(rows[:, 5]))).max() < LIBPREDICT_DEG
    assert np.abs(track.elevation_deg - rows[:, 5]).max() < LIBPREDICT_DEG


def _sections(file: Path) -> tuple[str, str]:
    text = file.read_text()
    return text.split("[tle]\n")[1].split("\n\n")[0], text.split("[data]\n")[1]


def test_leap_seconds_do_not_disturb_the_rotation() -> None:
    """2016-12-31 had 86 401 s; the Earth turned evenly through it."""
    start = datetime(2016, 12, 31, 23, 50, tzinfo=UTC)
    angle = EarthRotation(start, (0.0, 1200.0)).angle_rad(np.array([599.0, 600.5, 602.0]))
    rate = np.diff(np.unwrap(angle)) / 1.5
    # A POSIX clock shows the leap second as the first second of the new day over again.
    assert rate[1] == pytest.approx(7.2921158e-5, rel=1e-6)
    assert rate[0] == pytest.approx(7.2921158e-5 * 2.5 / 1.5, rel=1e-3)


@pytest.mark.parametrize(
    ("latitude", "longitude", "height"),
    [(90.0, 0.0, 0.0), (-90.0, 77.0, 2800.0), (0.0, 180.0, -430.0), (31.5, -180.0, -430.0)],
)
def test_poles_date_line_and_the_dead_sea(latitude: float, longitude: float, height: float) -> None:
    site = site_of(Station(name="x", latitude_deg=latitude, longitude_deg=longitude, height_m=height))
    up = view(site, site.position_km + 100.0 * site.up, np.zeros(3))
    assert float(up.elevation_deg) == pytest.approx(90.0)
    assert float(altitude_km(site.position_km)) == pytest.approx(height * 1e-3, abs=0.1)
    assert abs(np.linalg.det(np.stack([site.east, site.north, site.up])) - 1.0) < 1e-12


@pytest.mark.parametrize("latitude", [91.0, float("nan")])
def test_a_station_off_the_earth(latitude: float) -> None:
    with pytest.raises(UsageError, match="not on the Earth"):
        site_of(Station(name="x", latitude_deg=latitude, longitude_deg=0.0))


def test_grid_steps_follow_the_orbit(data_dir: Path) -> None:
    sets = {e.norad_id: e for e, _ in _verification_sets(data_dir / "orbit" / "vallado")}
    assert 300.0 < grid_step_s(sets[6251]) < 400.0  # low
    assert grid_step_s(sets[8195]) < 500.0  # Molniya: as fine as a low orbit, for its perigee
    assert grid_step_s(sets[11801]) <= 1800.0


def test_a_decayed_object_has_no_place_in_the_sky(data_dir: Path) -> None:
    elements = next(e for e, _ in _verification_sets(data_dir / "orbit" / "vallado") if e.norad_id == 28872)
    with pytest.raises(ElementsError, match=r"28872\): decayed or out of its elements' reach"):
        look(elements, LIBPREDICT_PLACE, elements.epoch, np.array([0.0, 3300.0]))


def _sun_rows(file: Path) -> np.ndarray[Any, Any]:
    """Time, azimuth and elevation of one of libpredict's tables of the Sun."""
    lines = file.read_text().split("[data]\n")[1].split()
    return np.array([[float(word) for word in line.split(",")[:3]] for line in lines])


@pytest.mark.parametrize("name", ["sun_201509201933", "sun_201509210600"])
def test_libpredicts_sun(data_dir: Path, name: str) -> None:
    """Within the hundredth of a degree of both low-precision formulas, and their rounding."""
    rows = _sun_rows(data_dir / "orbit" / "libpredict" / f"{name}.test")
    start = datetime.fromtimestamp(rows[0, 0], UTC)
    time_s = rows[:, 0] - rows[0, 0]
    sun_km = sun_position_km(start, time_s, EarthRotation(start, (0.0, 60.0)))
    site = site_of(LIBPREDICT_PLACE)
    seen = view(site, sun_km, np.zeros_like(sun_km))
    assert np.abs(seen.elevation_deg - rows[:, 2]).max() < 0.03
    assert np.abs(seen.azimuth_deg - rows[:, 1]).max() < 0.05
    assert sun_elevation_deg(site, sun_km) == pytest.approx(seen.elevation_deg, abs=1e-9)


@pytest.mark.parametrize("name", ["ERS-1", "HINODE", "ISS", "MOLNIYA_1-29", "SIRIUS-1", "THOR_III", "VELA-1"])
def test_libpredicts_eclipses(data_dir: Path, name: str) -> None:
    """The depth of the shadow, their last column: positive in the umbra."""
    tle, rest = _sections(data_dir / "orbit" / "libpredict" / f"sat_{name}_201509261800.test")
    elements = parse_elements(tle).sets[0]
    rows = np.array([[float(word) for word in line.split(",")] for line in rest.split()])
    start = datetime.fromtimestamp(rows[0, 0], UTC)
    time_s = rows[:, 0] - rows[0, 0]
    propagator = Propagator(start, (0.0, 60.0))
    states = propagator.one(satrec_of(elements), time_s)
    depth = eclipse_depth_deg(states.position_km, sun_position_km(start, time_s, propagator.rotation))
    assert np.abs(depth - rows[:, -1]).max() < 0.05
    assert np.array_equal(depth <= 0.0, rows[:, -2] == 1)
