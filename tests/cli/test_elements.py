"""``gsctl elements`` through the installed command."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gsctl.orbit.elements import format_elements, parse_elements
from tests.cli.conftest import Gsctl, OneLine

LINE1 = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
LINE2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"
PLACE = ("--at", "21.0,105.5")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.tle"
    file.write_text(f"SOMETHING\n{LINE1}\n{LINE2}\n".replace("49398", "88888"))
    lines = file.read_text().splitlines()
    from gsctl.orbit.tle import checksum

    file.write_text("\n".join([lines[0], *(f"{line[:68]}{checksum(line)}" for line in lines[1:])]) + "\n")
    return file


def test_import_list_show_export(gsctl: Gsctl, own: Path) -> None:
    done = gsctl("elements", "import", own, "--group", "mine")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 of them were new" in done.stderr
    (row,) = json.loads(gsctl("elements", "list", "-F", "json").stdout)
    assert (row["norad_id"], row["name"], row["epoch"]) == (88888, "SOMETHING", "2026-06-17T01:17:26.496960Z")
    assert json.loads(gsctl("elements", "list", "nothing", "-F", "json").stdout) == []
    assert "mine" in gsctl("elements", "list", "--groups").stdout
    assert "inclination   97.3189 deg" in gsctl("elements", "show", "something").stdout
    assert gsctl("elements", "export", "--group", "mine", "-F", "tle").stdout == own.read_text()
    passes = gsctl("passes", "something", *PLACE, "--start", "2026-06-17T12:00Z", "-F", "jsonl")
    assert len(passes.stdout.splitlines()) == 5


def test_one_process_reads_what_another_wrote(installed: Gsctl, own: Path) -> None:
    assert installed("elements", "import", own).returncode == 0
    done = installed("elements", "export", "88888", "-F", "tle")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", own.read_text())


def test_of_several_files_the_good_ones_are_kept(gsctl: Gsctl, own: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("NORAD_CAT_ID,EPOCH\n5\n")
    done = gsctl("elements", "import", "gone.tle", own, "bad.csv")
    assert done.returncode == 3
    kept, new, gone, bad = done.stderr.splitlines()
    assert kept.endswith("own.tle: 1 sets")
    assert new == "1 of them were new"
    assert gone.startswith("gsctl: warning: gone.tle: ")
    assert bad.startswith("gsctl: bad.csv:2: 1 cells")
    assert [row["norad_id"] for row in json.loads(gsctl("elements", "list", "-F", "json").stdout)] == [88888]


def test_an_old_time_gets_its_own_set(gsctl: Gsctl, data_dir: Path) -> None:
    gsctl("elements", "import", data_dir / "orbit" / "epsilon5" / "seed_satellites.3le")
    for moment, epoch in (
        ("2022-05-01", "2022-05-05"),
        ("2023-02-10", "2023-02-16"),
        ("2030-01-01", "2026-06-17"),
    ):
        done = gsctl("passes", "nanodragon", *PLACE, "--start", moment, "-F", "jsonl")
        assert json.loads(done.stdout.splitlines()[0])["elements_epoch"].startswith(epoch)
    history = gsctl("elements", "show", "nanodragon", "--history", "-F", "csv").stdout.splitlines()
    assert len(history) > 4


def test_preferred_sets(gsctl: Gsctl, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    elements = parse_elements(f"PRELAUNCH\n{LINE1}\n{LINE2}\n").sets
    file.write_text(format_elements(elements, "json").replace("2026-06-17", "2026-01-01"))
    gsctl("elements", "import", "--prefer", file)
    assert "epoch         2026-01-01" in gsctl("elements", "show", "nanodragon").stdout
    assert "1 sets of nanodragon" in gsctl("elements", "forget", "nanodragon").stderr
    assert "epoch         2026-06-17" in gsctl("elements", "show", "nanodragon").stdout


def test_prune(gsctl: Gsctl, data_dir: Path) -> None:
    gsctl("elements", "import", data_dir / "orbit" / "epsilon5" / "seed_satellites.3le")
    before = gsctl("elements", "prune", "--older-than", "1", "-n").stderr
    assert "would be deleted" in before
    gsctl("elements", "prune", "--older-than", "1")
    assert "0 sets" in gsctl("elements", "prune", "--older-than", "1", "-n").stderr
    assert "2026-06-17" in gsctl("elements", "show", "49398").stdout


def test_a_number_too_large_for_a_tle(gsctl: Gsctl, one_line: OneLine, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text(
        format_elements(parse_elements(f"N\n{LINE1}\n{LINE2}\n").sets, "csv").replace(",49398,", ",123456,")
    )
    gsctl("elements", "import", file)
    one_line(gsctl("elements", "export", "123456", "-F", "tle"), 3, "123456", "Alpha-5")
    assert "C3456" in gsctl("elements", "export", "123456", "-F", "tle", "--alpha5").stdout
    assert "epoch" in gsctl("elements", "show", "C3456").stdout


class _Handler(BaseHTTPRequestHandler):
    status, body, asked = 200, b"", 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Handler]]]:
    handler = type("Handler", (_Handler,), {"body": f"N\n{LINE1}\n{LINE2}\n".encode()})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/x", handler
    running.shutdown()
    running.server_close()
    thread.join()


def test_update_is_polite(gsctl: Gsctl, server: tuple[str, type[_Handler]]) -> None:
    url, handler = server
    first = gsctl("elements", "update", "--url", url)
    assert first.returncode == 0
    assert f"{url}: 1 sets, 1 of them new" in first.stderr
    again = gsctl("elements", "update")  # what it asked for before
    assert again.returncode == 0
    assert "may be asked again at" in again.stderr
    assert handler.asked == 1


def test_update_stops_at_an_error_and_keeps_what_it_has(
    gsctl: Gsctl, server: tuple[str, type[_Handler]]
) -> None:
    url, handler = server
    gsctl("elements", "update", "--url", url)
    handler.status = 403
    done = gsctl("elements", "update", "--url", url + "2", "--url", url + "3")
    assert done.returncode == 3
    assert "answered 403" in done.stderr
    assert "will not ask again before" in done.stderr
    assert handler.asked == 2
    assert "49398" in gsctl("elements", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (("show", "nobody"), 3, ("no satellite",)),
        (("export",), 2, ("nothing to export",)),
        (("import", "gone.tle"), 3, ("gone.tle", "No such file")),
        (("update", "--url", "file:///etc/passwd"), 3, ("not an http address",)),
        (("update", *map(str, range(1, 50))), 2, ("impolite",)),
        (("prune", "--older-than", "-1"), 2, ("--older-than",)),
    ],
)
def test_what_cannot_be(gsctl: Gsctl, arguments: tuple[str, ...], code: int, parts: tuple[str, ...]) -> None:
    done = gsctl("elements", *arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr
