"""Construct adapters for telemetry: scaled numbers, readable enumerations, times, texts, call signs.

Each takes what is on the air and gives a value that can stand in a log as it is
(``FieldValue``), and builds the bytes again from that value. Sources: the
documents named in each protocol file; AX.25 2.2 section 3.12 for addresses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from construct import BitsInteger, BitStruct, Bytes, ByteSwapped, Container, ExprAdapter, Int32ub, Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = re.compile(r"unknown \((-?\d+)\)")
_BYTE = re.compile(rb"<0x([0-9a-f]{2})>")
_ADDRESS = re.compile(r"([^-]{0,6})(?:-(\d{1,2}))?")


def tidy(value: float) -> float | None:
    """Round a computed value to ten significant digits, enough for any sensor; None if not finite."""
    return float(f"{value:.10g}") if math.isfinite(value) else None


def scaled(number: Any, factor: float, offset: float = 0.0, *, unknown: int | None = None) -> Any:
    """A number sent as a scaled integer: value = raw * factor + offset.

    Args:
        number: the Construct of the raw number.
        factor: unit of one step.
        offset: value of raw 0.
        unknown: the raw number that stands for "no value"; it becomes None.

    Building rounds to the nearest step and raises as ``number`` does when it does not fit.
    """

    def decode(raw: float, _context: object) -> float | None:
        return None if raw == unknown else tidy(raw * factor + offset)

    def encode(value: float | None, _context: object) -> int:
        if value is None:
            if unknown is None:
                raise ValueError("no raw number stands for an unknown value")
            return unknown
        return round((value - offset) / factor)

    return ExprAdapter(number, decode, encode)


def converted(number: Any, formula: Callable[[float], float], *, unknown: int | None = None) -> Any:
    """A number whose value is a formula of the raw one (a polynomial, say); parsing only."""

    def decode(raw: float, _context: object) -> float | None:
        return None if raw == unknown else tidy(formula(raw))

    def encode(_value: object, _context: object) -> int:
        raise NotImplementedError("a field given by a formula cannot be built")

    return ExprAdapter(number, decode, encode)


def real(number: Any) -> Any:
    """A floating-point number as sent; NaN and infinity become None."""

    def encode(value: float | None, _context: object) -> float:
        return math.nan if value is None else value

    return ExprAdapter(number, lambda raw, _context: tidy(raw), encode)


def enumeration(number: Any, **names: int) -> Any:
    """A number that stands for a word; one that is not listed reads ``unknown (7)``.

    Construct's own ``Enum`` would give a bare integer there, which looks like a value.
    """
    words = {value: name for name, value in names.items()}

    def decode(raw: int, _context: object) -> str:
        return words.get(int(raw), f"unknown ({int(raw)})")

    def encode(word: str, _context: object) -> int:
        unlisted = _UNKNOWN.fullmatch(word)
        return int(unlisted[1]) if unlisted else names[word]

    return ExprAdapter(number, decode, encode)


def boolean(number: Any) -> Any:
    """A whole byte or word used as a flag: zero is false, anything else is true."""
    return ExprAdapter(number, lambda raw, _context: bool(raw), lambda value, _context: int(value))


def low_bits_first(*fields: Any) -> Any:
    """Bit fields packed from the least significant bit of the first byte upwards.

    The opposite of Construct's ``BitStruct``: together the bytes are one little-endian number, of
    which the first field is the lowest bits. The fields (``BitsInteger``, ``Flag``, ``Padding``) are
    given in the order of the document and must fill whole bytes.
    """
    names = [field.name for field in fields if field.name]
    # With the bytes reversed the highest bits come first, so the fields stand in reverse.
    packed = ByteSwapped(BitStruct(*reversed(fields)))

    def decode(values: Any, _context: object) -> Container:
        return Container((name, values[name]) for name in names)

    return ExprAdapter(packed, decode, lambda values, _context: values)


def bits_as_hex(count: int) -> Any:
    """Bits without a known meaning, as one number in upper-case hex, the highest digit first."""
    return ExprAdapter(
        BitsInteger(count),
        lambda raw, _context: f"{raw:0{count // 4}X}",
        lambda value, _context: int(value, 16),
    )


def iso_time(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix_time(number: Any = Int32ub, *, epoch: datetime = _EPOCH, ticks_per_s: int = 1) -> Any:
    """A count of seconds (or of ``ticks_per_s``) since ``epoch`` to ISO 8601 with ``Z``.

    A count that no calendar holds reads ``out of range (N)``. Leap seconds are not counted,
    as in UNIX time.
    """

    def decode(raw: float, _context: object) -> str | None:
        if not math.isfinite(raw):
            return None
        try:
            return iso_time(epoch + timedelta(microseconds=round(raw * 1_000_000 / ticks_per_s)))
        except OverflowError:
            return f"out of range ({raw})"

    def encode(text: str, _context: object) -> int:
        since = datetime.fromisoformat(text) - epoch
        return round(since / timedelta(microseconds=1) * ticks_per_s / 1_000_000)

    return ExprAdapter(number, decode, encode)


def printable(raw: bytes) -> str:
    """Bytes as text that is safe on a terminal: UTF-8 where they are, anything else as ``<0x1b>``.

    The notation is Dire Wolf's. It is for reading; where the bytes matter, log them as hex too.
    """
    try:
        characters = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if 32 <= byte < 127 else f"<0x{byte:02x}>" for byte in raw)
    return "".join(
        character if character.isprintable() else "".join(f"<0x{byte:02x}>" for byte in character.encode())
        for character in characters
    )


def _unprintable(text: str) -> bytes:
    return _BYTE.sub(lambda match: bytes.fromhex(match[1].decode()), text.encode("utf-8"))


def text(length: Any) -> Any:
    """Text of ``length`` bytes, padded with zero bytes or spaces; see ``printable``."""

    def encode(value: str, _context: object) -> bytes:
        raw = _unprintable(value)
        return raw.ljust(length, b"\0") if isinstance(length, int) else raw

    return ExprAdapter(Bytes(length), lambda raw, _context: printable(raw.rstrip(b"\0 ")), encode)


def hexadecimal(length: Any) -> Any:
    """Bytes without a known meaning, as upper-case hex."""
    return ExprAdapter(
        Bytes(length), lambda raw, _context: raw.hex().upper(), lambda value, _context: bytes.fromhex(value)
    )


def ax25_address(*, last: bool) -> Any:
    """One AX.25 address of seven bytes as ``CALL`` or ``CALL-SSID`` (AX.25 2.2, section 3.12).

    The characters are shifted left by one bit; the seventh byte holds C/H, two reserved bits
    (sent as ones), the SSID and, in bit 0, whether the address is the ``last`` one. Parsing is
    lenient about everything but the length, because satellites are.
    """

    def decode(raw: bytes, _context: object) -> str:
        call = printable(bytes(byte >> 1 for byte in raw[:6]).rstrip(b"\0 "))
        ssid = raw[6] >> 1 & 0x0F
        return f"{call}-{ssid}" if ssid else call

    def encode(address: str, _context: object) -> bytes:
        match = _ADDRESS.fullmatch(address)
        ssid = int(match[2] or 0) if match else 16
        if match is None or ssid > 15:
            raise ValueError(f"{address!r} is no AX.25 address")
        call = match[1].encode("ascii").ljust(6)
        # A command frame of AX.25 2: the C bit is set in the destination, clear in the source.
        control = 0x61 if last else 0xE0
        return bytes(byte << 1 for byte in call) + bytes([control | ssid << 1])

    return ExprAdapter(Bytes(7), decode, encode)


def ax25_header() -> Any:
    """The sixteen bytes that begin a UI frame without digipeaters.

    ::

        0  destination  7 bytes, each character shifted left by one
        7  source       7 bytes
        14 control      03 is UI
        15 PID          F0 is "no layer 3"
    """
    return Struct(
        "destination" / ax25_address(last=False),
        "source" / ax25_address(last=True),
        "control" / hexadecimal(1),
        "pid" / hexadecimal(1),
    )


__all__ = [
    "ax25_address",
    "ax25_header",
    "boolean",
    "converted",
    "enumeration",
    "hexadecimal",
    "iso_time",
    "printable",
    "real",
    "scaled",
    "text",
    "tidy",
    "unix_time",
]
