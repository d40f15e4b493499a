"""``gsctl passes`` through the installed command."""

import csv
import dataclasses
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gsctl.cli import pass_table, tables
from gsctl.model import Pass, Station
from gsctl.orbit.icalendar import format_icalendar
from tests.cli.conftest import Gsctl, OneLine

PLACE = ("--at", "21.0,105.5")
WHEN = ("--start", "2026-06-17T12:00:00Z", "--hours", "23")
FIELDS = {
    "satellite", "norad_id", "aos", "tca", "los", "aos_azimuth_deg", "tca_azimuth_deg", "los_azimuth_deg",
    "max_elevation_deg", "duration_s", "clipped", "elements_epoch", "elements_age_days",
}  # fmt: skip
LINE1 = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
LINE2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"


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


ANYWHERE = Station(name="any", latitude_deg=21.0, longitude_deg=105.5)


def _pass(name: str, aos: datetime, minutes: float) -> Pass:
    return Pass(
        satellite=name, norad_id=len(name), station=ANYWHERE, aos=aos,
        tca=aos + timedelta(minutes=minutes / 2), los=aos + timedelta(minutes=minutes),
        aos_azimuth_deg=305.4, tca_azimuth_deg=12.3,
        los_azimuth_deg=359.7, max_elevation_deg=83.29, los_clipped=minutes > 1000, sunlit_fraction=1.0,
        elements_epoch=aos - timedelta(days=4.5), sun_elevation_deg=-30.0,
    )  # fmt: skip


