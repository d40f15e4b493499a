"""Lines of NMEA text to AIS messages, with every loss counted and memory bounded."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from gsctl.ais.assembly import Assembled, Assembler
from gsctl.ais.bits import AisBits
from gsctl.ais.fields import position_is_impossible
from gsctl.ais.layouts import HEAD_BITS
from gsctl.ais.messages import AisMessage, AisTimeSource, decode_message
from gsctl.ais.nmea import GatehouseTime, Refusal, Sentence, TagBlock, parse_line
from gsctl.errors import RecordingError
from gsctl.model import TimeSource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Groups of tag blocks whose first line has named time and station for the others.
_MAX_GROUPS = 1000
# Lines without any time are taken to come at this distance, to age unfinished messages.
_LINE_SPACING_S = 0.01

# Bits of whole messages by type: shortest and longest (M.1371-5, annex 8). Type 5 is often
# sent with 422, type 24 part A with 160, type 27 with 168.
_LENGTHS = {
    **dict.fromkeys((1, 2, 3, 4, 9, 11, 18, 22), (168, 168)),
    5: (422, 426),
    6: (72, 1008),
    7: (72, 168),
    8: (56, 1008),
    10: (72, 72),
    12: (72, 1008),
    13: (72, 168),
    14: (40, 1008),
    15: (88, 160),
    16: (96, 144),
    17: (80, 816),
    19: (312, 312),
    20: (72, 160),
    21: (272, 360),
    23: (160, 160),
    24: (160, 168),
    25: (40, 168),
    26: (60, 1064),
    27: (96, 168),
}


@dataclass(slots=True)
class NmeaCounters:
    """What became of the lines: each line and each message that is lost is counted once.

    Attributes:
        lines: lines read, empty ones included.
        other_lines: comments, empty lines and sentences that are not about AIS.
        too_long: lines beyond ``nmea.MAX_LINE_BYTES``.
        empty: sentences that carry no message.
        malformed: sentences that do not keep the form.
        checksum_bad, checksum_missing: sentences left out for their checksum.
        bad_payload: messages with characters outside the armour, or with too many bits.
        too_short: messages that end before their MMSI does.
        unknown_type: messages of type 0 or of 28 and above.
        incomplete: messages whose parts never came together.
        odd_length: messages read all the same although their type has another length.
        impossible_position: messages read without their position, because it is off the globe.
        messages: messages read.
    """

    lines: int = 0
    other_lines: int = 0
    too_long: int = 0
    empty: int = 0
    malformed: int = 0
    checksum_bad: int = 0
    checksum_missing: int = 0
    bad_payload: int = 0
    too_short: int = 0
    unknown_type: int = 0
    incomplete: int = 0
    odd_length: int = 0
    impossible_position: int = 0
    messages: int = 0

    def as_dict(self) -> dict[str, int]:
        """All counters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class NmeaReader:
    """Reads lines, whole and in order, from one input or several.

    Args:
        source: names the input where a line does not name its station.
        identity: of the input, for the ids of messages: they depend on it and on all lines before.
            Reading the same file again gives the same ids, and so does the beginning of a file
            that has grown; a live input needs an identity of its own each time.
    """

    def __init__(self, *, source: str = "", identity: str = "") -> None:
        self.counters = NmeaCounters()
        self._source = source
        self._chain = hashlib.sha256(identity.encode())
        self._assembler = Assembler()
        self._groups: OrderedDict[str, TagBlock] = OrderedDict()
        self._gatehouse: GatehouseTime | None = None
        self._station = ""
        self._latest_s = 0.0

    def read(self, lines: Iterable[bytes]) -> Iterator[AisMessage]:
        """Read lines to their end, and give up what is unfinished then."""
        for line in lines:
            message = self.feed(line)
            if message is not None:
                yield message
        self.finish()

    def feed(self, line: bytes, received_at: datetime | None = None, source: str = "") -> AisMessage | None:
        """Take one line; give back the message that it completes.

        Args:
            received_at: when this computer received the line, which is the time of the message where
                the line does not tell it; None for a file.
            source: names the sender of this line where it does not name its station.
        """
        self.counters.lines += 1
        self._chain.update(line)
        parsed = parse_line(line.strip())
        if isinstance(parsed, Sentence):
            return self._take(parsed, received_at, source or self._source)
        if isinstance(parsed, Refusal):
            setattr(self.counters, parsed.value, getattr(self.counters, parsed.value) + 1)
        else:
            self._gatehouse = parsed
            self.counters.other_lines += 1
        return None

    def finish(self) -> None:
        """Say that no more lines come."""
        self._assembler.finish()
        self.counters.incomplete = self._assembler.incomplete

    def _take(self, sentence: Sentence, received_at: datetime | None, source: str) -> AisMessage | None:
        time, time_source, station = self._reception(sentence, received_at)
        if time is not None:
            self._latest_s = (time - _EPOCH).total_seconds()
        elif not self._latest_s or self._latest_s < 1e8:
            self._latest_s = self.counters.lines * _LINE_SPACING_S
        whole = self._assembler.add(sentence, station, self._latest_s, source)
        self.counters.incomplete = self._assembler.incomplete
        return None if whole is None else self._decode(whole, time, time_source, station or source)

    def _reception(
        self, sentence: Sentence, received_at: datetime | None
    ) -> tuple[datetime | None, str, str]:
        """Time, its source and the station: tag block, then the station's own note, then this computer."""
        tag = sentence.tag and self._with_group(sentence.tag)
        station = (tag.source if tag else "") or sentence.station
        if not station and sentence.part > 1:
            station = self._station  # only the first part of a message need have a tag block
        self._station = station
        if tag and tag.time_s is not None:
            return _time(tag.time_s), AisTimeSource.TAG_BLOCK, station
        if sentence.time_s is not None:
            return _time(sentence.time_s), AisTimeSource.STATION, station
        if self._gatehouse is not None:
            noted = self._gatehouse
            # It belongs to the next message, and repeats the checksum of a single sentence.
            if sentence.part == sentence.parts:
                self._gatehouse = None
            if noted.checksum is None or sentence.parts > 1 or noted.checksum == sentence.checksum:
                return noted.time, AisTimeSource.STATION, station or noted.station
        if received_at is not None:
            return received_at, TimeSource.HOST.value, station
        return None, "", station

    def _with_group(self, tag: TagBlock) -> TagBlock:
        """The first line of a group names time and station for all of it."""
        if not tag.group:
            return tag
        first = self._groups.get(tag.group)
        # Group numbers come round again: a line that names another time begins a new group.
        if first is None or (tag.time_s is not None and tag.time_s != first.time_s):
            self._groups[tag.group] = tag
            if len(self._groups) > _MAX_GROUPS:
                self._groups.popitem(last=False)
            return tag
        return TagBlock(
            tag.source or first.source, tag.time_s if tag.time_s is not None else first.time_s, tag.group
        )

    def _decode(
        self, whole: Assembled, time: datetime | None, time_source: str, source: str
    ) -> AisMessage | None:
        try:
            bits = AisBits.from_armour(whole.payload, whole.fill_bits)
        except RecordingError:
            self.counters.bad_payload += 1
            return None
        first = whole.sentences[0]
        try:
            message = decode_message(
                bits,
                received_at=time,
                time_source=time_source,
                channel=first.channel,
                nmea=tuple(part.text for part in whole.sentences),
                level_dbm=first.level_dbm,
                source=source,
                frame_id=self._chain.hexdigest()[:16],
            )
        except RecordingError:
            if bits.count < HEAD_BITS:
                self.counters.too_short += 1
            else:
                self.counters.unknown_type += 1
            return None
        self._count(message)
        return message

    def _count(self, message: AisMessage) -> None:
        self.counters.messages += 1
        if not has_usual_length(message):
            self.counters.odd_length += 1
        if message.columns.get("latitude_deg", 0.0) is None and position_is_impossible(message.bits):
            self.counters.impossible_position += 1


def has_usual_length(message: AisMessage) -> bool:
    """Whether a message has as many bits as its type may have."""
    shortest, longest = _LENGTHS[message.message_type]
    return shortest <= message.bits.count <= longest


def _time(unix_time_s: float) -> datetime:
    return _EPOCH + timedelta(seconds=unix_time_s)
