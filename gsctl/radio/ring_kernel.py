"""The reader's inner loop as a compiled kernel: from a driver into a ring of blocks, without the interpreter.

It calls the driver's read function (the C signature of ``SoapySDRDevice_readStream``) through its address and
never takes the GIL, so a stall of the interpreter does not reach the driver. One thread runs the kernel and
writes ``head``; one consumer writes ``tail``. A fence orders the samples before ``head``.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

# state: one int64 each, shared between kernel and consumer
HEAD, TAIL, STOP, FAILED, OVERFLOWS, TIMEOUTS, RING_LOST, SILENT_NS, STATE_SIZE = range(9)

# meta of a slot: one int64 each
# SEEN_NS: when the driver was last found empty, with SEEN_FILL samples in the slot; 0 where it never was.
COUNT, HAS_TIME, TIME_NS, SEEN_NS, SEEN_FILL, OVERFLOWED, LOST_BEFORE, META_SIZE = range(8)
_WAIT_NS = 300_000  # a read that takes longer has waited for the device

# SoapySDR/Errors.h and Constants.h
TIMEOUT, OVERFLOW = -1, -4
_HAS_TIME_FLAG = 1 << 2
_ERRORS_IN_A_ROW = 20
_TIME_TOLERANCE_NS = 1500  # above the rounding of a timestamp, below two samples at 1 MS/s
_CLOCK_MONOTONIC = 1


@intrinsic
def _read(
    typing: Any,
    function: Any,
    device: Any,
    stream: Any,
    buffers: Any,
    count: Any,
    flags: Any,
    time_ns: Any,
    timeout_us: Any,
) -> Any:
    """Call ``int read(device, stream, void **buffers, size_t count, int *flags, long long *ns, long us)``."""
    signature = types.int32(*[types.uintp] * 8)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        from llvmlite import ir  # type: ignore[import-untyped]

        pointer, word = ir.IntType(8).as_pointer(), args[0].type
        kind = ir.FunctionType(ir.IntType(32), [pointer, pointer, pointer, word, pointer, pointer, word])
        call = builder.inttoptr(args[0], kind.as_pointer())
        given = [builder.inttoptr(args[index], pointer) for index in (1, 2, 3)]
        given += [args[4], builder.inttoptr(args[5], pointer), builder.inttoptr(args[6], pointer), args[7]]
        return builder.call(call, given)

    return signature, generate


@intrinsic
def _clock(typing: Any, function: Any, place: Any) -> Any:
    """Call ``int clock_gettime(CLOCK_MONOTONIC, struct timespec *)``."""
    signature = types.int32(types.uintp, types.uintp)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        from llvmlite import ir

        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.IntType(32), [ir.IntType(32), pointer])
        call = builder.inttoptr(args[0], kind.as_pointer())
        which = ir.Constant(ir.IntType(32), _CLOCK_MONOTONIC)
        return builder.call(call, [which, builder.inttoptr(args[1], pointer)])

    return signature, generate


@intrinsic
def _fence(typing: Any) -> Any:
    """Order every access before against every access after."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@numba.njit(nogil=True, cache=True)
def _now_ns(clock_function: Any, timespec: Any) -> Any:
    """CLOCK_MONOTONIC in nanoseconds."""
    _clock(clock_function, np.uintp(timespec.ctypes.data))
    return timespec[0] * np.int64(1_000_000_000) + timespec[1]


