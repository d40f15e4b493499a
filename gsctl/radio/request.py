"""What the caller asked for of an input, and the rules by which that and the input agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.errors import RecordingError
from gsctl.model import Domain, TimeSource
from gsctl.radio.channels import audio_channel
from gsctl.radio.formats import OFFERED, SampleFormat, parse_sample_format
from gsctl.radio.naming import NAME_TIME_UNCERTAINTY_S, NameFacts, facts_from_name
from gsctl.radio.source import Anchor, SourceFacts, check_sample_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RAW_SUFFIXES = {
    ".cu8": "cu8", ".ci8": "ci8", ".cs8": "ci8", ".ci16": "ci16", ".cs16": "ci16", ".sc16": "ci16",
    ".cf32": "cf32", ".fc32": "cf32", ".cfile": "cf32", ".u8": "u8", ".i8": "i8", ".s8": "i8", ".i16": "i16",
    ".s16": "i16", ".f32": "f32",
}  # fmt: skip
_READABLE = "SigMF, WAV, FLAC, OGG, or raw samples with --sample-format and --sample-rate"


class InputKind(StrEnum):
    """What the user says that the samples are."""

    AUTO = "auto"
    FM_AUDIO = "fm-audio"
    SSB_AUDIO = "ssb-audio"
    IQ = "iq"


_DOMAINS = {
    InputKind.FM_AUDIO: Domain.FM_AUDIO,
    InputKind.SSB_AUDIO: Domain.SSB_AUDIO,
    InputKind.IQ: Domain.IQ,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the caller asked for; see :func:`open_recording`."""

    input: InputKind
    sample_rate_hz: float | None
    sample_format: SampleFormat | None
    start_time: datetime | None
    center_hz: float | None
    default_domain: Domain
    block_samples: int

    def audio_domain(self) -> Domain:
        """The domain of one real channel, told or by default."""
        return _DOMAINS.get(self.input, self.default_domain)

    def anchor(self, name: NameFacts | None = None) -> Anchor:
        """Time and centre: as given, else as the file's name tells."""
        name = name or NameFacts()
        given = self.start_time is not None
        time = self.start_time or name.start_time
        source = None if time is None else TimeSource.GIVEN if given else TimeSource.FILE
        return Anchor(
            time=time,
            source=source,
            uncertainty_s=None if given or time is None else NAME_TIME_UNCERTAINTY_S,
            center_frequency_hz=self.center_hz or name.center_frequency_hz,
        )


def time_doubts(name: NameFacts, facts: SourceFacts, where: str) -> list[str]:
    """The warning about a time in the name that was not used."""
    return [f"{where}: {name.doubt}"] if name.doubt and facts.anchor.time is None else []


def stated_rate(stated_hz: float, request: Request, where: str) -> tuple[float, list[str]]:
    """The sample rate, and a warning where the user overrides the header."""
    told = request.sample_rate_hz
    if told is None or told == stated_hz:
        return check_sample_rate(stated_hz, where=where), []
    return told, [f"{where}: its header says {stated_hz:g} S/s; taking {told:g} as told"]


def choose_channel(
    channels: int,
    probed: Iterator[NDArray[np.float32]],
    rate_hz: float,
    request: Request,
    name: NameFacts,
    where: str,
) -> tuple[int | None, Domain, list[str]]:
    """Which channel to take (None: two as IQ), the domain, and a warning where one is due."""
    if channels == 1:
        if request.input is InputKind.IQ:
            raise RecordingError(
                "one channel is no IQ",
                where=where,
                advice="leave out --input iq, or record I and Q as stereo",
            )
        return 0, request.audio_domain(), []
    if request.input is InputKind.IQ:
        return None, Domain.IQ, []
    channel = audio_channel((block[:, :2] for block in probed), enough=round(rate_hz))
    if channel is None and request.input is InputKind.AUTO and not name.is_audio:
        more = [f"{where}: {channels} channels; taking the first two as IQ"] if channels > 2 else []
        return None, Domain.IQ, more
    note = [] if channel is not None else [f"{where}: two different channels; taking the first as audio"]
    return channel or 0, request.audio_domain(), note


def is_named_for_samples(path: Path) -> bool:
    """Whether a file's name alone says that it holds samples."""
    suffix = path.suffix.lower()
    return (
        suffix in _RAW_SUFFIXES
        or suffix.startswith(".sigmf")
        or facts_from_name(path.name).sample_format is not None
    )


def raw_form(where: str, suffix: str, name: NameFacts, request: Request) -> tuple[SampleFormat, float]:
    """Format and rate of raw samples.

    Raises:
        RecordingError: one of them is not known.
    """
    form = request.sample_format
    named = name.sample_format or _RAW_SUFFIXES.get(suffix.lower())
    if form is None and named is not None:
        form = parse_sample_format(named)
    rate_hz = request.sample_rate_hz or name.sample_rate_hz
    if form is None:
        advice = (
            f"raw samples need --sample-format ({OFFERED}) and --sample-rate"
            if suffix
            else f"gsctl reads {_READABLE}"
        )
        raise RecordingError("not a kind of recording gsctl knows", where=where, advice=advice)
    if rate_hz is None:
        raise RecordingError(
            f"raw {form.name} samples without a rate", where=where, advice="give --sample-rate"
        )
    return form, check_sample_rate(rate_hz, where=where)


def raw_domain(form: SampleFormat, request: Request, where: str) -> Domain:
    """Complex samples are IQ, real ones audio."""
    if form.is_complex and request.input not in (InputKind.AUTO, InputKind.IQ):
        raise RecordingError(
            f"{form.name} samples are IQ, not audio", where=where, advice="leave out --input"
        )
    if not form.is_complex and request.input is InputKind.IQ:
        raise RecordingError(
            f"{form.name} samples are one channel, no IQ", where=where, advice=f"--sample-format c{form.name}"
        )
    return Domain.IQ if form.is_complex else request.audio_domain()
