"""Satellites by any name; protocol files from anywhere, broken ones too."""

import contextlib
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.catalog import load_catalog, load_file
from gsctl.catalog.checks import check_catalog, check_module, same_value
from gsctl.cli.protocol_template import protocol_text
from gsctl.errors import CatalogError, GsctlError, ProtocolError

CATALOG = load_catalog()

OWN = '''"""Own: a satellite of my own.

Sources
    me
"""
from gsctl.model import Satellite, Source
TELEMETRY = ()
SATELLITES = (
    Satellite(name="{name}", norad_id={number}, callsigns=({callsign!r},), sources=(Source(title="me"),)),
)
TRUTH = ()
'''


def write_own(
    folder: Path, stem: str, *, name: str = "Own", number: int = 200001, callsign: str = "N0OWN"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.py"
    path.write_text(OWN.format(name=name, number=number, callsign=callsign))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "NanoDragon",
        "nano dragon",
        "NANODRAGON",
        "49398",
        "049398",
        "99515",
        "2021-102D",
        "2021102d",
        "21102D",
        "XV9NDG",
        "xv9-ndg",
    ],
)
def test_nanodragon_by_all_its_names(name: str) -> None:
    assert CATALOG.find(name).norad_id == 49398


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Ooruri", 49396),
        ("ts4", 49396),
        ("JJ2YJX", 49399),
        ("raise 2", 49397),
        ("1998-067DB", 39413),
        ("98067DB", 39413),
    ],
)
def test_other_names(name: str, number: int) -> None:
    assert CATALOG.find(name).norad_id == number


def test_alpha5_and_nine_digits(tmp_path: Path) -> None:
    write_own(tmp_path, "a", number=148493, name="Alpha", callsign="N0AAA")
    write_own(tmp_path, "b", number=987654321, name="Nine", callsign="N0BBB")
    catalog = load_catalog([tmp_path])
    assert catalog.find("E8493").name == "Alpha"  # the example of Space-Track's page on Alpha-5
    assert catalog.find("987654321").name == "Nine"


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(CatalogError, match=r"did you mean NanoDragon\?") as error:
        CATALOG.find("nanodragn")
    assert error.value.exit_code == 3
    with pytest.raises(CatalogError, match="gsctl satellites search"):
        CATALOG.find("qqqqqqq")


@pytest.mark.parametrize("name", ["", "   ", "-", "\0", "0", "٤٩٣٩٨", "1" * 400])
def test_what_is_no_name_is_not_found(name: str) -> None:
    with pytest.raises(CatalogError):
        CATALOG.find(name)


@given(st.text(max_size=30))
def test_any_text_is_found_or_refused_in_one_line(text: str) -> None:
    found = CATALOG.search(text)
    with contextlib.suppress(CatalogError):
        assert CATALOG.find(text) in found


def test_an_ambiguous_name_lists_the_candidates(tmp_path: Path) -> None:
    write_own(tmp_path, "a", number=200001, name="First", callsign="N0SAME")
    write_own(tmp_path, "b", number=200002, name="Second", callsign="N0SAME")
    catalog = load_catalog([tmp_path])
    with pytest.raises(CatalogError, match=r"First \(200001\), Second \(200002\)"):
        catalog.find("n0same")
    assert check_catalog(catalog) == ["'n0same' names First (200001) and Second (200002)"]


def test_search_finds_parts_of_names() -> None:
    assert [one.name for one in CATALOG.search("dragon")] == ["MicroDragon", "NanoDragon", "PicoDragon"]
    assert CATALOG.search("") == ()


