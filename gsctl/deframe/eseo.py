"""ESEO (its team's "attachment 1", read at destevez.net 2018-12): HDLC stuffing under Reed-Solomon.

Between two pairs of flags stands a codeword; inside it, stuffed, NRZ-I and scrambled bits, from zero
states. The markers are not protected from occurring in the parity, so each pair of flags may be the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.bit_order import REVERSED_BYTES, bits_to_bytes, bytes_to_bits
from gsctl.coding.crc import XMODEM
from gsctl.coding.hdlc import unstuff
from gsctl.coding.line_codes import nrzi_decode
from gsctl.coding.reed_solomon import RS_11D_16
from gsctl.coding.scramblers import g3ruh_descramble
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Eseo, Integrity

_MARKER = b"\x7e\x7e"
_MIN_BYTES = RS_11D_16.parity_bytes + 4
_STEP_BYTES = 8


class EseoBody:
    """See the module."""

    line_code = LineCode.NRZ
    first_symbols = 8 * (_MIN_BYTES + len(_MARKER))
    max_symbols = first_symbols + 8 * _STEP_BYTES * -(-(255 - _MIN_BYTES) // _STEP_BYTES)

    def __init__(self, framing: Eseo) -> None:
        del framing
        self.syncs: Sequence[SyncWord] = (sync_word(0x7E7E, 16, 0),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        data = hard_bytes(soft)
        # What was seen at the last look need not be tried again.
        seen = 0 if len(soft) == self.first_symbols else len(data) - _STEP_BYTES - 1
        end = data.find(_MARKER, max(seen, 0))
        while end >= 0:
            found = _codeword(data[:end])
            if found is not None:
                return found
            end = data.find(_MARKER, end + 1)
        return len(soft) + 8 * _STEP_BYTES if len(soft) < self.max_symbols else Refused.UNCORRECTABLE


def _codeword(received: bytes) -> Sequence[Block] | None:
    decoded = RS_11D_16.decode(received.translate(REVERSED_BYTES))
    if decoded is None:
        return None
    line = unstuff(bytes_to_bits(decoded.message))
    data = bits_to_bytes(nrzi_decode(g3ruh_descramble(line)), lsb_first=True)
    if len(data) <= 2 or not XMODEM.holds(data) or not any(data):
        return None
    return (
        Block(
            payload=data[:-2],
            integrity=Integrity.CRC,
            symbols=8 * len(received),
            corrected_errors=decoded.corrected_symbols,
        ),
    )
