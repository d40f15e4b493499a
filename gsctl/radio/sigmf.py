"""SigMF recordings: metadata checked, segments with their gaps, pairs and archives (SigMF 1.2)."""

from __future__ import annotations

import json
import tarfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gsctl.errors import RecordingError
from gsctl.model import Domain, TimeSource
from gsctl.radio.bytestream import ByteReader, RawSource
from gsctl.radio.formats import SampleFormat, parse_sigmf_datatype
from gsctl.radio.source import Anchor, Piece, SourceFacts, check_sample_rate

_MAX_META_BYTES = 64 << 20
_MAX_CAPTURES = 100_000
_MAX_PARTS = 500_000  # lists and objects of the metadata; they take a thousand bytes each
_MAX_SAMPLE = 1 << 62
_GAP_TOLERANCE_S = 1e-3  # two datetimes that differ from the count by less are the clock's jitter


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One capture: from ``file_sample`` on in the file, and where that is in the stream.

    Attributes:
        start_sample: stream index, dropped samples counted.
    """

    file_sample: int
    start_sample: int
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmfHeader:
    """What gsctl uses of a SigMF metadata file; ``document`` is all of it."""

    document: dict[str, Any]
    form: SampleFormat
    sample_rate_hz: float
    segments: tuple[Segment, ...]
    header_bytes: int
    trailing_bytes: int
    domain: Domain | None


def load_document(text: bytes, *, where: str) -> dict[str, Any]:
    """Parse a metadata file.

    Raises:
        RecordingError: not JSON, or not SigMF.
    """
    if len(text) > _MAX_META_BYTES:
        raise RecordingError("SigMF metadata is larger than 64 MB", where=where)
    if text.count(b"{") + text.count(b"[") > _MAX_PARTS:
        raise RecordingError(
            "SigMF metadata of too many parts", where=where, advice=f"at most {_MAX_PARTS} lists and objects"
        )
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = (
            str(error) if isinstance(error, json.JSONDecodeError) else "not UTF-8 text, or nested too deep"
        )
        raise RecordingError(
            f"SigMF metadata is not JSON: {reason}", where=where, advice="is it complete?"
        ) from error
    good = isinstance(document, dict) and isinstance(document.get("global"), dict)
    if not good or not isinstance(document.get("captures", []), list):
        raise RecordingError("JSON, but not SigMF metadata", where=where, advice="it needs a global object")
    checked: dict[str, Any] = document
    return checked


def parse_header(document: dict[str, Any], *, where: str, sample_rate_hz: float | None = None) -> SigmfHeader:
    """Check a metadata document and lay out its segments; ``sample_rate_hz`` overrides its rate.

    Raises:
        RecordingError: a field is missing or cannot be meant.
    """
    head = document["global"]
    form = parse_sigmf_datatype(head.get("core:datatype"), where=where)
    channels = head.get("core:num_channels", 1)
    if channels != 1:
        raise RecordingError(
            f"it has {channels!r} channels", where=where, advice="gsctl reads one: split the recording"
        )
    rate = head.get("core:sample_rate") if sample_rate_hz is None else sample_rate_hz
    if rate is None:
        raise RecordingError("core:sample_rate is missing", where=where, advice="give --sample-rate")
    rate = check_sample_rate(_from_text(rate), where=where)
    captures = [
        capture for capture in document.get("captures", [])[:_MAX_CAPTURES] if isinstance(capture, dict)
    ]
    if any(_count(capture, "core:header_bytes", where) for capture in captures[1:]):
        raise RecordingError("core:header_bytes within the data is not supported", where=where)
    domain = head.get("gsctl:domain")
    return SigmfHeader(
        document=document,
        form=form,
        sample_rate_hz=rate,
        segments=_segments(captures, rate, where, number_of(head, "core:frequency")),
        header_bytes=_count(captures[0], "core:header_bytes", where) if captures else 0,
        trailing_bytes=_count(head, "core:trailing_bytes", where),
        domain=Domain.IQ
        if form.is_complex
        else Domain(domain)
        if domain in ("fm_audio", "ssb_audio")
        else None,
    )


def parse_datetime(text: object) -> datetime | None:
    """A SigMF datetime (ISO 8601, UTC, any number of decimals); None where it is not one."""
    if not isinstance(text, str) or len(text) > 64:
        return None
    whole, dot, fraction = text.strip().upper().removesuffix("Z").removesuffix("+00:00").partition(".")
    digits = fraction[:6].ljust(6, "0")
    try:
        parsed = datetime.fromisoformat(whole)
        micro = int(digits) if dot else 0
        return parsed.replace(microsecond=micro, tzinfo=UTC) if parsed.tzinfo is None else None
    except ValueError:
        return None


def _count(fields: dict[str, Any], key: str, where: str) -> int:
    """A count of samples or bytes; 0 where it is absent."""
    value = fields.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MAX_SAMPLE:
        raise RecordingError(f"{key} is {value!r}, not a count", where=where)
    return value


def _from_text(value: Any) -> Any:
    """A number that some writer put in quotes; anything else as it is."""
    try:
        return float(value) if isinstance(value, str) and len(value) < 40 else value
    except ValueError:
        return value


def number_of(fields: dict[str, Any], key: str) -> float | None:
    """A finite number, in quotes or not; None where it is absent or none."""
    value = _from_text(fields.get(key))
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if good and value is not None else None


def _segments(
    captures: list[dict[str, Any]], rate_hz: float, where: str, center_hz: float | None
) -> tuple[Segment, ...]:
    """Lay captures out on the stream's count: by core:global_index, else by the time between them.

    ``center_hz`` is where the first is, unless it says; some writers put it into the global object.
    """
    segments: list[Segment] = []
    for capture in captures or [{}]:
        file_sample = _count(capture, "core:sample_start", where)
        time = parse_datetime(capture.get("core:datetime"))
        start = file_sample
        base_index = _count(captures[0], "core:global_index", where) if captures else 0
        if segments:
            last = segments[-1]
            if file_sample < last.file_sample:
                raise RecordingError("captures are not in order of core:sample_start", where=where)
            start = last.start_sample + file_sample - last.file_sample
            if "core:global_index" in capture:
                start = max(start, _count(capture, "core:global_index", where) - base_index)
            elif time and (expected := last.anchor.time_of(start, rate_hz)):
                late_s = (time - expected).total_seconds()
                start += round(late_s * rate_hz) if late_s > _GAP_TOLERANCE_S else 0
        previous = segments[-1].anchor if segments else Anchor(center_frequency_hz=center_hz)
        anchor = previous if time is None else Anchor(sample=start, time=time, source=TimeSource.FILE)
        own_hz = number_of(capture, "core:frequency")
        anchor = Anchor(
            sample=anchor.sample,
            time=anchor.time,
            source=anchor.source,
            uncertainty_s=number_of(capture, "gsctl:time_uncertainty_s") if time else anchor.uncertainty_s,
            center_frequency_hz=previous.center_frequency_hz if own_hz is None else own_hz,
        )
        segments.append(Segment(file_sample=file_sample, start_sample=start, anchor=anchor))
    return tuple(segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmfFiles:
    """Where metadata and data of a recording lie; ``offset`` and ``size`` are those of the data's bytes."""

    name: str
    metadata: bytes
    data_path: Path
    offset: int = 0
    size: int


