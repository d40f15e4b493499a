"""What gsctl says beside its data: lines on stderr, quiet or talkative, safe for a terminal.

Data goes to stdout by ``print`` or :func:`safe`; everything else goes through :func:`tell`,
:func:`warn` or :func:`detail`. Nothing here imports rich: a message must not cost a start-up.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(slots=True)
class Loudness:
    """How much the user wants to hear; set by ``-v``, ``-q`` and ``--debug``."""

    verbose: int = 0
    quiet: bool = False
    debug: bool = False


loudness = Loudness()


def safe(text: object) -> str:
    r"""Text from the air or a file with every control character made visible.

    A ship's name or a packet may hold escape sequences; a terminal must never obey them.
    Tabs stay; line ends become ``\n`` so that one message stays one line.
    """
    return "".join(
        character if character.isprintable() or character == "\t" else _visible(character)
        for character in str(text)
    )


def _visible(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def tell(text: str) -> None:
    """Say one line on stderr, unless ``-q``."""
    if not loudness.quiet:
        _write(text)


def detail(text: str) -> None:
    """Say one line on stderr with ``-v`` only."""
    if loudness.verbose and not loudness.quiet:
        _write(text)


def warn(text: str) -> None:
    """Say what may spoil the result, ``-q`` or not."""
    _write(f"gsctl: warning: {text}")


def complain(text: str) -> None:
    """Say why the command ends in failure, ``-q`` or not."""
    _write(f"gsctl: {text}")


def pass_on(text: str) -> None:
    """Say one line that another process said, as it is, ``-q`` or not."""
    _write(text)


def on_terminal() -> bool:
    """Whether stdout is a terminal, so that a table is wanted and not data for a program."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_watched() -> bool:
    """Whether stderr is a terminal and not to be quiet, so that progress may be shown on it."""
    return not loudness.quiet and sys.stderr is not None and sys.stderr.isatty()


def _write(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        print(safe(text), file=sys.stderr, flush=True)
    except OSError:
        # Nobody reads the messages any more; that is no reason to lose data.
        sys.stderr = None
