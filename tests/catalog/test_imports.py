"""Files of other programs: SatYAML, GPredict's key files, predict's places, SatNOGS' priority lists."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gsctl.catalog import Catalog, load_catalog, yaml_events
from gsctl.catalog.gpredict import read_place, read_satdata, read_transponders
from gsctl.catalog.imported import keep_imported, merge, read_imported, store_path
from gsctl.catalog.priorities import read_priorities
from gsctl.catalog.satnogs_client import is_client_file, read_client_place
from gsctl.catalog.satyaml import read_satyaml
from gsctl.catalog.yaml_events import parse_yaml
from gsctl.errors import CatalogError
from gsctl.framing import Ao40Fec, Ax25, Ax100AsmGolay, Ccsds, SmogRa, Usp
from gsctl.model import Confidence, Direction, Satellite, Source, Station, Transmitter
from gsctl.waveform import Afsk, Bpsk, Fsk

SATYAML = """\
# made up
name: TestSat-1
alternative_names:
- TS1
- "Test: one"
norad: 99001
data:
  &tlm Telemetry:
    telemetry: ax25
  &x Other:
    unknown
transmitters:
{}
"""
TRANSMITTER = """\
  {name}:
    frequency: {frequency}
    modulation: {modulation}
    baudrate: {rate}
    framing: {framing}
{more}    data:
    - *tlm
