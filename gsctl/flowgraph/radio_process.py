"""The GNU Radio side of ``--engine gnuradio``: a flowgraph from a SoapySDR device to a pipe.

The system's Python runs this file, because Debian's GNU Radio and gsctl's numpy cannot share a process::

    soapy.source -> freq_xlating_fir_filter_ccc -> _Pipe

The filter moves the channel to the middle and thins it out; a message on its port ``freq`` moves it on. What
goes over the pipe is told in :mod:`gsctl.flowgraph.wire`. Nothing else of gsctl is imported here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Behind the system's packages: were gsctl's folder first, its numpy would be found instead of theirs.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    del sys.path[0]

from gsctl.flowgraph.wire import FAILURE, SAMPLES, STATE, Message, pack

LEAST_VERSION = (3, 10)
_CHUNK_S = 0.02


def main() -> int:
    """Read the configuration, run the flowgraph until standard input ends; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for gsctl, which then ends this process
    pipe = os.dup(1)
    os.dup2(2, 1)  # what a driver prints must not get between the messages
    try:
        config = json.loads(sys.stdin.readline())
        version = _version()
        if version < LEAST_VERSION:
            text = ".".join(map(str, version))
            return _fail(pipe, f"GNU Radio {text} is too old", "gsctl needs 3.10 or newer")
        running = _build(config, pipe)
    except ImportError as error:
        return _fail(pipe, f"the system's Python has no GNU Radio ({error})", "sudo apt-get install gnuradio")
    except Exception as error:  # of whatever kind a driver throws
        return _fail(pipe, f"GNU Radio: {error}", "try it without --engine")
    _obey(running, config)
    return 0


def _version() -> tuple[int, ...]:
    from gnuradio import gr

    parts = gr.version().split("-")[0].split(".")
    return tuple(int(part) for part in parts if part.isdecimal())


def _fail(pipe: int, what: str, advice: str) -> int:
    payload = json.dumps({"what": " ".join(what.split()), "advice": advice}).encode()
    os.write(pipe, pack(Message(FAILURE, payload)))
    return 1


def _build(config: dict[str, Any], pipe: int) -> _Running:
    """Make and start the flowgraph; tells its state on the pipe."""
    from gnuradio import filter as gr_filter
    from gnuradio import gr
    from gnuradio.fft import window

    rate_hz, step = float(config["sample_rate_hz"]), int(config["decimation"])
    source = _source(config)
    width_hz = float(config["bandwidth_hz"])
    transition_hz = max(rate_hz / step - width_hz, 0.05 * rate_hz / step)
    taps = gr_filter.firdes.low_pass(1.0, rate_hz, rate_hz / step / 2, transition_hz, window.WIN_HAMMING)
    tune = gr_filter.freq_xlating_fir_filter_ccc(step, taps, float(config["offset_hz"]), rate_hz)
    delay_s = (len(taps) - 1) / 2 / rate_hz
    top = gr.top_block("gsctl", catch_exceptions=True)
    sink = _pipe_sink(pipe, rate_hz / step, delay_s)
    top.connect(source, tune, sink)
    state = {
        "version": gr.version(),
        "hardware": source.get_hardware_key() if hasattr(source, "get_hardware_key") else "",
        "sample_rate_hz": source.get_sample_rate(0) / step,
        "device_frequency_hz": source.get_frequency(0),
        "gain_db": source.get_gain(0),
    }
    os.write(pipe, pack(Message(STATE, json.dumps(state).encode())))
    top.start()
    return _Running(top, source, tune, sink)


class _Running:
    """A flowgraph at work, and what is told to it."""

    def __init__(self, top: Any, source: Any, tune: Any, sink: Any) -> None:
        # A block of Python's is gone when nobody holds it any more, connected or not.
        self.top, self.source, self.tune, self.sink = top, source, tune, sink

    def retune(self, offset_hz: float) -> None:
        """Move the channel within the band, by a message."""
        import pmt

        message = pmt.cons(pmt.intern("freq"), pmt.from_double(offset_hz))
        self.tune.to_basic_block()._post(pmt.intern("freq"), message)


def _source(config: dict[str, Any]) -> Any:
    """The device, set as gsctl found that it can be set."""
    from gnuradio import soapy

    arguments = ",".join(f"{key}={value}" for key, value in config["device"].items() if key != "driver")
    name = f"driver={config['device'].get('driver', '')}"
    source = soapy.source(name, "fc32", 1, arguments, config.get("stream", ""), [""], [""])
    source.set_sample_rate(0, float(config["sample_rate_hz"]))
    source.set_frequency(0, float(config["device_frequency_hz"]))
    if config.get("antenna"):
        source.set_antenna(0, config["antenna"])
    if config["automatic_gain"] is not None:
        source.set_gain_mode(0, bool(config["automatic_gain"]))
    for name, value in config["gains_db"].items():
        source.set_gain(0, name, float(value))
    for key, value in config["settings"].items():
        source.write_setting(key, value)
    return source


def _pipe_sink(pipe: int, rate_hz: float, delay_s: float) -> Any:
    """A sink that writes what comes to the pipe, with the time at which it came."""
    import numpy
    from gnuradio import gr

    class _Pipe(gr.sync_block):  # type: ignore[misc]  # GNU Radio is untyped
        def __init__(self) -> None:
            gr.sync_block.__init__(self, "gsctl pipe", [numpy.complex64], [])
            self.set_output_multiple(max(1, round(rate_hz * _CHUNK_S)))
            self._position = 0

        def work(self, inputs: Any, _outputs: Any) -> int:
            seen_ns = time.monotonic_ns() - round(delay_s * 1e9)
            samples = inputs[0]
            message = Message(SAMPLES, samples.tobytes(), position=self._position, seen_ns=seen_ns)
            data = memoryview(pack(message))
            try:
                while data:
                    data = data[os.write(pipe, data) :]
            except OSError:  # gsctl is gone
                return -1
            self._position += len(samples)
            return len(samples)

    return _Pipe()


def _obey(running: _Running, config: dict[str, Any]) -> None:
    """Do what gsctl says until it ends; then leave the device as it was."""
    try:
        for line in sys.stdin:
            values = json.loads(line)
            if "offset_hz" in values:
                running.retune(float(values["offset_hz"]))
    finally:
        running.top.stop()
        running.top.wait()
        after = config.get("after", {})
        for name, value in after.get("gains_db", {}).items():
            running.source.set_gain(0, name, float(value))
        for key, value in after.get("settings", {}).items():
            running.source.write_setting(key, value)


if __name__ == "__main__":
    sys.exit(main())
