"""What framings with a convolutional code share: sync words as the encoder sends them, blocks, counts."""

from __future__ import annotations

import numpy as np

from gsctl.coding.bit_order import Bits
from gsctl.coding.convolutional import ConvolutionalCode, viterbi_block
from gsctl.deframe.sync_word import Soft, SyncWord


def convolved_sync_word(marker: Bits, code: ConvolutionalCode, wrong_share: float) -> tuple[SyncWord, int]:
    """A marker that went through the encoder, and the encoder's state after it.

    The first K - 1 bits of the marker meet an unknown register, so only the symbols of the later ones
    are known. With them the frame is found before anything is decoded, in both alignments of the
    symbol pairs at once, and the decoder begins in a known state.

    Args:
        marker: (n,) bits before the encoder, n at least K.
        code: which code.
        wrong_share: of the known symbols that may be wrong.
    """
    memory = code.constraint_length - 1
    symbols = code.encode(marker)[2 * memory :]
    state = sum(int(bit) << place for place, bit in enumerate(marker[-memory:]))
    return SyncWord(bits=symbols, tolerance=int(wrong_share * len(symbols))), state


def decode_block(
    soft: Soft, code: ConvolutionalCode, start_state: int = 0, end_state: int | None = 0
) -> tuple[Bits, int]:
    """The likeliest bits of one block, and how many line symbols that makes wrong."""
    bits = viterbi_block(soft, code, start_state=start_state, end_state=end_state)
    sent = code.encode(bits, state=start_state)
    return bits, int(np.count_nonzero(sent != (soft[: len(sent)] > 0)))
