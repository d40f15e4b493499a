"""Reed-Solomon codes over GF(256) as satellites use them, with errors and erasures.

A code is told by field polynomial, first consecutive root, primitive step and number of parity
bytes; its roots are alpha^(step (first + i)). Systematic, parity last, the first byte is the
highest coefficient; a shorter message stands for one with leading zero bytes that are not sent.
Decoding: syndromes, Berlekamp-Massey, Chien search, Forney (Blahut, Algebraic Codes for Data
Transmission, chapter 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.dual_basis import CONVENTIONAL_TO_DUAL, DUAL_TO_CONVENTIONAL

Elements = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Field:
    """Logarithms and powers of alpha; ``power`` is twice as long as needed, ``log[0]`` is unused."""

    power: Elements
    log: Elements
    power_list: tuple[int, ...]
    log_list: tuple[int, ...]

    def times(self, a: int, b: int) -> int:
        return self.power_list[self.log_list[a] + self.log_list[b]] if a and b else 0

    def over(self, a: int, b: int) -> int:
        return self.power_list[self.log_list[a] - self.log_list[b] + 255] if a else 0


@lru_cache(maxsize=8)
def _field(polynomial: int) -> _Field:
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value <<= 1
        if value & 0x100:
            value ^= polynomial
    logs = [0] * 256
    for place, power in enumerate(powers):
        logs[power] = place
    doubled = powers * 3
    return _Field(np.array(doubled), np.array(logs), tuple(doubled), tuple(logs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A decoded codeword.

    Attributes:
        message: without parity.
        corrected_symbols: bytes that were wrong, filled erasures included where they were.
    """

    message: bytes
    corrected_symbols: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReedSolomon:
    """One code.

    Attributes:
        field_polynomial: with its leading bit, such as 0x187.
        first_root: index of the first consecutive root.
        root_step: primitive step between the roots.
        parity_bytes: number of roots.
        dual_basis: bytes travel in Berlekamp's dual basis (CCSDS 131.0-B 4.4.2).
    """

    field_polynomial: int
    first_root: int
    root_step: int
    parity_bytes: int
    dual_basis: bool = False

    @property
    def max_message_bytes(self) -> int:
        """Of an unshortened codeword."""
        return 255 - self.parity_bytes

    def encode(self, message: bytes) -> bytes:
        """``message`` followed by its parity.

        Raises:
            ValueError: the message is longer than ``max_message_bytes``.
        """
        if len(message) > self.max_message_bytes:
            raise ValueError(f"{len(message)} bytes exceed the {self.max_message_bytes} of this code")
        plain = message.translate(DUAL_TO_CONVENTIONAL) if self.dual_basis else message
        field = _field(self.field_polynomial)
        # Logarithms of the generator without its leading one; none of these codes has a zero there.
        generator = _generator_logs(self)
        remainder = np.zeros(self.parity_bytes + 1, np.int64)
        for octet in plain:
            feedback = int(remainder[0]) ^ octet
            remainder[:-1] = remainder[1:]
            if feedback:
                remainder[:-1] ^= field.power[generator + field.log_list[feedback]]
        parity = remainder[:-1].astype(np.uint8).tobytes()
        return message + (parity.translate(CONVENTIONAL_TO_DUAL) if self.dual_basis else parity)

    def decode(self, codeword: bytes, erasures: Sequence[int] = ()) -> Corrected | None:
        """Correct ``codeword`` (message and parity); None where it cannot be corrected.

        Args:
            codeword: up to 255 bytes.
            erasures: indices of bytes known to be doubtful; each costs half as much as an error.
        """
        if not self.parity_bytes < len(codeword) <= 255 or len(erasures) > self.parity_bytes:
            return None
        plain = codeword.translate(DUAL_TO_CONVENTIONAL) if self.dual_basis else codeword
        received = np.frombuffer(plain, np.uint8).astype(np.int64)
        syndromes = _syndromes(self, received)
        if not syndromes.any():
            return Corrected(message=codeword[: -self.parity_bytes], corrected_symbols=0)
        errors = _errors(self, syndromes.tolist(), len(received), erasures)
        if errors is None:
            return None
        for place, value in errors.items():
            received[place] ^= value
        if _syndromes(self, received).any():
            return None
        fixed = received.astype(np.uint8).tobytes()
        if self.dual_basis:
            fixed = fixed.translate(CONVENTIONAL_TO_DUAL)
        changed = sum(1 for value in errors.values() if value)
        return Corrected(message=fixed[: -self.parity_bytes], corrected_symbols=changed)


