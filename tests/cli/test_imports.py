"""``gsctl satellites import``, ``gsctl station`` and ``gsctl passes --list`` as a user runs them."""

import csv
import io
import json
import tomllib
from pathlib import Path

import pytest

from gsctl.cli.config_edit import write_station
from gsctl.errors import ConfigError
from gsctl.model import Station
from tests.cli.conftest import Gsctl, OneLine

SATYAML = """\
name: TestSat-1
norad: 99001
data:
  &tlm Telemetry:
    unknown
transmitters:
  9k6 FSK downlink:
    frequency: 436.210e+6
    modulation: FSK
    baudrate: 9600
    framing: AX.25 G3RUH
    data:
    - *tlm
"""
# GOES 2 of 2009, CelesTrak, as GPredict kept it
SATDATA = """\
VERSION=1.1
NAME=GOES 2 [-]
NICKNAME=Old Goes
TLE1=1 10061U 77048A   09214.81136418 -.00000246  00000-0  10000-3 0  9360
TLE2=2 10061  14.6577 355.9106 0016631 250.8553 109.0089  0.99396978 62267
"""
WHEN = ("--start", "2026-06-17T12:00:00Z", "--hours", "6")


def test_files_of_other_programs_join_the_catalogue(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text(SATYAML)
    (tmp_path / "99001.trsp").write_text("[Voice]\nDOWN_LOW=145900000\nMODE=FM\n")
    (tmp_path / "10061.sat").write_text(SATDATA)
    done = gsctl("satellites", "import", "t.yml", "99001.trsp", "10061.sat")
    assert (done.returncode, done.stdout) == (0, "")
    assert "satellites=3 new=3 changed=0 unchanged=0 transmitters=2" in done.stderr
    assert "element_sets=1 new=1" in done.stderr
    facts = json.loads(gsctl("satellites", "show", "testsat1", "-F", "json").stdout)
    assert [one["frequency_hz"] for one in facts["transmitters"]] == [436_210_000.0, 145_900_000.0]
    assert facts["transmitters"][0]["framing"] == "ax25-g3ruh"
    assert [source["title"] for source in facts["sources"]] == [
        "SatYAML file t.yml, imported",
        "GPredict's transponders 99001.trsp, imported",
    ]
    assert "2009-08-02T19:28:21" in gsctl("elements", "show", "old goes").stdout
    again = gsctl("satellites", "import", ".")
    assert "new=0 changed=0 unchanged=3" in again.stderr
    assert "element_sets=1 new=0" in again.stderr


def test_elements_import_reads_satdata_too(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    (tmp_path / "10061.sat").write_text(SATDATA)
    assert gsctl("elements", "import", "10061.sat").returncode == 0
    assert "GOES 2" in gsctl("elements", "list").stdout
    (tmp_path / "10061.sat").write_text(SATDATA.replace("62267", "62268"))
    one_line(gsctl("elements", "import", "10061.sat"), 3, "10061.sat:5: ", "checksum")


def test_a_bad_file_is_named_and_the_others_are_imported(
    gsctl: Gsctl, installed: Gsctl, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text("name: x\n\tnorad: 1\n")
    (tmp_path / "b.yml").write_text(SATYAML)
    done = installed("satellites", "import", "a.yml", "b.yml", "c.trsp")
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert lines[0].startswith("satellites=1 new=1")
    assert lines[1].startswith("gsctl: warning: a.yml:2: ")
    assert lines[2].startswith("gsctl: c.trsp: ")
    assert gsctl("satellites", "show", "99001").returncode == 0


@pytest.mark.parametrize(
    ("name", "advice"),
    [("x.qth", "gsctl station import"), ("x.tle", "gsctl elements import"), ("x", "SatYAML")],
)
def test_the_wrong_kind_of_file_is_sent_on(gsctl: Gsctl, one_line: OneLine, name: str, advice: str) -> None:
    one_line(gsctl("satellites", "import", name), 3, name, advice)


def test_places_become_stations(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    (tmp_path / "hoalac.qth").write_text("[GROUND STATION]\nLOCATION=Hoa Lac\nLAT=21.0\nLON=105.5\nALT=20\n")
    (tmp_path / "p.qth").write_text("W1AW\n41.7147\n72.7272\n51\n")
    done = gsctl("station", "import", "hoalac.qth")
    assert (done.returncode, done.stdout) == (0, "")
    assert "hoalac: 21 N 105.5 E 20 m written to" in done.stderr
    assert "stands already" in gsctl("station", "import", "hoalac.qth").stderr
    one_line(gsctl("station", "import", "p.qth"), 3, "p.qth:3", "--west-positive")
    assert "72.7272 W" in gsctl("station", "import", "p.qth", "--west-positive").stderr
    rows = json.loads(gsctl("station", "show", "-F", "json").stdout)
    assert [(row["name"], row["longitude_deg"]) for row in rows] == [("hoalac", 105.5), ("W1AW", -72.7272)]
    there = gsctl("passes", "nanodragon", "--station", "hoalac", *WHEN, "-F", "csv").stdout
    assert there == gsctl("passes", "nanodragon", "--at", "21.0,105.5,20", *WHEN, "-F", "csv").stdout.replace(
        '"21.0,105.5,20"', "hoalac"
    )
    (tmp_path / "hoalac.qth").write_text("[GROUND STATION]\nLAT=22.0\nLON=105.5\n")
    one_line(gsctl("station", "import", "hoalac.qth"), 3, "differs", "--replace")
    assert gsctl("station", "import", "hoalac.qth", "--replace").returncode == 0
    assert "22.0" in gsctl("station", "show", "HOALAC").stdout
    one_line(gsctl("station", "show", "hoalak"), 3, "hoalac, W1AW")


def test_variables_of_satnogs_client_become_a_station(
    gsctl: Gsctl, one_line: OneLine, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        'export SATNOGS_STATION_ID="65"\nexport SATNOGS_STATION_LAT="40.662"\n'
        'export SATNOGS_STATION_LON="-23.337"\nexport SATNOGS_API_TOKEN="secret"\n'
    )
    done = gsctl("station", "import", ".env", "-v")
    assert (done.returncode, done.stdout) == (0, "")
    assert "satnogs-65: 40.662 N 23.337 W 0 m written to" in done.stderr
    assert "left out: SATNOGS_API_TOKEN" in done.stderr
    assert "secret" not in done.stderr
    assert gsctl("passes", "nanodragon", "--station", "satnogs-65", *WHEN).returncode == 0
    (tmp_path / ".env").write_text("SATNOGS_STATION_LAT=40.662\n")
    one_line(gsctl("station", "import", ".env"), 3, ".env:1", "SATNOGS_STATION_LON is missing")


def test_a_list_of_priorities(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    uuid = "8ZGBSuGbQQBGZPedsZU6f7"
    (tmp_path / "list.txt").write_text(
        f"49396 0.3 {uuid}\n99515 0.9 {uuid}\n5 0.9 {uuid}\n49397 high {uuid}\n"
    )
    place = ("--at", "55.6,12.65")
    done = gsctl("passes", "--list", "list.txt", *place, *WHEN, "--sort", "priority", "-F", "csv")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    # The temporary number 99515 means NanoDragon.
    assert [row["norad_id"] for row in rows] == ["49398"] * 2 + ["49396"] * 2
    assert [row["priority"] for row in rows] == ["0.9"] * 2 + ["0.3"] * 2
    assert rows[0]["uuids"] == uuid
    assert "list.txt:3: no element set of 5" in done.stderr
    assert "list.txt:4: priority 'high'" in done.stderr
    assert "PRIORITY" in gsctl("passes", "--list", "list.txt", *place, *WHEN).stdout
    one_line(gsctl("passes", "--list", "list.txt", "nanodragon", *place), 2, "--list")
    one_line(gsctl("passes", "nanodragon", "--sort", "priority", *place), 2, "--list")
    (tmp_path / "list.txt").write_text("nothing\n")
    one_line(gsctl("passes", "--list", "list.txt", *place), 3, "list.txt:1", "NORAD PRIORITY UUID")


def test_satnogs_db_checks_a_list(gsctl: Gsctl, tmp_path: Path) -> None:
    uuid = "8ZGBSuGbQQBGZPedsZU6f7"
    satellites = [{"sat_id": "A", "norad_cat_id": 99515, "norad_follow_id": 49398, "name": "NanoDragon"}]
    transmitters = [{"sat_id": "A", "uuid": uuid, "downlink_low": 437_365_000, "mode": "BPSK"}]
    (tmp_path / "s.json").write_text(json.dumps(satellites))
    (tmp_path / "t.json").write_text(json.dumps(transmitters))
    gsctl("satellites", "update", "--satellites", "s.json", "--transmitters", "t.json")
    (tmp_path / "list.txt").write_text(f"49398 0.9 {uuid}\n49396 0.9 {uuid}\n49398 1 {uuid[::-1]}\n")
    done = gsctl("passes", "--list", "list.txt", "--at", "55.6,12.65", *WHEN, "-F", "jsonl")
    assert json.loads(done.stdout.splitlines()[0])["transmitters"] == "437.365 MHz BPSK"
    assert "list.txt:2: transmitter 8ZGBSuGbQQBGZPedsZU6f7 is of 49398 or 99515, not of 49396" in done.stderr
    assert f"list.txt:3: SatNOGS DB knows no transmitter {uuid[::-1]}" in done.stderr


@pytest.mark.parametrize("name", ["club", "my club", 'say "hi"', "Hòa Lạc"])
def test_writing_a_station_leaves_the_rest_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / "config.toml"
    text = (
        '# mine\nstation = "a"  # the usual\n\n[stations.a]\nlocator = "JO62qm"\nhorizon = [\n  [0, 5],\n]\n'
    )
    path.write_text(text)
    place = Station(name=name, latitude_deg=-1.5, longitude_deg=2.0, height_m=3.0)
    assert write_station(path, place)
    assert not write_station(path, place)
    assert path.read_text().startswith(text)
    moved = Station(name=name, latitude_deg=5.0, longitude_deg=2.0)
    with pytest.raises(ConfigError, match="--replace"):
        write_station(path, moved)
    assert write_station(path, moved, replace=True)
    assert tomllib.loads(path.read_text())["stations"][name] == {
        "latitude_deg": 5.0, "longitude_deg": 2.0, "height_m": 0.0,
    }  # fmt: skip
    assert write_station(path, Station(name="a", latitude_deg=5.0, longitude_deg=2.0), replace=True)
    stations = tomllib.loads(path.read_text())["stations"]
    assert stations["a"]["horizon"] == [[0, 5]]
    assert "locator" not in stations["a"]
    assert len(stations) == 2


@pytest.mark.parametrize("text", ["stations = {a = {locator = 'JO62'}}\n", "not toml\n"])
def test_what_cannot_be_edited_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        write_station(path, Station(name="a", latitude_deg=5.0, longitude_deg=2.0), replace=True)
    assert path.read_text() == text


def test_elements_of_the_future_are_said_with_their_line(gsctl: Gsctl, tmp_path: Path) -> None:
    line2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"
    good = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
    future = "1 49398U 21102D   50168.05377890  .00009402  00000-0  31989-3 0  9996"
    (tmp_path / "e.tle").write_text(
        f"GOOD\n{good}\n{line2}\nLATER\n{future}\n{line2}\nCUT\n{good[:50]}\n{line2}\n"
    )
    done = gsctl("elements", "import", "e.tle")
    assert done.returncode == 0
    assert "e.tle:8: line 1 of a set has 50 characters and should have 69" in done.stderr
    assert "e.tle:5: the epoch of LATER is in the future, 2050-06-17" in done.stderr
    assert "e.tle: 2 sets" in done.stderr


def test_a_copy_of_satnogs_db_does_not_flood_the_plain_table(gsctl: Gsctl, data_dir: Path) -> None:
    folder = data_dir / "satnogs"
    gsctl(
        "satellites", "update", "--satellites", folder / "satellites_2026-08-05.json",
        "--transmitters", folder / "transmitters_2026-08-08.json",
    )  # fmt: skip
    gsctl("elements", "import", data_dir / "orbit" / "amateur_2026-07.3le")
    where = ("--at", "21,105.5", "--start", "2026-07-10T00:00:00Z", "--hours", "24", "-F", "csv")
    table = gsctl("passes", *where).stdout
    numbers = {row["norad_id"] for row in csv.DictReader(io.StringIO(table))}
    assert "49398" in numbers
    assert "25544" not in numbers  # in the store and in SatNOGS DB, but no protocol file describes it
    by_name = gsctl("passes", "ISS", *where).stdout
    assert ",25544," in by_name


def test_a_known_decay_date_is_the_reason(gsctl: Gsctl) -> None:
    done = gsctl("passes", "ASTERISC", "--at", "21,105.5", "--start", "2026-08-22T12:00:00Z")
    assert "skipped ASTERISC (49395): decayed on 2025-01-25" in done.stderr
