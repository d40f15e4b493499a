"""What could not be read of a file whose other parts were."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """A part of a file, or of an answer, that could not be read; ``line`` counts from 1."""

    source: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.what}"
