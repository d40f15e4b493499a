"""gsctl's decoder as a GNU Radio block: complex samples in, frames out as messages (PDUs).

For flowgraphs under the system's Python::

    from decoder import Decoder            # this file's folder is on the path, or the file was copied

    decoder = Decoder(48000, ["--satellite", "nanodragon"])
    top.connect(source, decoder)
    top.msg_connect(decoder, "frames", sink, "pdus")

GNU Radio and gsctl's numpy cannot share a process, so the block runs ``gsctl decode -`` beside the flowgraph,
pipes the samples to it and reads its JSON Lines. A frame is a PDU: a dictionary of what ``frames.csv`` says
of it, and its bytes as a u8vector. The records of telemetry leave by the port ``records`` as dictionaries.

This file needs GNU Radio and the standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

import numpy
import pmt
from gnuradio import gr

# Samples that wait for the decoder, in calls of work(); when there are more, the flowgraph waits.
_QUEUE_CALLS = 256
_STOP_TIMEOUT_S = 60.0


class Decoder(gr.hier_block2):  # type: ignore[misc]  # GNU Radio is untyped
    """Decodes complex samples of full scale 1.0; frames and records leave as messages.

    Args:
        sample_rate_hz: of the samples.
        options: of ``gsctl decode``: ``--satellite``, ``--waveform``, ``--framing``, ``--center`` and so on.
        command: the gsctl to run; found on the PATH otherwise.

    Raises:
        FileNotFoundError: there is no such command.
    """

    def __init__(self, sample_rate_hz: float, options: Sequence[str], command: str = "gsctl") -> None:
        gr.hier_block2.__init__(
            self, "gsctl decoder", gr.io_signature(1, 1, gr.sizeof_gr_complex), gr.io_signature(0, 0, 0)
        )
        if shutil.which(command) is None:
            raise FileNotFoundError(f"{command}: no such command; install gsctl, or tell where it is")
        words = [
            command, "decode", "-", "--input", "iq", "--sample-format", "cf32",
            "--sample-rate", str(sample_rate_hz), "--format", "jsonl", *options,
        ]  # fmt: skip
        # Held here, because a block of Python's is gone when nobody holds it, connected or not.
        self._publisher = _Publisher()
        self._feeder = _Feeder(words, self._publisher)
        self.connect(self, self._feeder)
        for port in ("frames", "records"):
            self.message_port_register_hier_out(port)
            self.msg_connect(self._publisher, port, self, port)


class _Feeder(gr.sync_block):  # type: ignore[misc]
    """Hands samples to ``gsctl decode``."""

    def __init__(self, command: Sequence[str], publisher: _Publisher) -> None:
        gr.sync_block.__init__(self, "gsctl feeder", [numpy.complex64], [])
        self._command = command
        self._publisher = publisher
        self._process: subprocess.Popen[bytes] | None = None
        self._samples: queue.Queue[bytes | None] = queue.Queue(_QUEUE_CALLS)
        self._threads: list[threading.Thread] = []

    def start(self) -> bool:
        """Begin to decode; called by the flowgraph."""
        # The system's Python must not hand its own packages on.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._process = process
        self._threads = [
            threading.Thread(target=self._feed, args=(process,), daemon=True),
            threading.Thread(target=self._publisher.publish, args=(process,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return True

    def stop(self) -> bool:
        """Decode what was given to the end; called by the flowgraph."""
        process, self._process = self._process, None
        if process is None:
            return True
        self._samples.put(None)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(_STOP_TIMEOUT_S)
        return True

    def work(self, inputs: Any, _outputs: Any) -> int:
        """Take samples; called by the flowgraph."""
        samples = inputs[0]
        if self._process is None or self._process.poll() is not None:
            return -1  # it said on stderr why
        self._samples.put(samples.tobytes())
        return len(samples)

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        """Write samples to the decoder until there are no more."""
        assert process.stdin is not None
        broken = False
        while (data := self._samples.get()) is not None:
            if not broken:
                try:
                    process.stdin.write(data)
                except OSError:  # it ended; what still comes is let go so that nobody waits
                    broken = True
        with contextlib.suppress(OSError):
            process.stdin.close()


class _Publisher(gr.basic_block):  # type: ignore[misc]
    """Sends messages; without streams, so that it outlives the last sample and can send what is left."""

    def __init__(self) -> None:
        gr.basic_block.__init__(self, "gsctl publisher", [], [])
        for port in ("frames", "records"):
            self.message_port_register_out(pmt.intern(port))

    def publish(self, process: subprocess.Popen[bytes]) -> None:
        """Turn the decoder's lines into messages until there are no more; then this block is done."""
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._send(json.loads(line))
        done = pmt.cons(pmt.intern("done"), pmt.from_long(1))
        self.to_basic_block()._post(pmt.intern("system"), done)

    def _send(self, values: dict[str, Any]) -> None:
        facts = pmt.to_pmt({key: value for key, value in values.items() if value is not None})
        if values.get("type") == "frame":
            payload = bytes.fromhex(values["frame_hex"])
            message = pmt.cons(facts, pmt.init_u8vector(len(payload), list(payload)))
            self.message_port_pub(pmt.intern("frames"), message)
        elif values.get("type") == "record":
            self.message_port_pub(pmt.intern("records"), facts)
