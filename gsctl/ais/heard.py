"""AIS frames that the station's own radio received, as messages."""

from __future__ import annotations

from gsctl.ais.bits import MAX_BITS, AisBits
from gsctl.ais.messages import AisMessage, decode_message
from gsctl.ais.sentences import build_sentences
from gsctl.errors import RecordingError
from gsctl.model import Frame


def heard_message(
    frame: Frame,
    *,
    channel: str = "",
    sequence_number: int = 0,
    level_dbfs: float | None = None,
    source: str = "",
    frame_id: str = "",
) -> AisMessage:
    """Decode a frame whose framing is ``gsctl.framing.Ais``.

    Args:
        frame: its payload is the message in whole bytes, the FCS removed, as an HDLC deframer packs
            it (first bit on the air lowest). That is field order: M.1371-5, annex 2,
            sends every byte of the message least significant bit first.
        channel: ``A``, ``B``, ``C``, ``D``, or empty where it is unknown.
        sequence_number: for the NMEA sentences of a message that needs several.
        level_dbfs: power of the burst over full scale.
        source: name of the station or of the recording.
        frame_id: as the logbook makes it.

    Raises:
        RecordingError: the payload is no AIS message (its length or type).
    """
    if not 0 < len(frame.payload) * 8 <= MAX_BITS:
        raise RecordingError(
            f"{len(frame.payload)} bytes are no AIS message", advice=f"1 to {MAX_BITS // 8} bytes fit"
        )
    bits = AisBits.from_bytes(frame.payload)
    return decode_message(
        bits,
        received_at=frame.received_at,
        time_source=frame.time_source.value if frame.time_source and frame.received_at else "",
        channel=channel,
        nmea=build_sentences(bits, channel=channel, sequence_number=sequence_number),
        level_dbfs=level_dbfs,
        snr_db=frame.snr_db,
        frequency_offset_hz=frame.frequency_offset_hz,
        integrity=frame.integrity,
        source=source,
        satellite=frame.satellite.name if frame.satellite else "",
        frame_id=frame_id,
    )
