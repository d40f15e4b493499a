"""Where lines come from and go to: files, gzip, pipes, serial ports, UDP and TCP, and their losses."""

import gzip
import hashlib
import itertools
import os
import pty
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais import network
from gsctl.ais.forwarding import TcpSender, UdpSender
from gsctl.ais.lines import DescriptorLines, FileLines, Line, LineSource, LineSplitter, is_serial, open_serial
from gsctl.ais.network import TcpLines, TcpServerLines, UdpLines, parse_endpoint
from gsctl.ais.nmea import MAX_LINE_BYTES
from gsctl.errors import RecordingError, UsageError


def all_lines(source: LineSource) -> list[bytes]:
    try:
        return [line.text for batch in source.batches() for line in batch]
    finally:
        source.close()


def wait_for(batches: Iterator[list[Line]], count: int, limit_s: float = 5.0) -> list[Line]:
    """Lines of a live source until there are enough of them."""
    lines: list[Line] = []
    until_s = time.monotonic() + limit_s
    while len(lines) < count and time.monotonic() < until_s:
        lines += next(batches)
    return lines


@given(
    st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), max_size=20),
    st.data(),
)
def test_any_cut_gives_the_same_lines(lines: list[bytes], data: st.DataObject) -> None:
    text = b"\r\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    splitter = LineSplitter()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        found += splitter.feed(text[start:end])
    assert found + splitter.finish() == [line for line in lines if line]
    assert splitter.too_long == 0


def test_a_line_of_a_megabyte_is_one_loss_and_no_memory() -> None:
    splitter = LineSplitter()
    found = splitter.feed(b"first\n")
    for _ in range(100):
        found += splitter.feed(b"x" * 10_000)
        assert len(splitter._rest) <= MAX_LINE_BYTES
    found += splitter.feed(b"tail of it\nnext\nlast")
    assert [*found, *splitter.finish()] == [b"first", b"next", b"last"]
    assert splitter.too_long == 1


def test_a_file_plain_and_compressed(tmp_path: Path) -> None:
    plain, packed = tmp_path / "log.nmea", tmp_path / "log.nmea.gz"
    text = b"one\r\ntwo\nthree"
    plain.write_bytes(text)
    packed.write_bytes(gzip.compress(text) + gzip.compress(b"\nfour"))  # as log rotation appends
    assert all_lines(FileLines(plain)) == [b"one", b"two", b"three"]
    source = FileLines(packed)
    assert all_lines(source) == [b"one", b"two", b"three", b"four"]
    assert source.sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_a_compressed_file_that_is_cut_gives_what_it_has(tmp_path: Path) -> None:
    packed = tmp_path / "log.gz"
    text = b"".join(b"%d %s\n" % (i, hashlib.sha256(b"%d" % i).hexdigest().encode()) for i in range(5000))
    whole = gzip.compress(text)
    packed.write_bytes(whole[: len(whole) // 2])
    source = FileLines(packed)
    lines = all_lines(source)
    assert 1000 < len(lines) < 5000
    assert "cut short" in source.warnings[0]
    packed.write_bytes(whole[:30])
    with pytest.raises(RecordingError, match="cut short"):
        all_lines(FileLines(packed))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_zeros_of_a_serial_port_and_wide_text_hide_no_line(tmp_path: Path, encoding: str) -> None:
    text = "".join(f"!AIVDM,1,1,,A,{number:05d},0*00\n" for number in range(9000))
    before = b"\xfe\xff" if encoding == "utf-16-be" else b"\0\0\xff\n" if encoding == "utf-8" else b""
    (tmp_path / "log").write_bytes(before + text.encode(encoding))
    lines = [line.removeprefix("\ufeff".encode()) for line in all_lines(FileLines(tmp_path / "log"))]
    assert lines[-9000:] == text.encode().split()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"\x7fELF\x00\x00\x01", "binary data"), (None, "no such file")],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=message):
        all_lines(FileLines(path))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is a directory"):
        FileLines(tmp_path)


