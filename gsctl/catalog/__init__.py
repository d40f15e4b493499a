"""Finds protocol modules and looks satellites up by any name.

``load_catalog`` is where everything begins; ``gsctl.catalog.checks`` holds the rules that a protocol
file must keep. Nothing here needs numpy.
"""

from gsctl.catalog.lookup import Catalog, load_catalog
from gsctl.catalog.modules import ProtocolModule, load_file, load_modules

__all__ = ["Catalog", "ProtocolModule", "load_catalog", "load_file", "load_modules"]
