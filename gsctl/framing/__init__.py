"""Framings: how frames become bits, as frozen parameters, and what vouches for a frame.

``FRAMINGS`` holds the kebab-case names of the contract. A framing becomes known here by one
dataclass (or one more name of an existing one).
"""

from __future__ import annotations

import dataclasses
import difflib

from gsctl.errors import UsageError
from gsctl.framing.base import Framing, Integrity
from gsctl.framing.coded import (
    Aausat4,
    Ao40Fec,
    AstrocastFx25,
    Ax100AsmGolay,
    Ax100ReedSolomon,
    Ax5043,
    Ccsds,
    Eseo,
    Fx25,
    Il2p,
    LilacSat1,
    Ngham,
    OpenLst,
    OpsSat,
    SmogRa,
    U482c,
    Usp,
)
from gsctl.framing.plain import (
    SATELLITE_LAYOUTS,
    Ais,
    Ao40Uncoded,
    Ax25,
    ChipPacket,
    Hades,
    Ideassat,
    Mobitex,
    SatelliteLayout,
    SmogSignalling,
    Snet,
    Text,
)

__all__ = [
    "FRAMINGS",
    "SATELLITE_LAYOUTS",
    "Aausat4",
    "Ais",
    "Ao40Fec",
    "Ao40Uncoded",
    "AstrocastFx25",
    "Ax25",
    "Ax100AsmGolay",
    "Ax100ReedSolomon",
    "Ax5043",
    "Ccsds",
    "ChipPacket",
    "Eseo",
    "Framing",
    "Fx25",
    "Hades",
    "Ideassat",
    "Il2p",
    "Integrity",
    "LilacSat1",
    "Mobitex",
    "Ngham",
    "OpenLst",
    "OpsSat",
    "SatelliteLayout",
    "SmogRa",
    "SmogSignalling",
    "Snet",
    "Text",
    "U482c",
    "Usp",
    "framing_name",
    "parse_framing",
]

FRAMINGS: dict[str, Framing] = {
    "ax25": Ax25(),
    "ax25-g3ruh": Ax25(g3ruh=True),
    "ua01": Ax25(g3ruh=True, nrzi_passes=2),
    "ais": Ais(),
    "text": Text(),
    "ax100-asm-golay": Ax100AsmGolay(),
    "ax100-rs": Ax100ReedSolomon(),
    "u482c": U482c(),
    "aausat-4": Aausat4(),
    "ccsds-rs": Ccsds(),
    "ccsds-uncoded": Ccsds(reed_solomon=False),
    "ccsds-concatenated": Ccsds(convolutional="ccsds"),
    "lilacsat-1": LilacSat1(),
    "light-1": ChipPacket(),
    "reaktor-hello-world": ChipPacket(sync_word=0x352E352E),
    "aalto-1": ChipPacket(sync_word=0x352E352E, crc="x25", crc_little_endian=True),
    "3cat-1": ChipPacket(sync_word=0xD391D391, size_bytes=255, crc=None, reed_solomon=True),
    "fossasat": ChipPacket(sync_word=0x55551212, sync_tolerance=0, whitening="pn9-serial", crc="sx126x"),
    "grizu-263a": ChipPacket(
        sync_word=0x0123456789ABCDEF, sync_bits=64, sync_tolerance=8, whitening="pn9-sx126x-reset"
    ),
    "lucky-7": ChipPacket(
        sync_word=0x2DD4, sync_bits=16, sync_tolerance=1, whitening="pn9-si4463", size_bytes=37
    ),
    "binar-2": ChipPacket(sync_word=0xD391D391, sync_tolerance=0, whitening=None),
    "endurosat": ChipPacket(
        sync_word=0xAA7E,
        sync_bits=16,
        sync_tolerance=0,
        whitening=None,
        crc="ccitt-false",
        keep_length=True,
        max_payload_bytes=128,
    ),
    "geoscan": ChipPacket(size_bytes=66),
    "ao40-fec": Ao40Fec(),
    "ao40-fec-short": Ao40Fec(short=True),
    "funcube": Ao40Fec(differential=True),
    "ao40-uncoded": Ao40Uncoded(),
    "smog-ra": SmogRa(),
    "smog-1-ra": SmogRa(sync_word=0x2DD463C53599, sync_bits=48, sync_tolerance=6, crc="arc"),
    "mrc-100-ra": SmogRa(
        sync_word=0xE31C9DAE, sync_bits=32, sync_tolerance=4, size_bytes=126, crc="ccitt-false"
    ),
    "smog-signalling": SmogSignalling(),
    "ngham": Ngham(),
    "ngham-no-rs": Ngham(reed_solomon=False),
    "usp": Usp(),
    "fx25": Fx25(),
    "astrocast-fx25": AstrocastFx25(),
    "astrocast-fx25-nrz": AstrocastFx25(nrzi=False),
    "mobitex": Mobitex(),
    "mobitex-nx": Mobitex(sync_word=0x0EF0),
    "beesat-9": Mobitex(sync_word=0x0EF0, blocks=32),
    "s-net": Snet(),
    "salsat": Snet(faulty_crc=False),
    "ideassat": Ideassat(),
    "ops-sat": OpsSat(),
    "ax5043": Ax5043(),
    "il2p": Il2p(),
    "il2p-crc": Il2p(crc=True),
    "eseo": Eseo(),
    "openlst": OpenLst(),
    "hades-d": Hades(family="d"),
    "hades-r": Hades(),
    **{name: SatelliteLayout(layout=name) for name in SATELLITE_LAYOUTS},
}


def framing_name(framing: Framing) -> str:
    """The contract's name of a framing, with the parameters that differ: ``ax25:nrzi_passes=0``."""
    candidates = [(name, known) for name, known in FRAMINGS.items() if type(known) is type(framing)]
    for name, known in candidates:
        if known == framing:
            return name
    if not candidates:
        raise KeyError(type(framing).__name__)
    differing = [(name, _difference(framing, known)) for name, known in candidates]
    name, changes = min(differing, key=lambda item: len(item[1]))
    return f"{name}:{','.join(changes)}"


def _difference(framing: Framing, known: Framing) -> list[str]:
    return [
        f"{field.name}={value:#x}" if field.name == "sync_word" else f"{field.name}={value}"
        for field in dataclasses.fields(framing)
        if (value := getattr(framing, field.name)) != getattr(known, field.name)
    ]


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
    kind = next(field.type for field in dataclasses.fields(known) if field.name == key)
    try:
        return key, _parameter_value(value.strip().lower(), str(kind))
    except ValueError:
        example = getattr(known, key)
        raise UsageError(
            f"{key}={value!r} is no {kind}", where="--framing", advice=f"for example {key}={example}"
        ) from None


def _parameter_value(text: str, kind: str) -> bool | int | float | str | None:
    """``kind`` is a field's annotation: one of four plain types, perhaps with None."""
    plain, _, or_none = kind.partition(" | ")
    if text == "none" and or_none:
        return None
    if plain == "bool":
        if text not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError(text)
        return text in {"true", "1", "yes"}
    if plain == "int":
        return int(text, 0)
    if plain == "float":
        return float(text)
    return text
