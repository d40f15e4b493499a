"""The catalogue: satellites by any name, and the schemas of their frames."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.catalog import imported as imports
from gsctl.catalog.modules import ProtocolModule, load_modules
from gsctl.catalog.satnogs import read_store, store_path
from gsctl.errors import CatalogError, ProtocolError
from gsctl.telemetry import AX25

if TYPE_CHECKING:
    from gsctl.model import Satellite, Schema, Transmitter

_ALPHA5_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O are left out (Space-Track, "Alpha-5")
_ALPHA5 = re.compile(rf"[{_ALPHA5_LETTERS}]\d{{4}}", re.IGNORECASE)
_COSPAR = re.compile(r"(\d{2}|\d{4})-?(\d{3})([A-Z]{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every satellite that the loaded protocol modules describe.

    A module loaded later replaces the satellites of the same catalogue number of those before it,
    so a user's file can correct a bundled one.

    Attributes:
        modules: the protocol modules, in the order of their loading.
        others: satellites that are known from a list only; those a module describes are left out.
        imported: what the user imported; it adds names and transmitters to all of them.
    """

    modules: tuple[ProtocolModule, ...]
    others: tuple[Satellite, ...] = ()
    imported: tuple[Satellite, ...] = ()
    _by_number: dict[int, Satellite] = field(init=False, repr=False)
    _by_key: dict[str, dict[int, Satellite]] = field(init=False, repr=False)
    _module_of: dict[int, ProtocolModule] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the satellites by everything they are called."""
        by_number: dict[int, Satellite] = {}
        module_of: dict[int, ProtocolModule] = {}
        for module in self.modules:
            for satellite in module.satellites:
                by_number[satellite.norad_id] = satellite
                module_of[satellite.norad_id] = module
        described = set(by_number)
        for satellite in by_number.values():
            described.update(satellite.temporary_norad_ids)
        for satellite in self.others:
            if described.isdisjoint((satellite.norad_id, *satellite.temporary_norad_ids)):
                by_number.setdefault(satellite.norad_id, satellite)
        _add_imported(by_number, self.imported)
        by_key: dict[str, dict[int, Satellite]] = {}
        for satellite in by_number.values():
            for key in names_of(satellite):
                by_key.setdefault(normalised(key), {})[satellite.norad_id] = satellite
        object.__setattr__(self, "_by_number", by_number)
        object.__setattr__(self, "_by_key", by_key)
        object.__setattr__(self, "_module_of", module_of)

    @property
    def satellites(self) -> tuple[Satellite, ...]:
        """All satellites, by name."""
        return tuple(sorted(self._by_number.values(), key=lambda satellite: satellite.name.casefold()))

    def find(self, name: str) -> Satellite:
        """The satellite of that name.

        Args:
            name: catalogue number (1 to 9 digits), Alpha-5, COSPAR id, name, alias or call sign;
                case and punctuation are ignored.

        Raises:
            CatalogError: nothing or more than one is called so; the message names the nearest,
                or the candidates.
        """
        found: dict[int, Satellite] = {}
        for key in _readings(name):
            found |= self._by_key.get(key, {})
        exact = _called_just_so(name, found.values())
        if len(exact) == 1 or len(found) == 1:
            return next(iter(exact or found.values()))
        if found:
            candidates = ", ".join(f"{one.name} ({one.norad_id})" for one in found.values())
            raise CatalogError(
                f"{name!r} is more than one satellite: {candidates}", advice="name it by its number"
            )
        raise CatalogError(f"no satellite {name!r}", advice=self._nearest(name))

    def search(self, text: str) -> tuple[Satellite, ...]:
        """The satellites with ``text`` in name, number or call sign; those called so first, else by name."""
        key = normalised(text)
        if not key:
            return ()
        found: dict[int, Satellite] = {}
        for known, satellites in self._by_key.items():
            if key in known:
                found |= satellites
        exact = {number for reading in (key, *_readings(text)) for number in self._by_key.get(reading, {})}
        for reading in _readings(text):
            found |= self._by_key.get(reading, {})
        by_name = sorted(found.items(), key=lambda item: (item[0] not in exact, item[1].name.casefold()))
        return tuple(satellite for _, satellite in by_name)

    def module_of(self, satellite: Satellite) -> ProtocolModule | None:
        """The protocol module that describes the satellite."""
        return self._module_of.get(satellite.norad_id)

    def schema(self, name: str) -> Schema:
        """The schema of that name.

        Raises:
            CatalogError: there is none; the message names the nearest.
        """
        schemas = {schema.name: schema for schema in (AX25, *self._all_schemas())}
        if name in schemas:
            return schemas[name]
        near = difflib.get_close_matches(name, schemas, n=1, cutoff=0.4)
        advice = f"did you mean {near[0]}?" if near else "gsctl protocols list shows them"
        raise CatalogError(f"no telemetry schema {name!r}", advice=advice)

    def schemas_for(
        self, satellite: Satellite | None, transmitter: Transmitter | None = None
    ) -> tuple[Schema, ...]:
        """The schemas to try on a frame, the likeliest first.

        That which the transmitter names; the others of the satellite's module, or, where the satellite
        is not known, all those that tell their sender from the frame; those of services, which any
        satellite may carry (the demo profile is one); and ``ax25``, which gives every AX.25 frame a
        record.
        """
        chosen: list[Schema] = []
        if transmitter is not None and transmitter.schema:
            chosen.append(self.schema(transmitter.schema))
        module = self.module_of(satellite) if satellite is not None else None
        if module is not None:
            chosen += module.telemetry
        if satellite is None:
            chosen += [schema for schema in self._all_schemas() if getattr(schema, "names_sender", False)]
        for service in self.modules:
            if not service.satellites:
                chosen += service.telemetry
        chosen.append(AX25)
        return tuple({schema.name: schema for schema in chosen}.values())

    def _all_schemas(self) -> Iterator[Schema]:
        for module in self.modules:
            yield from module.telemetry

    def _nearest(self, name: str) -> str:
        key = normalised(name)
        near = difflib.get_close_matches(key, self._by_key, n=3, cutoff=0.6)
        likeness = [difflib.SequenceMatcher(None, one, key).ratio() for one in near]
        # The runners-up are worth a word only when they are nearly as like.
        near = [one for one, ratio in zip(near, likeness, strict=True) if ratio > likeness[0] - 0.1]
        satellites = {one.name: None for known in near for one in self._by_key[known].values()}
        if satellites:
            return f"did you mean {' or '.join(satellites)}?"
        return "gsctl satellites search TEXT looks for parts of names"


def load_catalog(
    protocol_dirs: Iterable[Path] = (), on_broken: Callable[[ProtocolError], object] | None = None
) -> Catalog:
    """The catalogue of the installed protocol modules, the user's, and those of ``protocol_dirs``.

    The user's copy of SatNOGS DB, where there is one, adds the satellites that no file describes, and
    what was imported adds names and transmitters.

    Args:
        on_broken: told of each file of a folder that cannot be loaded, which is then left out; None
            raises.

    Raises:
        ProtocolError: a protocol file cannot be loaded; it is named.
        CatalogError: the copy of SatNOGS DB or the file of imports is damaged.
    """
    return Catalog(
        load_modules(protocol_dirs, on_broken),
        read_store(store_path()),
        imports.read_imported(imports.store_path()),
    )


def _add_imported(by_number: dict[int, Satellite], imported: Iterable[Satellite]) -> None:
    """Let what was imported add to the satellites that are known, and enter where none is."""
    objects: dict[int, list[Satellite]] = {}
    for satellite in imported:
        objects.setdefault(satellite.norad_id, []).append(satellite)
    if not objects:
        return
    temporary = {old: one.norad_id for one in by_number.values() for old in one.temporary_norad_ids}
    owner: dict[str, int] = {}
    for one in by_number.values():
        owner.update((normalised(name), one.norad_id) for name in names_of(one))
    for listed, parts in objects.items():
        number = listed if listed in by_number else temporary.get(listed, listed)
        names = [normalised(name) for part in parts for name in (part.name, *part.aliases)]
        taken = [name for name in names if owner.get(name, number) != number]
        merged = imports.merge(by_number.get(number), parts, taken)
        if merged is not None:
            by_number[number] = merged
            owner.update((normalised(name), number) for name in names_of(merged))


def names_of(satellite: Satellite) -> tuple[str, ...]:
    """Everything a satellite is called, its numbers included."""
    numbers = (satellite.norad_id, *satellite.temporary_norad_ids)
    return (
        satellite.name,
        *satellite.aliases,
        *satellite.callsigns,
        *((satellite.cospar_id,) if satellite.cospar_id else ()),
        *(str(number) for number in numbers),
    )


def _called_just_so(name: str, satellites: Iterable[Satellite]) -> list[Satellite]:
    """Those of which the name, the number or the COSPAR id is meant, not an alias or a call sign."""
    readings = set(_readings(name))
    return [
        one
        for one in satellites
        if not readings.isdisjoint((normalised(one.name), normalised(one.cospar_id), str(one.norad_id)))
    ]


def normalised(name: str) -> str:
    """A name without case and punctuation; Greek, Cyrillic and Vietnamese letters stay."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _readings(name: str) -> Iterator[str]:
    """What a user may mean: the name as it is, a number, an Alpha-5 number, a short COSPAR id."""
    text = name.strip()
    yield normalised(text)
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        yield str(int(text))
    if _ALPHA5.fullmatch(text):
        yield str((_ALPHA5_LETTERS.index(text[0].upper()) + 10) * 10_000 + int(text[1:]))
    cospar = _COSPAR.fullmatch(text)
    if cospar and len(cospar[1]) == 2:
        # As in a TLE: two digits from 57, the year of the first satellite.
        year = int(cospar[1]) + (1900 if int(cospar[1]) >= 57 else 2000)
        yield normalised(f"{year}{cospar[2]}{cospar[3]}")
