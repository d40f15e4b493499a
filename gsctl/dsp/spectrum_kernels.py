"""Compiled parts of averaged periodograms (Welch, IEEE Trans. Audio Electroacoust. 15 (1967) 70-73)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def cut_pieces(
    samples: NDArray[np.complex64], hop: int, window: NDArray[np.float32], pieces: NDArray[np.complex64]
) -> None:
    """Pieces as long as ``window``, one every ``hop``, with the window's shape and zeros behind.

    Args:
        samples: (n,), n at least (p - 1) hop + w.
        window: (w,).
        pieces: (p, m) filled in, m at least w.
    """
    for p in range(pieces.shape[0]):
        part, piece = samples[p * hop : p * hop + window.size], pieces[p]
        for i in range(window.size):
            piece[i] = part[i] * window[i]
        piece[window.size :] = 0


@njit(cache=True, nogil=True)
def mean_power(spectra: NDArray[np.complex64], power: NDArray[np.float64]) -> None:
    """Mean of the squared magnitudes of (p, w) spectra into ``power``, (w,)."""
    power[:] = 0.0
    for p in range(spectra.shape[0]):
        spectrum = spectra[p]
        for i in range(power.size):
            power[i] += spectrum[i].real * spectrum[i].real + spectrum[i].imag * spectrum[i].imag
    power /= spectra.shape[0]
