"""What every sample source is: an iterable of sample blocks, with what is known about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.radio.formats import zero_unusable

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

BLOCK_SAMPLES = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Ties the sample count to UTC: ``time`` is that of sample ``sample``.

    Attributes:
        time: UTC; None is unknown.
        uncertainty_s: one sigma of ``time``; None is unknown.
        center_frequency_hz: of the stream from here on; None is unknown.
    """

    sample: int = 0
    time: datetime | None = None
    source: TimeSource | None = None
    uncertainty_s: float | None = None
    center_frequency_hz: float | None = None

    def time_of(self, sample: int, sample_rate_hz: float) -> datetime | None:
        """UTC of a sample; None where it is unknown or beyond the calendar."""
        if self.time is None:
            return None
        try:
            return self.time + timedelta(microseconds=round((sample - self.sample) / sample_rate_hz * 1e6))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Samples as a reader has them: (n,) complex64 of IQ or float32 of audio, numbered and anchored."""

    samples: NDArray[np.complex64] | NDArray[np.float32]
    start_sample: int
    anchor: Anchor
    dropped_before: int = 0


@dataclass(slots=True, kw_only=True)
class SourceFacts:
    """What is known of a source before its first sample is read.

    Attributes:
        description: what it is, for people: path or address and format.
        identity: SHA-256 (hex) of a file's bytes; of address, time and process for a live stream.
        duration_s: None where the end is not known.
        anchor: time and centre frequency of sample 0.
        metadata: the SigMF metadata, ``{}`` for other inputs.
        live: samples come as time goes by; they cannot be read again.
    """

    description: str
    sample_rate_hz: float
    domain: Domain
    duration_s: float | None = None
    anchor: Anchor = field(default_factory=Anchor)
    metadata: dict[str, Any] = field(default_factory=dict)
    live: bool = False


class SampleSource:
    """An iterable of :class:`SampleBlock`, to be gone through once; also a context manager that closes it.

    A kind of source gives its samples by ``_pieces``: IQ as complex64, audio as float32. What is not a
    number is zeroed and counted here, and SSB audio is made analytic here, so that every kind agrees.

    Attributes:
        facts: see :class:`SourceFacts`; the usual ones are properties too.
        warnings: one line each; more may come while reading (a truncated file shows at its end).
        nonfinite: samples that were NaN, infinite or absurd, and were zeroed.
        dropped: samples lost in gaps so far.
    """

    def __init__(self, facts: SourceFacts, *, block_samples: int = BLOCK_SAMPLES) -> None:
        if block_samples < 1:
            raise ValueError("block_samples must be positive")
        self.facts = facts
        self.block_samples = block_samples
        self.warnings: list[str] = []
        self.nonfinite = 0
        self.dropped = 0

    @property
    def description(self) -> str:
        """What the source is, for people."""
        return self.facts.description

    @property
    def sample_rate_hz(self) -> float:
        """Samples a second."""
        return self.facts.sample_rate_hz

    @property
    def domain(self) -> Domain:
        """What the blocks hold."""
        return self.facts.domain

    @property
    def duration_s(self) -> float | None:
        """Length of the signal; None where the end is not known."""
        return self.facts.duration_s

    @property
    def start_time(self) -> datetime | None:
        """UTC of sample 0; None is unknown."""
        return self.facts.anchor.time

    @property
    def time_source(self) -> TimeSource | None:
        """Where the time comes from; None where it is unknown."""
        return self.facts.anchor.source

    @property
    def center_frequency_hz(self) -> float | None:
        """Centre of an IQ stream; None is unknown."""
        return self.facts.anchor.center_frequency_hz

    @property
    def metadata(self) -> dict[str, Any]:
        """SigMF metadata; empty for other inputs."""
        return self.facts.metadata

    @property
    def live(self) -> bool:
        """Whether the samples come as time goes by."""
        return self.facts.live

    @property
    def identity(self) -> str:
        """Hex SHA-256 that names this input, for frame ids and session logs."""
        raise NotImplementedError

    def close(self) -> None:
        """Release what is open; may be called twice, and from another thread to end the iteration."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[SampleBlock]:
        return self.blocks()

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield the blocks in order, each at most ``block_samples`` long (a live one may be shorter).

        Raises:
            RecordingError: the input failed while it was read.
            RadioError: a radio or a connection failed for good.
        """
        pieces = self._clean(self._pieces())
        if self.domain is Domain.SSB_AUDIO:
            pieces = _analytic(pieces, self.block_samples)
        for piece in pieces:
            anchor = piece.anchor
            yield SampleBlock(
                samples=piece.samples,
                domain=self.domain,
                sample_rate_hz=self.sample_rate_hz,
                center_frequency_hz=anchor.center_frequency_hz,
                start_time=anchor.time_of(piece.start_sample, self.sample_rate_hz),
                start_sample=piece.start_sample,
                dropped_before=piece.dropped_before,
                time_source=anchor.source if anchor.time else None,
                time_uncertainty_s=anchor.uncertainty_s if anchor.time else None,
            )

    def _pieces(self) -> Iterator[Piece]:
        """Yield the samples as they come; at most ``block_samples`` in one piece."""
        raise NotImplementedError

    def _clean(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Zero and count what is not a number; count what was lost."""
        for piece in pieces:
            # A view of the components: a complex sample with one bad half counts once or twice, and is rare.
            self.nonfinite += zero_unusable(piece.samples.view("float32"))
            self.dropped += piece.dropped_before
            if piece.samples.size or piece.dropped_before:
                yield piece


def _analytic(pieces: Iterator[Piece], block_samples: int) -> Iterator[Piece]:
    """Make real pieces analytic; after a gap the filter starts anew."""
    from gsctl.radio.analytic import Analytic

    filter_ = Analytic()
    position, dropped, anchor = 0, 0, Anchor()

    def cut(samples: NDArray[np.complex64]) -> Iterator[Piece]:
        nonlocal position, dropped
        for start in range(0, samples.size, block_samples):
            part = samples[start : start + block_samples]
            yield Piece(samples=part, start_sample=position, anchor=anchor, dropped_before=dropped)
            position, dropped = position + part.size, 0

    for index, piece in enumerate(pieces):
        if piece.dropped_before or index == 0:
            yield from cut(filter_.finish())
            position, dropped = piece.start_sample, piece.dropped_before
        anchor = piece.anchor
        yield from cut(filter_(piece.samples))  # type: ignore[arg-type]  # audio pieces are float32
    yield from cut(filter_.finish())


def check_sample_rate(rate_hz: object, *, where: str) -> float:
    """A usable sample rate as float.

    Raises:
        RecordingError: not a number from 1 Hz to 10 GHz.
    """
    from gsctl.errors import RecordingError

    # Compared as it is: an integer may be too large for a float.
    if isinstance(rate_hz, bool) or not isinstance(rate_hz, int | float) or not 1 <= rate_hz <= 1e10:
        raise RecordingError(
            f"sample rate {repr(rate_hz)[:40]} cannot be meant",
            where=where,
            advice="give --sample-rate in Hz",
        )
    return float(rate_hz)
