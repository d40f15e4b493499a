"""The logs of one run: all files of a ``--log-dir`` behind one object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from gsctl.logbook.appendfile import AppendFile
from gsctl.logbook.csvlog import CsvLog
from gsctl.logbook.frames import (
    FRAME_COLUMNS,
    FRAME_DECIMALS,
    RECORD_COLUMNS,
    FrameContext,
    field_columns,
    frame_row,
    record_row,
)
from gsctl.logbook.jsonl import json_value
from gsctl.model import Frame, Record

_OWN_NAMES = {"frames", "ais", "sessions"}


class Logbook:
    """The logs of one run.

    Made at once: the directory and ``frames.csv``, so that a place that cannot be written is
    known before the work begins. The other files are made with their first row.

    Args:
        directory: of the logs; made if it is missing.
        session: name of this run (``frames.new_session_id``).
        on_message: told in one line when a log with another header is left alone.

    Attributes:
        messages: all lines told to ``on_message``.

    Raises:
        LogbookError: a log cannot be made or written. Every method that writes raises it too;
            what was written before is intact.
    """

    def __init__(
        self, directory: Path | str, *, session: str, on_message: Callable[[str], None] | None = None
    ) -> None:
        self.directory = Path(directory)
        self.session = session
        self.messages: list[str] = []
        self._on_message = on_message
        self._records: dict[str, CsvLog] = {}
        self._ais: CsvLog | None = None
        self._frames = self._open("frames", FRAME_COLUMNS, ("frame_id",), FRAME_DECIMALS)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The CSV files in use so far, ``frames.csv`` first."""
        logs = [self._frames, *self._records.values(), *([self._ais] if self._ais else [])]
        return tuple(log.path for log in logs)

    def log_frame(self, frame: Frame, context: FrameContext) -> tuple[dict[str, object], bool]:
        """Log a frame.

        Returns:
            Its row (by ``FRAME_COLUMNS``; ``row["frame_id"]`` names it) and whether it is new:
            False where this frame of this input was logged before.
        """
        row = frame_row(frame, context, session=self.session)
        return row, self._frames.append(row)

    def log_record(self, record: Record, *, frame_id: str, columns: Sequence[str] = ()) -> bool:
        """Log a record in the file of its schema.

        Args:
            record: what was parsed.
            frame_id: of the frame it was parsed from.
            columns: names of all fields the schema can give, where it knows them; else the
                first record's fields are the columns, and a later record with more of them
                begins a numbered file.

        Returns:
            Whether it is new.
        """
        row = record_row(record, frame_id=frame_id)
        log = self._records.get(record.schema)
        if log is None or not row.keys() <= set(log.columns):
            known = log.columns if log else (*RECORD_COLUMNS, *field_columns(columns))
            extra = tuple(name for name in row if name not in known)
            if log:
                log.close()
            log = self._open(_file_stem(record.schema), (*known, *extra), ("frame_id",), {})
            self._records[record.schema] = log
        return log.append(row)

    def log_ais(
        self,
        rows: Iterable[Mapping[str, object]],
        columns: Sequence[str],
        decimals: Mapping[str, int] | None = None,
    ) -> int:
        """Log AIS messages in ``ais.csv``, in one write; ``session`` is filled in here.

        One telemetry frame may relay several messages: ``frame_id`` and ``nmea`` together name one.

        Returns:
            How many are new.
        """
        if self._ais is None:
            self._ais = self._open("ais", columns, ("frame_id", "nmea"), decimals or {})
        own = {"session": self.session} if "session" in columns else {}
        return self._ais.append_many({**row, **own} for row in rows)

    def close(self, summary: Mapping[str, object] | None = None) -> None:
        """Close all files; with a summary, add this run's line to ``sessions.jsonl`` first.

        Args:
            summary: what was asked, the input and its SHA-256, elements and their epoch,
                versions, counters; ``session`` goes in front of it.
        """
        with ExitStack() as closing:  # one that cannot be closed does not keep the others open
            for log in (self._frames, *self._records.values(), *([self._ais] if self._ais else [])):
                closing.callback(log.close)
            if summary is not None:
                append_json_line(self.directory / "sessions.jsonl", {"session": self.session, **summary})

    def __enter__(self) -> Logbook:
        """Return the logbook itself."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close all files; ``close(summary)`` may have been called before."""
        self.close()

    def _open(
        self, stem: str, columns: Sequence[str], key: Sequence[str], decimals: Mapping[str, int]
    ) -> CsvLog:
        path = self.directory / f"{stem}.csv"
        return CsvLog(path, columns, key=key, decimals=decimals, on_message=self._tell)

    def _tell(self, message: str) -> None:
        self.messages.append(message)
        if self._on_message:
            self._on_message(message)


def append_json_line(path: Path, values: Mapping[str, object]) -> None:
    """Append one JSON object as a line, whole, to a file that other runs may share.

    Raises:
        LogbookError: the file cannot be written; what was there is intact.
    """
    file = AppendFile(path)
    try:
        text = json.dumps(json_value(values), ensure_ascii=True, allow_nan=False)
        file.append(text.encode() + b"\n")
    finally:
        file.close()


def _file_stem(schema: str) -> str:
    """A file name for a schema: its name, made harmless, and none of the logs' own."""
    stem = re.sub(r"[^a-z0-9_.-]", "_", schema.lower()).strip(".") or "record"
    return f"{stem}-records" if stem in _OWN_NAMES else stem
