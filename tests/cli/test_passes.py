"""``gsctl passes`` through the installed command."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Gsctl, OneLine

PLACE = ("--at", "21.0,105.5")
WHEN = ("--start", "2026-06-17T12:00:00Z", "--hours", "23")
FIELDS = {
    "satellite", "norad_id", "aos", "tca", "los", "aos_azimuth_deg", "tca_azimuth_deg", "los_azimuth_deg",
    "max_elevation_deg", "duration_s", "clipped", "elements_epoch", "elements_age_days",
}  # fmt: skip
LINE1 = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
LINE2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"


@pytest.fixture
def gsctl(in_process: Gsctl) -> Gsctl:
    """What is tested here is what the command does, not how it starts."""
    return in_process


def _time(text: object) -> datetime:
    assert str(text).endswith("Z")
    return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def test_json_has_the_fields_of_the_contract(installed: Gsctl) -> None:
    done = installed("passes", "nanodragon", *PLACE, *WHEN, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    passes = json.loads(done.stdout)
    assert len(passes) == 4
    for one in passes:
        assert one.keys() >= FIELDS
        assert one["satellite"] == "NanoDragon"
        assert one["norad_id"] == 49398
        assert _time(one["aos"]) < _time(one["tca"]) < _time(one["los"])
        length_s = (_time(one["los"]) - _time(one["aos"])).total_seconds()
        assert one["duration_s"] == pytest.approx(length_s, abs=1e-5)
        assert one["clipped"] is False
        assert _time(one["elements_epoch"]) == datetime(2026, 6, 17, 1, 17, 26, 496960, UTC)
        age_days = (_time(one["aos"]) - _time(one["elements_epoch"])).total_seconds() / 86_400
        assert one["elements_age_days"] == pytest.approx(age_days, abs=1e-3)
    assert max(one["max_elevation_deg"] for one in passes) == pytest.approx(83.29, abs=0.01)


def test_all_formats_tell_the_same(gsctl: Gsctl) -> None:
    as_json = json.loads(gsctl("passes", "49398", *PLACE, *WHEN, "-F", "JSON").stdout)
    lines = gsctl("passes", "2021-102D", *PLACE, *WHEN, "-F", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == as_json
    rows = list(csv.DictReader(io.StringIO(gsctl("passes", "XV9NDG", *PLACE, *WHEN, "-F", "csv").stdout)))
    assert [row["aos"] for row in rows] == [one["aos"] for one in as_json]
    table = gsctl("passes", "NANO-DRAGON", *PLACE, *WHEN).stdout
    assert [line.split()[:3] for line in table.splitlines()[1:]] == [
        ["NanoDragon", str(one["aos"])[:10], str(one["aos"])[11:19]] for one in as_json
    ]


def test_calendar(gsctl: Gsctl) -> None:
    done = gsctl("passes", "nanodragon", *PLACE, *WHEN, "-F", "ics")
    raw = done.stdout
    assert raw.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert raw.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in raw.split("\r\n"))
    unfolded = raw.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 4
    assert "DTSTART:20260618T012530Z" in unfolded
    assert "SUMMARY:NanoDragon 83°" in unfolded
    uids = [line for line in unfolded.split("\r\n") if line.startswith("UID:")]
    assert len(set(uids)) == 4


def test_horizon_and_elevation_filters(gsctl: Gsctl) -> None:
    def run(*more: str) -> list[dict[str, object]]:
        done = gsctl("passes", "nanodragon", *PLACE, *WHEN, "-F", "json", *more)
        passes: list[dict[str, object]] = json.loads(done.stdout)
        return passes

    every = run()
    assert run("--min-elevation", "30") == [p for p in every if float(str(p["max_elevation_deg"])) >= 30]
    (high,) = run("--horizon", "30")
    assert float(str(high["duration_s"])) < 300.0
    assert run("--sort", "elevation", "--limit", "1")[0]["tca"] == high["tca"]
    assert [p["visible"] for p in run("--visible")] == [True, True]


def test_a_configured_station_has_its_mask(gsctl: Gsctl, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        "[stations.valley]\nlatitude_deg = 21.0\nlongitude_deg = 105.5\n"
        "horizon = [[0, 20], [90, 20], [180, 20], [270, 20]]\n"
    )
    env = {"GSCTL_CONFIG": str(config)}
    masked = gsctl("passes", "nanodragon", *WHEN, "-F", "json", env=env)
    flat = gsctl("passes", "nanodragon", *PLACE, *WHEN, "-F", "json", "--horizon", "20")
    ours, theirs = json.loads(masked.stdout), json.loads(flat.stdout)
    assert [p["station"] for p in ours] == ["valley"]
    assert abs(_time(ours[0]["aos"]) - _time(theirs[0]["aos"])).total_seconds() < 1e-3


def test_a_file_of_elements_with_a_broken_set(gsctl: Gsctl, tmp_path: Path) -> None:
    file = tmp_path / "own.tle"
    file.write_text(f"BROKEN\n{LINE1[:-1]}0\n{LINE2}\nMY SAT (ND)\n{LINE1}\n{LINE2}\n")
    done = gsctl("passes", "my sat", "--elements", file, *PLACE, *WHEN, "-F", "jsonl")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr == f"gsctl: warning: {file}:2: checksum of line 1 of the set is '0', should be 9\n"


def test_everything_of_a_file(gsctl: Gsctl, data_dir: Path) -> None:
    file = data_dir / "orbit" / "amateur_2026-07.3le"
    done = gsctl(
        "passes", "--all", "--elements", file, *PLACE, "--start", "2026-07-15", "--hours", "3", "-F", "csv"
    )
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len({row["norad_id"] for row in rows}) > 30
    assert [row["aos"] for row in rows] == sorted(row["aos"] for row in rows)


def test_numbers_of_nine_digits(gsctl: Gsctl, tmp_path: Path) -> None:
    omm = {
        "OBJECT_NAME": "NEW ONE", "OBJECT_ID": "2026-200A", "EPOCH": "2026-06-17T01:17:26.496960",
        "MEAN_MOTION": "15.3", "ECCENTRICITY": ".0008", "INCLINATION": "97.3", "RA_OF_ASC_NODE": "210.2",
        "ARG_OF_PERICENTER": "193.2", "MEAN_ANOMALY": "166.8", "NORAD_CAT_ID": "799500123", "BSTAR": "0",
    }  # fmt: skip
    file = tmp_path / "new.json"
    file.write_text(json.dumps([omm]))
    done = gsctl("passes", "799500123", "--elements", file, *PLACE, *WHEN, "-F", "jsonl")
    assert json.loads(done.stdout.splitlines()[0])["norad_id"] == 799_500_123


def test_old_elements_warn(gsctl: Gsctl) -> None:
    done = gsctl("passes", "nanodragon", *PLACE, "--start", "2026-08-17", "--hours", "24")
    assert done.returncode == 0
    assert "61.4 d old" in done.stdout
    assert "the elements of NANODRAGON (49398) are 61 days old" in done.stderr


def test_a_decayed_satellite_is_named_and_has_no_passes(gsctl: Gsctl) -> None:
    done = gsctl("passes", "arica", *PLACE, "--start", "2026-08-01")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert "ARICA (49403): decayed on 2026-07-15" in done.stderr


def test_nothing_found_may_be_required(gsctl: Gsctl) -> None:
    arguments = ("passes", "nanodragon", *PLACE, *WHEN, "--horizon", "89.9")
    assert gsctl(*arguments).returncode == 0
    done = gsctl(*arguments, "--require", "-F", "json")
    assert done.returncode == 5
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (("nanodragn", *PLACE), 3, ("no satellite 'nanodragn'", "NanoDragon?")),
        (("picodragon", *PLACE), 3, ("PicoDragon", "no element set")),
        (("nanodragon",), 2, ("no place given",)),
        (("nanodragon", *PLACE, "--elements", "gone.tle"), 3, ("gone.tle", "No such file")),
        (("nanodragon", *PLACE, "--hours", "-1"), 2, ("--hours -1",)),
        (("nanodragon", *PLACE, "--hours", "nan"), 2, ("--hours nan",)),
        (("nanodragon", *PLACE, "--horizon", "95"), 2, ("horizon 95",)),
        (("nanodragon", "--all", *PLACE), 2, ("exclude each other",)),
        (("--group", "nobody", *PLACE), 3, ("no group 'nobody'",)),
        (("nanodragon", *PLACE, "--start", "someday"), 2, ("someday",)),
        (("nanodragon", "--at", "91,0"), 2, ("latitude 91",)),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    gsctl: Gsctl, one_line: OneLine, arguments: tuple[str, ...], code: int, parts: tuple[str, ...]
) -> None:
    one_line(gsctl("passes", *arguments), code, *parts)


@pytest.mark.parametrize("content", ["", f"X\n{LINE1[:-1]}0\n{LINE2}\n"])
def test_a_file_without_sets(gsctl: Gsctl, one_line: OneLine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "bad.tle"
    file.write_text(content)
    one_line(gsctl("passes", "nanodragon", *PLACE, "--elements", file), 3, str(file))


def test_a_name_in_a_file_may_mean_several(gsctl: Gsctl, one_line: OneLine, data_dir: Path) -> None:
    file = data_dir / "orbit" / "omm_samples" / "stations.csv"
    done = gsctl("passes", "iss", "--elements", file, *PLACE)
    one_line(done, 3, "ISS (ZARYA) (25544), ISS (NAUKA) (49044)", "name it by number")


@pytest.mark.parametrize("place", ["-90,180", "31.5,35.5,-430"])
def test_odd_places(gsctl: Gsctl, place: str) -> None:
    done = gsctl("passes", "nanodragon", "--at", place, *WHEN, "-F", "json")
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) >= 4
