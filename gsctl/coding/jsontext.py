"""JSON of any length, piece by piece: what is whole comes out, whatever stands before and behind it.

The standard library's reader needs the whole text, gives all of it or nothing, and takes twenty times
its size in memory for many small values. So the lists and objects around are walked here (RFC 8259), and
it gets one object at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# An object that is longer is walked into; as many values as it can have take 100 MB.
MAX_OBJECT_CHARACTERS = 4 << 20
# The last one is a string that the text's end cuts.
_TOKEN = re.compile(r'[\[\]{}]|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+(?:"|\\?\Z)')
# A text that ends so near behind an error may be what the error is about.
_LONGEST_WORD = 10
# How much may be looked at in vain: this, and as much as there is.
_PATIENCE_CHARACTERS = 100 << 20
_LIST_COST_CHARACTERS = 64
_BROKEN_COST_CHARACTERS = 1 << 12
_DEEP_COST_CHARACTERS = 1 << 18
_MAX_DEPTH = 1000
_PIECE_CHARACTERS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What stands in the place of something that is no JSON.

    Attributes:
        reason: what is wrong.
        is_all: nothing more is looked for.
    """

    reason: str
    is_all: bool = False


class JsonText:
    """Walks through a document of JSON, or one after another.

    Args:
        pieces: of the text.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._around: list[str] = []
        self._patience = _PATIENCE_CHARACTERS
        self._broken_line = 0
        self._decoder = json.JSONDecoder()

    def values(self) -> Iterator[tuple[int, object]]:
        """Line and value of each object, and of each string in a list; what is broken as :class:`Broken`."""
        while self._patience >= 0:
            token = _TOKEN.search(self._text, self._at)
            if token is None or (token.end() == len(self._text) and token[0] not in "]}"):
                is_long = len(self._text) - self._at > MAX_OBJECT_CHARACTERS
                if not self._ended and not is_long:
                    self._more()
                    continue
            begin = len(self._text) if token is None else token.start()
            yield from self._between(begin)
            self._advance(begin)
            if token is not None:
                yield from self._take(token[0])
            elif self._ended:
                break
        if self._patience < 0:
            yield self._line, Broken(reason="too much of it is broken", is_all=True)
        elif self._around and not self._broken_line:
            yield self._line, Broken(reason="it ends too soon")

    def _take(self, token: str) -> Iterator[tuple[int, object]]:
        if token == "{":
            yield from self._object()
            return
        if token[0] == '"' and self._around[-1:] == ["["]:
            try:
                yield self._line, json.loads(token)
            except json.JSONDecodeError as error:
                yield from self._report(error.msg, self._at)
        elif token == "[":
            self._patience -= _LIST_COST_CHARACTERS
            self._enter(token)
        elif token in "]}" and self._around:
            self._around.pop()
        self._advance(self._at + len(token))

    def _between(self, end: int) -> Iterator[tuple[int, object]]:
        """Around everything stands nothing else, but what is left of something broken."""
        if not self._around and self._line != self._broken_line:
            between = self._text[self._at : end]
            if between.strip(" \t\r\n,;\ufeff"):
                yield from self._report("something between", self._at)

    def _more(self) -> None:
        """Read on, half as much again as there is."""
        parts = [self._text[self._at :]]
        self._at = 0
        wanted = max(_PIECE_CHARACTERS, len(parts[0]) // 2)
        while wanted > 0 and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            parts.append(piece or "")
            wanted -= len(parts[-1])
            self._patience += len(parts[-1])
        self._text = "".join(parts)

    def _advance(self, position: int) -> None:
        self._line += self._text.count("\n", self._at, position)
        self._at = position

    def _enter(self, mark: str) -> None:
        if len(self._around) < _MAX_DEPTH:
            self._around.append(mark)

    def _object(self) -> Iterator[tuple[int, object]]:
        """The object that begins here, or why there is none; goes on behind it, or inside."""
        while self._patience >= 0:
            try:
                thing, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._patience -= _BROKEN_COST_CHARACTERS
                if self._is_cut(error):
                    self._patience -= len(self._text) - self._at
                    if not self._ended and len(self._text) - self._at <= MAX_OBJECT_CHARACTERS:
                        self._more()
                        continue
                    if self._ended:
                        yield from self._report(error.msg, error.pos)
                    self._enter("{")
                    self._advance(self._at + 1)
                    return
                self._patience -= error.pos - self._at
                yield from self._report(error.msg, error.pos)
            except (RecursionError, ValueError) as error:
                self._patience -= _DEEP_COST_CHARACTERS
                is_deep = isinstance(error, RecursionError)
                yield from self._report("nested too deeply" if is_deep else "a number too long", self._at)
            else:
                yield self._line, thing
                self._advance(end)
                return
            # In what is broken, quotes tell nothing.
            found = self._text.find("{", self._at + 1)
            self._advance(len(self._text) if found < 0 else found)
            return

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether an error may be the text's end; a string without end is told from where it begins."""
        return error.pos >= len(self._text) - _LONGEST_WORD or error.msg.startswith("Unterminated")

    def _report(self, reason: str, place: int) -> Iterator[tuple[int, object]]:
        """What is broken, once a line: all the objects around it are broken by it too."""
        line = self._line + self._text.count("\n", self._at, place)
        if line != self._broken_line:
            self._broken_line = line
            yield line, Broken(reason=reason)
