"""What the user imported from other programs: one JSON file beside the copy of SatNOGS DB.

A file that is imported again replaces what came of it before, so importing twice changes nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gsctl.catalog.modules import xdg_dir
from gsctl.errors import CatalogError, UsageError
from gsctl.framing import framing_name, parse_framing
from gsctl.model import Confidence, Direction, Satellite, Source, Transmitter
from gsctl.waveform import WAVEFORMS, Waveform, waveform_name

STORE_VERSION = 1
MAX_BYTES = 64 << 20
_SAME_FREQUENCY_HZ = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of satellites that were handed over."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def store_path() -> Path:
    """The user's imports, whether the file exists or not (XDG base directories)."""
    return xdg_dir("XDG_DATA_HOME", ".local/share") / "imported.json"


def keep_imported(path: Path, satellites: Mapping[str, Satellite]) -> Kept:
    """Add satellites to the store, or replace those of the same key; the file is replaced as a whole.

    Args:
        satellites: by a key that names what they came from, such as ``trsp 25544``.

    Raises:
        CatalogError: the store is damaged or cannot be written.
    """
    rows = _read_rows(path)
    fresh = {key: _as_row(satellite) for key, satellite in satellites.items()}
    new = sum(key not in rows for key in fresh)
    unchanged = sum(rows.get(key) == row for key, row in fresh.items())
    if unchanged < len(fresh):
        part = path.with_name(f"{path.name}.part")
        text = json.dumps({"version": STORE_VERSION, "satellites": {**rows, **fresh}}, ensure_ascii=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise CatalogError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return Kept(new=new, changed=len(fresh) - new - unchanged, unchanged=unchanged)


def read_imported(path: Path) -> tuple[Satellite, ...]:
    """The satellites of a store, several of the same number where they came of several files.

    Raises:
        CatalogError: the file is damaged.
    """
    rows = _read_rows(path)
    try:
        return tuple(_from_row(row) for row in rows.values())
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise _damaged(path) from error


def _read_rows(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _damaged(path)
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(kept, dict) or kept.get("version") != STORE_VERSION:
        raise _damaged(path)
    rows = kept.get("satellites")
    if not isinstance(rows, dict):
        raise _damaged(path)
    return rows


def _damaged(path: Path) -> CatalogError:
    return CatalogError(
        "the file of imported satellites is damaged or of another version",
        where=str(path),
        advice="move it away and import again",
    )


def _as_row(satellite: Satellite) -> dict[str, Any]:
    return {
        "name": satellite.name,
        "norad_id": satellite.norad_id,
        "aliases": list(satellite.aliases),
        "source": satellite.sources[0].title,
        "transmitters": [
            {
                "label": one.label,
                "direction": str(one.direction),
                "frequency_hz": one.frequency_hz,
                "waveform": _waveform_row(one.waveform),
                "framing": framing_name(one.framing) if one.framing else None,
                "confidence": str(one.confidence),
                "framing_confidence": str(one.framing_confidence),
                "note": one.note,
            }
            for one in satellite.transmitters
        ],
    }


def _waveform_row(waveform: Waveform | None) -> dict[str, Any] | None:
    if waveform is None:
        return None
    return {"kind": waveform_name(waveform), **dataclasses.asdict(waveform)}


def _from_row(row: Mapping[str, Any]) -> Satellite:
    transmitters = []
    for one in row["transmitters"]:
        told = dict(one["waveform"]) if one["waveform"] else None
        transmitters.append(
            Transmitter(
                label=str(one["label"]),
                direction=Direction(one["direction"]),
                frequency_hz=None if one["frequency_hz"] is None else float(one["frequency_hz"]),
                waveform=WAVEFORMS[told.pop("kind")](**told) if told else None,
                framing=parse_framing(one["framing"]) if one["framing"] else None,
                confidence=Confidence(one["confidence"]),
                framing_confidence=Confidence(one["framing_confidence"]),
                note=str(one["note"]),
            )
        )
    return Satellite(
        name=str(row["name"]),
        norad_id=int(row["norad_id"]),
        aliases=tuple(map(str, row["aliases"])),
        transmitters=tuple(transmitters),
        sources=(Source(title=f"{row['source']}, imported"),),
        notes=("imported; no protocol file describes it",),
    )


def merge(known: Satellite | None, imported: Sequence[Satellite], taken: Iterable[str]) -> Satellite | None:
    """What is known of one object and what was imported of it, together.

    A transmitter that is not there yet is added, and so is a name; nothing that is known is changed.

    Args:
        known: the catalogue's satellite; None where there is none.
        imported: of the same object, at least one.
        taken: names, normalised, that mean other satellites and are therefore not added.

    Returns:
        None where nothing but a number or a plain name was imported of an unknown object.
    """
    from gsctl.catalog.lookup import names_of, normalised

    named = [one for one in imported if one.name != str(one.norad_id)]
    if known is None:
        if not any(one.transmitters or one.aliases for one in imported):
            return None
        first = named[0] if named else imported[0]
        known = replace(first, transmitters=(), aliases=())
    held = {normalised(name) for name in names_of(known)} | set(taken)
    aliases = list(known.aliases)
    for name in (name for one in named for name in (one.name, *one.aliases)):
        if normalised(name) and normalised(name) not in held:
            held.add(normalised(name))
            aliases.append(name)
    transmitters = list(known.transmitters)
    for transmitter in (t for one in imported for t in one.transmitters):
        if not any(_says(held_one, transmitter) for held_one in transmitters):
            transmitters.append(_relabelled(transmitter, transmitters))
    sources = dict.fromkeys((*known.sources, *(source for one in imported for source in one.sources)))
    return replace(known, aliases=tuple(aliases), transmitters=tuple(transmitters), sources=tuple(sources))


def _says(known: Transmitter, other: Transmitter) -> bool:
    """Whether ``known`` tells all that ``other`` does."""
    if known.direction is not other.direction or known.frequency_hz is None or other.frequency_hz is None:
        return False
    if abs(known.frequency_hz - other.frequency_hz) > _SAME_FREQUENCY_HZ:
        return False
    if other.waveform is None:
        # Its modulation is in words, if anywhere; a label without any says nothing new.
        return other.label == known.label or other.label.endswith("unknown")
    if known.waveform is None or type(known.waveform) is not type(other.waveform):
        return False
    rates = (known.waveform.symbol_rate_bd, other.waveform.symbol_rate_bd)
    return rates[1] in (None, rates[0]) and (other.framing is None or other.framing == known.framing)


def _relabelled(transmitter: Transmitter, others: Iterable[Transmitter]) -> Transmitter:
    """The transmitter with a label that none of the others has."""
    taken = {one.label for one in others}
    label, count = transmitter.label, 1
    while label in taken:
        count += 1
        label = f"{transmitter.label} ({count})"
    return replace(transmitter, label=label)
