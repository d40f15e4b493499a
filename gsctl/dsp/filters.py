"""Linear-phase FIR filters and their running form, in complex64 and float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from gsctl.dsp.fir_kernels import fir

Samples = NDArray[Any]  # complex64 or float32

_FEW_TAPS = 96


def _kaiser_sinc(cutoff: float, half: int, attenuation_db: float) -> NDArray[np.float64]:
    n = np.arange(-half, half + 1)
    if attenuation_db > 50:
        beta = 0.1102 * (attenuation_db - 8.7)
    else:
        beta = 0.5842 * (attenuation_db - 21) ** 0.4 + 0.07886 * (attenuation_db - 21)
    return np.asarray(2 * cutoff * np.sinc(2 * cutoff * n) * np.kaiser(n.size, beta), np.float64)


def lowpass_taps(
    cutoff_hz: float, transition_hz: float, sample_rate_hz: float, attenuation_db: float = 50.0
) -> NDArray[np.float32]:
    """Low-pass by Kaiser's window (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3).

    Args:
        cutoff_hz: -6 dB point.
        transition_hz: from pass band edge to stop band edge.
        sample_rate_hz: of the samples to filter.
        attenuation_db: of the stop band, above 21.

    Returns:
        (2 m + 1,) taps, unity at 0 Hz, delay m samples.
    """
    half = int(np.ceil((attenuation_db - 7.95) / (28.72 * transition_hz / sample_rate_hz)))
    taps = _kaiser_sinc(cutoff_hz / sample_rate_hz, half, attenuation_db)
    return np.asarray(taps / taps.sum(), np.float32)


class OverlapSave:
    """A FIR filter over consecutive windows of one length.

    Output sample k is that of input sample k - ``delay``: the filter is causal, and a
    linear-phase filter of 2 m + 1 taps delays by m. Runs in the precision of its input. Few taps are
    applied by definition, many by overlap-save.

    Args:
        taps: of the filter.
        length: samples of a window.
        step: only every so-many-th output of a window is given, from the first on.
    """

    def __init__(self, taps: NDArray[np.float32] | NDArray[np.complex64], length: int, step: int = 1) -> None:
        self.delay = (taps.size - 1) // 2
        self._taps = taps
        self._step = step
        self._overlap = taps.size - 1
        self._length = length
        self._size = fft.next_fast_len(length + self._overlap)
        self._complex_taps = bool(np.iscomplexobj(taps))
        self._spectrum = np.asarray(fft.fft(taps, self._size), np.complex64)
        self._half_spectrum = self._spectrum[: self._size // 2 + 1]
        self._history: Samples | None = None

    def reset(self) -> None:
        """Forget the samples before."""
        self._history = None

    def __call__(self, samples: Samples) -> Samples:
        """Filter the next ``length`` samples; real input stays real with real taps."""
        if self._history is None or self._history.dtype != samples.dtype:
            self._history = np.zeros(self._overlap, samples.dtype)
        joined = np.concatenate([self._history, samples])
        self._history = joined[joined.size - self._overlap :].copy()
        complex_samples = bool(np.iscomplexobj(joined))
        if self._taps.size <= _FEW_TAPS and not (complex_samples and self._complex_taps):
            return self._by_definition(joined, complex_samples)
        kept = slice(self._overlap, self._overlap + self._length, self._step)
        if complex_samples or self._complex_taps:
            full = fft.ifft(fft.fft(joined, self._size) * self._spectrum, overwrite_x=True)
            return np.ascontiguousarray(full[kept], np.complex64)
        real = fft.irfft(fft.rfft(joined, self._size) * self._half_spectrum, self._size)
        return np.ascontiguousarray(real[kept], np.float32)

    def _by_definition(self, joined: Samples, complex_samples: bool) -> Samples:
        count = -(-self._length // self._step)
        if complex_samples:
            filtered = np.empty(count, np.complex64)
            pairs = np.ascontiguousarray(joined, np.complex64).view(np.float32)
            fir(pairs, self._taps, 2, self._step, filtered.view(np.float32))
            return filtered
        joined = np.ascontiguousarray(joined, np.float32)
        parts = (self._taps.real, self._taps.imag) if self._complex_taps else (self._taps,)
        outputs = [np.empty(count, np.float32) for _ in parts]
        for part, output in zip(parts, outputs, strict=True):
            fir(joined, np.ascontiguousarray(part, np.float32), 1, self._step, output)
        if not self._complex_taps:
            return outputs[0]
        filtered = np.empty(count, np.complex64)
        filtered.real, filtered.imag = outputs
        return filtered