def test_a_pipe_is_read_as_it_comes() -> None:
    reading, writing = os.pipe()
    source = DescriptorLines(reading, name="stdin", live=False, owned=True)
    batches = source.batches()
    os.write(writing, b"one\ntw")
    assert next(batches) == [Line(b"one", "")]
    os.write(writing, b"o\n")
    os.close(writing)
    assert [line for batch in batches for line in batch] == [Line(b"two", "")]
    source.close()


def test_a_serial_port() -> None:
    try:
        leader, follower = pty.openpty()
    except OSError as error:  # a chroot without /dev/pts
        pytest.skip(f"no pseudo-terminals here: {error}")
    path = Path(os.ttyname(follower))
    assert is_serial(path)
    source = open_serial(path, 38_400)
    batches = source.batches()
    os.write(leader, b"!AIVDM,1\r\n")
    assert wait_for(batches, 1) == [Line(b"!AIVDM,1", "")]
    source.close()
    with pytest.raises(RecordingError, match="12345 Bd"):
        open_serial(path, 12_345)
    os.close(leader)
    os.close(follower)


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    assert not is_serial(tmp_path)
    assert not is_serial(tmp_path / "none")
    with pytest.raises(RecordingError, match="serial port"):
        open_serial(Path("/dev/null"), 38_400)


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_udp_there_and_back() -> None:
    source = UdpLines("127.0.0.1", free_port(socket.SOCK_DGRAM))
    sender = UdpSender("127.0.0.1", source.port)
    batches = source.batches()
    sender.send(["!AIVDM,2,1", "!AIVDM,2,2"])
    sender.send(["!AIVDM,1,1"])
    lines = wait_for(batches, 3)
    assert [line.text for line in lines] == [b"!AIVDM,2,1", b"!AIVDM,2,2", b"!AIVDM,1,1"]
    assert {line.sender for line in lines} == {"127.0.0.1"}
    assert next(batches) == [], "a quiet source says so, so that the clock can be looked at"
    assert (source.lost, sender.lost) == (0, 0)
    with pytest.raises(RecordingError, match="another program uses that port"):
        UdpLines("127.0.0.1", source.port)
    sender.close()
    source.close()


def test_a_udp_flood_is_counted() -> None:
    source = UdpLines("127.0.0.1", free_port(socket.SOCK_DGRAM))
    source._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    flood = UdpSender("127.0.0.1", source.port)
    sent = 2000
    for number in range(sent):
        flood.send([f"!AIVDM,{number}"])
    batches = source.batches()
    received = 0
    while batch := next(batches):
        received += len(batch)
    # The kernel tells of its losses with the next datagram that arrives.
    flood.send(["!AIVDM,last"])
    received += len(next(batches))
    assert received < sent
    assert received + source.lost + flood.lost == sent + 1
    flood.close()
    source.close()


def serve_once(data: bytes) -> tuple[int, threading.Thread]:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection, server:
            connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    return int(server.getsockname()[1]), thread


def test_tcp_client_reads_until_the_server_ends() -> None:
    port, thread = serve_once(b"one\r\ntwo\r\nrest")
    source = TcpLines("127.0.0.1", port, retry_for_s=0.0)
    assert all_lines(source) == [b"one", b"two", b"rest"]
    assert source.warnings == [f"tcp://127.0.0.1:{port}: the server closed the connection; that is the end"]
    thread.join()


