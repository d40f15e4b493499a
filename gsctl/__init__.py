"""gsctl, a command-line ground station."""

__version__ = "0.1.0"
