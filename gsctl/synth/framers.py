"""Frames to line symbols: the sender's side of each framing.

``FRAMERS`` maps a framing's class to its framer; ``line_symbols`` looks it up. What a framer
returns is what the modulator sends: NRZI and scrambler are already in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gsctl.coding.bit_order import Bits
from gsctl.coding.hdlc import FLAG_BITS, frame_bits
from gsctl.coding.line_codes import nrzi_encode
from gsctl.coding.morse import morse_units
from gsctl.coding.scramblers import g3ruh_scramble
from gsctl.framing import Ais, Ax25, Ax100AsmGolay, Ax100ReedSolomon, Ccsds, Framing, Text
from gsctl.synth import coded_framers

# AX.25 stations key up long before they talk; 24 flags let a receiver's loops settle.
DEFAULT_OPENING_FLAGS = 24
AIS_TRAINING_BITS = 24  # ITU-R M.1371, annex 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSymbols:
    """One burst as line symbols.

    Attributes:
        values: (n,) uint8, the symbols sent.
        first: of each frame, the index of the first symbol after its flag or sync word.
        last: of each frame, the index of its last symbol, its check included.
    """

    values: Bits
    first: tuple[int, ...]
    last: tuple[int, ...]


Framer = Callable[[Any, Sequence[bytes], int | None], LineSymbols]


def line_symbols(framing: Framing, payloads: Sequence[bytes], *, opening: int | None = None) -> LineSymbols:
    """Put ``payloads`` into one burst.

    Args:
        framing: the parameters; its class must stand in ``FRAMERS``.
        payloads: frames without FCS, one after another in the same burst.
        opening: flags before the first frame (AX.25), training bits (AIS) or dots of silence (Morse);
            None is usual.

    Raises:
        KeyError: gsctl cannot send this framing.
    """
    return FRAMERS[type(framing)](framing, payloads, opening)


def _hdlc_stream(payloads: Sequence[bytes], opening: Bits, closing: Bits) -> LineSymbols:
    """Frames that share the flags between them; ``opening`` ends in a flag."""
    pieces, first, last = [opening], [], []
    place = len(opening)
    for number, payload in enumerate(payloads):
        body = frame_bits(payload)
        after = closing if number == len(payloads) - 1 else FLAG_BITS
        first.append(place)
        last.append(place + len(body) - 1)
        pieces += [body, after]
        place += len(body) + len(after)
    return LineSymbols(values=np.concatenate(pieces), first=tuple(first), last=tuple(last))


def ax25_symbols(framing: Ax25, payloads: Sequence[bytes], opening_flags: int | None = None) -> LineSymbols:
    """AX.25 2.2 section 3: flags, stuffed frames, two closing flags; NRZI; G3RUH where told."""
    flags = DEFAULT_OPENING_FLAGS if opening_flags is None else max(opening_flags, 1)
    stream = _hdlc_stream(payloads, np.tile(FLAG_BITS, flags), np.tile(FLAG_BITS, 2))
    values = stream.values
    for _ in range(framing.nrzi_passes):
        values = nrzi_encode(values)
    if framing.g3ruh:
        values = g3ruh_scramble(values)
    return LineSymbols(values=values, first=stream.first, last=stream.last)


def ais_symbols(framing: Ais, payloads: Sequence[bytes], training_bits: int | None = None) -> LineSymbols:
    """ITU-R M.1371 annex 2: training 0101.., flag, message and FCS, flag; NRZI over all of it.

    Each payload holds a message's bytes in field order (bit 7 of the first byte is the first
    message bit); a byte goes over the air least significant bit first. Only one message makes a
    true transmission; more follow one another as HDLC frames would.
    """
    del framing
    count = AIS_TRAINING_BITS if training_bits is None else training_bits
    training = (np.arange(count) & 1).astype(np.uint8)
    stream = _hdlc_stream(payloads, np.concatenate([training, FLAG_BITS]), FLAG_BITS.copy())
    return LineSymbols(values=nrzi_encode(stream.values), first=stream.first, last=stream.last)


def text_symbols(framing: Text, payloads: Sequence[bytes], silent_dots: int | None = None) -> LineSymbols:
    """Morse characters as units of a dot, each payload a text of its own; seven dots of silence between.

    Raises:
        ValueError: a payload holds no character that has a Morse code.
    """
    del framing
    pieces, first, last = [np.zeros(silent_dots or 0, np.uint8)], [], []
    place = silent_dots or 0
    for payload in payloads:
        units = morse_units(payload.decode("latin-1"))
        if not len(units):
            raise ValueError(f"{payload!r} has no Morse code")
        first.append(place)
        last.append(place + len(units) - 1)
        pieces += [units, np.zeros(7, np.uint8)]
        place += len(units) + 7
    return LineSymbols(values=np.concatenate(pieces), first=tuple(first), last=tuple(last))


def _coded(line: Callable[[Any, Sequence[bytes], int | None], coded_framers.Symbols]) -> Framer:
    def symbols(framing: Framing, payloads: Sequence[bytes], opening_bits: int | None = None) -> LineSymbols:
        values, first, last = line(framing, payloads, opening_bits)
        return LineSymbols(values=values, first=tuple(first), last=tuple(last))

    return symbols


FRAMERS: dict[type[Framing], Framer] = {
    Ax25: ax25_symbols,
    Ais: ais_symbols,
    Text: text_symbols,
    Ccsds: _coded(coded_framers.ccsds_line),
    Ax100AsmGolay: _coded(coded_framers.ax100_golay_line),
    Ax100ReedSolomon: _coded(coded_framers.ax100_reed_solomon_line),
}
