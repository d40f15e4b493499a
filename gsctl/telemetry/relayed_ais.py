"""AIS messages as satellites store and relay them, as small layouts; the ais room reads the messages.

Forms: raw frame bytes with or without FCS, NMEA ``!AIVDM`` text, and the records of Satlab's
QubeAIS receiver. Sources: ITU-R M.1371 annex 2 (bit order, FCS); NMEA 0183 / IEC 61162-1
(sentences); "AIS receiver interface", Satlab ApS 2015 (records). That header does not
state the byte order: AISat's records, received in 2016, have the high byte first and their data as an HDLC
receiver packs them (``gsctl_protocols.aisat``). It does not state the unit of the RSSI or of the
positions either, so these stay raw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import xor
from typing import Any, Literal

from construct import (
    Array,
    Bytes,
    Computed,
    ExprAdapter,
    GreedyBytes,
    GreedyRange,
    Int8ub,
    Int32sb,
    Int32sl,
    Int32ub,
    Int32ul,
    Struct,
    Terminated,
)

from gsctl.errors import ProtocolError
from gsctl.model import RelayedAis
from gsctl.telemetry.adapters import iso_time, unix_time
from gsctl.telemetry.schema import ConstructSchema

AisForm = Literal["raw", "raw-fcs", "nmea", "satlab", "satlab-static", "satlab-short"]
_MOST_SHORT_RECORDS = 10  # in one reply of the receiver

SATLAB_CHANNELS = ("A", "B", "C", "D")  # CH1 to CH4: 161.975, 162.025, 156.775, 156.825 MHz
_FREE_SEQUENCE_NUMBER = 0xFFFFFFFF
_NMEA = re.compile(
    rb"!([A-Z]{2}VD[MO]),(\d),(\d),(\d?),([A-D12]?),([0-W`-w]{0,82}),([0-5])\*([0-9A-Fa-f]{2})"
)


def satlab_frame(*, data_bytes: int = 26, little_endian: bool = False) -> Any:
    """One AIS frame as QubeAIS stores it: 40 bytes, or 69 with the 55 data bytes of the static store.

    ::

        0   u32     sequence number; FFFFFFFF is a free slot
        4   u32     UNIX time of reception
        8   u8      RSSI, the low 8 bits
        9   3 * u8  optional x, y, z
        12  u8      flags: bit 0 FCS right, bits 1-2 channel
        13  u8      bytes in use of the data
        14  ...     AIS frame without flags, FCS included
    """
    u32 = Int32ul if little_endian else Int32ub
    return Struct(
        "sequence_number" / u32,
        "ais_received_at" / unix_time(u32),
        "rssi_raw" / Int8ub,
        "position_raw" / Array(3, Int8ub),
        "_flags" / Int8ub,
        "data_length_bytes" / Int8ub,
        "ais_data" / Bytes(data_bytes),
    )


def satlab_short(*, little_endian: bool = False) -> Any:
    """One short record of QubeAIS, 19 bytes: who, when and where, without the message."""
    u32, i32 = (Int32ul, Int32sl) if little_endian else (Int32ub, Int32sb)
    return Struct(
        "mmsi" / u32,
        "ais_received_at" / unix_time(u32),
        "rssi_raw" / Int8ub,
        "ais_message_type" / Int8ub,
        "flags_mask" / Int8ub,
        "latitude_raw" / i32,
        "longitude_raw" / i32,
    )


def relayed_ais_schema(
    name: str,
    *,
    form: AisForm,
    when: Callable[[bytes], bool],
    head: Sequence[Any] = (),
    tail: Sequence[Any] = (),
    names_sender: bool = True,
) -> ConstructSchema:
    """A schema for frames whose rest, behind ``head``, is AIS in one of the known forms.

    Args:
        name: of the schema.
        form: ``raw`` (message bytes), ``raw-fcs`` (with FCS), ``nmea`` (sentences), ``satlab`` (as many
            40-byte records as there are), ``satlab-static`` (69-byte records) or ``satlab-short`` (up to
            ten 19-byte records; they hold no message, so their values are fields of the record).
        when: whether a frame is of this kind.
        head: named Constructs that come before, such as ``"ax25" / ax25_header()``.
        tail: named Constructs that come behind, for the forms of Satlab; shorter than a record.
        names_sender: see ``ConstructSchema``.
    """
    if form == "satlab-short":
        layout = Struct(*head, "ship" / _short_records(), *tail, Terminated)
        return ConstructSchema(name=name, layout=layout, when=when, names_sender=names_sender)
    if form in {"raw", "raw-fcs", "nmea"}:
        layout = Struct(*head, "ais_data" / GreedyBytes)
    else:
        record = satlab_frame(data_bytes=55 if form == "satlab-static" else 26)
        count = Computed(lambda context: len(context["_records"]))
        layout = Struct(*head, "_records" / GreedyRange(record), "message_count" / count, *tail, Terminated)

    def messages(values: Any) -> tuple[RelayedAis, ...]:
        if form == "nmea":
            return nmea_messages(values.ais_data)
        if form in {"raw", "raw-fcs"}:
            return (raw_message(values.ais_data, with_fcs=form == "raw-fcs"),)
        return present(satlab_message(record) for record in values["_records"])

    return ConstructSchema(
        name=name, layout=layout, when=when, relayed_ais=messages, names_sender=names_sender
    )


def _short_records() -> Any:
    """All short records of a reply, filled up with unknown ones, so that a log keeps its columns."""
    names = [part.name for part in satlab_short().subcons]

    def decode(records: Any, _context: object) -> list[Any]:
        if len(records) > _MOST_SHORT_RECORDS:
            raise ValueError(f"{len(records)} short records are more than a reply holds")
        unknown = dict.fromkeys(names)
        return [*records, *[unknown] * (_MOST_SHORT_RECORDS - len(records))]

    def encode(records: Any, _context: object) -> list[Any]:
        return [record for record in records if record["mmsi"] is not None]

    return ExprAdapter(GreedyRange(satlab_short()), decode, encode)


def satlab_message(record: Any) -> RelayedAis | None:
    """The AIS message of one parsed QubeAIS record; None for a free slot, an empty or a cut one.

    The order of bits within the data bytes is not stated: where the FCS holds only with each
    byte mirrored, they are mirrored. A frame that is longer than its record's data has lost its FCS; the
    static store has room for it.
    """
    length = record.data_length_bytes
    if record.sequence_number == _FREE_SEQUENCE_NUMBER or not 2 < length <= len(record.ais_data):
        return None
    data = record.ais_data[:length]
    if not fcs_holds(data) and fcs_holds(mirrored(data)):
        data = mirrored(data)
    return RelayedAis(
        message=data[:-2],
        bit_count=8 * (length - 2),
        received_at=_moment(record.ais_received_at),
        channel=SATLAB_CHANNELS[record._flags >> 1 & 3],
        fcs_ok=bool(record._flags & 1),
    )


def satlab_record(
    message: bytes, *, sequence_number: int, received_at: datetime, channel: str = "A", rssi_raw: int = 0
) -> dict[str, object]:
    """The values from which ``satlab_frame`` builds the record of one message of up to 24 bytes.

    Args:
        message: message bytes without FCS, as in ``RelayedAis.message``; the FCS is added.
        sequence_number: 0 to FFFFFFFE.
        received_at: to the second, as the record keeps it.
        channel: one of ``A`` to ``D``.
        rssi_raw: 0 to 255.

    Raises:
        ProtocolError: the message does not fit into the 26 data bytes with its FCS.
    """
    data = message + ais_fcs(message)
    if len(data) > 26:
        raise ProtocolError(
            f"{len(message)} bytes do not fit a QubeAIS record",
            where="relayed AIS",
            advice="it holds one-slot messages of up to 24 bytes",
        )
    return {
        "sequence_number": sequence_number,
        "ais_received_at": iso_time(received_at),
        "rssi_raw": rssi_raw,
        "position_raw": [0, 0, 0],
        "_flags": SATLAB_CHANNELS.index(channel) << 1 | 1,
        "data_length_bytes": len(data),
        "ais_data": data.ljust(26, b"\0"),
    }


def raw_message(
    data: bytes, *, with_fcs: bool, received_at: datetime | None = None, channel: str = ""
) -> RelayedAis:
    """An AIS frame relayed as bytes, without flags and stuffing.

    Args:
        data: the bytes as rebuilt from the air (first bit on the air is bit 0 of a byte).
        with_fcs: the last two bytes are the FCS; it is checked and left out.
        received_at: the time the satellite gives, if any.
        channel: the channel the satellite gives, if any.

    Raises:
        ProtocolError: too short to hold a message.
    """
    message = data[:-2] if with_fcs else data
    if not message:
        raise ProtocolError(f"{len(data)} bytes hold no AIS message", where="relayed AIS")
    return RelayedAis(
        message=message,
        bit_count=8 * len(message),
        received_at=received_at,
        channel=channel,
        fcs_ok=fcs_holds(data) if with_fcs else None,
    )


def nmea_messages(text: bytes) -> tuple[RelayedAis, ...]:
    """The AIS messages among the NMEA sentences in ``text``, whatever stands between them.

    Sentences whose checksum is wrong are left out. The parts of a message in several sentences
    are joined when they follow one another; an incomplete message is left out.
    """
    messages: list[RelayedAis] = []
    parts: list[str] = []
    expected = (b"", b"", 1)  # total, sequence id, next number
    for match in _NMEA.finditer(text):
        sentence = match[0].decode("ascii")
        if reduce(xor, match[0][1:-3]) != int(match[8], 16):
            continue
        total, number, sequence = match[2], int(match[3]), match[4]
        if number == 1:
            parts, expected = [], (total, sequence, 1)
        if expected != (total, sequence, number):
            parts, expected = [], (b"", b"", 1)
            continue
        parts.append(sentence)
        expected = (total, sequence, number + 1)
        if number == int(total):
            channel = match[5].decode().translate(str.maketrans("12", "AB"))
            messages.append(RelayedAis(nmea=tuple(parts), channel=channel))
            parts, expected = [], (b"", b"", 1)
    return tuple(messages)


def ais_fcs(message: bytes) -> bytes:
    """The FCS of a message, low byte first as it is sent (CRC-16/X-25; ITU-R M.1371 annex 2, 3.2.3)."""
    register = 0xFFFF
    for byte in message:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return (register ^ 0xFFFF).to_bytes(2, "little")


def fcs_holds(data: bytes) -> bool:
    """Whether the last two bytes are the FCS of those before them."""
    return len(data) > 2 and ais_fcs(data[:-2]) == data[-2:]


def mirrored(data: bytes) -> bytes:
    """Each byte with its bits in the opposite order."""
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


def present(messages: Iterable[RelayedAis | None]) -> tuple[RelayedAis, ...]:
    """Those messages that are there."""
    return tuple(message for message in messages if message is not None)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
