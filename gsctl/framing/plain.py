"""Framings with no or little error correction: HDLC, packets of radio chips, single satellites."""

from __future__ import annotations

from dataclasses import dataclass

from gsctl.framing.base import Framing, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Ax25(Framing):
    """AX.25 UI frames in HDLC with NRZI (AX.25 2.2, section 3).

    Attributes:
        g3ruh: the line bits pass the G3RUH scrambler, x^17 + x^12 + 1.
        nrzi_passes: how often NRZI is applied; 2 on UA01 (PolyITAN-2), 0 where a
            transmitter leaves it out.
    """

    g3ruh: bool = False
    nrzi_passes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ais(Framing):
    """AIS messages in HDLC with NRZI (ITU-R M.1371, annex 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Framing):
    """Characters of a Morse beacon, a word or a line a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipPacket(Framing):
    """Packets of TI CC11xx and CC112x, Semtech SX12xx and Silicon Labs Si446x radio chips.

    Attributes:
        sync_word: as sent, the first bit highest.
        sync_bits: its length.
        sync_tolerance: wrong bits allowed in it.
        whitening: a name of ``gsctl.coding.scramblers.ADDITIVE_SCRAMBLERS``, or None.
        size_bytes: all after the sync word, check included; None where a length byte leads.
        crc: a name of ``gsctl.coding.crc.CRCS``, over length and payload; or None.
        crc_little_endian: the CRC's low byte comes first.
        reed_solomon: (255,223) over 0x11D in place of a CRC.
        keep_length: the length byte is given with the payload.
        max_payload_bytes: a longer length is no packet.
    """

    sync_word: int = 0x930B51DE
    sync_bits: int = 32
    sync_tolerance: int = 4
    whitening: str | None = "pn9-ti"
    size_bytes: int | None = None
    crc: str | None = "cc11xx"
    crc_little_endian: bool = False
    reed_solomon: bool = False
    keep_length: bool = False
    max_payload_bytes: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteLayout(Framing):
    """A sync word and bytes laid out as one satellite does; see ``gsctl.deframe.satellite_layouts``."""

    layout: str = "tt-64"

    def __post_init__(self) -> None:
        """Refuse an unknown one."""
        require(self.layout in SATELLITE_LAYOUTS, "layout", self.layout, ", ".join(SATELLITE_LAYOUTS))


SATELLITE_LAYOUTS = ("tt-64", "sanosat", "diy-1", "swiatowid", "nusat", "qubik", "aistechsat-2", "spino")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobitex(Framing):
    """Mobitex with a call sign after its header, as amateur satellites send it.

    Attributes:
        sync_word: 16 bits.
        sync_tolerance: wrong bits allowed in it.
        blocks: of every frame; None is told by the header.
    """

    sync_word: int = 0x5765
    sync_tolerance: int = 2
    blocks: int | None = None

    def __post_init__(self) -> None:
        """Refuse a number of blocks that cannot be."""
        require(self.blocks is None or 1 <= self.blocks <= 32, "blocks", self.blocks, "none, 1 to 32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hades(Framing):
    """HADES packets.

    Attributes:
        family: ``d`` (HADES-D) or ``r`` (HADES-R and later): which type has which length.
    """

    family: str = "r"

    def __post_init__(self) -> None:
        """Refuse an unknown one."""
        require(self.family in {"d", "r"}, "family", self.family, "d or r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideassat(Framing):
    """IDEASSat: characters of a serial port, nine packets with plain call signs to a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmogSignalling(Framing):
    """64 bytes that SMOG-P and ATL-1 send between their blocks; nothing checks them."""

    sync_word: int = 0x2DD497FDD37B0F1F
    sync_tolerance: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ao40Uncoded(Framing):
    """AO-40's blocks of 512 bytes with a CRC."""

    differential: bool = True
    sync_tolerance: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Snet(Framing):
    """S-NET and SALSAT: BCH codes, CRC-5 of the header, CRC-13 of the payload.

    Attributes:
        faulty_crc: both are computed as the S-NET satellites do; later ones do it right.
    """

    faulty_crc: bool = True
    sync_tolerance: int = 4
