"""``gsctl ais`` through the installed command."""

import csv
import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Gsctl, OneLine

POSITION = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n"
STATIC = (
    "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\n"
    "!AIVDM,2,2,1,A,88888888880,2*25\n"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_standard_input_to_json_lines_and_the_log(gsctl: Gsctl, tmp_path: Path) -> None:
    done = gsctl("ais", "-", stdin=POSITION + STATIC)
    assert done.returncode == 0
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [message["mmsi"] for message in messages] == [371798000, 351759000]
    assert messages[0]["true_heading_deg"] == 215
    logged = rows(tmp_path / "gsctl-logs/ais.csv")
    assert [row["name"] for row in logged] == ["", "EVER DIADEM"]
    assert logged[0]["source"] == "stdin"
    assert logged[0]["received_at"] == logged[0]["time_source"] == ""
    session = json.loads((tmp_path / "gsctl-logs/sessions.jsonl").read_text())
    assert session["session"] == logged[0]["session"]
    assert session["counters"]["messages"] == 2
    assert done.stderr.splitlines()[-1].startswith("messages=2 ships=2 lines=3 checksum_bad=0 incomplete=0 ")


def test_the_same_file_again_adds_nothing(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "log.nmea").write_text(POSITION + POSITION + STATIC)
    for _ in range(2):
        assert gsctl("ais", "log.nmea", "--format", "none").returncode == 0
        assert len(rows(tmp_path / "gsctl-logs/ais.csv")) == 3
    with (tmp_path / "log.nmea").open("a") as file:
        file.write(POSITION)
    gsctl("ais", "log.nmea", "--format", "none")
    assert len(rows(tmp_path / "gsctl-logs/ais.csv")) == 4


def test_nmea_out_is_nmea_in(gsctl: Gsctl) -> None:
    assert gsctl("ais", "-", "-F", "nmea", "--no-log", stdin=POSITION + STATIC).stdout == POSITION + STATIC
    tagged = gsctl("ais", "-", "-F", "nmea", "--no-log", "--tag-block", stdin=POSITION).stdout
    assert tagged.startswith("\\s:stdin*")
    assert tagged.endswith(POSITION)
    again = gsctl("ais", "-", "-F", "nmea", "--no-log", stdin=tagged)
    assert again.stdout == POSITION


def test_csv_and_json_out(gsctl: Gsctl, tmp_path: Path) -> None:
    printed = gsctl("ais", "-", "-F", "csv", stdin=STATIC).stdout
    assert printed == (tmp_path / "gsctl-logs/ais.csv").read_text()
    array = json.loads(gsctl("ais", "-", "-F", "json", "--no-log", stdin=STATIC + POSITION).stdout)
    assert [message["message_type"] for message in array] == [5, 1]
    assert json.loads(gsctl("ais", "-", "-F", "json", "--no-log", stdin="\n").stdout) == []
    catcher = json.loads(gsctl("ais", "-", "-F", "ais-catcher", "--no-log", stdin=STATIC).stdout)
    assert (catcher["class"], catcher["shipname"], catcher["shiptype"]) == ("AIS", "EVER DIADEM", 70)


def test_the_table_of_ships(gsctl: Gsctl) -> None:
    done = gsctl("ais", "-", "-F", "table", "--no-log", "--at", "48,-123", stdin=POSITION + STATIC)
    heading, second, first = done.stdout.splitlines()
    assert heading.split() == "mmsi name type lat/deg lon/deg kn course age/s km bearing heard".split()  # noqa: SIM905
    assert first.split() == ["371798000", "48.38163", "-123.39538", "12.3", "224.0", "51.6", "325.5", "1"]
    assert second.split() == ["351759000", "EVER", "DIADEM", "cargo", "1"]


def test_filters(gsctl: Gsctl) -> None:
    def types(*options: str) -> list[int]:
        done = gsctl("ais", "-", "--no-log", *options, stdin=POSITION + STATIC + POSITION)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["message_type"] for line in done.stdout.splitlines()]

    assert types() == [1, 5, 1]
    assert types("--type", "5,24") == [5]
    assert types("--mmsi", "371798000") == [1, 1]
    assert types("--area", "40,-130,50,-120") == [1, 1]
    assert types("--area", "0,0,10,10") == []
    assert types("--drop-duplicates", "10s") == [1, 5]


