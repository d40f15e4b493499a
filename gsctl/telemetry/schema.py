"""From a frame to flat records: the schema that wraps a Construct layout."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from construct import Container, GreedyBytes, ListContainer, Terminated

from gsctl.errors import ProtocolError
from gsctl.model import FieldValue, Record, RelayedAis
from gsctl.telemetry.adapters import iso_time
from gsctl.telemetry.units import indexed

if TYPE_CHECKING:
    from gsctl.model import Frame, Schema, StageCounters


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstructSchema:
    """A telemetry schema made of a Construct layout; it parses and, where the layout can, builds.

    Attributes:
        name: kebab-case and unique; names the CSV file.
        layout: a ``Struct`` that says where it ends: its last part is ``Terminated`` or a named
            ``GreedyBytes``, because Construct drops trailing bytes silently. Names are snake_case
            and end in their unit; those that begin with ``_`` are not logged.
        when: whether a frame's bytes are of this kind, judged by header and length.
        relayed_ais: finds the AIS messages among the parsed values, for frames that carry some.
        names_sender: ``when`` tells the sender by a call sign or a name in the frame, so the schema may
            be tried on frames of an unknown satellite; False where only the length or a pattern speaks.

    Raises:
        ProtocolError: the layout has no explicit end.
    """

    name: str
    layout: Any
    when: Callable[[bytes], bool]
    relayed_ais: Callable[[Any], tuple[RelayedAis, ...]] | None = None
    names_sender: bool = True

    def __post_init__(self) -> None:
        """Refuse a layout that would let trailing bytes pass unseen."""
        parts = getattr(self.layout, "subcons", None) or [self.layout]
        if not _ends(parts[-1]):
            raise ProtocolError(
                "the layout has no explicit end",
                where=self.name,
                advice="end it with Terminated, or with a named GreedyBytes",
            )

    def matches(self, frame: Frame) -> bool:
        """Whether the frame is of this kind; never raises, whatever the bytes are."""
        try:
            return self.when(frame.payload)
        except (IndexError, ValueError):
            return False

    def parse(self, frame: Frame) -> Record:
        """Parse one frame into a flat record.

        Raises:
            ProtocolError: the bytes do not fit the layout.
        """
        try:
            values = self.layout.parse(frame.payload)
            relayed = self.relayed_ais(values) if self.relayed_ais else ()
        # A layout is foreign code fed with hostile bytes: whatever it raises means "does not fit".
        except Exception as error:
            reason = str(error).strip().splitlines()
            raise ProtocolError(
                f"{len(frame.payload)} bytes do not fit: {reason[0] if reason else type(error).__name__}",
                where=self.name,
            ) from error
        return Record(
            schema=self.name,
            fields=dict(flatten(values)),
            payload=frame.payload,
            received_at=frame.received_at,
            satellite=frame.satellite,
            transmitter=frame.transmitter,
            relayed_ais=relayed,
        )

    def build(self, values: Mapping[str, Any]) -> bytes:
        """The bytes of a frame with these values (nested as the layout is).

        Raises:
            ProtocolError: a value is missing or does not fit its field.
        """
        try:
            return bytes(self.layout.build(dict(values)))
        except Exception as error:
            raise ProtocolError(f"cannot build: {' '.join(str(error).split())}", where=self.name) from error


def _ends(part: Any) -> bool:
    """Whether a part of a layout takes or refuses all that is left of the frame."""
    while part is not Terminated and part is not GreedyBytes:
        part = getattr(part, "subcon", None)
        if part is None:
            return False
    return True


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, FieldValue]]:
    """Yield the fields of a parsed container, nested names joined by ``_``.

    A part whose name begins with ``*`` gives its fields no prefix. Lists are numbered from 0 before
    the unit, bytes become upper-case hex, times ISO 8601, numbers that are not finite None. Names
    that begin with ``_`` are left out.
    """
    for name, value in values.items():
        if name.startswith("_"):
            continue
        if name.startswith("*"):
            yield from flatten(value, prefix)
        else:
            yield from _flatten_one(f"{prefix}{name}", value)


def _flatten_one(name: str, value: Any) -> Iterator[tuple[str, FieldValue]]:
    if isinstance(value, Container | dict):
        yield from flatten(value, f"{name}_")
    elif isinstance(value, ListContainer | list | tuple):
        for index, item in enumerate(value):
            yield from _flatten_one(indexed(name, index), item)
    else:
        yield name, _plain(value)


def _plain(value: Any) -> FieldValue:
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex().upper()
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, Enum):
        return str(value.name)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or type(value) in (bool, int, float, str):
        return value  # type: ignore[no-any-return]
    # Construct's EnumInteger and EnumIntegerString: keep the name, never a bare number.
    return str(value) if isinstance(value, str) else f"unknown ({int(value)})"


def parse_frame(
    frame: Frame, schemas: Iterable[Schema], counters: StageCounters | None = None
) -> list[Record]:
    """Every record that ``schemas`` find in the frame, in their order.

    A schema that matches but cannot parse the frame is counted as ``schema_mismatch``, never raised.
    """
    records = []
    for schema in schemas:
        if not schema.matches(frame):
            continue
        try:
            records.append(schema.parse(frame))
        except ProtocolError:
            if counters is not None:
                counters.schema_mismatch += 1
    return records
