"""The server of rigctld's language, against Hamlib's own client and what clients send by mistake."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest

from gsctl.station.rig_server import RigServer

START_HZ = 437_000_000.0

# Where CI demands everything, a missing rigctl fails the test instead of skipping it.
needs_rigctl = pytest.mark.skipif(
    os.environ.get("GSCTL_REQUIRE_DATA") != "1" and shutil.which("rigctl") is None,
    reason="apt install libhamlib-utils",
)


@pytest.fixture
def server() -> Iterator[RigServer]:
    running = RigServer("127.0.0.1", 0, START_HZ)
    yield running
    running.close()


def rigctl(server: RigServer, *words: str) -> str:
    """What Hamlib's client prints; model 2 is a rigctld somewhere."""
    command = ["rigctl", "-m", "2", "-r", f"127.0.0.1:{server.port}", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()


@needs_rigctl
def test_hamlibs_client_steers_the_frequency(server: RigServer) -> None:
    assert rigctl(server, "f") == "437000000"
    rigctl(server, "F", "437365125")
    assert server.frequency_hz == 437_365_125.0
    assert rigctl(server, "f", "m", "v").split() == ["437365125", "FM", "15000", "VFOA"]


@pytest.mark.parametrize("line", ["F", "F much", "F nan", "F inf", "F -1", "F 1e12", "\\set_freq"])
def test_what_is_no_frequency_changes_nothing(server: RigServer, line: str) -> None:
    assert server.answer(line) == "RPRT -1\n"
    assert server.frequency_hz == START_HZ


def test_an_unknown_command_is_said_to_be_one(server: RigServer) -> None:
    assert server.answer("\\get_level STRENGTH") == "RPRT -11\n"


def test_a_line_without_end_does_not_grow_or_stop_the_server(server: RigServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as flood:
        flood.sendall(b"F" * 100_000 + b"\n")
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"f\nq\n")
            assert client.makefile().read() == "437000000\n"
