"""``python -m gsctl`` is the ``gsctl`` command."""

import sys

from gsctl.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
