"""``gsctl satellites`` and ``gsctl protocols`` as a user runs them."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

from gsctl.catalog import load_catalog
from gsctl.cli.satellites import describe_in_words

Gsctl = Callable[..., CompletedProcess[str]]


def test_list_is_a_table_and_csv_and_json(gsctl: Gsctl) -> None:
    table = gsctl("satellites", "list")
    assert table.returncode == 0
    assert table.stderr == ""
    assert "NanoDragon" in table.stdout
    rows = list(csv.DictReader(io.StringIO(gsctl("satellites", "list", "--format", "csv").stdout)))
    nanodragon = next(row for row in rows if row["name"] == "NanoDragon")
    assert nanodragon["norad_id"] == "49398"
    assert nanodragon["downlinks"] == "437.365 MHz BPSK 1200"
    facts = json.loads(gsctl("satellites", "list", "-F", "JSON").stdout)
    assert len(facts) == len(rows) >= 11
    lines = gsctl("satellites", "list", "-F", "jsonl").stdout.splitlines()
    assert [json.loads(line)["norad_id"] for line in lines] == [fact["norad_id"] for fact in facts]


def test_show_says_how_certain_and_who_says_so(gsctl: Gsctl) -> None:
    shown = gsctl("satellites", "show", "xv9ndg").stdout
    assert "437.365 MHz, bpsk 1200 Bd (stated), framing ax25 (assumed)" in shown
    assert "https://planet4589.org/space/gcat/" in shown
    facts = json.loads(gsctl("satellites", "show", "99515", "--format", "json").stdout)
    assert facts["norad_id"] == 49398
    assert facts["transmitters"][0]["framing_confidence"] == "assumed"
    assert facts["sources"]


def test_show_and_list_tell_the_elements_that_a_prediction_would_use(gsctl: Gsctl, tmp_path: Path) -> None:
    assert "2026-06-17T01:17:26.496960Z" in gsctl("satellites", "show", "nanodragon").stdout
    none = gsctl("satellites", "show", "picodragon").stdout
    assert "  elements      none\n" in none  # it has re-entered: nothing to fetch
    assert none.count("re-entered") == 1
    own = tmp_path / "own.csv"
    exported = gsctl("elements", "show", "nanodragon", "-F", "csv").stdout
    own.write_text(exported.replace("2026-06-17T01", "2026-06-18T02"))
    assert gsctl("elements", "import", own).returncode == 0
    assert "epoch 2026-06-18T02:17:26.496960Z, " in gsctl("satellites", "show", "nanodragon").stdout
    rows = csv.DictReader(io.StringIO(gsctl("satellites", "list", "-F", "csv").stdout))
    epochs = {row["name"]: row["elements_epoch"] for row in rows}
    assert epochs["NanoDragon"] == "2026-06-18T02:17:26.496960Z"
    assert epochs["PicoDragon"] == ""


def test_every_satellite_shows() -> None:
    catalog = load_catalog()
    for satellite in catalog.satellites:
        lines = list(describe_in_words(catalog, satellite, now=datetime.now(UTC)))
        assert lines[0].startswith(satellite.name)
        assert "Sources" in lines


def test_unknown_names_exit_3_in_one_line(gsctl: Gsctl) -> None:
    done = gsctl("satellites", "show", "nanodragn")
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "gsctl: no satellite 'nanodragn'; did you mean NanoDragon?\n"
    assert gsctl("satellites", "list", "--format", "yaml").returncode == 2


def test_search(gsctl: Gsctl, installed: Gsctl) -> None:
    found = installed("satellites", "search", "dragon", "-F", "csv").stdout.splitlines()
    assert [line.split(",")[0] for line in found[1:]] == ["MicroDragon", "NanoDragon", "PicoDragon"]
    nothing = gsctl("satellites", "search", "qqq")
    assert nothing.returncode == 0
    assert "no satellite" in nothing.stderr


def test_protocols_list_and_show(gsctl: Gsctl) -> None:
    rows = json.loads(gsctl("protocols", "list", "-F", "json").stdout)
    assert (
        "gsctl-demo-telemetry" in next(row for row in rows if row["name"] == "gsctl_demo_profile")["schemas"]
    )
    shown = gsctl("protocols", "show", "nanodragon")
    assert "Byte map" in shown.stdout
    assert shown.stderr.endswith("nanodragon.py (bundled)\n")
    unknown = gsctl("protocols", "show", "nanodragn")
    assert (unknown.returncode, unknown.stderr) == (
        3,
        "gsctl: no protocol file 'nanodragn'; did you mean nanodragon?\n",
    )


def test_a_new_file_is_written_checked_and_used(gsctl: Gsctl, tmp_path: Path) -> None:
    assert gsctl("protocols", "new", "My Sat", "--number", "100123").stdout == "my_sat.py\n"
    checked = gsctl("protocols", "check", "my_sat.py")
    assert (checked.returncode, checked.stderr) == (0, "files=1 frames=1 problems=0\n")
    again = gsctl("protocols", "new", "My Sat", "--number", "100123")
    assert (again.returncode, again.stderr) == (
        2,
        "gsctl: my_sat.py: the file exists; choose another with --output\n",
    )
    shown = gsctl("satellites", "show", "A0123", "--protocols", tmp_path)
    assert "My Sat" in shown.stdout


def test_a_file_that_breaks_the_rules_fails_the_check(gsctl: Gsctl, tmp_path: Path) -> None:
    gsctl("protocols", "new", "Mine", "--number", "7", "-o", "mine.py")
    path = tmp_path / "mine.py"
    path.write_text(path.read_text().replace('"battery_voltage_v": 8.1', '"battery_voltage_v": 9'))
    done = gsctl("protocols", "check", "mine.py")
    assert done.returncode == 3
    assert "battery_voltage_v is 8.1, not 9" in done.stdout
    assert done.stderr.splitlines()[0] == "files=1 frames=1 problems=1"


def test_a_broken_file_is_named(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import nothing_of_that_name\n")
    done = gsctl("satellites", "list", "--protocols", tmp_path)
    assert done.returncode == 0
    assert "NanoDragon" in done.stdout
    assert "bad.py:1: ModuleNotFoundError" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_bundled_files_pass(gsctl: Gsctl) -> None:
    done = gsctl("protocols", "check")
    assert done.returncode == 0, done.stdout


def test_satnogs_files_join_the_catalogue(gsctl: Gsctl, data_dir: Path) -> None:
    folder = data_dir / "satnogs"
    files = (folder / "satellites_2026-08-05.json", folder / "transmitters_2026-08-08.json")
    done = gsctl("satellites", "update", "--satellites", files[0], "--transmitters", files[1])
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("satellites=2767 transmitters=2910 ")
    facts = json.loads(gsctl("satellites", "show", "itasat 1", "-F", "json").stdout)
    assert facts["norad_id"] == 43786
    assert facts["transmitters"][0]["framing_confidence"] == "inferred"
    half = gsctl("satellites", "update", "--satellites", files[0])
    assert (half.returncode, half.stderr) == (
        2,
        "gsctl: --satellites and --transmitters go together; give both files\n",
    )


def test_an_update_without_a_service_fails_in_one_line(gsctl: Gsctl) -> None:
    done = gsctl("satellites", "update", "--url", "http://127.0.0.1:1")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
