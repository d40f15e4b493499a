"""Telemetry that is sent as text: a tag and values between commas, or pairs of hex digits in Morse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from construct import Container, ExprAdapter, GreedyBytes, Struct

from gsctl.model import FieldValue
from gsctl.telemetry.adapters import printable, tidy
from gsctl.telemetry.schema import ConstructSchema

_LONGEST_LINE = 1024
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")

Reader = Callable[[str], FieldValue]


def comma_separated(tag: str, **fields: Reader) -> Any:
    """A line ``TAG,value,value,...`` as the rest of a frame; parsing only.

    Zero bytes, spaces and line ends behind it are ignored; an empty value is None.

    Args:
        tag: the first word.
        fields: name of each value in order, and what reads it: ``whole``, ``decimal``, ``times``,
            ``word``, ``hexadecimal_number``, ``one_of``.
    """

    def decode(raw: bytes, _context: object) -> Container:
        if len(raw) > _LONGEST_LINE:
            raise ValueError(f"a line of {len(raw)} bytes")
        words = raw.rstrip(b"\0 \r\n").decode("ascii").split(",")
        if words[0] != tag or len(words) != len(fields) + 1:
            raise ValueError(f"{len(words)} words do not make a line {tag} of {len(fields) + 1}")
        values = zip(fields.items(), words[1:], strict=True)
        return Container((name, read(word) if word else None) for (name, read), word in values)

    def encode(_value: object, _context: object) -> bytes:
        raise NotImplementedError("text telemetry cannot be built")

    return ExprAdapter(GreedyBytes, decode, encode)


def hex_pairs(tag: str, layout: Any, *, transcribed: bytes = b"") -> Any:
    """A beacon line such as ``S1 9A 3C .. 80`` as the rest of a frame; parsing only.

    Whatever stands before and behind the line is ignored, and so is case. A pair that could not be
    read, ``..``, becomes FF, as SatNOGS transcribes it; the layout says which fields take that as
    unknown.

    Args:
        tag: the word before the pairs.
        layout: Construct of the pairs' bytes, of a fixed size.
        transcribed: what begins the SatNOGS transcription, in which the bytes follow as they are.
    """
    size = layout.sizeof()
    pattern = _hex_pattern(tag, size)

    def decode(raw: bytes, _context: object) -> Any:
        if transcribed and len(raw) == len(transcribed) + size and raw.lower().startswith(transcribed):
            return layout.parse(raw[len(transcribed) :])
        found = pattern.search(raw[:_LONGEST_LINE])
        if found is None:
            raise ValueError(f"no line {tag} of {size} hex pairs")
        return layout.parse(bytes.fromhex(found[1].replace(b"..", b"FF").decode("ascii")))

    def encode(_value: object, _context: object) -> bytes:
        raise NotImplementedError("a Morse beacon cannot be built")

    return ExprAdapter(GreedyBytes, decode, encode)


def has_hex_pairs(tag: str, count: int, *, transcribed: bytes = b"") -> Callable[[bytes], bool]:
    """A test for ``ConstructSchema.when``: there is such a line, or its SatNOGS transcription."""
    pattern = _hex_pattern(tag, count)

    def when(payload: bytes) -> bool:
        as_bytes = len(payload) == len(transcribed) + count and payload.lower().startswith(transcribed)
        return (bool(transcribed) and as_bytes) or pattern.search(payload[:_LONGEST_LINE]) is not None

    return when


def hex_pairs_schema(name: str, tag: str, line: Any, *, transcribed: bytes = b"") -> ConstructSchema:
    """The schema of a beacon line of hex pairs; its sender stands outside it.

    Args:
        name: of the schema.
        tag, transcribed: see :func:`hex_pairs`.
        line: Construct of the pairs' bytes, of a fixed size.
    """
    return ConstructSchema(
        name=name,
        layout=Struct("*line" / hex_pairs(tag, line, transcribed=transcribed)),
        when=has_hex_pairs(tag, line.sizeof(), transcribed=transcribed),
        names_sender=False,
    )


def _hex_pattern(tag: str, count: int) -> re.Pattern[bytes]:
    pair = r"(?:[0-9A-F]{2}|\.\.)"
    text = rf"(?<![0-9A-Z]){re.escape(tag)}\s+({pair}(?:\s+{pair}){{{count - 1}}})(?![0-9A-Z.])"
    return re.compile(text.encode("ascii"), re.IGNORECASE)


def whole(text: str) -> int:
    """A whole number in decimal."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def decimal(text: str) -> float | None:
    """A decimal number with or without a fraction."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is no number")
    return tidy(float(text))


def times(factor: float, offset: float = 0.0) -> Reader:
    """A whole number that counts steps: value = number * factor + offset."""
    return lambda text: tidy(whole(text) * factor + offset)


def word(text: str) -> str:
    """Any text, made printable."""
    return printable(text.encode("ascii", "replace"))


def hexadecimal_number(text: str) -> int:
    """A whole number in hexadecimal."""
    return int(text, 16)


def one_of(**words: int) -> Reader:
    """A number that stands for a word; one that is not listed reads ``unknown (7)``."""
    names = {value: name for name, value in words.items()}
    return lambda text: names.get(whole(text), f"unknown ({whole(text)})")
