"""The fields of a message under gsctl's names: units in the name, "not available" as None."""

from __future__ import annotations

import binascii
import functools

from gsctl.ais.applications import application_fields
from gsctl.ais.bits import AisBits
from gsctl.ais.field_table import NAME_EXTENSION, Reader, outputs_of, rest_of_run
from gsctl.ais.layouts import FieldKind, Layout, layout_of
from gsctl.model import FieldValue

# Those that stand in a log line; reading only these is what makes a hundred thousand lines quick.
COLUMN_FIELDS = frozenset(
    {
        "latitude_deg",
        "longitude_deg",
        "speed_over_ground_kn",
        "course_over_ground_deg",
        "true_heading_deg",
        "navigation_status",
        "navigation_status_code",
        "name",
        "callsign",
        "ship_type",
        "ship_type_code",
        "destination",
        "imo_number",
        "length_m",
        "beam_m",
        "draught_m",
        "eta",
        "text",
        "dac",
        "fid",
        "data_hex",
    }
)

# A number: name, shift (None where the message ends before it does), mask, sign bit or 0, reader.
_Number = tuple[str, int | None, int, int, Reader]
# Text or data: name, kind, offset, width.
_Run = tuple[str, FieldKind, int, int]


def decode_fields(bits: AisBits) -> dict[str, FieldValue]:
    """All fields of a message; what is not available, or cut off by the message's end, is None.

    ``data_hex`` of types 6, 8, 17, 25 and 26 holds the bits after the application's identifier,
    ``data_bits`` their number. An unknown message type has its head alone.
    """
    layout = layout_of(bits)
    if layout is None:
        return {
            "message_type": bits.unsigned(0, 6),
            "repeat_indicator": bits.unsigned(6, 2),
            "mmsi": bits.unsigned(8, 30),
        }
    fields = _read(bits, *_plan(bits.unsigned(0, 6), layout, bits.count, False))
    _tidy(fields)
    if fields.get("data_hex") is not None:
        fields["data_bits"] = min(bits.count - layout["data"].offset, layout["data"].width)
        fields |= application_fields(bits.unsigned(0, 6), bits)
    return fields


def decode_columns(bits: AisBits) -> dict[str, FieldValue]:
    """The fields of ``COLUMN_FIELDS`` that a message has."""
    layout = layout_of(bits)
    if layout is None:
        return {}
    fields = _read(bits, *_plan(bits.unsigned(0, 6), layout, bits.count, True))
    _tidy(fields)
    return fields


def _tidy(fields: dict[str, FieldValue]) -> None:
    """Settle what needs two fields: a position is known whole or not at all, long names are joined."""
    if "latitude_deg" in fields and (fields["latitude_deg"] is None or fields["longitude_deg"] is None):
        fields["latitude_deg"] = fields["longitude_deg"] = None
    # A name of 20 characters goes on in the extension of type 21.
    extension = fields.pop(NAME_EXTENSION, None)
    if extension and fields.get("name"):
        fields["name"] = f"{fields['name']}{extension}"


def position_is_impossible(bits: AisBits) -> bool:
    """Whether a message gives a position off the globe, which is not the way to say "not available"."""
    layout = layout_of(bits)
    if layout is None or "lat" not in layout:
        return False
    for name, not_available_deg, limit_deg in (("lat", 91, 90), ("lon", 181, 180)):
        field = layout[name]
        if bits.count < field.offset + field.width:
            continue
        raw = bits.unsigned(field.offset, field.width)
        raw -= (raw >> (field.width - 1)) << field.width
        scale = 600_000 if field.width > 20 else 600
        if abs(raw) > limit_deg * scale and raw != not_available_deg * scale:
            return True
    return False


# Messages of one type nearly all have one length: their shifts and masks are worked out once.
@functools.lru_cache(maxsize=1024)
def _plan(
    message_type: int, layout: Layout, bit_count: int, columns_only: bool
) -> tuple[tuple[_Number, ...], tuple[_Run, ...]]:
    numbers: list[_Number] = []
    runs: list[_Run] = []
    already_read: set[str] = set()
    for name, field in layout.items():
        if name in already_read:
            continue
        already_read.update(rest_of_run(name))
        for output in outputs_of(message_type, name, field.width, field.kind):
            if columns_only and output.name not in COLUMN_FIELDS and output.name != NAME_EXTENSION:
                continue
            end = layout.get(output.through, field)
            width = end.offset + end.width - field.offset
            shift = bit_count - field.offset - width
            if field.kind is FieldKind.NUMBER:
                sign = 1 << (width - 1) if field.signed else 0
                numbers.append(
                    (output.name, shift if shift >= 0 else None, (1 << width) - 1, sign, output.read)
                )
            else:
                runs.append((output.name, field.kind, field.offset, min(width, bit_count - field.offset)))
    return tuple(numbers), tuple(runs)


def _read(bits: AisBits, numbers: tuple[_Number, ...], runs: tuple[_Run, ...]) -> dict[str, FieldValue]:
    value = bits.value
    fields: dict[str, FieldValue] = {}
    for name, shift, mask, sign, read in numbers:
        if shift is None:
            fields[name] = None
            continue
        raw = (value >> shift) & mask
        # Two's complement: a set sign bit stands for minus twice its value.
        fields[name] = read(raw - ((raw & sign) << 1))
    for name, kind, offset, width in runs:
        fields[name] = (_text if kind is FieldKind.TEXT else _hex)(bits, offset, width)
    return fields


_SIX_BIT = bytes(value + 64 if value < 32 else value for value in range(64))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_TEXT = bytes.maketrans(_BASE64, _SIX_BIT)


def _text(bits: AisBits, offset: int, width: int) -> str | None:
    """Six-bit characters up to the first ``@``, without the spaces behind; None where nothing is left."""
    characters = width // 6
    if characters <= 0:
        return None
    width = characters * 6
    raw = bits.unsigned(offset, width)
    size = (width + 7) // 8
    packed = binascii.b2a_base64((raw << (size * 8 - width)).to_bytes(size, "big"), newline=False)
    text = packed[:characters].translate(_TO_TEXT).partition(b"@")[0]
    return text.rstrip(b" ").decode("ascii") or None


def _hex(bits: AisBits, offset: int, width: int) -> str | None:
    """The bits from an offset as hexadecimal digits, first bit first, the last byte filled with zeros."""
    if width <= 0:
        return None
    size = (width + 7) // 8
    return (bits.unsigned(offset, width) << (size * 8 - width)).to_bytes(size, "big").hex()
