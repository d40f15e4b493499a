"""SatYAML: the files that describe satellites to gr-satellites, as satellites of the catalogue.

Source of the keys and words: gr-satellites' documentation, "SatYAML files". What gsctl has no name
for stays as a note on the transmitter.
"""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

from gsctl.catalog.textfile import clean, read_text
from gsctl.catalog.yaml_events import YamlMapping, parse_yaml
from gsctl.errors import CatalogError, UsageError
from gsctl.framing import FRAMINGS, Ao40Fec, Ao40Uncoded, Ax100AsmGolay, Ccsds, Framing, SmogRa
from gsctl.model import FileProblem, Satellite, Source, Transmitter
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

# SatYAML's words for framings whose name here is not just the same word in kebab-case.
_FRAMINGS = {
    "ax.25": "ax25",
    "ax.25 g3ruh": "ax25-g3ruh",
    "ax100 asm+golay": "ax100-asm-golay",
    "ax100 reed solomon": "ax100-rs",
    "ccsds reed-solomon": "ccsds-rs",
    "astrocast fx.25 nrz-i": "astrocast-fx25",
    "astrocast fx.25 nrz": "astrocast-fx25-nrz",
    "ngham no reed solomon": "ngham-no-rs",
    "smog-p ra": "smog-ra",
    "smog-p signalling": "smog-signalling",
}
_VARIANTS: dict[str, Framing] = {
    "ao-40 fec": Ao40Fec(),
    "ao-40 fec short": Ao40Fec(short=True),
    "ao-40 fec crc-16-arc": Ao40Fec(crc=True),
    "ao-40 fec crc-16-arc short": Ao40Fec(crc=True, short=True),
    "ao-40 uncoded": Ao40Uncoded(),
    "foresail-1": Ax100AsmGolay(sync_word=0x1ACFFC1D),
}
_RATES_BD = (1.0, 1e9)
_FREQUENCIES_HZ = (1e5, 1e12)


def read_satyaml(path: Path) -> tuple[Satellite, list[FileProblem]]:
    """One SatYAML file: the satellite, and the transmitters that could not be read.

    Raises:
        CatalogError: the file is unreadable or names no satellite; the line is in the message.
    """
    source = str(path)
    table = parse_yaml(read_text(path), source)
    if not isinstance(table, YamlMapping) or "transmitters" not in table:
        raise CatalogError(
            "no SatYAML", where=f"{source}:1", advice="such a file has name, norad and transmitters"
        )
    number = table.get("norad")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 10**9:
        raise CatalogError(
            f"norad: {number!r} is no catalogue number", where=f"{source}:{table.lines.get('norad', 1)}"
        )
    name = clean(str(table.get("name") or ""))
    if not name:
        raise CatalogError("it has no name", where=f"{source}:{table.lines.get('name', 1)}")
    others = table.get("alternative_names") or []
    transmitters, problems = _transmitters(table["transmitters"], source, table.lines["transmitters"])
    satellite = Satellite(
        name=name,
        norad_id=number,
        aliases=tuple(clean(str(one)) for one in others if one) if isinstance(others, list) else (),
        transmitters=tuple(transmitters),
        sources=(Source(title=f"SatYAML file {clean(path.name)}"),),
    )
    return satellite, problems


def _transmitters(table: Any, source: str, line: int) -> tuple[list[Transmitter], list[FileProblem]]:
    if not isinstance(table, YamlMapping):
        return [], [FileProblem(source=source, line=line, what="transmitters is no mapping")]
    found: list[Transmitter] = []
    problems: list[FileProblem] = []
    for name, facts in table.items():
        try:
            found.append(_transmitter(name, facts))
        except CatalogError as error:
            where = facts.lines.get(error.where, table.lines[name]) if isinstance(facts, YamlMapping) else 0
            problems.append(FileProblem(source=source, line=where or table.lines[name], what=error.what))
    return found, problems


