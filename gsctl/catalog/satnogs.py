"""Satellites and transmitters of SatNOGS DB, as satellites of the catalogue.

Sources: the JSON of https://db.satnogs.org/api/satellites/ and /api/transmitters/ (data CC-BY-SA 4.0).
What SatNOGS states is stated here too; a framing that only follows from a description or from custom
is marked inferred or assumed. The rows are foreign text: types, lengths and characters are checked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from gsctl.catalog.modules import xdg_dir
from gsctl.catalog.satnogs_modes import chain_of
from gsctl.errors import CatalogError
from gsctl.framing import framing_name
from gsctl.model import Direction, Satellite, Source, Transmitter

_MOST_ROWS = 200_000
_LONGEST_TEXT = 300
_CALLSIGN = re.compile(r"(?:[A-Z]{1,2}|\d[A-Z]|[A-Z]\d)\d{1,2}[A-Z]{1,5}")
_COSPAR = re.compile(r"(?:19|20)\d{2}-\d{3}[A-Z]{1,3}")
_NO_MODES = ("", "UNKNOWN")
_SATELLITE_KEYS = (
    *("sat_id", "norad_cat_id", "norad_follow_id", "name", "names", "status", "decayed", "updated"),
    *("website", "citation"),
)
_TRANSMITTER_KEYS = (
    *("sat_id", "uuid", "description", "type", "uplink_low", "downlink_low", "mode", "uplink_mode", "baud"),
    *("alive", "citation", "unconfirmed"),
)

Rows = Sequence[Mapping[str, Any]]


def parse_rows(text: str | bytes, *, where: str) -> Rows:
    """The rows of one JSON document of SatNOGS DB.

    Raises:
        CatalogError: it is no JSON list of objects, or too long.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogError(
            f"no JSON: {error}", where=where, advice="take /api/satellites/?format=json of SatNOGS DB"
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogError("no list of JSON objects", where=where)
    if len(rows) > _MOST_ROWS:
        raise CatalogError(f"{len(rows)} rows are too many", where=where)
    return rows


def store_path() -> Path:
    """The user's copy of SatNOGS DB, whether it exists or not (XDG base directories)."""
    return xdg_dir("XDG_DATA_HOME", ".local/share") / "satnogs.json"


def write_store(path: Path, satellites: Rows, transmitters: Rows, *, retrieved_at: str) -> None:
    """Keep what the catalogue needs of both documents in one file, replaced as a whole.

    Raises:
        CatalogError: the rows hold no satellite or no transmitter, or the file cannot be written.
    """
    kept = {
        "retrieved_at": retrieved_at,
        "satellites": [{key: row.get(key) for key in _SATELLITE_KEYS} for row in satellites],
        "transmitters": [{key: row.get(key) for key in _TRANSMITTER_KEYS} for row in transmitters],
    }
    if not any("norad_cat_id" in row for row in satellites):
        raise CatalogError("there are no satellites among the rows", where="SatNOGS DB, satellites")
    if not any("downlink_low" in row for row in transmitters):
        raise CatalogError("there are no transmitters among the rows", where="SatNOGS DB, transmitters")
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(kept, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise CatalogError(f"cannot be written: {error.strerror}", where=str(path)) from error


def read_store(path: Path) -> tuple[Satellite, ...]:
    """The satellites of a store; none where there is no store.

    Raises:
        CatalogError: the file is damaged.
    """
    kept = read_document(path)
    try:
        return satellites_from(kept["satellites"], kept["transmitters"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def read_document(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of a store under ``satellites`` and ``transmitters``; both empty where there is none.

    Raises:
        CatalogError: the file is damaged.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"satellites": [], "transmitters": []}
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise _damaged(path) from error
    rows = [kept.get(key) for key in ("satellites", "transmitters")] if isinstance(kept, dict) else []
    if len(rows) != 2 or not all(isinstance(part, list) for part in rows):
        raise _damaged(path)
    return {"satellites": kept["satellites"], "transmitters": kept["transmitters"]}


def _damaged(path: Path) -> CatalogError:
    return CatalogError(
        "the copy of SatNOGS DB is damaged", where=str(path), advice="gsctl satellites update renews it"
    )


def retrieved_at(path: Path) -> str:
    """When the store was fetched, ISO 8601; empty where there is none."""
    try:
        with path.open(encoding="utf-8") as file:
            found = re.match(r'\{"retrieved_at":"([^"]*)"', file.read(100))
    except OSError:
        return ""
    return found[1] if found else ""


def satellites_from(satellites: Rows, transmitters: Rows) -> tuple[Satellite, ...]:
    """Turn rows into satellites; rows without a usable number or name are left out."""
    by_satellite: dict[str, list[Mapping[str, Any]]] = {}
    for row in transmitters:
        by_satellite.setdefault(_text(row, "sat_id"), []).append(row)
    found = (_satellite(row, by_satellite.get(_text(row, "sat_id"), ())) for row in satellites)
    return tuple(satellite for satellite in found if satellite is not None)


def _satellite(row: Mapping[str, Any], transmitters: Iterable[Mapping[str, Any]]) -> Satellite | None:
    listed, followed = _number(row, "norad_cat_id"), _number(row, "norad_follow_id")
    number = followed or listed
    name = _line(row, "name")
    if not number or not 0 < number < 10**9 or not name:
        return None
    words = list(_other_names(name, _text(row, "names")))
    cospar = [word for word in words if _COSPAR.fullmatch(word)]
    callsigns = [word for word in words if _CALLSIGN.fullmatch(word)]
    decayed = _text(row, "decayed")[:10]
    return Satellite(
        name=name,
        norad_id=int(number),
        cospar_id=cospar[0] if cospar else "",
        temporary_norad_ids=(int(listed),) if listed and followed and listed != followed else (),
        aliases=tuple(word for word in words if word not in callsigns and word not in cospar),
        callsigns=tuple(callsigns),
        status=_text(row, "status") or "unknown",
        decayed_on=decayed if is_date(decayed) else "",
        transmitters=tuple(_transmitters(transmitters)),
        sources=_sources(row),
        notes=("from SatNOGS DB (CC-BY-SA 4.0); no protocol file describes it",),
    )


def _other_names(name: str, names: str) -> Iterator[str]:
    """The other names of a satellite, one each, without its own and without repetition."""
    seen = {_key(name), ""}
    for word in re.split(r"[,;/\n]", names):
        word = " ".join(word.split())
        if _key(word) not in seen:
            seen.add(_key(word))
            yield word


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _transmitters(rows: Iterable[Mapping[str, Any]]) -> Iterator[Transmitter]:
    labels: dict[str, int] = {}
    for row in rows:
        for transmitter in _both_ways(row):
            again = labels[transmitter.label] = labels.get(transmitter.label, 0) + 1
            yield transmitter if again == 1 else replace(transmitter, label=f"{transmitter.label} ({again})")


def _both_ways(row: Mapping[str, Any]) -> Iterator[Transmitter]:
    down, up = _number(row, "downlink_low"), _number(row, "uplink_low")
    mode, rate = _line(row, "mode"), _number(row, "baud")
    note = _line(row, "description")
    if down and 1e5 <= down <= 1e12:
        chain = chain_of(mode, rate, note, unconfirmed=row.get("unconfirmed") is True)
        speed = f" {rate:g}" if rate else ""
        told = Transmitter(
            label=f"{down / 1e6:.3f} MHz {mode or 'unknown'}{speed}",
            frequency_hz=down,
            waveform=chain.waveform,
            framing=chain.framing,
            confidence=chain.confidence,
            framing_confidence=chain.framing_confidence,
            note=note if chain.waveform or mode in _NO_MODES else f"modulation {mode}{note and '; '}{note}",
        )
        yield told
        for other in chain.other_framings:
            yield replace(told, label=f"{told.label} {framing_name(other)}", framing=other)
    if up and 1e5 <= up <= 1e12:
        yield Transmitter(
            label=f"{up / 1e6:.3f} MHz uplink",
            direction=Direction.UPLINK,
            frequency_hz=up,
            note=" ".join(part for part in (_line(row, "uplink_mode"), note) if part),
        )


def _sources(row: Mapping[str, Any]) -> tuple[Source, ...]:
    page = f"https://db.satnogs.org/satellite/{_text(row, 'sat_id')}"
    sources = [Source(title="SatNOGS DB", url=page, date=_text(row, "updated")[:10])]
    for title, key in (("citation there", "citation"), ("website", "website")):
        if _text(row, key).startswith(("http://", "https://")):
            sources.append(Source(title=title, url=_text(row, key)))
    return tuple(sources)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        return ""
    clean = (character if character.isprintable() else "\n" for character in value[:_LONGEST_TEXT])
    return "".join(clean).strip()


def _line(row: Mapping[str, Any], key: str) -> str:
    return " ".join(_text(row, key).split())


def _number(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) < 1e15 else None


def is_date(text: str) -> bool:
    """Whether a text is a date of ISO 8601, such as ``2026-06-17``."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
