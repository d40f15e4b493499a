"""How hard a receiver looks where it has looked in vain: a bound on what noise may cost."""

from __future__ import annotations


class Patience:
    """Thorough searches that may still fail; time gives them back.

    Noise of a colour, or a signal of another kind, looks like something to search for again and again.
    While patience lasts a search is thorough; after that it is a quick one.

    Args:
        most: searches in vain at once.
        per_s: searches in vain a second, in the long run.
    """

    def __init__(self, most: int, per_s: float) -> None:
        self._most = most
        self._per_s = per_s
        self._left = float(most)

    def rest(self, seconds: float) -> None:
        """So much of the signal has gone by."""
        self._left = min(float(self._most), self._left + self._per_s * seconds)

    @property
    def lasts(self) -> bool:
        """Whether the next search may be a thorough one."""
        return self._left >= 1.0

    def fail(self) -> None:
        """A thorough search was in vain."""
        self._left -= 1.0

    def renew(self) -> None:
        """A search was not in vain."""
        self._left = float(self._most)
