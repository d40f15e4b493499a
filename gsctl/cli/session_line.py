"""What a run says of itself when it ends: its line in sessions.jsonl and the last line on stderr."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gsctl import __version__
from gsctl.cli.console import tell

if TYPE_CHECKING:
    from gsctl.model import StageCounters
    from gsctl.pipeline.sky import Sky
    from gsctl.pipeline.writing import Tally


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """Made when a run begins; tells how it went when it ends.

    Attributes:
        started_at: when the run began.
    """

    started_at: datetime = field(default_factory=utc_now)
    _cpu_begun_s: float = field(default_factory=time.process_time)

    def values(
        self,
        *,
        tally: Tally,
        counters: StageCounters | None,
        signal_s: float,
        sky: Sky | None,
        **more: object,
    ) -> dict[str, object]:
        """The line of sessions.jsonl (docs/CONTRACT.md, "Logs").

        Args:
            tally: what was logged.
            counters: of the receiver; None if it never began.
            signal_s: seconds of signal that were received.
            sky: elements and station; None without.
            more: ``input``, ``input_sha256`` and whatever else the command has to say.
        """
        return {
            "started_at": self.started_at,
            "ended_at": utc_now(),
            "command": ["gsctl", *sys.argv[1:]],
            "elements_epoch": sky.elements.epoch if sky else None,
            "elements_source": sky.elements.source if sky else None,
            "station": sky.station.name if sky else None,
            "gsctl_version": __version__,
            "frames": tally.frames,
            "unique": tally.unique,
            "records": tally.records,
            "ais_messages": tally.ais_messages,
            "counters": {}
            if counters is None
            else {n: getattr(counters, n) for n in type(counters).__slots__},
            "duration_s": signal_s,
            "cpu_s": self.cpu_s,
            **more,
        }

    def print(self, tally: Tally, counters: StageCounters, signal_s: float) -> None:
        """Print the last line of a run on stderr, unless the user wants it quiet."""
        tell(
            f"frames={tally.frames} unique={tally.unique} records={tally.records} "
            f"fcs_bad={counters.fcs_bad} dropped_samples={counters.dropped} "
            f"duration_s={signal_s:.3f} cpu_s={self.cpu_s:.2f}"
        )

    @property
    def cpu_s(self) -> float:
        """CPU time that the run has taken so far."""
        return time.process_time() - self._cpu_begun_s
