"""An FM receiver's audio, good and bad: what a sound card hears instead of IQ.

Audio is float32 with full scale 1.0, which stands for a frequency of half the sample rate, as
an unscaled discriminator gives it.
"""

from __future__ import annotations

from math import exp, pi

import numpy as np
from numpy.typing import NDArray

from gsctl.synth.channel import Samples

Audio = NDArray[np.float32]

CHANNEL_FILTER_TAPS = 129
CONTRACT_CUTOFF_HZ = 7500.0


def low_pass_taps(
    cutoff_hz: float, sample_rate_hz: float, taps: int = CHANNEL_FILTER_TAPS
) -> NDArray[np.float32]:
    """Linear-phase FIR, -6 dB at ``cutoff_hz``, unit gain at zero; Hamming-windowed sinc, odd length."""
    at = np.arange(taps) - (taps - 1) / 2
    shape = np.sinc(2 * cutoff_hz / sample_rate_hz * at) * np.hamming(taps)
    return np.asarray(shape / np.sum(shape), np.float32)


def channel_filter(samples: Samples, sample_rate_hz: float, cutoff_hz: float) -> Samples:
    """A receiver's IF filter, delay taken off; (n,) -> (n,)."""
    from scipy.signal import oaconvolve

    taps = low_pass_taps(cutoff_hz, sample_rate_hz)
    return np.asarray(oaconvolve(samples, taps, mode="same"), np.complex64)


def fm_discriminator(samples: Samples) -> Audio:
    """arg(x[n] conj x[n-1]) / pi, (n,) float32; the first value is zero."""
    audio = np.zeros(len(samples), np.float32)
    audio[1:] = np.angle(samples[1:] * np.conj(samples[:-1])) / np.float32(pi)
    return audio


def fm_audio(
    samples: Samples,
    sample_rate_hz: float,
    *,
    cutoff_hz: float = CONTRACT_CUTOFF_HZ,
    sixteen_bits: bool = True,
) -> Audio:
    """FM-discriminator audio as CONTRACT.md ("Numbers") defines it for tests; 48 kS/s there.

    Receivers of 12.5, 15 and 25 kHz have a ``cutoff_hz`` of about 6250, 7500 and 12500; one off
    tune is made by moving the carrier before (``channel.offset``).
    """
    audio = fm_discriminator(channel_filter(samples, sample_rate_hz, cutoff_hz))
    return rounded_to_16_bits(audio) if sixteen_bits else audio


def rounded_to_16_bits(audio: Audio) -> Audio:
    """What survives a 16-bit file; values beyond full scale are clipped."""
    return (np.clip(np.round(audio * 32768), -32768, 32767) / 32768).astype(np.float32)


def deemphasis(audio: Audio, sample_rate_hz: float, *, time_constant_s: float = 750e-6) -> Audio:
    """First-order low-pass; 750 us is narrow-band FM's (TIA-603), 50 and 75 us are broadcast's."""
    from scipy.signal import lfilter

    keep = exp(-1.0 / (time_constant_s * sample_rate_hz))
    return np.asarray(lfilter([1 - keep], [1, -keep], audio), np.float32)


def high_pass(audio: Audio, sample_rate_hz: float, *, cutoff_hz: float = 300.0) -> Audio:
    """Second-order Butterworth high-pass, as speech receivers have it against subaudible tones."""
    from scipy.signal import butter, lfilter

    numerator, denominator = butter(2, cutoff_hz, "highpass", fs=sample_rate_hz)
    return np.asarray(lfilter(numerator, denominator, audio), np.float32)


def agc(audio: Audio, sample_rate_hz: float, *, level: float = 0.3, release_s: float = 0.2) -> Audio:
    """Gain that lets no peak pass ``level`` for long: instant attack on 1 ms steps, slow release."""
    step = max(int(sample_rate_hz * 1e-3), 1)
    padded = np.concatenate([audio, np.zeros(-len(audio) % step, np.float32)]).reshape(-1, step)
    decay = exp(-1e-3 / release_s)
    held, gains = 1e-4, np.empty(len(padded))
    for place, peak in enumerate(np.abs(padded).max(axis=1).tolist()):
        held = max(peak, held * decay, 1e-4)
        gains[place] = level / held
    middles = (np.arange(len(padded)) + 0.5) * step
    return np.asarray(audio * np.interp(np.arange(len(audio)), middles, gains), np.float32)


def clipped(audio: Audio, gain: float) -> Audio:
    """Overdriven by ``gain`` and cut at full scale."""
    return np.asarray(np.clip(audio * np.float32(gain), -1.0, 1.0), np.float32)


def through_vorbis(audio: Audio, sample_rate_hz: float, *, quality: float = 0.5) -> Audio:
    """Encoded as OGG Vorbis and decoded again, as recordings of networks are kept."""
    import io

    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", round(sample_rate_hz), 1, format="OGG", subtype="VORBIS", compression_level=1 - quality
    ) as writer:
        # One call with a long array can crash libsndfile's encoder.
        for start in range(0, len(audio), 16384):
            writer.write(audio[start : start + 16384])
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return np.asarray(decoded[: len(audio)], np.float32)


def squelched(audio: Audio, sample_rate_hz: float, open_s: list[tuple[float, float]]) -> Audio:
    """Silence outside the spans (start, end) in seconds; their tails of noise remain."""
    gate = np.zeros(len(audio), np.float32)
    for start_s, end_s in open_s:
        gate[max(int(start_s * sample_rate_hz), 0) : int(end_s * sample_rate_hz)] = 1.0
    return np.asarray(audio * gate, np.float32)
