"""IL2P (specification 0.4, with the CRC of 0.6): AX.25 frames under Reed-Solomon, without HDLC.

Header and payload blocks are scrambled one by one and coded after that. The header holds addresses and
control of the AX.25 frame in fewer bits, or the payload holds the whole frame ("transparent").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.crc import X25
from gsctl.coding.reed_solomon import il2p_code
from gsctl.coding.scramblers import IL2P_LAGS, multiplicative_descramble
from gsctl.deframe.hdlc_kernels import has_plausible_addresses
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncWord, hard_bytes, sync_word
from gsctl.framing import Il2p, Integrity

_HEADER_BYTES, _HEADER_PARITY = 13, 2
_CODED_HEADER = _HEADER_BYTES + _HEADER_PARITY
_CRC_BYTES = 4
_MAX_PAYLOAD = 1023
_MOST_PARITY = 16
# Parity bytes up to which length of the small blocks.
_PARITIES = ((2, 61), (4, 123), (6, 185), (8, 247))
# Before the first bit the scrambler's register holds ones.
_HISTORY = np.ones(max(IL2P_LAGS), np.uint8)
# Protocol identifiers by the header's four bits; 0 and 1 mark frames that have none.
_SUPERVISORY, _UNNUMBERED = 0, 1
_PIDS = {2: 0x20, 3: 0x01, 4: 0x06, 5: 0x07, 6: 0x08, 11: 0xCC, 12: 0xCD, 13: 0xCE, 14: 0xCF, 15: 0xF0}
# Control bytes of unnumbered frames by their code: SABM, DISC, DM, UA, FRMR, UI, XID, TEST.
_UNNUMBERED_CONTROL = (0x2F, 0x43, 0x0F, 0x63, 0x87, 0x03, 0xAF, 0xE3)
# Each nibble of the CRC as a Hamming (7,4) word.
_HAMMING_ROWS = (0x71, 0x62, 0x54, 0x38)


class Il2pBody:
    """See the module. The payload is the AX.25 frame as it would have been without IL2P."""

    line_code = LineCode.NRZ
    first_symbols = 8 * _CODED_HEADER
    max_symbols = 8 * (_CODED_HEADER + _MAX_PAYLOAD + 5 * _MOST_PARITY + _CRC_BYTES)

    def __init__(self, framing: Il2p) -> None:
        self._crc_bytes = _CRC_BYTES if framing.crc else 0
        self.syncs: Sequence[SyncWord] = (sync_word(0xF15E48, 24, framing.sync_tolerance),)

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        """See ``Body``."""
        coded = hard_bytes(soft)
        decoded = il2p_code(_HEADER_PARITY).decode(coded[:_CODED_HEADER])
        if decoded is None:
            return Refused.UNCORRECTABLE
        header = _descramble(decoded.message)
        transparent = not header[1] & 0x80
        if not transparent and not _plausible(header):
            return Refused.CHECK
        sizes = list(block_sizes(_bits_across(header, 7, range(2, 12)), max_fec=bool(header[0] & 0x80)))
        size = _CODED_HEADER + sum(data + parity for data, parity in sizes) + self._crc_bytes
        if len(coded) < size:
            return 8 * size
        payload = _payload(coded[_CODED_HEADER:], sizes)
        if payload is None:
            return Refused.UNCORRECTABLE
        frame = payload[0] if transparent else ax25_header(header) + payload[0]
        if not has_plausible_addresses(np.frombuffer(frame, np.uint8), len(frame)):
            return Refused.CHECK
        if self._crc_bytes and X25(frame) != _hamming(coded[size - _CRC_BYTES : size]):
            return Refused.CHECK
        return (
            Block(
                payload=frame,
                integrity=Integrity.CRC if self._crc_bytes else Integrity.FEC,
                symbols=8 * size,
                corrected_errors=decoded.corrected_symbols + payload[1],
            ),
        )


def block_sizes(count: int, *, max_fec: bool) -> Iterator[tuple[int, int]]:
    """Data and parity bytes of each block of ``count`` payload bytes; longer blocks come first."""
    if not count:
        return
    blocks = -(-count // (239 if max_fec else 247))
    small, large_blocks = divmod(count, blocks)
    parity = next(parity for parity, most in _PARITIES if small <= most)
    if max_fec:
        parity = _MOST_PARITY
    for number in range(blocks):
        yield small + (number < large_blocks), parity


def _payload(coded: bytes, sizes: Sequence[tuple[int, int]]) -> tuple[bytes, int] | None:
    data, corrected = b"", 0
    for length, parity in sizes:
        block = il2p_code(parity).decode(coded[: length + parity])
        if block is None:
            return None
        data += _descramble(block.message)
        corrected += block.corrected_symbols
        coded = coded[length + parity :]
    return data, corrected


def _descramble(data: bytes) -> bytes:
    return bits_to_bytes(multiplicative_descramble(bytes_to_bits(data), IL2P_LAGS, _HISTORY))


def _bits_across(header: bytes, place: int, octets: range) -> int:
    """The number that one bit of each of these bytes makes, the first byte's highest."""
    value = 0
    for octet in octets:
        value = value << 1 | header[octet] >> place & 1
    return value


def _call(header: bytes, first: int) -> bytes:
    return bytes((header[first + k] & 0x3F) + 32 for k in range(6))


def _plausible(header: bytes) -> bool:
    calls = [_call(header, first).rstrip(b" ") for first in (0, 6)]
    return all(call.isalnum() for call in calls)


def ax25_header(header: bytes) -> bytes:
    """Addresses, control and PID of the AX.25 frame whose IL2P header this is."""
    pid = _bits_across(header, 6, range(1, 5))
    control = _bits_across(header, 6, range(5, 12))
    poll_final, upper, lower = control >> 6, control >> 3 & 7, control & 7
    command = True
    if header[0] & 0x40 or pid == _UNNUMBERED:
        octets = bytes([_UNNUMBERED_CONTROL[upper] | poll_final << 4])
        command = bool(lower & 4)
    elif pid == _SUPERVISORY:
        octets = bytes([upper << 5 | poll_final << 4 | (lower & 3) << 2 | 1])
        command = bool(lower & 4)
    else:
        octets = bytes([upper << 5 | poll_final << 4 | lower << 1])
    if pid in _PIDS:
        octets += bytes([_PIDS[pid]])
    ssids = header[12]
    destination = 0x60 | (0x80 if command else 0) | (ssids >> 4) << 1
    source = 0x60 | (0 if command else 0x80) | (ssids & 15) << 1 | 1
    calls = [bytes(character << 1 for character in _call(header, first)) for first in (0, 6)]
    return calls[0] + bytes([destination]) + calls[1] + bytes([source]) + octets


def _hamming(coded: bytes) -> int:
    """The CRC of four Hamming words, the highest nibble first; one wrong bit of each is corrected."""
    value = 0
    for octet in coded:
        words = [_hamming_word(nibble) for nibble in range(16)]
        value = value << 4 | min(range(16), key=lambda nibble: ((octet ^ words[nibble]) & 0x7F).bit_count())
    return value


def _hamming_word(nibble: int) -> int:
    word = 0
    for place, row in enumerate(_HAMMING_ROWS):
        if nibble >> place & 1:
            word ^= row
    return word