@lru_cache(maxsize=32)
def _generator_logs(code: ReedSolomon) -> Elements:
    field = _field(code.field_polynomial)
    polynomial = [1]
    for index in range(code.parity_bytes):
        root = field.power_list[code.root_step * (code.first_root + index) % 255]
        shifted = [*polynomial, 0]
        for place, coefficient in enumerate(polynomial):
            shifted[place + 1] ^= field.times(coefficient, root)
        polynomial = shifted
    return np.asarray(field.log[np.array(polynomial[1:])], np.int64)


@lru_cache(maxsize=64)
def _root_powers(code: ReedSolomon, length: int) -> Elements:
    """Logarithm of root i to the power of byte j's degree, (parity, length)."""
    roots = code.root_step * (code.first_root + np.arange(code.parity_bytes)) % 255
    degrees = np.arange(length - 1, -1, -1)
    return np.asarray(roots[:, None] * degrees[None, :] % 255, np.int64)


def _syndromes(code: ReedSolomon, received: Elements) -> Elements:
    field = _field(code.field_polynomial)
    present = np.flatnonzero(received)
    exponents = _root_powers(code, len(received))[:, present] + field.log[received[present]]
    return np.asarray(np.bitwise_xor.reduce(field.power[exponents], axis=1), np.int64)


def _errors(
    code: ReedSolomon, syndromes: list[int], length: int, erasures: Sequence[int]
) -> dict[int, int] | None:
    """Error values by index in the codeword; None where there is no solution within the bound."""
    field = _field(code.field_polynomial)
    locators = [code.root_step * (length - 1 - place) % 255 for place in erasures]
    locator = _berlekamp_massey(field, syndromes, locators)
    degree = len(locator) - 1
    if 2 * degree - len(locators) > code.parity_bytes:
        return None
    places = _roots(code, field, locator, length)
    if len(places) != degree:
        return None
    evaluator = _product(field, syndromes, locator)[: code.parity_bytes]
    return {place: _forney(code, field, locator, evaluator, length - 1 - place) for place in places}


def _berlekamp_massey(field: _Field, syndromes: list[int], erasure_logs: Sequence[int]) -> list[int]:
    """The shortest locator, lowest coefficient first, that contains the erasures' locator."""
    current = [1]
    for log in erasure_logs:
        current = _product(field, current, [1, field.power_list[log]])
    previous, length = list(current), len(erasure_logs)
    count = len(erasure_logs)
    for n in range(count, len(syndromes)):
        previous = [0, *previous]
        discrepancy = 0
        for place, coefficient in enumerate(current):
            if place <= n:
                discrepancy ^= field.times(coefficient, syndromes[n - place])
        if discrepancy == 0:
            continue
        update = [field.times(discrepancy, coefficient) for coefficient in previous]
        if 2 * length <= n + count:
            previous = [field.over(coefficient, discrepancy) for coefficient in current]
            length = n + 1 + count - length
        size = max(len(current), len(update))
        current = [
            (current[k] if k < len(current) else 0) ^ (update[k] if k < len(update) else 0)
            for k in range(size)
        ]
    while len(current) > 1 and current[-1] == 0:
        current.pop()
    return current


def _roots(code: ReedSolomon, field: _Field, locator: list[int], length: int) -> list[int]:
    """Chien search: indices of the bytes whose locator's inverse is a root."""
    degrees = np.arange(length - 1, -1, -1)
    total = np.zeros(length, np.int64)
    for place, coefficient in enumerate(locator):
        if coefficient:
            total ^= field.power[(field.log_list[coefficient] - code.root_step * degrees * place) % 255]
    return [int(index) for index in np.flatnonzero(total == 0)]


