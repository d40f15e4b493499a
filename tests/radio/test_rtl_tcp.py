"""The rtl_tcp client against a server that speaks the protocol, in real time, with a count in its samples."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gsctl.errors import RadioError, UsageError
from gsctl.model import TimeSource
from gsctl.radio.live import RadioSource
from gsctl.radio.radios import open_radio
from gsctl.radio.tuning import RadioSettings

RATE_HZ = 250_000


class Server(threading.Thread):
    """One dongle, one client at a time; the sample at index n is the two low bytes of n / 16."""

    def __init__(
        self, *, greeting: bytes = struct.pack(">4sII", b"RTL0", 5, 29), lose_at: int | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.commands: list[tuple[int, int]] = []
        self.begun = time.monotonic()
        self.hang_up_after: int | None = None
        self.stopped = False
        self._greeting = greeting
        self._lose_at = lose_at

    def run(self) -> None:
        while not self.stopped:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(self._greeting)
                    self._serve(connection)
                except OSError:
                    continue

    def _serve(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        index = int((time.monotonic() - self.begun) * RATE_HZ)
        sent = 0
        while not self.stopped:
            try:
                words = connection.recv(5)
                if not words:
                    return
                self.commands.append(struct.unpack(">BI", words))
            except BlockingIOError:
                pass
            due = int((time.monotonic() - self.begun) * RATE_HZ) - index
            if due < 2048:
                time.sleep(0.002)
                continue
            if self._lose_at is not None and sent > self._lose_at:
                self._lose_at = None
                index += 10_000
                continue
            count = np.arange(index, index + 2048) // 16
            pairs = np.stack([count & 0xFF, (count >> 8) & 0xFF], axis=1).astype(np.uint8)
            connection.setblocking(True)
            connection.sendall(pairs.tobytes())
            connection.setblocking(False)
            index, sent = index + 2048, sent + 2048
            if self.hang_up_after is not None and sent > self.hang_up_after:
                self.hang_up_after = None
                return


@pytest.fixture
def dongle() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(**options: Any) -> Server:
        servers.append(Server(**options))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stopped = True
        server.listener.close()


def asked(server: Server, **fields: Any) -> RadioSettings:
    base = {"device": f"rtl_tcp://127.0.0.1:{server.port}", "frequency_hz": 437e6, "sample_rate_hz": 250e3}
    return RadioSettings(**{**base, "gain": "30", **fields})


def indices(source: RadioSource, seconds: float) -> list[tuple[int, int]]:
    """Each block's number with the one in its first sample (its 16th part, wrapped at 20 bits)."""
    found = []
    with source:
        for block in source:
            first = np.rint(block.samples[:1].view(np.float32) * 127.5 + 127.5).astype(int)
            found.append((block.start_sample, int(first[0] + 256 * first[1]) * 16))
            if block.start_sample > seconds * RATE_HZ:
                break
    return found


def misplaced(found: list[tuple[int, int]]) -> list[int]:
    """How far each block is from its place, counted from the first; wraps are undone."""
    zero = found[0][1] - found[0][0]
    return [((number - start - zero + (1 << 19)) % (1 << 20)) - (1 << 19) for start, number in found]


def test_settings_are_sent_and_samples_come(dongle: Callable[..., Server]) -> None:
    server = dongle()
    source = open_radio(asked(server, ppm=10.0, settings={"biastee": "true"}))
    state = source.state
    assert "rtl_tcp R820T" in state.hardware
    assert state.gain_db == 29.7
    assert state.notes == ("gain: asked for 30, the tuner takes 29.7 dB",)
    assert state.center_frequency_hz == pytest.approx(437.0625e6, abs=1.0)
    assert source.sample_rate_hz == pytest.approx(250_002.5)
    found = indices(source, 0.8)
    assert max(map(abs, misplaced(found))) <= 16
    time.sleep(0.1)
    assert (0x02, 250_000) in server.commands
    assert (0x01, round(437.0625e6 / 1.00001)) in server.commands
    assert [value for code, value in server.commands if code == 0x04] == [297]
    assert [value for code, value in server.commands if code == 0x0E] == [1, 0]  # put back in the end


def test_samples_that_the_server_dropped_are_found(dongle: Callable[..., Server]) -> None:
    server = dongle(lose_at=150_000)
    said: list[str] = []
    source = open_radio(asked(server), listener=said.append)
    found = indices(source, 1.6)
    errors = misplaced(found)
    assert max(map(abs, errors[-10:])) < 1000  # 4 ms
    assert [gap.count for gap in source.gaps] == [pytest.approx(10_000, abs=1000)]
    assert len(said) == 1


def test_a_lost_connection_is_taken_up_again(dongle: Callable[..., Server]) -> None:
    server = dongle()
    server.hang_up_after = 120_000
    said: list[str] = []
    source = open_radio(asked(server), listener=said.append)
    found = indices(source, 1.6)
    assert source.counters.reopened == 1
    assert max(map(abs, misplaced(found))) < 2500  # 10 ms
    assert any("is back" in line for line in said)
    assert len([value for code, value in server.commands if code == 0x04]) == 2


def test_time_is_the_hosts(dongle: Callable[..., Server]) -> None:
    with open_radio(asked(dongle(), gain="auto")) as source:
        assert source.state.automatic_gain
        block = next(iter(source))
    assert block.time_source is TimeSource.HOST
    assert block.center_frequency_hz == 437.0625e6


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"gain": "70"}, "gain 70 dB is out of range; 0 to 49.6 dB"),
        ({"gain": "LNA=3"}, "rtl_tcp sets one gain only"),
        ({"antenna": "RX"}, "rtl_tcp has no choice of antennas"),
        ({"settings": {"direct": "1"}}, "rtl_tcp has no setting 'direct'"),
    ],
)
def test_what_a_dongle_does_not_have_is_one_line(
    dongle: Callable[..., Server], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        open_radio(asked(dongle(), **fields))


def test_another_server_is_one_line(dongle: Callable[..., Server]) -> None:
    with pytest.raises(RadioError, match="that server is not rtl_tcp"):
        open_radio(asked(dongle(greeting=b"HTTP/1.1 400 Bad Request")))
    with pytest.raises(RadioError, match="no connection: Connection refused"):
        open_radio(RadioSettings(device="rtl_tcp://127.0.0.1:9", frequency_hz=1e8, sample_rate_hz=250e3))
