"""JSON Lines: one flat object a line, with the names of the CSV columns.

``type`` tells ``frame`` from ``record``. An unknown value is null, text is unchanged, bytes
are hex, times are ISO 8601 in UTC with ``Z``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

from gsctl.logbook.csvtext import iso_utc
from gsctl.logbook.frames import FRAME_DECIMALS, record_row
from gsctl.model import Record

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
# json.dumps would make one for each line.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def json_value(value: object, decimals: int | None = None) -> object:
    """Any value of a row as JSON can hold it; floats that are not finite become null."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _number(value, decimals)
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy scalar
        return json_value(value.item(), decimals)
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [json_value(item) for item in value]
    return str(value)


def _number(value: float, decimals: int | None) -> float | None:
    if not math.isfinite(value):
        return None
    return round(value, decimals) + 0.0 if decimals is not None else float(f"{value:.12g}")


def frame_object(row: Mapping[str, object]) -> dict[str, object]:
    """A frame's row (``frames.frame_row``) as an object."""
    values = {name: json_value(value, FRAME_DECIMALS.get(name)) for name, value in row.items()}
    return {"type": "frame", **values}


def record_object(record: Record, *, frame_id: str) -> dict[str, object]:
    """A record as an object: ``schema``, then the columns of its log."""
    row = record_row(record, frame_id=frame_id)
    return {
        "type": "record",
        "schema": record.schema,
        **{name: json_value(value) for name, value in row.items()},
    }


def json_line(values: Mapping[str, object]) -> str:
    """One line of JSON, newline included, ASCII only: safe for any terminal and any pipe."""
    # Most values need no conversion, and to ask json_value about each would cost more than to write them.
    ready: dict[str, object] = {}
    for name, value in values.items():
        kind = type(value)
        if kind in _AS_THEY_ARE:
            ready[name] = value
        else:
            ready[name] = _number(value, None) if kind is float else json_value(value)  # type: ignore[arg-type]
    return _ENCODER.encode(ready) + "\n"
