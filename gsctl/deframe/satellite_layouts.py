"""Framings of single satellites: a sync word, then bytes in a layout of their own.

``LAYOUTS`` has them all. Each reader is handed the bytes after the sync word and says how many it
needs, why they are no frame, or what the frames in them are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gsctl.coding.crc import ARC, CCITT_FALSE, CRC_8, CRC_32C, XMODEM
from gsctl.coding.reed_solomon import (
    CCSDS_CONVENTIONAL,
    RS_11D_4,
    RS_11D_10,
    RS_11D_16,
)
from gsctl.coding.scramblers import CCSDS
from gsctl.deframe.sync_word import (
    Block,
    LineCode,
    Refused,
    Soft,
    SyncWord,
    corrected_block,
    hard_bytes,
    sync_word,
)
from gsctl.framing import Integrity, SatelliteLayout

Reading = int | Refused | Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One satellite's frames.

    Attributes:
        read: bytes after the sync word to frames; an integer asks for that many bytes.
        first_bytes: how many the first look needs.
        max_bytes: of the longest frame.
        lsb_first: bytes are sent least significant bit first.
    """

    sync: SyncWord
    read: Callable[[bytes], Reading]
    first_bytes: int
    max_bytes: int
    lsb_first: bool = False


class SatelliteLayoutBody:
    """See ``gsctl.deframe.sync_word.Body``."""

    line_code = LineCode.NRZ

    def __init__(self, framing: SatelliteLayout) -> None:
        self._layout = LAYOUTS[framing.layout]
        self.syncs: Sequence[SyncWord] = (self._layout.sync,)
        self.first_symbols = 8 * self._layout.first_bytes
        self.max_symbols = 8 * self._layout.max_bytes

    def read(self, soft: Soft) -> Reading:
        """See ``Body``."""
        outcome = self._layout.read(hard_bytes(soft, lsb_first=self._layout.lsb_first))
        return 8 * outcome if isinstance(outcome, int) else outcome


def _frame(payload: bytes, size_bytes: int, *, corrected: int = 0, weak: bool = False) -> Sequence[Block]:
    return (
        Block(
            payload=payload,
            integrity=Integrity.CRC,
            symbols=8 * size_bytes,
            corrected_errors=corrected,
            weak_check=weak,
        ),
    )


def _tt_64(data: bytes) -> Reading:
    """AT03 (Pegasus): RS(64,48), whose last two bytes are a CRC."""
    decoded = RS_11D_16.decode(data)
    if decoded is None:
        return Refused.UNCORRECTABLE
    # A line at rest is a codeword of zeros whose CRC is zero.
    if not any(decoded.message) or not ARC.holds(decoded.message, little_endian=True):
        return Refused.CHECK
    return _frame(decoded.message[:-2], len(data), corrected=decoded.corrected_symbols)


_SANOSAT_HEAD = 7
_SANOSAT_MARK = bytes.fromhex("FFFF0000")


def _sanosat(data: bytes) -> Reading:
    """SanoSat-1 (AMSAT-NP): length of what follows, a first CRC of no use, FFFF0000, data, CRC."""
    length = data[0]
    if length <= 4:
        return Refused.CHECK
    # The length counts data and both CRCs.
    size = _SANOSAT_HEAD + length - 2
    if len(data) < size:
        return size
    payload, crc = data[_SANOSAT_HEAD : size - 2], data[size - 2 : size]
    covered = data[:1] + _SANOSAT_MARK + payload
    if data[3:7] != _SANOSAT_MARK or CCITT_FALSE.to_bytes(covered, little_endian=True) != crc:
        return Refused.CHECK
    return _frame(payload, size)


def _diy_1(data: bytes) -> Reading:
    """DIY-1: four header bytes, length, data, CRC over all before it."""
    size = 5 + data[4] + 2
    if len(data) < size:
        return size
    if not any(data) or not XMODEM.holds(data):
        return Refused.CHECK
    return _frame(data[:-2], size, weak=True)


_SWIATOWID_WORD = 58
# The satellite sends 8188: 141 words, and two bytes that are not used.
_SWIATOWID_MAX = 8192


