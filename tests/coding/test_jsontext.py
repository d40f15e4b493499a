"""JSON of any length and state: what is whole comes out, what is broken is named, and all of it ends."""

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding import jsontext
from gsctl.coding.jsontext import Broken, JsonText

GOOD = {"a": "x[{", "b": [1, None, {"c": "\\\"}\u00e9"}]}  # fmt: skip
TEXT = json.dumps(GOOD)


def found(text: str, piece: int = 1 << 16) -> tuple[list[object], list[tuple[int, str]]]:
    values = list(JsonText(text[at : at + piece] for at in range(0, len(text), piece)).values())
    good = [value for _, value in values if not isinstance(value, Broken)]
    return good, [(line, value.reason) for line, value in values if isinstance(value, Broken)]


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
@pytest.mark.parametrize(
    "text",
    [f"{TEXT}\n{TEXT}\n{TEXT}", f"[{TEXT}, {TEXT},\n{TEXT}]", f"[[{TEXT}],[],[{TEXT},[1, true, {TEXT}]]]"],
)
def test_objects_come_out_wherever_they_are(text: str, piece: int) -> None:
    assert found(text, piece) == ([GOOD] * 3, [])


@pytest.mark.parametrize("piece", [1, 1 << 16])
def test_strings_in_lists_are_values(piece: int) -> None:
    assert found('["ab", "c\\"[d"]\n', piece) == (["ab", 'c"[d'], [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"[{TEXT},\n{TEXT},\n{TEXT[:-9]}", 3),
        (f'{{"next": null, "results": [{TEXT},\n{TEXT},\n{TEXT[:-9]}', 3),
        (f"[{TEXT},\n{TEXT},\n", 3),
        (f'{TEXT}\n{{"a": "b" "c"}}\n{TEXT}', 2),
        (f'{TEXT}\n{{"a": "b\n{TEXT}', 2),
        (f"{TEXT}\nhello\n{TEXT}", 1),
        (f'{TEXT}\n{{"a": {"1" * 5000}}}\n{TEXT}', 2),
        (f'{TEXT}\n{{"a": {"[" * 100_000}{"]" * 100_000}}}\n{TEXT}', 2),
        (f"{TEXT}\n{'[' * 100_000}{']' * 100_000}{{\n{TEXT}", 3),
    ],
)
def test_what_is_broken_is_named_once_and_costs_no_other(text: str, line: int) -> None:
    good, broken = found(text)
    assert good == [GOOD, GOOD]
    assert [where for where, _ in broken] == [line]


@pytest.mark.parametrize(
    "bad", ['{"a":', '{"a":[', "[", "[]", '{"', '{"a":"', "{", "{{}", '"', "\\", "[[{}],"]
)
def test_anything_ends_soon(bad: str) -> None:
    before = time.process_time()
    for _, value in JsonText(bad * 1000 for _ in range(30)).values():
        if isinstance(value, Broken) and value.is_all:
            break
    assert time.process_time() - before < 5.0


def test_a_document_larger_than_what_is_held_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "MAX_OBJECT_CHARACTERS", 1 << 16)
    tracemalloc.start()
    pieces = ('{"results": [', *(f"{TEXT}, " * 1000 for _ in range(10)), TEXT, "]}")
    count = sum(value == GOOD for _, value in JsonText(pieces).values())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_001
    assert peak < 3e6


@given(st.text(alphabet='{}[]",:\\ab1\n', max_size=60), st.integers(1, 9))
def test_any_text_gives_the_same_in_any_pieces(text: str, piece: int) -> None:
    good, _ = found(text)
    assert found(text, piece)[0] == good


LEAVES = st.none() | st.floats(allow_nan=False) | st.text(max_size=5)


@given(st.lists(st.recursive(LEAVES, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=5)))
def test_what_is_whole_is_never_broken(value: list[object]) -> None:
    assert found(json.dumps(value))[1] == []
