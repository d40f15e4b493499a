"""The recording of ``gsctl receive``; where it has to end, the decoding goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gsctl.model import SampleBlock
    from gsctl.pipeline.reception import Reception
    from gsctl.radio.formats import SampleFormat
    from gsctl.radio.recorder import RecordingFacts, SigmfWriter


class Tape:
    """A SigMF recording, written by the thread that reads and annotated by the one that decodes.

    Args:
        base: name of the recording, with or without SigMF's endings.
        form: how samples are stored.
        facts: for its metadata.
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
    ) -> None:
        from gsctl.radio.recorder import SigmfWriter

        self._listener = listener
        self._told = False
        self._lock = threading.Lock()
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
        with self._lock:
            kept = self._writer.write(block)
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
        with self._lock:
            self._writer.annotate(
                frame.sample_index, frame.end_sample_index, name, comment=frame.payload.hex(), extra=extra
            )

    def close(self) -> None:
        """Finish the recording; may be called twice."""
        with self._lock:
            self._writer.close()


def base_of(write: Path) -> Path:
    """The name of a recording without SigMF's endings."""
    return write.with_suffix("") if write.suffix in (".sigmf", ".sigmf-meta", ".sigmf-data") else write
