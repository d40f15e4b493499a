"""Fetching from a server that behaves well, and from one that behaves badly."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gsctl.errors import ElementsError
from gsctl.orbit import fetch as fetch_module
from gsctl.orbit.elements import format_elements, parse_elements
from gsctl.orbit.fetch import (
    MIN_AGE,
    celestrak_group_url,
    celestrak_number_url,
    fetch,
    satnogs_number_url,
)
from gsctl.orbit.store import ElementStore

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TLE = (
    "NANODRAGON\n1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999\n"
    "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001\n"
)
CSV = format_elements(parse_elements(TLE).sets, "csv")
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A local HTTP server whose answer is set by each test; it counts what it is asked."""

    def __init__(self) -> None:
        self.answer: Answer = plain(200, CSV)
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({key.lower(): value for key, value in self.headers.items()})
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/gp.php?GROUP=test&FORMAT=csv"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def plain(status: int, text: str | bytes, **headers: str) -> Answer:
    body = text.encode() if isinstance(text, str) else text

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(key.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ElementStore]:
    with ElementStore(tmp_path / "elements.sqlite") as opened:
        yield opened


def test_a_good_answer_goes_into_the_store(server: Server, store: ElementStore) -> None:
    got = fetch(server.url, store, now=NOW, group="test")
    assert (got.outcome, got.new_sets) == ("updated", 1)
    (kept,) = store.nearest(NOW, group="test")
    assert (kept.norad_id, kept.source, kept.retrieved_at) == (49398, server.url, NOW)
    assert server.asked[0]["user-agent"].startswith("gsctl/")


def test_not_asked_again_within_two_hours_even_after_a_restart(server: Server, tmp_path: Path) -> None:
    for minutes, outcome in ((0, "updated"), (1, "too soon"), (119, "too soon"), (121, "updated")):
        with ElementStore(tmp_path / "elements.sqlite") as store:
            got = fetch(server.url, store, now=NOW + timedelta(minutes=minutes))
        assert got.outcome == outcome
    assert len(server.asked) == 2


def test_a_clock_set_back_does_not_shut_us_out(server: Server, store: ElementStore) -> None:
    fetch(server.url, store, now=NOW + timedelta(days=400))
    assert fetch(server.url, store, now=NOW).outcome == "updated"


def test_requests_are_conditional(server: Server, store: ElementStore) -> None:
    server.answer = plain(200, CSV, ETag='"abc"', Last_Modified="Sun, 22 Nov 2026 10:00:00 GMT")
    fetch(server.url, store, now=NOW)
    server.answer = plain(304, "")
    for hours in (3, 6):
        assert fetch(server.url, store, now=NOW + timedelta(hours=hours)).outcome == "unchanged"
        assert server.asked[-1]["if-none-match"] == '"abc"'
        assert server.asked[-1]["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("status", [301, 403, 404, 429, 500, 503])
def test_an_error_is_final_for_two_hours(server: Server, store: ElementStore, status: int) -> None:
    store.add(parse_elements(TLE).sets)
    server.answer = plain(status, "no")
    for minutes in (0, 30):
        with pytest.raises(
            ElementsError, match=f"answered {status} at 2026-11-22 12:00 UTC.*before 14:00 UTC"
        ):
            fetch(server.url, store, now=NOW + timedelta(minutes=minutes))
    assert len(server.asked) == 1
    assert store.count() == (1, 1)
    server.answer = plain(200, CSV)
    assert fetch(server.url, store, now=NOW + MIN_AGE).outcome == "updated"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            plain(200, "<html><body>Blocked</body></html>", Content_Type="text/html"),
            "markup, but no OMM.*Blocked",
        ),
        (plain(200, 'Invalid query: "GROUP=test"'), "no element set in it.*Invalid query"),
        (plain(200, "No GP data found"), "No GP data found"),
        (plain(200, b"\x89PNG\r\n\x1a\n\0\0\0\0", Content_Type="image/png"), "not text"),
        (plain(200, ""), "empty"),
    ],
)
def test_an_answer_of_something_else(server: Server, store: ElementStore, answer: Answer, words: str) -> None:
    server.answer = answer
    with pytest.raises(ElementsError, match=words) as error:
        fetch(server.url, store, now=NOW)
    assert "\n" not in str(error.value)
    assert "the sets in the store are kept" in str(error.value)
    assert fetch(server.url, store, now=NOW).outcome == "too soon"


def test_silence_counts_as_a_refusal(server: Server, store: ElementStore) -> None:
    server.answer = lambda _handler: time.sleep(0.5)
    with pytest.raises(ElementsError, match="gave no whole answer in time"):
        fetch(server.url, store, now=NOW, timeout_s=0.1)
    with pytest.raises(ElementsError, match="gave no whole answer in time"):
        fetch(server.url, store, now=NOW)
    assert len(server.asked) == 1


def test_an_answer_that_drips_is_left(server: Server, store: ElementStore) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for character in CSV:
            try:
                handler.wfile.write(character.encode())
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.02)

    server.answer = drip
    began = time.monotonic()
    with pytest.raises(ElementsError, match="gave no whole answer in time"):
        fetch(server.url, store, now=NOW, deadline_s=0.2)
    assert time.monotonic() - began < 10.0


def test_a_truncated_answer_is_refused(server: Server, store: ElementStore) -> None:
    server.answer = plain(200, CSV[: len(CSV) // 2], Content_Length=str(len(CSV)))
    with pytest.raises(ElementsError, match="cannot be fetched"):
        fetch(server.url, store, now=NOW)
    assert store.count() == (0, 0)


def test_what_is_whole_of_a_cut_answer_is_kept_and_the_rest_is_asked_for_later(
    server: Server, store: ElementStore
) -> None:
    server.answer = plain(200, CSV + CSV.splitlines()[1][:40], ETag='"cut"')
    got = fetch(server.url, store, now=NOW)
    assert got.new_sets == 1
    assert got.file is not None
    assert got.file.problem_count == 1
    fetch(server.url, store, now=NOW + MIN_AGE)
    assert "if-none-match" not in server.asked[-1]


def test_a_bomb_is_not_unpacked(server: Server, store: ElementStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "MAX_BYTES", 1 << 20)
    server.answer = plain(200, gzip.compress(b" " * (8 << 20), 1), Content_Encoding="gzip")
    with pytest.raises(ElementsError, match="longer than 1 MiB"):
        fetch(server.url, store, now=NOW)


def test_nobody_there_is_not_held_against_them(store: ElementStore) -> None:
    server = Server()
    server.close()
    with pytest.raises(ElementsError, match="cannot be fetched"):
        fetch(server.url, store, now=NOW)
    assert store.last_request(server.url) is None


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "nonsense", "http://"])
def test_only_http(store: ElementStore, url: str) -> None:
    with pytest.raises(ElementsError, match="not an http address"):
        fetch(url, store, now=NOW)


def test_celestrak_is_always_told_the_format() -> None:
    for url in (celestrak_group_url("a&b"), celestrak_number_url(5)):
        assert url.endswith("&FORMAT=csv")
    assert "GROUP=a%26b&" in celestrak_group_url("a&b")
    assert "norad_cat_id=99515" in satnogs_number_url(99515)
