"""A client of rtl_tcp: an RTL-SDR dongle served over the network.

The protocol is that of the rtl_tcp program of librtlsdr: the server greets with ``RTL0``, the tuner's type
and its number of gains; it then sends unsigned 8-bit IQ. A command is a byte and a 32-bit big-endian number.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from gsctl.errors import RadioError, UsageError
from gsctl.radio.formats import FORMATS
from gsctl.radio.live import DEFAULT_RETRY_FOR_S, Listener, RadioSource, ReceptionCounters, radio_facts
from gsctl.radio.network import connect_tcp, split_address
from gsctl.radio.soapy import clipped_fraction
from gsctl.radio.soapy_capi import Range
from gsctl.radio.source import BLOCK_SAMPLES
from gsctl.radio.timekeeper import Chunk
from gsctl.radio.tuning import RadioSettings, RadioState, choose_rate, default_lo_offset_hz, parse_gain

DEFAULT_PORT = 1234
SCHEME = "rtl_tcp://"
_FREQUENCY, _RATE, _MANUAL_GAIN, _GAIN, _DIGITAL_AGC, _BIAS_TEE = 0x01, 0x02, 0x03, 0x04, 0x08, 0x0E
_RATES = (
    Range(minimum=225_001.0, maximum=300_000.0, step=1.0),
    Range(minimum=900_001.0, maximum=3_200_000.0, step=1.0),
)
_TUNERS = {0: "unknown tuner", 1: "E4000", 2: "FC0012", 3: "FC0013", 4: "FC2580", 5: "R820T", 6: "R828D"}
# Gains in tenths of a dB, as librtlsdr lists them for each tuner.
_GAINS = {
    1: (-10, 15, 40, 65, 90, 115, 140, 165, 190, 215, 240, 290, 340, 420),
    5: (0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254, 280, 297, 328, 338, 364, 372, 386,
        402, 421, 434, 439, 445, 480, 496),
}  # fmt: skip
_GAINS[6] = _GAINS[5]
_OTHER_GAINS = tuple(range(0, 500, 50))
_CHUNK_S = 0.02
_QUEUE_S = 3.0
_PATIENCE_S = 2.0
_WAIT_S = 3e-4
_GREETING_TIMEOUT_S = 5.0
_CLIP_FRACTION = 1e-3
_SETTLE_S = 0.15
_LISTEN_S = 0.05


class _Connection:
    """A connected dongle that has been greeted."""

    def __init__(self, host: str, port: int) -> None:
        self.address = f"{SCHEME}{host}:{port}"
        self.socket = connect_tcp(host, port)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            self.socket.settimeout(_GREETING_TIMEOUT_S)
            magic, self.tuner, self.gain_count = struct.unpack(">4sII", self._exactly(12))
        except (OSError, struct.error) as error:
            self.socket.close()
            raise RadioError(
                "no greeting from rtl_tcp", where=self.address, advice="is it rtl_tcp?"
            ) from error
        if magic != b"RTL0":
            self.socket.close()
            raise RadioError("that server is not rtl_tcp", where=self.address, advice="check host and port")

    @property
    def gains_db(self) -> tuple[float, ...]:
        """Gains of this tuner."""
        return tuple(tenths / 10 for tenths in _GAINS.get(self.tuner, _OTHER_GAINS))

    def command(self, code: int, value: int) -> None:
        """Send a command.

        Raises:
            RadioError: the connection is gone.
        """
        try:
            self.socket.sendall(struct.pack(">BI", code, value & 0xFFFFFFFF))
        except OSError as error:
            raise RadioError("the server is gone", where=self.address) from error

    def read_for(self, seconds: float, rate_hz: float) -> bytes:
        """Samples of so long a time.

        Raises:
            RadioError: none came.
        """
        try:
            return self._exactly(2 * round(rate_hz * seconds))
        except OSError as error:
            raise RadioError("the server sends no samples", where=self.address) from error

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return bytes(data)


class RtlTcpSource(RadioSource):
    """IQ from ``rtl_tcp://HOST[:PORT]``; see :class:`RadioSource`.

    The protocol reads nothing back: ``state`` is what was sent. ``biastee`` is the one driver setting.

    Raises:
        RadioError: no connection, or not an rtl_tcp server.
        UsageError: a setting or gain that a dongle does not have.
    """

    def __init__(
        self,
        settings: RadioSettings,
        *,
        retry_for_s: float = DEFAULT_RETRY_FOR_S,
        block_samples: int = BLOCK_SAMPLES,
        listener: Listener = lambda line: None,
    ) -> None:
        address = settings.device.removeprefix(SCHEME)
        self._host, self._port = split_address(address, where="--device", default_port=DEFAULT_PORT)
        unknown = [key for key in settings.settings if key != "biastee"]
        if unknown or settings.antenna is not None:
            what = f"no setting {unknown[0]!r}" if unknown else "no choice of antennas"
            raise UsageError(
                f"rtl_tcp has {what}", where=settings.device, advice="biastee=true is the only one"
            )
        key = f"rtl_tcp/{self._host}:{self._port}"
        self._settings = replace(settings, ppm=settings.ppm_of(key), learned_ppm={})
        self._connection: _Connection | None = None
        state = self._open()
        super().__init__(
            radio_facts(state), FORMATS["cu8"], state, block_samples=block_samples,
            retry_for_s=retry_for_s, listener=listener,
        )  # fmt: skip
        self._settings = replace(
            self._settings, gain="auto" if state.automatic_gain else f"{state.gain_db:g}"
        )
        self._queue: queue.Queue[Chunk | None] = queue.Queue(round(_QUEUE_S / _CHUNK_S))
        self._timeouts = self._lagged = 0

    @property
    def counters(self) -> ReceptionCounters:
        """See :class:`RadioSource`."""
        return ReceptionCounters(
            timeouts=self._timeouts, lagged_samples=self._lagged, reopened=self._reopened
        )

    def retune(self, frequency_hz: float) -> float:
        """See :class:`RadioSource`."""
        if self._connection is None:
            raise RadioError("the server is gone", where=self.description)
        center_hz = self._tune(self._connection, frequency_hz)
        self._timekeeper.center_frequency_hz = center_hz
        return center_hz

    def _tune(self, connection: _Connection, frequency_hz: float) -> float:
        scale = 1.0 + self._settings.ppm * 1e-6
        whole_hz = round(frequency_hz / scale)
        connection.command(_FREQUENCY, whole_hz)
        return whole_hz * scale

    def _connect(self) -> None:
        self.state = self._open()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._settings.settings.get("biastee", "false") == "true":
                with contextlib.suppress(RadioError):  # where it is gone, nothing can be put back
                    connection.command(_BIAS_TEE, 0)
            connection.socket.close()

    def _open(self) -> RadioState:
        """Connect and set everything."""
        connection = _Connection(self._host, self._port)
        try:
            return self._configure(connection)
        except BaseException:
            connection.socket.close()
            raise

    def _configure(self, connection: _Connection) -> RadioState:
        settings = self._settings
        notes = []
        nominal_hz = choose_rate(settings.sample_rate_hz, _RATES)
        if nominal_hz != settings.sample_rate_hz:
            notes.append(
                f"sample rate: asked for {settings.sample_rate_hz:g}, the dongle takes {nominal_hz:g} S/s"
            )
        connection.command(_RATE, round(nominal_hz))
        offset_hz = settings.lo_offset_hz
        offset_hz = default_lo_offset_hz(nominal_hz) if offset_hz is None else offset_hz
        center_hz = self._tune(connection, settings.frequency_hz + offset_hz)
        connection.command(_DIGITAL_AGC, 0)
        if "biastee" in settings.settings:
            connection.command(_BIAS_TEE, int(settings.settings["biastee"] == "true"))
        gain_db = self._set_gain(connection, nominal_hz, notes)
        self._connection = connection
        return RadioState(
            hardware=f"rtl_tcp {_TUNERS.get(connection.tuner, _TUNERS[0])}",
            serial=f"{self._host}:{self._port}",
            center_frequency_hz=center_hz,
            sample_rate_hz=nominal_hz * (1.0 + settings.ppm * 1e-6),
            nominal_rate_hz=nominal_hz,
            antenna="",
            automatic_gain=gain_db is None,
            gain_db=gain_db or 0.0,
            gains={} if gain_db is None else {"tuner": gain_db},
            settings=dict(settings.settings),
            sample_format="cu8",
            timestamps=False,
            ppm=settings.ppm,
            notes=tuple(notes),
            device_key=f"rtl_tcp/{self._host}:{self._port}",
        )

    def _set_gain(self, connection: _Connection, rate_hz: float, notes: list[str]) -> float | None:
        """Set the gain as asked or find it; returns it, None for AGC."""
        gain = parse_gain(self._settings.gain)
        if isinstance(gain, dict):
            if list(gain) != ["tuner"]:
                raise UsageError("rtl_tcp sets one gain only", where="--gain", advice="a number of dB")
            gain = gain["tuner"]
        if gain == "auto":
            connection.command(_MANUAL_GAIN, 0)
            return None
        connection.command(_MANUAL_GAIN, 1)
        offered = connection.gains_db
        if isinstance(gain, float):
            if not offered[0] <= gain <= offered[-1]:
                limits = f"{offered[0]:g} to {offered[-1]:g} dB"
                raise UsageError(f"gain {gain:g} dB is out of range", where="--gain", advice=limits)
            nearest = min(offered, key=lambda value: abs(value - gain))
            connection.command(_GAIN, round(nearest * 10))
            if nearest != gain:
                notes.append(f"gain: asked for {gain:g}, the tuner takes {nearest:g} dB")
            return nearest
        return self._find_gain(connection, offered, rate_hz)

    def _find_gain(self, connection: _Connection, offered: tuple[float, ...], rate_hz: float) -> float:
        """Come down from the highest gain until the samples do not clip."""
        for value in offered[::-3]:
            connection.command(_GAIN, round(value * 10))
            connection.read_for(_SETTLE_S, rate_hz)
            if clipped_fraction(connection.read_for(_LISTEN_S, rate_hz), FORMATS["cu8"]) < _CLIP_FRACTION:
                return value
        connection.command(_GAIN, round(offered[0] * 10))
        return offered[0]

    def _run(self) -> Iterator[Chunk]:
        connection = self._connection
        if connection is None:
            return
        self._queue = queue.Queue(self._queue.maxsize)
        thread = threading.Thread(target=self._receive, args=(connection, self._queue), daemon=True)
        thread.start()
        self._timekeeper.reopened()
        while (chunk := self._next_chunk()) is not None:
            yield chunk
        thread.join(_PATIENCE_S)

    def _next_chunk(self) -> Chunk | None:
        """The next chunk; None when the connection ended."""
        try:
            return self._queue.get(timeout=2 * _PATIENCE_S)
        except queue.Empty:
            return None

    def _receive(self, connection: _Connection, chunks: queue.Queue[Chunk | None]) -> None:
        """Read the socket into the queue; drops whole chunks, counted, when nobody takes them."""
        size = 2 * round(self.state.nominal_rate_hz * _CHUNK_S)
        room = bytearray(size)
        view = memoryview(room)
        lost = 0
        connection.socket.settimeout(_PATIENCE_S)
        alive = True
        while alive and not self._closed:
            fill, seen_at_s, seen = 0, None, 0
            while fill < size:
                begun = time.monotonic()
                try:
                    got = connection.socket.recv_into(view[fill:])
                except OSError:
                    got = 0
                if not got:
                    alive = False
                    break
                if time.monotonic() - begun > _WAIT_S and fill % 2 == 0:
                    seen_at_s, seen = begun, fill // 2
                fill += got
            chunk = Chunk(
                data=bytes(view[: fill - fill % 2]), count=fill // 2, seen_at_s=seen_at_s, seen_count=seen,
                lost_before=lost,
            )  # fmt: skip
            if not chunk.count:
                continue
            try:
                chunks.put_nowait(chunk)
                lost = 0
            except queue.Full:
                lost += chunk.count
                self._lagged += chunk.count
        try:
            chunks.put(None, timeout=_PATIENCE_S)
        except queue.Full:
            return
