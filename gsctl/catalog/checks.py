"""The rules that a protocol file must keep, as a list of what is wrong with it.

``gsctl protocols check`` and the tests run these over every file. A rule gives one line: what is
wrong, in a form that says what to do.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from gsctl.catalog.lookup import Catalog, names_of, normalised
from gsctl.catalog.satnogs import is_date
from gsctl.errors import ProtocolError
from gsctl.framing import FRAMINGS, Ax25, Framing, Integrity
from gsctl.model import FieldValue, Frame, Satellite, Schema, Transmitter, Truth
from gsctl.telemetry import AX25, split_unit
from gsctl.waveform import WAVEFORMS

if TYPE_CHECKING:
    from gsctl.catalog.modules import ProtocolModule

_PARTS = ("TELEMETRY", "SATELLITES", "SERVICES", "TRUTH")
_GSCTL_IMPORTS = ("gsctl.model", "gsctl.waveform", "gsctl.framing", "gsctl.telemetry", "gsctl.errors")
_SCHEMA_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_COSPAR = re.compile(r"(19|20)\d{2}-\d{3}[A-Z]{1,3}")
_RELATIVE_TOLERANCE = 1e-6


def check_module(module: ProtocolModule) -> list[str]:
    """Everything that is wrong with one protocol file; empty when it keeps the rules."""
    problems = [*_check_source(module)]
    if not module.satellites and not module.services:
        problems.append("it describes neither a satellite nor a service")
    for satellite in module.satellites:
        problems += [f"{satellite.name}: {problem}" for problem in _check_satellite(satellite)]
        problems += _check_schema_names(satellite, module.telemetry)
    problems += _check_schemas(module)
    for number, truth in enumerate(module.truth, start=1):
        problems += [f"TRUTH {number} ({truth.schema}): {problem}" for problem in _check_truth(truth, module)]
    return problems


def check_catalog(catalog: Catalog) -> list[str]:
    """What is wrong among the files together: names, numbers and schemas that are used twice."""
    problems = []
    owners: dict[str, set[str]] = {}
    for module in catalog.modules:
        for satellite in module.satellites:
            for name in names_of(satellite):
                owners.setdefault(normalised(name), set()).add(f"{satellite.name} ({satellite.norad_id})")
    for name, satellites in owners.items():
        if len(satellites) > 1:
            problems.append(f"{name!r} names {' and '.join(sorted(satellites))}")
    schemas = sorted((schema.name, module.name) for module in catalog.modules for schema in module.telemetry)
    for name, used in groupby(schemas, key=lambda pair: pair[0]):
        files = [file for _, file in used]
        if len(files) > 1:
            problems.append(f"schema {name!r} is in {' and '.join(files)}")
    return problems


def _check_source(module: ProtocolModule) -> Iterator[str]:
    """The order of the parts, the docstring and the imports, from the text of the file."""
    tree = ast.parse(module.path.read_text(encoding="utf-8"))
    if not ast.get_docstring(tree):
        yield "it has no docstring; begin with who, when, sources and the byte map"
    elif "Sources" not in module.docstring:
        yield "its docstring has no section Sources"
    names = [name for node in tree.body for name in _assigned(node) if name in _PARTS]
    wanted = [name for name in _PARTS if name in names]
    if names != wanted:
        yield f"its parts stand as {', '.join(names)}; the order is {', '.join(wanted)}"
    for part in ("TELEMETRY", "TRUTH"):
        if part not in names:
            yield f"{part} is missing; write {part} = () where there is none, and say why"
    for name in _imported(tree):
        if name.startswith((".", "gsctl_protocols")):
            yield f"it imports {name}; protocol files never import one another"
        elif name.split(".")[0] == "gsctl" and not name.startswith(_GSCTL_IMPORTS):
            yield f"it imports {name}; of gsctl it may use {', '.join(_GSCTL_IMPORTS)}"


def _assigned(node: ast.stmt) -> Iterator[str]:
    targets: Iterable[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def _check_satellite(satellite: Satellite) -> Iterator[str]:
    numbers = (satellite.norad_id, *satellite.temporary_norad_ids)
    if not all(0 < number < 10**9 for number in numbers):
        yield f"catalogue numbers have 1 to 9 digits: {numbers}"
    if satellite.cospar_id and not _COSPAR.fullmatch(satellite.cospar_id):
        yield f"{satellite.cospar_id!r} is no COSPAR id such as 2021-102D"
    if satellite.decayed_on and not is_date(satellite.decayed_on):
        yield f"decayed_on {satellite.decayed_on!r} is no date such as 2025-01-25"
    names = [normalised(name) for name in names_of(satellite)]
    if len(set(names)) < len(names) or not all(names):
        yield f"a name is empty or stands twice: {', '.join(names_of(satellite))}"
    if not all(source.title for source in satellite.sources):
        yield "a source has no title"
    labels = [transmitter.label for transmitter in satellite.transmitters]
    if len(set(labels)) < len(labels):
        yield f"two transmitters have one label: {', '.join(labels)}"
    for transmitter in satellite.transmitters:
        yield from (f"{transmitter.label}: {problem}" for problem in _check_transmitter(transmitter))
    for elements in satellite.elements:
        if elements.norad_id != satellite.norad_id:
            yield f"its element set is that of {elements.norad_id}"
        if elements.epoch.tzinfo is None or not elements.source:
            yield "its element set needs an epoch in UTC and a source"


def _check_transmitter(transmitter: Transmitter) -> Iterator[str]:
    if transmitter.frequency_hz is not None and not 1e6 <= transmitter.frequency_hz <= 1e11:
        yield f"frequency_hz={transmitter.frequency_hz:g} is not in hertz"
    if transmitter.waveform is not None and type(transmitter.waveform) not in WAVEFORMS.values():
        yield f"{type(transmitter.waveform).__name__} is no waveform gsctl knows"
    kinds = {type(framing) for framing in FRAMINGS.values()}
    if transmitter.framing is not None and type(transmitter.framing) not in kinds:
        yield f"{type(transmitter.framing).__name__} is no framing gsctl knows"
    if transmitter.framing is not None and transmitter.waveform is None:
        yield "it has a framing but no waveform"
    if transmitter.frequency_hz is None and not transmitter.note:
        yield "it has no frequency and no note that says why"


def _check_schema_names(satellite: Satellite, telemetry: tuple[Schema, ...]) -> Iterator[str]:
    known = {schema.name for schema in (*telemetry, AX25)}
    for transmitter in satellite.transmitters:
        if transmitter.schema and transmitter.schema not in known:
            yield f"{satellite.name}, {transmitter.label}: no schema {transmitter.schema!r} in this file"


def _check_schemas(module: ProtocolModule) -> Iterator[str]:
    proven = {truth.schema for truth in module.truth}
    for schema in module.telemetry:
        if not _SCHEMA_NAME.fullmatch(schema.name):
            yield f"schema {schema.name!r} is not kebab-case"
        if schema.name not in proven:
            yield f"schema {schema.name!r} has no TRUTH"


def _check_truth(truth: Truth, module: ProtocolModule) -> Iterator[str]:
    """Parse one frame whose values are known, and compare."""
    schemas = {schema.name: schema for schema in module.telemetry}
    if truth.schema not in schemas:
        yield "there is no such schema in this file"
        return
    if not truth.origin or not truth.fields:
        yield "it needs an origin and fields"
    schema = schemas[truth.schema]
    frame = sample_frame(truth.payload, _framing_of(module))
    if not schema.matches(frame):
        yield "the schema does not match its frame"
        return
    try:
        fields = schema.parse(frame).fields
    except ProtocolError as error:
        yield str(error)
        return
    for name, expected in truth.fields.items():
        if name not in fields:
            yield f"no field {name!r}"
        elif not same_value(fields[name], expected):
            yield f"{name} is {fields[name]!r}, not {expected!r}"
    yield from _check_field_names(fields.items())


def _check_field_names(fields: Iterable[tuple[str, FieldValue]]) -> Iterator[str]:
    for name, value in fields:
        if not _FIELD_NAME.fullmatch(name):
            yield f"field {name!r} is not snake_case"
        elif isinstance(value, int | float) and not isinstance(value, bool) and not split_unit(name)[1]:
            yield f"the number {name!r} does not end in a unit, such as _v, _degc, _count, _raw"


def _framing_of(module: ProtocolModule) -> Framing:
    framings = [tx.framing for satellite in module.satellites for tx in satellite.transmitters if tx.framing]
    return framings[0] if framings else Ax25()


def sample_frame(payload: bytes, framing: Framing | None = None) -> Frame:
    """A frame around bytes that no receiver heard, to try schemas on."""
    return Frame(
        payload=payload,
        framing=framing or Ax25(),
        integrity=Integrity.CRC,
        sample_index=0.0,
        end_sample_index=0.0,
        symbol_rate_bd=1200.0,
    )


def same_value(value: FieldValue, expected: FieldValue) -> bool:
    """Equal, and of one kind; floats within 1e-6 of the greater."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, int | float) and isinstance(expected, int | float):
        return math.isclose(value, expected, rel_tol=_RELATIVE_TOLERANCE, abs_tol=1e-12)
    return type(value) is type(expected) and value == expected
