"""Decoding beside a radio: in a thread behind a queue, and into logs that may fail for a while.

Whoever reads the radio only reads and records. A burst that takes long to decode, the first use of a
kernel or a slow disk then cost no samples.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gsctl.errors import LogbookError
from gsctl.logbook.frames import frame_row
from gsctl.pipeline.writing import Writer

if TYPE_CHECKING:
    from gsctl.logbook.book import Logbook
    from gsctl.model import SampleBlock
    from gsctl.pipeline.decoding import Decoding, Row
    from gsctl.pipeline.reception import Reception

Take = Callable[["Reception", "Row"], None]

# At 250 kS/s this holds a minute of samples.
QUEUE_BYTES = 128 << 20


class LiveDecoding:
    """Runs a :class:`Decoding` in its own thread.

    Args:
        run: decodes and logs.
        take: gets each reception, in that thread.
        queue_bytes: samples that may wait; when there are more, whole blocks are dropped and counted.

    Attributes:
        lagged_samples: dropped because decoding was slower than the radio.
    """

    def __init__(self, run: Decoding, take: Take, *, queue_bytes: int = QUEUE_BYTES) -> None:
        self.lagged_samples = 0
        self._run = run
        self._take = take
        self._queue_bytes = queue_bytes
        self._waiting: deque[SampleBlock] = deque()
        self._waiting_bytes = 0
        self._lost = 0
        self._ended = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="decoding", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """Bytes of samples that wait to be decoded."""
        return self._waiting_bytes

    def put(self, block: SampleBlock) -> None:
        """Queue a block; returns at once.

        Raises:
            BaseException: whatever ended the decoding, in the thread of the caller.
        """
        if self._error is not None:
            raise self._error
        size = block.samples.nbytes
        with self._changed:
            if self._waiting_bytes + size > self._queue_bytes:
                lost = block.samples.size + block.dropped_before
                self._lost += lost
                self.lagged_samples += block.samples.size
                return
            if self._lost:
                block = replace(block, dropped_before=block.dropped_before + self._lost)
                self._lost = 0
            self._waiting.append(block)
            self._waiting_bytes += size
            self._changed.notify()

    def finish(self, patience_s: float | None = None) -> bool:
        """Decode what waits and end; may be called twice.

        Args:
            patience_s: how long to wait for that; None for as long as it takes.

        Returns:
            Whether it came to its end in time.

        Raises:
            BaseException: whatever ended the decoding.
        """
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(patience_s)
        error, self._error = self._error, None
        if error is not None:
            raise error
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            for reception, row in self._run.samples(self._blocks()):
                self._take(reception, row)
        except BaseException as error:  # it is raised again where the blocks come from
            self._error = error

    def _blocks(self) -> Iterator[SampleBlock]:
        while True:
            with self._changed:
                while not self._waiting and not self._ended:
                    self._changed.wait()
                if not self._waiting:
                    return
                block = self._waiting.popleft()
                self._waiting_bytes -= block.samples.nbytes
            yield block


class PatientWriter(Writer):
    """A writer for whom a log that cannot be written is no end: frames wait in memory and are tried again.

    Args:
        logbook: None where nothing is to be logged.
        session: name of the run.
        listener: told once when logging fails and once when it works again.

    Attributes:
        unlogged: receptions that are in no log yet.
    """

    def __init__(self, logbook: Logbook | None, session: str, listener: Callable[[str], None]) -> None:
        super().__init__(logbook, session)
        self.unlogged: list[Reception] = []
        self._listener = listener
        # Counts nothing that matters: what is tried again was counted when it was heard.
        self._again = Writer(logbook, session)
        # Counts what is not logged now.
        self._counting = Writer(None, session)
        self._counting.tally = self.tally

    def write(self, reception: Reception) -> dict[str, object]:
        """See :class:`Writer`; a log that fails is told, not raised."""
        if self.unlogged:
            try:
                self.catch_up()
            except LogbookError:
                self.unlogged.append(reception)
                return self._counting.write(reception)
        try:
            return super().write(reception)
        except LogbookError as error:
            self._listener(f"{error}; frames wait in memory until it works again")
            self.unlogged.append(reception)
            return frame_row(reception.frame, reception.context, session=self._session)

    def catch_up(self) -> None:
        """Log what waits.

        Raises:
            LogbookError: it still cannot be written.
        """
        if not self.unlogged:
            return
        while self.unlogged:
            # What was logged in part is known by its id and not logged twice.
            self._again.write(self.unlogged[0])
            del self.unlogged[0]
        self._listener("the logs can be written again; nothing is missing in them")
