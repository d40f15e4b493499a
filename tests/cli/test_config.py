from pathlib import Path

import pytest

from gsctl.cli import config as config_module
from gsctl.cli.config import Config, load_config
from gsctl.errors import ConfigError


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Paths of the system's and the user's configuration, both in a private folder."""
    system, user = tmp_path / "etc", tmp_path / "home"
    system.mkdir()
    user.mkdir()
    monkeypatch.setattr(config_module, "SYSTEM_CONFIG_DIR", system)
    monkeypatch.setattr(config_module, "config_dir", lambda: user)
    return system / "config.toml", user / "config.toml"


def test_without_files_everything_is_unset(files: tuple[Path, Path]) -> None:
    assert load_config({}) == Config()


def test_user_outranks_system_and_environment_outranks_both(files: tuple[Path, Path]) -> None:
    system, user = files
    system.write_text('station = "a"\nlog_dir = "/var/log/gsctl"\nelements = "/srv/elements.json"\n')
    user.write_text('station = "b"\nelements = "mine.json"\n')
    config = load_config({"GSCTL_STATION": "c"})
    assert config.station == "c"
    assert config.elements == user.parent / "mine.json"
    assert config.log_dir == Path("/var/log/gsctl")
    assert config.files == (system, user)


def test_stations_of_both_files_add_up(files: tuple[Path, Path]) -> None:
    system, user = files
    system.write_text("[stations.a]\nlatitude_deg = 1\nlongitude_deg = 2\n[stations.b]\nlocator = 'JO62'\n")
    user.write_text(
        "[stations.a]\nlatitude_deg = 21.0\nlongitude_deg = 105.5\nheight_m = 20\n"
        "horizon = [[90, 12], [0, 5.5]]\n"
    )
    stations = load_config({}).stations
    assert set(stations) == {"a", "b"}
    assert stations["a"].height_m == 20.0
    assert stations["a"].horizon == ((0.0, 5.5), (90.0, 12.0))
    assert (stations["b"].latitude_deg, stations["b"].longitude_deg) == (52.5, 13.0)
    assert stations["b"].name == "b"


def test_a_horizon_may_say_north_twice_alike(files: tuple[Path, Path]) -> None:
    files[1].write_text("[stations.a]\nlocator='JO62'\nhorizon = [[0, 5], [180, 3], [360, 5]]\n")
    assert load_config({}).stations["a"].horizon == ((0.0, 5.0), (180.0, 3.0))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('statoin = "a"', "did you mean station"),
        ("station = 5", "not text"),
        ("[stations.a]\nlatitude = 1", "did you mean latitude_deg"),
        ("[stations.a]\nlatitude_deg = 1", "longitude_deg is missing"),
        ("[stations.a]\nlatitude_deg = true\nlongitude_deg = 1", "not a number"),
        ("[stations.a]\nlatitude_deg = 91\nlongitude_deg = 1", "latitude 91"),
        ("[stations.a]\nlatitude_deg = nan\nlongitude_deg = 1", "latitude nan"),
        ("[stations.a]\nlocator = 'ZZ99'", "no Maidenhead locator"),
        ("[stations.a]\nlocator = 'JO62'\nhorizon = [[0, 95]]", "azimuth and elevation"),
        ("[stations.a]\nlocator = 'JO62'\nhorizon = [0, 5]", "azimuth and elevation"),
        ("[stations.a]\nlocator = 'JO62'\nhorizon = [[0, 5], [360, 6]]", "azimuth twice"),
        ("stations = 3", "[stations.NAME]"),
        ("station = ", "not TOML"),
        ("protocols = [3]", "not text"),
    ],
)
def test_a_wrong_file_is_named_with_what_would_work(
    files: tuple[Path, Path], text: str, complaint: str
) -> None:
    files[1].write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config({})
    assert complaint in str(caught.value)
    assert str(files[1]) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_text_or_too_long_are_refused(files: tuple[Path, Path]) -> None:
    files[1].write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not TOML"):
        load_config({})
    files[1].write_text("#" * 1_100_000)
    with pytest.raises(ConfigError, match="larger"):
        load_config({})


def test_the_environment_may_name_another_file_and_folders(files: tuple[Path, Path], tmp_path: Path) -> None:
    files[1].write_text('station = "user"')
    other = tmp_path / "other.toml"
    other.write_text('station = "other"')
    assert load_config({"GSCTL_CONFIG": str(other)}).station == "other"
    assert load_config({"GSCTL_PROTOCOLS": "/a:/b"}).protocols == (Path("/a"), Path("/b"))
    with pytest.raises(ConfigError, match="no such file"):
        load_config({"GSCTL_CONFIG": str(tmp_path / "absent.toml")})


def test_a_place_in_the_environment_outranks_a_name_in_a_file(files: tuple[Path, Path]) -> None:
    files[1].write_text('station = "a"')
    config = load_config({"GSCTL_AT": "21.0,105.5"})
    assert (config.at, config.station) == ("21.0,105.5", "")


def test_the_documented_example_is_read(files: tuple[Path, Path]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "CONFIGURATION.md").read_text()
    files[1].write_text(page.split("```toml\n")[1].split("```")[0])
    config = load_config({})
    assert config.station == "hoalac"
    assert config.stations["hoalac"].horizon == ((0.0, 5.0), (90.0, 12.0), (180.0, 3.0), (270.0, 8.0))
    assert config.stations["club"].latitude_deg == pytest.approx(52.52, abs=0.02)
    assert config.log_dir == Path("~/gsctl-logs").expanduser()
    for key in ("station", "log_dir", "elements", "protocols"):
        assert f"GSCTL_{key.upper()}" in page
