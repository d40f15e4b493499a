"""The installed command without its start-up: see ``tests.warm_server``."""

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import PROJECT


@functools.cache
def _server() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.warm_server"]
    server = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def end() -> None:
        server.communicate(timeout=30)

    atexit.register(end)
    return server


def _answer(server: "subprocess.Popen[bytes]", timeout_s: float) -> int | None:
    """The server's next number; None if it does not come in time."""
    assert server.stdout is not None
    if not select.select([server.stdout], [], [], timeout_s)[0]:
        return None
    return int(server.stdout.readline())


def run_warm(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout_s: float = 180.0,
) -> "subprocess.CompletedProcess[bytes]":
    """Run ``gsctl`` in a process of its own and wait for it, as ``subprocess.run`` would.

    Args:
        env: added to the environment.

    Raises:
        subprocess.TimeoutExpired: it took longer; it was killed.
    """
    words = [str(argument) for argument in arguments]
    server = _server()
    assert server.stdin is not None
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        for stream, data in zip(streams, (stdin, b"", b""), strict=True):
            stream.write_bytes(data)
        request = {
            "arguments": words,
            "streams": list(map(str, streams)),
            "cwd": str(cwd),
            "env": {**os.environ, **(env or {})},
        }
        server.stdin.write(json.dumps(request).encode() + b"\n")
        # The first answer waits for the server's own start.
        pid = _answer(server, 120.0)
        assert pid is not None, "the server did not start"
        code = _answer(server, timeout_s)
        if code is None:
            os.kill(pid, signal.SIGKILL)
            _answer(server, 10.0)
            raise subprocess.TimeoutExpired(["gsctl", *words], timeout_s)
        return subprocess.CompletedProcess(
            ["gsctl", *words], code, streams[1].read_bytes(), streams[2].read_bytes()
        )
