"""Convolutional codes of rate 1/2: encoder and soft-decision Viterbi decoder.

The register's leftmost bit is the current one, as CCSDS 131.0-B section 3 draws it. Soft symbols
are float32: above zero means one, the magnitude is a log-likelihood ratio of any one scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits

Soft = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionalCode:
    """A rate 1/2 code.

    Attributes:
        constraint_length: K; the encoder has 2^(K-1) states.
        polynomials: of the two symbols of a bit, in the order of the air; the highest of the K
            bits is the current data bit.
        inverted: whether each of the two symbols is sent inverted.
    """

    constraint_length: int
    polynomials: tuple[int, int]
    inverted: tuple[bool, bool] = (False, False)

    @property
    def states(self) -> int:
        """Number of encoder states."""
        return 1 << (self.constraint_length - 1)

    def encode(self, bits: Bits, *, state: int = 0, tail: bool = False) -> Bits:
        """Encode (n,) bits to (2 n,) symbols.

        Args:
            bits: data bits.
            state: the K - 1 bits before, the newest highest.
            tail: append K - 1 zero bits, so that the encoder ends in state 0.
        """
        memory = self.constraint_length - 1
        before = [state >> place & 1 for place in range(memory)]
        after = [0] * memory if tail else []
        line = np.concatenate([np.array(before, np.uint8), bits, np.array(after, np.uint8)])
        count = len(line) - memory
        symbols = np.empty(2 * count, np.uint8)
        for which, (polynomial, inverted) in enumerate(zip(self.polynomials, self.inverted, strict=True)):
            total = np.full(count, inverted, np.uint8)
            for delay in range(memory + 1):
                if polynomial >> (memory - delay) & 1:
                    total ^= line[memory - delay : memory - delay + count]
            symbols[which::2] = total
        return symbols

    def signs(self) -> NDArray[np.float32]:
        """Symbols on each branch as +1 and -1: (states, 2 data bits, 2 symbols) float32."""
        table = np.empty((self.states, 2, 2), np.float32)
        for state in range(self.states):
            for bit in range(2):
                register = bit << (self.constraint_length - 1) | state
                for which in range(2):
                    parity = (register & self.polynomials[which]).bit_count() & 1
                    table[state, bit, which] = 1.0 if parity ^ self.inverted[which] else -1.0
        return table


# CCSDS 131.0-B section 3: G1 = 171, G2 = 133 octal, the second symbol inverted.
CCSDS_K7 = ConvolutionalCode(constraint_length=7, polynomials=(0o171, 0o133), inverted=(False, True))
# The same with the symbols exchanged, as NASA's Deep Space Network has it.
NASA_DSN_K7 = ConvolutionalCode(constraint_length=7, polynomials=(0o133, 0o171), inverted=(True, False))
CCSDS_K7_UNINVERTED = ConvolutionalCode(constraint_length=7, polynomials=(0o171, 0o133))
NASA_DSN_K7_UNINVERTED = ConvolutionalCode(constraint_length=7, polynomials=(0o133, 0o171))
# onsemi AX5043 (AND9309): NOT(1 + D^3 + D^4), then 1 + D + D^2 + D^4.
AX5043_K5 = ConvolutionalCode(constraint_length=5, polynomials=(0o23, 0o35), inverted=(True, False))
# TI DN504 (CC1110, OpenLST): 1 + D^2 + D^3, then 1 + D + D^2 + D^3.
TI_K4 = ConvolutionalCode(constraint_length=4, polynomials=(0o13, 0o17))

CONVOLUTIONAL_CODES: dict[str, ConvolutionalCode] = {
    "ccsds": CCSDS_K7,
    "nasa-dsn": NASA_DSN_K7,
    "ccsds-uninverted": CCSDS_K7_UNINVERTED,
    "nasa-dsn-uninverted": NASA_DSN_K7_UNINVERTED,
    "ax5043": AX5043_K5,
    "ti-dn504": TI_K4,
}


def viterbi_block(
    soft: Soft, code: ConvolutionalCode, *, start_state: int | None = 0, end_state: int | None = 0
) -> Bits:
    """The likeliest data bits of one block.

    Args:
        soft: (2 n,) symbols; a rest of one is dropped.
        code: which code.
        start_state: of the encoder before the first bit; None is unknown.
        end_state: after the last bit (0 for a terminated block); None is unknown.

    Returns:
        (n,) bits, the tail of a terminated block included.
    """
    from gsctl.coding import viterbi_kernels as kernels

    steps = len(soft) // 2
    metric = _start_metric(code, start_state)
    decisions = np.empty((steps, code.states), np.uint8)
    kernels.add_compare_select(_pairs(soft), code.signs(), metric, decisions)
    last = int(np.argmax(metric)) if end_state is None else end_state
    bits = np.empty(steps, np.uint8)
    kernels.trace_back(decisions, steps, last, code.constraint_length, bits)
    return bits


def _pairs(soft: Soft) -> Soft:
    return np.ascontiguousarray(soft[: len(soft) // 2 * 2], np.float32).reshape(-1, 2)


def _start_metric(code: ConvolutionalCode, state: int | None) -> Soft:
    metric = np.zeros(code.states, np.float32)
    if state is not None:
        metric -= np.float32(1e9)
        metric[state] = 0.0
    return metric
