"""NMEA lines from the network and to it: UDP and TCP, as listener, server and client.

Nothing here waits without limit or grows without bound: a flood overruns the kernel's buffer, and
what is lost there is counted; a slow receiver loses lines, and they are counted too.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator, Sequence

from gsctl.ais.lines import CHUNK_BYTES, POLL_S, Line, LineSplitter
from gsctl.errors import RecordingError, UsageError

CONNECT_TIMEOUT_S = 10.0
_RECEIVE_BUFFER_BYTES = 4 << 20
_MAX_CLIENTS = 32
_MAX_QUEUED_BYTES = 1 << 18
_RETRY_S = 5.0
# Linux: count of datagrams the socket has dropped, as ancillary data (socket(7)).
_SO_RXQ_OVFL = 40


def parse_endpoint(text: str, *, default_host: str = "127.0.0.1") -> tuple[str, int]:
    """Host and port of ``HOST:PORT``, ``:PORT`` or ``[IPV6]:PORT``.

    Raises:
        UsageError: there is no port, or it is none.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"{text!r} is no HOST:PORT", advice="for example 127.0.0.1:10110")
    return host.strip("[]") or default_host, int(port)


class UdpLines:
    """Lines that arrive as UDP datagrams; each datagram holds whole lines.

    Raises:
        RecordingError: the address cannot be bound.
    """

    live = True
    sha256 = ""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"udp://{host}:{port}"
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        family, kind, protocol, _, address = _resolve(host, port, socket.SOCK_DGRAM, self.name)
        self._socket = socket.socket(family, kind, protocol)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            raise _no_network(error, self.name) from error
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        except OSError:  # another system than Linux: losses stay unknown
            self.warnings.append(f"{self.name}: this system does not count lost datagrams")
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._socket.getsockname()[1])

    def batches(self) -> Iterator[list[Line]]:
        """See ``lines.LineSource``."""
        while True:
            if not select.select([self._socket], [], [], POLL_S)[0]:
                yield []
                continue
            batch: list[Line] = []
            while len(batch) < 500 and self._receive(batch):
                pass
            yield batch

    def _receive(self, batch: list[Line]) -> bool:
        try:
            data, ancillary, _, sender = self._socket.recvmsg(CHUNK_BYTES, socket.CMSG_SPACE(4))
        except BlockingIOError:
            return False
        except OSError as error:
            raise _no_network(error, self.name) from error
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL and len(value) >= 4:
                self.lost = max(self.lost, struct.unpack("=I", value[:4])[0])
        splitter = LineSplitter()
        lines = splitter.feed(data) + splitter.finish()
        self.too_long += splitter.too_long
        batch.extend(Line(line, str(sender[0])) for line in lines)
        return True

    def close(self) -> None:
        """See ``lines.LineSource``."""
        self._socket.close()


class TcpLines:
    """Lines from a TCP server, until it closes the connection.

    Raises:
        RecordingError: there is no connection within ``CONNECT_TIMEOUT_S``.
    """

    live = True
    sha256 = ""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp://{host}:{port}"
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        try:
            self._socket = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise _no_network(error, self.name) from error
        # A server that is gone without a word (a cut line) is noticed by the system.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.settimeout(POLL_S)

    def batches(self) -> Iterator[list[Line]]:
        """See ``lines.LineSource``."""
        splitter = LineSplitter()
        while True:
            try:
                chunk = self._socket.recv(CHUNK_BYTES)
            except TimeoutError:
                yield []
                continue
            except OSError as error:
                self.warnings.append(str(_no_network(error, self.name)))
                return
            if not chunk:
                yield [Line(line, "") for line in splitter.finish()]
                return
            yield [Line(line, "") for line in splitter.feed(chunk)]
            self.too_long = splitter.too_long

    def close(self) -> None:
        """See ``lines.LineSource``."""
        self._socket.close()


