"""One AIS message as gsctl logs it: a line of ``ais.csv`` and all the fields behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gsctl.ais.bits import AisBits
from gsctl.ais.fields import decode_columns, decode_fields
from gsctl.ais.layouts import HEAD_BITS, MESSAGE_TYPES
from gsctl.ais.mmsi import MmsiKind, mmsi_kind
from gsctl.errors import RecordingError
from gsctl.framing import Integrity
from gsctl.model import FieldValue

CellValue = FieldValue | datetime

# The columns of ais.csv: those of docs/CONTRACT.md, then those that gsctl adds.
AIS_COLUMNS = (
    "received_at",
    "time_source",
    "channel",
    "mmsi",
    "message_type",
    "latitude_deg",
    "longitude_deg",
    "speed_over_ground_kn",
    "course_over_ground_deg",
    "true_heading_deg",
    "navigation_status",
    "name",
    "callsign",
    "ship_type",
    "destination",
    "level_dbfs",
    "snr_db",
    "frequency_offset_hz",
    "integrity",
    "source",
    "satellite",
    "frame_id",
    "nmea",
    "session",
    "mmsi_kind",
    "navigation_status_code",
    "ship_type_code",
    "imo_number",
    "length_m",
    "beam_m",
    "draught_m",
    "eta",
    "text",
    "dac",
    "fid",
    "data_hex",
    "level_dbm",
    "ghost",
)


class AisTimeSource(StrEnum):
    """Where the time of a message comes from, beside those of ``gsctl.model.TimeSource``."""

    TAG_BLOCK = "tag-block"  # the c field before the sentence
    STATION = "station"  # what the receiving station wrote beside the sentence
    SATELLITE = "satellite"  # what the satellite that relays the message says


@dataclass(frozen=True, slots=True, kw_only=True)
class AisMessage:
    """One AIS message.

    Attributes:
        bits: the message without its FCS.
        message_type: 1 to 27; others are kept with their head alone.
        columns: those fields of the message that stand in a line of ais.csv.
        received_at: None is unknown.
        time_source: a value of ``AisTimeSource`` or ``gsctl.model.TimeSource``; empty is unknown.
        channel: ``A``, ``B``, ``C``, ``D`` or empty.
        nmea: the sentences that carry the message.
        source: the station, the file or the sender's address.
        satellite: the one that relayed it.
        level_dbfs: power of the burst as this station received it; None is unknown.
        level_dbm: power as the relaying satellite measured it; None is unknown.
        ghost: the same message was heard on another channel in the same slot.
    """

    bits: AisBits
    message_type: int
    mmsi: int
    columns: Mapping[str, FieldValue]
    received_at: datetime | None = None
    time_source: str = ""
    channel: str = ""
    nmea: tuple[str, ...] = ()
    level_dbfs: float | None = None
    level_dbm: float | None = None
    snr_db: float | None = None
    frequency_offset_hz: float | None = None
    integrity: Integrity | None = None
    source: str = ""
    satellite: str = ""
    frame_id: str = ""
    ghost: bool = False

    @property
    def mmsi_kind(self) -> MmsiKind:
        """What kind of station sent it."""
        return mmsi_kind(self.mmsi)

    def fields(self) -> dict[str, FieldValue]:
        """Everything the message says, under gsctl's names; None is not available."""
        return decode_fields(self.bits)

    def row(self, session: str = "") -> dict[str, CellValue]:
        """One line of ais.csv, keyed by ``AIS_COLUMNS`` in their order; None is an empty cell.

        Args:
            session: the run that logs the line.
        """
        known = self.known_cells(session)
        return {name: known.get(name) for name in AIS_COLUMNS}

    def known_cells(self, session: str = "") -> dict[str, CellValue]:
        """What ``row`` holds without most of its empty cells, in no order: half the work for a log."""
        cells: dict[str, CellValue] = {
            "mmsi": self.mmsi,
            "message_type": self.message_type,
            "mmsi_kind": mmsi_kind(self.mmsi).value,
            "source": self.source or None,
            "frame_id": self.frame_id or None,
            "nmea": " ".join(self.nmea) or None,
            "session": session or None,
            "channel": self.channel or None,
            "level_dbfs": self.level_dbfs,
            "snr_db": self.snr_db,
            "frequency_offset_hz": self.frequency_offset_hz,
            "integrity": self.integrity.value if self.integrity else None,
            **self.columns,
        }
        if self.received_at is not None:
            cells["received_at"] = self.received_at
            cells["time_source"] = self.time_source or None
        if self.satellite:
            cells["satellite"] = self.satellite
        if self.level_dbm is not None:
            cells["level_dbm"] = self.level_dbm
        if self.ghost:
            cells["ghost"] = True
        return cells


def read_head(bits: AisBits) -> tuple[int, int]:
    """Message type and MMSI.

    Raises:
        RecordingError: the message ends before its MMSI does, or its type is not one of 1 to 27.
    """
    message_type = bits.unsigned(0, 6)
    if bits.count < HEAD_BITS:
        raise RecordingError(
            f"{bits.count} bits are too short for an AIS message", advice=f"it takes {HEAD_BITS}"
        )
    if message_type not in MESSAGE_TYPES:
        raise RecordingError(f"AIS message type {message_type} is unknown", advice="types 1 to 27 are read")
    return message_type, bits.unsigned(8, 30)


def decode_message(
    bits: AisBits,
    *,
    received_at: datetime | None = None,
    time_source: str = "",
    channel: str = "",
    nmea: tuple[str, ...] = (),
    level_dbfs: float | None = None,
    level_dbm: float | None = None,
    snr_db: float | None = None,
    frequency_offset_hz: float | None = None,
    integrity: Integrity | None = None,
    source: str = "",
    satellite: str = "",
    frame_id: str = "",
) -> AisMessage:
    """Make a message of its bits and of what is known of their reception.

    Raises:
        RecordingError: the message ends before its MMSI does, or its type is not one of 1 to 27.
    """
    message_type, mmsi = read_head(bits)
    return AisMessage(
        bits=bits,
        message_type=message_type,
        mmsi=mmsi,
        columns=decode_columns(bits),
        received_at=received_at,
        time_source=time_source,
        channel=channel,
        nmea=nmea,
        level_dbfs=level_dbfs,
        level_dbm=level_dbm,
        snr_db=snr_db,
        frequency_offset_hz=frequency_offset_hz,
        integrity=integrity,
        source=source,
        satellite=satellite,
        frame_id=frame_id,
    )
