"""The ``gsctl`` command: the table of its subcommands, and the options that all of them share.

A subcommand is imported only when it runs, so ``gsctl --help`` stays fast and a fault in one
command leaves the others working.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gsctl import __version__
from gsctl.cli import console, exits
from gsctl.cli.compiling import announce_compiling
from gsctl.cli.places import keep_compiled_kernels
from gsctl.cli.usage import explain_usage, nearest
from gsctl.errors import UsageError


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the table: ``gsctl.cli.<name>`` offers ``<name>``, a function or a typer app.

    Attributes:
        stops_cleanly: SIGINT and SIGTERM are the usual way to end it, so its exit code is then 0;
            a tuple names the subcommands of which this is true.
    """

    name: str
    summary: str
    stops_cleanly: bool | tuple[str, ...] = False

    @property
    def module(self) -> str:
        """Where it is imported from."""
        return f"gsctl.cli.{self.name}"

    def exists(self) -> bool:
        """Whether this installation has it; what is not there is not listed."""
        return importlib.util.find_spec(self.module) is not None


COMMANDS = (
    Command("demo", "The main job with no hardware and no network: a simulated pass, decoded and logged."),
    Command("passes", "When satellites rise, culminate and set."),
    Command(
        "track", "Azimuth, elevation, range rate and Doppler shift, live or as a table.", stops_cleanly=True
    ),
    Command("decode", "Recordings and streams to frames, telemetry and logs."),
    Command("receive", "The same chain live from a radio, Doppler corrected.", stops_cleanly=True),
    Command("record", "IQ from a radio to SigMF, without decoding.", stops_cleanly=True),
    Command("ais", "AIS messages to CSV, JSON and NMEA.", stops_cleanly=True),
    Command("simulate", "The IQ that a station would receive, with its truth."),
    Command("elements", "The store of element sets: update, import, list, show, export."),
    Command("satellites", "The catalogue of satellites: list, show, search, update, import."),
    Command("protocols", "Protocol files: list, show, check, new."),
    Command("sdr", "Radios on this machine: list, probe, test, calibrate."),
    Command("station", "Stations: import, show.", stops_cleanly=("run",)),
    Command("plot", "Pictures: waterfall, pass, telemetry, map."),
    Command("doctor", "What works on this machine, what is missing, and the command that mends it."),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        The exit code of docs/CONTRACT.md.
    """
    if keep_compiled_kernels():
        announce_compiling()
    if "_GSCTL_COMPLETE" in os.environ:
        build().main(prog_name="gsctl")
    chosen = list(sys.argv[1:] if arguments is None else arguments)
    return exits.run(lambda: _invoke(chosen))


def build() -> Any:
    """The whole command line as a click command tree, its subcommands not yet imported."""
    return typer.main.get_command(_root)


def _invoke(arguments: list[str]) -> None:
    command = build()
    with command.make_context("gsctl", arguments) as context:
        try:
            command.invoke(context)
        except typer.TyperException as error:
            raise explain_usage(error, context) from error


class LazyGroup(TyperGroup):
    """The table of commands as a click group that imports one only to run it or to show its help."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands that exist, in the table's order."""
        return [entry.name for entry in COMMANDS if entry.exists()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; None where there is none of that name."""
        for entry in COMMANDS:
            if entry.name == cmd_name and entry.exists():
                return load(entry)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name, or name the nearest one."""
        names = self.list_commands(ctx)
        if args and args[0] not in names and not ctx.resilient_parsing and not args[0].startswith("-"):
            close = nearest(args[0], names)
            advice = f"did you mean {close}?" if close else f"there are {', '.join(names)}"
            raise UsageError(f"no such command {args[0]!r}", advice=advice)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands from the table, so that help imports none of them."""
        rows = [(entry.name, entry.summary) for entry in COMMANDS if entry.exists()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@functools.cache
def load(entry: Command) -> Any:
    """Import one command and give it the shared options."""
    target = getattr(importlib.import_module(entry.module), entry.name)
    # A group around it, so that a lone function and a typer app are built alike and without rich.
    around = _plain_typer(callback=lambda: None)
    if isinstance(target, typer.Typer):
        around.add_typer(target, name=entry.name, no_args_is_help=True)
    else:
        around.command(entry.name)(target)
    command: Any = typer.main.get_command(around)
    command = command.commands[entry.name]
    for path, leaf in leaves(command, (entry.name,)):
        _share_options(leaf)
        if entry.stops_cleanly is True or (entry.stops_cleanly and path[-1] in entry.stops_cleanly):
            leaf.callback = _ended_by_signal(leaf.callback)
    return command


def leaves(command: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """The commands below one that do the work, each with the words that call it."""
    below = getattr(command, "commands", None)
    if below is None:
        return [(path, command)]
    return [leaf for name, child in below.items() for leaf in leaves(child, (*path, name))]


def _ended_by_signal(body: Callable[..., Any]) -> Callable[..., Any]:
    """Exit 0 when a signal ended ``body`` and its ``finally`` blocks ran through."""

    @functools.wraps(body)
    def ended(*arguments: Any, **options: Any) -> Any:
        try:
            return body(*arguments, **options)
        except KeyboardInterrupt:
            raise typer.Exit(exits.DONE) from None

    return ended


def _plain_typer(**settings: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"gsctl {__version__}")
        raise typer.Exit


def _be_verbose(count: int) -> None:
    console.loudness.verbose += count or 0


def _be_quiet(wanted: bool) -> None:
    console.loudness.quiet |= wanted


def _debug(wanted: bool) -> None:
    console.loudness.debug |= wanted


VerboseOption = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        expose_value=False,
        show_default=False,
        callback=_be_verbose,
        help="Say more on stderr; twice says still more.",
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        expose_value=False,
        show_default=False,
        callback=_be_quiet,
        help="Say only warnings and errors.",
    ),
]
DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug",
        expose_value=False,
        show_default=False,
        callback=_debug,
        help="Show a traceback when something fails.",
    ),
]
VersionOption = Annotated[
    bool,
    typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
]

_root = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_shared = _plain_typer()


@_root.callback()
def gsctl(
    version: VersionOption = False,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """A command-line ground station: predict passes, receive, demodulate, decode and log satellites.

    Data goes to stdout, messages to stderr; all times are UTC. `gsctl COMMAND --help` tells more.
    """


@_shared.command()
def _speech(verbose: VerboseOption = 0, quiet: QuietOption = False, debug: DebugOption = False) -> None:
    """Carry the options that every command takes."""


@functools.cache
def _shared_options() -> list[Any]:
    command: Any = typer.main.get_command(_shared)
    return list(command.params)


def _share_options(command: Any) -> None:
    """Let ``-v``, ``-q`` and ``--debug`` stand after the subcommand too."""
    taken = {name for parameter in command.params for name in parameter.opts}
    command.params.extend(option for option in _shared_options() if not taken & set(option.opts))
