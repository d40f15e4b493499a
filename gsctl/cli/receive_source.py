"""The samples of ``gsctl receive``: a radio, a stream of raw samples, or a recording played in real time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsctl.cli.radio_options import settings_of
from gsctl.cli.receive_search import UNKNOWN_CLOCK
from gsctl.errors import RadioError, UsageError

if TYPE_CHECKING:
    from gsctl.cli.receive_plan import Plan, ReceiveRequest
    from gsctl.model import SampleBlock
    from gsctl.radio.source import SampleSource
    from gsctl.radio.tuning import RadioSettings

_STREAMS = ("udp://", "tcp://")
_FILE_BLOCK_SAMPLES = 4096


def is_stream(device: str) -> bool:
    """Whether ``--device`` is raw samples from the network or from standard input."""
    return device == "-" or device.startswith(_STREAMS)


def is_recording(device: str) -> bool:
    """Whether ``--device`` is a file, to be played in real time."""
    return bool(device) and (Path(device).exists() or device.endswith((".sigmf-meta", ".sigmf-data", ".wav")))


def is_radio(device: str) -> bool:
    """Whether ``--device`` is to be tuned."""
    return not is_stream(device) and not is_recording(device)


def settings_for(request: ReceiveRequest, plan: Plan) -> RadioSettings:
    """What is asked of a radio.

    Raises:
        UsageError: a value that cannot be meant.
    """
    band = plan.band
    return settings_of(request.radio, band.frequency_hz, band.sample_rate_hz, band.lo_offset_hz)


def open_source(request: ReceiveRequest, plan: Plan, listener: Callable[[str], None]) -> SampleSource:
    """Open what ``--device`` names.

    Raises:
        RadioError: no such radio, no permission, no connection.
        RecordingError: the file is of no use.
        UsageError: a setting that cannot be meant, or that the radio does not have.
    """
    if request.engine == "gnuradio":
        if not is_radio(request.device) or request.device.startswith("rtl_tcp://"):
            raise UsageError(
                "GNU Radio takes SoapySDR devices", where="--engine", advice="leave --engine out"
            )
        from gsctl.pipeline.gnuradio_source import GnuRadioSource

        # The flowgraph hands over one channel: with room for the search that an unknown clock error needs.
        room_hz = 2 * UNKNOWN_CLOCK * plan.band.frequency_hz if request.radio.ppm is None else 0.0
        return GnuRadioSource(
            settings_for(request, plan),
            width_hz=plan.band.width_hz + room_hz,
            retry_for_s=request.retry_for_s,
            listener=listener,
        )
    if is_radio(request.device):
        from gsctl.radio.radios import open_radio

        return open_radio(settings_for(request, plan), retry_for_s=request.retry_for_s, listener=listener)
    from gsctl.pipeline.chains import default_domain
    from gsctl.radio.recording import open_recording
    from gsctl.radio.source import BLOCK_SAMPLES

    stream = is_stream(request.device)
    return open_recording(
        request.device,
        sample_rate_hz=request.sample_rate_hz,
        sample_format=request.sample_format if stream else None,
        center_hz=request.center_hz or (plan.band.frequency_hz if stream else None),
        default_domain=default_domain(plan.band.chains[0].waveform),
        block_samples=BLOCK_SAMPLES if stream else _FILE_BLOCK_SAMPLES,
    )


def start_of_recording(request: ReceiveRequest) -> datetime | None:
    """When a recording that is to be played began; None for everything else."""
    if not is_recording(request.device):
        return None
    from gsctl.radio.recording import open_recording

    with open_recording(request.device, sample_rate_hz=request.sample_rate_hz) as source:
        return source.start_time


def check_band(plan: Plan, source: SampleSource, warn: Callable[[str], None]) -> None:
    """See that the channels lie in the band that the source really gives.

    Raises:
        RadioError: none of them does.
    """
    from gsctl.model import Domain
    from gsctl.pipeline.band import inside_band, nominal_hz

    center_hz = source.center_frequency_hz
    if source.domain is not Domain.IQ or center_hz is None:
        return
    outside = []
    for chain in plan.band.chains:
        hertz = nominal_hz(chain, plan.band.frequency_hz)
        if hertz is not None and not inside_band(chain, hertz, center_hz, source.sample_rate_hz):
            outside.append(f"{hertz / 1e6:.6f} MHz")
    for name in dict.fromkeys(outside):
        warn(
            f"the channel at {name} does not lie wholly in the band, {source.sample_rate_hz / 1e6:g} MHz "
            f"about {center_hz / 1e6:.6f} MHz"
        )
    if len(outside) == len(plan.band.chains) and not is_near(plan, center_hz, source.sample_rate_hz):
        raise RadioError(
            "no channel lies in the band", where=source.description, advice="another --sample-rate or -f"
        )


def is_near(plan: Plan, center_hz: float, rate_hz: float) -> bool:
    """Whether the middle of at least one channel is in the band."""
    from gsctl.pipeline.band import nominal_hz

    hertz = [nominal_hz(chain, plan.band.frequency_hz) or 0.0 for chain in plan.band.chains]
    return any(abs(one - center_hz) < rate_hz / 2 for one in hertz)


def blocks_of(source: SampleSource, *, paced: bool) -> Iterator[SampleBlock]:
    """The source's blocks; those of a recording no faster than they were recorded."""
    begun_s = time.monotonic()
    for block in source:
        if paced:
            end_s = (block.start_sample + block.samples.size) / block.sample_rate_hz
            time.sleep(max(0.0, begun_s + end_s - time.monotonic()))
        yield block


@contextmanager
def closing_at(source: SampleSource, deadline_s: float | None) -> Iterator[None]:
    """End a source's iteration at a monotonic time, even while it looks for a radio that vanished."""
    import threading

    timer: Any = None
    if deadline_s is not None:
        timer = threading.Timer(max(0.0, deadline_s - time.monotonic()), source.close)
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()
