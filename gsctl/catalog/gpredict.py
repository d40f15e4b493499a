"""GPredict's files: places (``*.qth``), transponders (``trsp/*.trsp``) and names (``satdata/*.sat``).

Source of the keys: the files that GPredict 2.x and 1.x write. Its longitudes are east positive. A
``.qth`` of the program predict has the same ending and another content: four plain lines (name,
latitude, longitude, height in metres), with longitudes counted west positive unless the program was
started otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from gsctl.catalog.satnogs_modes import chain_of
from gsctl.catalog.textfile import Section, clean, parse_sections, read_text
from gsctl.errors import CatalogError
from gsctl.model import Direction, FileProblem, Satellite, Source, Station, Transmitter

_PLACE_SECTIONS = ("GROUND STATION", "QTH")
_RATE = re.compile(r"\b(\d+)[kK](\d*)\b(?!\s*[hH][zZ])|\b(\d{3,6})\s*(?:bps|bd|baud)?\b", re.IGNORECASE)
_MODULATION = re.compile(r"\b(AFSK|GFSK|GMSK|FSK|MSK|DBPSK|DPSK|BPSK|PSK|CW)\b", re.IGNORECASE)
_FREQUENCIES_HZ = (1e5, 1e12)


def read_place(path: Path, *, west_positive: bool | None = None) -> Station:
    """The place of a ``.qth`` file, named as the file.

    Args:
        west_positive: how longitudes of predict's four lines are counted. None refuses such a file,
            because it does not say; GPredict's files are east positive whatever is given.

    Raises:
        CatalogError: the file is no such file, or a number is missing or cannot be; the line is named.
    """
    text = read_text(path)
    sections, _ = parse_sections(text, str(path))
    place = next((one for one in sections if one.name.upper() in _PLACE_SECTIONS), None)
    name = clean(path.stem) or "imported"
    if place is not None:
        return Station(
            name=name,
            latitude_deg=_coordinate(place, "LAT", path, 90.0),
            longitude_deg=_coordinate(place, "LON", path, 180.0),
            height_m=_coordinate(place, "ALT", path, 1e5) if "ALT" in place.values else 0.0,
        )
    return _predict_place(text, path, west_positive)


def _coordinate(section: Section, key: str, path: Path, most: float) -> float:
    if key not in section.values:
        raise CatalogError(f"{key} is missing", where=f"{path}:{section.line}")
    return _bounded(section.values[key], key, f"{path}:{section.lines[key]}", most)


def _bounded(text: str, what: str, where: str, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise CatalogError(f"{what} {clean(text)[:30]!r} is no number up to {most:g}", where=where)
    return value


def _predict_place(text: str, path: Path, west_positive: bool | None) -> Station:
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) != 4:
        raise CatalogError(
            "no place of GPredict or predict",
            where=f"{path}:1",
            advice="GPredict writes LAT, LON and ALT under [GROUND STATION], predict four lines",
        )
    name = clean(lines[0][1])
    limits = (("latitude", 90.0), ("longitude", 360.0), ("height", 1e5))
    values = [
        _bounded(line, what, f"{path}:{number}", most)
        for (number, line), (what, most) in zip(lines[1:], limits, strict=True)
    ]
    if west_positive is None:
        raise CatalogError(
            f"a file of predict does not say whether longitude {values[1]:g} is east or west",
            where=f"{path}:{lines[2][0]}",
            advice="predict counts west positive: add --west-positive, or --east-positive if yours does not",
        )
    east_deg = -values[1] if west_positive else values[1]
    # Longitudes up to 360 are in use there; -180..180 here.
    east_deg = east_deg if abs(east_deg) <= 180.0 else (east_deg + 180.0) % 360.0 - 180.0
    return Station(name=name, latitude_deg=values[0], longitude_deg=east_deg, height_m=values[2])


def read_transponders(path: Path) -> tuple[Satellite, list[FileProblem]]:
    """The transponders of ``NUMBER.trsp``, as a satellite of which only they are known.

    Its name is its number: the file holds none. MODE is free text; a modulation, a rate and a framing
    that stand in it are taken, and it is kept as the note.

    Raises:
        CatalogError: the file is unreadable, not named by a catalogue number, or holds no frequency.
    """
    if not re.fullmatch(r"\d{1,9}", path.stem, re.ASCII) or int(path.stem) == 0:
        raise CatalogError(
            "the file's name is no catalogue number", where=str(path), advice="GPredict names it 25544.trsp"
        )
    sections, problems = parse_sections(read_text(path), str(path))
    transmitters: list[Transmitter] = []
    for section in sections:
        try:
            transmitters += _transponder(section, path)
        except CatalogError as error:
            problems.append(
                FileProblem(source=str(path), line=int(error.where.rpartition(":")[2]), what=error.what)
            )
    if not transmitters:
        first = (
            problems[0] if problems else FileProblem(source=str(path), line=1, what="no transponder in it")
        )
        raise CatalogError(first.what, where=f"{path}:{first.line}", advice="it needs DOWN_LOW or UP_LOW")
    satellite = Satellite(
        name=str(int(path.stem)),
        norad_id=int(path.stem),
        transmitters=tuple(transmitters),
        sources=(Source(title=f"GPredict's transponders {clean(path.name)}"),),
    )
    return satellite, problems


def _transponder(section: Section, path: Path) -> Iterator[Transmitter]:
    low, high = _frequency(section, "DOWN_LOW", path), _frequency(section, "DOWN_HIGH", path)
    up, up_high = _frequency(section, "UP_LOW", path), _frequency(section, "UP_HIGH", path)
    mode = clean(section.values.get("MODE", ""))
    inverts = section.values.get("INVERT", "").casefold() in {"true", "1"}
    words = [section.name, mode]
    if low is not None:
        linear = high is not None and high > low
        modulation = None if linear else _MODULATION.search(mode)
        rate_bd = _rate_bd(mode)
        chain = chain_of(modulation[1].upper() if modulation else "", rate_bd, mode)
        if linear and high is not None:
            words.append(f"{low / 1e6:.4f} to {high / 1e6:.4f} MHz" + (", inverting" if inverts else ""))
        kind = f"{modulation[1].upper()} {rate_bd:g}" if modulation and rate_bd else mode or "unknown"
        yield Transmitter(
            label=f"{low / 1e6:.3f} MHz {kind}",
            frequency_hz=low,
            waveform=chain.waveform,
            framing=chain.framing,
            confidence=chain.confidence,
            framing_confidence=chain.framing_confidence,
            note="; ".join(word for word in words if word),
        )
    if up is not None:
        span = f"{up / 1e6:.4f} to {up_high / 1e6:.4f} MHz" if up_high and up_high > up else ""
        yield Transmitter(
            label=f"{up / 1e6:.3f} MHz uplink",
            direction=Direction.UPLINK,
            frequency_hz=up,
            note="; ".join(word for word in (section.name, mode, span) if word),
        )


def _frequency(section: Section, key: str, path: Path) -> float | None:
    text = section.values.get(key, "")
    if not text or text == "0":
        return None
    where = f"{path}:{section.lines[key]}"
    value = _bounded(text, key, where, _FREQUENCIES_HZ[1])
    if value < _FREQUENCIES_HZ[0]:
        raise CatalogError(f"{key} {clean(text)[:30]!r} is no frequency in Hz", where=where)
    return value


def _rate_bd(mode: str) -> float | None:
    """``1k2`` is 1200, ``9600`` is 9600, ``4800bps`` too."""
    match = _RATE.search(mode)
    if match is None:
        return None
    return float(f"{match[1]}.{match[2] or 0}") * 1e3 if match[1] else float(match[3])


def read_satdata(path: Path) -> tuple[str, str, int]:
    """Name, nickname and catalogue number of ``satdata/NUMBER.sat``; the elements are the orbit room's.

    Raises:
        CatalogError: the file is unreadable or no such file.
    """
    sections, _ = parse_sections(read_text(path), str(path))
    values = {key: value for one in sections for key, value in one.values.items()}
    number = values.get("TLE1", "")[2:7].strip() or path.stem
    if "NAME" not in values or not re.fullmatch(r"\d{1,9}", path.stem, re.ASCII):
        raise CatalogError(
            "no satdata of GPredict", where=f"{path}:1", advice="such a file has NAME and TLE1"
        )
    is_number = number.isascii() and number.isdigit()
    return (
        clean(values["NAME"]),
        clean(values.get("NICKNAME", "")),
        int(number) if is_number else int(path.stem),
    )
