"""Cut one carrier out of a wider band: shift, filter and resample in one Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from gsctl.dsp.carrier_extraction_kernels import cut_out


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedCarrier:
    """A stretch of one carrier at a low sample rate.

    Attributes:
        samples: (n,) complex64, the carrier near 0 Hz.
        input_per_sample: input samples that one of these lasts.
        frequency_hz: what was shifted to 0 Hz.
    """

    samples: NDArray[np.complex64]
    input_per_sample: float
    frequency_hz: float


def extract_carrier(
    samples: NDArray[np.complex64],
    sample_rate_hz: float,
    frequency_hz: float,
    *,
    pass_hz: float,
    stop_hz: float,
    output_rate_hz: float,
) -> ExtractedCarrier:
    """Shift ``frequency_hz`` to 0, keep what lies within ``stop_hz`` of it, and resample.

    The filter is flat within ``pass_hz`` and falls as a raised cosine; it is applied in the
    frequency domain to the whole stretch, so the first and last few 1/(stop - pass) seconds
    see each other. Sample 0 of input and output fall together.

    Args:
        output_rate_hz: at least 2 * ``stop_hz``; the nearest convenient rate above it is used.
    """
    # Factors above 5 cost more than they save.
    size = scipy.fft.next_fast_len(len(samples), real=True)
    resolution_hz = sample_rate_hz / size
    output_size = scipy.fft.next_fast_len(int(np.ceil(output_rate_hz / resolution_hz)), real=True)
    center = round(frequency_hz / resolution_hz)
    half = min(int(stop_hz / resolution_hz), output_size // 2 - 1, size // 2 - 1)
    gain = _gain(half, resolution_hz, pass_hz, stop_hz, output_size / size)
    kept = np.empty(output_size, np.complex64)
    cut_out(scipy.fft.fft(samples, size), center, gain, kept)
    return ExtractedCarrier(
        samples=scipy.fft.ifft(kept, overwrite_x=True),
        input_per_sample=size / output_size,
        frequency_hz=center * resolution_hz,
    )


@lru_cache(maxsize=16)
def _gain(
    half: int, resolution_hz: float, pass_hz: float, stop_hz: float, scale: float
) -> NDArray[np.float32]:
    """(2 half + 1,) of the filter, from the bin ``half`` below the carrier to that above it."""
    slope = (np.abs(np.arange(-half, half + 1)) * resolution_hz - pass_hz) / (stop_hz - pass_hz)
    return np.asarray((0.5 + 0.5 * np.cos(np.pi * np.clip(slope, 0.0, 1.0))) * scale, np.float32)
