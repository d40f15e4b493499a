"""Receptions into the logs of a run, and what the run comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gsctl.logbook.frames import frame_id, frame_row

if TYPE_CHECKING:
    from gsctl.logbook.book import Logbook
    from gsctl.pipeline.reception import Reception


@dataclass(slots=True)
class Tally:
    """What came out of a run."""

    frames: int = 0
    records: int = 0
    ais_messages: int = 0
    payloads: set[int] = field(default_factory=set)

    @property
    def unique(self) -> int:
        """Different payloads."""
        return len(self.payloads)


class Writer:
    """Writes receptions to a logbook, where there is one, and counts them.

    Args:
        logbook: None where nothing is to be logged.
        session: name of the run.
    """

    def __init__(self, logbook: Logbook | None, session: str) -> None:
        self.tally = Tally()
        self._logbook = logbook
        self._session = session

    def write(self, reception: Reception) -> dict[str, object]:
        """Log a frame with its records and AIS messages; returns the frame's row.

        Raises:
            LogbookError: a log cannot be written; what was written before is intact.
        """
        frame = reception.frame
        self.tally.frames += 1
        self.tally.records += len(reception.records)
        self.tally.ais_messages += len(reception.ais)
        self.tally.payloads.add(hash(frame.payload))
        if self._logbook is None:
            return frame_row(frame, reception.context, session=self._session)
        row, _ = self._logbook.log_frame(frame, reception.context)
        name = self.frame_id(reception)
        for record in reception.records:
            self._logbook.log_record(record, frame_id=name)
        if reception.ais:
            from gsctl.ais.messages import AIS_COLUMNS

            self._logbook.log_ais((message.row(self._session) for message in reception.ais), AIS_COLUMNS)
        return row

    def frame_id(self, reception: Reception) -> str:
        """The name of a frame in every log."""
        frame = reception.frame
        return frame_id(reception.context.input_identity, frame.sample_index, frame.payload)

    def close(self, summary: Mapping[str, object]) -> None:
        """Add the run's line to ``sessions.jsonl`` and close the logs."""
        if self._logbook is not None:
            self._logbook.close(summary)
