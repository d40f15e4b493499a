"""Places, times and configuration as the commands see them, through the installed ``gsctl``."""

import ast
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from gsctl.cli import options
from gsctl.cli.config import Config
from gsctl.cli.options import (
    choice,
    elements_path,
    log_directory,
    protocol_dirs,
    require_station,
    resolve_station,
)
from gsctl.errors import ConfigError, UsageError
from gsctl.model import Station
from tests.cli.conftest import Gsctl, OneLine

WINDOW = ("passes", "NanoDragon", "--start", "2026-06-17T00:00Z", "--hours", "12", "--format", "csv")
HOME = Station(name="home", latitude_deg=21.0, longitude_deg=105.5)
CLUB = Station(name="club", latitude_deg=52.5, longitude_deg=13.4)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[[Config], None]:
    """Put a configuration in the place of the user's."""
    return lambda config: monkeypatch.setattr(options, "configuration", lambda: config)


def test_a_place_on_the_command_line_wins(configured: Callable[[Config], None]) -> None:
    configured(Config(station="home", stations={"home": HOME, "club": CLUB}))
    assert resolve_station() == HOME
    assert resolve_station("Club") == CLUB
    here = Station(name="here", latitude_deg=0.0, longitude_deg=0.0)
    assert resolve_station(at=here) is here
    with pytest.raises(UsageError, match="exclude each other"):
        resolve_station("club", here)


def test_the_only_station_is_meant_and_one_of_several_is_not_guessed(
    configured: Callable[[Config], None],
) -> None:
    configured(Config(stations={"home": HOME}))
    assert require_station() == HOME
    configured(Config(stations={"home": HOME, "club": CLUB}))
    assert resolve_station() is None
    with pytest.raises(UsageError, match="--station \\(home, club\\)"):
        require_station()


def test_a_place_in_the_environment_is_checked(configured: Callable[[Config], None]) -> None:
    configured(Config(at="52.5,13.4"))
    assert require_station().latitude_deg == 52.5
    configured(Config(at="somewhere"))
    with pytest.raises(ConfigError, match="GSCTL_AT"):
        require_station()


def test_an_unknown_station_names_the_nearest(configured: Callable[[Config], None]) -> None:
    configured(Config(stations={"home": HOME, "club": CLUB}))
    with pytest.raises(ConfigError, match="did you mean club"):
        resolve_station("clob")
    with pytest.raises(ConfigError, match="there are home, club"):
        resolve_station("xyz")
    configured(Config())
    with pytest.raises(ConfigError, match="none is configured"):
        resolve_station("xyz")


def test_paths_of_options_outrank_those_configured(configured: Callable[[Config], None]) -> None:
    configured(Config(elements=Path("/e"), log_dir=Path("/l"), protocols=(Path("/p"),)))
    assert (elements_path(None), elements_path(Path("x"))) == (Path("/e"), Path("x"))
    assert (log_directory(None), log_directory(Path("x"))) == (Path("/l"), Path("x"))
    assert log_directory(None, no_log=True) is None
    assert protocol_dirs([Path("x")]) == (Path("x"), Path("/p"))
    with pytest.raises(UsageError, match="exclude"):
        log_directory(Path("x"), no_log=True)
    configured(Config())
    assert log_directory(None) == Path("gsctl-logs")


def test_words_of_a_choice_ignore_case_and_name_the_nearest() -> None:
    parse = choice("table", "json")
    assert parse("JSON") == "json"
    with pytest.raises(UsageError, match="did you mean json"):
        parse("jsn")
    with pytest.raises(UsageError, match="choose from table, json"):
        parse("zzz")


def aos(text: str) -> list[str]:
    return [row["aos"] for row in csv.DictReader(io.StringIO(text))]


def test_configuration_environment_and_option_name_the_same_place(gsctl: Gsctl, tmp_path: Path) -> None:
    expected = aos(gsctl(*WINDOW, "--at", "21.0,105.5").stdout)
    assert len(expected) >= 2
    (tmp_path / "gsctl").mkdir()
    (tmp_path / "gsctl" / "config.toml").write_text(
        "station = 'home'\n[stations.home]\nlatitude_deg = 21.0\nlongitude_deg = 105.5\n"
        "[stations.club]\nlocator = 'JO62'\n"
    )
    config = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert aos(gsctl(*WINDOW, env=config).stdout) == expected
    assert (
        aos(gsctl(*WINDOW, "--station", "home", env={**config, "GSCTL_STATION": "club"}).stdout) == expected
    )
    assert aos(gsctl(*WINDOW, env={"GSCTL_AT": "21.0,105.5"}).stdout) == expected
    assert aos(gsctl(*WINDOW, env={**config, "GSCTL_STATION": "club"}).stdout) != expected


def test_without_a_place_the_answer_says_how_to_give_one(gsctl: Gsctl, one_line: OneLine) -> None:
    one_line(gsctl(*WINDOW), 2, "no place given", "--at 21.0,105.5")


@pytest.mark.parametrize(
    ("option", "value", "parts"),
    [
        ("--at", "105.5,21.0", ("latitude 105.5", "latitude comes first")),
        ("--at", "OL2", ("no position", "OL21sa")),
        ("--start", "tomorrow", ("no time", "2026-06-17T02:30:00Z")),
        ("--format", "tabel", ("did you mean table?",)),
        ("--hours", "many", ("--hours",)),
    ],
)
def test_a_wrong_value_is_one_line_with_an_example(
    gsctl: Gsctl, one_line: OneLine, option: str, value: str, parts: tuple[str, ...]
) -> None:
    one_line(gsctl("passes", "NanoDragon", option, value), 2, *parts)


def test_an_option_of_a_command_names_the_nearest(gsctl: Gsctl, one_line: OneLine) -> None:
    one_line(
        gsctl("passes", "--min-elevaton", "5"), 2, "passes", "--min-elevaton", "did you mean --min-elevation?"
    )
    one_line(gsctl("passes", "--at"), 2, "passes", "--at", "requires an argument")
    one_line(gsctl("satellites", "lst"), 2, "satellites", "did you mean list?")
    one_line(gsctl("satellites", "xyzzy"), 2, "satellites", "there are list")


def test_a_negative_position_is_no_option(gsctl: Gsctl) -> None:
    done = gsctl("passes", "NanoDragon", "--at", "-33.9,18.4", "--start", "2026-06-17", "--format", "csv")
    assert done.returncode == 0, done.stderr


def test_an_option_is_declared_once() -> None:
    """What two commands share has one name: said twice, one of them would fall behind."""
    declared: dict[str, list[str]] = {}
    for path in sorted(Path(options.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.Option":
                words = ast.unparse(node)
                declared.setdefault(words, []).append(f"{path.name}:{node.lineno}")
    assert len(declared) > 100
    assert {words: places for words, places in declared.items() if len(places) > 1} == {}
