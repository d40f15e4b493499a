"""``python -m gsctl`` is the ``gsctl`` command."""

from gsctl.cli.app import main

if __name__ == "__main__":
    main()
