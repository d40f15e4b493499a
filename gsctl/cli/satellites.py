"""``gsctl satellites``: the catalogue of satellites, what is known of each, and who says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gsctl.cli.console import safe, tell
from gsctl.cli.options import ProtocolsOption, protocol_dirs
from gsctl.cli.tables import ReportFormatOption, TableFormatOption, print_rows
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.model import ElementSet, Satellite, Transmitter

satellites = typer.Typer(help="The catalogue of satellites: list, show, search, update, import.")

_COLUMNS = {
    "name": "NAME",
    "norad_id": "NUMBER",
    "cospar_id": "COSPAR",
    "callsigns": "CALL SIGN",
    "status": "STATUS",
    "downlinks": "DOWNLINKS",
}
_CSV_COLUMNS = {key: key for key in (*_COLUMNS, "aliases", "decayed_on", "elements_epoch", "summary")}

SatelliteArgument = Annotated[
    str,
    typer.Argument(
        metavar="SAT", help="Catalogue number, COSPAR id, name, alias or call sign.", show_default=False
    ),
]


@satellites.command("list")
def list_satellites(form: TableFormatOption = "table", protocols: ProtocolsOption = None) -> None:
    """List every satellite of the catalogue."""
    catalog = _catalog(protocols)
    _print(catalog, catalog.satellites, form)


@satellites.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of a name, number or call sign.")],
    form: TableFormatOption = "table",
    protocols: ProtocolsOption = None,
) -> None:
    """List the satellites of which a name, number or call sign contains TEXT."""
    catalog = _catalog(protocols)
    found = catalog.search(text)
    if not found:
        tell(f"no satellite has {text!r} in a name")
    _print(catalog, found, form)


@satellites.command()
def show(
    satellite: SatelliteArgument,
    form: ReportFormatOption = "text",
    protocols: ProtocolsOption = None,
) -> None:
    """Show all that is known of one satellite, how certain it is, and where it was read."""
    from gsctl.cli.orbits import elements_now

    catalog = _catalog(protocols)
    found = catalog.find(satellite)
    now = datetime.now(UTC)
    used = elements_now([found], now).get(found.norad_id)
    if form == "json":
        print(json.dumps(describe(catalog, found, used), indent=2, ensure_ascii=False))
    else:
        for line in describe_in_words(catalog, found, used, now=now):
            print(safe(line))


@satellites.command()
def update(
    satellites_file: Annotated[
        Path | None,
        typer.Option("--satellites", metavar="FILE", help="Import this JSON of SatNOGS DB, no network."),
    ] = None,
    transmitters_file: Annotated[
        Path | None,
        typer.Option("--transmitters", metavar="FILE", help="The JSON of the transmitters that go with it."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Another SatNOGS DB.  [default: db.satnogs.org]"),
    ] = None,
) -> None:
    """Fetch satellites and transmitters of SatNOGS DB, or import its JSON files.

    They join the catalogue where no protocol file describes them. The service is asked no sooner than
    two hours after the last time.
    """
    from gsctl.catalog.satnogs import store_path
    from gsctl.catalog.update import SATNOGS_DB, update_from_files, update_from_network

    if (satellites_file is None) != (transmitters_file is None):
        raise UsageError("--satellites and --transmitters go together", advice="give both files")
    now, store = datetime.now(UTC), store_path()
    if satellites_file is not None and transmitters_file is not None:
        result = update_from_files(store, satellites_file, transmitters_file, now=now)
    else:
        result = update_from_network(store, now=now, address=url or SATNOGS_DB)
    if result.asked:
        tell(f"satellites={result.satellites} transmitters={result.transmitters} store={store}")
    else:
        tell("the copy is less than two hours old; it is used as it is")


@satellites.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="SatYAML, GPredict's NUMBER.trsp or NUMBER.sat."),
    ],
    prefer: Annotated[
        bool,
        typer.Option("--prefer", show_default=False, help="Element sets among them take precedence."),
    ] = False,
) -> None:
    """Add what files of other programs say: names, transmitters, element sets.

    SatYAML files are those of gr-satellites; GPredict keeps its own in trsp and satdata. What is known
    already stays as it is; importing a file again replaces what it brought before.
    """
    from gsctl.cli.satellite_import import import_satellites

    import_satellites(files, prefer=prefer)


def _catalog(protocols: Sequence[Any] | None) -> Catalog:
    from gsctl.cli.known_satellites import known_satellites

    return known_satellites(protocol_dirs(protocols))


def _print(catalog: Catalog, found: Iterable[Satellite], form: str) -> None:
    from gsctl.cli.orbits import elements_now

    rows = []
    listed = list(found)
    used = {} if form == "table" else elements_now(listed, datetime.now(UTC))
    for satellite in listed:
        row = describe(catalog, satellite, used.get(satellite.norad_id))
        if form in {"table", "csv"}:
            row["downlinks"] = [
                transmitter.label
                for transmitter in satellite.transmitters
                if transmitter.direction == "downlink" and transmitter.frequency_hz
            ]
        rows.append(row)
    print_rows(rows, _CSV_COLUMNS if form == "csv" else _COLUMNS, form)


def describe(catalog: Catalog, satellite: Satellite, elements: ElementSet | None = None) -> dict[str, Any]:
    """Everything known of a satellite as plain values, frequencies in hertz, times in ISO 8601.

    Args:
        elements: the set that a prediction would use now.
    """
    module = catalog.module_of(satellite)
    return {
        "name": satellite.name,
        "norad_id": satellite.norad_id,
        "cospar_id": satellite.cospar_id or None,
        "temporary_norad_ids": list(satellite.temporary_norad_ids),
        "aliases": list(satellite.aliases),
        "callsigns": list(satellite.callsigns),
        "status": satellite.status,
        "decayed_on": satellite.decayed_on or None,
        "summary": satellite.summary,
        "transmitters": [_transmitter(transmitter) for transmitter in satellite.transmitters],
        "schemas": [schema.name for schema in module.telemetry] if module else [],
        "elements_epoch": _iso(elements.epoch) if elements else None,
        "elements_source": elements.source if elements else None,
        "notes": list(satellite.notes),
        "sources": [
            {"title": source.title, "url": source.url or None, "date": source.date or None}
            for source in satellite.sources
        ],
        "protocol_file": str(module.path) if module else None,
    }


def _transmitter(transmitter: Transmitter) -> dict[str, Any]:
    from gsctl.framing import framing_name
    from gsctl.waveform import waveform_name

    waveform, framing = transmitter.waveform, transmitter.framing
    return {
        "label": transmitter.label,
        "direction": str(transmitter.direction),
        "frequency_hz": transmitter.frequency_hz,
        "waveform": waveform_name(waveform) if waveform else None,
        "symbol_rate_bd": waveform.symbol_rate_bd if waveform else None,
        "framing": framing_name(framing) if framing else None,
        "schema": transmitter.schema,
        "confidence": str(transmitter.confidence),
        "framing_confidence": str(transmitter.framing_confidence) if framing else None,
        "note": transmitter.note or None,
    }


def describe_in_words(
    catalog: Catalog, satellite: Satellite, elements: ElementSet | None = None, *, now: datetime
) -> Iterable[str]:
    """The lines of ``satellites show``; ``now`` tells the age of the elements."""
    facts = describe(catalog, satellite, elements)
    yield f"{satellite.name}  {satellite.norad_id}  {satellite.cospar_id}".rstrip()
    if satellite.summary:
        yield f"  {satellite.summary}"
    decayed = f"; decayed on {satellite.decayed_on}" if satellite.decayed_on else ""
    yield f"  status        {satellite.status}{decayed}"
    for heading, names in (
        ("also called", satellite.aliases),
        ("call signs", satellite.callsigns),
        ("numbers before", satellite.temporary_norad_ids),
    ):
        if names:
            yield f"  {heading:<13} {', '.join(map(str, names))}"
    if elements:
        age = (now - elements.epoch).total_seconds() / 86400
        yield f"  elements      epoch {_iso(elements.epoch)}, {age:.1f} days old; {elements.source}"
    else:
        fetch = "" if satellite.decayed_on else f"; gsctl elements update {satellite.norad_id} fetches them"
        yield f"  elements      none{fetch}"
    yield f"  telemetry     {', '.join(facts['schemas']) or 'no layout is known'}"
    yield "Transmitters" if facts["transmitters"] else "Transmitters: none is public"
    for transmitter in facts["transmitters"]:
        yield f"  {transmitter['label']} ({transmitter['direction']})"
        yield f"    {_radio(transmitter)}"
        if transmitter["note"]:
            yield f"    {transmitter['note']}"
    if satellite.notes:
        yield "Notes"
    yield from (f"  {note}" for note in satellite.notes)
    yield "Sources"
    for source in satellite.sources:
        yield "  " + ", ".join(part for part in (source.title, source.url, source.date) if part)


def _radio(transmitter: dict[str, Any]) -> str:
    """Frequency, waveform and framing in words, each with how certain it is."""
    hertz = transmitter["frequency_hz"]
    parts = [f"{hertz / 1e6:.3f} MHz" if hertz else "frequency unknown"]
    if transmitter["waveform"]:
        rate = transmitter["symbol_rate_bd"]
        parts.append(transmitter["waveform"] + (f" {rate:g} Bd" if rate else ""))
    if hertz or transmitter["waveform"]:
        parts[-1] += f" ({transmitter['confidence']})"
    if not transmitter["waveform"]:
        named = re.match(r"(?:[^;]*; )?modulation ([^;]{1,40})", transmitter["note"] or "")
        parts.append(f"{named[1]}, which gsctl does not demodulate" if named else "modulation unknown")
    framing = transmitter["framing"]
    sure = transmitter["framing_confidence"]
    parts.append(f"framing {framing} ({sure})" if framing else "framing unknown")
    return ", ".join(parts)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
