"""The ``gsctl`` command: its subcommands, and how an error becomes one line and an exit code."""

import typer

app = typer.Typer(name="gsctl", no_args_is_help=True)


def main() -> None:
    """Run the command line."""
    app()
