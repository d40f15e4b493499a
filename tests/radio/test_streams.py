"""Pipes, UDP and TCP: through a real process and real sockets on the loopback."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gsctl.errors import RadioError, RecordingError, UsageError
from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.radio.recording import open_recording

PIPE_PROGRAM = """
import sys, numpy as np
from gsctl.errors import GsctlError
from gsctl.radio.recording import open_recording
try:
    source = open_recording("-", **eval(sys.argv[1]))
    samples = np.concatenate([block.samples for block in source])
    total = float(np.abs(samples).sum())
    print(source.identity, source.domain, source.sample_rate_hz, samples.size, total, source.warnings)
except GsctlError as error:
    print(error)
"""


def piped(content: bytes, options: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", PIPE_PROGRAM, options],
        input=content,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert run.stderr == b""
    return run.stdout.decode().strip()


def test_raw_samples_from_a_pipe() -> None:
    samples = np.full(100_000, 0.5, "<f4")
    samples[::2] = -0.25
    options = "dict(sample_rate_hz=48000, sample_format='f32')"
    first, second = (piped(samples.tobytes(), options).split() for _ in range(2))
    assert first[1:5] == ["fm_audio", "48000.0", "100000", "37500.0"]
    assert first == second  # the same pipe has the same identity


def test_wav_from_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    frames = 0.1 * np.random.default_rng(1).standard_normal((100_000, 2))
    soundfile.write(path, frames, 48000)
    told = piped(path.read_bytes(), "{}").split()
    assert told[1:4] == ["iq", "48000.0", "100000"]
    soundfile.write(path, frames[:, :1], 48000)
    told = piped(path.read_bytes()[:-1001], "{}").split(maxsplit=5)
    assert told[1:4] == ["fm_audio", "48000.0", str(100_000 - 501)]
    assert "cut short" in told[5]


def test_bad_pipes_are_one_line() -> None:
    assert piped(b"", "{}") == "-: standard input is empty; pipe samples into it"
    assert piped(b"abc" * 10, "{}").startswith(
        "-: not a kind of recording gsctl knows; gsctl reads SigMF, WAV"
    )
    assert "raw i16 samples without a rate" in piped(b"abc" * 10, "dict(sample_format='i16')")
    assert "is packed (gzip)" in piped(b"\x1f\x8b" + b"0" * 100, "{}")
    assert "only WAV and raw samples can be read from a pipe" in piped(b"fLaC" + b"0" * 100, "{}")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_samples(blocks: Iterator[SampleBlock], count: int) -> list[SampleBlock]:
    """Blocks until ``count`` samples have come."""
    got: list[SampleBlock] = []
    while sum(block.samples.size for block in got) < count:
        got.append(next(blocks))
    return got


def test_udp_audio_as_gqrx_sends_it() -> None:
    port = free_port(socket.SOCK_DGRAM)
    source = open_recording(f"udp://127.0.0.1:{port}")
    assert (source.sample_rate_hz, source.domain, source.live) == (48000, Domain.FM_AUDIO, True)
    ramp = np.arange(2400, dtype="<i2")
    before = datetime.now(UTC)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for part in np.split(ramp, 10):
            sender.sendto(part.tobytes(), ("127.0.0.1", port))
        got = first_samples(source.blocks(), 2400)
    np.testing.assert_array_equal(np.concatenate([block.samples for block in got]), ramp / np.float32(32768))
    assert [block.start_sample for block in got] == list(range(0, 2400, 240))
    assert got[0].time_source is TimeSource.HOST
    assert got[0].start_time is not None
    assert before - timedelta(seconds=0.01) < got[0].start_time < datetime.now(UTC)
    source.close()
    other = open_recording(f"udp://127.0.0.1:{port}")  # the port was let go or can be shared no more
    assert other.identity != source.identity
    other.close()
    list(other)


def test_udp_silence_is_a_gap_of_its_length() -> None:
    port = free_port(socket.SOCK_DGRAM)
    source = open_recording(
        f"udp://127.0.0.1:{port}", sample_format="ci16", sample_rate_hz=1000, center_hz=1e8
    )
    assert source.domain is Domain.IQ
    blocks = source.blocks()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes(400), ("127.0.0.1", port))
        first = next(blocks)
        time.sleep(0.8)
        sender.sendto(bytes(400), ("127.0.0.1", port))
        second = next(blocks)
    source.close()
    assert (first.start_sample, first.dropped_before) == (0, 0)
    assert 600 <= second.dropped_before <= 900
    assert second.start_sample == 100 + second.dropped_before
    assert second.center_frequency_hz == 1e8
    assert source.dropped == second.dropped_before


def test_close_ends_a_stream_that_says_nothing() -> None:
    source = open_recording(f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
    threading.Timer(0.2, source.close).start()
    begun = time.monotonic()
    assert list(source) == []
    assert time.monotonic() - begun < 2.0


def test_tcp_stream_until_the_server_closes() -> None:
    samples = (np.random.default_rng(1).standard_normal(30000) * 1000).astype("<i2")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(samples.tobytes())

        thread = threading.Thread(target=serve)
        thread.start()
        source = open_recording(
            f"tcp://127.0.0.1:{port}", sample_format="ci16", sample_rate_hz=48000, center_hz=437e6
        )
        blocks = list(source)
        thread.join()
    got = np.concatenate([block.samples for block in blocks]).view(np.float32)
    np.testing.assert_array_equal(got, samples / np.float32(32768))
    assert blocks[0].time_source is TimeSource.HOST
    assert blocks[-1].start_time is not None
    assert blocks[0].center_frequency_hz == 437e6


def test_bad_addresses_are_one_line() -> None:
    for address in ("udp://127.0.0.1", "udp://:", "tcp://host:0", "udp://host:99999", "tcp://"):
        with pytest.raises(UsageError, match="is not HOST:PORT"):
            open_recording(address, sample_format="ci16", sample_rate_hz=48000)
    with pytest.raises(RecordingError, match="not a kind"):
        open_recording("tcp://127.0.0.1:9")
    port = free_port(socket.SOCK_STREAM)
    with pytest.raises(RadioError, match="no connection: Connection refused") as caught:
        open_recording(f"tcp://127.0.0.1:{port}", sample_format="ci16", sample_rate_hz=48000)
    assert str(caught.value).startswith(f"127.0.0.1:{port}: ")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RadioError, match="cannot listen: Address already in use"):
            open_recording(f"udp://127.0.0.1:{taken.getsockname()[1]}")
