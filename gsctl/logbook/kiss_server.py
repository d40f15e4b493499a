"""A KISS server on TCP: other programs connect and see frames as they come.

One thread serves all clients with non-blocking sockets. A client that does not read what it
is sent is dropped when its queue is full, so that it cannot hold up the receiver or fill the
memory. What clients send (a TNC would transmit it) is read and thrown away.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from datetime import datetime
from types import TracebackType

from gsctl.errors import ConfigError
from gsctl.logbook.kiss import encode_kiss_timed

DEFAULT_PORT = 8100  # Dire Wolf uses 8001
QUEUE_BYTES = 1 << 20
MAX_CLIENTS = 32


class KissServer:
    """Serves frames to every client that is connected when they come.

    Args:
        host: address to bind to; only this machine unless told otherwise.
        port: 0 takes any free one; see ``port``.
        timestamps: send a timestamp frame (command 9) before each frame whose time is known.
        queue_bytes: what may wait for one client.

    Attributes:
        port: the port that is bound.
        dropped_clients: clients dropped because they did not read.

    Raises:
        ConfigError: the address cannot be bound.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        timestamps: bool = False,
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self.dropped_clients = 0
        self._timestamps = timestamps
        self._queue_bytes = queue_bytes
        self._listener = _listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        self._wake_in, self._wake_out = socket.socketpair()
        self._mutex = threading.Lock()
        self._queues: dict[socket.socket, bytearray] = {}
        self._closing = False
        self._selector = selectors.DefaultSelector()
        for endpoint in (self._listener, self._wake_in):
            endpoint.setblocking(False)
            self._selector.register(endpoint, selectors.EVENT_READ)
        self._wake_out.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="kiss-server", daemon=True)
        self._thread.start()

    @property
    def client_count(self) -> int:
        """Clients connected now."""
        with self._mutex:
            return len(self._queues)

    def send(self, payload: bytes, received_at: datetime | None = None, *, port: int = 0) -> None:
        """Queue one frame for every client; returns at once, whatever the clients do."""
        data = encode_kiss_timed(payload, received_at if self._timestamps else None, port=port)
        with self._mutex:
            for queue in self._queues.values():
                queue += data
        self._wake()

    def close(self, *, patience_s: float = 2.0) -> None:
        """Send what is queued, for ``patience_s`` at most, and close; may be called again."""
        if self._closing:
            return
        self._patience_s = patience_s
        self._closing = True
        self._wake()
        self._thread.join(timeout=patience_s + 5.0)

    def __enter__(self) -> KissServer:
        """Return the server itself."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the server."""
        self.close()

    _patience_s = 0.0

    def _wake(self) -> None:
        # A full pipe means that a wake-up is on its way already; a closed one, that none is needed.
        with contextlib.suppress(OSError):
            self._wake_out.send(b"\0")

    def _serve(self) -> None:
        try:
            while not self._closing:
                self._turn(timeout_s=None)
            rounds = int(self._patience_s / 0.05)
            while rounds > 0 and self._waiting():
                self._turn(timeout_s=0.05)
                rounds -= 1
        finally:
            for client in list(self._queues):
                self._drop(client)
            for endpoint in (self._listener, self._wake_in, self._wake_out):
                endpoint.close()
            self._selector.close()

    def _turn(self, *, timeout_s: float | None) -> None:
        for key, events in self._selector.select(timeout_s):
            endpoint = key.fileobj
            assert isinstance(endpoint, socket.socket)
            if endpoint is self._listener:
                self._accept()
            elif endpoint is self._wake_in:
                with contextlib.suppress(OSError):
                    endpoint.recv(4096)
            elif events & selectors.EVENT_READ:
                self._discard(endpoint)
        for client in list(self._queues):
            self._flush(client)

    def _waiting(self) -> bool:
        with self._mutex:
            return any(self._queues.values())

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        if len(self._queues) >= MAX_CLIENTS or self._closing:
            client.close()
            return
        client.setblocking(False)
        with self._mutex:
            self._queues[client] = bytearray()
        self._selector.register(client, selectors.EVENT_READ)

    def _discard(self, client: socket.socket) -> None:
        try:
            alive = bool(client.recv(65536))
        except BlockingIOError:
            return
        except OSError:
            alive = False
        if not alive:
            self._drop(client)

    def _flush(self, client: socket.socket) -> None:
        with self._mutex:
            queue = self._queues[client]
            alive = _send_some(client, queue)
            waiting = len(queue)
        if not alive:
            self._drop(client)
        elif waiting > self._queue_bytes:
            self.dropped_clients += 1
            self._drop(client)
        else:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
            self._selector.modify(client, wanted)

    def _drop(self, client: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(client)
        with self._mutex:
            self._queues.pop(client, None)
        client.close()


def _send_some(client: socket.socket, queue: bytearray) -> bool:
    """Send what the client takes now; False where it is gone."""
    try:
        if queue:
            del queue[: client.send(queue)]
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, IPv4 or IPv6 as the address says."""
    try:
        if not 0 <= port <= 65535:  # getaddrinfo would wrap it around
            raise OverflowError("a port is 0 to 65535")
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(8)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"cannot serve KISS here: {reason}",
            where=f"{host}:{port}",
            advice="choose another address or port",
        ) from error
    return listener
