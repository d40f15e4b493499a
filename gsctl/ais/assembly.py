"""Messages out of sentences: parts that belong together are joined, in any order, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from gsctl.ais.nmea import Sentence

# Parts of one message follow each other within a second; a network may hold them back for longer.
MAX_AGE_S = 60.0
# How many messages may be unfinished at a time; beyond that the oldest one is given up.
MAX_PENDING = 1000

_Key = tuple[str, int, str, str]


class Assembled(NamedTuple):
    """One whole message as NMEA text: its sentences in order."""

    sentences: tuple[Sentence, ...]
    payload: bytes
    fill_bits: int


class _Pending:
    __slots__ = ("parts", "started_s")

    def __init__(self, started_s: float) -> None:
        self.parts: dict[int, Sentence] = {}
        self.started_s = started_s


class Assembler:
    """Joins the parts of messages.

    Parts belong together that agree in station, number of parts, sequence number and channel. A
    part that repeats a number begins a new message, and so does one that comes too late.

    Attributes:
        incomplete: messages given up because parts were missing.
    """

    def __init__(self, *, max_pending: int = MAX_PENDING, max_age_s: float = MAX_AGE_S) -> None:
        self.incomplete = 0
        self._max_pending = max_pending
        self._max_age_s = max_age_s
        self._pending: OrderedDict[_Key, _Pending] = OrderedDict()

    def add(self, sentence: Sentence, station: str, time_s: float, source: str = "") -> Assembled | None:
        """Take one sentence; give back the message that it completes.

        Args:
            sentence: single sentences pass straight through.
            station: who received it; empty is unknown.
            source: the input that the line came from. A part that names no station, or whose
                station no other part names, joins the others from the same input.
            time_s: any clock that rises with the lines; only differences count.
        """
        if sentence.parts == 1:
            return Assembled((sentence,), sentence.payload, sentence.fill_bits)
        key = self._find(sentence, station or source, source)
        pending = self._pending.get(key)
        if pending is not None and (
            sentence.part in pending.parts or abs(time_s - pending.started_s) > self._max_age_s
        ):
            self._give_up(key)
            pending = None
        if pending is None:
            pending = self._pending[key] = _Pending(time_s)
            while len(self._pending) > self._max_pending:
                self._give_up(next(iter(self._pending)))
        pending.parts[sentence.part] = sentence
        if len(pending.parts) < sentence.parts:
            return None
        del self._pending[key]
        ordered = tuple(pending.parts[number] for number in range(1, sentence.parts + 1))
        return Assembled(ordered, b"".join(part.payload for part in ordered), ordered[-1].fill_bits)

    def finish(self) -> None:
        """Give up what is still unfinished at the end of the input."""
        while self._pending:
            self._give_up(next(iter(self._pending)))

    def _find(self, sentence: Sentence, station: str, source: str) -> _Key:
        """The key of the parts that wait for this one; its own where there are none.

        Some receivers write the channel or their name in one part only.
        """
        wanted = (station, sentence.parts, sentence.sequence, sentence.channel)
        channels = (sentence.channel, "") if sentence.channel else ("", "A", "B", "C", "D")
        for place in (station, source):
            for channel in channels:
                key = (place, sentence.parts, sentence.sequence, channel)
                waiting = self._pending.get(key)
                if waiting is not None and (key == wanted or sentence.part not in waiting.parts):
                    return key
        return wanted

    def _give_up(self, key: _Key) -> None:
        del self._pending[key]
        self.incomplete += 1
