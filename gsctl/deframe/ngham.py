"""NGHam (LA3JPA's manual and reference source): a size tag, then a scrambled Reed-Solomon block."""

from __future__ import annotations

from collections.abc import Sequence

from gsctl.coding.crc import X25
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL, NGHAM_SMALL
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Integrity, Ngham

# Tag and codeword length of each size; the tags differ in 13 bits or more.
_SIZES = (
    (0x3B49CD, 47),
    (0x4DDA57, 79),
    (0x76939A, 111),
    (0x9BB4AE, 159),
    (0xA0FD63, 191),
    (0xD66EF9, 223),
    (0xED2734, 255),
)
_TAG_BITS = 24
_MOST_TAG_ERRORS = 6
_LARGEST_SMALL = 111
_PADDING_MASK = 0x1F


class NghamBody:
    """See the module. The payload begins with NGHam's flag byte."""

    line_code = LineCode.NRZ
    first_symbols = _TAG_BITS
    max_symbols = _TAG_BITS + 8 * 255

    def __init__(self, framing: Ngham) -> None:
        self._reed_solomon = framing.reed_solomon
        self.syncs: Sequence[SyncWord] = (sync_word(0x5DE62A7E, 32, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        tag = int.from_bytes(hard_bytes(soft, 0, _TAG_BITS // 8), "big")
        wrong, size = min(((tag ^ known).bit_count(), size) for known, size in _SIZES)
        if wrong > _MOST_TAG_ERRORS:
            return Refused.UNCORRECTABLE
        symbols = _TAG_BITS + 8 * size
        if len(soft) < symbols:
            return symbols
        codeword = CCSDS.apply(hard_bytes(soft, _TAG_BITS, size))
        code = NGHAM_SMALL if size <= _LARGEST_SMALL else CCSDS_CONVENTIONAL
        corrected = wrong
        if self._reed_solomon and (decoded := code.decode(codeword)) is not None:
            message, corrected = decoded.message, wrong + decoded.corrected_symbols
        else:
            # FloripaSat-1's parity fits no known code (recorded frames), but the CRC inside holds.
            decoded, message = None, codeword[: -code.parity_bytes]
        checked = message[: len(message) - (message[0] & _PADDING_MASK)]
        if len(checked) < 3 or not X25.holds(checked):
            return Refused.CHECK
        return (
            Block(
                payload=checked[:-2],
                integrity=Integrity.CRC,
                symbols=symbols,
                corrected_errors=corrected,
                weak_check=decoded is None,
            ),
        )
