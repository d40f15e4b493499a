import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gsctl.errors import ConfigError
from gsctl.logbook.kiss import encode_kiss, encode_kiss_timed
from gsctl.logbook.kiss_server import KissServer


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited 5 s in vain")


def connect(server: KissServer) -> socket.socket:
    before = server.client_count
    client = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    wait_for(lambda: server.client_count > before)
    return client


def receive(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = client.recv(65536)
        if not piece:
            break
        data += piece
    return data


def test_every_client_gets_every_frame_and_what_it_sends_is_ignored() -> None:
    with KissServer(port=0) as server, connect(server) as one, connect(server) as two:
        one.sendall(encode_kiss(b"transmit this"))
        expected = b""
        for number in range(50):
            payload = bytes([number]) * 200
            server.send(payload, datetime(2026, 1, 1, tzinfo=UTC))
            expected += encode_kiss(payload)
        assert receive(one, len(expected)) == expected
        assert receive(two, len(expected)) == expected


def test_what_is_queued_still_goes_out_at_the_end() -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    with KissServer(port=0, timestamps=True) as server:
        client = connect(server)
        for _ in range(1000):
            server.send(b"x" * 500, when)
    expected = encode_kiss_timed(b"x" * 500, when) * 1000
    with client:
        assert receive(client, len(expected) + 1) == expected


def test_a_client_that_does_not_read_is_dropped_and_the_others_are_served() -> None:
    with KissServer(port=0, queue_bytes=20_000) as server, connect(server) as idle, connect(server) as reader:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        frame = encode_kiss(b"y" * 10_000)
        for _ in range(2000):
            server.send(b"y" * 10_000)
            assert receive(reader, len(frame)) == frame
            if server.dropped_clients:
                break
        assert server.dropped_clients == 1
        assert server.client_count == 1
        server.send(b"still here")
        assert receive(reader, 13) == encode_kiss(b"still here")


def test_a_client_that_leaves_is_forgotten() -> None:
    with KissServer(port=0) as server:
        connect(server).close()
        wait_for(lambda: server.client_count == 0)
        server.send(b"to nobody")
        assert server.dropped_clients == 0


def test_a_port_in_use_is_one_line() -> None:
    with (
        KissServer(port=0) as server,
        pytest.raises(ConfigError, match=r"127\.0\.0\.1:\d+: cannot serve KISS"),
    ):
        KissServer(port=server.port)
    with pytest.raises(ConfigError):
        KissServer(host="no.such.host.invalid", port=1)
    with pytest.raises(ConfigError):
        KissServer(port=70000)


def test_closing_twice_is_harmless() -> None:
    server = KissServer(port=0)
    server.close()
    server.close()
    server.send(b"into the void")
