"""``gsctl protocols``: the files that describe satellites and their telemetry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gsctl.cli.console import safe, tell
from gsctl.cli.known_satellites import warn_of_broken
from gsctl.cli.options import ProtocolsOption, protocol_dirs
from gsctl.cli.tables import TableFormatOption, print_rows
from gsctl.cli.usage import nearest
from gsctl.errors import ProtocolError, UsageError

if TYPE_CHECKING:
    from gsctl.catalog import ProtocolModule

_Step = TypeVar("_Step")

protocols = typer.Typer(help="Protocol files: list, show, check, new.")

_COLUMNS = {
    "name": "FILE",
    "satellites": "SATELLITES",
    "schemas": "SCHEMAS",
    "truth_frames": "FRAMES",
    "origin": "FROM",
}


@protocols.command("list")
def list_protocols(form: TableFormatOption = "table", protocols: ProtocolsOption = None) -> None:
    """List the protocol files that gsctl loads: bundled, the user's, and those of --protocols."""
    rows = [
        {
            "name": module.name,
            "satellites": [satellite.name for satellite in module.satellites] or list(module.services),
            "schemas": [schema.name for schema in module.telemetry],
            "truth_frames": len(module.truth),
            "origin": module.origin,
            "path": str(module.path),
        }
        for module in _modules(protocols)
    ]
    print_rows(rows, _COLUMNS, form)


@protocols.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a protocol file, without .py.")],
    protocols: ProtocolsOption = None,
) -> None:
    """Show what a protocol file says: radio facts, byte map, sources."""
    known = {module.name: module for module in _modules(protocols)}
    module = known.get(name.removesuffix(".py").replace("-", "_").casefold())
    if module is None:
        close = nearest(name, known)
        advice = f"did you mean {close}?" if close else "gsctl protocols list shows them"
        raise ProtocolError(f"no protocol file {name!r}", advice=advice)
    tell(f"{module.path} ({module.origin})")
    for line in module.docstring.splitlines():
        print(safe(line))


@protocols.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files to check; all of them if none.")
    ] = None,
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit", metavar="SECONDS", min=0.1, max=3600.0, help="How long one file may take."
        ),
    ] = 10.0,
    watched: Annotated[
        float, typer.Option("--watch", hidden=True, help="Check here, ended after so long.")
    ] = 0.0,
    protocols: ProtocolsOption = None,
) -> None:
    """Check protocol files.

    The order of the parts, the facts, the sources, and that every TRUTH frame parses to its fields.
    """
    from gsctl.cli.protocols_check import check_in_child

    if watched:
        _check_here(files or [], protocol_dirs(protocols), watched)
    else:
        check_in_child(files or [], protocol_dirs(protocols), time_limit)


def _check_here(files: Sequence[Path], folders: Sequence[Path], time_limit_s: float) -> None:
    from gsctl.catalog import Catalog, load_file, load_modules
    from gsctl.catalog.checks import check_catalog, check_module
    from gsctl.cli.protocols_check import watch

    def watched(steps: Iterable[_Step]) -> Iterator[_Step]:
        for step in steps:
            watch(time_limit_s)
            yield step

    watch(time_limit_s)
    # A named file that stands in a folder that is loaded as well is checked once, and for itself.
    modules = load_modules(folders, on_broken=warn_of_broken if files else None)
    if files:
        wanted = [load_file(path) for path in watched(files)]
        paths = {module.path.resolve() for module in wanted}
        modules = (*(module for module in modules if module.path.resolve() not in paths), *wanted)
    else:
        wanted = list(modules)
    problems = [(str(module.path), problem) for module in watched(wanted) for problem in check_module(module)]
    watch(time_limit_s)
    problems += [("together", problem) for problem in check_catalog(Catalog(modules))]
    watch(0.0)
    for where, problem in problems:
        print(safe(f"{where}: {problem}"))
    frames = sum(len(module.truth) for module in wanted)
    tell(f"files={len(wanted)} frames={frames} problems={len(problems)}")
    if problems:
        raise ProtocolError(f"{len(problems)} problems", advice="each is on a line of its own on stdout")


@protocols.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the satellite.")],
    norad_id: Annotated[
        int,
        typer.Option(
            "--number", min=1, max=999_999_999, metavar="N", help="Catalogue number, 1 to 9 digits."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it.  [default: NAME.py]"),
    ] = None,
) -> None:
    """Write a protocol file to begin with: one satellite, transmitter, schema and made-up frame."""
    from gsctl.cli.protocol_template import protocol_text

    stem = "".join(character if character.isalnum() else "_" for character in name.casefold()).strip("_")
    if not stem.isascii() or not stem.isidentifier():
        raise UsageError(f"{name!r} makes no file name", advice="begin it with an ASCII letter")
    path = output or Path(f"{stem}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(protocol_text(name, norad_id, stem))
    except FileExistsError:
        raise UsageError("the file exists", where=str(path), advice="choose another with --output") from None
    except OSError as error:
        raise ProtocolError(f"cannot be written: {error.strerror}", where=str(path)) from error
    print(path)
    tell(f"check it with: gsctl protocols check {path}")


def _modules(folders: list[Path] | None) -> tuple[ProtocolModule, ...]:
    from gsctl.catalog import load_modules

    return load_modules(protocol_dirs(folders), on_broken=warn_of_broken)
