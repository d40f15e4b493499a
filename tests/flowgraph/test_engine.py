"""The GNU Radio process: its language, and one line for each way in which it is not there."""

import io
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.errors import RadioError
from gsctl.flowgraph.engine import FlowgraphProcess
from gsctl.flowgraph.wire import SAMPLES, Message, pack, read_message
from tests.flowgraph.conftest import needs_gnuradio
from tests.radio.conftest import virtual_module, virtual_sdr

__all__ = ["virtual_module", "virtual_sdr"]  # fixtures
MakeSdr = Callable[..., dict[str, str]]

CONFIG: dict[str, Any] = {
    "device": {"driver": "virtual", "serial": "A"},
    "sample_rate_hz": 250_000.0,
    "device_frequency_hz": 437.4e6,
    "decimation": 5,
    "bandwidth_hz": 30_000.0,
    "offset_hz": 0.0,
    "antenna": "RX",
    "automatic_gain": False,
    "gains_db": {"LNA": 30.0, "VGA": -10.0},
    "settings": {},
}


@given(
    st.lists(
        st.builds(
            Message,
            kind=st.integers(0, 255),
            payload=st.binary(max_size=100),
            flags=st.integers(0, 255),
            position=st.integers(0, 2**64 - 1),
            seen_ns=st.integers(-(2**63), 2**63 - 1),
        ),
        max_size=5,
    ),
    st.integers(0, 31),
)
def test_messages_come_out_as_they_went_in(messages: list[Message], cut: int) -> None:
    data = b"".join(map(pack, messages))
    stream = io.BytesIO(data + pack(Message(SAMPLES, b""))[:cut])
    out = []
    while (message := read_message(stream.read)) is not None:
        out.append(message)
    assert out == messages


@given(st.binary(min_size=32, max_size=100))
def test_what_is_no_message_is_refused(data: bytes) -> None:
    if data[:4] != b"GSF1":
        with pytest.raises(ValueError, match="something else than a message"):
            read_message(io.BytesIO(data).read)


def interpreter(folder: Path, *lines: str) -> str:
    """A Python that runs these lines of shell before."""
    path = folder / "python"
    path.write_text("\n".join(["#!/bin/sh", *lines, f'exec {sys.executable} "$@"', ""]))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_without_gnu_radio_one_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(RadioError, match=r"has no GNU Radio .*; sudo apt-get install gnuradio"):
        FlowgraphProcess(CONFIG, python=sys.executable)
    with pytest.raises(RadioError, match="no Python for GNU Radio: No such file"):
        FlowgraphProcess(CONFIG, python=str(tmp_path / "none"))
    with pytest.raises(RadioError, match="GNU Radio's process ended at once"):
        FlowgraphProcess(CONFIG, python="/bin/true")
    with pytest.raises(RadioError, match="sent something else than a message"):
        FlowgraphProcess(CONFIG, python=interpreter(tmp_path, "echo 'Segmentation fault, as I always say'"))


def test_an_old_gnu_radio_is_told_from_a_good_one(tmp_path: Path) -> None:
    package = tmp_path / "gnuradio"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "gr.py").write_text("def version(): return '3.8.5.0'\n")
    with pytest.raises(RadioError, match=r"GNU Radio 3\.8\.5\.0 is too old; gsctl needs 3\.10 or newer"):
        FlowgraphProcess(CONFIG, python=interpreter(tmp_path, f"export PYTHONPATH={tmp_path}"))


@needs_gnuradio
def test_a_channel_is_moved_by_a_message(virtual_sdr: MakeSdr) -> None:
    virtual_sdr(
        "A", rates="250000", pattern="tone", tone=20_000, amplitude=0.25, noise=0.001, file_center=437.4e6
    )
    process = FlowgraphProcess({**CONFIG, "offset_hz": 20_000.0})
    try:
        assert process.state["sample_rate_hz"] == 50_000
        begun = time.monotonic()
        places = []
        data = b""
        for item in process.received(patience_s=2.0):
            assert begun - 1.0 < item.seen_at_s < time.monotonic()
            data += item.data
            if item.count and len(data) >= 8 * 25_000:
                samples = np.frombuffer(data[-8 * 8192 :], np.complex64)
                spectrum = np.abs(np.fft.fft(samples))
                places.append(float(np.fft.fftfreq(8192, 1 / 50_000)[int(spectrum.argmax())]))
                data = b""
                process.retune(12_000.0)
            if len(places) == 3:
                break
        assert places[0] == pytest.approx(0.0, abs=10)
        assert places[2] == pytest.approx(8_000.0, abs=10)
    finally:
        process.stop()


@needs_gnuradio
def test_a_device_that_is_not_there_is_one_line(virtual_sdr: MakeSdr) -> None:
    virtual_sdr("A", rates="250000")
    with pytest.raises(RadioError, match="GNU Radio: ") as caught:
        FlowgraphProcess({**CONFIG, "device": {"driver": "virtual", "serial": "Z"}})
    assert "\n" not in str(caught.value)
