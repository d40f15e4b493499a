"""A frame whose closing flag is the last that a stream has: no delay of any filter keeps it back."""

import numpy as np
import pytest

from bench.signals import Signal, afsk_bursts, as_blocks, g3ruh_bursts
from gsctl.model import Domain, Frame
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.waveform import Afsk, Fsk, Waveform


def fsk() -> tuple[Signal, Waveform]:
    return g3ruh_bursts(20.0, 1, 31, info_bytes=30, gap_s=0.25), Fsk(symbol_rate_bd=9600.0)


def afsk() -> tuple[Signal, Waveform]:
    return afsk_bursts(25.0, 1, 32, info_bytes=12, gap_s=0.25), Afsk()


def frames_of(samples: np.ndarray, signal: Signal, waveform: Waveform, domain: Domain) -> list[Frame]:
    receiver = Receiver([Chain(waveform=waveform, framings=(signal.framing,))], Settings())
    blocks = as_blocks(samples, signal.sample_rate_hz, domain, len(samples))
    return [heard.frame for heard in listen(receiver, blocks)]


@pytest.mark.parametrize("make", [fsk, afsk])
@pytest.mark.parametrize("domain", [Domain.IQ, Domain.FM_AUDIO])
def test_the_stream_ends_behind_the_closing_flag(make: object, domain: Domain) -> None:
    assert callable(make)
    signal, waveform = make()
    samples = signal.samples if domain is Domain.IQ else signal.audio()
    (whole,) = frames_of(samples, signal, waveform, domain)
    assert whole.payload == signal.payloads[0]
    # Eight bits of flag behind the last symbol, whose position is that of its middle.
    end = int(whole.end_sample_index + 8.6 * signal.sample_rate_hz / signal.symbol_rate_bd)
    # Windows are 0.1 s or 0.2 s long and lie at fixed places: the end just fills one, or nearly.
    begins = [(end + short) % 9600 for short in (0, 3, 40, 400)]
    assert max(begins) < whole.sample_index - 500
    heard = [[f.payload for f in frames_of(samples[b:end], signal, waveform, domain)] for b in begins]
    assert heard == [[whole.payload]] * len(heard)
