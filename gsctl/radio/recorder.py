"""Writes SigMF recordings (SigMF 1.2) that stay valid whenever the writer is killed.

Samples go out in whole chunks, straight to the file. Metadata are there from the first moment and are
replaced in one step (a rename) when a gap begins a new capture and, at most once a second, when annotations
come. What a kill leaves behind is therefore a valid pair up to the last chunk.
"""

from __future__ import annotations

import bisect
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import gsctl
from gsctl.errors import RecordingError
from gsctl.radio.formats import SampleFormat

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gsctl.model import SampleBlock

_CHUNK_BYTES = 1 << 18
_CHECK_EVERY_S = 1.0
DEFAULT_MIN_FREE_BYTES = 500_000_000
# A better estimate of when samples were taken is written down when it is so far from the one before.
_TIME_STEP_S = 2e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFacts:
    """What the metadata say beyond the samples.

    Attributes:
        hardware: the device as it describes itself.
        position: latitude and longitude in degrees (north and east positive), height in metres.
        extra: further global fields, with their ``gsctl:`` prefix (satellite, elements, Doppler, gain).
    """

    description: str = ""
    hardware: str = ""
    position: tuple[float, float, float] | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def sigmf_datatype(form: SampleFormat) -> str:
    """SigMF's name of a format, such as ``ci16_le``."""
    kind = form.name.removeprefix("c")
    order = "" if form.component_bytes == 1 else "_le"
    return f"{'c' if form.is_complex else 'r'}{kind}{order}"


