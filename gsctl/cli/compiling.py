"""Says, on a terminal, why the first run after installing takes so long to begin."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from gsctl.cli.console import is_watched, tell

_NOTICE = "compiling the signal processing, once: this takes up to half a minute"


def announce_compiling() -> None:
    """Let this run say, once and only on a terminal, when functions have to be compiled."""
    if is_watched():
        sys.meta_path.insert(0, _Watch())


class _Watch:
    """Listens to numba as soon as the first module with compiled functions is imported, not before.

    Numba tells of what it compiles, not of what it finds in its cache; so nothing is said of a warm one,
    and no list of functions has to be kept.
    """

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Find nothing; see ``importlib.abc.MetaPathFinder``."""
        if name.startswith("gsctl.") and "_kernel" in name and self in sys.meta_path:
            sys.meta_path.remove(self)
            # Whatever is wrong with numba, who needs it meets it; a notice is no reason to fail.
            with contextlib.suppress(ImportError):
                _listen()


def _listen() -> None:
    from numba.core import event

    class Notice(event.Listener):  # type: ignore[misc]
        told = False

        def on_start(self, event: Any) -> None:
            del event
            if not self.told:
                self.told = True
                tell(_NOTICE)

        def on_end(self, event: Any) -> None:
            del event

    event.register("numba:compile", Notice())
