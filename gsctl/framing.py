"""Framings: how frames become bits, as frozen parameters, and what vouches for a frame.

``FRAMINGS`` holds the kebab-case names of the contract. A framing of FRAMINGS.md
becomes known here by one dataclass (or one more name of an existing one).
"""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from enum import StrEnum

from gsctl.errors import UsageError


class Integrity(StrEnum):
    """Which check held for a frame, the strongest first."""

    CRC = "crc"
    FEC = "fec"
    CRC_CORRECTED = "crc-corrected"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Base of all framings."""


def _require(fits: bool, name: str, value: object, valid: str) -> None:
    if not fits:
        raise UsageError(f"{name}={value} is no such value", where="--framing", advice=f"valid: {valid}")


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
        _require(self.basis in {"dual", "conventional"}, "basis", self.basis, "dual or conventional")
        codes = (None, "ccsds", "nasa-dsn", "ccsds-uninverted", "nasa-dsn-uninverted")
        _require(
            self.convolutional in codes, "convolutional", self.convolutional, "none, " + ", ".join(codes[1:])
        )
        _require(1 <= self.depth <= 8, "depth", self.depth, "1 to 8")
        most = 223 * self.depth if self.reed_solomon else 65_536
        fits = 1 <= self.size_bytes <= most and (not self.reed_solomon or self.size_bytes % self.depth == 0)
        _require(fits, "size_bytes", self.size_bytes, f"a multiple of the depth up to {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LilacSat1(Framing):
    """LilacSat-1, Taurus-1, BY02: convolved frames of data and Codec2 speech that nothing checks."""


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
        _require(self.layout in SATELLITE_LAYOUTS, "layout", self.layout, ", ".join(SATELLITE_LAYOUTS))


SATELLITE_LAYOUTS = ("tt-64", "sanosat", "diy-1", "swiatowid", "nusat", "qubik", "aistechsat-2", "spino")


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
class Ao40Uncoded(Framing):
    """AO-40's blocks of 512 bytes with a CRC."""

    differential: bool = True
    sync_tolerance: int = 3


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
        _require(
            self.size_bytes in (None, 126, 128, 256), "size_bytes", self.size_bytes, "none, 126, 128, 256"
        )
        _require(self.crc in (None, "arc", "ccitt-false"), "crc", self.crc, "none, arc, ccitt-false")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmogSignalling(Framing):
    """64 bytes that SMOG-P and ATL-1 send between their blocks; nothing checks them."""

    sync_word: int = 0x2DD497FDD37B0F1F
    sync_tolerance: int = 8


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
        _require(self.blocks is None or 1 <= self.blocks <= 32, "blocks", self.blocks, "none, 1 to 32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snet(Framing):
    """S-NET and SALSAT: BCH codes, CRC-5 of the header, CRC-13 of the payload.

    Attributes:
        faulty_crc: both are computed as the S-NET satellites do; later ones do it right.
    """

    faulty_crc: bool = True
    sync_tolerance: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideassat(Framing):
    """IDEASSat: characters of a serial port, nine packets with plain call signs to a frame."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hades(Framing):
    """HADES packets.

    Attributes:
        family: ``d`` (HADES-D) or ``r`` (HADES-R and later): which type has which length.
    """

    family: str = "r"

    def __post_init__(self) -> None:
        """Refuse an unknown one."""
        _require(self.family in {"d", "r"}, "family", self.family, "d or r")


FRAMINGS: dict[str, Framing] = {
    "ax25": Ax25(),
    "ax25-g3ruh": Ax25(g3ruh=True),
    "ua01": Ax25(g3ruh=True, nrzi_passes=2),
    "ais": Ais(),
    "text": Text(),
    "ax100-asm-golay": Ax100AsmGolay(),
    "ax100-rs": Ax100ReedSolomon(),
    "u482c": U482c(),
    "aausat-4": Aausat4(),
    "ccsds-rs": Ccsds(),
    "ccsds-uncoded": Ccsds(reed_solomon=False),
    "ccsds-concatenated": Ccsds(convolutional="ccsds"),
    "lilacsat-1": LilacSat1(),
    "light-1": ChipPacket(),
    "reaktor-hello-world": ChipPacket(sync_word=0x352E352E),
    "aalto-1": ChipPacket(sync_word=0x352E352E, crc="x25", crc_little_endian=True),
    "3cat-1": ChipPacket(sync_word=0xD391D391, size_bytes=255, crc=None, reed_solomon=True),
    "fossasat": ChipPacket(sync_word=0x55551212, sync_tolerance=0, whitening="pn9-serial", crc="sx126x"),
    "grizu-263a": ChipPacket(
        sync_word=0x0123456789ABCDEF, sync_bits=64, sync_tolerance=8, whitening="pn9-sx126x-reset"
    ),
    "lucky-7": ChipPacket(
        sync_word=0x2DD4, sync_bits=16, sync_tolerance=1, whitening="pn9-si4463", size_bytes=37
    ),
    "binar-2": ChipPacket(sync_word=0xD391D391, sync_tolerance=0, whitening=None),
    "endurosat": ChipPacket(
        sync_word=0xAA7E,
        sync_bits=16,
        sync_tolerance=0,
        whitening=None,
        crc="ccitt-false",
        keep_length=True,
        max_payload_bytes=128,
    ),
    "geoscan": ChipPacket(size_bytes=66),
    "ao40-fec": Ao40Fec(),
    "ao40-fec-short": Ao40Fec(short=True),
    "funcube": Ao40Fec(differential=True),
    "ao40-uncoded": Ao40Uncoded(),
    "smog-ra": SmogRa(),
    "smog-1-ra": SmogRa(sync_word=0x2DD463C53599, sync_bits=48, sync_tolerance=6, crc="arc"),
    "mrc-100-ra": SmogRa(
        sync_word=0xE31C9DAE, sync_bits=32, sync_tolerance=4, size_bytes=126, crc="ccitt-false"
    ),
    "smog-signalling": SmogSignalling(),
    "ngham": Ngham(),
    "ngham-no-rs": Ngham(reed_solomon=False),
    "usp": Usp(),
    "fx25": Fx25(),
    "astrocast-fx25": AstrocastFx25(),
    "astrocast-fx25-nrz": AstrocastFx25(nrzi=False),
    "mobitex": Mobitex(),
    "mobitex-nx": Mobitex(sync_word=0x0EF0),
    "beesat-9": Mobitex(sync_word=0x0EF0, blocks=32),
    "s-net": Snet(),
    "salsat": Snet(faulty_crc=False),
    "ideassat": Ideassat(),
    "ops-sat": OpsSat(),
    "ax5043": Ax5043(),
    "il2p": Il2p(),
    "il2p-crc": Il2p(crc=True),
    "eseo": Eseo(),
    "openlst": OpenLst(),
    "hades-d": Hades(family="d"),
    "hades-r": Hades(),
    **{name: SatelliteLayout(layout=name) for name in SATELLITE_LAYOUTS},
}


def framing_name(framing: Framing) -> str:
    """The contract's name of a framing, with the parameters that differ: ``ax25:nrzi_passes=0``."""
    candidates = [(name, known) for name, known in FRAMINGS.items() if type(known) is type(framing)]
    for name, known in candidates:
        if known == framing:
            return name
    if not candidates:
        raise KeyError(type(framing).__name__)
    differing = [(name, _difference(framing, known)) for name, known in candidates]
    name, changes = min(differing, key=lambda item: len(item[1]))
    return f"{name}:{','.join(changes)}"


def _difference(framing: Framing, known: Framing) -> list[str]:
    return [
        f"{field.name}={getattr(framing, field.name)}"
        for field in dataclasses.fields(framing)
        if getattr(framing, field.name) != getattr(known, field.name)
    ]


def parse_framing(text: str) -> Framing:
    """Build a framing from ``NAME`` or ``NAME:key=value,key=value``.

    Raises:
        UsageError: the name, a key or a value is unknown; the message names the nearest valid one.
    """
    name, _, parameters = text.partition(":")
    known = FRAMINGS.get(name.strip().lower().replace("_", "-"))
    if known is None:
        near = difflib.get_close_matches(name.lower(), FRAMINGS, n=1, cutoff=0.4)
        advice = f"did you mean {near[0]}?" if near else "gsctl decode --list shows them"
        raise UsageError(f"unknown framing {name!r}", where="--framing", advice=advice)
    changes = dict(_parameter(known, item) for item in parameters.split(",") if item)
    return dataclasses.replace(known, **changes)


def _parameter(known: Framing, item: str) -> tuple[str, bool | int | float | str | None]:
    key, _, value = item.partition("=")
    key = key.strip().replace("-", "_")
    names = [field.name for field in dataclasses.fields(known)]
    if key not in names:
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.4) or names
        advice = f"it takes {', '.join(near)}" if near else "it takes no parameters"
        raise UsageError(f"{framing_name(known)} has no parameter {key!r}", where="--framing", advice=advice)
    kind = next(field.type for field in dataclasses.fields(known) if field.name == key)
    try:
        return key, _parameter_value(value.strip().lower(), str(kind))
    except ValueError:
        example = getattr(known, key)
        raise UsageError(
            f"{key}={value!r} is no {kind}", where="--framing", advice=f"for example {key}={example}"
        ) from None


def _parameter_value(text: str, kind: str) -> bool | int | float | str | None:
    """``kind`` is a field's annotation: one of four plain types, perhaps with None."""
    plain, _, or_none = kind.partition(" | ")
    if text == "none" and or_none:
        return None
    if plain == "bool":
        if text not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError(text)
        return text in {"true", "1", "yes"}
    if plain == "int":
        return int(text, 0)
    if plain == "float":
        return float(text)
    return text
