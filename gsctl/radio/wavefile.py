"""Opens WAV files and what libsndfile decodes: header, channels, and time by header or name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.errors import RecordingError
from gsctl.model import TimeSource
from gsctl.radio.bytestream import ByteReader, FileReader, RawSource, sha256_of_file
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.naming import NAME_TIME_UNCERTAINTY_S, NameFacts, facts_from_name
from gsctl.radio.request import Request, choose_channel, stated_rate, time_doubts
from gsctl.radio.riff import WavHeader, believed_data_bytes, read_wav_header
from gsctl.radio.sound import SoundFile, SoundSource
from gsctl.radio.source import Anchor, SampleSource, SourceFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PROBE_FRAMES = 16384


def open_wav(path: Path, request: Request) -> SampleSource:
    """A WAV file; an encoding that is not plain goes to libsndfile."""
    with path.open("rb") as stream:
        header = read_wav_header(stream.read, where=str(path))
    form = header.form
    if form is None:
        return open_sound(path, request)
    header = replace(header, data_bytes=believed_data_bytes(header, path))

    def probe(form: SampleFormat = form) -> Iterator[NDArray[np.float32]]:
        frame_bytes = form.component_bytes * header.channels
        with path.open("rb") as stream:
            stream.seek(header.header_bytes)
            while raw := stream.read(_PROBE_FRAMES * frame_bytes):
                yield components(raw[: len(raw) - len(raw) % frame_bytes], form).reshape(-1, header.channels)

    return wav_source(
        FileReader(path, header.header_bytes), header, request, facts_from_name(path.name), str(path),
        probed=probe(), identify=lambda: sha256_of_file(path), size=path.stat().st_size,
    )  # fmt: skip


def wav_source(
    reader: ByteReader,
    header: WavHeader,
    request: Request,
    name: NameFacts,
    where: str,
    *,
    probed: Iterator[NDArray[np.float32]],
    identify: Callable[[], str],
    size: int | None,
) -> RawSource:
    """The source of a WAV whose header was read; ``size`` is the file's, None for a pipe."""
    assert header.form is not None
    rate_hz, warnings = stated_rate(header.sample_rate_hz, request, where)
    pick, domain, notes = choose_channel(header.channels, probed, rate_hz, request, name, where)
    frame_bytes = header.form.component_bytes * header.channels
    if size is not None and size - header.header_bytes < frame_bytes:
        raise RecordingError(
            "a WAV header without samples", where=where, advice="was the recording stopped at once?"
        )
    there, stated = None if size is None else size - header.header_bytes, header.data_bytes
    length = there if stated is None else stated if there is None else min(stated, there)
    facts = SourceFacts(
        description=where,
        sample_rate_hz=rate_hz,
        domain=domain,
        duration_s=None if length is None else length // frame_bytes / rate_hz,
        anchor=_wav_anchor(header, request, name),
    )
    source = RawSource(
        facts, reader, header.form, channels=header.channels, pick=pick, data_bytes=stated,
        identify=identify, block_samples=request.block_samples,
    )  # fmt: skip
    source.warnings += [*warnings, *notes, *time_doubts(name, facts, where)]
    return source


def _agree(header: WavHeader, time: datetime) -> bool:
    """Whether the binary chunk's time, whose zone is not stated, is the name's UTC, but finer."""
    return header.systemtime is not None and abs((header.systemtime - time).total_seconds()) < 1.0


def _wav_anchor(header: WavHeader, request: Request, name: NameFacts) -> Anchor:
    """Time and centre of a WAV file: given, else from a chunk that states UTC, else from its name."""
    anchor = request.anchor(name)
    center_hz = request.center_hz or header.center_frequency_hz or name.center_frequency_hz
    time, uncertainty_s = anchor.time, anchor.uncertainty_s
    if request.start_time is None and header.start_time is not None:
        time, uncertainty_s = header.start_time, NAME_TIME_UNCERTAINTY_S
    elif request.start_time is None and time and _agree(header, time):
        time, uncertainty_s = header.systemtime, 0.1
    return Anchor(
        time=time,
        source=anchor.source or (TimeSource.FILE if time else None),
        uncertainty_s=uncertainty_s,
        center_frequency_hz=center_hz,
    )


def open_sound(path: Path, request: Request) -> SampleSource:
    """What libsndfile decodes."""
    sound = SoundFile(path)
    name = facts_from_name(path.name)
    rate_hz, warnings = stated_rate(sound.sample_rate_hz, request, str(path))
    probed = sound.frames(_PROBE_FRAMES)
    pick, domain, notes = choose_channel(sound.channels, probed, rate_hz, request, name, str(path))
    facts = SourceFacts(
        description=str(path),
        sample_rate_hz=rate_hz,
        domain=domain,
        duration_s=None if sound.duration_s is None else sound.duration_s * sound.sample_rate_hz / rate_hz,
        anchor=request.anchor(name),
    )
    source = SoundSource(facts, sound, pick=pick, block_samples=request.block_samples)
    source.warnings += [*warnings, *notes, *time_doubts(name, facts, str(path))]
    return source
