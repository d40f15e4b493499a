"""The recording of ``gsctl receive``; where it has to end, the decoding goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsctl.cli.console import tell
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gsctl.cli.receive_plan import Plan
    from gsctl.model import SampleBlock
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.narrowing import Narrowing
    from gsctl.pipeline.reception import Reception
    from gsctl.radio.formats import SampleFormat
    from gsctl.radio.recorder import RecordingFacts, SigmfWriter
    from gsctl.radio.source import SampleSource


class Tape:
    """A SigMF recording, written by the thread that reads and annotated by the one that decodes.

    Args:
        base: name of the recording, with or without SigMF's endings.
        form: how samples are stored.
        facts: for its metadata.
        narrowing: records only that channel; None records all.
        min_free_mb: the recording ends while so much of the disk is still free.
        listener: told why the recording ended before its time.

    Raises:
        RecordingError: it exists already, cannot be made, or there is too little room from the start.
    """

    def __init__(
        self,
        base: Path,
        form: SampleFormat,
        sample_rate_hz: float,
        facts: RecordingFacts,
        *,
        min_free_mb: float,
        listener: Callable[[str], None],
        narrowing: Narrowing | None = None,
    ) -> None:
        from gsctl.radio.recorder import SigmfWriter

        self._listener = listener
        self._told = False
        self._lock = threading.Lock()
        self._narrowing = narrowing
        if narrowing is not None:
            sample_rate_hz = narrowing.sample_rate_hz
        self._writer: SigmfWriter = SigmfWriter(
            base, form, sample_rate_hz, facts, min_free_bytes=round(min_free_mb * 1e6)
        )

    @property
    def path(self) -> Path:
        """Its metadata."""
        return self._writer.meta_path

    @property
    def seconds(self) -> float:
        """How much is in it."""
        return self._writer.written_samples / self._writer.sample_rate_hz

    def write(self, block: SampleBlock) -> None:
        """Append a block, for as long as there is room."""
        self._append((block,) if self._narrowing is None else self._narrowing.push(block))

    def _append(self, blocks: Iterable[SampleBlock]) -> None:
        kept = True
        for block in blocks:
            with self._lock:
                kept = self._writer.write(block) and kept
        if not kept and not self._told:
            self._told = True
            self._listener(
                f"{self._writer.data_path}: {self._writer.ended}; the recording ended there and is valid, "
                "the decoding goes on"
            )

    def annotate(self, reception: Reception, row: Mapping[str, object]) -> None:
        """Mark where a frame is."""
        frame = reception.frame
        extra: dict[str, Any] = {"gsctl:frame_id": row["frame_id"], "gsctl:integrity": str(frame.integrity)}
        name = frame.satellite.name if frame.satellite else "frame"
        step = 1 if self._narrowing is None else self._narrowing.step
        first, end = frame.sample_index / step, frame.end_sample_index / step
        with self._lock:
            self._writer.annotate(first, end, name, comment=frame.payload.hex(), extra=extra)

    def close(self) -> None:
        """Finish the recording; may be called twice."""
        narrowing, self._narrowing = self._narrowing, None
        if narrowing is not None:
            self._append(narrowing.finish())
        with self._lock:
            self._writer.close()


def base_of(write: Path) -> Path:
    """The name of a recording without SigMF's endings."""
    return write.with_suffix("") if write.suffix in (".sigmf", ".sigmf-meta", ".sigmf-data") else write


def told_format(name: str) -> SampleFormat:
    """The format of samples that ``--sample-format`` asks for in a recording of a radio.

    Raises:
        UsageError: there is none of that name, or it holds no IQ.
    """
    from gsctl.radio.formats import parse_sample_format

    form = parse_sample_format(name)
    if not form.is_complex:
        raise UsageError(
            f"{form.name} holds no IQ", where="--sample-format", advice=f"did you mean c{form.name}?"
        )
    return form


def native_format(name: str, *, filtered: bool = False) -> SampleFormat:
    """The radio's own format of samples; a filtered channel has finer steps than eight bits."""
    from gsctl.radio.formats import FORMATS

    return FORMATS["ci16" if filtered and name in ("cu8", "ci8") else name]


def narrowing_for(plan: Plan, source: SampleSource, chains: Sequence[Chain]) -> Narrowing | None:
    """What cuts out the channels of all chains, their Doppler shift and all; None where they fill the band.

    Raises:
        UsageError: the source gives no IQ about a known frequency.
    """
    from gsctl.model import Domain
    from gsctl.pipeline.band import span_hz
    from gsctl.pipeline.narrowing import Narrowing

    center_hz = source.center_frequency_hz
    if source.domain is not Domain.IQ or center_hz is None:
        raise UsageError(
            "a channel is cut out of IQ about a known frequency", where="--record", advice="leave it out"
        )
    low_hz, high_hz = span_hz(chains, plan.band.frequency_hz)
    width_hz = high_hz - low_hz
    if 1.25 * width_hz > source.sample_rate_hz / 2:
        tell(f"the channels take {width_hz / 1e3:.0f} kHz: all that the radio gives is recorded")
        return None
    return Narrowing(source.sample_rate_hz, center_hz, (low_hz + high_hz) / 2, width_hz)
