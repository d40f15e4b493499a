"""The part of YAML that SatYAML files are written in.

Block mappings and block sequences by indentation, plain and quoted scalars, flow sequences of
scalars, comments, anchors (dropped) and aliases (kept as their text, ``*name``). Everything else of
YAML 1.2 (tags, block scalars, flow mappings, several documents) is refused with its line. Nothing is
ever built from a file but dictionaries, lists, texts and numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gsctl.errors import CatalogError

MAX_DEPTH = 16
MAX_LINES = 50_000
_NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'\[{][^#]*?)\s*:(?:\s+(.*))?""")
_ANCHOR = re.compile(r"&\S+\s*")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class YamlMapping(dict[str, Any]):
    """A mapping that knows the line of each key in ``lines`` and its own in ``line``."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str


def parse_yaml(text: str, source: str) -> Any:
    """The one document of a text as YamlMapping, list, str, int, float, bool or None.

    Raises:
        CatalogError: it is no YAML, or more than the subset; the message names the line.
    """
    return _Reader(source, _significant(text, source)).document()


def _significant(text: str, source: str) -> list[_Line]:
    """The lines that say something, comments removed."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(rows) > MAX_LINES:
        raise CatalogError(f"more than {MAX_LINES} lines", where=source)
    lines: list[_Line] = []
    for number, row in enumerate(rows, 1):
        bare = _without_comment(row).rstrip()
        body = bare.lstrip(" ")
        if not body or (body == "---" and not lines):
            continue
        if body == "...":
            break
        if body.startswith("\t"):
            raise CatalogError("a tab begins the line", where=f"{source}:{number}", advice="indent by spaces")
        lines.append(_Line(number, len(bare) - len(body), body))
    return lines


def _without_comment(row: str) -> str:
    quote = ""
    for index, character in enumerate(row):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and (index == 0 or row[index - 1] in " [,"):
            quote = character
        elif character == "#" and (index == 0 or row[index - 1] in " \t"):
            return row[:index]
    return row


class _Reader:
    """Reads blocks by indentation; ``at`` is the next line."""

    def __init__(self, source: str, lines: list[_Line]) -> None:
        self.source, self.lines, self.at = source, lines, 0

    def fail(self, what: str, line: _Line) -> CatalogError:
        return CatalogError(what, where=f"{self.source}:{line.number}")

    def document(self) -> Any:
        if not self.lines:
            return None
        value = self.block(self.lines[0].indent, 0)
        if self.at < len(self.lines):
            raise self.fail("the indentation fits nothing above", self.lines[self.at])
        return value

    def block(self, indent: int, depth: int) -> Any:
        first = self.lines[self.at]
        if depth > MAX_DEPTH:
            raise self.fail(f"more than {MAX_DEPTH} levels", first)
        if _is_item(first):
            return self.sequence(indent, depth)
        if _KEY.fullmatch(_ANCHOR.sub("", first.text, count=1)):
            return self.mapping(indent, depth)
        self.at += 1
        return self.scalar(first.text, first)

    def sequence(self, indent: int, depth: int) -> list[Any]:
        items = []
        while self.here(indent) and _is_item(line := self.lines[self.at]):
            rest = line.text[1:].lstrip(" ")
            if rest and not _KEY.fullmatch(rest):
                self.at += 1
                items.append(self.scalar(rest, line))
            elif rest:
                # The rest of the line is the first key of a mapping that stands further right.
                inner = indent + len(line.text) - len(rest)
                self.lines[self.at] = _Line(line.number, inner, rest)
                items.append(self.mapping(inner, depth + 1))
            else:
                self.at += 1
                items.append(self.nested(indent, depth))
        return items

    def mapping(self, indent: int, depth: int) -> YamlMapping:
        found = YamlMapping(self.lines[self.at].number)
        while self.here(indent) and not _is_item(line := self.lines[self.at]):
            match = _KEY.fullmatch(_ANCHOR.sub("", line.text, count=1))
            if match is None:
                raise self.fail(f"{line.text[:40]!r} is no 'key: value'", line)
            key = str(self.scalar(match[1], line, plain=True))
            if key in found:
                raise self.fail(f"{key!r} stands twice, first on line {found.lines[key]}", line)
            found.lines[key] = line.number
            rest = _ANCHOR.sub("", match[2] or "", count=1)
            self.at += 1
            found[key] = self.scalar(rest, line) if rest else self.nested(indent, depth, below_key=True)
        return found

    def here(self, indent: int) -> bool:
        return self.at < len(self.lines) and self.lines[self.at].indent == indent

    def nested(self, indent: int, depth: int, *, below_key: bool = False) -> Any:
        if self.at >= len(self.lines):
            return None
        line = self.lines[self.at]
        # A sequence may stand as far left as its key.
        if line.indent > indent or (below_key and line.indent == indent and _is_item(line)):
            return self.block(line.indent, depth + 1)
        return None

    def scalar(self, text: str, line: _Line, *, plain: bool = False) -> Any:
        if text[:1] in {"'", '"'}:
            if len(text) < 2 or text[-1] != text[0]:
                raise self.fail("a quotation mark is not closed", line)
            inner = text[1:-1]
            return inner.replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", inner)
        if text[:1] == "[" and text[-1:] == "]":
            inner = text[1:-1].strip()
            return [self.scalar(part.strip(), line) for part in inner.split(",")] if inner else []
        if text[:1] in set("[{|>!%@`&"):
            raise self.fail(f"{text[:20]!r} is YAML that no SatYAML file uses", line)
        if plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            digits = text.replace("_", "")
            return int(digits) if re.fullmatch(r"[-+]?\d{1,18}", digits) else float(digits)
        return text


def _is_item(line: _Line) -> bool:
    return line.text == "-" or line.text.startswith("- ")
