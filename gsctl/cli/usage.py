"""Turns the argument parser's complaints into one line that names the nearest valid option."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import typer

from gsctl.errors import UsageError

# "Invalid value for '--format' / '-F': Value error, 'jsno' is not one of 'json', 'csv'."
_WRONG_CHOICE = re.compile(r"'(?P<given>[^']*)' is not one of (?P<choices>'.*')", re.DOTALL)

_NO_COMMAND = re.compile(r"no such command '(?P<given>[^']*)'")


def nearest(given: str, valid: Iterable[str]) -> str | None:
    """The valid word closest to what was given, case ignored; None where nothing is close."""
    by_key = {word.casefold(): word for word in valid}
    close = difflib.get_close_matches(given.casefold(), by_key, n=1, cutoff=0.55)
    return by_key[close[0]] if close else None


def explain_usage(error: typer.TyperException, root: Any = None) -> Exception:
    """The same complaint as a :class:`UsageError` of one line.

    Args:
        error: what the argument parser raised.
        root: context of the whole command line, which knows the subcommand where the error does not.

    Returns:
        A UsageError; the error itself where it carries the help of a command called without arguments.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    context = getattr(error, "ctx", None)
    where = context.command_path if context else f"gsctl {getattr(root, 'invoked_subcommand', None) or ''}"
    see_help = f"see {where.strip()} --help"
    where = where.removeprefix("gsctl").strip()
    option = getattr(error, "option_name", None)
    if option is not None and hasattr(error, "possibilities"):
        advice = _advise_option(option, context) or see_help
        return UsageError(f"no such option {option}", where=where, advice=advice)
    message = _plain(error.format_message())
    advice = _advise_choice(message) or _advise_command(message, context) or see_help
    return UsageError(message.partition(". Did you mean")[0], where=where, advice=advice)


def _advise_option(option: str, context: Any) -> str | None:
    if context is None:
        return None
    known = [name for parameter in context.command.get_params(context) for name in parameter.opts]
    if len(option) == 2:  # one letter resembles every other one; only its case can be meant
        found = option.swapcase() if option.swapcase() in known else None
    else:
        found = nearest(option, [name for name in known if name.startswith("--")])
    return f"did you mean {found}?" if found else None


def _advise_choice(message: str) -> str | None:
    match = _WRONG_CHOICE.search(message)
    if match is None:
        return None
    found = nearest(match["given"], re.findall(r"'([^']*)'", match["choices"]))
    return f"did you mean {found}?" if found else None


def _advise_command(message: str, context: Any) -> str | None:
    match = _NO_COMMAND.match(message)
    names = list(getattr(context.command, "commands", ())) if context else []
    if match is None or not names:
        return None
    found = nearest(match["given"], names)
    return f"did you mean {found}?" if found else f"there are {', '.join(names)}"


def _plain(message: str) -> str:
    """The parser's sentence without its library's dialect, as the middle of a line."""
    message = " ".join(message.split()).rstrip(".").replace("Value error, ", "")
    message = message.replace("Input should be", "it should be")
    return message[:1].lower() + message[1:]
