"""Reads a SoapySDR stream into a ring of blocks, in a thread that the interpreter cannot stall."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gsctl.radio.timekeeper import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RING_S = 3.0
_MAX_RING_BYTES = 128 << 20
_SLOT_S = 0.02
_LEAST_SLOTS = 8
_READ_TIMEOUT_US = 100_000
_JOIN_S = 5.0
_MAX_POLL_S = 0.01  # each look costs the processor some 50 microseconds


def ring_shape(sample_rate_hz: float, sample_bytes: int) -> tuple[int, int]:
    """Slots and bytes of a slot: 20 ms each, three seconds in all, at most 128 MiB."""
    slot_samples = max(256, round(sample_rate_hz * _SLOT_S))
    slots = min(round(RING_S / _SLOT_S), _MAX_RING_BYTES // (slot_samples * sample_bytes))
    return max(_LEAST_SLOTS, slots), slot_samples * sample_bytes


def compile_reader() -> None:
    """Compile the reader's kernel, or load it, by a run that ends at once.

    Before a radio is started: afterwards it would cost samples, and part of the time that was asked for.
    """
    RingReader(0, 0, 0, sample_rate_hz=1e3, sample_bytes=1)


class RingReader:
    """Runs the kernel of :mod:`gsctl.radio.ring_kernel` in a thread and hands its slots over.

    Args:
        read_address: address of a function with the signature of ``SoapySDRDevice_readStream``.
        device: first argument of that function.
        stream: second argument.
    """

    def __init__(
        self, read_address: int, device: int, stream: int, *, sample_rate_hz: float, sample_bytes: int
    ) -> None:
        import numpy as np

        from gsctl.radio import ring_kernel

        self._kernel = ring_kernel
        self._sample_bytes = sample_bytes
        slots, slot_bytes = ring_shape(sample_rate_hz, sample_bytes)
        self._slots = slots
        self._ring: NDArray[np.uint8] = np.zeros((slots + 1, slot_bytes), np.uint8)
        self._meta: NDArray[np.int64] = np.zeros((slots + 1, ring_kernel.META_SIZE), np.int64)
        self._state: NDArray[np.int64] = np.zeros(ring_kernel.STATE_SIZE, np.int64)
        clock = ctypes.cast(ctypes.CDLL(None).clock_gettime, ctypes.c_void_p).value or 0
        functions = np.array([read_address, clock, device, stream], np.uintp)
        arguments = (functions, self._ring, self._meta, self._state, sample_bytes, 1e9 / sample_rate_hz)
        # Compiled (or loaded) now, and not while the device's queue runs over.
        self._state[ring_kernel.STOP] = 1
        ring_kernel.read_into_ring(*arguments, _READ_TIMEOUT_US)
        self._state[ring_kernel.STOP] = 0
        self._poll_s = min(_MAX_POLL_S, slot_bytes / sample_bytes / sample_rate_hz / 2)
        self._thread = threading.Thread(
            target=ring_kernel.read_into_ring,
            args=(*arguments, _READ_TIMEOUT_US),
            name="radio reader",
            daemon=True,
        )

    @property
    def failed(self) -> int:
        """The driver's error after which the reader gave up; 0 while it works."""
        return int(self._state[self._kernel.FAILED])

    @property
    def silent_s(self) -> float:
        """Seconds since the driver gave a sample, counted while it answers with timeouts."""
        return float(self._state[self._kernel.SILENT_NS]) * 1e-9

    @property
    def overflows(self) -> int:
        """How often the driver said that samples were lost."""
        return int(self._state[self._kernel.OVERFLOWS])

    @property
    def timeouts(self) -> int:
        """How often the driver had nothing for a tenth of a second."""
        return int(self._state[self._kernel.TIMEOUTS])

    @property
    def ring_lost(self) -> int:
        """Samples dropped because the consumer lagged by more than the ring."""
        return int(self._state[self._kernel.RING_LOST])

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the reading and wait for the thread."""
        self._state[self._kernel.STOP] = 1
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def chunks(self, *, patience_s: float) -> Iterator[Chunk]:
        """Yield what was read, until it is stopped, the driver fails, or it is silent for ``patience_s``."""
        kernel, state = self._kernel, self._state
        while not state[kernel.STOP]:
            if state[kernel.HEAD] == state[kernel.TAIL]:
                if self.failed or self.silent_s > patience_s or not self._thread.is_alive():
                    return
                time.sleep(self._poll_s)
                continue
            yield self._take()

    def _take(self) -> Chunk:
        """Copy the oldest slot out and free it."""
        kernel, state = self._kernel, self._state
        slot = int(state[kernel.TAIL]) % self._slots
        meta = [int(value) for value in self._meta[slot]]
        count = meta[kernel.COUNT]
        data = self._ring[slot, : count * self._sample_bytes].tobytes()
        state[kernel.TAIL] += 1
        return Chunk(
            data=data,
            count=count,
            hardware_time_ns=meta[kernel.TIME_NS] if meta[kernel.HAS_TIME] else None,
            seen_at_s=meta[kernel.SEEN_NS] * 1e-9 if meta[kernel.SEEN_NS] else None,
            seen_count=meta[kernel.SEEN_FILL],
            overflowed=bool(meta[kernel.OVERFLOWED]),
            lost_before=meta[kernel.LOST_BEFORE],
        )
