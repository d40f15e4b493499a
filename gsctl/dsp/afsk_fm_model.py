"""What AFSK makes of an FM carrier: a waveform for each audio phase and bit, and the spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, pi

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from gsctl.dsp.spectrum_kernels import cut_pieces, mean_power
from gsctl.waveform import Afsk

POINTS = 16  # samples of a symbol that are compared
FINE = 8  # audio phases tried between two states
SPECTRUM = 256
# Carriers are looked for this far from the middle of the channel.
REACH_HZ = 2500.0
# Sum of the squares of a spectrum over what random bits would make it: beyond this it is lines.
LINES = 2.0

_WINDOW = np.hanning(SPECTRUM).astype(np.float32)
_BINS = fft.fftfreq(SPECTRUM, 1.0 / SPECTRUM)


@dataclass(frozen=True, slots=True)
class AfskFmModel:
    """Waveforms for one deviation.

    Attributes:
        templates: (p, 2, k) conjugate waveforms: audio phase, bit, sample within the symbol.
        ends: (p, 2) carrier phase gained over a symbol, radians.
        matched: (SPECTRUM,) conjugate transform of the mean power spectrum of random bits.
        concentration: sum of that spectrum's squares, its sum being one.
    """

    deviation_hz: float
    templates: NDArray[np.complex64]
    ends: NDArray[np.float64]
    matched: NDArray[np.complex128]
    concentration: float


def audio_states(waveform: Afsk) -> tuple[int, tuple[int, int]]:
    """How many audio phases there are at the symbols' edges, and how far each bit moves among them.

    The tones of 1200 and 2200 Hz at 1200 Bd move by 0 and -60 degrees, so there are six phases.
    Other tones are taken to the nearest of 24 phases, and the tracking of phase makes up for it.
    """
    rate = waveform.symbol_rate_bd or 1200.0
    turns = (waveform.space_hz / rate % 1.0, waveform.mark_hz / rate % 1.0)
    for states in (2, 3, 4, 5, 6, 8, 10, 12, 16, 24):
        steps = tuple(round(turn * states) % states for turn in turns)
        if all(abs(turn * states - round(turn * states)) < 0.01 for turn in turns):
            return states, (steps[0], steps[1])
    return 24, (round(turns[0] * 24) % 24, round(turns[1] * 24) % 24)


@lru_cache(maxsize=16)
def afsk_fm_model(waveform: Afsk, deviation_hz: float, sample_rate_hz: float, states: int) -> AfskFmModel:
    """The model of one deviation, for ``states`` audio phases at the edges of symbols."""
    rate = waveform.symbol_rate_bd or 1200.0
    audio = 2 * np.pi * np.arange(states * FINE)[:, None, None] / (states * FINE)
    tones = 2 * np.pi * np.array([waveform.space_hz, waveform.mark_hz])[None, :, None]
    time_s = ((np.arange(POINTS) + 0.5) / POINTS / rate)[None, None, :]
    swing = 2 * np.pi * deviation_hz / tones
    templates = np.exp(-1j * swing * (np.cos(audio) - np.cos(audio + tones * time_s)))
    ends = (swing * (np.cos(audio) - np.cos(audio + tones / rate)))[:, :, 0]
    spectrum = _template_spectrum(waveform, deviation_hz, sample_rate_hz)
    return AfskFmModel(
        deviation_hz,
        templates.astype(np.complex64),
        ends,
        np.conj(fft.fft(spectrum)),
        float(np.sum(spectrum**2)),
    )


def _template_spectrum(waveform: Afsk, deviation_hz: float, sample_rate_hz: float) -> NDArray[np.float64]:
    """Mean power spectrum of random bits, by running a carrier through 4096 of them."""
    rate = waveform.symbol_rate_bd or 1200.0
    bits = np.random.default_rng(1).integers(0, 2, 4096)
    time_s = np.arange(int(4095 / rate * sample_rate_hz)) / sample_rate_hz
    tone = np.where(bits[(time_s * rate).astype(int)] > 0, waveform.mark_hz, waveform.space_hz)
    audio = np.cumsum(2 * np.pi * tone / sample_rate_hz)
    carrier = np.exp(1j * np.cumsum(2 * np.pi * deviation_hz * np.sin(audio) / sample_rate_hz))
    power = spectrum_of(carrier.astype(np.complex64))
    return np.asarray(power / power.sum(), np.float64)


def spectrum_of(samples: NDArray[np.complex64], hop: int = SPECTRUM // 2) -> NDArray[np.float64]:
    """Welch's averaged periodogram, (SPECTRUM,), frequencies as ``fft.fftfreq`` orders them."""
    pieces = np.empty(((len(samples) - SPECTRUM) // hop + 1, SPECTRUM), np.complex64)
    cut_pieces(samples, hop, _WINDOW, pieces)
    power = np.empty(SPECTRUM)
    mean_power(fft.fft(pieces, axis=1, overwrite_x=True), power)
    return power


def carrier_in(
    spectrum: NDArray[np.float64], model: AfskFmModel, sample_rate_hz: float, reach_hz: float = REACH_HZ
) -> tuple[float, float]:
    """Where the model's spectrum fits best: radians a sample, and the share of power that it explains."""
    fit = fft.ifft(fft.fft(spectrum) * model.matched).real
    fit[np.abs(_BINS) * sample_rate_hz / SPECTRUM > reach_hz] = -np.inf
    peak = int(np.argmax(fit))
    total = float(np.sum(spectrum))
    share = (float(fit[peak]) - total / SPECTRUM) / (total * (model.concentration - 1.0 / SPECTRUM))
    return 2 * pi * _place(fit, peak) / SPECTRUM, share


def _place(values: NDArray[np.float64], peak: int) -> float:
    """Where a peak of (SPECTRUM,) values is, in bins from 0 Hz: of a parabola through three of them."""
    left, here, right = (float(values[(peak + k) % SPECTRUM]) for k in (-1, 0, 1))
    bend = left - 2 * here + right
    nudge = 0.5 * (left - right) / bend if isfinite(bend) and bend < 0 else 0.0
    return float(_BINS[peak]) + nudge


def has_lines(spectrum: NDArray[np.float64], model: AfskFmModel, share: float) -> bool:
    """Whether the power stands in fewer bins than random bits and noise would leave it in, as flags do.

    Args:
        spectrum: (SPECTRUM,), as ``spectrum_of`` gives it.
        share: of the power that the model explains.
    """
    flat = 1.0 / SPECTRUM
    concentration = float(np.sum(spectrum**2)) / float(np.sum(spectrum)) ** 2 - flat
    return concentration > LINES * (share**2 * (model.concentration - flat) + flat / 12)  # of 23 pieces


def middle_of(spectrum: NDArray[np.float64], sample_rate_hz: float, reach_hz: float = REACH_HZ) -> float:
    """The frequency about which a spectrum is most nearly symmetric, radians a sample.

    Whatever tones modulate it, an FM carrier is in the middle of its spectrum; while flags are sent the
    spectrum is a few lines, and ``carrier_in`` may take one of them for the carrier.

    Args:
        spectrum: (SPECTRUM,), as ``spectrum_of`` gives it.
        reach_hz: how far from 0 the middle may be.
    """
    above = np.maximum(spectrum - np.median(spectrum), 0.0)
    # The spectrum over its mirror image; the middle is at half the bin.
    mirrored = fft.ifft(fft.fft(above) ** 2).real
    mirrored[np.abs(_BINS) * sample_rate_hz / SPECTRUM > 2 * reach_hz] = -np.inf
    peak = int(np.argmax(mirrored))
    return pi * _place(mirrored, peak) / SPECTRUM