def test_statistics_on_stderr(gsctl: Gsctl) -> None:
    done = gsctl("ais", "-", "-F", "none", "--no-log", "--statistics", stdin=POSITION + STATIC)
    assert [line.split() for line in done.stderr.splitlines()[:3]] == [
        ["type", "A", "all"],
        ["1", "1", "1"],
        ["5", "1", "1"],
    ]


def test_the_clock_for_a_pipe(gsctl: Gsctl, tmp_path: Path) -> None:
    for _ in range(2):
        assert gsctl("ais", "-", "-F", "none", "--clock", stdin=POSITION).returncode == 0
    logged = rows(tmp_path / "gsctl-logs/ais.csv")
    assert [row["time_source"] for row in logged] == ["host", "host"], "what is live comes only once"
    assert all(row["received_at"].endswith("Z") for row in logged)


def test_nothing_found(gsctl: Gsctl) -> None:
    assert gsctl("ais", "-", "--no-log", stdin="# no ships today\n").returncode == 0
    assert gsctl("ais", "-", "--no-log", "--require", stdin="# no ships today\n").returncode == 5


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["none.nmea"], 3, ["none.nmea", "no such file"]),
        (["."], 3, ["is a directory"]),
        (["empty"], 3, ["empty", "is empty"]),
        (["ftp://x:1"], 2, ["ftp://x:1", "udp, tcp, tcp-listen"]),
        (["udp://nowhere"], 2, ["HOST:PORT"]),
        (["tcp://127.0.0.1:1"], 3, ["nothing listens there"]),
        (["-", "--type", "five"], 2, ["five", "1,2,3"]),
        (["-", "--area", "1,2,3"], 2, ["SOUTH,WEST,NORTH,EAST"]),
        (["-", "--area", "1,2,95,3"], 2, ["no area on the globe"]),
        (["-", "--format", "jsonll"], 2, ["did you mean jsonl?"]),
        (["-", "--tagblock"], 2, ["--tag-block"]),
        (["-", "udp://127.0.0.1:0"], 2, ["HOST:PORT"]),
        (["text", "--log-dir", "/proc/none"], 3, ["/proc/none"]),
    ],
)
def test_bad_input(
    gsctl: Gsctl, one_line: OneLine, tmp_path: Path, arguments: list[str], code: int, parts: list[str]
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text(POSITION)
    one_line(gsctl("ais", *arguments), code, *parts)


def test_a_live_input_ends_with_sigint_and_everything_is_logged(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
    ):
        onward.bind(("127.0.0.1", 0))
        onward.settimeout(10)
        target = f"127.0.0.1:{onward.getsockname()[1]}"
        process = subprocess.Popen(
            [COMMAND, "ais", f"udp://127.0.0.1:{port}", "-F", "nmea", "--udp", target, "--tag-block"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ,
        )
        try:
            until_s = time.monotonic() + 15
            forwarded = b""
            onward.settimeout(0.3)
            while not forwarded and time.monotonic() < until_s:
                out.sendto(POSITION.encode(), ("127.0.0.1", port))
                try:
                    forwarded = onward.recv(4096)
                except TimeoutError:
                    continue
            assert forwarded.startswith(b"\\s:127.0.0.1,c:")
            assert forwarded.strip().endswith(POSITION.strip().encode())
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    logged = rows(tmp_path / "gsctl-logs/ais.csv")
    assert logged
    assert logged[0]["time_source"] == "host"
    assert logged[0]["source"] == "127.0.0.1"
    assert b"messages=" in errors.splitlines()[-1]


@pytest.mark.long
def test_a_tcp_server_that_goes_away_is_looked_for_until_the_time_is_up(gsctl: Gsctl, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            for text in (POSITION, STATIC):
                with server.accept()[0] as client:
                    client.sendall(text.encode())
            server.close()

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        done = gsctl("ais", url, "-F", "none", "-T", "3s")
        thread.join()
    assert done.returncode == 0, done.stderr
    assert [row["message_type"] for row in rows(tmp_path / "gsctl-logs/ais.csv")] == ["1", "5"]
    *said, summary = done.stderr.splitlines()
    assert [line.partition(f"{url}: ")[2].split(";")[0] for line in said] == [
        "the server closed the connection",
        "connected again after 1 s",
        "the server closed the connection",
    ]
    assert "reconnected=1" in summary
