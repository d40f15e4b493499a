"""One run over one input, from blocks or frames to logged receptions: what every command shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gsctl.model import StageCounters
from gsctl.pipeline.listening import Heard, Receiver, Settings
from gsctl.pipeline.reception import Interpreter, Reception
from gsctl.pipeline.writing import Writer

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.model import Progress, SampleBlock
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.frame_input import FrameInput

Row = Mapping[str, object]
Show = Callable[[Reception, Row], None]


class Decoding:
    """Runs chains over an input and logs what comes out.

    Args:
        chains: what to listen for.
        settings: how.
        catalog: finds the telemetry schemas.
        input_identity: names the input in frame ids.
        writer: logs and counts.
        show: what else becomes of each reception.
        whole_step: entered around the logging and showing of one, so that nothing comes between them.

    Attributes:
        counters: what the stages met.
        signal_s: how much signal was processed.
    """

    def __init__(
        self,
        chains: Sequence[Chain],
        settings: Settings,
        catalog: Catalog,
        input_identity: str,
        writer: Writer,
        show: Show = lambda _reception, _row: None,
        whole_step: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._receiver = Receiver(chains, settings)
        self._writer, self._show, self._whole_step = writer, show, whole_step
        self.counters: StageCounters = self._receiver.counters
        self.signal_s = 0.0
        self._interpreter = Interpreter(settings, catalog, input_identity, self.counters)

    def samples(
        self, blocks: Iterable[SampleBlock], progress: Progress | None = None, total_s: float | None = None
    ) -> Iterator[tuple[Reception, Row]]:
        """Go through sample blocks; each reception comes with its row of frames.csv, logged and shown.

        Raises:
            LogbookError: a log cannot be written.
            RecordingError, RadioError: the input failed.
        """
        for block in blocks:
            for heard in self._receiver.push(block):
                yield self._take(heard)
            self.signal_s = (block.start_sample + block.samples.size) / block.sample_rate_hz
            if progress is not None:
                progress(self.signal_s, total_s)
        for heard in self._receiver.finish():
            yield self._take(heard)

    def frames(self, source: FrameInput) -> Iterator[tuple[Reception, Row]]:
        """Go through frames that another program received."""
        for heard, when in source.frames():
            reception = self._interpreter(heard, when, self._receiver.nominal_hz(heard.chain))
            yield reception, self._log(reception)

    def _take(self, heard: Heard) -> tuple[Reception, Row]:
        when = self._receiver.timeline.at(heard.frame.sample_index)
        reception = self._interpreter(heard, when, self._receiver.nominal_hz(heard.chain))
        return reception, self._log(reception)

    def _log(self, reception: Reception) -> Row:
        with self._whole_step():
            row = self._writer.write(reception)
            self._show(reception, row)
        return row
