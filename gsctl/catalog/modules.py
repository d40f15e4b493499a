"""Loads protocol modules: from the entry point group ``gsctl.protocols`` and from folders.

The bundled files enter by the same door as foreign ones. A protocol file is Python and runs when it
is loaded, so it is loaded only from installed packages, ``~/.config/gsctl/protocols`` and the folders
that the user names.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from gsctl.errors import GsctlError, ProtocolError
from gsctl.model import Satellite, Truth

if TYPE_CHECKING:
    from gsctl.model import Schema

ENTRY_POINT_GROUP = "gsctl.protocols"
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolModule:
    """One protocol file, loaded.

    Attributes:
        name: the file's name without ``.py``.
        path: the file.
        origin: ``bundled``, the name of another entry point, or the folder it was read from.
        docstring: what the file says of its satellite.
        services: names of what is no satellite, such as the demo profile.
    """

    name: str
    path: Path
    origin: str
    docstring: str
    telemetry: tuple[Schema, ...]
    satellites: tuple[Satellite, ...]
    services: tuple[str, ...]
    truth: tuple[Truth, ...]


def user_protocol_dir() -> Path:
    """The user's own folder of protocol files, whether it exists or not (XDG base directories)."""
    return xdg_dir("XDG_CONFIG_HOME", ".config") / "protocols"


def xdg_dir(variable: str, fallback: str) -> Path:
    """The folder ``gsctl`` of an XDG base directory; an empty or relative variable counts as unset."""
    named = os.environ.get(variable, "")
    base = Path(named) if named.startswith("/") else Path(os.path.expanduser("~")) / fallback
    return base / "gsctl"


def load_modules(
    protocol_dirs: Iterable[Path] = (), on_broken: Callable[[ProtocolError], object] | None = None
) -> tuple[ProtocolModule, ...]:
    """Load every protocol module, the installed ones first, then the user's, then ``protocol_dirs``.

    Args:
        on_broken: told of each file of a folder that cannot be loaded, which is then left out; None
            raises.

    Raises:
        ProtocolError: a file cannot be loaded (the file and the line are named), or a folder of
            ``protocol_dirs`` does not exist.
    """
    modules = [_described(module, origin) for module, origin in _installed()]
    own = user_protocol_dir()
    folders = [own] if own.is_dir() else []
    for folder in protocol_dirs:
        if not folder.is_dir():
            raise ProtocolError("no such folder", where=str(folder), advice="--protocols takes a folder")
        folders.append(folder)
    for folder in folders:
        for path in sorted(folder.glob("[!_.]*.py")):
            try:
                modules.append(load_file(path, origin=str(folder)))
            except ProtocolError as error:
                if on_broken is None:
                    raise
                on_broken(error)
    return tuple(modules)


def load_file(path: Path, *, origin: str = "") -> ProtocolModule:
    """Load one protocol file.

    Raises:
        ProtocolError: it cannot be read, fails when it runs, or lacks the parts of a protocol file.
    """
    where = path.resolve()
    # The name is unique for the path, so that two folders may hold files of the same name.
    name = f"gsctl_protocol_{path.stem}_{hashlib.sha256(bytes(where)).hexdigest()[:8]}"
    if name in sys.modules:
        return _described(sys.modules[name], origin or str(path.parent))
    spec = importlib.util.spec_from_file_location(name, where)
    if spec is None or spec.loader is None or not where.is_file():
        raise ProtocolError("no Python file", where=str(path), advice="a protocol file is named NAME.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    try:
        spec.loader.exec_module(module)
    # Foreign code may raise anything, even SystemExit; only the user's Ctrl-C passes.
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _import_error(error, str(where)) from error
    return _described(module, origin or str(path.parent))


def _installed() -> Iterator[tuple[ModuleType, str]]:
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        package = _import(entry.value)
        yield from ((module, entry.name) for module in _members(package))


def _members(package: ModuleType) -> Iterator[ModuleType]:
    """The protocol modules of a package, or the module itself where it is none."""
    if not hasattr(package, "__path__"):
        yield package
        return
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("_"):
            yield _import(f"{package.__name__}.{found.name}")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        spec = None
        if name.rpartition(".")[0] in sys.modules or "." not in name:
            spec = importlib.util.find_spec(name)
        raise _import_error(error, spec.origin if spec and spec.origin else name) from error


def _import_error(error: BaseException, path: str) -> ProtocolError:
    """What was wrong, at the last line of the protocol file that had to do with it."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for step in traceback.extract_tb(error.__traceback__):
        if step.filename == path:
            line = step.lineno
    reason = str(error) if isinstance(error, GsctlError) else f"{type(error).__name__}: {error}"
    return ProtocolError(reason, where=f"{path}:{line}" if line else path)


def _described(module: ModuleType, origin: str) -> ProtocolModule:
    path = Path(module.__file__ or module.__name__)
    return ProtocolModule(
        name=path.stem,
        path=path,
        origin=origin,
        docstring=(module.__doc__ or "").strip(),
        telemetry=_part(module, "TELEMETRY", object, path),
        satellites=_part(module, "SATELLITES", Satellite, path),
        services=_part(module, "SERVICES", str, path),
        truth=_part(module, "TRUTH", Truth, path),
    )


def _part(module: ModuleType, name: str, kind: type[_Part], path: Path) -> tuple[Any, ...]:
    value = getattr(module, name, ())
    if not isinstance(value, tuple) or not all(isinstance(item, kind) for item in value):
        what = "schemas" if name == "TELEMETRY" else kind.__name__
        raise ProtocolError(
            f"{name} is no tuple of {what}", where=str(path), advice=f"write {name} = (...,) or {name} = ()"
        )
    if name == "TELEMETRY":
        for schema in value:
            if not all(hasattr(schema, part) for part in ("name", "matches", "parse")):
                raise ProtocolError(
                    f"{schema!r:.60} is no schema",
                    where=str(path),
                    advice="wrap the layout in gsctl.telemetry.ConstructSchema",
                )
    return value
