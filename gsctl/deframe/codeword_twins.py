"""Frames that a whole Reed-Solomon codeword may be taken for: its complement, and its shifts.

A receiver of BPSK that slips by half a turn inverts all that follows. The complement of a whole codeword is
a codeword, and a convolutional code of odd taps gives the complement of the complement, so a slip behind the
marker, or in as many bytes of the frame as are corrected, leaves a good frame with all bits inverted. What
tells is the line itself: sent upright, marker and frame are one run of code; inverted, there is a place in
which the symbols received go from one run to the complement of another. Of CCSDS's code of K = 7 these
differ in six symbols at least wherever that place is, and in every symbol between it and the border.

The code is cyclic as well, and the pseudo-randomizer of CCSDS 131.0-B is one of its words. So where chance
makes a marker of the bits a few bytes before or behind the true one (of random bits in a frame of a
thousand), what follows it is a codeword too, but for those bytes, which are corrected.
"""

from __future__ import annotations

from enum import Enum
from math import log

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits

Soft = NDArray[np.float32]

# Of 5608 CCSDS frames that came out of BPSK at Es/N0 -1.0 and -1.5 dB 17 were inverted from somewhere in
# 250 symbols on; that it is among the few where the symbols leave a doubt is so unlikely before any is seen.
_SLIPS = 1 / 5000
# A frame whose sign is wrong with more than this chance is not given.
_MOST_DOUBT = 0.05
# Share of the symbols' weight that agrees with a marker, less what does not: three sigma above chance.
_LEAST_MARKER = 0.5


class Sign(Enum):
    """How the frame lies beside its marker."""

    UPRIGHT = "upright"
    INVERTED = "inverted"
    UNKNOWN = "unknown"


def sign_of_frame(soft: Soft, upright: Bits, complement: Bits) -> Sign:
    """Judge a decoded frame by the symbols about the border to its marker.

    Args:
        soft: (n,) log-likelihood ratios, above 0 for a one, in the marker's polarity.
        upright: (n,) symbols of the marker and of what was decoded.
        complement: (n,) symbols of the marker and of the complement of what was decoded.
    """
    doubt = log(1 / _MOST_DOUBT - 1)
    # Bayes' rule.
    ratio = _log_likelihood_ratio(soft, upright, complement) - log(_SLIPS)
    if ratio > doubt:
        return Sign.UPRIGHT
    return Sign.INVERTED if ratio < -doubt else Sign.UNKNOWN


def _log_likelihood_ratio(soft: Soft, upright: Bits, complement: Bits) -> float:
    """Of what was sent upright over what is inverted from the likeliest place on; see ``sign_of_frame``."""
    agreeing = float(np.sum(_agreement(soft, upright)))
    # With the break before symbol k: agrees before it, and is upside down from there on.
    until = np.cumsum(_agreement(soft, complement))
    broken = max(float(np.max(2 * until - until[-1])), -float(until[-1]))
    return 0.5 * (agreeing - broken)


def begins_too_early(soft: Soft, decoded: Bits, marker: Bits, byte_symbols: int) -> bool:
    """Whether a marker is received where what was decoded has other symbols.

    Args:
        soft: (n,) log-likelihood ratios, above 0 for a one, from a marker's first symbol on.
        decoded: (n,) symbols of that marker and of what was decoded behind it.
        marker: (m,) symbols of a marker, as the first of ``decoded``.
        byte_symbols: from the first symbol of a byte to that of the next.
    """
    size = len(marker)
    received = sliding_window_view(soft.astype(np.float64), size)[byte_symbols::byte_symbols]
    told = sliding_window_view(_agreement(soft, decoded), size)[byte_symbols::byte_symbols]
    # Either may be upside down behind a slip of the phase.
    like_marker = np.abs(received @ (2.0 * marker - 1.0))
    like_decoded = np.abs(told.sum(axis=1))
    weight = np.abs(received).sum(axis=1)
    return bool(np.any((like_marker > like_decoded) & (like_marker > _LEAST_MARKER * weight)))


def _agreement(soft: Soft, symbols: Bits) -> NDArray[np.float64]:
    """What each symbol received weighs for the one sent."""
    return soft.astype(np.float64) * (2.0 * symbols - 1.0)
