"""Room: what was received, on disk and for others.

``Logbook`` writes the logs of the contract; ``CsvLog`` is any append-only CSV file.
``kiss``, ``kiss_server``, ``hextext`` and ``jsonl`` carry frames to and from other programs.
"""

from gsctl.logbook.book import Logbook
from gsctl.logbook.csvlog import CsvLog
from gsctl.logbook.frames import (
    FRAME_COLUMNS,
    RECORD_COLUMNS,
    FrameContext,
    frame_id,
    frame_row,
    new_session_id,
)

__all__ = [
    "FRAME_COLUMNS",
    "RECORD_COLUMNS",
    "CsvLog",
    "FrameContext",
    "Logbook",
    "frame_id",
    "frame_row",
    "new_session_id",
]
