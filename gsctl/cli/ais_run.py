"""One run of ``gsctl ais``: lines in, messages logged, printed and sent on, everything counted."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gsctl.ais.clock_check import ClockCheck
from gsctl.ais.filters import DuplicateFilter, GhostMarker, MessageFilter
from gsctl.ais.formats import nmea_lines
from gsctl.ais.forwarding import TcpSender, UdpSender
from gsctl.ais.lines import Line, LineSource
from gsctl.ais.messages import AisMessage
from gsctl.ais.reader import NmeaReader
from gsctl.ais.ships import ShipTable, Statistics
from gsctl.cli import console
from gsctl.cli.ais_output import Printer
from gsctl.cli.ais_radio import HeardMessages
from gsctl.cli.whole_steps import whole_step
from gsctl.logbook.book import append_json_line
from gsctl.logbook.csvlog import CsvLog

# Counters that the summary always names; the others only where they are not zero.
_ALWAYS = ("lines", "checksum_bad", "incomplete")


@dataclass(kw_only=True)
class AisRun:
    """What one run holds open, and what it has counted.

    Attributes:
        until_s: of the monotonic clock; None runs to the end of the input.
        clock_check: told of every message; None checks no clock.
        clock: whether lines without a time get this computer's; None means those of live input.
        passed: messages that passed the filters.
        latest_at: time of the latest message that has one.
    """

    session: str
    started_at: datetime
    sources: Sequence[LineSource | HeardMessages]
    printer: Printer
    log: CsvLog | None
    senders: Sequence[UdpSender | TcpSender]
    tag_block: bool
    duplicates: DuplicateFilter | None
    wanted: MessageFilter | None
    ships: ShipTable
    until_s: float | None
    clock: bool | None
    clock_check: ClockCheck | None
    passed: int = 0
    latest_at: datetime | None = None
    _ghosts: GhostMarker = field(default_factory=GhostMarker)
    _statistics: Statistics = field(default_factory=Statistics)
    _counters: Counter[str] = field(default_factory=Counter)
    _signal_s: float = 0.0

    def work(self) -> None:
        """Read every source to its end, until the time is up, or until Ctrl-C."""
        try:
            for source in self.sources:
                if isinstance(source, HeardMessages):
                    self._listen(source)
                else:
                    self._read(source)
        except KeyboardInterrupt:
            console.detail("stopped")

    def _read(self, source: LineSource) -> None:
        with_clock = source.live if self.clock is None else self.clock
        # The same file must give the same ids again; what is live never comes again.
        reader = NmeaReader(source=source.name, identity=self.session if source.live else "")
        try:
            for batch in source.batches():
                self._take(reader, batch, with_clock)
                while source.warnings:
                    console.warn(source.warnings.pop(0))
                if self.until_s is not None and time.monotonic() >= self.until_s:
                    break
        finally:
            reader.finish()
            self._counters.update(reader.counters.as_dict())
            self._counters.update(
                {
                    "too_long": source.too_long,
                    "lost_datagrams": source.lost,
                    "reconnected": source.reconnected,
                }
            )

    def _take(self, reader: NmeaReader, batch: Sequence[Line], with_clock: bool) -> None:
        now = datetime.now(UTC)
        received_at = now if with_clock else None
        read = [reader.feed(line.text, received_at, line.sender) for line in batch]
        self._pass_on([message for message in read if message is not None], now)

    def _listen(self, source: HeardMessages) -> None:
        """Receive what a recording or a radio holds."""
        try:
            with source.ending_at(self.until_s):
                for messages in source.messages():
                    with whole_step():
                        self._pass_on(messages, datetime.now(UTC))
                    if self.until_s is not None and time.monotonic() >= self.until_s:
                        source.stop()
        finally:
            self._counters.update(source.counts())
            self._signal_s += source.signal_s

    def _pass_on(self, heard: Sequence[AisMessage], now: datetime) -> None:
        """Filter, log, print and send messages in the order of their reception."""
        marked = [self._ghosts.mark(message) for message in heard]
        messages = [message for message in marked if self._passes(message)]
        if messages and self.log is not None:
            self.log.append_many(message.known_cells(self.session) for message in messages)
        for message in messages:
            self.ships.add(message)
            self._statistics.add(message)
            if self.clock_check is not None:
                self.clock_check.add(message)
            self.latest_at = message.received_at or self.latest_at
        self._send(messages)
        self.passed += len(messages)
        self.printer.write(messages, now)

    def _passes(self, message: AisMessage) -> bool:
        if self.duplicates is not None and not self.duplicates.is_new(message):
            return False
        return self.wanted is None or self.wanted.passes(message)

    def _send(self, messages: Sequence[AisMessage]) -> None:
        for number, message in enumerate(messages if self.senders else (), start=self.passed):
            lines = nmea_lines(message, tag_block=self.tag_block, group_number=number)
            for sender in self.senders:
                sender.send(lines)

    def sum_up(self, directory: Path | None, *, statistics: bool) -> None:
        """Print what remains, note the run in sessions.jsonl, and say on stderr what came of it.

        Args:
            directory: of the logs; None logs nothing.
            statistics: print the counts by channel and type as well.
        """
        live = any(source.live for source in self.sources)
        self.printer.finish(datetime.now(UTC) if live else self.latest_at)
        sys.stdout.flush()
        summary = self._summary()
        if directory is not None:
            inputs = [{"name": source.name, "sha256": source.sha256 or None} for source in self.sources]
            entry = {"session": self.session, "command": "ais", "started_at": self.started_at}
            append_json_line(directory / "sessions.jsonl", {**entry, "inputs": inputs, "counters": summary})
        for warning in (warning for source in self.sources for warning in source.warnings):
            console.warn(warning)
        for line in self._statistics.lines() if statistics else ():
            console.tell(line)
        if self.clock_check is not None:
            console.tell(_clock_line(self.clock_check))
        console.tell(" ".join(f"{name}={value}" for name, value in summary.items()))

    def _summary(self) -> dict[str, int | float]:
        counts: dict[str, int | float] = {"messages": self.passed, "ships": len(self.ships)}
        counts |= {name: self._counters[name] for name in _ALWAYS}
        counts |= {
            name: count
            for name, count in self._counters.items()
            if count and name not in (*_ALWAYS, "messages")
        }
        if self.duplicates is not None:
            counts["duplicates"] = self.duplicates.dropped
        if self.wanted is not None:
            counts["left_out"] = self.wanted.left_out
        not_sent = sum(sender.lost for sender in self.senders)
        if not_sent:
            counts["not_sent"] = not_sent
        if self._signal_s:
            counts["signal_s"] = round(self._signal_s, 3)
        counts["duration_s"] = round((datetime.now(UTC) - self.started_at).total_seconds(), 3)
        counts["cpu_s"] = round(time.process_time(), 3)
        return counts


def _clock_line(check: ClockCheck) -> str:
    error = check.result()
    if error is None:
        return "clock: too few messages tell their slot and have a time"
    return (
        f"clock: {error.offset_s:+.4f} s off UTC, +-{error.uncertainty_s:.4f} s, "
        f"by the slots of {error.messages} messages of {error.stations} stations"
    )