"""


def _satyaml(tmp_path: Path, *transmitters: str) -> Path:
    path = tmp_path / "test.yml"
    path.write_text(SATYAML.format("".join(transmitters)))
    return path


def _one(tmp_path: Path, modulation: str, framing: str, rate: str = "9600", *more: str) -> Transmitter:
    text = TRANSMITTER.format(
        name="a downlink",
        frequency="437.050e+6",
        modulation=modulation,
        rate=rate,
        framing=framing,
        more="".join(f"    {line}\n" for line in more),
    )
    satellite, problems = read_satyaml(_satyaml(tmp_path, text))
    assert problems == []
    assert (satellite.name, satellite.norad_id) == ("TestSat-1", 99001)
    assert satellite.aliases == ("TS1", "Test: one")
    (transmitter,) = satellite.transmitters
    assert transmitter.frequency_hz == 437_050_000.0
    return transmitter


def test_satyaml_waveforms_and_framings(tmp_path: Path) -> None:
    plain = _one(tmp_path, "FSK", "AX.25 G3RUH")
    assert (plain.waveform, plain.framing) == (Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True))
    assert plain.confidence is plain.framing_confidence is Confidence.STATED
    assert plain.note == "a downlink"
    tones = _one(tmp_path, "AFSK", "AX.25", "1200", "af_carrier: 1700", "deviation: -500")
    assert tones.waveform == Afsk(symbol_rate_bd=1200.0, mark_hz=1200.0, space_hz=2200.0)
    assert _one(tmp_path, "FSK subaudio", "USP").framing == Usp()
    manchester = _one(tmp_path, "DBPSK Manchester", "AX.25", "1200").waveform
    assert manchester == Bpsk(symbol_rate_bd=1200.0, differential=True, manchester=True)
    ccsds = _one(
        tmp_path, "BPSK", "CCSDS Concatenated", "9600", "frame size: 223", "precoding: differential",
        "RS basis: dual", "convolutional: NASA-DSN uninverted", "scrambler: none",
    )  # fmt: skip
    assert ccsds.framing == Ccsds(
        differential=True, convolutional="nasa-dsn-uninverted", scrambler=False, basis="dual"
    )
    old = _one(tmp_path, "FSK", "CCSDS Reed-Solomon dual differential", "9600", "frame size: 446",
               "RS interleaving: 2")  # fmt: skip
    assert old.framing == Ccsds(size_bytes=446, depth=2, differential=True)
    assert _one(tmp_path, "FSK", "SMOG-P RA", "1250", "frame size: 128").framing == SmogRa(size_bytes=128)
    assert _one(tmp_path, "FSK", "FORESAIL-1").framing == Ax100AsmGolay(sync_word=0x1ACFFC1D)
    no_scrambler = _one(tmp_path, "FSK", "AX100 ASM+Golay", "9600", "scrambler: none")
    assert no_scrambler.framing == Ax100AsmGolay(scrambler=False)


def test_funcubes_differential_code_is_the_framings(tmp_path: Path) -> None:
    funcube = _one(tmp_path, "DBPSK", "AO-40 FEC", "1200")
    assert funcube.waveform == Bpsk(symbol_rate_bd=1200.0)
    assert funcube.framing == Ao40Fec(differential=True)
    assert _one(tmp_path, "FSK", "AO-40 FEC short", "1250").framing == Ao40Fec(short=True)


def test_what_gsctl_has_no_name_for_is_a_note(tmp_path: Path) -> None:
    odd = _one(tmp_path, "4FSK", "Nobody-7")
    assert odd.waveform is None
    assert odd.framing is None
    assert odd.note == "a downlink; modulation 4FSK; framing Nobody-7, which gsctl has no name for"
    assert (
        "basis=odd" in _one(tmp_path, "FSK", "CCSDS Uncoded", "9600", "frame size: 9", "RS basis: odd").note
    )


def test_a_broken_transmitter_is_named_with_its_line_and_the_others_stay(tmp_path: Path) -> None:
    good = TRANSMITTER.format(
        name="good", frequency="437e6", modulation="FSK", rate="9600", framing="USP", more=""
    )
    bad = TRANSMITTER.format(
        name="bad", frequency="twelve", modulation="FSK", rate="9600", framing="USP", more=""
    )
    satellite, problems = read_satyaml(_satyaml(tmp_path, bad, good, "  worse: 3\n"))
    assert [one.label for one in satellite.transmitters] == ["437.000 MHz FSK 9600"]
    assert [problem.line for problem in problems] == [14, 27]
    assert "frequency: 'twelve'" in str(problems[0])


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "", "empty"),
        ("name: x\nnorad: 5\n", ":1:", "no SatYAML"),
        ("name: x\nnorad: many\ntransmitters:\n", ":2:", "no catalogue number"),
        ("norad: 5\ntransmitters:\n", ":1:", "no name"),
        ("name: x\n\tnorad: 5\n", ":2:", "not YAML"),
        ("name: x\nname: y\n", ":2:", "twice"),
        ("name: !!python/object:os.system x\n", ":1:", "YAML"),
        ("name: 'x\n", ":2:", "not YAML: found unexpected end of stream"),
        ("a:\n    b: 1\n  c: 2\n", ":3:", "not YAML"),
        ("a: 1\nb\n", ":3:", "not YAML"),
        ("".join(" " * n + f"k{n}:\n" for n in range(30)), ":18:", "levels"),
        ("[" * 100_000, ":1:", "levels"),
        ("a: &x [1]\nb: [*x, *x]\n", ":2:", "*x stands for no text or number"),
        ("a: *y\n", ":1:", "*y stands for"),
        ("a: &z [*z]\n", ":1:", "*z stands for"),
        ("[1]: 2\n", ":1:", "a key is no text"),
        ("a: 1\n---\nb: 2\n", ":2:", "more than one document"),
        ("[" + "1," * 100_001 + "]", ":1:", "more than 100000 values"),
        ("a: b\x08\n", "", "not YAML"),
        ("a\0b: 1", ":1:", "not text"),
    ],
)
def test_what_is_no_satyaml_is_said_with_its_line(tmp_path: Path, text: str, where: str, what: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        read_satyaml(path)
    assert what in str(caught.value)
    assert where in str(caught.value)
    assert "\n" not in str(caught.value)


def test_yaml() -> None:
    text = "---\na: 1  # one\nb: ['x', 2, no#t]\nc:\n- p: 1.5e3\n  q: ~\n- - \nd: \"a # b\"\n'e f': yes\n"
    assert parse_yaml(text, "t") == {
        "a": 1, "b": ["x", 2, "no#t"], "c": [{"p": 1500.0, "q": None}, [None]], "d": "a # b", "e f": "yes",
    }  # fmt: skip
    text = "a: |\n  x\n  y\nb: {c: 437e6, 'd': \"1\"}\nc: &t Tele metry\nd: [*t, !!str 5]\ne: >\n  f\n  g\n"
    assert parse_yaml(text, "t") == {
        "a": "x\ny\n", "b": {"c": 437e6, "d": "1"}, "c": "Tele metry", "d": ["Tele metry", "5"], "e": "f g\n",
    }  # fmt: skip
    assert parse_yaml(text, "t").lines == {"a": 1, "b": 4, "c": 5, "d": 6, "e": 7}
    assert parse_yaml("", "t") is None
    assert parse_yaml("x: 0123\r\ny: 1_000\r\n", "t") == {"x": 123, "y": 1000}


def test_yaml_without_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may be built without libyaml; its own parser then says the same."""
    text = SATYAML.format(
        TRANSMITTER.format(name="x", frequency="1", modulation="y", rate="", framing="'5'", more="")
    )
    whole = parse_yaml(text, "t")
    monkeypatch.setattr(yaml_events, "_LOADER", yaml.SafeLoader)
    assert parse_yaml(text, "t") == whole
    assert whole["transmitters"]["x"]["framing"] == "5"
    with pytest.raises(CatalogError, match=r"t:1: not YAML"):
        parse_yaml("a: [", "t")


