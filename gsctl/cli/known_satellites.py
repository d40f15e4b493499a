"""The catalogue as commands use it: a broken protocol file is left out with a warning."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.cli.console import warn

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.errors import ProtocolError


def known_satellites(protocols: Iterable[Path] = ()) -> Catalog:
    """Everything that the protocol files, the copy of SatNOGS DB and the imports describe.

    Args:
        protocols: folders of more protocol files.

    Raises:
        ProtocolError: a folder does not exist.
        CatalogError: the copy of SatNOGS DB or the file of imports is damaged.
    """
    from gsctl.catalog import load_catalog

    return load_catalog(protocols, on_broken=warn_of_broken)


def warn_of_broken(error: ProtocolError) -> None:
    """Say that a protocol file is left out; once, however often the catalogue is asked for."""
    _warn_once(f"{error}; it is left out, gsctl protocols check tells more")


@cache
def _warn_once(text: str) -> None:
    warn(text)
