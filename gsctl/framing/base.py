"""What all framings share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gsctl.errors import UsageError


class Integrity(StrEnum):
    """Which check held for a frame, the strongest first."""

    CRC = "crc"
    FEC = "fec"
    CRC_CORRECTED = "crc-corrected"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Base of all framings."""


def require(fits: bool, name: str, value: object, valid: str) -> None:
    """Refuse a parameter's value.

    Raises:
        UsageError: ``fits`` is false; the message says what is valid.
    """
    if not fits:
        raise UsageError(f"{name}={value} is no such value", where="--framing", advice=f"valid: {valid}")