def _swiatowid(data: bytes) -> Reading:
    """Swiatowid's pictures: a length that counts eight more bytes, then RS(58,48) words; a frame each."""
    words = (int.from_bytes(data[:2], "little") - 8) // _SWIATOWID_WORD
    size = 2 + words * _SWIATOWID_WORD
    if words < 1 or size > _SWIATOWID_MAX:
        return Refused.UNCORRECTABLE
    if len(data) < size:
        return size
    frames = []
    for first in range(2, size, _SWIATOWID_WORD):
        decoded = RS_11D_10.decode(data[first : first + _SWIATOWID_WORD])
        if decoded is not None:
            frames.append(
                Block(
                    payload=decoded.message,
                    integrity=Integrity.FEC,
                    first=8 * first,
                    symbols=8 * (first + _SWIATOWID_WORD),
                    corrected_errors=decoded.corrected_symbols,
                )
            )
    return frames or Refused.UNCORRECTABLE


# destevez.net 2017-08: added to NuSat's bytes after Reed-Solomon.
_NUSAT_SEQUENCE = bytes.fromhex(
    "1D8B060C54DF21CB5C74E315680441917A3D7A8130571A0A09DB33571F86EF58"
    "E016BD9BA642FB09D6CBE1278EE7951B464CEEC3757DA61CF2450100FEAFFD03"
)


def _nusat(data: bytes) -> Reading:
    """NuSat: RS(64,60) over length, CRC-8 and scrambled data."""
    decoded = RS_11D_4.decode(data)
    if decoded is None:
        return Refused.UNCORRECTABLE
    length, crc = decoded.message[0], decoded.message[1]
    if not 1 <= length <= len(decoded.message) - 2:
        return Refused.CHECK
    scrambled = decoded.message[2 : 2 + length]
    payload = bytes(a ^ b for a, b in zip(scrambled, _NUSAT_SEQUENCE, strict=False))
    if CRC_8(payload) != crc:
        return Refused.CHECK
    return _frame(payload, len(data), corrected=decoded.corrected_symbols)


def _qubik(data: bytes) -> Reading:
    """QUBIK: RS(164,132) outside, scrambler, CRC-32C and CRC inside."""
    decoded = CCSDS_CONVENTIONAL.decode(data)
    if decoded is None:
        return Refused.UNCORRECTABLE
    inner = CCSDS.apply(decoded.message)
    if not CRC_32C.holds(inner) or not CCITT_FALSE.holds(inner[:-4]):
        return Refused.CHECK
    return _frame(inner[:-6], len(data), corrected=decoded.corrected_symbols)


def _aistechsat_2(data: bytes) -> Reading:
    """AISTECHSAT-2: scrambled; ten bytes before the codeword are not used."""
    return corrected_block(CCSDS_CONVENTIONAL, CCSDS.apply(data)[10:], 8 * len(data))


def _spino(data: bytes) -> Reading:
    """SPINO of INSPIRE-SAT 7: AX.25 addresses, a length at offset 16, CRC at the frame's end."""
    size = int.from_bytes(data[16:18], "little") + 16
    if not 20 <= size <= len(data) or not XMODEM.holds(data[:size], little_endian=True):
        return Refused.CHECK
    return _frame(data[: size - 2], size, weak=True)


def _fixed(
    sync: SyncWord, read: Callable[[bytes], Reading], size_bytes: int, *, lsb_first: bool = False
) -> Layout:
    return Layout(sync=sync, read=read, first_bytes=size_bytes, max_bytes=size_bytes, lsb_first=lsb_first)


LAYOUTS: dict[str, Layout] = {
    "tt-64": _fixed(sync_word(0x2DD4, 16, 1), _tt_64, 64),
    # Each byte of 2DD4 comes least significant bit first, the rest does not.
    "sanosat": Layout(sync=sync_word(0xB42B, 16, 0), read=_sanosat, first_bytes=7, max_bytes=260),
    "diy-1": Layout(sync=sync_word(0x2DD4, 16, 0), read=_diy_1, first_bytes=5, max_bytes=262),
    "swiatowid": Layout(
        sync=sync_word(0x5B5BDDDD, 32, 0),
        read=_swiatowid,
        first_bytes=2,
        max_bytes=_SWIATOWID_MAX,
        lsb_first=True,
    ),
    "nusat": _fixed(sync_word(0x01E5AACC, 32, 0), _nusat, 64),
    "qubik": _fixed(sync_word(0x3C674952, 32, 4), _qubik, 164),
    "aistechsat-2": _fixed(sync_word(0x1ACFFC1D, 32, 4), _aistechsat_2, 125),
    "spino": _fixed(sync_word(0x2EFC9827, 32, 0), _spino, 240),
}
