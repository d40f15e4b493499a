"""AX.25 UI frames for simulated traffic (AX.25 2.2, sections 3.12 and 4.3.3)."""

from __future__ import annotations

from gsctl.errors import UsageError

_CONTROL_UI = 0x03
_PID_NO_LAYER_3 = 0xF0


def ui_frame(destination: str, source: str, info: bytes) -> bytes:
    """A UI frame without FCS: two addresses, control, PID and ``info``.

    Args:
        destination: call sign with or without SSID, such as ``CQ`` or ``XV9NDG-1``.
        source: likewise.
        info: the information field.

    Raises:
        UsageError: a call sign does not fit.
    """
    addresses = _address(destination, last=False) + _address(source, last=True)
    return addresses + bytes([_CONTROL_UI, _PID_NO_LAYER_3]) + info


def _address(call: str, *, last: bool) -> bytes:
    name, _, ssid = call.upper().partition("-")
    if not (1 <= len(name) <= 6 and name.isascii() and name.isalnum() and (ssid or "0").isdecimal()):
        raise UsageError(f"{call!r} is no AX.25 address", advice="up to six letters and digits, then -SSID")
    number = int(ssid or "0")
    if number > 15:
        raise UsageError(f"the SSID of {call!r} is above 15", advice="write it as CALL-0 to CALL-15")
    # Characters move up one bit; the command bit (destination) and two reserved ones are set.
    flags = 0x60 | number << 1 | (0x01 if last else 0x80)
    return bytes(ord(letter) << 1 for letter in name.ljust(6)) + bytes([flags])
