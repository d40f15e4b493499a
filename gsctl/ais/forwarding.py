"""NMEA lines sent on by UDP and TCP; a slow receiver loses lines, and they are counted."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Sequence

from gsctl.ais.network import resolve

_MAX_QUEUED_BYTES = 1 << 18
_RETRY_S = 5.0


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
        family, kind, protocol, _, self._address = resolve(host, port, socket.SOCK_DGRAM, self.name)
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