def sigmf_datetime(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stored(samples: NDArray[np.complex64] | NDArray[np.float32], form: SampleFormat) -> bytes:
    """Bytes of samples of full scale 1.0 in ``form``; what exceeds its range is clipped."""
    import numpy as np

    parts = samples.view(np.float32)
    kind = np.dtype(form.dtype)
    if kind.kind == "f":
        floats: bytes = parts.astype(kind, copy=False).tobytes()
        return floats
    limits = np.iinfo(kind)
    scaled = np.rint(parts * np.float32(form.full_scale) + np.float32(form.offset))
    data: bytes = np.clip(scaled, limits.min, limits.max).astype(kind).tobytes()
    return data


class SigmfWriter:
    """One recording: ``BASE.sigmf-meta`` and ``BASE.sigmf-data``; a context manager that closes it.

    A full disk, or less than ``min_free_bytes`` left, ends the recording, not the program: ``ended`` then
    says why, the files are complete, and further blocks are counted in ``lost_samples``.

    Attributes:
        written_samples: in the data file.
        ended: why nothing more is written; empty while it is.

    Raises:
        RecordingError: the files exist already, cannot be made, or there is too little room from the start.
    """

    def __init__(
        self,
        base: Path,
        form: SampleFormat,
        sample_rate_hz: float,
        facts: RecordingFacts | None = None,
        *,
        min_free_bytes: int = DEFAULT_MIN_FREE_BYTES,
    ) -> None:
        self.meta_path = base.with_name(base.name + ".sigmf-meta")
        self.data_path = base.with_name(base.name + ".sigmf-data")
        self.sample_rate_hz = sample_rate_hz
        self.written_samples = 0
        self.lost_samples = 0
        self.ended = ""
        self._form = form
        self._min_free_bytes = min_free_bytes
        self._next_sample: int | None = None
        self._starts: list[tuple[int, int]] = []  # (stream sample, file sample) of each capture
        self._timed: tuple[int, datetime] | None = None  # sample and time of the last capture
        self._unsaved = False
        self._checked_at = self._saved_at = time.monotonic()
        self._document = _document(form, sample_rate_hz, facts or RecordingFacts())
        self._fd = self._create()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, block: SampleBlock) -> bool:
        """Append a block; a gap or a retuning begins a new capture.

        Returns:
            Whether all of it is in the file; False once the recording has ended.
        """
        if self.ended or self._fd < 0:
            self.lost_samples += block.samples.size
            return False
        now = time.monotonic()
        if now - self._checked_at > _CHECK_EVERY_S:
            self._checked_at = now
            free = _free_bytes(self.data_path.parent)
            if free < self._min_free_bytes:
                self._end(
                    f"{free / 1e6:.0f} MB left on the disk, {self._min_free_bytes / 1e6:.0f} are to stay free"
                )
                self.lost_samples += block.samples.size
                return False
        self._begin_capture_if_needed(block)
        if self._unsaved and now - self._saved_at > _CHECK_EVERY_S:
            self._save()
        return self._append(block)

    def annotate(
        self,
        sample: float,
        end_sample: float,
        label: str,
        *,
        comment: str = "",
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Mark stream samples ``sample`` to ``end_sample``, such as those of a decoded frame.

        Samples count as in the blocks (dropped ones counted); the recording's own count is found here.
        """
        if not self._starts:
            return
        start = self._file_sample(sample)
        count = max(0, self._file_sample(end_sample) - start)
        annotation: dict[str, Any] = {
            "core:sample_start": start,
            "core:sample_count": count,
            "core:label": label,
        }
        if comment:
            annotation["core:comment"] = comment
        self._document["annotations"].append(annotation | (extra or {}))
        self._unsaved = True

    def close(self) -> None:
        """Finish both files; may be called twice."""
        if self._fd < 0:
            return
        self._save()
        os.close(self._fd)
        self._fd = -1

    def discard(self) -> None:
        """Close, and remove both files: their name is free again."""
        self.close()
        self.meta_path.unlink(missing_ok=True)
        self.data_path.unlink(missing_ok=True)

    def _create(self) -> int:
        """Make the data file, new, and the first metadata."""
        where = str(self.data_path)
        try:
            self.data_path.parent.mkdir(parents=True, exist_ok=True)
            free = _free_bytes(self.data_path.parent)
            if free < self._min_free_bytes:
                raise RecordingError(
                    f"{free / 1e6:.0f} MB left on the disk",
                    where=where,
                    advice="make room, or lower --min-free",
                )
            if self.meta_path.exists() or self.data_path.exists():
                raise RecordingError("there is a recording of that name", where=where, advice="name another")
            descriptor = os.open(self.data_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RecordingError(f"cannot record: {error.strerror}", where=where) from error
        self._save()
        return descriptor

    def _begin_capture_if_needed(self, block: SampleBlock) -> None:
        """A capture for the first block, after a gap, and where centre frequency or time base changed."""
        captures = self._document["captures"]
        frequency_hz = block.center_frequency_hz
        retuned = bool(captures) and frequency_hz != captures[-1].get("core:frequency")
        joined = block.start_sample == self._next_sample and not block.dropped_before
        if joined and not retuned and not self._is_retimed(block):
            return
        self._timed = None if block.start_time is None else (block.start_sample, block.start_time)
        capture: dict[str, Any] = {
            "core:sample_start": self.written_samples,
            "core:global_index": max(0, block.start_sample),
        }
        if frequency_hz is not None:
            capture["core:frequency"] = frequency_hz
        if block.start_time is not None:
            capture["core:datetime"] = sigmf_datetime(block.start_time)
        if block.time_source is not None:
            capture["gsctl:time_source"] = str(block.time_source)
        if block.time_uncertainty_s is not None:
            capture["gsctl:time_uncertainty_s"] = block.time_uncertainty_s
        captures.append(capture)
        self._starts.append((block.start_sample, self.written_samples))
        self._save()  # before the samples: samples without their gap would have wrong times

    def _is_retimed(self, block: SampleBlock) -> bool:
        """Whether a block's time is not the one that the capture before foretells."""
        if self._timed is None or block.start_time is None:
            return self._timed is not None or block.start_time is not None
        sample, moment = self._timed
        foretold_s = (block.start_sample - sample) / self.sample_rate_hz
        return abs((block.start_time - moment).total_seconds() - foretold_s) > _TIME_STEP_S

    def _append(self, block: SampleBlock) -> bool:
        """Write a block's bytes in chunks; on a full disk keep whole samples and end."""
        data = memoryview(stored(block.samples, self._form))
        done = 0
        try:
            while done < len(data):
                done += os.write(self._fd, data[done : done + _CHUNK_BYTES])
        except OSError as error:
            self._end(f"writing failed: {error.strerror}")
        whole = done // self._form.sample_bytes
        self.written_samples += whole
        self._next_sample = block.start_sample + whole
        if whole < block.samples.size:
            self.lost_samples += block.samples.size - whole
            os.ftruncate(self._fd, self.written_samples * self._form.sample_bytes)
            return False
        return True

    def _end(self, reason: str) -> None:
        """Stop recording for good; what was written is complete."""
        self.ended = reason
        self._save()

    def _file_sample(self, stream_sample: float) -> int:
        """Index in the data file of a stream sample; one within a gap becomes the gap's end."""
        index = bisect.bisect_right(self._starts, stream_sample, key=lambda start: start[0]) - 1
        start, file_sample = self._starts[max(0, index)]
        limit = self._starts[index + 1][1] if index + 1 < len(self._starts) else None
        found = file_sample + max(0, int(stream_sample) - start)
        return found if limit is None else min(found, limit)

    def _save(self) -> None:
        """Replace the metadata in one step; a full disk leaves the ones before."""
        self._document["annotations"].sort(key=lambda annotation: annotation["core:sample_start"])
        self._saved_at, self._unsaved = time.monotonic(), False
        temporary = self.meta_path.with_name(self.meta_path.name + ".part")
        try:
            temporary.write_text(json.dumps(self._document, indent=1) + "\n", encoding="utf-8")
            os.replace(temporary, self.meta_path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if not self.ended:
                self.ended = f"writing failed: {error.strerror}"


def _document(form: SampleFormat, sample_rate_hz: float, facts: RecordingFacts) -> dict[str, Any]:
    """The metadata of a recording that has no samples yet."""
    head: dict[str, Any] = {
        "core:datatype": sigmf_datatype(form),
        "core:sample_rate": sample_rate_hz,
        "core:version": "1.2.0",
        "core:recorder": f"gsctl {gsctl.__version__}",
        "core:extensions": [{"name": "gsctl", "version": "0.1.0", "optional": True}],
    }
    if facts.description:
        head["core:description"] = facts.description
    if facts.hardware:
        head["core:hw"] = facts.hardware
    if facts.position is not None:
        latitude_deg, longitude_deg, height_m = facts.position
        head["core:geolocation"] = {"type": "Point", "coordinates": [longitude_deg, latitude_deg, height_m]}
    return {"global": head | facts.extra, "captures": [], "annotations": []}


def _free_bytes(folder: Path) -> int:
    """Bytes that a user may still write on the disk of ``folder``."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
