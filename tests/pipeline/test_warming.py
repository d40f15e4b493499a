"""The warm-up does what reception does: its burst goes through the whole demodulator."""

import pytest

from gsctl.demod import DEMODULATORS, Effort
from gsctl.framing import Ax25
from gsctl.model import Domain, SampleBlock, SoftBits
from gsctl.pipeline.chains import Chain
from gsctl.pipeline.warming import warm_up
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform


@pytest.mark.parametrize("waveform", [Bpsk(symbol_rate_bd=1200.0), Fsk(symbol_rate_bd=9600.0), Afsk()])
def test_a_burst_is_received(waveform: Waveform, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = DEMODULATORS[type(waveform)]
    heard: list[SoftBits] = []

    def listening(given: Waveform, domain: Domain, effort: Effort) -> object:
        made = kind(given, domain, effort)
        push, finish = made.push, made.finish

        class Listening:
            def push(self, block: SampleBlock) -> list[SoftBits]:
                heard.extend(found := list(push(block)))
                return found

            def finish(self) -> list[SoftBits]:
                heard.extend(found := list(finish()))
                return found

        return Listening()

    monkeypatch.setitem(DEMODULATORS, type(waveform), listening)
    warm_up([Chain(waveform=waveform, framings=(Ax25(),))])
    assert waveform.symbol_rate_bd is not None
    assert sum(soft.values.size for soft in heard) > 0.2 * waveform.symbol_rate_bd
    assert any(soft.snr_db is None or soft.snr_db > 10 for soft in heard)
