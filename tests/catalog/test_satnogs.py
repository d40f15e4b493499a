"""SatNOGS DB as part of the catalogue: names, modes, hostile rows, and a service that behaves badly."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.catalog import Catalog, load_catalog
from gsctl.catalog.satnogs import parse_rows, read_store, satellites_from, store_path, write_store
from gsctl.catalog.satnogs_modes import chain_of
from gsctl.catalog.update import update_from_files, update_from_network
from gsctl.errors import CatalogError
from gsctl.framing import FRAMINGS, Ax25, Mobitex, Snet, Text, Usp
from gsctl.model import Confidence
from gsctl.waveform import Afsk, Bpsk, Fsk, Morse

NOW = datetime(2026, 8, 8, 12, 0, tzinfo=UTC)
FFSK = Afsk(symbol_rate_bd=1200.0, mark_hz=1200.0, space_hz=1800.0)
MISSION = (49395, 49396, 49397, 49398, 49399, 49400, 49401, 49402, 49403, 39413, 43935)


@pytest.fixture
def imported(data_dir: Path) -> Catalog:
    folder = data_dir / "satnogs"
    update_from_files(
        store_path(), folder / "satellites_2026-08-05.json", folder / "transmitters_2026-08-08.json", now=NOW
    )
    return load_catalog()


def test_the_whole_database_joins_the_catalogue(imported: Catalog) -> None:
    assert len(imported.satellites) > 2700
    assert imported.find("ISS").norad_id == 25544
    assert imported.find("RS0ISS").norad_id == 25544
    assert imported.find("zarya").norad_id == 25544
    itasat = imported.find("itasat-14")
    assert itasat.transmitters[0].framing == Ax25()
    assert itasat.transmitters[0].framing_confidence == Confidence.INFERRED
    assert all(satellite.sources for satellite in imported.satellites)


def test_what_is_called_so_is_found_first(imported: Catalog) -> None:
    """MBZ-SAT and others contain the name too."""
    found = [one.name for one in imported.search("z-sat")]
    assert found[0] == "Z-Sat"
    assert found[1:] == sorted(found[1:], key=str.casefold)
    assert "MBZ-SAT" in found


def test_a_transmitter_with_two_framings_is_two(imported: Catalog) -> None:
    """They send by turns; whoever decodes the satellite looks for both."""
    both = [one for one in imported.find("Geoscan-1").transmitters if one.direction == "downlink"]
    framings = [one.framing for one in both if one.frequency_hz == both[0].frequency_hz]
    assert framings[:2] == [Ax25(g3ruh=True), FRAMINGS["geoscan"]]
    assert both[1].label.endswith(" geoscan")
    assert len({one.label for one in both}) == len(both)


def test_a_mode_without_a_demodulator_is_kept_in_words(imported: Catalog) -> None:
    iss = imported.find("25544")
    voice = next(one for one in iss.transmitters if one.frequency_hz == 145.8e6)
    assert (voice.waveform, voice.note) == (None, "modulation FM; Mode V/V FM (crew R2+3)")


def test_protocol_files_win_over_the_database(imported: Catalog) -> None:
    for number in MISSION:
        satellite = imported.find(str(number))
        assert satellite.norad_id == number
        assert not any("SatNOGS DB (CC" in note for note in satellite.notes)
    # SatNOGS joins NanoDragon by its temporary number; it must not stand there twice
    assert imported.find("99515").norad_id == 49398
    assert [one.name for one in imported.search("nanodragon")] == ["NanoDragon"]


def test_a_call_sign_of_several_satellites_lists_them(imported: Catalog) -> None:
    with pytest.raises(CatalogError, match=r"SiriusSat-1 \(43595\), CubeSX-HSE \(47952\)"):
        imported.find("RS13S")
    # but what is the very name of one satellite is no ambiguity, though others are also called so
    assert imported.find("CUTE").norad_id == 49263


@pytest.mark.parametrize(
    ("mode", "rate", "description", "waveform", "framing", "confidence"),
    [
        ("FSK AX.25 G3RUH", 9600.0, "", Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True), Confidence.STATED),
        ("GMSK", 9600.0, "", Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True), Confidence.ASSUMED),
        ("GMSK", 9600.0, "GMSK9k6 AX.25", Fsk(symbol_rate_bd=9600.0), Ax25(g3ruh=True), Confidence.INFERRED),
        ("FSK", 1200.0, "Mode U FSK1200 AX25", Fsk(symbol_rate_bd=1200.0), Ax25(), Confidence.INFERRED),
        ("FSK", 40000.0, "", Fsk(symbol_rate_bd=40000.0), None, Confidence.STATED),
        ("FSK", None, "", Fsk(), None, Confidence.STATED),
        ("AFSK", 1200.0, "APRS", Afsk(), Ax25(), Confidence.ASSUMED),
        ("BPSK", 1200.0, "", Bpsk(symbol_rate_bd=1200.0), Ax25(), Confidence.ASSUMED),
        ("DBPSK", 400.0, "", Bpsk(symbol_rate_bd=400.0, differential=True), None, Confidence.STATED),
        ("CW", 18.0, "", Morse(speed_wpm=18.0), Text(), Confidence.STATED),
        ("CW", 1200.0, "", Morse(), Text(), Confidence.STATED),
        ("LoRa", 500.0, "", None, None, Confidence.STATED),
        (
            "BPSK",
            1200.0,
            "BPSK1k2 - AX.25 G3RUH",
            Bpsk(symbol_rate_bd=1200.0),
            Ax25(g3ruh=True),
            Confidence.INFERRED,
        ),
        ("GMSK", 4800.0, "TLM Mobitex GMSK", Fsk(symbol_rate_bd=4800.0), Mobitex(), Confidence.INFERRED),
        ("FSK", 2400.0, "Telemetry USP", Fsk(symbol_rate_bd=2400.0), Usp(), Confidence.INFERRED),
        ("AFSK TUBiX10", 1200.0, "AFSK 1k2 TLM", FFSK, Snet(), Confidence.STATED),
        ("FFSK", 1200.0, "", FFSK, None, Confidence.STATED),
        ("DUV", 200.0, "DUV TLM", Fsk(symbol_rate_bd=200.0), None, Confidence.STATED),
        ("PSK31", None, "", Bpsk(symbol_rate_bd=31.25, differential=True), None, Confidence.STATED),
        (
            "GENESIS FSK",
            800.0,
            "FSK 800 bps 1600 Hz separation",
            Fsk(symbol_rate_bd=800.0, deviation_hz=800.0),
            None,
            Confidence.STATED,
        ),
        ("", None, "", None, None, Confidence.STATED),
    ],
)
def test_modes(
    mode: str, rate: float | None, description: str, waveform: object, framing: object, confidence: Confidence
) -> None:
    chain = chain_of(mode, rate, description)
    assert (chain.waveform, chain.framing, chain.framing_confidence) == (waveform, framing, confidence)


def test_an_unconfirmed_row_is_inferred() -> None:
    assert chain_of("FSK", 9600.0, "", unconfirmed=True).confidence == Confidence.INFERRED


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
satellite_keys = st.sampled_from(["sat_id", "norad_cat_id", "norad_follow_id", "name", "names", "decayed"])
transmitter_keys = st.sampled_from(["sat_id", "downlink_low", "uplink_low", "mode", "baud", "description"])


@given(
    st.lists(st.dictionaries(satellite_keys, json_values, max_size=6), max_size=3),
    st.lists(st.dictionaries(transmitter_keys, json_values, max_size=6), max_size=3),
)
def test_hostile_rows_give_satellites_or_nothing(
    satellites: list[dict[str, object]], transmitters: list[dict[str, object]]
) -> None:
    for satellite in satellites_from(satellites, transmitters):
        assert 0 < satellite.norad_id < 10**9
        assert satellite.name.isprintable()
        labels = [transmitter.label for transmitter in satellite.transmitters]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "<html>", "null", '"x"', "[" * 100_000])
def test_what_is_no_list_of_objects_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="somewhere: "):
        parse_rows(text, where="somewhere")


def test_files_in_the_wrong_order_are_refused_and_the_store_is_kept(
    data_dir: Path, imported: Catalog
) -> None:
    folder = data_dir / "satnogs"
    before = store_path().read_bytes()
    with pytest.raises(CatalogError, match="no transmitters among the rows"):
        update_from_files(
            store_path(),
            folder / "satellites_2026-08-05.json",
            folder / "satellites_2026-08-05.json",
            now=NOW,
        )
    with pytest.raises(CatalogError, match="cannot be read: No such file"):
        update_from_files(store_path(), folder / "nothing.json", folder / "nothing.json", now=NOW)
    assert store_path().read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"satellites":1,"transmitters":2}', b"\xff\xfe"])
def test_a_damaged_store_says_how_to_mend_it(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "satnogs.json"
    path.write_bytes(damage)
    with pytest.raises(CatalogError, match=r"is damaged; gsctl satellites update renews it"):
        read_store(path)
    assert read_store(tmp_path / "none.json") == ()


SATELLITES = [{"sat_id": "A", "norad_cat_id": 100123.0, "name": "New One", "names": "N0NEW, 2026-100A"}]
TRANSMITTERS = [{"sat_id": "A", "downlink_low": 437e6, "uplink_low": 145.9e6, "mode": "FSK", "baud": 9600.0}]


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def service(answer: Answer) -> Iterator[str]:
    """A web server on this machine that answers every GET in the given way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(
    handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, length: int | None = None
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def well_behaved(handler: BaseHTTPRequestHandler) -> None:
    rows = SATELLITES if "satellites" in handler.path else TRANSMITTERS
    send(handler, json.dumps(rows).encode())


def test_the_service_is_asked_once_in_two_hours() -> None:
    asked: list[str] = []

    def counted(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        well_behaved(handler)

    with service(counted) as address:
        assert update_from_network(store_path(), now=NOW, address=address).asked
        assert not update_from_network(store_path(), now=NOW + timedelta(minutes=119), address=address).asked
        assert len(asked) == 2
        assert update_from_network(store_path(), now=NOW + timedelta(minutes=121), address=address).asked
    assert asked[:2] == ["/api/satellites/?format=json", "/api/transmitters/?format=json"]
    new = load_catalog().find("A0123")
    assert (new.name, new.callsigns, new.cospar_id) == ("New One", ("N0NEW",), "2026-100A")
    assert [transmitter.label for transmitter in new.transmitters] == [
        "437.000 MHz FSK 9600",
        "145.900 MHz uplink",
    ]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda handler: send(handler, b"", status=403), "the service answers 403"),
        (lambda handler: send(handler, b"", status=429), "the service answers 429"),
        (lambda handler: send(handler, b"", status=500), "the service answers 500"),
        (lambda handler: send(handler, b"<html>maintenance</html>"), "no JSON"),
        (lambda handler: send(handler, b"[", length=100), "cannot be fetched"),
        (lambda handler: send(handler, b"[{}]"), "there are no satellites"),
        (lambda handler: handler.connection.close(), "cannot be fetched"),
    ],
    ids=["403", "429", "500", "html", "truncated", "empty", "hung up"],
)
def test_a_service_that_behaves_badly_leaves_the_copy_alone(answer: Answer, message: str) -> None:
    write_store(store_path(), SATELLITES, TRANSMITTERS, retrieved_at="2026-01-01T00:00:00.000000Z")
    before = store_path().read_bytes()
    with service(answer) as address, pytest.raises(CatalogError, match=message) as error:
        update_from_network(store_path(), now=NOW, address=address, timeout_s=2.0)
    assert address in str(error.value) or "SatNOGS DB" in str(error.value)
    assert store_path().read_bytes() == before


def test_a_silent_service_times_out() -> None:
    release = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        release.wait(5)

    with service(silent) as address:
        try:
            with pytest.raises(CatalogError, match="cannot be fetched"):
                update_from_network(store_path(), now=NOW, address=address, timeout_s=0.3)
        finally:
            release.set()


def test_no_service_at_all() -> None:
    with pytest.raises(CatalogError, match="cannot be fetched"):
        update_from_network(store_path(), now=NOW, address="http://127.0.0.1:1", timeout_s=1.0)
