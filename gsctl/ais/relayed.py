"""AIS messages that a satellite relays, out of its telemetry records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gsctl.ais.assembly import Assembler
from gsctl.ais.bits import AisBits
from gsctl.ais.fields import position_is_impossible
from gsctl.ais.messages import AisMessage, AisTimeSource, decode_message
from gsctl.ais.nmea import Sentence, parse_line
from gsctl.ais.reader import has_usual_length
from gsctl.ais.sentences import build_sentences
from gsctl.errors import RecordingError
from gsctl.framing import Integrity
from gsctl.model import RelayedAis, StageCounters

_LARGEST_MMSI = 999_999_999


def relayed_messages(
    relayed: Iterable[RelayedAis],
    *,
    satellite: str,
    source: str = "",
    frame_id: str = "",
    counters: StageCounters | None = None,
) -> Iterator[AisMessage]:
    """Decode what a satellite relays; what is no AIS message, or cannot be one, is counted, not raised.

    The time is the one the satellite gives, and ``time_source`` says so. The level is the
    satellite's. The integrity is ``crc`` where the satellite (or the schema) found the FCS right,
    ``unchecked`` where it was wrong, and unknown where nothing is said.

    Args:
        relayed: of one record or of several, in order.
        satellite: its name, for the column of that name.
        source: the station or file that received the satellite.
        frame_id: of the frame that carried the record; each message appends its number to it.
        counters: ``errors["relayed_ais"]`` counts what could not be decoded.
    """
    assembler = Assembler()
    for number, item in enumerate(relayed):
        numbered = f"{frame_id}-{number}" if frame_id else ""
        try:
            for sentence_group, bits in _bits_of(item, number, assembler):
                message = _message(item, bits, sentence_group, satellite, source, numbered)
                if item.message and not _is_plausible(message):
                    raise RecordingError("the satellite's message is none")
                yield message
        except RecordingError:
            if counters is not None:
                counters.errors["relayed_ais"] = counters.errors.get("relayed_ais", 0) + 1


def _bits_of(
    item: RelayedAis, number: int, assembler: Assembler
) -> Iterator[tuple[tuple[str, ...], AisBits]]:
    if item.message:
        bits = AisBits.from_bytes(item.message, item.bit_count or None)
        yield build_sentences(bits, channel=item.channel, sequence_number=number), bits
        return
    for line in item.nmea:
        sentence = parse_line(line.encode("ascii", "replace"))
        if not isinstance(sentence, Sentence):
            raise RecordingError(f"the satellite's NMEA text is unreadable: {sentence}")
        whole = assembler.add(sentence, "", float(number))
        if whole is not None:
            texts = tuple(part.text for part in whole.sentences)
            yield texts, AisBits.from_armour(whole.payload, whole.fill_bits)


def _is_plausible(message: AisMessage) -> bool:
    """Whether a frame could be a station's; an FCS of 16 bits lets noise pass.

    The store that AISat sent down in February 2016 holds 88 frames of random length and content whose FCS
    is right.
    """
    return (
        has_usual_length(message)
        and message.mmsi <= _LARGEST_MMSI
        and not position_is_impossible(message.bits)
    )


def _message(
    item: RelayedAis, bits: AisBits, nmea: tuple[str, ...], satellite: str, source: str, frame_id: str
) -> AisMessage:
    integrity = None
    if item.fcs_ok is not None:
        integrity = Integrity.CRC if item.fcs_ok else Integrity.UNCHECKED
    return decode_message(
        bits,
        received_at=item.received_at,
        time_source=AisTimeSource.SATELLITE if item.received_at else "",
        channel=item.channel,
        nmea=nmea,
        level_dbm=item.level_dbm,
        integrity=integrity,
        source=source,
        satellite=satellite,
        frame_id=frame_id,
    )
