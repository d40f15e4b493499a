"""What ``frames.csv`` and the record logs say of a frame: their columns, rows and ids."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gsctl.framing import framing_name
from gsctl.model import DopplerState, FieldValue, Frame, Record
from gsctl.waveform import waveform_name

FRAME_COLUMNS = (
    "received_at",
    "time_source",
    "time_uncertainty_s",
    "satellite",
    "norad_id",
    "station",
    "transmitter",
    "frequency_hz",
    "frequency_offset_hz",
    "doppler",
    "snr_db",
    "waveform",
    "symbol_rate_bd",
    "framing",
    "integrity",
    "corrected_errors",
    "length_bytes",
    "frame_hex",
    "sample_index",
    "azimuth_deg",
    "elevation_deg",
    "range_rate_m_s",
    "elements_epoch",
    "session",
    "frame_id",
)

# Places after the point that mean something: a hundredth of a degree is below any element set's
# error, a tenth of a hertz below any estimate from one frame.
FRAME_DECIMALS = {
    "time_uncertainty_s": 6,
    "frequency_hz": 1,
    "frequency_offset_hz": 1,
    "snr_db": 1,
    "symbol_rate_bd": 2,
    "azimuth_deg": 2,
    "elevation_deg": 2,
    "range_rate_m_s": 2,
}

RECORD_COLUMNS = ("received_at", "satellite", "norad_id", "transmitter", "frame_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameContext:
    """What a receiver knows of a frame beside the frame itself; None is unknown.

    Attributes:
        input_identity: names the input, the same for every run over it: the SHA-256 of a file,
            or of a live stream its session.
        doppler: what was done about the Doppler shift.
        station: name of the receiving station; empty is unknown.
        waveform: of the demodulator, such as ``fsk``; empty means that of the transmitter.
        frequency_hz: nominal, where the frame's transmitter does not tell it.
        azimuth_deg, elevation_deg: of the satellite when the frame came.
        range_rate_m_s: positive when receding.
        elements_epoch: of the element set those three were computed with.
    """

    input_identity: str
    doppler: DopplerState = DopplerState.NONE
    station: str = ""
    waveform: str = ""
    frequency_hz: float | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    range_rate_m_s: float | None = None
    elements_epoch: datetime | None = None


def frame_id(input_identity: str, sample_index: float, payload: bytes) -> str:
    """Sixteen hex digits that name a frame: the head of a SHA-256 over where it was and what it says.

    ``sample_index`` counts to the nearest whole sample, as the log shows it.
    """
    head = f"{input_identity}\n{round(sample_index)}\n".encode()
    return hashlib.sha256(head + payload).hexdigest()[:16]


def new_session_id(started_at: datetime) -> str:
    """A name for one run that sorts by time and that no other run has; fit for a directory."""
    return f"{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"


def frame_row(frame: Frame, context: FrameContext, *, session: str) -> dict[str, object]:
    """The row of a frame, by ``FRAME_COLUMNS``; unknown values are None."""
    transmitter, satellite = frame.transmitter, frame.satellite
    waveform = transmitter.waveform if transmitter else None
    nominal_hz = transmitter.frequency_hz if transmitter else None
    values: tuple[object, ...] = (
        frame.received_at,
        frame.time_source,
        frame.time_uncertainty_s,
        satellite.name if satellite else None,
        satellite.norad_id if satellite else None,
        context.station,
        transmitter.label if transmitter else None,
        nominal_hz if nominal_hz is not None else context.frequency_hz,
        frame.frequency_offset_hz,
        context.doppler,
        frame.snr_db,
        context.waveform or (waveform_name(waveform) if waveform else None),
        frame.symbol_rate_bd,
        framing_name(frame.framing),
        frame.integrity,
        frame.corrected_errors,
        len(frame.payload),
        frame.payload.hex(),
        round(frame.sample_index),
        _azimuth(context.azimuth_deg),
        context.elevation_deg,
        context.range_rate_m_s,
        context.elements_epoch,
        session,
        frame_id(context.input_identity, frame.sample_index, frame.payload),
    )
    return dict(zip(FRAME_COLUMNS, values, strict=True))


def _azimuth(azimuth_deg: float | None) -> float | None:
    # North is 0, also when 359.999 is rounded.
    return None if azimuth_deg is None else round(azimuth_deg, FRAME_DECIMALS["azimuth_deg"]) % 360.0


def field_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Columns of a schema's fields: ``field_`` in front of a name that every record log has already."""
    return tuple(f"field_{name}" if name in RECORD_COLUMNS else name for name in names)


def record_row(record: Record, *, frame_id: str) -> dict[str, object]:
    """The row of a record: ``RECORD_COLUMNS``, then its fields."""
    satellite, transmitter = record.satellite, record.transmitter
    fields: Mapping[str, FieldValue] = record.fields
    return {
        "received_at": record.received_at,
        "satellite": satellite.name if satellite else None,
        "norad_id": satellite.norad_id if satellite else None,
        "transmitter": transmitter.label if transmitter else None,
        "frame_id": frame_id,
        **dict(zip(field_columns(fields), fields.values(), strict=True)),
    }
