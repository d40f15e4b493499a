"""Where gsctl keeps its things on this machine: the XDG directories, computed without a library.

An empty or relative ``XDG_*`` variable counts as unset, as the XDG base directory specification says.
"""

from __future__ import annotations

import os
from pathlib import Path

SYSTEM_CONFIG_DIR = Path("/etc/gsctl")


def config_dir() -> Path:
    """``~/.config/gsctl``: config.toml and the user's own protocols."""
    return _base("XDG_CONFIG_HOME", ".config")


def cache_dir() -> Path:
    """``~/.cache/gsctl``: what can be made again."""
    return _base("XDG_CACHE_HOME", ".cache")


def state_dir() -> Path:
    """``~/.local/state/gsctl``: crash files, the unattended station's logs."""
    return _base("XDG_STATE_HOME", ".local/state")


def data_dir() -> Path:
    """``~/.local/share/gsctl``: the store of element sets."""
    return _base("XDG_DATA_HOME", ".local/share")


def keep_compiled_kernels() -> None:
    """Point numba's cache at the user's cache, before anything imports numba.

    Beside the source it could be unwritable (a system-wide install) or wiped with every clone.
    """
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = str(cache_dir() / "numba")


def _base(variable: str, fallback: str) -> Path:
    named = os.environ.get(variable, "")
    base = Path(named) if named.startswith("/") else Path(os.path.expanduser("~")) / fallback
    return base / "gsctl"