@pytest.mark.parametrize("width", [300, 80])
@pytest.mark.parametrize(("aos_clipped", "los_clipped"), [(True, False), (False, True), (True, True)])
def test_the_end_that_the_window_made_has_the_star(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    aos_clipped: bool,
    los_clipped: bool,
) -> None:
    monkeypatch.setattr(pass_table, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    whole = _pass("SAT", datetime(2026, 6, 18, 1, 5, 30, tzinfo=UTC), 11.0)
    cut = dataclasses.replace(whole, aos_clipped=aos_clipped, los_clipped=los_clipped)
    pass_table.print_passes([cut, whole], {3: "SAT"}, local=False, listed={})
    first, second = capsys.readouterr().out.splitlines()[1:]
    assert ("01:05:30*" in first, "01:16:30*" in first) == (aos_clipped, los_clipped)
    assert first.count("*") == aos_clipped + los_clipped
    assert "*" not in second


def _events(raw: str) -> list[Any]:
    """The events of a calendar as an independent reader has them."""
    from icalendar import Calendar

    calendar = Calendar.from_ical(raw)
    assert calendar.errors == []
    assert (calendar["version"], calendar["calscale"]) == ("2.0", "GREGORIAN")
    events: list[Any] = calendar.walk("VEVENT")
    assert [event.errors for event in events] == [[]] * len(events)
    return events


def test_calendar(gsctl: Gsctl) -> None:
    """RFC 5545: lines of 75 octets and CRLF, UTC, and events that cover the passes."""
    arguments = ("passes", "nanodragon", *PLACE, *WHEN, "--min-elevation", "5")
    raw = gsctl(*arguments, "-F", "ics").stdout
    assert raw.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert raw.endswith("END:VCALENDAR\r\n")
    assert raw.count("\n") == raw.count("\r\n")
    assert all(len(line.encode()) <= 75 for line in raw.split("\r\n"))
    passes = json.loads(gsctl(*arguments, "-F", "json").stdout)
    for event, one in zip(_events(raw), passes, strict=True):
        assert timedelta(0) <= _time(one["aos"]) - event.decoded("dtstart") < timedelta(seconds=1)
        assert timedelta(0) < event.decoded("dtend") - _time(one["los"]) <= timedelta(seconds=1)
        assert event.decoded("dtstamp").tzinfo is not None
        assert str(event["summary"]) == f"NanoDragon {one['max_elevation_deg']:.0f}°"
        assert str(event["location"]) == "21.0,105.5"
        assert f"{one['aos'][11:19]} UTC at azimuth {one['aos_azimuth_deg']:.0f}, TCA" in event["description"]
        assert event.decoded("geo") == (21.0, 105.5)


def test_a_pass_that_is_imported_again_keeps_its_uid() -> None:
    """With newer elements or a later start a calendar updates the event instead of adding another."""
    aos = datetime(2026, 6, 18, 1, 5, 30, tzinfo=UTC)
    first = [_pass("SAT", aos, 11.0), _pass("A, B; \\ \n\x1b C" + "é" * 80, aos, 9.0)]
    # Three seconds later; and cut in two by a tower.
    later = aos + timedelta(seconds=3)
    second = [_pass("SAT", later, 5.0), _pass("SAT", later + timedelta(minutes=6), 4.0)]
    before, after = (_events(format_icalendar(passes, now=aos)) for passes in (first, second))
    uids = [str(event["uid"]) for event in (*before, *after)]
    assert uids[0] == uids[2] == "3-20260618T0100Z-21.0000+105.5000@gsctl"
    assert len(set(uids)) == 3
    assert str(before[1]["summary"]).startswith("A, B; \\ \n C" + "é" * 80)


def test_an_empty_calendar_is_one_too() -> None:
    assert _events(format_icalendar([], now=datetime(2026, 6, 18, tzinfo=UTC))) == []


def test_a_window_may_be_told_by_its_end(gsctl: Gsctl) -> None:
    by_hours = gsctl("passes", "nanodragon", *PLACE, *WHEN, "-F", "csv").stdout
    by_end = ("--start", "2026-06-17T12:00:00Z", "--end", "2026-06-18T11:00:00Z")
    assert gsctl("passes", "nanodragon", *PLACE, *by_end, "-F", "csv").stdout == by_hours


@pytest.mark.parametrize(
    ("width", "local"), [(300, False), (300, True), (80, False), (80, True), (60, False)]
)
@pytest.mark.parametrize(
    "listed", [{}, {"priority": 0.5, "transmitters": "437.365 MHz FSK", "uuids": "x" * 22}]
)
def test_the_table_fits_the_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    local: bool,
    listed: dict[str, object],
) -> None:
    """AOS, LOS, maximum, azimuths and age are there whole, however long a name is."""
    monkeypatch.setattr(pass_table, "on_terminal", lambda: True)
    monkeypatch.setattr(tables, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    names = ("NanoDragon", "A NAME THAT IS LONGER THAN ANY (AO-999)", "Es'hail 2")
    aos = datetime(2026, 6, 18, 1, 25, 30, tzinfo=UTC)
    passes = [_pass(name, aos, minutes) for name, minutes in zip(names, (11.0, 9.5, 2880.0), strict=True)]
    facts = {one.norad_id: listed for one in passes} if listed else {}
    pass_table.print_passes(passes, {p.norad_id: p.satellite for p in passes}, local=local, listed=facts)
    heading, *lines = capsys.readouterr().out.splitlines()
    assert max(map(len, (heading, *lines))) <= width
    for line, name in zip(lines, names, strict=True):
        assert line.startswith(name[:11])
        for part in ("06-18 01:25:30", "83.3"):
            assert part in line
        assert ("305  12 360" in line and "4.5 d old" in line) or ("305>12>0" in line and "4.5d" in line)
    assert "01:36:30" in lines[0]
    assert ("LIGHT" in heading) == (width == 300)
    assert ("PRIORITY" in heading) == bool(listed and width > 60)


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
        (("12345678", *PLACE), 3, ("knows a number 12345678", "gsctl elements update 12345678")),
        (("picodragon", *PLACE), 3, ("PicoDragon", "no element set")),
        (("nanodragon",), 2, ("no place given",)),
        (("nanodragon", *PLACE, "--elements", "gone.tle"), 3, ("gone.tle", "No such file")),
        (("nanodragon", *PLACE, "--hours", "-1"), 2, ("--hours -1",)),
        (("nanodragon", *PLACE, "--hours", "nan"), 2, ("--hours nan",)),
        (("nanodragon", *PLACE, "--end", "2020-01-01"), 2, ("--end", "before it starts")),
        (("nanodragon", *PLACE, "--start", "2026-06-17", "--end", "2026-06-17"), 2, ("before it starts",)),
        (("nanodragon", *PLACE, "--end", "now+1h", "--hours", "1"), 2, ("--end and --hours",)),
        (("nanodragon", *PLACE, "--start", "2026-06-17", "--end", "2126-06-17"), 2, ("--end", "8784")),
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
