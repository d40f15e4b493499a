"""Satellites, their transmitters, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsctl.model.words import Confidence, Direction

if TYPE_CHECKING:
    from gsctl.framing import Framing
    from gsctl.model.sky import ElementSet
    from gsctl.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact was read."""

    title: str
    url: str = ""
    date: str = ""  # ISO 8601, to the precision known


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """One downlink or uplink of a satellite.

    Attributes:
        label: short and unique within the satellite, such as ``437.365 MHz BPSK 1200``.
        frequency_hz: nominal carrier; None where it is not public.
        waveform: None where it is not public or gsctl has no name for it.
        framing: None where it is not public.
        schema: name of the telemetry schema of its frames, if one is known.
        confidence: of frequency and waveform; ``framing_confidence`` of the framing.
    """

    label: str
    direction: Direction = Direction.DOWNLINK
    frequency_hz: float | None = None
    waveform: Waveform | None = None
    framing: Framing | None = None
    schema: str | None = None
    confidence: Confidence = Confidence.STATED
    framing_confidence: Confidence = Confidence.STATED
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellite:
    """One object and what is known of it; ``sources`` is never empty."""

    name: str
    norad_id: int
    cospar_id: str = ""
    temporary_norad_ids: tuple[int, ...] = ()  # SatNOGS numbers from before the real one was known
    aliases: tuple[str, ...] = ()
    callsigns: tuple[str, ...] = ()
    status: str = "unknown"
    decayed_on: str = ""  # ISO 8601 date
    summary: str = ""
    transmitters: tuple[Transmitter, ...] = ()
    elements: tuple[ElementSet, ...] = ()
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts without a source."""
        if not self.sources:
            raise ValueError(f"{self.name}: at least one source is needed")
