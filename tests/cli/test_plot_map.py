"""``gsctl plot map`` through the installed command."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Gsctl, OneLine

POSITION = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n"


def test_a_log_becomes_a_picture_and_geojson(gsctl: Gsctl, tmp_path: Path) -> None:
    assert gsctl("ais", "-", "-F", "none", stdin=POSITION).returncode == 0
    done = gsctl("plot", "map", "gsctl-logs/ais.csv", "--at", "48.4,-123.4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["ais-map.png", "ais-map.geojson"]
    assert (tmp_path / "ais-map.png").read_bytes().startswith(b"\x89PNG")
    collection = json.loads((tmp_path / "ais-map.geojson").read_text())
    assert collection["features"][0]["geometry"]["coordinates"] == [-123.395383, 48.381633]


def test_what_cannot_be_drawn(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    one_line(gsctl("plot", "map", "none.csv"), 3, "none.csv", "cannot be read")
    (tmp_path / "empty.csv").write_text("mmsi,latitude_deg,longitude_deg\n1,,\n")
    one_line(gsctl("plot", "map", "empty.csv"), 3, "no ship in it gave a position")
    one_line(gsctl("plot", "map", "empty.csv", "-o", "map.bmp"), 3, "png, svg or pdf")


def test_a_missing_coast_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gsctl.cli.app import main
    from gsctl.plot import coast

    monkeypatch.setattr(coast, "coast_folder", lambda: None)
    monkeypatch.chdir(tmp_path)
    Path("ais.csv").write_text("received_at,mmsi,latitude_deg,longitude_deg\n,371798000,48.1,-123.4\n")
    assert main(["plot", "map", "ais.csv", "-o", "map.svg"]) == 0
    assert "pip install '.[map]' in gsctl's folder" in capsys.readouterr().err
    assert Path("map.svg").read_text().startswith("<?xml")
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert "map" in extras["optional-dependencies"]
