"""CONTRIBUTING.md keeps its word: its satellite passes the check, its framing carries frames."""

import __future__

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gsctl.deframe
import gsctl.framing
import gsctl.synth.framers
from gsctl.catalog import load_catalog
from gsctl.catalog.checks import check_module
from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.crc import CCITT_FALSE
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.framing import FRAMINGS, Framing, Integrity, parse_framing
from gsctl.model import Frame, SoftBits, StageCounters
from gsctl.synth.framers import FRAMERS, line_symbols

PAGE = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text()
BLOCKS = re.findall(
    r"<!-- tests/test_contributing.py runs this(?: file)?:? ?(.*?) ?-->\n```python\n(.*?)```", PAGE, re.S
)
CODE = dict(BLOCKS)


def test_all_examples_are_found() -> None:
    assert list(CODE) == ["", "framing", "deframer", "deframer table", "framer"]


def test_the_satellite_keeps_the_rules(tmp_path: Path) -> None:
    (tmp_path / "papersat.py").write_text(CODE[""])
    catalog = load_catalog((tmp_path,))
    (module,) = [module for module in catalog.modules if module.name == "papersat"]
    assert check_module(module) == []
    assert catalog.find("paper-1").name == "PaperSat"


def run(name: str, names: dict[str, Any]) -> None:
    exec(compile(CODE[name], name, "exec", flags=__future__.annotations.compiler_flag), names)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Framing]:
    """The page's framing, registered for one test as its four pieces say."""
    monkeypatch.setattr(gsctl.framing, "Counted", None, raising=False)
    run("framing", vars(gsctl.framing))
    kind: type[Framing] = vars(gsctl.framing)["Counted"]
    module = types.ModuleType("gsctl.deframe.counted")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    run("deframer", vars(module))
    run("deframer table", {**vars(gsctl.deframe), "Counted": kind})
    names = {"Counted": kind, "bytes_to_bits": bytes_to_bits, "CCITT_FALSE": CCITT_FALSE}
    run("framer", {**vars(gsctl.synth.framers), **names})
    yield FRAMINGS["counted"]
    FRAMINGS.pop("counted")
    DEFRAMERS.pop(kind)
    FRAMERS.pop(kind)


def soft_bits(values: NDArray[np.float64], cut: int) -> Iterator[SoftBits]:
    for start in range(0, len(values), cut):
        piece = values[start : start + cut].astype(np.float32)
        places = 5.0 * np.arange(start, start + len(piece), dtype=np.float64)
        yield SoftBits(values=piece, position=places, symbol_rate_bd=9600.0, restart=start == 0)


@pytest.mark.parametrize("cut", [1, 7, 4096])
def test_the_framing_carries_frames_for_any_cut(counted: Framing, cut: int) -> None:
    payloads = [b"", b"one", bytes(range(255)), b"last"]
    line = line_symbols(counted, payloads)
    noise = np.random.default_rng(7).normal(0.0, 0.3, len(line.values))
    values = 2.0 * line.values - 1.0 + noise
    values[line.first[1] - 10] *= -3.0  # a wrong bit in a sync word is borne
    values[line.first[3] + 9] *= -3.0  # one in a payload is not
    counters = StageCounters()
    deframer = DEFRAMERS[type(counted)](counted, DeframeOptions(), counters)
    frames: list[Frame] = [frame for soft in soft_bits(values, cut) for frame in deframer.push(soft)]
    assert [frame.payload for frame in frames] == payloads[:3]
    assert {frame.integrity for frame in frames} == {Integrity.CRC}
    assert [frame.sample_index for frame in frames] == [5.0 * first for first in line.first[:3]]
    assert [frame.end_sample_index for frame in frames] == [5.0 * last for last in line.last[:3]]
    assert (counters.fcs_ok, counters.fcs_bad, counters.sync_found) == (3, 1, 4)


def test_the_framing_finds_nothing_in_noise(counted: Framing) -> None:
    values = np.random.default_rng(8).normal(0.0, 1.0, 200_000)
    counters = StageCounters()
    deframer = DEFRAMERS[type(counted)](counted, DeframeOptions(), counters)
    assert [frame for soft in soft_bits(values, 10_000) for frame in deframer.push(soft)] == []


def test_the_framing_has_its_name(counted: Framing) -> None:
    assert parse_framing("counted:sync_errors=1") == type(counted)(sync_errors=1)  # type: ignore[call-arg]
