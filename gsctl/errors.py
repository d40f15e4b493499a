"""The exceptions that gsctl raises, and the exit code of each.

::

    GsctlError                1   never raised itself
    +-- UsageError            2   an option that cannot be meant
    +-- ConfigError           3   a configuration file, key or value
    +-- ElementsError         3   element sets: unreadable, missing, useless
    +-- CatalogError          3   a satellite, transmitter or station name
    +-- ProtocolError         3   a protocol file that does not keep the rules
    +-- RecordingError        3   an input that cannot be read as samples or frames
    +-- LogbookError          3   a log that cannot be written
    +-- RadioError            4   a radio that failed
    +-- StationError          4   a rotator, rig or schedule that failed

Each message is one line made of three parts: *what* was wrong, *where*, and
what *would work*. The parts stay readable as attributes. Only the command
line prints them and turns ``exit_code`` into the process's status.
"""

from __future__ import annotations

from typing import ClassVar


class GsctlError(Exception):
    """Base of all errors gsctl raises on purpose.

    Args:
        what: what was wrong, without a full stop.
        where: file, line, option or address; empty when there is none.
        advice: what would work; empty when nothing is known.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        message = f"{head}; {self.advice}" if self.advice else head
        return " ".join(message.split())


class UsageError(GsctlError):
    """An option or argument that cannot be meant as given."""

    exit_code = 2


class ConfigError(GsctlError):
    """A configuration file, key or value is wrong."""

    exit_code = 3


class ElementsError(GsctlError):
    """An element set is unreadable, missing or cannot be propagated."""

    exit_code = 3


class CatalogError(GsctlError):
    """A satellite, transmitter or station is unknown or ambiguous."""

    exit_code = 3


class ProtocolError(GsctlError):
    """A protocol file does not keep the rules of protocol files."""

    exit_code = 3


class RecordingError(GsctlError):
    """An input cannot be read as samples or frames."""

    exit_code = 3


class LogbookError(GsctlError):
    """A log cannot be written; what was written before it is intact."""

    exit_code = 3


class RadioError(GsctlError):
    """A radio is missing, refused a setting or failed."""

    exit_code = 4


class StationError(GsctlError):
    """A rotator, a rig or the unattended station failed."""

    exit_code = 4
