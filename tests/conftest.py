"""Fixtures that every room's tests share: the place of the test data."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# An example's time depends on what else the machine does, and on what a first call compiles.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PROJECT = Path(__file__).resolve().parent.parent


def find_data_dir() -> Path:
    """The folder of real recordings, frames and elements (see its README)."""
    return Path(os.environ.get("GSCTL_TEST_DATA", PROJECT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The test data; absent data skips, or fails under GSCTL_REQUIRE_DATA=1."""
    folder = find_data_dir()
    if not folder.is_dir():
        reason = f"test data not found at {folder}; set GSCTL_TEST_DATA"
        if os.environ.get("GSCTL_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def _private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's configuration and state out of the tests; compiled kernels stay shared."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))


_FIRST_STATES: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _same_random_numbers(request: pytest.FixtureRequest) -> None:
    """A module's generator begins anew for each test, so that the order of tests changes nothing."""
    for name in ("RANDOM", "RNG"):
        generator = getattr(request.module, name, None)
        if isinstance(generator, np.random.Generator):
            bits = generator.bit_generator
            bits.state = _FIRST_STATES.setdefault(f"{request.module.__name__}.{name}", bits.state)
