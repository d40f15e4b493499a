"""A heard frame with all that is known of it: time, place, telemetry, relayed AIS."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsctl.errors import ElementsError
from gsctl.framing import Integrity
from gsctl.logbook.frames import FrameContext, frame_id
from gsctl.model import DopplerState, Frame, Record, Schema, StageCounters
from gsctl.pipeline.listening import Heard, Settings
from gsctl.pipeline.sky import Place
from gsctl.pipeline.timeline import SampleTime
from gsctl.telemetry import parse_frame
from gsctl.waveform import Waveform, waveform_name

if TYPE_CHECKING:
    from gsctl.ais.messages import AisMessage
    from gsctl.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One frame, ready for the logs and for the screen."""

    frame: Frame
    context: FrameContext
    records: tuple[Record, ...]
    ais: tuple[AisMessage, ...]


class Interpreter:
    """Turns heard frames into receptions.

    Args:
        settings: as for the receiver.
        catalog: finds the schemas.
        input_identity: names the input in frame ids.
        counters: schema mismatches are counted here.
    """

    def __init__(
        self, settings: Settings, catalog: Catalog, input_identity: str, counters: StageCounters
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._identity = input_identity
        self._counters = counters
        self._schemas: dict[tuple[int, str], Sequence[Schema]] = {}

    def __call__(self, heard: Heard, when: SampleTime, nominal_hz: float | None) -> Reception:
        """Add time, place, telemetry and AIS to a frame.

        Args:
            heard: the frame and its chain.
            when: time of its first symbol.
            nominal_hz: the frequency that was listened to; None is unknown.
        """
        sky = self._settings.sky
        place = self._place(when)
        chain = heard.chain
        frame = dataclasses.replace(
            heard.frame,
            received_at=when.time,
            time_source=when.source,
            time_uncertainty_s=when.uncertainty_s,
            frequency_offset_hz=self._offset_hz(heard.frame, when, nominal_hz),
            satellite=chain.satellite,
            transmitter=chain.transmitter,
        )
        context = FrameContext(
            input_identity=self._identity,
            doppler=self._settings.doppler,
            station=sky.station.name if sky else "",
            waveform="" if type(chain.waveform) is Waveform else waveform_name(chain.waveform),
            frequency_hz=nominal_hz,
            azimuth_deg=place.azimuth_deg if place else None,
            elevation_deg=place.elevation_deg if place else None,
            range_rate_m_s=place.range_rate_m_s if place else None,
            elements_epoch=sky.elements.epoch if sky and place else None,
        )
        records = tuple(parse_frame(frame, self._schemas_for(frame), self._counters))
        return Reception(frame=frame, context=context, records=records, ais=self._relayed(frame, records))

    def _relayed(self, frame: Frame, records: Sequence[Record]) -> tuple[AisMessage, ...]:
        """AIS messages inside the records; those whose FCS the satellite found wrong only if asked for."""
        relayed = [item for record in records for item in record.relayed_ais]
        if not relayed:
            return ()
        from gsctl.ais.relayed import relayed_messages

        messages = relayed_messages(
            relayed,
            satellite=frame.satellite.name if frame.satellite else "",
            source=self._settings.sky.station.name if self._settings.sky else self._settings.source,
            frame_id=frame_id(self._identity, frame.sample_index, frame.payload),
            counters=self._counters,
        )
        return tuple(
            message
            for message in messages
            if self._settings.unchecked or message.integrity is not Integrity.UNCHECKED
        )

    def _place(self, when: SampleTime) -> Place | None:
        if self._settings.sky is None or when.time is None:
            return None
        try:
            return self._settings.sky.place(when.time)
        except ElementsError:
            return None

    def _offset_hz(self, frame: Frame, when: SampleTime, nominal_hz: float | None) -> float | None:
        """Measured minus nominal minus predicted Doppler."""
        sky = self._settings.sky
        untouched = self._settings.doppler is DopplerState.NONE
        if frame.frequency_offset_hz is None or not untouched or sky is None:
            return frame.frequency_offset_hz
        if when.time is None or nominal_hz is None:
            return frame.frequency_offset_hz
        return frame.frequency_offset_hz - sky.shift_hz(when.time, nominal_hz)

    def _schemas_for(self, frame: Frame) -> Sequence[Schema]:
        satellite, transmitter = frame.satellite, frame.transmitter
        key = (satellite.norad_id if satellite else 0, transmitter.label if transmitter else "")
        if key not in self._schemas:
            self._schemas[key] = self._catalog.schemas_for(satellite, transmitter)
        return self._schemas[key]
