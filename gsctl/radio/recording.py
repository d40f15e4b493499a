"""Opens what the command line names as INPUT: SigMF, WAV, FLAC, OGG, raw files, pipes and network streams."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gsctl.errors import RecordingError
from gsctl.model import Domain
from gsctl.radio.bytestream import FileReader, RawSource, sha256_of_file
from gsctl.radio.foreign import refuse_foreign_file
from gsctl.radio.formats import parse_sample_format
from gsctl.radio.naming import facts_from_name
from gsctl.radio.network import live_identity
from gsctl.radio.request import (
    InputKind,
    Request,
    raw_domain,
    raw_form,
    stated_rate,
    time_doubts,
)
from gsctl.radio.sigmf import SigmfSource, find_files, load_document, number_of, parse_header
from gsctl.radio.source import BLOCK_SAMPLES, Anchor, SampleSource, SourceFacts, check_sample_rate
from gsctl.radio.streams import CODEC_MAGIC, is_wav, open_pipe, open_tcp, open_udp
from gsctl.radio.wavefile import open_sound, open_wav

_SIGMF_SUFFIXES = (".sigmf-meta", ".sigmf-data", ".sigmf")


def open_recording(
    path_or_address: str | Path,
    *,
    input: InputKind | str = InputKind.AUTO,
    sample_rate_hz: float | None = None,
    sample_format: str | None = None,
    start_time: datetime | None = None,
    center_hz: float | None = None,
    default_domain: Domain = Domain.FM_AUDIO,
    block_samples: int = BLOCK_SAMPLES,
) -> SampleSource:
    """Open a recording or a stream of samples.

    Args:
        path_or_address: a file, ``-`` (standard input), ``udp://HOST:PORT`` or ``tcp://HOST:PORT``.
        input: what one real channel is; ``iq`` makes two channels IQ whatever they hold.
        sample_rate_hz: of raw samples; overrides a header's.
        sample_format: of raw samples, such as ``cu8``.
        start_time: UTC of the first sample, aware; overrides what the file says.
        center_hz: centre frequency of IQ; overrides what the file says.
        default_domain: what a mono recording is where ``input`` is ``auto``.
        block_samples: the largest block.

    Returns:
        A source, opened; nothing but its header (and, of a stereo file, what shows its kind) has been read.

    Raises:
        RecordingError: missing, empty, damaged, of unknown kind, or a raw format without what it needs.
        RadioError: a network address that cannot be reached or listened on.
        UsageError: an address that is none.
    """
    request = Request(
        input=InputKind(input),
        sample_rate_hz=None
        if sample_rate_hz is None
        else check_sample_rate(sample_rate_hz, where="--sample-rate"),
        sample_format=None if sample_format is None else parse_sample_format(sample_format),
        start_time=start_time,
        center_hz=center_hz,
        default_domain=default_domain,
        block_samples=block_samples,
    )
    text = str(path_or_address)
    if text == "-":
        return open_pipe(request)
    if text.startswith("udp://"):
        return open_udp(text, request)
    if text.startswith("tcp://"):
        return open_tcp(text, request)
    path = _existing(Path(text))
    if path.suffix in _SIGMF_SUFFIXES and not (path.suffix == ".sigmf-data" and request.sample_format):
        return _open_sigmf(path, request)
    return _open_file(path, request)


def _existing(path: Path) -> Path:
    """A readable, non-empty file; a SigMF base name becomes its metadata's.

    Raises:
        RecordingError: it is not.
    """
    where = str(path)
    try:
        if path.is_dir():
            raise RecordingError("is a directory", where=where, advice="name one recording in it")
        if not path.exists():
            meta = path.with_name(path.name + ".sigmf-meta")
            if meta.is_file() or path.suffix in (".sigmf-meta", ".sigmf-data"):
                return meta if meta.is_file() else _other_half(path)
            raise RecordingError("no such file", where=where)
        with path.open("rb") as stream:
            if path.is_file() and not stream.read(1):
                raise RecordingError("is empty", where=where, advice="was the recording stopped at once?")
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", where=where) from error
    return path


def _other_half(path: Path) -> Path:
    """The half of a SigMF pair that does exist, for the message about the missing one."""
    other = path.with_suffix(".sigmf-data" if path.suffix == ".sigmf-meta" else ".sigmf-meta")
    if not other.exists():
        raise RecordingError("no such file", where=str(path))
    return other


def _open_file(path: Path, request: Request) -> SampleSource:
    """WAV, what libsndfile reads, or raw."""
    with path.open("rb") as stream:
        magic = stream.read(12)
    told = request.sample_format
    if is_wav(magic):
        source = open_wav(path, request)
    elif magic.startswith(CODEC_MAGIC) or (path.suffix.lower() == ".mp3" and magic[:1] == b"\xff"):
        source = open_sound(path, request)
    else:
        return _open_raw(path, request)
    if told is not None:
        source.warnings.append(f"{path}: has a header; --sample-format {told.name} is not used")
    return source


def _open_raw(path: Path, request: Request) -> SampleSource:
    """A file of plain samples."""
    where = str(path)
    name = facts_from_name(path.name)
    if request.sample_format is None:
        refuse_foreign_file(path)
    form, rate_hz = raw_form(where, path.suffix, name, request)
    domain = raw_domain(form, request, where)
    size = path.stat().st_size if path.is_file() else None  # a FIFO or a device has no length
    if size is not None and size < form.sample_bytes:
        raise RecordingError(f"shorter than one {form.name} sample", where=where)
    facts = SourceFacts(
        description=where,
        sample_rate_hz=rate_hz,
        domain=domain,
        duration_s=None if size is None else size // form.sample_bytes / rate_hz,
        anchor=request.anchor(name),
        live=size is None,
    )
    reader = FileReader(path)
    identify = (lambda: sha256_of_file(path)) if size is not None else (lambda: live_identity(where))
    source = RawSource(facts, reader, form, identify=identify, block_samples=request.block_samples)
    source.warnings += time_doubts(name, facts, where)
    return source


def _open_sigmf(path: Path, request: Request) -> SampleSource:
    """A SigMF pair or archive."""
    files = find_files(path)
    document = load_document(files.metadata, where=files.name)
    header = parse_header(document, where=files.name, sample_rate_hz=request.sample_rate_hz)
    data_bytes = files.size - header.header_bytes - header.trailing_bytes
    if data_bytes < header.form.sample_bytes:
        raise RecordingError(
            "SigMF recording without samples", where=files.name, advice="was it stopped at once?"
        )
    stated_hz = number_of(document["global"], "core:sample_rate") or header.sample_rate_hz
    _, warnings = stated_rate(stated_hz, request, files.name)
    if header.domain is Domain.IQ and request.input not in (InputKind.AUTO, InputKind.IQ):
        raise RecordingError("its samples are IQ, not audio", where=files.name, advice="leave out --input")
    segments = header.segments
    first = segments[0].anchor
    given = request.anchor()
    center_hz = given.center_frequency_hz or first.center_frequency_hz
    facts = SourceFacts(
        description=files.name,
        sample_rate_hz=header.sample_rate_hz,
        domain=header.domain or request.audio_domain(),
        duration_s=data_bytes // header.form.sample_bytes / header.sample_rate_hz,
        anchor=Anchor(
            time=given.time or first.time,
            source=given.source or first.source,
            uncertainty_s=first.uncertainty_s if given.time is None else None,
            center_frequency_hz=center_hz,
        ),
        metadata=document,
    )
    source = SigmfSource(
        facts, FileReader(files.data_path, files.offset + header.header_bytes), header,
        override=given, data_bytes=data_bytes, identify=lambda: sha256_of_file(files.data_path),
        block_samples=request.block_samples,
    )  # fmt: skip
    source.warnings += warnings
    if data_bytes % header.form.sample_bytes:
        source.warnings.append(f"{files.data_path}: cut short within a sample; decoding what is there")
    return source
