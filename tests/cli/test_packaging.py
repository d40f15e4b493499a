"""What setuptools is told matches what is there: a forgotten package only fails after ``pip install``."""

import tomllib
from pathlib import Path

from gsctl import __version__

PROJECT = Path(__file__).resolve().parents[2]
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def test_every_package_is_installed() -> None:
    folders = {
        ".".join(init.parent.relative_to(PROJECT).parts) for init in (PROJECT / "gsctl").rglob("__init__.py")
    }
    declared = set(METADATA["tool"]["setuptools"]["packages"]) - {"gsctl_protocols"}
    assert declared == folders


def test_the_version_is_one() -> None:
    assert METADATA["project"]["version"] == __version__


def test_the_changelog_has_a_place_for_this_version() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in changelog or f"## [{__version__}]" in changelog
