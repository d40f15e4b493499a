"""The FM discriminator, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, fastmath=True)
def discriminate(samples: NDArray[np.complex64], before: complex, audio: NDArray[np.float32]) -> None:
    """Angle by which each sample is ahead of the one before, full scale at half a turn.

    Args:
        samples: (n,).
        before: the sample before the first.
        audio: (n,) out, -1 to 1.
    """
    if not samples.size:
        return
    last = np.complex64(before)
    first = samples[0]
    audio[0] = _half_turns(
        first.real * last.real + first.imag * last.imag, first.imag * last.real - first.real * last.imag
    )
    for k in range(1, samples.size):
        a = samples[k]
        b = samples[k - 1]
        audio[k] = _half_turns(a.real * b.real + a.imag * b.imag, a.imag * b.real - a.real * b.imag)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _half_turns(x: Any, y: Any) -> Any:
    """The angle of x + j y over pi, without branches.

    Polynomial of Abramowitz and Stegun, 4.4.49, to 2e-8 and single precision. ``dsp.angle_kernels`` has it in
    double precision; in that, or with branches, the compiler would make no vectors of the loop over samples.
    """
    ax: Any = abs(x)
    ay: Any = abs(y)
    r = min(ax, ay) / max(ax, ay, np.float32(1e-37))
    s = r * r
    p = np.float32(0.0028662257)
    p = p * s + np.float32(-0.0161657367)
    p = p * s + np.float32(0.0429096138)
    p = p * s + np.float32(-0.0752896400)
    p = p * s + np.float32(0.1065626393)
    p = p * s + np.float32(-0.1420889944)
    p = p * s + np.float32(0.1999355085)
    p = p * s + np.float32(-0.3333314528)
    angle = (p * s * r + r) * np.float32(1 / np.pi)
    angle = np.float32(0.5) - angle if ay > ax else angle
    angle = np.float32(1) - angle if x < 0 else angle
    return -angle if y < 0 else angle


@njit(cache=True, nogil=True, inline="always")
def _on_circle(half_turns: Any) -> Any:
    """exp(i pi x) for float32 x of -1 to 1, to 3e-7: Taylor's series of half the angle, then doubled.

    Without branches, so that the compiler makes vector instructions of it.
    """
    x = half_turns * np.float32(0.5 * np.pi)
    s = x * x
    sine = np.float32(1 / 362880) - s * np.float32(1 / 39916800)
    sine = np.float32(-1 / 5040) + s * sine
    sine = np.float32(1 / 120) + s * sine
    sine = x * (np.float32(1) + s * (np.float32(-1 / 6) + s * sine))
    cosine = np.float32(1 / 40320) - s * (np.float32(1 / 3628800) - s * np.float32(1 / 479001600))
    cosine = np.float32(-1 / 720) + s * cosine
    cosine = np.float32(1) + s * (np.float32(-0.5) + s * (np.float32(1 / 24) + s * cosine))
    return complex(np.float32(1) - np.float32(2) * sine * sine, np.float32(2) * sine * cosine)


@njit(cache=True, nogil=True)
def integrate(audio: NDArray[np.float32], gain: float, phase: float, carrier: NDArray[np.complex64]) -> float:
    """The carrier whose discriminator gave this audio: its running sum as a unit phasor.

    Args:
        audio: (n,).
        gain: radians a sample that audio of 1 stands for.
        phase: of the carrier before the first sample, radians.
        carrier: (n,) filled in.

    Returns:
        The phase at the last sample, radians.
    """
    turns = np.empty(audio.size, np.float32)
    half_turns = phase / np.pi
    for n in range(audio.size):
        half_turns += gain / np.pi * audio[n]
        # Small angles keep the sine and cosine exact.
        half_turns -= 2.0 * np.floor(0.5 * half_turns + 0.5)
        if not abs(half_turns) < 1.5:
            half_turns = 0.0  # audio that is no number
        turns[n] = half_turns
    for n in range(audio.size):
        carrier[n] = _on_circle(turns[n])
    phase = half_turns * np.pi
    return phase
