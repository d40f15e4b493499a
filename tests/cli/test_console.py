"""What is said beside the data, where there is nobody to say it to."""

import io
import sys

import pytest

from gsctl.cli import console
from gsctl.cli.session_line import SessionLine
from gsctl.model import StageCounters
from gsctl.pipeline.writing import Tally


def test_without_stderr_the_data_stay_clean(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started with ``2>&-``; printing to a stream that is None would print to stdout."""
    monkeypatch.setattr(sys, "stderr", None)
    SessionLine().print(Tally(), StageCounters(), 1.0)
    console.tell("one")
    console.warn("two")
    console.pass_on("three")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("terminal", "quiet", "watched"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_progress_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool, watched: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(console.loudness, "quiet", quiet)
    assert console.is_watched() is watched
    monkeypatch.setattr(sys, "stderr", None)
    assert console.is_watched() is False