def test_a_user_s_file_replaces_the_bundled_satellite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    write_own(tmp_path / "gsctl" / "protocols", "mine", number=49398, name="NanoDragon", callsign="N0OWN")
    catalog = load_catalog()
    assert catalog.find("NanoDragon").callsigns == ("N0OWN",)
    assert len(catalog.satellites) == len(CATALOG.satellites)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nonexistent_thing\n", r"bad\.py:1: ModuleNotFoundError"),
        ("x = 1\ny = (\n", r"bad\.py:2: SyntaxError"),
        ("\n\n1 / 0\n", r"bad\.py:3: ZeroDivisionError"),
        ("raise SystemExit(3)\n", r"bad\.py:1: SystemExit"),
        ("SATELLITES = [1]\n", r"bad\.py: SATELLITES is no tuple of Satellite"),
        ("TELEMETRY = (1,)\n", r"bad\.py: 1 is no schema"),
        ("TRUTH = None\n", r"bad\.py: TRUTH is no tuple of Truth"),
        (
            "from gsctl.model import Satellite\nSatellite(name='a', norad_id=1, sources=())\n",
            r"bad\.py:2: ValueError: a: at least one source",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(ProtocolError, match=message) as error:
        load_catalog([tmp_path])
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no such folder"):
        load_catalog([tmp_path / "nowhere"])
    with pytest.raises(ProtocolError, match="no Python file"):
        load_file(tmp_path / "nowhere.py")


def test_private_files_of_a_folder_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "_draft.py").write_text("raise RuntimeError")
    (tmp_path / ".hidden.py").write_text("raise RuntimeError")
    assert len(load_catalog([tmp_path]).modules) == len(CATALOG.modules)


def test_the_template_keeps_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "my_sat_1.py"
    path.write_text(protocol_text('My "Sat" 1\n', 123456789, "my_sat_1"))
    module = load_file(path)
    assert check_module(module) == []
    assert module.truth[0].schema == "my-sat-1-housekeeping"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"battery_voltage_v": 8.1', '"battery_voltage_v": 8.2', "battery_voltage_v is 8.1, not 8.2"),
        ('"mode": "nominal"', '"modus": "nominal"', "no field 'modus'"),
        ("board_temperature_degc", "board_temperature", "does not end in a unit"),
        ("Int32ub, Struct", "Int16ul as Int32ub, Struct", "do not fit"),
        ("info_bytes=10", "info_bytes=11", "does not match its frame"),
        ("frequency_hz=437_000_000.0", "frequency_hz=437.0", "is not in hertz"),
        ("norad_id=7", "norad_id=0", "1 to 9 digits"),
        ("SATELLITES = (", "TRUTH: tuple[Truth, ...] = ()\nSATELLITES = (", "the order is"),
        ("Sources\n", "Facts\n", "no section Sources"),
        ("from gsctl.waveform", "import gsctl.catalog\nfrom gsctl.waveform", "it imports gsctl.catalog"),
        (
            'schema="my-housekeeping",\n                confidence',
            'schema="none",\n                confidence',
            "no schema 'none'",
        ),
        ('schema="my-housekeeping",\n        payload', 'schema="none",\n        payload', "has no TRUTH"),
        ('callsigns=("N0CALL",)', 'callsigns=("MY",)', "stands twice"),
    ],
)
def test_each_rule_notices_its_breach(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = protocol_text("my", 7, "my")
    assert old in text
    path = tmp_path / "my.py"
    path.write_text(text.replace(old, new))
    problems = check_module(load_file(path))
    assert any(problem in line for line in problems), problems


def test_values_are_compared_by_kind() -> None:
    assert same_value(1, 1.0000005)
    assert not same_value(1, 1.00001)
    assert not same_value(True, 1)
    assert same_value(None, None)
    assert not same_value(None, 0)
    assert not same_value("1", 1)


def test_the_catalogue_needs_no_numpy() -> None:
    code = "import sys; from gsctl.catalog import load_catalog; load_catalog(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_element_sets_are_those_of_the_named_day() -> None:
    elements = CATALOG.find("NanoDragon").elements[0]
    assert elements.epoch == datetime(2026, 6, 17, 1, 17, 26, 496960, tzinfo=UTC)
    assert elements.mean_motion_rev_day == 15.30608614


def test_errors_are_gsctl_errors() -> None:
    with pytest.raises(GsctlError, match=r"did you mean gsctl-demo-ais\?"):
        CATALOG.schema("gsctl-demo-asi")
