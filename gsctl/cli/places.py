"""Where gsctl keeps its things on this machine: the XDG directories, computed without a library.

An empty or relative ``XDG_*`` variable counts as unset, as the XDG base directory specification says.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from gsctl.cli.console import tell

SYSTEM_CONFIG_DIR = Path("/etc/gsctl")
_KERNELS_KEPT_S = 30 * 86400.0


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


def keep_compiled_kernels() -> bool:
    """Point numba's cache at the user's cache, before anything imports numba.

    Beside the source it could be unwritable (a system-wide install) or wiped with every clone. Numba
    refuses to work where it can write nowhere, so an account without a home gets a folder for this
    run only, and compiles each time.

    Numba compiles anew what was edited, but not what calls it from another file. So each state of the
    kernels' files has a folder of its own; those that nobody used for a month are removed.

    Returns:
        Whether later runs will find what this one compiles.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return True
    root = cache_dir() / "numba"
    folder = root / _state_of_kernels()
    kept = is_writable(folder)
    if kept:
        if folder.exists():
            os.utime(folder)
        else:
            _remove_old(root)
    else:
        import atexit
        import shutil
        import tempfile

        sys.meta_path.insert(0, _RecompilingNotice(root))
        folder = Path(tempfile.mkdtemp(prefix="gsctl-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return kept


def _state_of_kernels() -> str:
    """A name that changes when a file with compiled functions does."""
    import hashlib

    files = sorted(Path(__file__).parent.parent.glob("*/*_kernel*.py"))
    stamps = [(str(file), status.st_mtime_ns, status.st_size) for file in files for status in [file.stat()]]
    return hashlib.sha256(repr(stamps).encode()).hexdigest()[:16]


def _remove_old(root: Path) -> None:
    """Remove the folders of kernels that were compiled long ago."""
    import shutil
    import time

    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            if folder.is_dir() and time.time() - folder.stat().st_mtime > _KERNELS_KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)


class _RecompilingNotice:
    """Says, when a command begins to use compiled kernels, that they cannot be kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Find nothing; see ``importlib.abc.MetaPathFinder``."""
        if name == "numba" and self in sys.meta_path:
            sys.meta_path.remove(self)
            tell(
                f"gsctl: {self._folder} cannot be written, so kernels are compiled anew in each run; "
                "set XDG_CACHE_HOME or NUMBA_CACHE_DIR to a folder of yours"
            )


def is_writable(folder: Path) -> bool:
    """Whether files can be written in a folder, or it can be made; nothing is changed."""
    standing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    # /proc says yes to root and then refuses.
    in_proc = standing.parts[1:2] in (("proc",), ("sys",))
    return standing.is_dir() and os.access(standing, os.W_OK | os.X_OK) and not in_proc


def _base(variable: str, fallback: str) -> Path:
    named = os.environ.get(variable, "")
    base = Path(named) if named.startswith("/") else Path(os.path.expanduser("~")) / fallback
    return base / "gsctl"
