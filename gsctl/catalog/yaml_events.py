"""YAML of strangers: PyYAML's parser, and nothing of its constructors.

Only the parser's events are used, so a file can build nothing but dictionaries, lists, texts and
numbers, in bounded depth and number. Aliases of texts and numbers stand for them (SatYAML's
``*tlm``); an alias of a list or mapping is refused, because nested ones grow without bound. Every
mapping knows the lines of its keys, so that a wrong value can be shown to its writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from gsctl.errors import CatalogError

MAX_DEPTH = 16
MAX_NODES = 100_000
# Looser than YAML 1.1, where 437e6 is a text: SatYAML's writers mean a number.
_NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlMapping(dict[str, Any]):
    """A mapping that knows the line of each key in ``lines`` and its own in ``line``."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


def parse_yaml(text: str, source: str) -> Any:
    """The one document of a text as YamlMapping, list, str, int, float, bool or None.

    Raises:
        CatalogError: it is no YAML, has more than one document, or more than the limits allow; the
            message names the line.
    """
    reader = _Reader(text, source)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{source}:{mark.line + 1}" if mark else source
        raise CatalogError(f"not YAML: {error.problem or error.context}", where=where) from None
    except yaml.YAMLError as error:
        raise CatalogError(f"not YAML: {' '.join(str(error).split())[:200]}", where=source) from None


class _Reader:
    """Builds values from events; ``anchors`` holds the texts and numbers that aliases may stand for."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self.anchors: dict[str, Any] = {}
        self.nodes = 0

    def fail(self, what: str, event: Any) -> CatalogError:
        return CatalogError(what, where=f"{self.source}:{event.start_mark.line + 1}")

    def document(self) -> Any:
        value, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.fail("more than one document", event)
                value = self.node(next(self.events), 0)
        return value

    def node(self, event: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self.fail(f"more than {MAX_DEPTH} levels", event)
        if self.nodes > MAX_NODES:
            raise self.fail(f"more than {MAX_NODES} values", event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.fail(f"*{event.anchor} stands for no text or number before it", event)
            return self.anchors[event.anchor]
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(event, depth)
        value = self.scalar(event)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def sequence(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return items

    def mapping(self, start: Any, depth: int) -> YamlMapping:
        found = YamlMapping(start.start_mark.line + 1)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.fail("a key is no text", event)
            key = event.value
            if event.anchor:
                self.anchors[event.anchor] = key
            if key in found:
                raise self.fail(f"{key[:40]!r} stands twice, first on line {found.lines[key]}", event)
            found.lines[key] = event.start_mark.line + 1
            found[key] = self.node(next(self.events), depth + 1)
        return found

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            raise self.fail(f"the tag {event.tag[:40]!r}, which no SatYAML file uses", event)
        if event.style or event.tag is not None:  # quoted, a block, or said to be a text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            digits = text.replace("_", "")
            return int(digits) if re.fullmatch(r"[-+]?\d{1,18}", digits) else float(digits)
        return text