def find_files(path: Path) -> SigmfFiles:
    """Find both halves of a recording from the name of either, or of an archive.

    Raises:
        RecordingError: one half is missing or unreadable.
    """
    if path.suffix == ".sigmf":
        return _in_archive(path)
    meta, data = path.with_suffix(".sigmf-meta"), path.with_suffix(".sigmf-data")
    if not meta.is_file():
        raise RecordingError(
            "SigMF data without its metadata",
            where=str(data),
            advice=f"put {meta.name} beside it, or give --sample-rate and --sample-format",
        )
    try:
        with meta.open("rb") as stream:
            metadata = stream.read(_MAX_META_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", where=str(meta)) from error
    dataset = load_document(metadata, where=str(meta))["global"].get("core:dataset")
    if isinstance(dataset, str) and not data.is_file():
        if dataset != Path(dataset).name:
            raise RecordingError("core:dataset points out of its folder", where=str(meta))
        data = meta.with_name(dataset)
    if not data.is_file():
        raise RecordingError(
            "SigMF metadata without its data", where=str(meta), advice=f"put {data.name} beside it"
        )
    return SigmfFiles(name=str(path), metadata=metadata, data_path=data, size=data.stat().st_size)


def _in_archive(path: Path) -> SigmfFiles:
    """The first recording in a .sigmf archive (an uncompressed tar)."""
    try:
        with tarfile.open(path, "r:") as archive:
            members = {
                member.name: member
                for member, _ in zip(archive, range(10_000), strict=False)
                if member.isreg()
            }
            metas = [name for name in members if name.endswith(".sigmf-meta")]
            for name in metas:
                data = members.get(name.removesuffix("-meta") + "-data")
                stream = archive.extractfile(members[name])
                if data is not None and stream is not None:
                    text = stream.read(_MAX_META_BYTES + 1)
                    return SigmfFiles(
                        name=str(path), metadata=text, data_path=path, offset=data.offset_data, size=data.size
                    )
    except (tarfile.TarError, EOFError) as error:
        raise RecordingError(
            "not a SigMF archive, or cut short", where=str(path), advice="is it complete?"
        ) from error
    raise RecordingError("SigMF archive without a whole recording", where=str(path))


def _overridden(anchor: Anchor, given: Anchor) -> Anchor:
    """A segment's anchor where the user gives the time of the first sample, the centre, or both."""
    if given.time is not None:
        return replace(given, center_frequency_hz=given.center_frequency_hz or anchor.center_frequency_hz)
    if given.center_frequency_hz is not None:
        return replace(anchor, center_frequency_hz=given.center_frequency_hz)
    return anchor


class SigmfSource(RawSource):
    """Samples of a SigMF recording, segment by segment."""

    def __init__(
        self, facts: SourceFacts, reader: ByteReader, header: SigmfHeader, *, override: Anchor, **options: Any
    ) -> None:
        super().__init__(facts, reader, header.form, **options)
        self._segments = [
            replace(segment, anchor=_overridden(segment.anchor, override)) for segment in header.segments
        ]

    def _pieces(self) -> Iterator[Piece]:
        try:
            yield from self._laid_out()
        finally:
            self._reader.close()

    def _laid_out(self) -> Iterator[Piece]:
        """The samples with the numbers and anchors of their segments."""
        segments = self._segments
        current = Segment(file_sample=0, start_sample=0, anchor=segments[0].anchor)
        following = deque(segments[1:] if segments[0].file_sample == 0 else segments)
        position, previous_end = 0, 0
        for raw in self._whole_frames():
            samples = self._samples(raw)
            while samples.size:
                while following and position >= following[0].file_sample:
                    current = following.popleft()
                room = following[0].file_sample - position if following else samples.size
                part, samples = samples[:room], samples[room:]
                start = current.start_sample + position - current.file_sample
                yield Piece(
                    samples=part,
                    start_sample=start,
                    anchor=current.anchor,
                    dropped_before=start - previous_end,
                )
                position += part.size
                previous_end = start + part.size
        # A recorder that was killed leaves a capture that begins where the data end: nothing is missing then.
        if following and following[0].file_sample > position:
            self.warnings.append(
                f"{self.description}: the data end before {len(following)} of its captures begin"
            )
