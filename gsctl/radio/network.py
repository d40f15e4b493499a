"""Raw samples from the network: UDP datagrams as gqrx sends them, and a plain TCP stream."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from gsctl.errors import RadioError, UsageError
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.source import Piece, SampleSource, SourceFacts
from gsctl.radio.timekeeper import Chunk, Placed, Timekeeper

CONNECT_TIMEOUT_S = 10.0
_POLL_S = 0.2
_MAX_DATAGRAM_BYTES = 65536
# gqrx sends without a pause while it plays; a longer silence is a loss, and its length is measured.
_SILENCE_S = 0.5
_WAIT_S = 3e-4
_CHUNK_S = 0.02


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


def live_identity(description: str) -> str:
    """Hex SHA-256 that names this run of a live stream, which can never be read again."""
    text = f"{description}\n{datetime.now(UTC).isoformat()}\n{os.getpid()}\n{os.urandom(8).hex()}"
    return hashlib.sha256(text.encode()).hexdigest()


class NetworkSource(SampleSource):
    """Samples that come over a network; the host's clock gives the time where the user does not."""

    def __init__(self, facts: SourceFacts, form: SampleFormat, *, block_samples: int) -> None:
        super().__init__(facts, block_samples=block_samples)
        self._form = form
        self._identity = live_identity(facts.description)
        self._closed = False

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        return self._identity

    def close(self) -> None:
        """See :class:`SampleSource`."""
        self._closed = True

    def _chunks(self) -> Iterator[Chunk | None]:
        """Chunks as they come; None in a pause."""
        raise NotImplementedError

    def _pieces(self) -> Iterator[Piece]:
        keeper = Timekeeper(self.sample_rate_hz, self.facts.anchor)
        for chunk in self._chunks():
            yield from self._make_pieces(keeper.flush() if chunk is None else keeper.feed(chunk))
        yield from self._make_pieces(keeper.flush())

    def _make_pieces(self, placed: Iterator[Placed]) -> Iterator[Piece]:
        """Turn placed chunks into pieces of at most a block."""
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


class TcpSource(NetworkSource):
    """Raw samples from a TCP connection, until the other side ends it."""

    def __init__(
        self, facts: SourceFacts, connection: socket.socket, form: SampleFormat, *, block_samples: int
    ) -> None:
        super().__init__(facts, form, block_samples=block_samples)
        self._socket = connection
        self._socket.settimeout(_POLL_S)
        self._flowing = False  # whether the last read gave something

    def close(self) -> None:
        """See :class:`SampleSource`."""
        super().close()
        self._socket.close()

    def _chunks(self) -> Iterator[Chunk | None]:
        size = max(1, round(self.sample_rate_hz * _CHUNK_S)) * self._form.sample_bytes
        room = bytearray(size)
        try:
            while not self._closed:
                chunk = self._fill(memoryview(room))
                if chunk is None:
                    return
                yield chunk if chunk.count else None
        finally:
            self.close()

    def _fill(self, room: memoryview) -> Chunk | None:
        """One chunk: full, or what there is in a pause or at the end; None when there is no more."""
        one = self._form.sample_bytes
        fill, seen_at_s, seen_count, ended = 0, None, 0, False
        while fill < len(room) and not ended:
            begun_s = time.monotonic()
            try:
                got = self._socket.recv_into(room[fill:])
            except TimeoutError:
                self._flowing = False
                if fill % one == 0 or self._closed:
                    break
                continue
            except OSError:  # reset by the other side, or closed by this one
                got = 0
            if got and time.monotonic() - begun_s > _WAIT_S and self._flowing:
                seen_at_s, seen_count = begun_s, fill // one
            ended = got == 0
            self._flowing = not ended
            fill += got
        if fill < one:
            return None if ended else Chunk(data=b"", count=0)
        data = bytes(room[: fill - fill % one])
        return Chunk(data=data, count=fill // one, seen_at_s=seen_at_s, seen_count=seen_count)


class UdpSource(NetworkSource):
    """Samples from UDP datagrams sent to ``host:port``; a silence is a gap of its length.

    Raises:
        RadioError: the address cannot be listened on.
    """

    def __init__(
        self, facts: SourceFacts, host: str, port: int, form: SampleFormat, *, block_samples: int
    ) -> None:
        super().__init__(facts, form, block_samples=block_samples)
        self._socket = _listen(host, port)

    def _chunks(self) -> Iterator[Chunk | None]:
        expected_s = None
        with self._socket:
            while not self._closed:
                begun_s = time.monotonic()
                try:
                    datagram = self._socket.recv(_MAX_DATAGRAM_BYTES)
                except TimeoutError:
                    yield None
                    continue
                now_s = time.monotonic()
                count = len(datagram) // self._form.sample_bytes
                late = expected_s is not None and now_s - expected_s > _SILENCE_S
                expected_s = now_s + count / self.sample_rate_hz
                yield Chunk(
                    data=datagram[: count * self._form.sample_bytes],
                    count=count,
                    # A datagram that was waited for has just been sent, and its last sample just taken.
                    seen_at_s=now_s if now_s - begun_s > _WAIT_S or late else None,
                    seen_count=count,
                    overflowed=late,
                )


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
