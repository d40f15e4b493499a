"""Opens pipes and network addresses as sample sources."""

from __future__ import annotations

import hashlib

from gsctl.errors import RecordingError
from gsctl.radio.bytestream import PIPE_IDENTITY_BYTES, Lookahead, RawSource, standard_input
from gsctl.radio.foreign import refuse_foreign
from gsctl.radio.formats import SampleFormat, components, parse_sample_format
from gsctl.radio.naming import NameFacts
from gsctl.radio.network import TcpSource, UdpSource, connect_tcp, live_identity, split_address
from gsctl.radio.request import Request, raw_domain, raw_form
from gsctl.radio.riff import read_wav_header
from gsctl.radio.source import SampleSource, SourceFacts
from gsctl.radio.wavefile import wav_source

_LIVE_BLOCK_S = 0.1
# FLAC, OGG, W64, AIFF, AU, CAF, big-endian WAV, MP3 with a title in front
CODEC_MAGIC = (b"fLaC", b"OggS", b"riff\x2e\x91\xcf\x11", b"FORM", b".snd", b"caff", b"RIFX", b"ID3")


def is_wav(magic: bytes) -> bool:
    """Whether a file's first 12 bytes are those of a WAV or RF64 file."""
    return magic[:4] in (b"RIFF", b"RF64") and magic[8:12] == b"WAVE"


def open_pipe(request: Request) -> SampleSource:
    """Standard input: WAV by its header, else raw as told."""
    reader = Lookahead(standard_input())
    magic = reader.peek(12)
    if not magic:
        raise RecordingError("standard input is empty", where="-", advice="pipe samples into it")
    if magic.startswith(CODEC_MAGIC):
        raise RecordingError(
            "only WAV and raw samples can be read from a pipe", where="-", advice="name the file"
        )
    if is_wav(magic):
        return _open_wav_pipe(reader, request)
    if request.sample_format is None:
        refuse_foreign(reader.peek(12), "-")
    form, rate_hz = raw_form("-", "", NameFacts(), request)
    facts = SourceFacts(
        description=f"standard input ({form.name}, {rate_hz:g} S/s)",
        sample_rate_hz=rate_hz,
        domain=raw_domain(form, request, "-"),
        anchor=request.anchor(),
        live=True,
    )
    blocks = min(request.block_samples, max(1, round(rate_hz * _LIVE_BLOCK_S)))
    identity = _pipe_identity(reader, facts.description)
    return RawSource(facts, reader, form, identify=lambda: identity, block_samples=blocks)


def _open_wav_pipe(reader: Lookahead, request: Request) -> SampleSource:
    """A WAV stream on standard input; the first second tells what two channels are."""
    identity = _pipe_identity(reader, "wav")
    header = read_wav_header(reader.read_exactly, where="-")
    if header.form is None:
        raise RecordingError(
            "a WAV encoding that cannot be read from a pipe", where="-", advice="name the file"
        )
    frame_bytes = header.form.component_bytes * header.channels
    first = b""
    if header.channels > 1:
        seconds = min(1 << 24, frame_bytes * (int(header.sample_rate_hz) + 1))
        first = reader.peek(seconds - seconds % frame_bytes)
    whole = first[: len(first) - len(first) % frame_bytes]
    probed = iter([components(whole, header.form).reshape(-1, header.channels)] if whole else [])
    return wav_source(
        reader, header, request, NameFacts(), "-", probed=probed, identify=lambda: identity, size=None
    )


def _pipe_identity(reader: Lookahead, kind: str) -> str:
    """Name a pipe by its kind and first bytes; a pipe that begins with silence is named for this run only."""
    first = reader.peek(PIPE_IDENTITY_BYTES)
    if len(set(first[:4096])) < 3 and len(first) == PIPE_IDENTITY_BYTES:
        return live_identity(kind)
    return hashlib.sha256(kind.encode() + b"\0" + first).hexdigest()


def open_udp(text: str, request: Request) -> SampleSource:
    """Datagrams, int16 mono at 48 kHz unless told otherwise."""
    host, port = split_address(text.removeprefix("udp://"), where=text)
    form = request.sample_format or parse_sample_format("i16")
    facts = _network_facts(text, form, request.sample_rate_hz or 48000.0, request)
    return UdpSource(facts, host, port, form, block_samples=request.block_samples)


def open_tcp(text: str, request: Request) -> SampleSource:
    """Raw samples from a TCP server."""
    host, port = split_address(text.removeprefix("tcp://"), where=text)
    form, rate_hz = raw_form(text, "", NameFacts(), request)
    facts = _network_facts(text, form, rate_hz, request)
    return TcpSource(facts, connect_tcp(host, port), form, block_samples=request.block_samples)


def _network_facts(text: str, form: SampleFormat, rate_hz: float, request: Request) -> SourceFacts:
    """What is known of a stream before its first sample."""
    return SourceFacts(
        description=f"{text} ({form.name}, {rate_hz:g} S/s)",
        sample_rate_hz=rate_hz,
        domain=raw_domain(form, request, text),
        anchor=request.anchor(),
        live=True,
    )
