"""Frames, what they say, and what the stages met on the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gsctl.framing import Framing, Integrity
    from gsctl.model.catalogue import Satellite, Transmitter
    from gsctl.model.words import TimeSource

FieldValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One link frame: FCS removed, header kept.

    Attributes:
        sample_index: of the first symbol after the flag or sync word, in the input stream's count.
        end_sample_index: of the last symbol; with ``sample_index`` it tells the frame's place.
        level_dbfs: power of the signal over full scale; None is not measured.
        corrected_errors: line bits that were corrected (symbols where Reed-Solomon did it).
    """

    payload: bytes
    framing: Framing
    integrity: Integrity
    sample_index: float
    end_sample_index: float
    symbol_rate_bd: float
    received_at: datetime | None = None
    time_source: TimeSource | None = None
    time_uncertainty_s: float | None = None
    frequency_offset_hz: float | None = None
    snr_db: float | None = None
    level_dbfs: float | None = None
    corrected_errors: int = 0
    satellite: Satellite | None = None
    transmitter: Transmitter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One parsed frame; ``fields`` is flat, each numeric name ends in its unit.

    Attributes:
        payload: the raw bytes that were parsed.
        relayed_ais: AIS messages that the frame carries, for the ais room.
    """

    schema: str
    fields: Mapping[str, FieldValue]
    payload: bytes
    received_at: datetime | None = None
    satellite: Satellite | None = None
    transmitter: Transmitter | None = None
    relayed_ais: tuple[RelayedAis, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedAis:
    """One AIS message as a satellite relays it: either raw bits or NMEA text.

    Attributes:
        message: message bytes as de-stuffed from the air (each byte already in field order),
            without FCS, padded to whole bytes; empty where ``nmea`` is given.
        bit_count: valid bits of ``message``.
        nmea: one or more ``!AIVDM`` sentences; empty where ``message`` is given.
        received_at: the time the satellite gives.
        channel: ``A``, ``B``, ``C``, ``D`` or empty.
        level_dbm: as the satellite measured it.
        fcs_ok: what the satellite says of the FCS; None where it says nothing.
    """

    message: bytes = b""
    bit_count: int = 0
    nmea: tuple[str, ...] = ()
    received_at: datetime | None = None
    channel: str = ""
    level_dbm: float | None = None
    fcs_ok: bool | None = None


class Schema(Protocol):
    """What a protocol file offers for one kind of frame; see ``gsctl.telemetry``."""

    @property
    def name(self) -> str:
        """Kebab-case, unique; names the CSV file."""
        ...

    def matches(self, frame: Frame) -> bool:
        """Whether the frame is of this kind, judged by its header and length; never raises."""
        ...

    def parse(self, frame: Frame) -> Record:
        """Parse a frame that matches.

        Raises:
            ProtocolError: the frame does not fit after all.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One frame with what it must decode to, and where both come from.

    Attributes:
        origin: who published frame and values; a made-up one says so.
        fields: expected fields of the record; floats compare within 1e-6 relative.
        real: received from space, as opposed to made up.
    """

    schema: str
    payload: bytes
    fields: Mapping[str, FieldValue]
    origin: str
    real: bool


@dataclass(slots=True, kw_only=True)
class StageCounters:
    """What the stages met; corrupt radio data is counted, never raised."""

    samples: int = 0
    dropped: int = 0
    nonfinite: int = 0
    sync_found: int = 0
    fcs_ok: int = 0
    fcs_bad: int = 0
    uncorrectable: int = 0
    schema_mismatch: int = 0
    errors: dict[str, int] = field(default_factory=dict)