@numba.njit(nogil=True, cache=True)
def read_into_ring(
    functions: NDArray[np.uintp],  # addresses of the read function, of clock_gettime, device and stream
    ring: NDArray[np.uint8],  # (slots + 1, slot bytes); the last slot takes what a full ring cannot
    meta: NDArray[np.int64],  # (slots + 1, META_SIZE)
    state: NDArray[np.int64],  # (STATE_SIZE,)
    sample_bytes: int,
    sample_ns: float,  # nanoseconds a sample lasts
    timeout_us: int,
) -> None:
    """Read until ``state[STOP]`` is set or the driver fails for good.

    A slot is closed when it is full, after an overflow, and where a timestamp shows a gap. When the ring is
    full, whole slots are dropped and their samples counted into the next slot's LOST_BEFORE.
    """
    slots = ring.shape[0] - 1
    slot_samples = ring.shape[1] // sample_bytes
    pointer = np.zeros(1, np.uintp)
    flags = np.zeros(1, np.int32)
    time_ns = np.zeros(1, np.int64)
    timespec = np.zeros(2, np.int64)
    errors = 0
    lost = np.int64(0)
    overflowed = np.int64(0)
    carried = np.int64(0)  # samples that came behind a gap, and are in the scratch below
    carried_time = np.int64(0)
    carry = np.zeros(ring.shape[1], np.uint8)
    silent_since = _now_ns(functions[1], timespec)
    while state[STOP] == 0:
        full = state[HEAD] - state[TAIL] >= slots
        slot = slots if full else state[HEAD] % slots
        fill = carried
        has_time = np.int64(0)
        first_time = np.int64(0)
        seen = np.int64(0)
        seen_fill = np.int64(0)
        if carried > 0:
            ring[slot, : carried * sample_bytes] = carry[: carried * sample_bytes]
            has_time, first_time, carried = np.int64(1), carried_time, np.int64(0)
        closed = False
        while not closed and fill < slot_samples and state[STOP] == 0:
            pointer[0] = ring[slot].ctypes.data + fill * sample_bytes
            flags[0] = 0
            begun = _now_ns(functions[1], timespec)
            got = _read(
                functions[0], functions[2], functions[3], np.uintp(pointer.ctypes.data),
                np.uintp(slot_samples - fill), np.uintp(flags.ctypes.data), np.uintp(time_ns.ctypes.data),
                np.uintp(timeout_us),
            )  # fmt: skip
            ended = _now_ns(functions[1], timespec)
            if got > 0:
                errors = 0
                silent_since = ended
                state[SILENT_NS] = 0
                timed = (flags[0] & _HAS_TIME_FLAG) != 0
                if timed and has_time == 1:
                    late = time_ns[0] - first_time - np.int64(fill * sample_ns)
                    if abs(late) > _TIME_TOLERANCE_NS + 1.5 * sample_ns:
                        start = fill * sample_bytes
                        carry[: got * sample_bytes] = ring[slot, start : start + got * sample_bytes]
                        carried, carried_time = np.int64(got), time_ns[0]
                        closed = True
                        continue
                if timed and fill == 0:
                    has_time, first_time = np.int64(1), time_ns[0]
                if ended - begun > _WAIT_NS:
                    seen, seen_fill = begun, fill
                fill += got
            elif got == OVERFLOW:
                state[OVERFLOWS] += 1
                closed = bool(fill > 0)
                if not closed:
                    overflowed = np.int64(1)
            else:
                if got == TIMEOUT or got == 0:
                    state[TIMEOUTS] += 1
                    state[SILENT_NS] = ended - silent_since
                else:
                    errors += 1
                    if errors >= _ERRORS_IN_A_ROW:
                        state[FAILED] = got
                        return
                # What is there goes out while the driver is silent.
                closed = bool(fill > 0)
        if fill == 0:
            continue
        if full:
            lost += fill
            state[RING_LOST] += fill
            # An overflow is told with the next slot that is kept.
            overflowed = np.int64(1) if got == OVERFLOW else overflowed
            continue
        meta[slot, COUNT] = fill
        meta[slot, HAS_TIME] = has_time
        meta[slot, TIME_NS] = first_time
        meta[slot, SEEN_NS] = seen
        meta[slot, SEEN_FILL] = seen_fill
        meta[slot, OVERFLOWED] = overflowed
        meta[slot, LOST_BEFORE] = lost
        overflowed = np.int64(1) if closed and carried == 0 and got == OVERFLOW else np.int64(0)
        lost = np.int64(0)
        _fence()
        state[HEAD] += 1
