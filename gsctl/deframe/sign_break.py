"""Whether the line turned upside down between a sync marker and its frame.

A receiver of BPSK that slips by half a turn inverts all that follows. The complement of a whole
Reed-Solomon codeword is a codeword, a convolutional code of odd taps gives the complement of the
complement, so a slip behind the marker, or in as many bytes of the frame as are corrected, leaves a
good frame with all bits inverted. What tells is the line itself: sent upright, marker and frame are one
run of code; inverted, there is a place in which the symbols received go from one run to the complement
of another. Of CCSDS's code of K = 7 these differ in six symbols at least wherever that place is, and in
every symbol between it and the border.
"""

from __future__ import annotations

from enum import Enum
from math import log

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits

# Of 5608 CCSDS frames that came out of BPSK at Es/N0 -1.0 and -1.5 dB 17 were inverted from somewhere in
# 250 symbols on; that it is among the few where the symbols leave a doubt is so unlikely before any is seen.
_SLIPS = 1 / 5000
# A frame whose sign is wrong with more than this chance is not given.
_MOST_DOUBT = 0.05


class Sign(Enum):
    """How the frame lies beside its marker."""

    UPRIGHT = "upright"
    INVERTED = "inverted"
    UNKNOWN = "unknown"


def sign_of_frame(soft: NDArray[np.float32], upright: Bits, complement: Bits) -> Sign:
    """Judge a decoded frame by the symbols about the border to its marker.

    Args:
        soft: (n,) log-likelihood ratios, above 0 for a one, in the marker's polarity.
        upright: (n,) symbols of the marker and of what was decoded.
        complement: (n,) symbols of the marker and of the complement of what was decoded.
    """
    doubt = log(1 / _MOST_DOUBT - 1)
    # Bayes' rule.
    ratio = log_likelihood_ratio(soft, upright, complement) - log(_SLIPS)
    if ratio > doubt:
        return Sign.UPRIGHT
    return Sign.INVERTED if ratio < -doubt else Sign.UNKNOWN


def log_likelihood_ratio(soft: NDArray[np.float32], upright: Bits, complement: Bits) -> float:
    """Of what was sent upright over what is inverted from the likeliest place on; see ``sign_of_frame``."""
    values = soft.astype(np.float64)
    agreeing = float(np.sum(np.where(upright == 1, values, -values)))
    # With the break before symbol k: agrees before it, and is upside down from there on.
    until = np.cumsum(np.where(complement == 1, values, -values))
    broken = max(float(np.max(2 * until - until[-1])), -float(until[-1]))
    return 0.5 * (agreeing - broken)
