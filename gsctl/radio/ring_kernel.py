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


# work: what the loop keeps between slots, one int64 each
_FILL, _STAMPED, _STAMP_NS, _SINCE, _GAP, _ERRORS, _OVERFLOW, _LOST, _GOT_AT, _SEEN, _SEEN_FILL, _CALM = (
    range(12)
)
_WORK_SIZE = 12


@numba.njit(nogil=True, cache=True)
def _jumped(work: Any, flags: Any, time_ns: Any, got: Any, sample_ns: Any) -> Any:
    """Follow the timestamps over ``got`` more samples; whether they say that samples are missing before them.

    Fragments of one datagram repeat its time (SoapyRemote does so), so a stamp counts only when it is new.
    """
    new = (flags & _HAS_TIME_FLAG) != 0 and (work[_STAMPED] == 0 or time_ns != work[_STAMP_NS])
    jumped = False
    if new:
        if work[_STAMPED] == 1:
            expected = work[_STAMP_NS] + np.int64(work[_SINCE] * sample_ns)
            jumped = abs(time_ns - expected) > _TIME_TOLERANCE_NS + 1.5 * sample_ns
        work[_STAMPED], work[_STAMP_NS], work[_SINCE] = 1, time_ns, 0
    work[_SINCE] += got
    return jumped


@numba.njit(nogil=True, cache=True)
def _publish(meta: Any, state: Any, work: Any, slot: Any, start_ns: Any, timed: Any) -> None:
    """Hand a slot over to the consumer."""
    meta[slot, COUNT] = work[_FILL]
    meta[slot, HAS_TIME] = timed
    meta[slot, TIME_NS] = start_ns
    meta[slot, SEEN_NS] = work[_SEEN]
    meta[slot, SEEN_FILL] = work[_SEEN_FILL]
    meta[slot, OVERFLOWED] = work[_GAP]
    meta[slot, LOST_BEFORE] = work[_LOST]
    work[_LOST] = 0
    _fence()
    state[HEAD] += 1


@numba.njit(nogil=True, cache=True)
def _note_nothing(state: Any, work: Any, got: Any, now_ns: Any) -> Any:
    """Count an answer without samples; whether the driver has failed for good."""
    if got == OVERFLOW:
        state[OVERFLOWS] += 1
        work[_OVERFLOW] = 1
        work[_STAMPED] = 0
    elif got == TIMEOUT or got == 0:
        state[TIMEOUTS] += 1
        state[SILENT_NS] = now_ns - work[_GOT_AT]
    else:
        work[_ERRORS] += 1
        if work[_ERRORS] >= _ERRORS_IN_A_ROW:
            state[FAILED] = got
            return True
    return False


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

    A slot is closed when it is full, when the driver has nothing or overflows, and where a timestamp shows a
    gap; the samples behind the gap begin the next slot. When the ring is full, whole slots are dropped and
    their samples counted into the next slot's LOST_BEFORE.
    """
    slots = ring.shape[0] - 1
    slot_samples = ring.shape[1] // sample_bytes
    pointer, flags, time_ns = np.zeros(1, np.uintp), np.zeros(1, np.int32), np.zeros(1, np.int64)
    timespec, work = np.zeros(2, np.int64), np.zeros(_WORK_SIZE, np.int64)
    carry, carried = np.zeros(ring.shape[1], np.uint8), np.int64(0)
    work[_GOT_AT] = _now_ns(functions[1], timespec)
    while state[STOP] == 0:
        full = state[HEAD] - state[TAIL] >= slots
        slot = slots if full else state[HEAD] % slots
        ring[slot, : carried * sample_bytes] = carry[: carried * sample_bytes]
        work[_FILL], work[_SEEN], work[_SEEN_FILL], work[_GAP] = carried, 0, 0, work[_OVERFLOW]
        start_ns = work[_STAMP_NS] + np.int64((work[_SINCE] - carried) * sample_ns)
        timed, work[_OVERFLOW], carried = work[_STAMPED], 0, np.int64(0)
        while work[_FILL] < slot_samples and state[STOP] == 0:
            fill = work[_FILL]
            pointer[0] = ring[slot].ctypes.data + fill * sample_bytes
            flags[0] = 0
            begun = _now_ns(functions[1], timespec)
            got = _read(
                functions[0], functions[2], functions[3], np.uintp(pointer.ctypes.data),
                np.uintp(slot_samples - fill), np.uintp(flags.ctypes.data), np.uintp(time_ns.ctypes.data),
                np.uintp(timeout_us),
            )  # fmt: skip
            ended = _now_ns(functions[1], timespec)
            # Found empty right after it gave something: the one moment that tells when samples were taken.
            if work[_CALM] == 1 and (got == TIMEOUT or (got > 0 and ended - begun > _WAIT_NS)):
                work[_SEEN], work[_SEEN_FILL] = begun, fill
            work[_CALM] = 1 if got > 0 else 0
            if got <= 0:
                if _note_nothing(state, work, got, ended):
                    return
                if fill > 0:
                    break
                work[_GAP], work[_OVERFLOW] = max(work[_GAP], work[_OVERFLOW]), 0
                continue
            work[_ERRORS], work[_GOT_AT], state[SILENT_NS] = 0, ended, 0
            jumped = _jumped(work, flags[0], time_ns[0], np.int64(got), sample_ns)
            if jumped and fill > 0:
                start = fill * sample_bytes
                carry[: got * sample_bytes] = ring[slot, start : start + got * sample_bytes]
                carried = np.int64(got)
                break
            if fill == 0:
                timed = work[_STAMPED]
                start_ns = work[_STAMP_NS] + np.int64((work[_SINCE] - got) * sample_ns)
            work[_FILL] += got
        if work[_FILL] == 0:
            continue
        if full:
            work[_LOST] += work[_FILL]
            state[RING_LOST] += work[_FILL]
            work[_OVERFLOW] = max(work[_OVERFLOW], work[_GAP])  # told with the next slot that is kept
            continue
        _publish(meta, state, work, slot, start_ns, timed)