def test_tcp_client_connects_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_FIRST_PAUSE_S", 0.02)
    server = socket.create_server(("127.0.0.1", 0))
    address = server.getsockname()
    source = TcpLines(*address)
    batches = source.batches()
    first, _ = server.accept()
    first.sendall(b"one\n")
    assert [line.text for line in wait_for(batches, 1)] == [b"one"]
    server.close()
    first.close()
    for _ in range(6):  # nobody listens: no line, no end, and the caller may look at its clock
        assert next(batches) == []
    with socket.create_server(address) as again:
        again.settimeout(5)
        while not source.reconnected:
            next(batches)
        second, _ = again.accept()
        second.sendall(b"two\n")
        assert [line.text for line in wait_for(batches, 1)] == [b"two"]
        second.close()
    assert source.reconnected == 1
    told = [warning.removeprefix(f"{source.name}: ") for warning in source.warnings]
    assert told[0] == "the server closed the connection; trying again until it comes back"
    assert told[1].startswith("connected again after ")
    source.close()


def test_tcp_client_pauses_longer_each_time_but_not_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    port, thread = serve_once(b"one\n")
    source = TcpLines("127.0.0.1", port, retry_for_s=300.0)
    thread.join()
    now_s, tried_s = 0.0, []

    def sleep(length_s: float) -> None:
        nonlocal now_s
        now_s += length_s

    def refused(*_: object, **__: object) -> None:
        tried_s.append(now_s)
        raise ConnectionRefusedError

    monkeypatch.setattr(network, "time", SimpleNamespace(monotonic=lambda: now_s, sleep=sleep))
    monkeypatch.setattr(socket, "create_connection", refused)
    assert all_lines(source) == [b"one"]
    pauses_s = [after - before for before, after in itertools.pairwise([0.0, *tried_s])]
    assert pauses_s == [1, 2, 4, 8, 16, *[30] * 8, pytest.approx(29)]


def test_tcp_client_without_server() -> None:
    with pytest.raises(RecordingError, match="nothing listens there"):
        TcpLines("127.0.0.1", free_port(socket.SOCK_STREAM))


def test_tcp_server_with_several_clients() -> None:
    source = TcpServerLines("127.0.0.1", 0)
    batches = source.batches()
    first = socket.create_connection(("127.0.0.1", source.port))
    sender = TcpSender("127.0.0.1", source.port)
    first.sendall(b"from one, cut ")
    sender.send(["from two"])
    assert [line.text for line in wait_for(batches, 1)] == [b"from two"]
    first.sendall(b"here\n")
    assert [line.text for line in wait_for(batches, 1)] == [b"from one, cut here"]
    first.sendall(b"x" * 100_000)
    first.close()
    sender.close()
    until_s = time.monotonic() + 5
    while source._clients and time.monotonic() < until_s:
        next(batches)
    assert not source._clients
    assert source.too_long == 1
    source.close()


def test_tcp_sender_counts_what_nobody_takes() -> None:
    sender = TcpSender("127.0.0.1", free_port(socket.SOCK_STREAM))
    sender.send(["!AIVDM"])
    sender.send(["!AIVDM"])
    assert sender.lost == 2
    sender.close()


def test_tcp_sender_does_not_wait_for_a_slow_server() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    sender = TcpSender("127.0.0.1", int(server.getsockname()[1]))
    began_s = time.monotonic()
    for _ in range(20_000):
        sender.send(["x" * 1000])
    assert time.monotonic() - began_s < 5
    assert sender.lost > 0
    assert sender._queued_bytes <= 1 << 18
    server.close()
    sender._drop()


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("host:1", ("host", 1)),
        (":10110", ("127.0.0.1", 10110)),
        ("[::1]:5", ("::1", 5)),
        ("0.0.0.0:5", ("0.0.0.0", 5)),
    ],
)
def test_endpoints(text: str, endpoint: tuple[str, int]) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "host:0", "host:65536", "host:-1"])
def test_what_is_no_endpoint(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        parse_endpoint(text)


def test_every_source_has_the_same_shape(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n")
    sources: Sequence[LineSource] = [FileLines(path), UdpLines("127.0.0.1", free_port(socket.SOCK_DGRAM))]
    for source in sources:
        assert isinstance(source.name, str)
        assert source.too_long == source.lost == source.reconnected == 0
        assert source.warnings == []
        source.close()
