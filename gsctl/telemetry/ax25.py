"""AX.25 frames: tell them, take their header apart, and give every one a record.

Source: AX.25 Link Access Protocol, version 2.2, sections 3.12 (addresses), 4.3 (control).

::

    destination  7 bytes   six characters shifted left by one, then C/H RR SSID X
    source       7 bytes   the same; X = 1 marks the last address
    digipeaters  0-8 * 7   the same; H = 1: already repeated (a star behind the call sign)
    control      1 byte    03 is UI
    PID          1 byte    only in I and UI frames; F0 is "no layer 3"
    info         the rest
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsctl.errors import ProtocolError
from gsctl.framing import Ax25
from gsctl.model import Record
from gsctl.telemetry.adapters import printable

if TYPE_CHECKING:
    from gsctl.model import Frame

_MAX_ADDRESSES = 10
_CALL_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")
_U_FRAMES = {0x03: "UI", 0x2F: "SABM", 0x6F: "SABME", 0x43: "DISC", 0x0F: "DM", 0x63: "UA", 0x87: "FRMR"}
_S_FRAMES = ("RR", "RNR", "REJ", "SREJ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax25Parts:
    """An AX.25 frame taken apart; ``pid`` is None where the frame type has none."""

    destination: str
    source: str
    digipeaters: tuple[str, ...]
    control: int
    frame_type: str
    pid: int | None
    info: bytes


def split_ax25(payload: bytes) -> Ax25Parts:
    """Take an AX.25 frame (without FCS) apart.

    A frame whose addresses do not end where they should is read with two of them, as satellites
    with a faulty header mean it.

    Raises:
        ValueError: the frame is too short for two addresses and a control byte.
    """
    if len(payload) < 15:
        raise ValueError(f"{len(payload)} bytes are no AX.25 frame")
    count = _address_count(payload) or 2
    addresses = [payload[7 * i : 7 * i + 7] for i in range(count)]
    control = payload[7 * count]
    frame_type = _frame_type(control)
    rest = payload[7 * count + 1 :]
    has_pid = frame_type in {"UI", "I"} and len(rest) > 0
    return Ax25Parts(
        destination=_call(addresses[0]),
        source=_call(addresses[1]),
        digipeaters=tuple(_call(raw) + ("*" if raw[6] & 0x80 else "") for raw in addresses[2:]),
        control=control,
        frame_type=frame_type,
        pid=rest[0] if has_pid else None,
        info=rest[1:] if has_pid else rest,
    )


def is_ax25(payload: bytes) -> bool:
    """Whether the bytes begin with well-formed AX.25 addresses of plain call signs."""
    count = _address_count(payload)
    if count < 2 or len(payload) < 7 * count + 1:
        return False
    for i in range(count):
        call = bytes(byte >> 1 for byte in payload[7 * i : 7 * i + 6])
        if not _CALL_CHARACTERS.issuperset(call) or call[:1] == b" " or b" " in call.rstrip():
            return False
    return True


def ax25_from(
    source: str, *, info_bytes: int | tuple[int, int] | None = None, info_starts: bytes = b""
) -> Callable[[bytes], bool]:
    """A test for ``ConstructSchema.when``: frames with a PID (UI, and I as some send it) from one call sign.

    Args:
        source: the source's call sign; with ``-SSID`` the SSID must be the same too.
        info_bytes: length of the info field, or its least and greatest length.
        info_starts: the bytes that the info field begins with.
    """
    least, greatest = (info_bytes, info_bytes) if isinstance(info_bytes, int) else info_bytes or (0, 1 << 16)

    def when(payload: bytes) -> bool:
        if len(payload) < 16:
            return False
        parts = split_ax25(payload)
        heard = parts.source if "-" in source else parts.source.partition("-")[0]
        return (
            heard == source
            and parts.pid is not None
            and least <= len(parts.info) <= greatest
            and parts.info.startswith(info_starts)
        )

    return when


def _address_count(payload: bytes) -> int:
    """How many addresses come before the one that is marked last; 0 if none is."""
    for count in range(2, _MAX_ADDRESSES + 1):
        last = 7 * count - 1
        if last >= len(payload):
            return 0
        if payload[last] & 1:
            clean = not any(byte & 1 for byte in payload[:last])
            return count if clean else 0
    return 0


def _call(raw: bytes) -> str:
    call = printable(bytes(byte >> 1 for byte in raw[:6]).rstrip(b"\0 "))
    ssid = raw[6] >> 1 & 0x0F
    return f"{call}-{ssid}" if ssid else call


def _frame_type(control: int) -> str:
    if control & 1 == 0:
        return "I"
    if control & 2 == 0:
        return _S_FRAMES[control >> 2 & 3]
    return _U_FRAMES.get(control & 0xEF, f"U ({control:02X})")


@dataclass(frozen=True, slots=True)
class Ax25UiSchema:
    """Schema ``ax25``: every AX.25 frame yields its addresses, control, PID and info field."""

    name: str = "ax25"

    def matches(self, frame: Frame) -> bool:
        """Whether the frame came from an AX.25 deframer, or looks like AX.25 beyond doubt."""
        return (isinstance(frame.framing, Ax25) and len(frame.payload) >= 15) or is_ax25(frame.payload)

    def parse(self, frame: Frame) -> Record:
        """Parse an AX.25 frame; ``info_text`` writes bytes that are no text as ``<0x1b>``.

        Raises:
            ProtocolError: the frame is too short.
        """
        try:
            parts = split_ax25(frame.payload)
        except ValueError as error:
            raise ProtocolError(str(error), where=self.name) from error
        return Record(
            schema=self.name,
            fields={
                "source": parts.source,
                "destination": parts.destination,
                "digipeaters": ",".join(parts.digipeaters),
                "frame_type": parts.frame_type,
                "control": f"{parts.control:02X}",
                "pid": None if parts.pid is None else f"{parts.pid:02X}",
                "info_length_bytes": len(parts.info),
                "info_text": printable(parts.info),
                "info_hex": parts.info.hex().upper(),
            },
            payload=frame.payload,
            received_at=frame.received_at,
            satellite=frame.satellite,
            transmitter=frame.transmitter,
        )


AX25 = Ax25UiSchema()
