"""WAV headers: where the samples lie, how they are stored, and what recording programs add.

Read here and not by a library, because receivers write headers that libraries refuse or believe: sizes
of 0 or 0xFFFFFFFF from programs that stream, files cut short, RF64 (EBU Tech 3306) above 4 GB, and the
extra chunks of radio programs: ``auxi`` (SpectraVue's binary form, SDR Console's XML) and ``rcvr`` (Perseus).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gsctl.errors import RecordingError
from gsctl.radio.formats import FORMATS, SampleFormat

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MAX_CHUNK_BYTES = 1 << 20  # of a chunk that is kept; longer ones are skipped
_MAX_CHUNKS = 1000
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x7FFFF000)
# Programs that stream into a pipe state the most that fits, less their header: only the file's end tells.
_MOST_BYTES = 0x7FFF0000


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """What a WAV header says.

    Attributes:
        form: how one channel's number is stored; None where the encoding is not plain PCM or float.
        data_bytes: as stated; None where the header does not know.
        header_bytes: bytes before the first sample.
        start_time: UTC from an SDR Console or Perseus chunk; None where there is none.
        is_64_bit: an RF64 header, whose sizes do not wrap around.
        systemtime: start time of a binary ``auxi`` chunk, whose zone is not stated, with milliseconds.
    """

    form: SampleFormat | None
    channels: int
    sample_rate_hz: float
    data_bytes: int | None
    header_bytes: int
    is_64_bit: bool = False
    center_frequency_hz: float | None = None
    start_time: datetime | None = None
    systemtime: datetime | None = None


def read_wav_header(read: Callable[[int], bytes], *, where: str) -> WavHeader:
    """Read up to the first sample; ``read(n)`` gives n bytes, fewer only at the end.

    Raises:
        RecordingError: cut short before the samples, or not a WAV file after all.
    """
    riff = _exactly(read, 12, where)
    position, big_data_bytes = 12, None
    form: tuple[SampleFormat | None, int, int] | None = None
    extra: dict[str, float | datetime | None] = {}
    for _ in range(_MAX_CHUNKS):
        name, size = struct.unpack("<4sI", _exactly(read, 8, where))
        position += 8
        if name == b"data":
            if form is None:
                break
            stated = big_data_bytes if riff[:4] == b"RF64" and size == 0xFFFFFFFF else size
            known = stated is not None and (stated not in _UNKNOWN_SIZES or stated is big_data_bytes)
            return WavHeader(
                form=form[0],
                channels=form[1],
                sample_rate_hz=float(form[2]),
                data_bytes=stated if known else None,
                header_bytes=position,
                is_64_bit=riff[:4] == b"RF64",
                **extra,  # type: ignore[arg-type]
            )
        body = _chunk(read, size + (size & 1), where)
        position += size + (size & 1)
        if name == b"fmt ":
            form = _format(body, where)
        elif name == b"ds64" and len(body) >= 16:
            big_data_bytes = struct.unpack_from("<Q", body, 8)[0]
        elif name == b"auxi":
            extra |= _auxi(body)
        elif name == b"rcvr" and len(body) >= 12:
            frequency_hz, _, seconds = struct.unpack_from("<III", body)
            extra |= _facts(frequency_hz, datetime.fromtimestamp(seconds, UTC))
    raise RecordingError(
        "WAV header without format and samples",
        where=where,
        advice="record it again, or name its raw format with --sample-format",
    )


def believed_data_bytes(header: WavHeader, path: Path) -> int | None:
    """How many bytes of samples a WAV file has by its header, if that can be; None is to its end.

    A recorder that was killed may have left the size of some time before, and samples behind it: they
    are, unless a chunk begins there. Above 4 GB the sizes of a plain RIFF header have wrapped around.

    Raises:
        OSError: the file cannot be read.
    """
    stated, size = header.data_bytes, path.stat().st_size
    there = size - header.header_bytes
    if stated is None or (size > 1 << 32 and not header.is_64_bit):
        return None
    if stated >= there:
        return None if stated > max(there, _MOST_BYTES) and not header.is_64_bit else stated
    end = header.header_bytes + stated + (stated & 1)
    with path.open("rb") as stream:
        stream.seek(end)
        head = stream.read(8)
    if len(head) < 8:
        return stated
    name, length = struct.unpack("<4sI", head)
    is_chunk = all(32 <= c < 127 for c in name) and end + 8 + length <= size + 1
    return stated if is_chunk else None


def _exactly(read: Callable[[int], bytes], count: int, where: str) -> bytes:
    """``count`` bytes, or an error that says the file is cut."""
    data = read(count)
    if len(data) < count:
        raise RecordingError(
            "cut short within its WAV header", where=where, advice="nothing of its signal is left"
        )
    return data


def _chunk(read: Callable[[int], bytes], size: int, where: str) -> bytes:
    """The body of a chunk; of a long one only as much as may be kept."""
    kept = _exactly(read, min(size, _MAX_CHUNK_BYTES), where)
    left = size - len(kept)
    while left:
        left -= len(_exactly(read, min(left, _MAX_CHUNK_BYTES), where))
    return kept


def _format(body: bytes, where: str) -> tuple[SampleFormat | None, int, int]:
    """Sample format, channels and rate of a ``fmt`` chunk."""
    if len(body) < 16:
        raise RecordingError("WAV format chunk is too short", where=where)
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        tag = struct.unpack_from("<H", body, 24)[0]
    if not 1 <= channels <= 64:
        raise RecordingError(f"WAV header states {channels} channels", where=where)
    if tag == _PCM and bits == 8:  # the only unsigned one, and its zero is 128
        return (
            SampleFormat(name="u8", dtype="|u1", is_complex=False, offset=128.0, full_scale=128.0),
            channels,
            rate_hz,
        )
    name = {(_PCM, 16): "i16", (_PCM, 24): "i24", (_PCM, 32): "i32", (_FLOAT, 32): "f32", (_FLOAT, 64): "f64"}
    found = name.get((tag, bits))
    return (FORMATS[found] if found else None), channels, rate_hz


def _facts(frequency_hz: int, start: datetime | None) -> dict[str, float | datetime | None]:
    """Header facts; what is zero is unknown."""
    return {"center_frequency_hz": float(frequency_hz) or None, "start_time": start}


def _auxi(body: bytes) -> dict[str, float | datetime | None]:
    """An ``auxi`` chunk: SDR Console's XML states UTC; SpectraVue's binary form states no zone."""
    if b"<" in body[:4]:
        text = body.replace(b"\0", b"").decode("latin-1")  # UTF-16 of plain ASCII
        frequency = re.search(r'\bRadioCenterFreq="(\d{1,12})"', text)
        seconds = re.search(r'\bUTCSeconds="(\d{1,11})"', text)
        start = datetime.fromtimestamp(int(seconds[1]), UTC) if seconds else None
        return _facts(int(frequency[1]) if frequency else 0, start)
    if len(body) < 36:
        return {}
    year, month, _, day, hour, minute, second, milli = struct.unpack_from("<8H", body)
    frequency_hz = struct.unpack_from("<I", body, 32)[0]
    try:
        system = datetime(year, month, day, hour, minute, second, milli * 1000, tzinfo=UTC)
    except ValueError:
        return {**_facts(frequency_hz, None)}
    return {**_facts(frequency_hz, None), "systemtime": system}
