"""Raw samples from the network: UDP datagrams as gqrx sends them, and a plain TCP stream."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gsctl.errors import RadioError, UsageError
from gsctl.model import Domain, TimeSource
from gsctl.radio.bytestream import Lookahead, RawSource
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.source import Anchor, Piece, SampleSource, SourceFacts
from gsctl.radio.timekeeper import Chunk, Placed, Timekeeper

CONNECT_TIMEOUT_S = 10.0
_POLL_S = 0.2
_MAX_DATAGRAM_BYTES = 65536
# gqrx sends without a pause while it plays; a longer silence is a loss, and its length is measured.
_SILENCE_S = 0.5
_WAIT_S = 3e-4
# How late a buffer may be seen after its last sample: the sound card's and the network's queues.
HOST_TIME_UNCERTAINTY_S = 0.05


def split_address(address: str, *, where: str, default_port: int | None = None) -> tuple[str, int]:
    """Host and port of ``HOST:PORT`` or ``[IPV6]:PORT``.

    Raises:
        UsageError: no port, or not a number from 1 to 65535.
    """
    host, colon, port = address.rpartition(":")
    if default_port is not None and (not colon or address.endswith("]")):
        host, port = address, str(default_port)
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"{address!r} is not HOST:PORT", where=where, advice="such as 127.0.0.1:7355")
    return host.strip("[]"), int(port)


def connect_tcp(host: str, port: int, *, timeout_s: float = CONNECT_TIMEOUT_S) -> socket.socket:
    """Connect to a TCP server.

    Raises:
        RadioError: no connection within ``timeout_s``.
    """
    try:
        return socket.create_connection((host, port), timeout_s)
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise RadioError(
            f"no connection: {reason}", where=f"{host}:{port}", advice="is the server running there?"
        ) from error


class SocketReader:
    """A connected socket as a byte reader; ends at once when closed from another thread."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._socket.settimeout(_POLL_S)
        self._closed = False

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes as soon as some are there; none when the other side closed."""
        while not self._closed:
            try:
                return self._socket.recv(min(size, 1 << 20))
            except TimeoutError:
                continue
            except ConnectionError:
                return b""
            except OSError:
                if self._closed:
                    return b""
                raise
        return b""

    def close(self) -> None:
        """Close the socket."""
        self._closed = True
        self._socket.close()


def live_identity(description: str) -> str:
    """Hex SHA-256 that names this run of a live stream, which can never be read again."""
    text = f"{description}\n{datetime.now(UTC).isoformat()}\n{os.getpid()}\n{os.urandom(8).hex()}"
    return hashlib.sha256(text.encode()).hexdigest()


def host_anchor(known: Anchor, sample: int, time: datetime) -> Anchor:
    """Tie ``sample`` to ``time`` by the host's clock; what else is known stays."""
    return replace(
        known, sample=sample, time=time, source=TimeSource.HOST, uncertainty_s=HOST_TIME_UNCERTAINTY_S
    )


class TcpSource(RawSource):
    """Raw samples from a TCP connection; the host's clock gives the time where the user does not."""

    def __init__(
        self, facts: SourceFacts, reader: SocketReader, form: SampleFormat, *, block_samples: int
    ) -> None:
        identity = live_identity(facts.description)
        super().__init__(
            facts, Lookahead(reader), form, identify=lambda: identity, block_samples=block_samples
        )

    def _anchor(self, position: int, count: int) -> Anchor:
        if self.facts.anchor.time is None:
            begun = datetime.now(UTC) - timedelta(seconds=count / self.sample_rate_hz)
            self.facts.anchor = host_anchor(self.facts.anchor, position, begun)
        return self.facts.anchor


class UdpSource(SampleSource):
    """Samples from UDP datagrams sent to ``host:port``; the host's clock gives the time.

    Raises:
        RadioError: the address cannot be listened on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        form: SampleFormat,
        *,
        sample_rate_hz: float,
        domain: Domain,
        anchor: Anchor,
        block_samples: int,
    ) -> None:
        facts = SourceFacts(
            description=f"udp://{host}:{port} ({form.name}, {sample_rate_hz:g} S/s)",
            sample_rate_hz=sample_rate_hz,
            domain=domain,
            anchor=anchor,
            live=True,
        )
        super().__init__(facts, block_samples=block_samples)
        self._form = form
        self._identity = live_identity(facts.description)
        self._closed = False
        self._socket = _listen(host, port)

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        return self._identity

    def close(self) -> None:
        """See :class:`SampleSource`."""
        self._closed = True

    def _pieces(self) -> Iterator[Piece]:
        keeper = Timekeeper(self.sample_rate_hz, self.facts.anchor)
        expected_s = None
        with self._socket:
            while not self._closed:
                begun_s = time.monotonic()
                try:
                    datagram = self._socket.recv(_MAX_DATAGRAM_BYTES)
                except TimeoutError:
                    yield from self._make_pieces(keeper.flush())
                    continue
                now_s = time.monotonic()
                count = len(datagram) // self._form.sample_bytes
                late = expected_s is not None and now_s - expected_s > _SILENCE_S
                chunk = Chunk(
                    data=datagram[: count * self._form.sample_bytes],
                    count=count,
                    # A datagram that was waited for has just been sent, and its last sample just taken.
                    seen_at_s=now_s if now_s - begun_s > _WAIT_S or late else None,
                    seen_count=count,
                    overflowed=late,
                )
                expected_s = now_s + count / self.sample_rate_hz
                yield from self._make_pieces(keeper.feed(chunk))
            yield from self._make_pieces(keeper.flush())

    def _make_pieces(self, placed: Iterator[Placed]) -> Iterator[Piece]:
        """Turn placed datagrams into pieces of at most a block."""
        for item in placed:
            values = components(item.chunk.data, self._form)
            samples = values.view("complex64") if self._form.is_complex else values
            if self.facts.anchor.time is None:
                self.facts.anchor = item.anchor
            dropped = item.dropped_before
            for start in range(0, samples.size, self.block_samples):
                yield Piece(
                    samples=samples[start : start + self.block_samples],
                    start_sample=item.start_sample + start,
                    anchor=item.anchor,
                    dropped_before=dropped,
                )
                dropped = 0


def _listen(host: str, port: int) -> socket.socket:
    """A bound UDP socket with a receive buffer for some seconds of audio."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
        listener = socket.socket(family, socket.SOCK_DGRAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            if _is_multicast(host):
                _join(listener, host, port)
            else:
                listener.bind((host, port))
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise RadioError(
            f"cannot listen: {error.strerror or error}",
            where=f"udp://{host}:{port}",
            advice="is another program using the port?",
        ) from error
    listener.settimeout(_POLL_S)
    return listener


def _is_multicast(host: str) -> bool:
    """Whether the address is an IPv4 multicast group."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.version == 4 and address.is_multicast


def _join(listener: socket.socket, group: str, port: int) -> None:
    """Listen to a multicast group on every interface."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((group, port))
    request = socket.inet_aton(group) + socket.inet_aton("0.0.0.0")
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
