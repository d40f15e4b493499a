"""NMEA lines from the network: UDP and TCP, as listener, server and client.

Nothing here waits without limit or grows without bound: a flood overruns the kernel's buffer, and
what is lost there is counted. The other direction is ``forwarding``.
"""

from __future__ import annotations

import errno
import math
import select
import socket
import struct
import time
from collections.abc import Iterator

from gsctl.ais.lines import CHUNK_BYTES, POLL_S, Line, LineSplitter
from gsctl.errors import RecordingError, UsageError

CONNECT_TIMEOUT_S = 10.0
_RECEIVE_BUFFER_BYTES = 4 << 20
_MAX_CLIENTS = 32
# A server of lines that is gone: pauses between two attempts, and how long one attempt may take.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_RECONNECT_TIMEOUT_S = 2.0
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
    reconnected = 0

    def __init__(self, host: str, port: int) -> None:
        self.name = f"udp://{host}:{port}"
        self.too_long = 0
        self.lost = 0
        self.warnings: list[str] = []
        family, kind, protocol, _, address = resolve(host, port, socket.SOCK_DGRAM, self.name)
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
    """Lines from a TCP server; a connection that ends is made again, for ``retry_for_s`` without a line.

    Attempts are ``_FIRST_PAUSE_S`` apart at first, then twice as far each time, ``_LONGEST_PAUSE_S`` at
    most. What the server sent meanwhile is lost, and nobody can count it.

    Args:
        retry_for_s: how long a server that is gone is looked for; None looks without end.

    Attributes:
        reconnected: connections after the first.

    Raises:
        RecordingError: there is no first connection within ``CONNECT_TIMEOUT_S``.
    """

    live = True
    sha256 = ""

    def __init__(self, host: str, port: int, *, retry_for_s: float | None = None) -> None:
        self.name = f"tcp://{host}:{port}"
        self.too_long = 0
        self.lost = 0
        self.reconnected = 0
        self.warnings: list[str] = []
        self._target = (host, port)
        self._retry_for_s = retry_for_s
        self._pause_s = _FIRST_PAUSE_S
        self._socket: socket.socket | None = None
        try:
            self._connect(CONNECT_TIMEOUT_S)
        except OSError as error:
            raise _no_network(error, self.name) from error

    def batches(self) -> Iterator[list[Line]]:
        """See ``lines.LineSource``."""
        while True:
            yield from self._connection()
            lost_at_s = time.monotonic()
            until_s = math.inf if self._retry_for_s is None else lost_at_s + self._retry_for_s
            while self._socket is None and time.monotonic() < until_s:
                yield from self._pause(until_s)
                self._try_again()
            if self._socket is None:
                return
            self.reconnected += 1
            self.warnings.append(f"{self.name}: connected again after {time.monotonic() - lost_at_s:.0f} s")

    def close(self) -> None:
        """See ``lines.LineSource``."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self, timeout_s: float) -> None:
        self._socket = socket.create_connection(self._target, timeout=timeout_s)
        # A server that is gone without a word (a cut line): Linux then notices within a minute.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._socket.settimeout(POLL_S)

    def _connection(self) -> Iterator[list[Line]]:
        """The lines of one connection, to its end, which becomes a warning."""
        splitter = LineSplitter()
        ending = "the server closed the connection"
        while self._socket is not None:
            try:
                chunk = self._socket.recv(CHUNK_BYTES)
            except TimeoutError:
                yield []
                continue
            except OSError as error:
                ending, chunk = f"the connection broke ({error.strerror or error})", b""
            lines = splitter.feed(chunk) if chunk else splitter.finish()
            self.too_long += splitter.too_long
            splitter.too_long = 0
            if lines:  # it is a server of lines again: the next loss begins with a short pause
                self._pause_s = _FIRST_PAUSE_S
            if not chunk:
                self.close()
                self.warnings.append(f"{self.name}: {ending}; {self._what_now()}")
            yield [Line(line, "") for line in lines]

    def _what_now(self) -> str:
        if self._retry_for_s is None:
            return "trying again until it comes back"
        return f"trying again for {self._retry_for_s:g} s" if self._retry_for_s else "that is the end"

    def _pause(self, until_s: float) -> Iterator[list[Line]]:
        """Wait, but let the caller look at its clock meanwhile."""
        until_s = min(until_s, time.monotonic() + self._pause_s)
        self._pause_s = min(2.0 * self._pause_s, _LONGEST_PAUSE_S)
        while (left_s := until_s - time.monotonic()) > 0.0:
            time.sleep(min(left_s, POLL_S))
            yield []

    def _try_again(self) -> None:
        try:
            self._connect(_RECONNECT_TIMEOUT_S)
        except OSError:
            self.close()


class TcpServerLines:
    """Lines from all clients that connect to a port; at most ``_MAX_CLIENTS`` at a time.

    Raises:
        RecordingError: the address cannot be bound.
    """

    live = True
    sha256 = ""
    reconnected = 0

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


_Address = tuple[
    socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]
]


def resolve(host: str, port: int, kind: socket.SocketKind, where: str) -> _Address:
    """The first address of a host and port, as ``socket.getaddrinfo`` gives it.

    Raises:
        RecordingError: the host has none; ``where`` names it.
    """
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