@given(st.text(alphabet=" \n-:#'\"[]{}&*!ab1,.\t", max_size=200))
def test_any_text_is_yaml_or_an_error_of_ours(text: str) -> None:
    with suppress(CatalogError):  # and nothing else
        parse_yaml(text, "t")


@pytest.mark.parametrize(
    "text",
    [
        "SATNOGS_STATION_ID=65\nSATNOGS_STATION_LAT=-40.662\nSATNOGS_STATION_LON=23.337\nSATNOGS_STATION_ELEV=150\n",
        "# mine\r\nexport SATNOGS_STATION_ID=\"65\" # x\r\nexport SATNOGS_STATION_LAT='-40.662'\r\n"
        'SATNOGS_STATION_LON = 23.337 # east\r\nSATNOGS_STATION_ELEV="150"\r\nPATH=/bin\r\n',
        "services:\n  client:\n    environment:\n      SATNOGS_STATION_ID: 65\n"
        "      SATNOGS_STATION_LAT: '-40.662'\n"
        "      SATNOGS_STATION_LON: 23.337\n      SATNOGS_STATION_ELEV: 150\n",
        "environment:\n - SATNOGS_STATION_ID=65\n - SATNOGS_STATION_LAT=1\n - SATNOGS_STATION_LAT=-40.662\n"
        " - SATNOGS_STATION_LON=23.337\n - SATNOGS_STATION_ELEV=150\n",
    ],
)
def test_the_place_of_satnogs_client(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".env"
    path.write_text(text)
    assert is_client_file(path)
    expected = Station(name="satnogs-65", latitude_deg=-40.662, longitude_deg=23.337, height_m=150.0)
    assert read_client_place(path).station == expected


def test_other_variables_of_satnogs_client_are_only_named(tmp_path: Path) -> None:
    path = tmp_path / "station.env"
    path.write_text("SATNOGS_API_TOKEN=secret\nSATNOGS_STATION_LAT=1\nSATNOGS_STATION_LON=2\n")
    found = read_client_place(path)
    assert (found.station.name, found.station.height_m) == ("satnogs", 0.0)
    assert found.other_names == ("SATNOGS_API_TOKEN",)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SATNOGS_API_TOKEN=x\nSATNOGS_STATION_LAT=1\n", ":1: SATNOGS_STATION_LON is missing"),
        ("\nSATNOGS_STATION_LAT=north\nSATNOGS_STATION_LON=1\n", ":2: SATNOGS_STATION_LAT 'north'"),
        ("SATNOGS_STATION_LAT=91\nSATNOGS_STATION_LON=1\n", ":1: SATNOGS_STATION_LAT '91' .* 90"),
        ("SATNOGS_STATION_LAT=nan\nSATNOGS_STATION_LON=1\n", ":1: SATNOGS_STATION_LAT 'nan'"),
    ],
)
def test_a_place_of_satnogs_client_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "station.env"
    path.write_text(text)
    with pytest.raises(CatalogError, match=words):
        read_client_place(path)


TRSP = """\
# made up
[Mode V/U FM]
UP_LOW=145900000
DOWN_LOW=437200000
MODE=FM, no PL
[Telemetry]
DOWN_LOW=437210000
MODE=9k6 GFSK AX.25
[Linear]
UP_LOW=435130000
UP_HIGH=435150000
DOWN_LOW=145950000
DOWN_HIGH=145970000
INVERT=true
MODE=SSB/CW
"""


def test_transponders(tmp_path: Path) -> None:
    path = tmp_path / "40908.trsp"
    path.write_bytes(TRSP.replace("\n", "\r\n").encode("utf-8-sig"))
    satellite, problems = read_transponders(path)
    assert problems == []
    assert satellite.norad_id == 40908
    voice, up, data, linear, linear_up = satellite.transmitters
    assert (voice.frequency_hz, voice.waveform, voice.note) == (437.2e6, None, "Mode V/U FM; FM, no PL")
    assert (up.direction, up.frequency_hz) == (Direction.UPLINK, 145.9e6)
    assert (data.waveform, data.framing) == (Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True))
    assert data.framing_confidence is Confidence.INFERRED
    assert data.label == "437.210 MHz GFSK 9600"
    assert linear.waveform is None  # CW in a linear transponder is no beacon
    assert linear.note == "Linear; SSB/CW; 145.9500 to 145.9700 MHz, inverting"
    assert linear_up.note == "Linear; SSB/CW; 435.1300 to 435.1500 MHz"


