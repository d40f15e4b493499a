"""The band that holds several channels, and decoding behind a queue."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from gsctl.errors import CatalogError, LogbookError, UsageError
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock, Satellite, Source, Transmitter
from gsctl.pipeline.band import chains_in_stream, half_width_hz, inside_band, plan_band
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.live import LiveDecoding
from gsctl.waveform import Fsk


def chain(frequency_hz: float | None, rate_bd: float = 9600.0) -> Chain:
    waveform = Fsk(symbol_rate_bd=rate_bd)
    transmitter = Transmitter(label="x", frequency_hz=frequency_hz, waveform=waveform)
    satellite = Satellite(
        name="X", norad_id=1, transmitters=(transmitter,), sources=(Source(title="made up"),)
    )
    return Chain(waveform=waveform, framings=(Ax25(),), satellite=satellite, transmitter=transmitter)


def test_one_channel_leaves_the_middle_to_the_radio() -> None:
    band = plan_band([chain(437.1e6)], None, None)
    assert (band.frequency_hz, band.sample_rate_hz, band.lo_offset_hz) == (437.1e6, 250e3, None)
    assert 24e3 + 2 * 11.7e3 < band.width_hz < 60e3
    assert plan_band([chain(None)], 145.9e6, None).frequency_hz == 145.9e6


def test_the_middle_is_clear_of_all_channels_and_the_edges() -> None:
    chains = [chain(437.10e6), chain(437.16e6), chain(437.30e6), chain(145.8e6)]
    band = plan_band(chains, None, 1.024e6)
    assert band.chains == tuple(chains[:3])
    assert band.left_out == (chains[3],)
    assert band.lo_offset_hz is not None
    middle_hz = band.frequency_hz + band.lo_offset_hz
    for one in band.chains:
        assert one.transmitter is not None
        hertz = one.transmitter.frequency_hz or 0.0
        assert inside_band(one, hertz, middle_hz, 1.024e6)
        assert abs(hertz - middle_hz) > half_width_hz(one, hertz) + 10e3


def test_the_lowest_rate_that_holds_as_many_as_any_is_taken() -> None:
    assert plan_band([chain(437.1e6), chain(437.2e6)], None, None).sample_rate_hz == 250e3
    assert plan_band([chain(437.1e6), chain(437.8e6)], None, None).sample_rate_hz == 1.024e6
    far = plan_band([chain(437.1e6), chain(2.2e9)], None, None)
    assert (far.sample_rate_hz, len(far.left_out)) == (250e3, 1)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(CatalogError, match="its frequency is not known"):
        plan_band([chain(None)], None, None)
    with pytest.raises(UsageError, match="20000 S/s is too little"):
        plan_band([chain(437.1e6)], None, 20e3)


class _Run:
    """Stands for a Decoding: waits for a permit before each block, and keeps what it got."""

    def __init__(self) -> None:
        self.permit = threading.Semaphore(0)
        self.got: list[SampleBlock] = []
        self.failure: Exception | None = None

    def samples(self, blocks: Iterable[SampleBlock]) -> Iterator[Any]:
        for block in blocks:
            self.permit.acquire()
            self.got.append(block)
            if self.failure:
                raise self.failure
            yield block, {}


def block(number: int) -> SampleBlock:
    return SampleBlock(
        samples=np.zeros(100, np.complex64), domain=Domain.IQ, sample_rate_hz=1e3, start_sample=100 * number
    )


def test_a_slow_decoder_loses_whole_blocks_and_they_are_counted() -> None:
    run, taken = _Run(), []
    live = LiveDecoding(run, lambda item, _: taken.append(item), queue_bytes=1600)  # type: ignore[arg-type]
    live.put(block(0))
    while live.waiting_bytes:  # the first one is being decoded
        pass
    for number in range(1, 6):  # two fit
        live.put(block(number))
    assert live.lagged_samples == 300
    for _ in range(3):
        run.permit.release()
    while live.waiting_bytes:
        pass
    live.put(block(6))
    for _ in range(3):
        run.permit.release()
    assert live.finish(5.0)
    assert [one.start_sample for one in run.got] == [0, 100, 200, 600]
    assert [one.dropped_before for one in run.got] == [0, 0, 0, 300]
    assert len(taken) == 4


def test_a_failure_reaches_the_reader() -> None:
    run = _Run()
    run.failure = LogbookError("no")
    run.permit.release()
    live = LiveDecoding(run, lambda *_: None)  # type: ignore[arg-type]
    live.put(block(0))
    with pytest.raises(LogbookError):
        live.finish(5.0)
    assert live.finish(5.0)


def test_chains_that_a_stream_cannot_hold_are_left_out() -> None:
    near, far, fast = chain(437.1e6), chain(2.2e9), chain(437.1e6, 115_200.0)
    all_three = (near, far, fast)
    assert chains_in_stream(all_three, None, 437.15e6, 250e3) == (near, fast)
    assert chains_in_stream(all_three, None, 437.15e6, 200e3) == (near,)
    assert chains_in_stream(all_three, None, None, 48e3) == (near, far)  # audio, or a centre that nobody told
    assert chains_in_stream((far, fast), None, 437.15e6, 48e3) == (far, fast)  # an error will say why
