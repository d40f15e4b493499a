"""Compiled loops of the HDLC receiver: line decoding, flag search, stuffing, check, repair.

Bits are uint8 arrays of 0 and 1 in on-air order. HDLC is ISO/IEC 13239; AX.25 2.2 section 3
uses it with NRZI (a zero toggles the level) and sends bytes least significant bit first.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FLAG = 0x7E
# Residue of the X.25 FCS over frame and FCS (ISO/IEC 13239, annex A).
GOOD_RESIDUE = 0xF0B8
# Outcomes of a segment between two flags.
GOOD, BAD_FCS, NO_FRAME = 0, 1, 2

# A descrambled bit at n depends on the line bits at n, n-12 and n-17 (G3RUH), and through each
# NRZI pass on one more: a decoder needs this much history before its output is true.
HISTORY_BITS = 17 + 2


@njit(cache=True, nogil=True)
def decode_line(
    line: NDArray[np.uint8], state: NDArray[np.uint8], nrzi_passes: int, g3ruh: bool
) -> NDArray[np.uint8]:
    """Undo NRZI and the G3RUH scrambler.

    Args:
        line: (n,) received line bits.
        state: (20,) uint8, changed in place: levels of the two NRZI passes, then the last
            17 bits before the descrambler, newest first.
        nrzi_passes: 0, 1 or 2.
        g3ruh: descramble with out[n] = in[n] ^ in[n-12] ^ in[n-17].

    Returns:
        (n,) data bits.
    """
    out = np.empty(line.size, np.uint8)
    for i in range(line.size):
        bit = line[i]
        for level in range(nrzi_passes):
            previous = state[level]
            state[level] = bit
            bit = np.uint8(1) ^ bit ^ previous
        if g3ruh:
            data = bit ^ state[2 + 11] ^ state[2 + 16]
            for k in range(16, 0, -1):
                state[2 + k] = state[1 + k]
            state[2] = bit
            bit = data
        out[i] = bit
    return out


@njit(cache=True, nogil=True)
def find_flags(bits: NDArray[np.uint8], register: int) -> tuple[NDArray[np.int64], int]:
    """Find flags 01111110.

    Args:
        bits: (n,) data bits.
        register: the eight bits before, oldest in the highest place.

    Returns:
        Indices of the last bit of each flag, and the register after the last bit.
    """
    ends = np.empty(bits.size // 7 + 1, np.int64)
    count = 0
    for i in range(bits.size):
        register = ((register << 1) | bits[i]) & 0xFF
        if register == FLAG:
            ends[count] = i
            count += 1
    return ends[:count].copy(), register


@njit(cache=True, nogil=True)
def decode_segment(bits: NDArray[np.uint8], payload: NDArray[np.uint8], min_bytes: int) -> tuple[int, int]:
    """Unstuff the bits between two flags and check the FCS.

    Args:
        bits: (n,) data bits, the first after the opening flag to the last before the closing one.
        payload: uint8 buffer for the bytes, FCS included.
        min_bytes: shortest frame, FCS included.

    Returns:
        Outcome (GOOD, BAD_FCS, NO_FRAME) and the number of bytes in ``payload``.
    """
    crc = 0xFFFF
    ones = 0
    byte = 0
    filled = 0
    count = 0
    for i in range(bits.size):
        bit = bits[i]
        if ones == 5:
            ones = 0
            if bit == 1:
                return NO_FRAME, 0
            continue
        ones = ones + 1 if bit == 1 else 0
        byte |= bit << filled
        filled += 1
        if filled == 8:
            if count == payload.size:
                return NO_FRAME, 0
            payload[count] = byte
            count += 1
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
            byte = 0
            filled = 0
    if filled != 0 or count < min_bytes:
        return NO_FRAME, count
    return (GOOD if crc == GOOD_RESIDUE else BAD_FCS), count


@njit(cache=True, nogil=True)
def is_call_sign(payload: NDArray[np.uint8], start: int) -> bool:
    """Whether six bytes are a shifted AX.25 call sign: letters and digits, then spaces."""
    spaces = False
    for i in range(start, start + 6):
        char = payload[i] >> 1
        if payload[i] & 1:
            return False
        if char == 32:
            if i == start:
                return False
            spaces = True
            continue
        if spaces or not (48 <= char <= 57 or 65 <= char <= 90):
            return False
    return True


@njit(cache=True, nogil=True)
def has_plausible_addresses(payload: NDArray[np.uint8], count: int) -> bool:
    """Whether a frame begins with two to ten well-formed AX.25 addresses (AX.25 2.2, 3.12)."""
    if count < 15 or not is_call_sign(payload, 0) or not is_call_sign(payload, 7):
        return False
    last = 6
    while last < 70 and last < count and payload[last] & 1 == 0:
        last += 7
    return 13 <= last < 70 and last < count - 1


@njit(cache=True, nogil=True)
def address_faults(bits: NDArray[np.uint8]) -> int:
    """How many of the twelve bits that are zero in any two AX.25 addresses are ones.

    Args:
        bits: (n,) data bits of a segment, still stuffed.

    Returns:
        0 to 12; half of them for random bits, 12 for a segment too short to tell.
    """
    ones = 0
    place = 0
    faults = 0
    for bit in bits:
        if ones == 5:
            ones = 0
            continue
        ones = ones + 1 if bit == 1 else 0
        # The lowest bit comes first; that of the two SSID bytes may be anything.
        if place % 8 == 0 and place != 48:
            faults += bit
        place += 1
        if place == 104:
            return faults
    return 12


@njit(cache=True, nogil=True)
def _flip(
    bits: NDArray[np.uint8],
    line_indices: NDArray[np.int64],
    inverts: bool,
    response: NDArray[np.int64],
    step_response: NDArray[np.int64],
) -> None:  # pragma: no cover - compiled
    for index in line_indices:
        for offset in step_response if inverts else response:
            place = index + offset
            if 0 <= place < bits.size:
                bits[place] ^= 1


@njit(cache=True, nogil=True)
def repair_segment(
    bits: NDArray[np.uint8],
    event_symbols: NDArray[np.int64],
    event_starts: NDArray[np.int64],
    event_costs: NDArray[np.float64],
    event_inverts: NDArray[np.bool_],
    response: NDArray[np.int64],
    step_response: NDArray[np.int64],
    limits: NDArray[np.int64],
    need_addresses: bool,
    payload: NDArray[np.uint8],
    min_bytes: int,
    most_cost: float,
) -> tuple[int, int, int]:
    """Try the likeliest error events, one, two and three together, until the FCS holds.

    Args:
        bits: (n,) data bits of the segment; put back before returning.
        event_symbols: line symbols of all events, relative to ``bits[0]``, one event after the other.
        event_starts: (m + 1,) where each event begins in ``event_symbols``; cheapest event first.
        event_costs: (m,) loss of log-likelihood of each event, rising.
        event_inverts: (m,) whether all line symbols behind an event's are wrong too.
        response: which data bits, relative to a line symbol, a wrong line symbol flips.
        step_response: the same if all behind it are wrong too.
        limits: how many of the cheapest events are tried alone, in pairs and in threes.
        need_addresses: accept only plausible AX.25 addresses.
        payload: buffer for the bytes.
        min_bytes: shortest frame, FCS included.
        most_cost: combinations that cost more are not tried.

    Returns:
        Outcome (GOOD or BAD_FCS), bytes in ``payload``, symbols flipped. Of several
        combinations that pass, the likeliest wins.
    """
    events = event_starts.size - 1
    best_cost = most_cost
    best_count = 0
    best_flips = 0
    best = np.empty(payload.size, np.uint8)
    for i in range(min(events, limits[0])):
        if event_costs[i] >= best_cost:
            break
        first = event_symbols[event_starts[i] : event_starts[i + 1]]
        _flip(bits, first, event_inverts[i], response, step_response)
        outcome, count = decode_segment(bits, payload, min_bytes)
        if outcome == GOOD and (not need_addresses or has_plausible_addresses(payload, count - 2)):
            best_cost, best_count, best_flips = event_costs[i], count, first.size
            best[:count] = payload[:count]
        if i < limits[1]:
            for j in range(i):
                if event_costs[i] + event_costs[j] >= best_cost:
                    break
                second = event_symbols[event_starts[j] : event_starts[j + 1]]
                _flip(bits, second, event_inverts[j], response, step_response)
                outcome, count = decode_segment(bits, payload, min_bytes)
                if outcome == GOOD and (not need_addresses or has_plausible_addresses(payload, count - 2)):
                    best_cost = event_costs[i] + event_costs[j]
                    best_count, best_flips = count, first.size + second.size
                    best[:count] = payload[:count]
                if i < limits[2]:
                    for k in range(j):
                        cost = event_costs[i] + event_costs[j] + event_costs[k]
                        if cost >= best_cost:
                            break
                        third = event_symbols[event_starts[k] : event_starts[k + 1]]
                        _flip(bits, third, event_inverts[k], response, step_response)
                        outcome, count = decode_segment(bits, payload, min_bytes)
                        if outcome == GOOD and (
                            not need_addresses or has_plausible_addresses(payload, count - 2)
                        ):
                            best_cost, best_count = cost, count
                            best_flips = first.size + second.size + third.size
                            best[:count] = payload[:count]
                        _flip(bits, third, event_inverts[k], response, step_response)
                _flip(bits, second, event_inverts[j], response, step_response)
        _flip(bits, first, event_inverts[i], response, step_response)
    payload[:best_count] = best[:best_count]
    return (GOOD if best_count else BAD_FCS), best_count, best_flips
