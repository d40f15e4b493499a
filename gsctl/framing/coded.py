"""Framings whose frames are Reed-Solomon, convolutional or repeat-accumulate code words."""

from __future__ import annotations

from dataclasses import dataclass

from gsctl.framing.base import Framing, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax100AsmGolay(Framing):
    """GOMspace AX100, "ASM+Golay" (mode 5): Golay-protected length, Reed-Solomon.

    Attributes:
        sync_word: 32 bits; 0x1ACFFC1D on FORESAIL-1.
        sync_tolerance: wrong bits allowed in it.
        scrambler: the codeword passes the CCSDS scrambler.
    """

    sync_word: int = 0x930B51DE
    sync_tolerance: int = 4
    scrambler: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax100ReedSolomon(Framing):
    """GOMspace AX100, "Reed-Solomon": all of it G3RUH-scrambled, length byte, Reed-Solomon."""

    sync_word: int = 0x930B51DE
    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class U482c(Framing):
    """GOMspace U482C: Golay-protected length with flags for the codes in use."""

    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Aausat4(Framing):
    """AAUSAT-3 and AAUSAT-4: convolutional code, scrambler, Reed-Solomon, blocks of 31 or 92 bytes.

    Attributes:
        sync_word: 48 bits, ASCII OZ4CUB; OZ3CUB on AAUSAT-3.
        sync_tolerance: wrong bits allowed in it.
    """

    sync_word: int = int.from_bytes(b"OZ4CUB", "big")
    sync_tolerance: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ccsds(Framing):
    """Telemetry frames of one size after the attached sync marker (CCSDS 131.0-B).

    Attributes:
        size_bytes: of the frame, without parity.
        reed_solomon: (255,223), shortened to ``size_bytes / depth``.
        basis: of the Reed-Solomon symbols, ``dual`` (the standard) or ``conventional``.
        depth: codewords interleaved.
        scrambler: the CCSDS pseudo-randomizer.
        differential: NRZ-M.
        convolutional: a name of ``gsctl.coding.convolutional.CONVOLUTIONAL_CODES``, or None.
        fecf: the frame ends in a frame error control field (CCSDS 132.0-B); it is checked and removed.
        sync_tolerance: wrong bits allowed in the marker where no convolutional code is over it.
    """

    size_bytes: int = 223
    reed_solomon: bool = True
    basis: str = "dual"
    depth: int = 1
    scrambler: bool = True
    differential: bool = False
    convolutional: str | None = None
    fecf: bool = False
    sync_tolerance: int = 4

    def __post_init__(self) -> None:
        """Refuse what no sender could do."""
        require(self.basis in {"dual", "conventional"}, "basis", self.basis, "dual or conventional")
        codes = (None, "ccsds", "nasa-dsn", "ccsds-uninverted", "nasa-dsn-uninverted")
        require(
            self.convolutional in codes, "convolutional", self.convolutional, "none, " + ", ".join(codes[1:])
        )
        require(1 <= self.depth <= 8, "depth", self.depth, "1 to 8")
        most = 223 * self.depth if self.reed_solomon else 65_536
        fits = 1 <= self.size_bytes <= most and (not self.reed_solomon or self.size_bytes % self.depth == 0)
        require(fits, "size_bytes", self.size_bytes, f"a multiple of the depth up to {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LilacSat1(Framing):
    """LilacSat-1, Taurus-1, BY02: convolved frames of data and Codec2 speech that nothing checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ao40Fec(Framing):
    """AO-40's interleaved, convolutional and Reed-Solomon code: FUNcube, SMOG-P, ATL-1.

    Attributes:
        short: blocks of 128 bytes, as on SMOG-P; else 256.
        differential: a one is a change of the line (DBPSK).
        crc: the last two bytes are CRC-16-ARC (SMOG-1); it is checked and removed.
        sync_tolerance: wrong bits allowed in the 65 or 52 bits that are spread over the block.
    """

    short: bool = False
    differential: bool = False
    crc: bool = False
    sync_tolerance: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SmogRa(Framing):
    """The repeat-accumulate code of SMOG-P, ATL-1, SMOG-1 and MRC-100.

    Attributes:
        size_bytes: of the data: 126, 128 or 256; None tries 128 and 256.
        crc: ``arc`` in the last two bytes (SMOG-1), ``ccitt-false`` in bytes 1 and 2 (MRC-100), or None.
    """

    sync_word: int = 0x2DD4
    sync_bits: int = 16
    sync_tolerance: int = 0
    size_bytes: int | None = None
    crc: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no sender uses."""
        require(
            self.size_bytes in (None, 126, 128, 256), "size_bytes", self.size_bytes, "none, 126, 128, 256"
        )
        require(self.crc in (None, "arc", "ccitt-false"), "crc", self.crc, "none, arc, ccitt-false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ngham(Framing):
    """NGHam of LA3JPA: Reed-Solomon blocks of seven sizes with a CRC inside.

    Attributes:
        reed_solomon: errors are corrected; else the parity is dropped and the CRC decides alone.
    """

    reed_solomon: bool = True
    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Usp(Framing):
    """Unified SPUTNIX Protocol: convolutional code, scrambler and Reed-Solomon; a payload with its type."""

    sync_tolerance: int = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Fx25(Framing):
    """FX.25: AX.25 frames inside a Reed-Solomon block behind a 64-bit tag.

    Attributes:
        tag_tolerance: wrong bits allowed in the tag.
    """

    tag_tolerance: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AstrocastFx25(Framing):
    """Astrocast's own FX.25: CCSDS Reed-Solomon, no bit stuffing.

    Attributes:
        nrzi: the line is NRZ-I (since 2019-02-13, except in fail-safe mode).
    """

    nrzi: bool = True
    tag_tolerance: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsSat(Framing):
    """OPS-SAT: a scrambled Reed-Solomon block in the information field of an AX.25 G3RUH frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax5043(Framing):
    """HDLC under the convolutional code and interleaver of onsemi's AX5043 (CAPE-3).

    Attributes:
        sync_tolerance: wrong symbols allowed in the 32 of two coded flags.
    """

    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Il2p(Framing):
    """IL2P: AX.25 frames in Reed-Solomon blocks instead of HDLC.

    Attributes:
        crc: the CRC of specification 0.6 follows the payload.
    """

    crc: bool = False
    sync_tolerance: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Eseo(Framing):
    """ESEO: stuffed, scrambled bits inside a Reed-Solomon codeword between pairs of flags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLst(Framing):
    """OpenLST radios: packets of the TI CC1110 with its forward error correction."""

    sync_tolerance: int = 4
