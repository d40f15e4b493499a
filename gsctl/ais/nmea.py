r"""One line of NMEA text to what it carries: ``!xxVDM`` and ``!xxVDO`` sentences with their tag blocks.

Three ways in which receiving stations note the time of a message are read: the ``c`` field of a tag
block (NMEA 0183 version 4.10), the fields that USCG and ORBCOMM style logs append behind the
checksum (``,r003669946,1325394060``), and the ``$PGHP`` sentence before a message (Gatehouse).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from gsctl.ais.sentences import checksum

# A sentence has 82 characters; tag blocks and appended fields make lines longer.
MAX_LINE_BYTES = 1024
MAX_PAYLOAD_CHARACTERS = 200
_MAX_TAG_BLOCKS = 4


class Refusal(StrEnum):
    """Why a line gives no sentence; the names of the counters."""

    TOO_LONG = "too_long"
    OTHER = "other_lines"  # comments, empty lines, other sentences
    EMPTY = "empty"  # a sentence without a message: some receivers send them as a sign of life
    MALFORMED = "malformed"
    CHECKSUM_BAD = "checksum_bad"
    CHECKSUM_MISSING = "checksum_missing"


class TagBlock(NamedTuple):
    """What a tag block says; empty and None where it does not say it."""

    source: str = ""
    time_s: float | None = None  # UNIX time
    group: str = ""  # the number of the group of lines it belongs to


class Sentence(NamedTuple):
    """One VDM or VDO sentence whose checksum is right."""

    text: str  # from the delimiter to the checksum
    parts: int
    part: int
    sequence: str
    channel: str
    payload: bytes
    fill_bits: int
    checksum: int
    tag: TagBlock | None
    station: str  # appended behind the checksum
    time_s: float | None  # appended behind the checksum, UNIX time
    level_dbm: float | None  # appended behind the checksum


class GatehouseTime(NamedTuple):
    """A ``$PGHP`` sentence: when and where the message was received that follows it."""

    time: datetime
    station: str
    checksum: int | None  # exclusive or of the checksums of the message's sentences


_CHANNELS = {b"1": "A", b"2": "B"}
_NO_TAG = TagBlock()


def parse_line(line: bytes) -> Sentence | GatehouseTime | Refusal:
    """Read one line, without or with its line end. Never raises, whatever the bytes are."""
    if len(line) > MAX_LINE_BYTES:
        return Refusal.TOO_LONG
    start = line.find(b"!")
    if start < 0 or line[start + 3 : start + 6] not in (b"VDM", b"VDO") or line[:1] == b"#":
        return _parse_other(line)
    tag = _parse_tag_blocks(line[:start]) if start else None
    body, star, tail = line[start + 1 :].partition(b"*")
    if not star:
        return Refusal.CHECKSUM_MISSING
    try:
        expected = int(tail[:2], 16)
    except ValueError:
        return Refusal.CHECKSUM_MISSING
    fields = body.split(b",")
    if len(fields) != 7:
        return Refusal.MALFORMED
    if checksum(body) != expected:
        return Refusal.CHECKSUM_BAD
    return _sentence(line[start : start + len(body) + 4], fields, expected, tag, tail[2:])


def _sentence(
    text: bytes, fields: list[bytes], expected: int, tag: TagBlock | None, appended: bytes
) -> Sentence | Refusal:
    _, parts, part, sequence, channel, payload, fill = fields
    if not (parts.isdigit() and part.isdigit() and fill.isdigit() and text.isascii()):
        return Refusal.MALFORMED
    part_count, part_number, fill_bits = int(parts[:2]), int(part[:2]), int(fill[:2])
    possible = (
        1 <= part_number <= part_count <= 9 and fill_bits <= 5 and len(channel) <= 1 and len(sequence) <= 2
    )
    if not possible or len(payload) > MAX_PAYLOAD_CHARACTERS:
        return Refusal.MALFORMED
    if not payload:
        return Refusal.EMPTY
    station, time_s, level_dbm = _parse_appended(appended) if len(appended) > 2 else ("", None, None)
    return Sentence(
        text.decode("ascii"),
        part_count,
        part_number,
        sequence.decode("ascii"),
        _CHANNELS.get(channel) or channel.decode("ascii"),
        payload,
        fill_bits,
        expected,
        tag,
        station,
        time_s,
        level_dbm,
    )


def _parse_other(line: bytes) -> GatehouseTime | Refusal:
    if line.startswith(b"$PGHP,"):
        return _parse_gatehouse(line)
    if line[:1] != b"#" and (b"VDM," in line or b"VDO," in line):
        return Refusal.MALFORMED
    return Refusal.OTHER


def _parse_gatehouse(line: bytes) -> GatehouseTime | Refusal:
    body, star, tail = line[1:].partition(b"*")
    fields = body.split(b",")
    if not star or len(fields) < 13:
        return Refusal.MALFORMED
    try:
        if checksum(body) != int(tail[:2], 16):
            return Refusal.CHECKSUM_BAD
        year, month, day, hour, minute, second, millisecond = (int(field[:6]) for field in fields[2:9])
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC) + timedelta(
            milliseconds=millisecond
        )
        # 00 stands there for messages that the receiver made itself.
        expected = int(fields[13][:2], 16) or None if len(fields) > 13 and fields[13] else None
    except (ValueError, OverflowError):
        return Refusal.MALFORMED
    return GatehouseTime(time, fields[11].decode("ascii", "replace")[:15], expected)


def _parse_tag_blocks(prefix: bytes) -> TagBlock | None:
    """The tag block in front of a sentence; one whose checksum is wrong says nothing."""
    first = prefix.find(b"\\")
    if first < 0:
        return None
    found = _NO_TAG
    for block in prefix[first:].split(b"\\")[: 2 * _MAX_TAG_BLOCKS]:
        body, star, tail = block.partition(b"*")
        try:
            valid = bool(star) and checksum(body) == int(tail, 16)
        except ValueError:
            valid = False
        if valid:
            found = _read_tag_fields(body, found)
    return found


def _read_tag_fields(body: bytes, found: TagBlock) -> TagBlock:
    for field in body.split(b","):
        code, _, value = field.partition(b":")
        if code == b"c":
            found = found._replace(time_s=_unix_time_s(value))
        elif code == b"s":
            found = found._replace(source=value.decode("ascii", "replace")[:32])
        elif code == b"g":
            group = value.split(b"-")
            if len(group) == 3:
                found = found._replace(group=group[2].decode("ascii", "replace")[:16])
    return found


def _unix_time_s(digits: bytes) -> float | None:
    """UNIX seconds of a decimal number of seconds, milliseconds or microseconds; None of anything else."""
    if not digits.isdigit() or len(digits) > 16:
        return None
    time = float(digits)
    for scale in (1.0, 1e3, 1e6):
        # Years 1990 to 2100: what lies outside is another unit, or no time.
        if 631_152_000.0 <= time / scale < 4_102_444_800.0:
            return time / scale
    return None


def _parse_appended(appended: bytes) -> tuple[str, float | None, float | None]:
    """Station, UNIX time and level of fields such as ``,d-101,S0990,r003669946,1325394090``."""
    station, time_s, level_dbm = "", None, None
    for field in appended.strip().split(b",")[1:16]:
        if field.isdigit():
            # Where two times are appended the first is that of reception, the second that of forwarding.
            time_s = _unix_time_s(field) if time_s is None else time_s
        elif field[:1] in (b"r", b"b") and field.isascii():
            station = field.decode("ascii")[:16]
        elif field[:2] == b"d-" and field[2:].isdigit():
            level_dbm = -float(field[2:5])
    return station, time_s, level_dbm
