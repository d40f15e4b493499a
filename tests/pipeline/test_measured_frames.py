"""Whichever branch of a receiver has a frame first: it comes with frequency and ratio, and in time."""

import pytest

from bench.signals import Signal, afsk_bursts, g3ruh_bursts
from gsctl.demod import Effort
from gsctl.framing import Ax25
from gsctl.model import Frame
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.listening import Receiver, Settings
from gsctl.waveform import Afsk, Fsk

AFSK = Chain(waveform=Afsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
STEP_S = 0.02
# The beginning of a stream is held until it is known whether the radio has a spike at 0 Hz.
BEGINNING_S = 0.5


def fsk(symbol_rate_bd: float = 9600.0) -> Chain:
    return Chain(waveform=Fsk(symbol_rate_bd=symbol_rate_bd), framings=(Ax25(g3ruh=True),))


def heard_live(chain: Chain, signal: Signal, effort: Effort = Effort.NORMAL) -> list[tuple[Frame, float]]:
    """The frames, and how long behind its last symbol each was given, in seconds of the stream.

    What is heard of the stream's beginning is counted from its end.
    """
    receiver = Receiver([chain], Settings(effort=effort))
    found: list[tuple[Frame, float]] = []
    for block in signal.blocks(int(STEP_S * signal.sample_rate_hz)):
        reached = block.start_sample + block.samples.size
        for heard in receiver.push(block):
            due = max(heard.frame.end_sample_index, BEGINNING_S * signal.sample_rate_hz)
            late_s = (reached - due) / signal.sample_rate_hz
            found.append((heard.frame, late_s))
    found += [(heard.frame, 0.0) for heard in receiver.finish()]
    return found


def assert_measured(
    signal: Signal, heard: list[tuple[Frame, float]], least_snr_db: float, offset_hz: float, late_s: float
) -> None:
    sent = dict(zip(signal.payloads, signal.offsets_hz, strict=True))
    assert [frame.payload for frame, _ in heard] == list(signal.payloads)
    for frame, late in heard:
        assert frame.frequency_offset_hz == pytest.approx(sent[frame.payload], abs=offset_hz)
        assert frame.snr_db is not None
        assert frame.snr_db > least_snr_db
        assert late < late_s


# At 82 and 88 kS/s the discriminator's windows end before those of the coherent branch.
@pytest.mark.parametrize("rate_hz", [48e3, 62.5e3, 82e3, 88e3, 250e3 / 3])
def test_fsk(rate_hz: float) -> None:
    signal = g3ruh_bursts(18.0, 8, 5, info_bytes=60, sample_rate_hz=rate_hz)
    assert_measured(signal, heard_live(fsk(), signal), 17.0, 1.0, 0.3)


@pytest.mark.parametrize(
    ("symbol_rate_bd", "effort"), [(4800.0, Effort.NORMAL), (4800.0, Effort.DEEP), (1200.0, Effort.NORMAL)]
)
def test_slow_fsk(symbol_rate_bd: float, effort: Effort) -> None:
    signal = g3ruh_bursts(18.0, 5, 5, symbol_rate_bd=symbol_rate_bd, info_bytes=60, sample_rate_hz=48e3)
    assert_measured(signal, heard_live(fsk(symbol_rate_bd), signal, effort), 14.0, 2.0, 0.8)


@pytest.mark.parametrize("rate_hz", [48e3, 82e3, 96e3])
def test_afsk(rate_hz: float) -> None:
    signal = afsk_bursts(14.0, 4, 5, info_bytes=60, sample_rate_hz=rate_hz, offset_spread_hz=800.0)
    assert_measured(signal, heard_live(AFSK, signal), 10.5, 3.0, 0.5)


def test_a_frame_inside_a_long_transmission_is_not_late() -> None:
    signal = g3ruh_bursts(16.0, 1, 9, info_bytes=30, sample_rate_hz=82e3)
    longer = g3ruh_bursts(16.0, 2, 8, info_bytes=900, sample_rate_hz=82e3)
    for one in (signal, longer):
        assert_measured(one, heard_live(fsk(), one), 15.0, 1.0, 0.6)


def test_nothing_waits_where_nothing_measures() -> None:
    signal = g3ruh_bursts(18.0, 4, 5, info_bytes=60, sample_rate_hz=82e3)
    heard = heard_live(fsk(), signal, Effort.FAST)
    assert [frame.payload for frame, _ in heard] == list(signal.payloads)
    assert all(frame.frequency_offset_hz is None and late < 0.3 for frame, late in heard)


def test_audio_has_no_frequency() -> None:
    signal = afsk_bursts(16.0, 3, 5, info_bytes=30)
    receiver = Receiver([AFSK], Settings())
    heard = [one.frame for block in signal.audio_blocks(4096) for one in receiver.push(block)]
    heard += [one.frame for one in receiver.finish()]
    assert {frame.payload for frame in heard} == set(signal.payloads)
    assert all(frame.frequency_offset_hz is None for frame in heard)