@pytest.mark.parametrize(
    ("mode", "waveform"),
    [
        ("1k2 AFSK AX.25", Afsk()),
        ("9600 bps FSK", Fsk(symbol_rate_bd=9600.0)),
        ("BPSK 1200", Bpsk(symbol_rate_bd=1200.0)),
        ("GMSK 19k2", Fsk(symbol_rate_bd=19200.0)),
        ("FM voice, 67 Hz", None),
        ("", None),
    ],
)
def test_modes_of_transponders(tmp_path: Path, mode: str, waveform: object) -> None:
    path = tmp_path / "1.trsp"
    path.write_text(f"[x]\nDOWN_LOW=437200000\nMODE={mode}\n")
    satellite, _ = read_transponders(path)
    assert satellite.transmitters[0].waveform == waveform


def test_broken_transponders(tmp_path: Path) -> None:
    path = tmp_path / "7.trsp"
    path.write_text("[a]\nDOWN_LOW=x\n[b]\njunk\nDOWN_LOW=437200000\n[c]\nUP_LOW=12\n")
    satellite, problems = read_transponders(path)
    assert len(satellite.transmitters) == 1
    assert sorted(problem.line for problem in problems) == [2, 4, 7]
    path.write_text("[a]\nMODE=FM\n")
    with pytest.raises(CatalogError, match="no transponder"):
        read_transponders(path)
    named = tmp_path / "iss.trsp"
    named.write_text(TRSP)
    with pytest.raises(CatalogError, match=r"25544\.trsp"):
        read_transponders(named)


def test_names_of_satdata(tmp_path: Path) -> None:
    path = tmp_path / "10061.sat"
    path.write_text("VERSION=1.1\nNAME=GOES 2 [-]\nNICKNAME=Goes\nTLE1=1 10061U x\n")
    assert read_satdata(path) == ("GOES 2 [-]", "Goes", 10061)
    path.write_text("hello\n")
    with pytest.raises(CatalogError, match="satdata"):
        read_satdata(path)


def test_gpredicts_place_is_east_positive_whatever_is_said(tmp_path: Path) -> None:
    path = tmp_path / "club.qth"
    for heading in ("GROUND STATION", "QTH"):
        path.write_text(f"[{heading}]\nLOCATION=Here\nLAT=21.0\nLON=-105.5\nALT=20\nWX=VVNB\n")
        for west in (None, True, False):
            place = read_place(path, west_positive=west)
            assert (place.name, place.latitude_deg, place.longitude_deg) == ("club", 21.0, -105.5)
            assert place.height_m == 20.0


