from pathlib import Path

import pytest

from gsctl.cli import config as config_module
from gsctl.cli import radio_options
from gsctl.cli.config import Config, load_config
from gsctl.cli.device_config import DeviceConfig
from gsctl.cli.radio_options import RadioChoice, choose_radio
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
        ("devices = 3", "[devices.NAME]"),
        ("[devices.a]\ngain = 3", 'device is missing; write device = "driver='),
        ("[devices.a]\ndevcie = 'rtlsdr'", "did you mean device"),
        ("[devices.a]\ndevice = 5", "device = 5 makes no sense"),
        ("[devices.a]\ndevice = 'x'\ngain = 'loud'", "gain = 'loud' makes no sense"),
        ("[devices.a]\ndevice = 'x'\ngain = {LNA = 'a'}", 'write gain = 30, "auto", or {LNA = 40, VGA = 20}'),
        ("[devices.a]\ndevice = 'x'\nppm = nan", "positive where the clock is fast"),
        ("[devices.a]\ndevice = 'x'\nppm = 2000", "ppm = 2000 makes no sense"),
        ("[devices.a]\ndevice = 'x'\nsettings = 'biastee'", "write settings = {biastee = true}"),
        ("[devices.a]\ndevice = 'x'\nsettings = {a = []}", "write settings = {biastee = true}"),
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
    assert config.device == "dongle"
    assert config.devices["dongle"] == DeviceConfig(
        device="driver=rtlsdr,serial=00000001",
        gain="38.6",
        antenna="RX",
        ppm=1.7,
        settings={"biastee": "true"},
    )
    for key in ("station", "log_dir", "elements", "protocols", "device"):
        assert f"GSCTL_{key.upper()}" in page


def test_a_configured_radio_is_meant_by_its_name_and_options_outrank_it(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    system, user = files
    system.write_text(
        "[devices.a]\ndevice = 'hackrf'\n[devices.b]\ndevice = 'rtl_tcp://host'\ngain = 'auto'\n"
    )
    user.write_text(
        "device = 'A'\n[devices.a]\ndevice = 'rtlsdr'\ngain = {LNA = 40, VGA = 20.5}\nppm = -3\n"
        "settings = {biastee = true, x = 1}\n"
    )
    monkeypatch.setattr(radio_options, "configuration", lambda: load_config({}))
    assert choose_radio("") == RadioChoice(
        device="rtlsdr", gain="LNA=40,VGA=20.5", ppm=-3.0, settings={"biastee": "true", "x": "1"}
    )
    told = choose_radio("a", gain="3", antenna="RX2", setting=["x=2"], ppm=0.0)
    settings = {"biastee": "true", "x": "2"}
    assert told == RadioChoice(device="rtlsdr", gain="3", antenna="RX2", ppm=0.0, settings=settings)
    assert choose_radio("b") == RadioChoice(device="rtl_tcp://host", gain="auto")
    assert choose_radio("driver=a") == RadioChoice(device="driver=a")
