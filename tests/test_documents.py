"""The documents keep their word: every command line that they show is one that gsctl takes."""

import re
import shlex
from pathlib import Path

import pytest

from gsctl.cli.app import COMMANDS, leaves, load

PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/CONFIGURATION.md")
KNOWN = {
    path: leaf for entry in COMMANDS if entry.exists() for path, leaf in leaves(load(entry), (entry.name,))
}


def shown_commands() -> list[str]:
    lines = []
    for page in PAGES:
        text = (PROJECT / page).read_text()
        lines += re.findall(r"^    (gsctl .*)$", text, re.MULTILINE)
        lines += re.findall(r"`(gsctl [^`]*)`", text)
    return sorted({line.split(" > ")[0].split("  #")[0].strip() for line in lines})


@pytest.mark.parametrize("line", shown_commands())
def test_a_shown_command_line_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    length = 2 if tuple(words[:2]) in KNOWN else 1
    leaf = KNOWN.get(tuple(words[:length]))
    assert leaf is not None, f"there is no {line}"
    arguments = words[length:]
    with leaf.make_context(" ".join(words[:length]), arguments) as context:
        assert context.args == []


def test_every_command_is_in_the_contract() -> None:
    contract = (PROJECT / "docs" / "CONTRACT.md").read_text()
    for entry in COMMANDS:
        assert f"gsctl {entry.name}" in contract, entry.name


def test_the_documents_point_to_files_that_exist() -> None:
    for page in (*PAGES, "CHANGELOG.md"):
        folder = (PROJECT / page).parent
        for target in re.findall(r"\]\(([^)#:]+)\)", (PROJECT / page).read_text()):
            assert (folder / target).exists(), f"{page}: {target}"
