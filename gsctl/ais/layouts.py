"""Where the fields of a message lie: the bit tables of pyais, as plain offsets.

pyais' tables are used and its decoder is not, for three reasons: the decoder turns enumeration
members that it does not know into "not available", it reads a field that the end of a short message
cuts as if it were whole, and it costs more than reading the ten fields of a log line. Where the
tables differ from Recommendation ITU-R M.1371-5, ``_SIGNED`` and ``_multiple_slot_layout`` mend them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from enum import Enum

from pyais import messages as pyais_messages
from pyais.messages import BYTES, MSG_CLASS, STR, Payload

from gsctl.ais.bits import AisBits

MESSAGE_TYPES = range(1, 28)
# Type, repeat indicator and MMSI: without them there is no message.
HEAD_BITS = 38
_COMMUNICATION_STATE_BITS = 20


class FieldKind(Enum):
    """How the bits of a field are read."""

    NUMBER = "number"
    TEXT = "text"  # six-bit characters
    DATA = "data"  # opaque bits, which may be fewer than the table allows


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """One field of a message; ``name`` is pyais' name, offset and width are in bits."""

    name: str
    offset: int
    width: int
    signed: bool
    kind: FieldKind


class Layout(dict[str, FieldLayout]):
    """The fields of one kind of message by pyais' names, in the order sent.

    Layouts are made once and kept, so one is equal only to itself and can be the key of a cache.
    """

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


_VARIANTS: dict[tuple[int, int], type[Payload]] = {
    (6, 0): pyais_messages.MessageType6Default,
    (8, 0): pyais_messages.MessageType8Default,
    (16, 0): pyais_messages.MessageType16DestinationA,
    (16, 1): pyais_messages.MessageType16DestinationAB,
    (22, 0): pyais_messages.MessageType22Broadcast,
    (22, 1): pyais_messages.MessageType22Addressed,
    (24, 0): pyais_messages.MessageType24PartA,
    (24, 1): pyais_messages.MessageType24PartB,
    (24, 5): pyais_messages.MessageType24PartBAuxiliaryCraft,
    (25, 0): pyais_messages.MessageType25BroadcastUnstructured,
    (25, 1): pyais_messages.MessageType25BroadcastStructured,
    (25, 2): pyais_messages.MessageType25AddressedUnstructured,
    (25, 3): pyais_messages.MessageType25AddressedStructured,
    (26, 0): pyais_messages.MessageType26BroadcastUnstructured,
    (26, 1): pyais_messages.MessageType26BroadcastStructured,
    (26, 2): pyais_messages.MessageType26AddressedUnstructured,
    (26, 3): pyais_messages.MessageType26AddressedStructured,
}
# (type, field): pyais reads these as unsigned; M.1371-5, annex 8, message 17 has them in two's complement.
_SIGNED = {(17, "lon"), (17, "lat")}


def layout_of(bits: AisBits) -> Layout | None:
    """The fields of a message by pyais' names, in the order sent; None where the type is unknown.

    Fields may reach beyond the end of a short message: the reader leaves those out.
    """
    message_type = bits.unsigned(0, 6)
    if message_type not in MESSAGE_TYPES or bits.count < HEAD_BITS:
        return None
    if message_type == 26:
        return _multiple_slot_layout(_variant(26, bits), bits.count)
    return _layout(message_type, _variant(message_type, bits))


def _variant(message_type: int, bits: AisBits) -> int:
    if message_type == 16:
        return int(bits.count > 96)
    if message_type == 22:
        return bits.unsigned(139, 1)
    if message_type == 24:
        # The dimensions of a craft on a mother ship (MMSI 98...) are the mother ship's MMSI.
        part = bits.unsigned(38, 2)
        return 5 if part == 1 and bits.unsigned(8, 30) // 10_000_000 == 98 else part
    if message_type in (25, 26):
        return bits.unsigned(38, 2)
    return 0


@functools.cache
def _layout(message_type: int, variant: int) -> Layout:
    message_class = _VARIANTS.get((message_type, variant))
    if message_class is None:
        # Types 16 to 26 have all their variants above, but type 24 has no part 2 or 3: only its
        # head is known, and that is the head of a part A.
        if message_type == 24:
            return Layout(list(_layout(24, 0).items())[:4])
        message_class = MSG_CLASS[message_type]
    fields = Layout()
    for name, offset, width, signed, kind, _ in message_class.decoder_plan():
        field_kind = FieldKind.TEXT if kind == STR else FieldKind.DATA if kind == BYTES else FieldKind.NUMBER
        if not name.startswith(("spare", "empty")):
            fields[name] = FieldLayout(
                name, offset, width, signed or (message_type, name) in _SIGNED, field_kind
            )
    return fields


@functools.lru_cache(maxsize=64)
def _multiple_slot_layout(variant: int, bit_count: int) -> Layout:
    """Type 26 ends in its communication state wherever that is; pyais expects the longest message."""
    fields = Layout(_layout(26, variant))
    if variant == 2:
        # Addressed and unstructured: pyais' table has an application identifier all the same.
        fields["data"] = replace(fields["data"], offset=fields.pop("app_id").offset)
    end = max(bit_count - _COMMUNICATION_STATE_BITS, fields["data"].offset)
    fields["data"] = replace(fields["data"], width=end - fields["data"].offset)
    fields["radio"] = replace(fields["radio"], offset=end)
    return fields
