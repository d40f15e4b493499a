"""Demodulators: samples to soft bits, one file per waveform.

A demodulator takes the sample blocks of one channel as they come (``push``) and says what was
still under way at the end (``finish``). It keeps its state between blocks and gives the same
output for any cut of the input. It is pushed rather than pulled so that many demodulators can
listen to one stream side by side, in bounded memory and without threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from gsctl.model import Domain
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

if TYPE_CHECKING:
    from gsctl.dsp.steady_lines import OwnLines
    from gsctl.model import SampleBlock, SoftBits


class Effort(StrEnum):
    """How much processor time a decoder may spend for a frame more."""

    FAST = "fast"
    NORMAL = "normal"
    DEEP = "deep"


class Demodulator(Protocol):
    """Turns the sample blocks of one channel into soft bits."""

    def push(self, block: SampleBlock) -> Iterator[SoftBits]:
        """Take the next block and give the soft bits that it completes."""
        ...

    def finish(self) -> Iterator[SoftBits]:
        """Give what was still held back; the demodulator is then as new."""
        ...


class MeasuringDemodulator(Demodulator, Protocol):
    """One that also measures the carrier's frequency, and may take longer over it than others do."""

    @property
    def heard_until(self) -> float:
        """Sample index (of the blocks) up to which it has given all the soft bits that it ever will.

        Infinity where it does not listen at all, as at a sample rate too low for it.
        """
        ...


def demodulate(demodulator: Demodulator, blocks: Iterable[SampleBlock]) -> Iterator[SoftBits]:
    """Run ``blocks`` through a demodulator to the end."""
    for block in blocks:
        yield from demodulator.push(block)
    yield from demodulator.finish()


# A cold receiver and the Doppler shift of a low orbit at 437 MHz leave the carrier this far off, Hz.
SEARCH_HZ = 10_000.0


def _afsk(waveform: Waveform, domain: Domain, effort: Effort) -> Demodulator:
    from gsctl.demod.afsk import AfskDemodulator
    from gsctl.demod.afsk_fm import FmAfskDemodulator
    from gsctl.demod.discriminator import Discriminated
    from gsctl.demod.side_by_side import SideBySide

    assert isinstance(waveform, Afsk)
    tones: Demodulator = AfskDemodulator(waveform, effort)
    if domain is Domain.IQ:
        # Carson's rule, and some kilohertz for a carrier off tune.
        highest_hz = max(waveform.mark_hz, waveform.space_hz) + (waveform.symbol_rate_bd or 1200.0) / 2
        tones = Discriminated(tones, 2 * ((waveform.fm_deviation_hz or 3000.0) + highest_hz) + 4000.0)
    if effort is Effort.FAST:
        return tones
    coherent = FmAfskDemodulator(waveform, effort, search_hz=SEARCH_HZ)
    return SideBySide([tones, coherent], coherent)


def _fsk(waveform: Waveform, domain: Domain, effort: Effort) -> Demodulator:
    from gsctl.demod.discriminator import Discriminated, Integrated
    from gsctl.demod.fsk_audio import FskAudioDemodulator
    from gsctl.demod.fsk_coherent import CoherentFskDemodulator
    from gsctl.demod.side_by_side import SideBySide

    assert isinstance(waveform, Fsk)
    assert waveform.symbol_rate_bd is not None
    rate = waveform.symbol_rate_bd
    deviation_hz = waveform.deviation_hz or rate / 4
    inverted = deviation_hz < 0
    if domain is not Domain.IQ:
        audio = FskAudioDemodulator(rate, effort, invert=inverted)
        if effort is not Effort.DEEP:
            return audio
        # Filtered audio fits no index.
        whole = CoherentFskDemodulator(waveform, effort, of_audio=True)
        return SideBySide([audio, Integrated(whole)])
    # One plain branch beside the coherent ones hears what is no narrow FSK.
    plain = FskAudioDemodulator(rate, Effort.FAST, invert=inverted)
    discriminated = Discriminated(plain, 2 * (abs(deviation_hz) + 0.5 * rate) + 4000.0)
    if effort is Effort.FAST:
        return discriminated
    coherent = CoherentFskDemodulator(waveform, effort)
    return SideBySide([discriminated, coherent], coherent)


def _bpsk(waveform: Waveform, domain: Domain, effort: Effort) -> Demodulator:
    from gsctl.demod.bpsk import BpskDemodulator

    assert isinstance(waveform, Bpsk)
    return BpskDemodulator(waveform, effort, SEARCH_HZ)


DEMODULATORS: dict[type[Waveform], Callable[[Waveform, Domain, Effort], Demodulator]] = {
    Afsk: _afsk,
    Fsk: _fsk,
    Bpsk: _bpsk,
}


def own_lines(waveform: Waveform) -> OwnLines:
    """Where a signal of this waveform may have steady lines of its own, while it sends flags or idles."""
    from gsctl.dsp.steady_lines import OwnLines

    rate_bd = waveform.symbol_rate_bd or 1200.0
    if isinstance(waveform, Afsk):
        # Flags: seven bits of one tone and one of the other, and after six of them the tones' phases again.
        return OwnLines(spacing_hz=rate_bd / 48, reach_hz=waveform.fm_deviation_hz or 3000.0)
    return OwnLines(spacing_hz=rate_bd / 16, reach_hz=rate_bd / 2)


def channel_bandwidth_hz(waveform: Waveform) -> float:
    """Two-sided bandwidth that a channel of IQ must pass for this waveform, search included."""
    rate = waveform.symbol_rate_bd or 1200.0
    if isinstance(waveform, Afsk):
        return 25_000.0
    deviation_hz = abs(waveform.deviation_hz or rate / 3) if isinstance(waveform, Fsk) else 0.0
    return 1.5 * rate + 2 * deviation_hz + 2 * SEARCH_HZ
