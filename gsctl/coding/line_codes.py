"""Line codes: NRZ-I, NRZ-M and Manchester, on (n,) uint8 arrays of bits."""

from __future__ import annotations

import numpy as np

from gsctl.coding.bit_order import Bits


def inverted(bits: Bits) -> Bits:
    """Zeros for ones and ones for zeros."""
    return np.bitwise_xor(bits, np.uint8(1))


def nrzi_encode(bits: Bits, *, level: int = 0) -> Bits:
    """NRZ-I of AX.25 and AIS: a zero toggles the level, a one keeps it (AX.25 2.2; ITU-R M.1371).

    Args:
        bits: (n,) data bits.
        level: of the line before the first bit.
    """
    toggles = np.bitwise_xor.accumulate(bits ^ 1) if len(bits) else bits
    return np.asarray(toggles ^ level, dtype=np.uint8)


def nrzi_decode(levels: Bits, *, level: int = 0) -> Bits:
    """Undo ``nrzi_encode``; ``level`` is the line's before the first one of ``levels``."""
    before = np.concatenate([np.array([level], np.uint8), levels[:-1]])
    return np.asarray(levels ^ before[: len(levels)] ^ 1, dtype=np.uint8)


def nrzm_encode(bits: Bits, *, level: int = 0) -> Bits:
    """NRZ-M of CCSDS 131.0-B section 3.3.3: a one toggles the level, a zero keeps it."""
    return nrzi_encode(inverted(bits), level=level)


def nrzm_decode(levels: Bits, *, level: int = 0) -> Bits:
    """Undo ``nrzm_encode``."""
    return inverted(nrzi_decode(levels, level=level))


def manchester_encode(bits: Bits) -> Bits:
    """Each one becomes 1 0, each zero 0 1 (Bi-phase-L, CCSDS 401.0-B section 2.4.11); (2 n,)."""
    chips = np.empty(2 * len(bits), np.uint8)
    chips[0::2] = bits
    chips[1::2] = bits ^ 1
    return chips