def test_predicts_place_must_be_told_its_side(tmp_path: Path) -> None:
    path = tmp_path / "predict.qth"
    path.write_text("W1AW\n41.7\n72.7\n51\n")
    with pytest.raises(CatalogError, match=r"predict\.qth:3: .*--west-positive"):
        read_place(path)
    place = read_place(path, west_positive=True)
    assert (place.name, place.longitude_deg, place.height_m) == ("W1AW", -72.7, 51.0)
    assert read_place(path, west_positive=False).longitude_deg == 72.7
    path.write_text("VN\n21\n254.5\n20\n")
    assert read_place(path, west_positive=True).longitude_deg == pytest.approx(105.5)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[GROUND STATION]\nLAT=91\nLON=0\n", ":2: LAT '91'"),
        ("[GROUND STATION]\nLAT=nan\nLON=0\n", ":2: LAT 'nan'"),
        ("[GROUND STATION]\nLAT=1\n", ":1: LON is missing"),
        ("a\nb\nc\nd\n", ":2: latitude 'b'"),
        ("just one line\n", "four lines"),
    ],
)
def test_broken_places(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "x.qth"
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        read_place(path, west_positive=True)
    assert what in str(caught.value)


def test_priority_lists(tmp_path: Path) -> None:
    path = tmp_path / "priorities_1.txt"
    uuid = "8ZGBSuGbQQBGZPedsZU6f7"
    path.write_text(
        f"# mine\r\n49398 0.9 {uuid}\r\n\r\n49398\t1 {uuid[::-1]} # two\r\n49398 0.1 {uuid}\r\n"
        f"x 1 {uuid}\r\n5 1.01 {uuid}\r\n5 -1 {uuid}\r\n5 1 short\r\n5 1\r\n"
    )
    entries, problems = read_priorities(path)
    assert [(e.norad_id, e.priority, e.line) for e in entries] == [(49398, 0.9, 2), (49398, 1.0, 4)]
    assert [problem.line for problem in problems] == [5, 6, 7, 8, 9, 10]
    path.write_text("hello world\n")
    with pytest.raises(CatalogError, match=":1: 2 words"):
        read_priorities(path)


def _satellite(
    number: int, name: str, *transmitters: Transmitter, aliases: tuple[str, ...] = ()
) -> Satellite:
    return Satellite(
        name=name, norad_id=number, aliases=aliases, transmitters=transmitters, sources=(Source(title="t"),)
    )


def test_the_store_keeps_everything_and_twice_is_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "imported.json"
    assert read_imported(path) == ()
    satellite, _ = read_satyaml(
        _satyaml(
            tmp_path,
            TRANSMITTER.format(
                name="x", frequency="437e6", modulation="DBPSK", rate="1200", framing="AO-40 FEC", more=""
            ),
            TRANSMITTER.format(
                name="y", frequency="437e6", modulation="AFSK", rate="1200", framing="FORESAIL-1", more=""
            ),
            TRANSMITTER.format(
                name="z", frequency="437e6", modulation="odd", rate="1200", framing="odd", more=""
            ),
        )
    )
    first = keep_imported(path, {"a": satellite})
    assert (first.new, first.changed, first.unchanged) == (1, 0, 0)
    before = path.read_bytes()
    again = keep_imported(path, {"a": satellite})
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert path.read_bytes() == before
    (kept,) = read_imported(path)
    assert kept.transmitters == satellite.transmitters
    assert (kept.name, kept.aliases) == (satellite.name, satellite.aliases)
    changed = keep_imported(path, {"a": _satellite(99001, "New"), "b": _satellite(5, "B")})
    assert (changed.new, changed.changed) == (1, 1)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"version": 9}', '{"version": 1, "satellites": {"a": {"name": "x"}}}',
     '{"version": 1, "satellites": []}'],
)  # fmt: skip
def test_a_damaged_store_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "imported.json"
    path.write_text(text)
    with pytest.raises(CatalogError, match="import again"):
        read_imported(path)


def test_imports_add_to_what_is_known_and_change_nothing() -> None:
    nanodragon = load_catalog().find("NanoDragon")
    heard = Transmitter(label="2200.000 MHz BPSK", frequency_hz=2.2e9, waveform=Bpsk(symbol_rate_bd=1e6))
    alike = Transmitter(label="x", frequency_hz=437_365_100.0, waveform=Bpsk(symbol_rate_bd=1200.0))
    keep_imported(
        store_path(),
        {
            "a": _satellite(99515, "99515", alike, heard),
            "b": _satellite(49398, "OBJECT D", aliases=("HIBARI", "ND")),
            "c": _satellite(12345, "Nothing but a name"),
            "d": _satellite(12346, "12346", heard),
            "e": _satellite(12346, "Named"),
        },
    )
    catalog = load_catalog()
    merged = catalog.find("ND")
    assert catalog.find("49398") == catalog.find("nanodragon") == merged
    assert catalog.find("HIBARI").norad_id == 49400
    assert merged.transmitters == (*nanodragon.transmitters, heard)
    assert merged.sources[: len(nanodragon.sources)] == nanodragon.sources
    assert catalog.module_of(merged) is not None
    assert catalog.search("nothing but") == ()
    assert catalog.find("named").norad_id == 12346
    assert [one.name for one in catalog.search("12346")] == ["Named"]


def test_labels_stay_unique_and_an_empty_import_is_nothing() -> None:
    same = Transmitter(label="A", frequency_hz=1e8, waveform=Fsk(symbol_rate_bd=1200.0))
    other = Transmitter(label="A", frequency_hz=1e8, waveform=Fsk(symbol_rate_bd=2400.0))
    merged = merge(_satellite(1, "S", same), [_satellite(1, "S", other, same)], ())
    assert merged is not None
    assert [one.label for one in merged.transmitters] == ["A", "A (2)"]
    assert merge(None, [_satellite(1, "S")], ()) is None
    assert Catalog((), (), ()).satellites == ()
