"""OPS-SAT: AX.25 G3RUH frames whose information field is a scrambled Reed-Solomon block.

The FCS is of no use here: it fails wherever the code has something to correct. A wrong bit that looks
like stuffing moves all that follows and is beyond the code.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.hdlc import FLAG_BITS, unstuff
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, corrected_block
from gsctl.framing import OpsSat

_HEAD_BYTES, _FCS_BYTES = 16, 2
_MIN_BYTES = _HEAD_BYTES + CCSDS_CONVENTIONAL.parity_bytes + 1 + _FCS_BYTES
_MAX_BYTES = _HEAD_BYTES + 255 + _FCS_BYTES
_STEP = 32


class OpsSatBody:
    """See the module. The payload is without the AX.25 header."""

    line_code = LineCode.NRZ_I_G3RUH
    first_symbols = 8 * _MIN_BYTES
    # Stuffing adds a fifth at most; then the closing flag, in whole steps.
    max_symbols = first_symbols + (8 * (_MAX_BYTES - _MIN_BYTES) * 6 // 5 // _STEP + 2) * _STEP

    def __init__(self, framing: OpsSat) -> None:
        del framing
        self.syncs: Sequence[SyncWord] = (SyncWord(bits=FLAG_BITS, tolerance=0, either_polarity=False),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        bits = (soft > 0).astype(np.uint8)
        end = bits.tobytes().find(FLAG_BITS.tobytes())
        if end < 0:
            return len(soft) + _STEP
        data = bits_to_bytes(unstuff(bits[:end]), lsb_first=True)
        if not _MIN_BYTES <= len(data) <= _MAX_BYTES:
            return ()
        return corrected_block(CCSDS_CONVENTIONAL, CCSDS.apply(data[_HEAD_BYTES:-_FCS_BYTES]), end)