def _transmitter(name: str, facts: Any) -> Transmitter:
    if not isinstance(facts, YamlMapping):
        raise CatalogError(f"transmitter {clean(name)!r} is no mapping")
    frequency_hz = _number(facts, "frequency", *_FREQUENCIES_HZ)
    rate_bd = _number(facts, "baudrate", *_RATES_BD)
    modulation = clean(str(facts.get("modulation") or ""))
    notes = [clean(name)]
    waveform = _waveform(modulation, rate_bd, facts)
    if waveform is None:
        notes.append(f"modulation {modulation}" if modulation else "modulation not told")
    framing, remark = _framing(facts)
    notes += [remark] if remark else []
    if isinstance(framing, Ao40Fec | Ao40Uncoded) and isinstance(waveform, Bpsk):
        # The differential code is undone by this deframer, on soft bits of a coherent demodulator.
        framing = dataclasses.replace(framing, differential=waveform.differential)
        waveform = dataclasses.replace(waveform, differential=False)
    speed = f" {rate_bd:g}" if rate_bd else ""
    at = f"{frequency_hz / 1e6:.3f} MHz " if frequency_hz else ""
    return Transmitter(
        label=f"{at}{modulation or 'unknown'}{speed}",
        frequency_hz=frequency_hz,
        waveform=waveform,
        framing=framing,
        note="; ".join(notes),
    )


def _number(facts: YamlMapping, key: str, least: float, most: float) -> float | None:
    value = facts.get(key)
    if value is None:
        return None
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not math.isfinite(value) or (value and not least <= value <= most):
        raise CatalogError(f"{key}: {value!r} is no such value", where=key)
    return float(value) or None


def _waveform(modulation: str, rate_bd: float | None, facts: YamlMapping) -> Waveform | None:
    words = modulation.upper().split()
    kind = words[0] if words else ""
    if kind in {"BPSK", "DBPSK"} and set(words[1:]) <= {"MANCHESTER"}:
        return Bpsk(symbol_rate_bd=rate_bd, differential=kind == "DBPSK", manchester=len(words) > 1)
    if modulation.upper() in {"FSK", "FSK SUBAUDIO"}:
        return Fsk(symbol_rate_bd=rate_bd)
    if modulation.upper() != "AFSK":
        return None
    carrier_hz = _number(facts, "af_carrier", 1.0, 1e6)
    deviation_hz = _number(facts, "deviation", -1e6, 1e6)
    fm_deviation_hz = _number(facts, "fm_deviation", -1e6, 1e6)
    if carrier_hz is None or deviation_hz is None:
        return Afsk(symbol_rate_bd=rate_bd or 1200.0, fm_deviation_hz=fm_deviation_hz)
    # A positive deviation makes a one the higher tone.
    return Afsk(
        symbol_rate_bd=rate_bd or 1200.0,
        mark_hz=carrier_hz + deviation_hz,
        space_hz=carrier_hz - deviation_hz,
        fm_deviation_hz=fm_deviation_hz,
    )


def _framing(facts: YamlMapping) -> tuple[Framing | None, str]:
    """The framing, and a remark where gsctl has no name for it."""
    word = clean(str(facts.get("framing") or ""))
    if not word:
        return None, "framing not told"
    key = word.casefold()
    kebab = re.sub(r"[^a-z0-9]+", "-", key).strip("-")
    try:
        known = _VARIANTS.get(key) or FRAMINGS.get(_FRAMINGS.get(key, kebab))
        if key.startswith("ccsds "):
            known = _ccsds(key, facts)
        elif isinstance(known, SmogRa) and (size := _size(facts)):
            known = dataclasses.replace(known, size_bytes=size)
        elif isinstance(known, Ax100AsmGolay) and str(facts.get("scrambler", "")).casefold() == "none":
            known = dataclasses.replace(known, scrambler=False)
    except UsageError as error:
        return None, f"framing {word}: {error.what}"
    return known, "" if known else f"framing {word}, which gsctl has no name for"


def _size(facts: YamlMapping) -> int | None:
    size = _number(facts, "frame size", 1, 65_536)
    return int(size) if size else None


def _ccsds(key: str, facts: YamlMapping) -> Framing | None:
    """Of the older files too, which say basis and precoding in the name of the framing."""
    words = set(key.split())
    kind = next((k for k in ("uncoded", "reed-solomon", "concatenated") if k in words), "")
    size = _size(facts)
    if not kind or size is None:
        return None
    told = {k.casefold(): str(v).casefold() for k, v in facts.items() if isinstance(v, str)}
    depth = _number(facts, "RS interleaving", 1, 8) or 1.0
    return Ccsds(
        size_bytes=size,
        reed_solomon=kind != "uncoded",
        basis=told.get("rs basis", "dual" if "dual" in words else "conventional"),
        depth=int(depth),
        scrambler=told.get("scrambler", "ccsds") != "none",
        differential="differential" in words or told.get("precoding") == "differential",
        convolutional=told.get("convolutional", "ccsds").replace(" ", "-")
        if kind == "concatenated"
        else None,
    )
