"""The nouns that every room shares: frozen, with units in the names.

Importing this package is cheap: numpy is needed for typing only.
"""

from __future__ import annotations

from collections.abc import Callable

from gsctl.model.catalogue import Satellite, Source, Transmitter
from gsctl.model.frames import FieldValue, Frame, Record, RelayedAis, Schema, StageCounters, Truth
from gsctl.model.problems import FileProblem
from gsctl.model.signals import ErrorEvent, SampleBlock, SoftBits
from gsctl.model.sky import ElementSet, Pass, Station, Track, TuningPlan
from gsctl.model.words import Confidence, Direction, Domain, DopplerState, TimeSource

# Reports progress: (done, total) in seconds of signal; total is None for a live stream.
Progress = Callable[[float, float | None], None]

__all__ = [
    "Confidence",
    "Direction",
    "Domain",
    "DopplerState",
    "ElementSet",
    "ErrorEvent",
    "FieldValue",
    "FileProblem",
    "Frame",
    "Pass",
    "Progress",
    "Record",
    "RelayedAis",
    "SampleBlock",
    "Satellite",
    "Schema",
    "SoftBits",
    "Source",
    "StageCounters",
    "Station",
    "TimeSource",
    "Track",
    "Transmitter",
    "Truth",
    "TuningPlan",
]
