"""The language between gsctl and its GNU Radio process: framed messages one way, lines of JSON the other.

GNU Radio to gsctl, on a pipe: a header of 32 bytes, little-endian, then the payload.

===== ======== ==========================================================================
bytes format   meaning
===== ======== ==========================================================================
0-3   4s       ``GSF1``
4     B        kind: 1 state, 2 samples, 3 failure
5     B        flags: bit 0, samples before these were lost
6-7   H        zero
8-11  I        bytes of payload
12-15 I        zero
16-23 Q        samples handed over before these
24-31 q        monotonic time in ns at which the last of these samples came out of the flowgraph
===== ======== ==========================================================================

The payload of *samples* is complex float32; that of *state* and *failure* is JSON. The other way, on the
process's standard input, each line is a JSON object: first the configuration, then ``{"retune_hz": HZ}``.
The end of that input ends the process.

Only the standard library is used here, because both Pythons read this file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STATE, SAMPLES, FAILURE = 1, 2, 3
LOST_BEFORE = 1
MAX_PAYLOAD_BYTES = 16 << 20
_MAGIC = b"GSF1"
_HEADER = struct.Struct("<4sBBHIIQq")


@dataclass(frozen=True)
class Message:
    """One message from the process; see the module's table."""

    kind: int
    payload: bytes
    flags: int = 0
    position: int = 0
    seen_ns: int = 0

    def values(self) -> dict[str, Any]:
        """The JSON object of a state or a failure.

        Raises:
            ValueError: it is none.
        """
        values = json.loads(self.payload)
        if not isinstance(values, dict):
            raise ValueError("not a JSON object")
        return values


def pack(message: Message) -> bytes:
    """The bytes of a message."""
    head = _HEADER.pack(
        _MAGIC, message.kind, message.flags, 0, len(message.payload), 0, message.position, message.seen_ns
    )
    return head + message.payload


def read_message(read_exactly: Callable[[int], bytes]) -> Message | None:
    """Read the next message; None at the end of the pipe.

    Args:
        read_exactly: gives so many bytes, fewer only at the end.

    Raises:
        ValueError: what came is no message.
    """
    head = read_exactly(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    magic, kind, flags, _, size, _, position, seen_ns = _HEADER.unpack(head)
    if magic != _MAGIC or size > MAX_PAYLOAD_BYTES:
        raise ValueError("the flowgraph's process sent something else than a message")
    payload = read_exactly(size)
    if len(payload) < size:
        return None
    return Message(kind=kind, payload=payload, flags=flags, position=position, seen_ns=seen_ns)
