"""gsctl's side of ``--engine gnuradio``: starts the flowgraph's process and reads what it sends."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gsctl.errors import RadioError
from gsctl.flowgraph.wire import FAILURE, SAMPLES, STATE, Message, read_message

SYSTEM_PYTHON = "/usr/bin/python3"
QUEUE_S = 3.0
START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.005
_SCRIPT = Path(__file__).with_name("radio_process.py")
# gr-soapy has no other way to tell of an overflow than this word on stderr.
_OVERFLOW_WORD = b"sO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Samples as the flowgraph gave them: complex float32.

    Attributes:
        seen_at_s: monotonic time at which the last of them was there, the filter's delay taken off.
        overflowed: the driver said that samples before these were lost.
        lost_before: samples lost here because nobody took them.
    """

    data: bytes
    seen_at_s: float
    overflowed: bool
    lost_before: int

    @property
    def count(self) -> int:
        """Samples in it."""
        return len(self.data) // 8


class FlowgraphProcess:
    """A running flowgraph; its samples wait in a bounded queue.

    Args:
        config: see ``radio_process``.
        python: the Python that has GNU Radio.

    Attributes:
        state: what the flowgraph says of itself.
        overflows: how often the driver said that samples were lost.
        lagged_samples: dropped because nobody took them in time.

    Raises:
        RadioError: there is no GNU Radio, it is too old, or the device failed.
    """

    def __init__(self, config: Mapping[str, Any], *, python: str = SYSTEM_PYTHON) -> None:
        self.overflows = 0
        self.lagged_samples = 0
        self.state: dict[str, Any] = {}
        self._failure: RadioError | None = None
        self._queue: deque[Received] = deque()
        self._queued = self._lost = 0
        self._most = round(QUEUE_S * config["sample_rate_hz"] / config["decimation"])
        self._overflowed = False
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._process = _start(python)
        self._threads = [
            threading.Thread(target=work, name=f"flowgraph {work.__name__}", daemon=True)
            for work in (self._read, self._listen)
        ]
        for thread in self._threads:
            thread.start()
        self._say(config)
        self._await_state()

    def retune(self, offset_hz: float) -> None:
        """Move the channel to ``offset_hz`` from the middle of the device's band."""
        self._say({"offset_hz": offset_hz})

    def received(self, *, patience_s: float) -> Iterator[Received]:
        """Yield samples as they come, until the process ends or nothing comes for ``patience_s``."""
        last_s = time.monotonic()
        while True:
            with self._lock:
                item = self._queue.popleft() if self._queue else None
                self._queued -= item.count if item else 0
            if item is not None:
                last_s = time.monotonic()
                yield item
            elif not self._threads[0].is_alive() or time.monotonic() - last_s > patience_s:
                return
            else:
                time.sleep(_POLL_S)

    def stop(self) -> None:
        """End the process, which leaves the device as it was; may be called twice."""
        process = self._process
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:  # a driver that hangs
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(_STOP_TIMEOUT_S)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _await_state(self) -> None:
        there = self._ready.wait(START_TIMEOUT_S)
        if self._failure is None and there and self.state:
            return
        self.stop()
        if self._failure is None:
            said = "said nothing" if not there else "ended at once"
            self._failure = RadioError(f"GNU Radio's process {said}", advice="gsctl doctor tells more")
        raise self._failure

    def _say(self, values: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        # A process that has ended is seen by whoever reads its samples.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(dict(values)).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        """Take in messages until the pipe ends."""
        assert self._process.stdout is not None
        stream = self._process.stdout
        try:
            while (message := read_message(stream.read)) is not None:
                self._take(message)
        except (ValueError, KeyError, OSError) as error:
            self._failure = self._failure or RadioError(f"GNU Radio: {error}")
        finally:
            self._ready.set()

    def _take(self, message: Message) -> None:
        if message.kind == STATE:
            self.state = message.values()
            self._ready.set()
        elif message.kind == FAILURE:
            told = message.values()
            self._failure = RadioError(str(told.get("what", "failed")), advice=str(told.get("advice", "")))
            self._ready.set()
        elif message.kind == SAMPLES:
            self._put(message)

    def _put(self, message: Message) -> None:
        count = len(message.payload) // 8
        with self._lock:
            if self._queued + count > self._most:
                self._lost += count
                self.lagged_samples += count
                return
            item = Received(
                data=message.payload,
                seen_at_s=message.seen_ns * 1e-9,
                overflowed=self._overflowed,
                lost_before=self._lost,
            )
            self._overflowed, self._lost = False, 0
            self._queue.append(item)
            self._queued += count

    def _listen(self) -> None:
        """Look for overflows in what the drivers print, and let the rest go."""
        assert self._process.stderr is not None
        descriptor = self._process.stderr.fileno()
        try:
            while text := os.read(descriptor, 4096):
                if count := text.count(_OVERFLOW_WORD):
                    with self._lock:
                        self.overflows += count
                        self._overflowed = True
        except OSError:
            return


def _start(python: str) -> subprocess.Popen[bytes]:
    """The process, in an environment without this Python's packages."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            [python, "-s", str(_SCRIPT)], stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
    except OSError as error:
        raise RadioError(
            f"no Python for GNU Radio: {error.strerror}", where=python, advice="sudo apt-get install gnuradio"
        ) from error
