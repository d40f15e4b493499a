"""Samples and soft bits, as they travel between the stages of a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gsctl.model.words import Domain, TimeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBlock:
    """Consecutive samples from one source.

    Attributes:
        samples: (n,) complex64 for iq and ssb_audio, float32 for fm_audio; full scale 1.0.
        center_frequency_hz: of an IQ stream; None is unknown.
        start_time: UTC time of sample 0 of this block; None is unknown.
        start_sample: index of sample 0 of this block in the stream, dropped samples counted.
        dropped_before: samples lost between the previous block and this one.
        time_uncertainty_s: one sigma of ``start_time``; None is unknown.
    """

    samples: NDArray[np.complex64] | NDArray[np.float32]
    domain: Domain
    sample_rate_hz: float
    center_frequency_hz: float | None = None
    start_time: datetime | None = None
    start_sample: int = 0
    dropped_before: int = 0
    time_source: TimeSource | None = None
    time_uncertainty_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """One likely competing decision of a detector: flip ``symbols`` at ``cost``.

    Attributes:
        cost: loss of log-likelihood; small is likely.
        symbols: indices into the SoftBits' values.
        inverts: all that follows is inverted too, as behind a jump of the carrier's phase. Such events
            come beside the values' own magnitudes; other events come in their place.
    """

    cost: float
    symbols: tuple[int, ...]
    inverts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBits:
    """Line symbols in order, as a detector heard them.

    Attributes:
        values: (n,) float32; > 0 means one, magnitude a log-likelihood ratio.
        position: (n,) float64, sample index (in the input stream's count) of the middle of each symbol.
        symbol_rate_bd: as measured.
        stream: which branch of the receiver this is; deframers keep a state for each stream.
        restart: nothing before this is connected to it (a new burst, or samples were lost).
        frequency_offset_hz: of the carrier from the middle of the channel; None is unknown (FM audio).
        snr_db: in a bandwidth equal to the symbol rate; None leaves it to the deframer, which takes
            it from the spread of the values.
        level_dbfs: power of the signal over full scale; None is not measured.
        events: likeliest competing decisions where symbols err together.
    """

    values: NDArray[np.float32]
    position: NDArray[np.float64]
    symbol_rate_bd: float
    stream: int = 0
    restart: bool = False
    frequency_offset_hz: float | None = None
    snr_db: float | None = None
    level_dbfs: float | None = None
    events: tuple[ErrorEvent, ...] = ()
