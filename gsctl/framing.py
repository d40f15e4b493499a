"""Framings: how frames become bits, as frozen parameters, and what vouches for a frame.

``FRAMINGS`` holds the kebab-case names of the contract. A framing of FRAMINGS.md
becomes known here by one dataclass (or one more name of an existing one).
"""

from __future__ import annotations

import dataclasses
import difflib
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax25(Framing):
    """AX.25 UI frames in HDLC with NRZI (AX.25 2.2, section 3).

    Attributes:
        g3ruh: the line bits pass the G3RUH scrambler, x^17 + x^12 + 1.
        nrzi_passes: how often NRZI is applied; 2 on UA01 (PolyITAN-2), 0 where a
            transmitter leaves it out.
    """

    g3ruh: bool = False
    nrzi_passes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ais(Framing):
    """AIS messages in HDLC with NRZI (ITU-R M.1371, annex 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Framing):
    """Characters of a Morse beacon, a word or a line a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax100AsmGolay(Framing):
    """GOMspace AX100, "ASM+Golay" (mode 5): Golay-protected length, Reed-Solomon.

    Attributes:
        sync_word: 32 bits; 0x1ACFFC1D on FORESAIL-1.
        sync_tolerance: wrong bits allowed in it.
        scrambler: the codeword passes the CCSDS scrambler.
    """

    sync_word: int = 0x930B51DE
    sync_tolerance: int = 4
    scrambler: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax100ReedSolomon(Framing):
    """GOMspace AX100, "Reed-Solomon": all of it G3RUH-scrambled, length byte, Reed-Solomon."""

    sync_word: int = 0x930B51DE
    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class U482c(Framing):
    """GOMspace U482C: Golay-protected length with flags for the codes in use."""

    sync_tolerance: int = 4


FRAMINGS: dict[str, Framing] = {
    "ax25": Ax25(),
    "ax25-g3ruh": Ax25(g3ruh=True),
    "ua01": Ax25(g3ruh=True, nrzi_passes=2),
    "ais": Ais(),
    "text": Text(),
    "ax100-asm-golay": Ax100AsmGolay(),
    "ax100-rs": Ax100ReedSolomon(),
    "u482c": U482c(),
}


def framing_name(framing: Framing) -> str:
    """The contract's name of a framing, with the parameters that differ: ``ax25:nrzi_passes=0``."""
    candidates = [(name, known) for name, known in FRAMINGS.items() if type(known) is type(framing)]
    for name, known in candidates:
        if known == framing:
            return name
    if not candidates:
        raise KeyError(type(framing).__name__)
    name, known = candidates[0]
    differing = ",".join(
        f"{field.name}={getattr(framing, field.name)}"
        for field in dataclasses.fields(framing)
        if getattr(framing, field.name) != getattr(known, field.name)
    )
    return f"{name}:{differing}"


def parse_framing(text: str) -> Framing:
    """Build a framing from ``NAME`` or ``NAME:key=value,key=value``.

    Raises:
        UsageError: the name, a key or a value is unknown; the message names the nearest valid one.
    """
    name, _, parameters = text.partition(":")
    known = FRAMINGS.get(name.strip().lower().replace("_", "-"))
    if known is None:
        near = difflib.get_close_matches(name.lower(), FRAMINGS, n=1, cutoff=0.4)
        advice = f"did you mean {near[0]}?" if near else "gsctl decode --list shows them"
        raise UsageError(f"unknown framing {name!r}", where="--framing", advice=advice)
    changes = dict(_parameter(known, item) for item in parameters.split(",") if item)
    return dataclasses.replace(known, **changes)


def _parameter(known: Framing, item: str) -> tuple[str, bool | int | float | str | None]:
    key, _, value = item.partition("=")
    key = key.strip().replace("-", "_")
    names = [field.name for field in dataclasses.fields(known)]
    if key not in names:
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.4) or names
        advice = f"it takes {', '.join(near)}" if near else "it takes no parameters"
        raise UsageError(f"{framing_name(known)} has no parameter {key!r}", where="--framing", advice=advice)
    example = getattr(known, key)
    try:
        return key, _parameter_value(value.strip().lower(), example)
    except ValueError:
        kind = type(example).__name__
        raise UsageError(
            f"{key}={value!r} is no {kind}", where="--framing", advice=f"for example {key}={example}"
        ) from None


def _parameter_value(text: str, example: object) -> bool | int | float | str | None:
    if isinstance(example, bool):
        if text not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError(text)
        return text in {"true", "1", "yes"}
    if isinstance(example, int):
        return int(text, 0)
    if isinstance(example, float):
        return float(text)
    return None if text == "none" else text
