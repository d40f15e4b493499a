"""Scramblers: additive sequences and self-synchronising (multiplicative) ones.

The same polynomial name stands for two mirror-image sequences in the literature, so each is
given by its recurrence: ``b[n] = b[n - i] ^ b[n - j] ^ ...`` with ``lags`` (i, j, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gsctl.coding.bit_order import Bits, bits_to_bytes

# --- additive ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditiveScrambler:
    """A pseudo-random sequence that is XORed onto the data; applying it twice undoes it.

    Attributes:
        lags: of the recurrence.
        first_bits: the first ``max(lags)`` bits of the sequence, first bit in the highest place.
        lsb_first: the bytes of the sequence are formed first bit lowest; False is first bit highest.
    """

    lags: tuple[int, ...]
    first_bits: int
    lsb_first: bool = False

    def sequence(self, bit_count: int) -> Bits:
        """The first ``bit_count`` bits in serial order."""
        period = _period(self.lags, self.first_bits)
        return np.resize(period, bit_count)

    def sequence_bytes(self, byte_count: int) -> bytes:
        """The first ``byte_count`` bytes, in the byte order of the device."""
        return bits_to_bytes(self.sequence(8 * byte_count), lsb_first=self.lsb_first)

    def apply(self, data: bytes) -> bytes:
        """Scramble or descramble ``data`` from the start of the sequence."""
        mask = np.frombuffer(self.sequence_bytes(len(data)), np.uint8)
        return (np.frombuffer(data, np.uint8) ^ mask).tobytes()


@lru_cache(maxsize=32)
def _period(lags: tuple[int, ...], first_bits: int) -> Bits:
    degree = max(lags)
    bits = [first_bits >> (degree - 1 - place) & 1 for place in range(degree)]
    for n in range(degree, (1 << degree) - 1):
        bits.append(sum(bits[n - lag] for lag in lags) & 1)
    period = np.array(bits, np.uint8)
    period.flags.writeable = False
    return period


# CCSDS 131.0-B, pseudo-randomizer: x^8 + x^7 + x^5 + x^3 + 1 from all ones, period 255.
CCSDS = AdditiveScrambler(lags=(1, 3, 5, 8), first_bits=0xFF)
# TI CC1101 data sheet and CC112x user's guide SWRU295: x^9 + x^5 + 1 from all ones, period 511.
PN9_TI = AdditiveScrambler(lags=(4, 9), first_bits=0x1FF, lsb_first=True)
# The same bits packed first bit highest, as Semtech's SX126x does.
PN9_SERIAL = AdditiveScrambler(lags=(4, 9), first_bits=0x1FF)
# Silicon Labs Si4463: the serial sequence from its ninth bit.
PN9_SI4463 = AdditiveScrambler(lags=(4, 9), first_bits=0b100001111)
# SX126x with the chip's reset seed 0x100.
PN9_SX126X_RESET = AdditiveScrambler(lags=(4, 9), first_bits=0b000000001)
# CML CMX990 data sheet: stages 5 and 9, the mirror of TI's.
PN9_MOBITEX = AdditiveScrambler(lags=(5, 9), first_bits=0x1FF)

ADDITIVE_SCRAMBLERS: dict[str, AdditiveScrambler] = {
    "ccsds": CCSDS,
    "pn9-ti": PN9_TI,
    "pn9-serial": PN9_SERIAL,
    "pn9-si4463": PN9_SI4463,
    "pn9-sx126x-reset": PN9_SX126X_RESET,
    "pn9-mobitex": PN9_MOBITEX,
}

# --- multiplicative ---------------------------------------------------------------------------

G3RUH_LAGS = (12, 17)  # K9NG and G3RUH modems: 1 + x^12 + x^17
IL2P_LAGS = (4, 9)  # IL2P specification 0.4: 1 + x^4 + x^9


def multiplicative_scramble(bits: Bits, lags: tuple[int, ...], history: Bits | None = None) -> Bits:
    """Divide by the polynomial: ``out[n] = in[n] ^ out[n - i] ^ out[n - j]``.

    Args:
        bits: (n,) bits.
        lags: taps of the register.
        history: the ``max(lags)`` bits sent before, oldest first; None is all zeros.
    """
    # Over GF(2) P(x)^2 = P(x^2), so 1/P = P(x) P(x^2) P(x^4) ... modulo x^n: a few vector operations.
    out = bits.copy()
    if history is not None:
        out ^= _tail_of_history(history, lags, len(bits))
    scale = 1
    while scale * min(lags) < len(out):
        product = out.copy()
        for lag in lags:
            if scale * lag < len(out):
                product[scale * lag :] ^= out[: len(out) - scale * lag]
        out = product
        scale *= 2
    return out


def multiplicative_descramble(bits: Bits, lags: tuple[int, ...], history: Bits | None = None) -> Bits:
    """Multiply by the polynomial: ``out[n] = in[n] ^ in[n - i] ^ in[n - j]``; arguments as above."""
    out = bits.copy()
    for lag in lags:
        out[lag:] ^= bits[: max(len(bits) - lag, 0)]
    if history is not None:
        out ^= _tail_of_history(history, lags, len(bits))
    return out


def _tail_of_history(history: Bits, lags: tuple[int, ...], count: int) -> Bits:
    """What the bits before the first one add to each of the first ``max(lags)``."""
    degree = max(lags)
    if len(history) != degree:
        raise ValueError(f"history needs {degree} bits, not {len(history)}")
    tail = np.zeros(max(count, degree), np.uint8)
    for lag in lags:
        tail[:lag] ^= history[degree - lag :]
    return tail[:count]


def g3ruh_scramble(bits: Bits, history: Bits | None = None) -> Bits:
    """The G3RUH scrambler of 9600 Bd packet radio (James Miller G3RUH, 1988), after NRZI."""
    return multiplicative_scramble(bits, G3RUH_LAGS, history)


def g3ruh_descramble(bits: Bits, history: Bits | None = None) -> Bits:
    """Undo ``g3ruh_scramble``; right after 17 bits whatever the history."""
    return multiplicative_descramble(bits, G3RUH_LAGS, history)
