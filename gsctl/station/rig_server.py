r"""A server that speaks rigctld's language, so that GPredict and others steer the receiver's frequency.

The protocol is Hamlib's (rigctld manual page): a line a command, short (``F 437365000``) or long
(``\set_freq 437365000``); what sets something is answered by ``RPRT 0``, or ``RPRT`` and a negative number.
"""

from __future__ import annotations

import contextlib
import math
import socketserver
import threading
from typing import Any

from gsctl.errors import ConfigError

DEFAULT_PORT = 4532
_MOST_CLIENTS = 8
_MOST_LINE_BYTES = 256
_IDLE_TIMEOUT_S = 3600.0
_DONE, _WRONG, _UNKNOWN = "RPRT 0\n", "RPRT -1\n", "RPRT -11\n"
_LONG = {
    "\\set_freq": "F", "\\get_freq": "f", "\\set_mode": "M", "\\get_mode": "m", "\\set_vfo": "V",
    "\\get_vfo": "v", "\\get_ptt": "t", "\\set_ptt": "T", "\\quit": "q", "\\chk_vfo": "chk",
    "\\get_powerstat": "power", "\\dump_state": "state",
}  # fmt: skip
# What Hamlib's own client asks first (its rigs/dummy/netrigctl.c reads it): protocol 0, model 2 (NET rigctl),
# ITU region; ranges heard (Hz, Hz, modes, powers, VFOs, antennas) and sent (none); steps; filters; most RIT,
# XIT and IF shift; announcements; preamplifiers; attenuators; functions, levels, parameters to read and set.
_STATE = """0
2
0
0 100000000000 0x1ff -1 -1 0x1 0x1
0 0 0 0 0 0 0
0 0 0 0 0 0 0
0x1ff 1
0 0
0x1ff 15000
0 0
0
0
0
0


0x0
0x0
0x0
0x0
0x0
0x0
"""


class RigServer:
    """Keeps the frequency that clients set; one thread each, of a few.

    Args:
        host: address to bind to.
        port: 0 takes any free one; see ``port``.
        frequency_hz: told to clients until one sets another.

    Attributes:
        port: the port that is bound.

    Raises:
        ConfigError: the address cannot be bound.
    """

    def __init__(self, host: str, port: int, frequency_hz: float) -> None:
        self._frequency_hz = frequency_hz
        try:
            self._server = _Server((host, port), _Client)
        except OSError as error:
            raise ConfigError(
                f"cannot serve rigctld here: {error.strerror}", where=f"{host}:{port}", advice="another port"
            ) from error
        self._server.rig = self
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="rigctld", daemon=True)
        self._thread.start()

    @property
    def frequency_hz(self) -> float:
        """Where the receiver is to listen."""
        return self._frequency_hz

    def close(self) -> None:
        """End the server; may be called twice."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, line: str) -> str | None:
        """The answer to one command; None ends the connection."""
        words = line.split()
        if not words:
            return ""
        command, values = _LONG.get(words[0], words[0]), words[1:]
        if command == "F":
            return self._set_frequency(values)
        answers: dict[str, str | None] = {
            "f": f"{self._frequency_hz:.0f}\n", "m": "FM\n15000\n", "v": "VFOA\n", "t": "0\n", "chk": "0\n",
            "power": "1\n", "state": _STATE,
            "M": _DONE, "V": _DONE, "AOS": _DONE, "LOS": _DONE, "q": None, "Q": None,
        }  # fmt: skip
        return answers.get(command, _UNKNOWN)

    def _set_frequency(self, values: list[str]) -> str:
        try:
            hertz = float(values[-1])
        except (ValueError, IndexError):
            return _WRONG
        if not math.isfinite(hertz) or not 0 < hertz < 100e9:
            return _WRONG
        self._frequency_hz = hertz
        return _DONE


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    rig: RigServer

    def __init__(self, *arguments: Any) -> None:
        self._room = threading.Semaphore(_MOST_CLIENTS)
        super().__init__(*arguments)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse one client too many."""
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a client, and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()


class _Client(socketserver.StreamRequestHandler):
    timeout = _IDLE_TIMEOUT_S

    def handle(self) -> None:
        """Answer line by line until the client goes."""
        server = self.server
        assert isinstance(server, _Server)
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(_MOST_LINE_BYTES):
                answer = server.rig.answer(line.decode("ascii", "replace"))
                if answer is None:
                    return
                self.wfile.write(answer.encode())