def _forney(code: ReedSolomon, field: _Field, locator: list[int], evaluator: list[int], degree: int) -> int:
    """The error value at the byte of this degree."""
    log = code.root_step * degree % 255
    top = _value(field, evaluator, -log)
    # The formal derivative keeps the odd coefficients; X^(1 - first_root) is for roots not beginning at 1.
    slope = 0
    for place in range(1, len(locator), 2):
        if locator[place]:
            slope ^= field.power_list[(field.log_list[locator[place]] - log * (place - 1)) % 255]
    if slope == 0:
        return 0
    scaled = field.times(top, field.power_list[log * (1 - code.first_root) % 255])
    return field.over(scaled, slope)


def _value(field: _Field, polynomial: list[int], log: int) -> int:
    total = 0
    for place, coefficient in enumerate(polynomial):
        if coefficient:
            total ^= field.power_list[(field.log_list[coefficient] + log * place) % 255]
    return total


def _product(field: _Field, a: Sequence[int], b: Sequence[int]) -> list[int]:
    result = [0] * (len(a) + len(b) - 1)
    for i, left in enumerate(a):
        if left:
            for j, right in enumerate(b):
                if right:
                    result[i + j] ^= field.times(left, right)
    return result


def encode_interleaved(code: ReedSolomon, message: bytes, depth: int) -> bytes:
    """CCSDS 131.0-B 4.3.5: byte j belongs to codeword j mod ``depth``; information bytes keep their order.

    Raises:
        ValueError: the length is no multiple of ``depth``, or too long.
    """
    if len(message) % depth:
        raise ValueError(f"{len(message)} bytes do not fill {depth} codewords evenly")
    parities = [code.encode(message[k::depth])[-code.parity_bytes :] for k in range(depth)]
    return message + bytes(octet for column in zip(*parities, strict=True) for octet in column)


def decode_interleaved(code: ReedSolomon, block: bytes, depth: int) -> Corrected | None:
    """Undo ``encode_interleaved``; None where any of the codewords cannot be corrected."""
    if len(block) % depth or len(block) <= code.parity_bytes * depth:
        return None
    message = bytearray(len(block) - code.parity_bytes * depth)
    corrected = 0
    for k in range(depth):
        decoded = code.decode(block[k::depth])
        if decoded is None:
            return None
        message[k::depth] = decoded.message
        corrected += decoded.corrected_symbols
    return Corrected(message=bytes(message), corrected_symbols=corrected)


# CCSDS 131.0-B: x^8 + x^7 + x^2 + x + 1, roots alpha^(11 j), j = 112 .. 143.
CCSDS_CONVENTIONAL = ReedSolomon(field_polynomial=0x187, first_root=112, root_step=11, parity_bytes=32)
CCSDS_DUAL = ReedSolomon(
    field_polynomial=0x187, first_root=112, root_step=11, parity_bytes=32, dual_basis=True
)
# CCSDS 131.0-B, E = 8: j = 120 .. 135.
CCSDS_E8 = ReedSolomon(field_polynomial=0x187, first_root=120, root_step=11, parity_bytes=16)
# NGHam (LA3JPA) keeps the first root of the long code, so it is not CCSDS's E = 8.
NGHAM_SMALL = ReedSolomon(field_polynomial=0x187, first_root=112, root_step=11, parity_bytes=16)
RS_11D_32 = ReedSolomon(field_polynomial=0x11D, first_root=1, root_step=1, parity_bytes=32)
RS_11D_16 = ReedSolomon(field_polynomial=0x11D, first_root=1, root_step=1, parity_bytes=16)
RS_11D_10 = ReedSolomon(field_polynomial=0x11D, first_root=0, root_step=1, parity_bytes=10)
RS_11D_4 = ReedSolomon(field_polynomial=0x11D, first_root=1, root_step=1, parity_bytes=4)


def il2p_code(parity_bytes: int) -> ReedSolomon:
    """IL2P specification 0.4: 2, 4, 6, 8 or 16 parity bytes."""
    return ReedSolomon(field_polynomial=0x11D, first_root=0, root_step=1, parity_bytes=parity_bytes)


def fx25_code(parity_bytes: int) -> ReedSolomon:
    """FX.25 (Stensat 2006): 16, 32 or 64 parity bytes."""
    return ReedSolomon(field_polynomial=0x11D, first_root=1, root_step=1, parity_bytes=parity_bytes)