class TcpServerLines:
    """Lines from all clients that connect to a port; at most ``_MAX_CLIENTS`` at a time.

    Raises:
        RecordingError: the address cannot be bound.
    """

    live = True
    sha256 = ""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp-listen://{host}:{port}"
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        try:
            self._server = socket.create_server((host, port), backlog=8)
        except OSError as error:
            raise _no_network(error, self.name) from error
        self._server.setblocking(False)
        self._clients: dict[socket.socket, tuple[str, LineSplitter]] = {}

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.getsockname()[1])

    def batches(self) -> Iterator[list[Line]]:
        """See ``lines.LineSource``."""
        while True:
            ready, _, _ = select.select([self._server, *self._clients], [], [], POLL_S)
            batch: list[Line] = []
            for connection in ready:
                if connection is self._server:
                    self._accept()
                else:
                    self._receive(connection, batch)
            yield batch

    def _accept(self) -> None:
        try:
            client, address = self._server.accept()
        except OSError:  # gone again before it was served
            return
        if len(self._clients) >= _MAX_CLIENTS:
            client.close()
            return
        client.setblocking(False)
        self._clients[client] = (str(address[0]), LineSplitter())

    def _receive(self, client: socket.socket, batch: list[Line]) -> None:
        sender, splitter = self._clients[client]
        try:
            chunk = client.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        lines = splitter.feed(chunk) if chunk else splitter.finish()
        batch.extend(Line(line, sender) for line in lines)
        self.too_long += splitter.too_long
        splitter.too_long = 0
        if not chunk:
            del self._clients[client]
            client.close()

    def close(self) -> None:
        """See ``lines.LineSource``."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        self._server.close()


class UdpSender:
    """Sends lines to an address, one datagram a message.

    Attributes:
        lost: messages that could not be sent.

    Raises:
        RecordingError: the host has no address.
    """

    def __init__(self, host: str, port: int) -> None:
        self.name = f"udp://{host}:{port}"
        self.lost = 0
        family, kind, protocol, _, self._address = _resolve(host, port, socket.SOCK_DGRAM, self.name)
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.setblocking(False)

    def send(self, lines: Sequence[str]) -> None:
        """Send one message; never waits, never raises."""
        try:
            self._socket.sendto(
                "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace"), self._address
            )
        except OSError:
            self.lost += 1

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class TcpSender:
    """Sends lines to a TCP server, and connects again when the connection breaks.

    Attributes:
        lost: messages that could not be sent, for want of a connection or because the server is slow.
    """

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp://{host}:{port}"
        self.lost = 0
        self._target = (host, port)
        self._socket: socket.socket | None = None
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._retry_at_s = 0.0
        self._connect()

    def send(self, lines: Sequence[str]) -> None:
        """Send one message, or queue it; waits at most for a connection, never raises."""
        data = "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")
        if self._socket is None and time.monotonic() >= self._retry_at_s:
            self._connect()
        if self._socket is None or self._queued_bytes + len(data) > _MAX_QUEUED_BYTES:
            self.lost += 1
            return
        self._queue.append(data)
        self._queued_bytes += len(data)
        self._flush()

    def close(self) -> None:
        """Send what is queued, for a second at most, and close."""
        until_s = time.monotonic() + 1.0
        while self._queue and self._socket is not None and time.monotonic() < until_s:
            select.select([], [self._socket], [], 0.1)
            self._flush()
        self.lost += len(self._queue)
        self._drop()

    def _connect(self) -> None:
        try:
            self._socket = socket.create_connection(self._target, timeout=2.0)
            self._socket.setblocking(False)
        except OSError:
            self._retry_at_s = time.monotonic() + _RETRY_S

    def _flush(self) -> None:
        while self._queue and self._socket is not None:
            try:
                sent = self._socket.send(self._queue[0])
            except BlockingIOError:
                return
            except OSError:
                self.lost += len(self._queue)
                self._drop()
                self._retry_at_s = time.monotonic() + _RETRY_S
                return
            self._queued_bytes -= sent
            self._queue[0] = self._queue[0][sent:]
            if not self._queue[0]:
                self._queue.popleft()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._queue.clear()
        self._queued_bytes = 0


_Address = tuple[
    socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]
]


def _resolve(host: str, port: int, kind: socket.SocketKind, where: str) -> _Address:
    try:
        return socket.getaddrinfo(host, port, type=kind)[0]  # type: ignore[return-value]
    except OSError as error:
        raise _no_network(error, where) from error


def _no_network(error: OSError, where: str) -> RecordingError:
    advice = ""
    if error.errno == errno.ECONNREFUSED:
        advice = "nothing listens there"
    elif error.errno == errno.EADDRINUSE:
        advice = "another program uses that port"
    elif error.errno == errno.EACCES:
        advice = "ports below 1024 need root"
    reason = error.strerror or str(error) or "timed out"
    return RecordingError(f"no connection: {reason}", where=where, advice=advice)
